"""The typical integral of few subjects: limits that hold it as often as they say."""

import numpy as np
import pytest

from pdcraft.kinetics.typical import two_subjects, typical

T_975 = {2: 12.706, 3: 4.303, 5: 2.776, 8: 2.365}  # Student's t, n - 1 degrees of freedom: tables


def curves_of(subjects, n_draws=1000, error=0.0, seed=1):
    """Draws of subjects' integrals, each known to a relative error."""
    noise = np.random.default_rng(seed).standard_normal((n_draws, len(subjects)))
    return np.asarray(subjects) * np.exp(error * noise)


def limits(values, seed=1):
    return np.quantile(typical(values, np.random.default_rng(seed)), [0.025, 0.975])


@pytest.mark.parametrize("n", T_975)
def test_limits_are_those_of_student_on_the_logarithms(n):
    subjects = np.exp(0.3 * np.random.default_rng(n).standard_normal(n)) * 7
    log = np.log(subjects)
    reach = T_975[n] * log.std(ddof=1) / n**0.5
    want = np.exp(log.mean() + reach * np.array([-1.0, 1.0]))
    # 1000 draws, read between two of them: the curve of t bends by less than 0.2% there
    assert np.log(limits(curves_of(subjects)) / want) == pytest.approx(0, abs=0.002 * reach)


def test_two_subjects_are_neither_one_of_them_nor_their_plain_mean():
    draws = typical(curves_of([1.0, 2.0]), np.random.default_rng(1))
    assert (
        draws.min() < 0.1 < 10 < draws.max()
    )  # what two subjects say of others is next to nothing
    assert np.median(draws) == pytest.approx(2**0.5, rel=0.01, abs=0)  # plain mean: 1.5
    assert "geometric mean 1.414" in two_subjects(curves_of([1.0, 2.0]))
    assert "12.7 standard errors" in two_subjects(curves_of([1.0, 2.0]))


def test_one_subject_keeps_its_draws():
    draws = curves_of([3.0], error=0.2)
    assert np.array_equal(typical(draws, np.random.default_rng(1)), draws[:, 0])


def test_errors_within_subjects_are_not_counted_twice():
    rng = np.random.default_rng(5)
    subjects = np.exp(0.3 * rng.standard_normal(6))
    sharp, blunt = (limits(curves_of(subjects, 4000, error)) for error in (0.0, 0.1))
    # the same six means within 0.1 / sqrt(4000): only what scatters between them counts
    assert blunt == pytest.approx(sharp, rel=0.01, abs=0)


def test_subjects_that_agree_by_chance_are_known_no_better_than_their_curves():
    low, high = limits(curves_of([2.0, 2.0, 2.0], 4000, 0.3))
    want = 1.96 * 0.3 / 3**0.5  # of the logarithm; a mean of three nearly normal draws
    assert np.log(high / low) / 2 == pytest.approx(want, rel=0.1, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.0, 0.1])
@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_limits_hold_the_typical_integral(n, error):
    """95% limits of 2000 simulated studies, log-normal subjects with an SD of 0.3.

    Hits of a right procedure have an SD of 0.5%, so 93 to 97% is 4 of them: one false alarm in
    2000 over the eight. Weights that stay within the subjects' range gave 51, 74, 84 and 90%.
    """
    rng = np.random.default_rng(100 * n + int(10 * error))
    hits = 0
    for seed in range(2000):
        truth = 0.3 * rng.standard_normal(n)
        seen = np.exp(truth + error * rng.standard_normal(n))
        low, high = limits(curves_of(seen, 200, error, seed), seed)
        hits += low <= 1.0 <= high
    assert 0.93 * 2000 <= hits <= 0.97 * 2000
