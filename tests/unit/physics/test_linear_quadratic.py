"""The linear-quadratic formulas against tables made elsewhere, and what they refuse."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.linear_quadratic import (
    bed_Gy,
    eqd2_Gy,
    fraction_bed_Gy,
    monoexponential_G,
    repopulation_bed_Gy,
    surviving_fraction,
)
from pdcraft.validate.tables import reference_rows


def test_bed_and_eqd2_of_exponential_dose_rates():
    """560 rows in 30-digit arithmetic, printed to 15: closed forms, so rounding is all."""
    for row in reference_rows("response", "bed_monoexp.csv"):
        t_eff, t_rep, ratio, dose, g, bed, eqd2 = (float(v) for v in row.values())
        factor = monoexponential_G(t_eff, t_rep)
        assert factor == pytest.approx(g, rel=1e-13, abs=0)
        assert bed_Gy(dose, factor, ratio) == pytest.approx(bed, rel=1e-13, abs=0)
        assert eqd2_Gy(bed, ratio) == pytest.approx(eqd2, rel=1e-13, abs=0)


def test_two_gray_fractions_are_their_own_eqd2():
    for ratio in (1.5, 3.0, 10.0):
        assert eqd2_Gy(fraction_bed_Gy(30, 2.0, ratio), ratio) == pytest.approx(60, rel=1e-14)


def test_survival_is_the_linear_quadratic_exponent():
    # 2 Gy at once with alpha 0.3 per Gy, beta 0.03 per Gy²: exp(-0.72)
    assert surviving_fraction(bed_Gy(2.0, 1.0, 10.0), 0.3) == pytest.approx(
        np.exp(-0.72), rel=1e-14, abs=0
    )


def test_repopulation_starts_at_its_kick_off():
    grown = repopulation_bed_Gy([20.0, 28.0, 31.0], 28.0, 3.0, 0.35)
    # one doubling in three days is ln 2 of effect
    np.testing.assert_allclose(0.35 * grown, [0.0, 0.0, np.log(2)], rtol=1e-14)
    assert repopulation_bed_Gy(100.0, 0.0, np.inf, 0.3) == 0.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: bed_Gy(-1.0, 0.1, 3.0), "dose -1 Gy: a dose is finite and not negative"),
        (lambda: bed_Gy(np.nan, 0.1, 3.0), "dose nan Gy"),
        (lambda: bed_Gy(1.0, 0.1, 0.0), "alpha/beta 0 Gy: the ratio is finite and above 0 Gy"),
        (lambda: bed_Gy(1.0, 0.1, [3.0, -2.0]), "alpha/beta -2 Gy"),
        (lambda: bed_Gy(1.0, 1.1, 3.0), "G lies between 0 and 1"),
        (lambda: monoexponential_G(12.0, 0.0), "repair half-life 0 h: it is above 0 h"),
        (lambda: monoexponential_G(-1.0, 1.0), "effective half-life -1 h"),
        (lambda: surviving_fraction(1.0, 0.0), "alpha 0 per Gy"),
        (lambda: repopulation_bed_Gy(1.0, -1.0, 3.0, 0.3), "kick-off time -1 d"),
        (lambda: repopulation_bed_Gy(1.0, 1.0, 0.0, 0.3), "doubling time 0 d"),
        (lambda: fraction_bed_Gy(-1, 2.0, 10.0), "-1 fractions"),
    ],
)
def test_refuses_with_a_reason(call, said):
    with pytest.raises(PhysicsRangeError, match=said):
        call()
