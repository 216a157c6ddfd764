"""Text with units: right factors from outside, wrong kinds refused in words."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcraft.errors import DataError
from pdcraft.io.units import FIELDS, parse, parse_any


@pytest.mark.parametrize(
    ("text", "field", "want"),
    [
        ("1 mCi", "activity", 37.0),  # definition of the curie, 3.7e10 /s
        ("12.5 mCi/m^2", "activity_per_surface", 462.5),
        ("12.5 mCi/m2", "activity_per_surface", 462.5),
        ("7.4 GBq", "activity", 7400.0),
        ("100 rad", "absorbed_dose", 1.0),  # 1 Gy = 100 rad
        ("2 d", "time", 48.0),
        ("1 week", "time", 168.0),
        ("5 um", "length", 0.005),
        ("5 µm", "length", 0.005),
        ("3 L", "volume", 3000.0),
        ("1 uM", "molar_concentration", 1000.0),
        ("3.87 L/d", "clearance", 161.25),
        ("15.8 ug*h/mL", "auc", 15800.0),
        ("1.5e-2 MeV", "energy", 15.0),
        ("760 nm", "wavelength", 760.0),
        ("0.76 um", "wavelength", 760.0),
        ("0.02 /mm", "per_length", 0.02),
        ("0.2 /cm", "per_length", 0.02),
        ("0.02 1/mm", "per_length", 0.02),
        ("200000 L/mol/cm", "extinction", 200000.0),
        ("2e5 /M/cm", "extinction", 200000.0),
        ("10 mW/cm^2", "irradiance", 10.0),
        ("100 W/m^2", "irradiance", 10.0),
        ("1 mW/cm^2/sr", "radiance", 1000.0),
        ("30000 e", "electrons", 30000.0),
        ("60 e/min", "electron_rate", 1.0),
        ("33 ms", "seconds", 0.033),
        ("20 J/cm^2", "radiant_exposure", 20.0),
        ("-5 deg", "angle", -5.0),
    ],
)
def test_known_values(text, field, want):
    assert parse(text, field) == pytest.approx(want, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("7.4 Gbq", "activity", "unknown unit 'Gbq'; did you mean 'GBq'"),
        ("2.0 MBq", "length", "'2.0 MBq' is an activity, but this field takes a length"),
        ("7 Hz", "activity", "but this field takes an activity"),
        ("10 mW/cm^2", "radiance", "is an irradiance, but this field takes a radiance"),
        ("3 nM", "per_length", "but this field takes a coefficient per length"),
        ("2 rad", "angle", "is an absorbed dose, but this field takes an angle"),
        ("5 E", "electrons", "unknown unit 'E'; did you mean 'e'"),
        ("2 Sv", "absorbed_dose", "but this field takes an absorbed dose"),
        ("5", "time", "'5' needs a unit; write a time"),
        (5, "time", "'5' needs a unit"),
        (True, "time", "needs a unit"),
        ("soon", "time", "is not a number with a unit"),
        ("1e999 h", "time", "is not finite"),
        ("nan h", "time", "is not a number with a unit"),
        ("3 h; import os", "time", "unknown unit"),
    ],
)
def test_refusals_say_what_and_how(text, field, message):
    with pytest.raises(DataError) as caught:
        parse(text, field)
    assert message in str(caught.value)


def test_one_of_several_kinds():
    fields = ("activity", "activity_per_surface")
    assert parse_any("1 mCi/m^2", fields) == ("activity_per_surface", 37.0)
    with pytest.raises(DataError, match="takes an activity or an activity per body surface"):
        parse_any("3 mm", fields)


@given(st.floats(1e-9, 1e9), st.sampled_from(sorted(FIELDS)))
def test_the_internal_unit_reads_back_unchanged(value, field):
    unit = FIELDS[field][0]
    # repr to float is exact; pint's root-unit route multiplies and divides: a few roundings
    assert parse(f"{value!r} {unit}", field) == pytest.approx(value, rel=1e-13, abs=0)


@given(st.text(max_size=30), st.sampled_from(sorted(FIELDS)))
def test_any_text_gives_a_number_or_a_data_error(text, field):
    with contextlib.suppress(DataError):  # anything else is a defect
        assert isinstance(parse(text, field), float)
