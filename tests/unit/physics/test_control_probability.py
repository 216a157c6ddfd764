"""EUD, NTCP and TCP against 30-digit arithmetic; limits that must hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.control_probability import generalized_eud_Gy, lkb_ntcp, log_tcp
from pdcraft.physics.linear_quadratic import fraction_bed_Gy, surviving_fraction
from pdcraft.validate.response_radiobiology import dose_volume_histogram, log10_of
from pdcraft.validate.tables import reference_rows

DOSE, VOLUME = dose_volume_histogram()
ROWS = reference_rows("response", "eud_lkb_tcp.csv")


@pytest.mark.parametrize("row", [r for r in ROWS if r["model"] == "gEUD"], ids=lambda r: r["p1"])
def test_generalized_eud(row):
    got = generalized_eud_Gy(DOSE, VOLUME, float(row["p1"]))
    assert got == pytest.approx(float(row["value"]), rel=1e-11, abs=0)  # 12 digits printed


@pytest.mark.parametrize("row", [r for r in ROWS if r["model"] == "LKB"], ids=lambda r: r["p1"])
def test_ntcp(row):
    n, m, td50 = (float(row[k]) for k in ("p1", "p2", "p3"))
    got = lkb_ntcp(DOSE, VOLUME, n, m, td50)
    assert got == pytest.approx(float(row["value"]), rel=1e-10, abs=0)  # 11 digits printed


@pytest.mark.parametrize("row", [r for r in ROWS if r["model"][0] == "T"], ids=lambda r: r["p1"])
def test_log_tcp(row):
    alpha, ratio, number = (float(row[k]) for k in ("p1", "p2", "p3"))
    survival = surviving_fraction(fraction_bed_Gy(DOSE / 2, 2.0, ratio), alpha)
    got = log_tcp(number, survival, VOLUME) / math.log(10)
    # the logarithm of 10 printed digits beside 2e5 has 15 of them
    assert got == pytest.approx(log10_of(row["value"]), rel=1e-13, abs=0)


@given(st.floats(-30.0, 30.0).filter(lambda a: abs(a) > 0.01), st.floats(0.1, 200.0))
def test_uniform_dose_is_its_own_eud(a, dose):
    assert generalized_eud_Gy([dose, dose], [0.3, 0.7], a) == pytest.approx(dose, rel=1e-9, abs=0)


def test_eud_goes_from_minimum_to_maximum():
    dose, volume = [10.0, 20.0, 30.0], [0.2, 0.5, 0.3]
    got = [float(generalized_eud_Gy(dose, volume, a)) for a in (-400.0, 1.0, 400.0)]
    # v^(1/a): 0.2^(-1/400) and 0.3^(1/400) are within 0.5% of 1
    np.testing.assert_allclose(got, [10.0, 21.0, 30.0], rtol=5e-3)


def test_no_dose_anywhere():
    assert generalized_eud_Gy([0.0, 0.0], [0.5, 0.5], 5.0) == 0.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: generalized_eud_Gy([-1.0], [1.0], 1.0), "dose -1 Gy"),
        (lambda: generalized_eud_Gy([1.0], [1.0], 0.0), "a = 0; it is finite and not 0"),
        (lambda: generalized_eud_Gy([1.0, 2.0], [1.0, 0.5], 1.0), "sum to 1.5, not 1"),
        (lambda: generalized_eud_Gy([1.0, 2.0], [1.5, -0.5], 1.0), "is not negative"),
        (lambda: lkb_ntcp([1.0], [1.0], 1.0, 0.0, 30.0), "m = 0; it is above 0"),
        (lambda: lkb_ntcp([1.0], [1.0], 1.0, 0.1, -3.0), "TD50 = -3"),
        (lambda: log_tcp(-5.0, [1.0], [1.0]), "-5 clonogens"),
    ],
)
def test_refuses_with_a_reason(call, said):
    with pytest.raises(PhysicsRangeError, match=said):
        call()
