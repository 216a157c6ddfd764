"""Progression, death and quality of life as time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.ctcae import grade
from pdcraft.response.patient_hazards import (
    Hazards,
    chance_alive,
    chance_progression_free,
    hazard_draws,
    sample_months,
)
from pdcraft.response.patient_quality import (
    Utilities,
    graded_months,
    state_months,
    utilities,
)

CATEGORIES = ("PD", "SD", "PR", "CR")
HAZARDS = Hazards(
    np.array([[0.4, 0.2, 0.1, 0.05]]), np.array([[0.15]]), np.array([[0.1]]), CATEGORIES
)


@pytest.mark.parametrize("month", [0.0, 1.0, 12.0, 60.0])
def test_states_solve_the_illness_death_equations(month):
    """Category PR has h = d: the formula's removable singularity is among them."""
    free, alive = chance_progression_free(HAZARDS, month)[0], chance_alive(HAZARDS, month)[0]
    if month == 0:
        assert free.tolist() == alive.tolist() == [1.0] * 4
        return
    for i, h in enumerate(HAZARDS.event_per_month[0]):

        def rates(_, y, h=h):
            return [-h * y[0], 0.85 * h * y[0] - 0.1 * y[1]]

        want = solve_ivp(rates, (0, month), [1.0, 0.0], "DOP853", rtol=1e-11, atol=1e-25).y[:, -1]
        assert free[i] == pytest.approx(want[0], rel=1e-8, abs=0)
        assert alive[i] == pytest.approx(want.sum(), rel=1e-8, abs=0)


def test_samples_follow_the_curves():
    """4 sigma of 200 000 patients: 1 false alarm in 2 000 over 8 comparisons, fixed seed."""
    n = 200_000
    codes = np.repeat([[0, 2]], n, axis=1).reshape(1, -1)
    free, overall = sample_months(HAZARDS, codes, np.random.default_rng(4))
    for code in (0, 2):
        for month in (3.0, 12.0):
            for values, curve in (
                (free, chance_progression_free),
                (overall, chance_alive),
            ):
                want = float(curve(HAZARDS, month)[0, code])
                got = float((values[codes == code] > month).mean())
                assert abs(got - want) < 4 * np.sqrt(want * (1 - want) / n)
    assert np.all(overall >= free)


def test_assumed_hazards_keep_the_order_of_responses():
    hazards = hazard_draws(("PD", "SD", "MR", "PR", "VGPR", "CR"), 500)
    assert np.all(np.diff(hazards.event_per_month, axis=1) < 0)
    # median of stable disease 4 months: a log SD of 0.5 over 500 draws is 2 % of the median's SD
    medians = np.log(2) / hazards.event_per_month[:, 1]
    assert np.median(medians) == pytest.approx(4.0, rel=0.1, abs=0)


def test_months_in_states_sum_to_restricted_survival():
    rng = np.random.default_rng(8)
    codes = rng.integers(0, 4, (1, 400_000))
    free, overall = sample_months(HAZARDS, codes, rng)
    months = state_months(free, overall, rng.exponential(1.0, free.shape), 24.0)
    total = months.toxicity + months.free + months.after
    np.testing.assert_allclose(total, np.minimum(overall, 24.0), rtol=1e-12, atol=1e-12)
    full = Utilities(1.0, 1.0, 1.0, "assumed", "")
    # with utilities of 1 the mean is the area under overall survival: 4 SE of 0.012 months
    area = np.mean(
        [quad(lambda t, c=c: chance_alive(HAZARDS, t)[0, c], 0, 24)[0] for c in range(4)]
    )
    got = months.q_twist_months(full).mean()
    assert abs(got - area) < 4 * total.std() / np.sqrt(total.size)
    nothing = Utilities(0.0, 1.0, 0.0, "assumed", "")
    assert months.q_twist_months(nothing).mean() == pytest.approx(
        months.free.mean(), rel=1e-12, abs=0
    )


def test_q_twist_by_hand():
    # 10 months free of progression, 3 of them with toxicity, then 8 months until death
    months = state_months(10.0, 18.0, 3.0, 15.0)
    worth = utilities()
    assert months.q_twist_months(worth) == pytest.approx(0.5 * 3 + 7 + 0.5 * 5, rel=1e-12, abs=0)
    assert months.adjusted_pfs_months(worth) == pytest.approx(8.5, rel=1e-12, abs=0)
    assert worth.origin == "published"
    assert "28 of 45" in worth.text


def test_toxicity_after_progression_is_no_toxicity_time():
    months = state_months(2.0, 9.0, 5.0, 12.0)
    assert (months.toxicity, months.free, months.after) == (2.0, 0.0, 7.0)


def test_days_with_a_grade_of_any_lineage():
    days = np.array([0.0, 7, 14, 21, 28])
    grade = np.array([[0, 3, 4, 1, 0], [0, 0, 3, 3, 0]])  # platelets, neutrophils
    month = 365.25 / 12
    assert graded_months(grade, days, np.inf) * month == pytest.approx(21.0, rel=1e-12, abs=0)
    assert graded_months(grade, days, 10 / month) * month == pytest.approx(3.0, rel=1e-9, abs=0)
    assert graded_months(grade, days, np.inf, 4) * month == pytest.approx(7.0, rel=1e-12, abs=0)


def test_counts_become_toxicity_time_and_quality():
    """From simulated counts through CTCAE grades to Q-TWiST, by hand at every step."""
    days = np.arange(0.0, 71.0, 7.0)
    platelets = np.array([200, 180, 120, 80, 60, 40, 20, 20, 60, 120, 180.0])
    neutrophils = np.full(days.size, 3.0)
    grades = np.stack([grade("platelets", platelets), grade("neutrophils", neutrophils)])
    # grade 3 or 4 below 50 x 10^9/L: on days 35, 42 and 49, each for a week
    toxic = graded_months(grades, days, 6.0)
    assert toxic == pytest.approx(21.0 / (365.25 / 12), rel=1e-12, abs=0)
    months = state_months(6.0, 20.0, toxic, 24.0)
    want = 0.5 * toxic + (6.0 - toxic) + 0.5 * 14.0
    assert months.q_twist_months(utilities()) == pytest.approx(want, rel=1e-12, abs=0)


def test_refusals():
    with pytest.raises(PhysicsRangeError, match="death ends both"):
        state_months(10.0, 9.0, 0.0, 12.0)
    with pytest.raises(PhysicsRangeError, match="horizon of inf months"):
        state_months(1.0, 2.0, 0.0, np.inf)
    with pytest.raises(PhysicsRangeError, match=r"utility of toxicity 1\.5"):
        Utilities(1.5, 1.0, 0.5, "assumed", "")
    with pytest.raises(DataError, match="need their origin"):
        Utilities(0.5, 1.0, 0.5, "", "")
    with pytest.raises(PhysicsRangeError, match="every hazard is above zero"):
        Hazards(np.zeros((1, 4)), np.array([[0.1]]), np.array([[0.1]]), CATEGORIES)
    with pytest.raises(DataError, match="no assumed hazard"):
        hazard_draws(("PD", "SD", "nCR"), 10)
    with pytest.raises(PhysicsRangeError, match="month -1"):
        chance_alive(HAZARDS, -1.0)
    with pytest.raises(DataError, match="lineages, times"):
        graded_months(np.zeros((2, 3)), [0.0, 1.0], np.inf)
