"""External beam that completes a radionuclide's dose, on the days of a week."""

import numpy as np
import pytest

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.bed import biologically_effective_dose
from pdcraft.response.external_beam import Fractions, completing_fractions, treatment_days
from pdcraft.response.sensitivity import Repair, Sensitivity

LN2 = np.log(2)


def test_five_days_a_week_then_a_pause():
    assert treatment_days(11, first_d=7.0).tolist() == [7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21]


def test_each_patient_is_completed_to_the_prescribed_sum():
    given = np.array([4.0, 11.5, 30.0])
    beam = completing_fractions(64.0, given, first_d=14.0)
    np.testing.assert_allclose(beam.total_Gy + given, 64.0, rtol=1e-14)
    # the first of 2 Gy is on day 14; 52.5 Gy are 26 fractions and a half one of 0.5 Gy
    assert beam.dose_Gy[1, 25:27].tolist() == [2.0, 0.5]
    assert beam.dose_Gy[1, 27:].sum() == 0
    assert beam.at_h[0] == 14 * 24


def test_a_total_of_absorbed_doses_is_not_a_total_of_effects():
    """Two activities a week apart and external beam to 64 Gy in all, as in the trial's design.

    The radionuclide's part has almost no quadratic effect, so its Gy are worth less than the
    beam's: the dose that half is worth decides, not the sum.
    """
    tissue = Sensitivity.of(0.24, 10.6, Repair.of(17 / 60))
    loss = LN2 / 120.0
    low, high = (
        biologically_effective_dose(
            tissue,
            DoseRate.of_terms([given * loss / 2], [loss], at_h=[0.0, 168.0]),
            completing_fractions(64.0, given, first_d=14.0),
        )
        for given in (5.0, 25.0)
    )
    for given, bed in ((5.0, low), (25.0, high)):
        beam = 64.0 - given
        # fractions alone, the last may be smaller; the rest is 17-minute repair: below 0.5 Gy
        want = given + beam * (1 + 2 / 10.6)
        assert bed.total_Gy == pytest.approx(want, rel=0, abs=0.5)
    assert float(low.total_Gy - high.total_Gy) == pytest.approx(20 * 2 / 10.6, rel=0, abs=0.5)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: treatment_days(0), PhysicsRangeError, "0 of them"),
        (lambda: treatment_days(3, per_week=8), PhysicsRangeError, "8 a week"),
        (lambda: completing_fractions(60.0, -1.0), PhysicsRangeError, "given dose -1 Gy"),
        (lambda: completing_fractions(60.0, 61.0), PhysicsRangeError, "no fraction is left"),
        (lambda: completing_fractions(60.0, 1.0, fraction_Gy=0), PhysicsRangeError, "0 Gy"),
        (lambda: Fractions.of([2.0, 2.0], [0.0, 1.0, 2.0]), DataError, r"wanted\s+\(..., frac"),
    ],
)
def test_refuses_with_a_reason(call, error, said):
    with pytest.raises(error, match=said):
        call()
