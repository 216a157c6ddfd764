"""Each kind of printed figure alone, against a direct computation of what it means."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pdcraft.core.run import Citation
from pdcraft.data.evidence import EvidenceItem
from pdcraft.kinetics.carrier.likelihood import Likelihood, observations
from pdcraft.kinetics.carrier.readings import Assumed

SIZES = Assumed(
    missing_log_sd=0.3,
    unknown_n=(3, 5),
    repeat_correlation=0.7,
    tumor_model_log_sd=0.25,
    between_log_sd_median=0.4,
    between_log_sd_log_sd=0.5,
    compound_log_sd={"NM600": 0.5},
)
MEAN = EvidenceItem(
    id="a",
    species="mouse",
    compound="CLR 125",
    subjects="mice",
    quantity="dose_per_activity",
    region="liver",
    analyte="activity",
    decay="physical",
    statistic="mean",
    unit="Gy/MBq",
    citation=Citation("s", "source", None),
    grade="A",
    use="fit",
    reason="test",
    nuclide="I-125",
    spread="SD",
    value=2.0,
    plus_minus=0.8,
    n=(6, 6),
)
RATIO = replace(
    MEAN, quantity="concentration_ratio", reference_region="brain", unit="1", decay="cancels"
)
RANGE = replace(
    RATIO, statistic="range", spread="none", value=None, plus_minus=None, low=8.0, high=30.0
)
BELOW = replace(
    MEAN, statistic="below", quantity="retained_share", unit="share of peak", region="plasma",
    value=0.1, limit_log_sd=0.5, spread="none", plus_minus=None, time_h=(96.0,),
)  # fmt: skip


def log_likelihood(items, predicted):
    items = tuple(items)
    value = Likelihood(items, SIZES).log_likelihood(
        np.atleast_2d(np.asarray(predicted, dtype=float)), observations(items)
    )
    return float(value[0])


def log_normal_mean(cv, n):
    """Error and shift of the logarithm of a mean of n subjects, from simulated subjects."""
    omega = np.sqrt(np.log1p(cv**2))
    subjects = np.exp(omega * np.random.default_rng(3).standard_normal((400_000, n)))
    logs = np.log(subjects.mean(axis=1))
    return logs.std(), logs.mean()


def test_sd_describes_subjects():
    sd, shift = log_normal_mean(0.4, 6)
    got = log_likelihood([MEAN], [1.7])
    # Fenton's log-normal for the sum and the simulation: 1% of the SD, so 0.02 of the log density
    assert got == pytest.approx(stats.norm.logpdf(np.log(2.0 / 1.7), shift, sd), rel=0, abs=0.02)


def test_sem_describes_the_mean():
    item = replace(MEAN, spread="SEM", plus_minus=0.4)
    sd, shift = log_normal_mean(0.2 * np.sqrt(6), 6)
    got = log_likelihood([item], [1.7])
    assert got == pytest.approx(stats.norm.logpdf(np.log(2.0 / 1.7), shift, sd), rel=0, abs=0.03)


def test_unknown_spread_and_number_average_their_readings():
    item = replace(MEAN, spread="unknown", n=None)
    each = [
        np.exp(log_likelihood([replace(MEAN, spread=s, n=(n, n))], [1.7]))
        for s in ("SD", "SEM")
        for n in SIZES.unknown_n
    ]
    assert log_likelihood([item], [1.7]) == pytest.approx(np.log(np.mean(each)), rel=1e-12, abs=0)


def test_two_rows_of_a_study_are_read_alike():
    rows = [replace(MEAN, spread="unknown"), replace(RATIO, id="b", spread="unknown")]
    alike = [
        np.exp(sum(log_likelihood([replace(r, spread=s)], [1.7]) for r in rows))
        for s in ("SD", "SEM")
    ]
    got = log_likelihood(rows, [1.7, 1.7])
    assert got == pytest.approx(np.log(np.mean(alike)), rel=1e-12, abs=0)


def test_missing_spread_is_thirty_percent():
    item = replace(MEAN, spread="none", plus_minus=None)
    want = stats.norm.logpdf(np.log(2.0 / 1.7), 0.0, 0.3)
    assert log_likelihood([item], [1.7]) == pytest.approx(want, rel=1e-12, abs=0)


def test_the_error_of_the_dose_method_widens():
    item = replace(MEAN, spread="none", plus_minus=None, dose_method_log_sd=0.4)
    want = stats.norm.logpdf(np.log(2.0 / 1.7), 0.0, 0.5)  # 0.3 and 0.4 make 0.5
    assert log_likelihood([item], [1.7]) == pytest.approx(want, rel=1e-12, abs=0)


def test_units_are_converted_once():
    item = replace(MEAN, spread="none", plus_minus=None, unit="mSv/MBq", value=2000.0)
    want = stats.norm.logpdf(np.log(2.0 / 1.7), 0.0, 0.3)
    assert log_likelihood([item], [1.7]) == pytest.approx(want, rel=1e-12, abs=0)


def test_rows_of_another_compound_share_its_offset():
    plain = replace(MEAN, spread="none", plus_minus=None, compound="NM600")
    rows = [plain, replace(plain, id="b", region="red_marrow", value=0.5)]
    cov = np.diag([0.09, 0.09]) + 0.25  # 30% each, 0.5 in common
    want = stats.multivariate_normal.logpdf(np.log([2.0 / 1.7, 0.5 / 0.9]), [0, 0], cov)
    assert log_likelihood(rows, [1.7, 0.9]) == pytest.approx(want, rel=1e-12, abs=0)


def test_tumor_models_differ_but_share_the_dose_method():
    plain = replace(MEAN, spread="none", plus_minus=None, region="tumor", dose_method_log_sd=0.2)
    rows = [plain, replace(plain, id="b", value=1.5)]
    cov = np.diag([0.09 + 0.0625] * 2) + 0.04
    want = stats.multivariate_normal.logpdf(np.log([2.0 / 1.7, 1.5 / 1.7]), [0, 0], cov)
    assert log_likelihood(rows, [1.7, 1.7]) == pytest.approx(want, rel=1e-12, abs=0)


def test_repeated_images_share_patients_and_tumors():
    plain = replace(
        RATIO, spread="none", plus_minus=None, region="tumor", time_h=(24.0,), compound="CLR 124"
    )
    rows = [plain, replace(plain, id="b", value=2.2, time_h=(48.0,))]
    cov = np.full((2, 2), 0.0625 + 0.7 * 0.09)
    np.fill_diagonal(cov, 0.0625 + 0.09)
    want = stats.multivariate_normal.logpdf(np.log([2.0 / 1.7, 2.2 / 1.9]), [0, 0], cov)
    assert log_likelihood(rows, [1.7, 1.9]) == pytest.approx(want, rel=1e-12, abs=0)


@pytest.mark.parametrize(("statistic", "n"), [("range", 2), ("range", 6), ("median", 5)])
def test_order_statistics_average_over_the_unknown_spread(statistic, n):
    if statistic == "range":
        item = replace(RANGE, n=(n, n))
    else:
        item = replace(RANGE, statistic="median", value=12.0, n=(n, n))
    theta, rng = np.log(14.0), np.random.default_rng(4)
    omega = np.exp(np.log(0.4) + 0.5 * rng.standard_normal(400_000))
    if statistic == "range":
        a, b = (np.log(8.0) - theta) / omega, (np.log(30.0) - theta) / omega
        density = n * (n - 1) * stats.norm.pdf(a) * stats.norm.pdf(b) / omega**2
        density *= (stats.norm.cdf(b) - stats.norm.cdf(a)) ** (n - 2)
    else:
        z = (np.log(12.0) - theta) / omega
        density = 30 * (stats.norm.cdf(z) * stats.norm.sf(z)) ** 2 * stats.norm.pdf(z) / omega
    # 400 000 draws: 0.3% standard error; 9 nodes over the spread: below 1%
    got = log_likelihood([item], [14.0])
    assert np.exp(got) == pytest.approx(density.mean(), rel=0.02, abs=0)


def test_a_statement_in_words_is_a_soft_limit():
    assert log_likelihood([BELOW], [0.1]) == pytest.approx(np.log(0.5), rel=1e-12, abs=0)
    want = stats.norm.logcdf(np.log(0.1 / 0.02) / 0.5)
    assert log_likelihood([BELOW], [0.02]) == pytest.approx(want, rel=1e-12, abs=0)
    above = replace(BELOW, statistic="above", value=0.5)
    want = stats.norm.logcdf(np.log(0.8 / 0.5) / 0.5)
    assert log_likelihood([above], [0.8]) == pytest.approx(want, rel=1e-12, abs=0)


def test_predictions_that_are_no_numbers_are_impossible():
    for bad in (np.nan, 0.0, -1.0, np.inf):
        assert log_likelihood([MEAN], [bad]) == -np.inf


def test_simulated_figures_follow_the_likelihood():
    rows = (
        replace(MEAN, spread="unknown", n=(3, 5)),
        replace(MEAN, id="b", spread="unknown", region="tumor", n=(3, 5)),
        replace(RANGE, id="c", subjects="other", n=(4, 4)),
        replace(BELOW, id="d"),
    )
    likelihood = Likelihood(rows, SIZES)
    predicted = np.array([[1.7, 0.6, 14.0, 0.12]])
    drawn = likelihood.simulate(np.repeat(predicted, 20_000, axis=0), np.random.default_rng(5))
    # E[p(y; other) / p(y; true)] = 1 for y drawn from the true one: holds only if both agree
    other = predicted * np.exp([[0.05, -0.05, 0.05, 0.05]])
    ratio = [likelihood.log_likelihood(np.vstack([predicted, other]), y) for y in drawn[:3000]]
    weights = np.exp([b - a for a, b in ratio])
    # standard error from the weights themselves; 4.5 of them: false alarm 1 in 150 000
    error = weights.std() / np.sqrt(len(weights))
    assert error < 0.02
    assert weights.mean() == pytest.approx(1.0, rel=0, abs=4.5 * error)
    made = drawn[:, 3, 0].mean()
    assert made == pytest.approx(stats.norm.cdf(np.log(0.1 / 0.12) / 0.5), rel=0, abs=0.016)
