"""Named inputs: their own streams, their stated spread."""

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import DataError
from pdcraft.numerics.inputs import fixed, log_normal, log_uniform


def test_a_draw_depends_on_seed_and_name_only():
    first = log_normal("a", 5.0, cv=0.3).draw(1, 100)
    _ = log_normal("b", 5.0, cv=0.3).draw(1, 100)
    assert np.array_equal(first, log_normal("a", 5.0, cv=0.3).draw(1, 100))
    assert np.array_equal(first[:10], log_normal("a", 5.0, cv=0.3).draw(1, 10))
    assert not np.array_equal(first, log_normal("a", 5.0, cv=0.3).draw(2, 100))
    assert not np.array_equal(first, log_normal("b", 5.0, cv=0.3).draw(1, 100))


# Kolmogorov-Smirnov at n = 20,000 and p > 1e-4: a right sampler fails for 1 seed in 10,000; a
# scale wrong by 4 % moves the distribution function by 0.01 and is caught
N, P = 20_000, 1e-4


def test_cv_is_the_coefficient_of_variation():
    # a wide one: at CV 0.3 the variance of the logarithm is nearly CV squared, at 1 it is not
    draws = log_normal("a", 5.0, cv=1.0).draw(11, N)
    want = stats.lognorm(s=np.sqrt(np.log(2.0)), scale=5.0)
    assert want.std() / want.mean() == pytest.approx(1.0, rel=1e-12, abs=0)
    assert stats.kstest(draws, want.cdf).pvalue > P


def test_factor_is_a_95_percent_range():
    draws = log_normal("a", 2.0, factor=3.0).draw(12, N)
    assert stats.kstest(draws, stats.lognorm(s=np.log(3) / 1.959964, scale=2.0).cdf).pvalue > P


def test_log_uniform():
    draws = log_uniform("a", 6.0, 96.0).draw(13, N)
    assert stats.kstest(draws, stats.loguniform(6, 96).cdf).pvalue > P
    assert log_uniform("a", 6.0, 96.0).typical == pytest.approx(24.0, rel=1e-12, abs=0)


def test_fixed():
    assert set(fixed("a", 2.0).draw(1, 5)) == {2.0}


@pytest.mark.parametrize(
    "make",
    [
        lambda: log_normal("a", -1.0, cv=0.3),
        lambda: log_normal("a", 1.0),
        lambda: log_normal("a", 1.0, cv=0.3, factor=2.0),
        lambda: log_normal("a", 1.0, factor=0.5),
        lambda: log_uniform("a", 2.0, 1.0),
        lambda: fixed("a", float("nan")),
    ],
)
def test_impossible_spreads_are_refused(make):
    with pytest.raises(DataError, match="a"):
        make()
