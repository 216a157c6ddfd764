"""Priors: quantiles of known distributions, bounds kept, contradictions refused."""

import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.prior import Prior, read_prior

ONE_SD = 0.8413447460685429  # share below one standard deviation of a normal


def test_quantiles_at_one_standard_deviation():
    lognormal = Prior("a", "dye", 2.0, "lognormal", 1.5)
    assert lognormal.quantile(ONE_SD) == pytest.approx(3.0, rel=1e-9, abs=0)
    assert lognormal.quantile(1 - ONE_SD) == pytest.approx(2.0 / 1.5, rel=1e-9, abs=0)
    normal = Prior("a", "dye", 2.0, "normal", 0.5)
    assert normal.quantile(ONE_SD) == pytest.approx(2.5, rel=1e-9, abs=0)
    uniform = Prior("a", "dye", 2.0, "uniform", low=1.0, high=5.0)
    assert uniform.quantile(0.25) == pytest.approx(2.0, rel=1e-12, abs=0)


def test_bounds_cut_a_normal_without_piling_up():
    cut = Prior("a", "dye", 0.0, "normal", 1.0, low=0.0, high=10.0)
    # half a normal: its median is the 75% quantile of the whole
    assert cut.quantile(0.5) == pytest.approx(0.674489750, rel=1e-8, abs=0)
    assert cut.quantile(1e-6) >= 0.0


def test_rows_say_their_spread_in_one_of_three_ways():
    assert read_prior("a", "dye", {"value": 1, "factor": 2}).shape == "lognormal"
    assert read_prior("a", "dye", {"value": 1, "sd": 2}).shape == "normal"
    assert read_prior("a", "dye", {"value": 1, "low": 0, "high": 2}).shape == "uniform"
    with pytest.raises(DataError, match="says no spread"):
        read_prior("a", "dye", {"value": 1})


@pytest.mark.parametrize(
    "arguments",
    [
        ("a", "dye", 3.0, "uniform", 0.0, 0.0, 2.0),
        ("a", "dye", 3.0, "lognormal", 0.5),
        ("a", "dye", -3.0, "lognormal", 1.5),
        ("a", "dye", 3.0, "normal", -1.0),
    ],
)
def test_contradictions_are_refused(arguments):
    with pytest.raises(DataError, match="a: "):
        Prior(*arguments)


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_quantiles_of_no_share_are_refused(share):
    with pytest.raises(PhysicsRangeError, match="share in"):
        Prior("a", "dye", 2.0, "normal", 0.5).quantile(share)
