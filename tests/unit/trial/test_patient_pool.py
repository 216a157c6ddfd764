"""Pools of patients: rates, replacement, correlation, and trials against exact results."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.trial.assurance import averaged, by_draw
from pdcraft.trial.pool import PatientPool
from pdcraft.trial.simulate import Plan, run_trials
from pdcraft.trial.three_plus_three import ThreePlusThree, exact

INF = np.inf


def pool_of(dlt_day, end_day=None, **options):
    day = np.array(dlt_day, float)
    end = np.full(day.shape, INF) if end_day is None else np.array(end_day, float)
    return PatientPool(day, end, 56.0, **options)


def tolerance_pool(rates, subjects=4_000, seed=5, leaving=0.0):
    """One tolerance a patient: a DLT at every dose whose rate is above it; some leave on day 25."""
    rates = np.asarray(rates, float)  # (draw, dose)
    rng = np.random.default_rng(seed)
    unit = rng.random((1, subjects, 1))
    day = np.where(unit < rates[:, None, :], 20.0, INF)
    end = np.where(rng.random((1, subjects, 1)) < leaving, 25.0, INF)
    return PatientPool(day, np.broadcast_to(end, day.shape), 56.0)


def test_who_is_evaluable():
    # DLT in the window; DLT after it; left early without; left early after a DLT
    days = [[[20.0], [60.0], [INF], [20.0]]]
    ends = [[[INF], [INF], [30.0], [30.0]]]
    pool = pool_of(days, ends)
    assert pool.toxic().ravel().tolist() == [True, False, False, True]
    assert pool.evaluable().ravel().tolist() == [True, True, False, True]
    assert pool.rates().item() == pytest.approx(2 / 3, rel=1e-12, abs=0)
    assert pool_of(days, ends, replace=False).rates().item() == 0.5
    assert pool_of(days, ends, least_followed=0.5).rates().item() == 0.5
    assert pool.rates(70.0).item() == pytest.approx(3 / 3, rel=1e-12, abs=0)
    assert pool.replaced_per_patient().item() == pytest.approx(1 / 3, rel=1e-12, abs=0)


def test_replaced_patients_leave_the_rate_of_the_others():
    rng = np.random.default_rng(8)
    day = np.where(rng.random((1, 5_000, 2)) < [0.2, 0.6], 20.0, INF)
    end = np.where(rng.random((1, 5_000, 1)) < 0.4, 25.0, INF) * np.ones(2)
    pool = PatientPool(day, end, 56.0)
    draw = np.zeros(2_000, dtype=np.intp)
    toxic = pool.sampled(draw, 10, seed=1).toxic.mean(axis=(0, 1))
    # 20,000 patients: 5 standard errors
    error = np.sqrt(pool.rates()[0] * (1 - pool.rates()[0]) / 20_000)
    assert np.all(np.abs(toxic - pool.rates()[0]) < 5 * error)


def test_a_patient_is_one_person_at_every_dose():
    """With rising days, nobody has a DLT at a lower dose and none at a higher."""
    pool = tolerance_pool([[0.1, 0.3, 0.6]])
    toxic = pool.sampled(np.zeros(500, dtype=np.intp), 12, seed=3).toxic
    assert np.all(toxic[..., :-1] <= toxic[..., 1:])
    assert toxic[..., 0].any()
    assert not toxic[..., 2].all()


def test_every_patient_of_the_pool_can_be_taken():
    """Patients in order: the last tenth alone has DLTs, and gives a tenth of them."""
    day = np.where(np.arange(1_000) < 900, INF, 20.0)[None, :, None]
    pool = PatientPool(day, np.full(day.shape, INF), 56.0)
    toxic = pool.sampled(np.zeros(2_000, dtype=np.intp), 10, seed=4).toxic
    # 20,000 patients: 5 standard errors
    assert toxic.mean() == pytest.approx(0.1, rel=0, abs=5 * np.sqrt(0.09 / 20_000))


def test_the_day_of_a_dlt_is_a_share_of_the_window():
    day = np.array([[[14.0], [INF], [70.0]]])
    pool = PatientPool(day, np.full(day.shape, INF), 56.0)
    made = pool.sampled(np.zeros(40, dtype=np.intp), 10, seed=4)
    assert made.share is not None
    assert set(np.unique(made.share[made.toxic])) == {0.25}
    assert set(np.unique(made.share[~made.toxic])) == {1.0}


def test_trials_of_a_draw_have_its_patients():
    pool = tolerance_pool([[0.0, 0.0], [1.0, 1.0]])
    draw = np.array([0, 1, 0, 1], dtype=np.intp)
    toxic = pool.sampled(draw, 5, seed=3).toxic
    assert toxic.any(axis=(1, 2)).tolist() == [False, True, False, True]
    assert toxic.all(axis=(1, 2)).tolist() == [False, True, False, True]


def test_3plus3_on_patients_is_the_exact_recursion_conditional_on_each_draw():
    pool = tolerance_pool([[0.05, 0.2, 0.45], [0.2, 0.4, 0.7]], subjects=20_000)
    draw = (np.arange(24_000) % 2).astype(np.intp)
    design = ThreePlusThree(3, "confirm")
    runs = run_trials(design, pool.sampled(draw, 18, seed=7), Plan(18))
    for number, found in enumerate(by_draw(runs, draw, pool.rates(), 0.25)):
        want = exact(pool.rates()[number], "confirm")
        for got, wanted in zip(found.select, want.select, strict=True):
            # 12,000 trials, six comparisons: 5 errors is 1 in 300,000; sees 2 %
            assert abs(got.value - wanted) < 5 * np.sqrt(wanted * (1 - wanted) / 12_000)
        assert found.select_none.value == pytest.approx(want.select_none, rel=0, abs=0.02)


def test_assurance_is_the_mean_over_draws_and_not_the_last():
    pool = tolerance_pool([[0.02, 0.05], [0.6, 0.8], [0.1, 0.3]])
    draw = (np.arange(3_000) % 3).astype(np.intp)
    runs = run_trials(ThreePlusThree(2), pool.sampled(draw, 12, seed=7), Plan(12))
    each = by_draw(runs, draw, pool.rates(), 0.25)
    found = averaged("patients", each)
    chosen = np.array([[f.value for f in one.select] for one in each])
    assert found["select"] == pytest.approx(chosen.mean(axis=0).tolist(), rel=1e-12, abs=0)
    assert np.abs(chosen[-1] - chosen.mean(axis=0)).max() > 0.1  # the last one alone would differ
    assert found["true_rate"] == pytest.approx(pool.rates().mean(axis=0), rel=1e-12, abs=0)
    spread = chosen.std(axis=0, ddof=1) / np.sqrt(3)
    assert found["mcse"]["select"] == pytest.approx(spread.tolist(), rel=1e-12, abs=0)
    assert found["trials"] == 3_000
    assert sum(found["select"]) + found["select_none"] == pytest.approx(1.0, rel=1e-12, abs=0)


def test_every_design_meets_the_same_patients():
    pool = tolerance_pool([[0.1, 0.3]])
    draw = np.zeros(50, dtype=np.intp)
    first, again = (pool.sampled(draw, 9, seed=2).toxic for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, pool.sampled(draw, 9, seed=2, block=1).toxic)


@pytest.mark.parametrize("leaving", [0.0, 0.6])
def test_error_of_the_rates_covers_what_other_patients_say(leaving):
    rates = np.array([[0.1, 0.4], [0.3, 0.5], [0.2, 0.3], [0.15, 0.6]])
    pools = [tolerance_pool(rates, 300, seed, leaving) for seed in range(200)]
    found = np.array([pool.rates() for pool in pools])
    of_patients = found.mean(axis=1).std(axis=0)
    # rates of the patients that can be assessed: those of the draws, not of all patients
    of_draws = found.mean(axis=0).std(axis=0, ddof=1) / 2
    stated = np.mean([pool.rates_std_err() for pool in pools], axis=0)
    # SD of 200 values is known to 5 %; 60 % of the patients leaving puts errors up by a quarter
    assert stated == pytest.approx(np.hypot(of_patients, of_draws), rel=0.1, abs=0)


@pytest.mark.parametrize("leaving", [0.0, 0.6])
def test_error_of_one_rate_is_that_of_the_patients_alone(leaving):
    pools = [tolerance_pool([[0.2, 0.4]] * 2, 300, seed, leaving) for seed in range(200)]
    of_patients = np.std([pool.rates().mean(axis=0) for pool in pools], axis=0)
    stated = np.mean([pool.rates_std_err() for pool in pools], axis=0)
    # SD of 200 values is known to 5 %, taken three times
    assert stated == pytest.approx(of_patients, rel=0.15, abs=0)


def test_refuses():
    with pytest.raises(DataError, match=r"wanted \(draw, subject, dose\)"):
        PatientPool(np.zeros((2, 3)), np.zeros((2, 3)), 56.0)
    gone = pool_of(np.full((1, 50, 1), INF), np.full((1, 50, 1), 10.0))
    with pytest.raises(DataError, match=r"only 0\.0% of the patients can be assessed"):
        gone.rates()
    with pytest.raises(DataError, match=r"only 0\.0% of the patients"):
        gone.sampled(np.zeros(3, dtype=np.intp), 3, seed=1)
    pool = tolerance_pool([[0.1], [0.2]])
    runs = run_trials(
        ThreePlusThree(1), pool.sampled(np.zeros(4, dtype=np.intp), 6, seed=1), Plan(6)
    )
    with pytest.raises(DataError, match="draw 2 of 2 has no trial"):
        by_draw(runs, np.zeros(4, dtype=np.intp), pool.rates(), 0.25)
