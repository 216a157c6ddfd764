"""The carrier's evidence: complete, and refused by name where it is not."""

import copy
import re

import pytest

from pdcraft.data.evidence import carrier_evidence, read_items
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

TABLE = load_toml("carrier", "evidence.toml")
ROW = "nm600-liver-dose"


def changed(item=ROW, **parts):
    """Return the packaged table with one row's parts changed; None drops a part."""
    table = copy.deepcopy(TABLE)
    row = next(r for r in table["item"] if r["id"] == item)
    for key, value in parts.items():
        row.pop(key, None)
        if value is not None:
            row[key] = value
    return table


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"source": None}, f"item '{ROW}': source is missing"),
        ({"source": "nobody1999"}, f"item '{ROW}': source 'nobody1999' is not in the table's list"),
        ({"grade": None}, f"item '{ROW}': grade is missing"),
        ({"grade": "X"}, f"item '{ROW}': grade 'X' is not one of T, A, P, C, D, R"),
        ({"unit": None}, f"item '{ROW}': unit is missing"),
        ({"unit": "h"}, f"item '{ROW}': unit 'h' is not one of dose_per_activity: Gy/MBq"),
        ({"use": None}, f"item '{ROW}': use is missing"),
        ({"use": "maybe"}, f"item '{ROW}': use 'maybe' is not one of fit, hold, excluded"),
        ({"reason": None}, f"item '{ROW}': reason is missing"),
        ({"grade": "R"}, f"item '{ROW}': grade R is recollection"),
        ({"analyte": "mass"}, f"item '{ROW}': mass is of the stable carrier"),
        ({"nuclide": None}, f"item '{ROW}': a number with physical decay in it needs its nuclide"),
        ({"value": -1.0}, f"item '{ROW}': value -1 must be more than 0"),
        ({"value": None}, f"item '{ROW}': value is missing for mean of dose_per_activity"),
        ({"dose_method": None}, f"item '{ROW}': dose_method is missing"),
        ({"spread": "none"}, f"item '{ROW}': ± is printed"),
        ({"plusminus": 1.0}, f"item '{ROW}': unknown key 'plusminus'"),
        ({"quantity": "other"}, f"item '{ROW}': the model has no such quantity; exclude it"),
    ],
)
def test_a_faulty_row_is_refused_by_name(parts, message):
    with pytest.raises(DataError, match=re.escape(message)):
        read_items(changed(**parts), "my.toml")


HALF_LIFE, PEAK, WHOLE = "human-plasma-half-life", "human-plasma-peak", "human-plasma-integral"
CLEARED, GLIOMA, RATIO = "clr125-blood-cleared", "glioma-ratio-24h", "nm294-tumor-blood"
PHYSICAL = {"analyte": "activity", "decay": "physical", "nuclide": "I-131"}


def the_one_fault(item, parts):
    """Return the only problem of a table with one row changed."""
    with pytest.raises(DataError) as caught:
        read_items(changed(item, **parts), "my.toml")
    (problem,) = caught.value.problems
    assert problem.message.startswith(f"item '{item}': ")
    return problem


@pytest.mark.parametrize(
    ("item", "parts", "key", "message"),
    [
        (HALF_LIFE, PHYSICAL, "decay", "plasma_half_life is of mass with decay 'none' or"),
        (HALF_LIFE, {"region": "tumor"}, "region", "plasma_half_life is of plasma, not of tumor"),
        (PEAK, PHYSICAL, "analyte", "not of activity with decay 'physical'"),
        (PEAK, {"analyte": "activity"}, "analyte", "plasma_peak is of mass with decay 'none'"),
        (PEAK, {"region": "liver"}, "region", "plasma_peak is of plasma"),
        (WHOLE, {"analyte": "activity"}, "analyte", "plasma_integral is of mass"),
        (WHOLE, {"decay": "cancels"}, "decay", "mass is of the stable carrier"),
        (ROW, {"analyte": "mass", "decay": "none"}, "analyte", "dose_per_activity is of activity"),
        (ROW, {"decay": "none"}, "decay", "not of activity with decay 'none'"),
        (ROW, {"decay": "cancels"}, "decay", "not of activity with decay 'cancels'"),
        (ROW, {"reference_region": "blood"}, "reference_region", "dose_per_activity is no ratio"),
        (CLEARED, {"decay": "cancels"}, "decay", "retained_share is of activity"),
        (RATIO, {"decay": "physical"}, "decay", "concentration_ratio is of activity with decay"),
        (GLIOMA, {"reference_region": "plasma"}, "reference_region", "compared with brain"),
        (RATIO, {"reference_region": "brain"}, "reference_region", "compared with blood or"),
    ],
)
def test_parts_that_contradict_the_quantity_are_refused(item, parts, key, message):
    problem = the_one_fault(item, parts)
    assert message in problem.message
    assert problem.key == key


@pytest.mark.parametrize(
    ("item", "parts", "key", "message"),
    [
        (ROW, {"n": 4}, "n", "n 4 must be [least, largest]"),
        (ROW, {"n": [5, 3]}, "n", "n [5, 3] must be"),
        (ROW, {"n": [0, 3]}, "n", "n [0, 3] must be"),
        (ROW, {"n": [3.0, 5.0]}, "n", "n [3.0, 5.0] must be"),
        (ROW, {"n": [3]}, "n", "n [3] must be"),
        (RATIO, {"n": [1, 1]}, "n", "a range is of 2 subjects or more"),
        (ROW, {"value": "0.26"}, "value", "value '0.26' must be a finite number"),
        (ROW, {"value": True}, "value", "value True must be"),
        (ROW, {"value": float("inf")}, "value", "value inf must be"),
        (ROW, {"value": float("nan")}, "value", "value nan must be"),
        (ROW, {"plus_minus": 0.0}, "plus_minus", "plus_minus 0 must be more than 0"),
        (ROW, {"dose_method_log_sd": -0.1}, "dose_method_log_sd", "must be 0 or more"),
        (CLEARED, {"limit_log_sd": 0.0}, "limit_log_sd", "limit_log_sd 0 must be more than 0"),
        (ROW, {"nuclide": "Lu-999"}, "nuclide", "no decay data for nuclide 'Lu-999'"),
        (ROW, {"nuclide": 177}, "nuclide", "nuclide 177 must be text"),
        (ROW, {"region": "livre"}, "region", "called 'livre'; did you mean 'liver'"),
        (
            GLIOMA,
            {"reference_region": "bran"},
            "reference_region",
            "called 'bran'; did you mean 'brain'",
        ),
        (HALF_LIFE, {"time_h": []}, "time_h", "plasma_half_life is taken at 2 time(s)"),
        (HALF_LIFE, {"time_h": [336.0]}, "time_h", "plasma_half_life is taken at 2 time(s)"),
        (HALF_LIFE, {"time_h": [1008.0, 336.0]}, "time_h", "each after the last"),
        (HALF_LIFE, {"time_h": [336.0, 336.0]}, "time_h", "each after the last"),
        (HALF_LIFE, {"time_h": [-1.0, 336.0]}, "time_h", "0 or more"),
        (PEAK, {"time_h": 0.25}, "time_h", "must list hours"),
        (WHOLE, {"time_h": [0.0]}, "time_h", "an integral ends after the injection"),
        (CLEARED, {"time_h": [24.0, 96.0]}, "time_h", "retained_share is taken at 1 time(s)"),
        (RATIO, {"time_h": []}, "time_h", "concentration_ratio is taken at 1 or 2 time(s)"),
        (GLIOMA, {"value": 2.0}, "value", "mean 2 is below its own low end, 3.46"),
        (GLIOMA, {"value": 20.0}, "value", "mean 20 is above its own high end, 15.42"),
        (GLIOMA, {"low": 16.0}, "low", "low 16 is not below high 15.42"),
        (RATIO, {"low": 30.0}, "low", "low 30 is not below high 30"),
        ("ptx-delivery", {"low": 40.0}, "low", "low 40 is not below high 30"),
    ],
)
def test_a_bad_part_is_refused_with_its_row_and_key(item, parts, key, message):
    problem = the_one_fault(item, parts)
    assert message in problem.message
    assert problem.key == key


def test_a_nuclide_has_one_spelling():
    """Whether a label is a metal is read from the name; 177Lu must not pass for iodine."""
    liver = next(i for i in read_items(changed(nuclide="177Lu"), "my.toml") if i.id == ROW)
    assert liver.nuclide == "Lu-177"


def test_every_packaged_row_reads_as_it_is_printed():
    """The checks refuse; they change no figure."""
    for row, item in zip(TABLE["item"], carrier_evidence(), strict=True):
        for key in ("id", "value", "plus_minus", "low", "high", "use", "nuclide"):
            assert getattr(item, key) == row.get(key)


def test_a_figure_without_spread_is_not_taken_as_sharp():
    """The head of the table promises an error of 30% at least."""
    assert load_toml("carrier", "likelihood.toml")["missing_log_sd"] >= 0.30


def test_all_faults_come_at_once():
    table = changed(source=None)
    table["item"][0]["grade"] = "X"
    with pytest.raises(DataError, match="2 problems") as caught:
        read_items(table, "my.toml")
    assert {p.file for p in caught.value.problems} == {"my.toml"}


def test_the_same_id_twice_is_refused():
    table = copy.deepcopy(TABLE)
    table["item"].append(table["item"][0])
    with pytest.raises(DataError, match="stands twice"):
        read_items(table, "my.toml")


def test_recollections_carry_no_number():
    remembered = [i for i in carrier_evidence() if i.grade == "R"]
    assert remembered
    assert all(i.use == "excluded" and i.value is None for i in remembered)


def test_units_have_one_base():
    marrow = next(i for i in carrier_evidence() if i.id == "human-marrow-dose")
    # 740 MBq to 400 mSv, Grudzinski 2014: 0.54 mSv/MBq, printed to 1 figure
    assert marrow.in_base(marrow.value) == pytest.approx(0.400 / 740, rel=0.01, abs=0)
