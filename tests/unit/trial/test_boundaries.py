"""Group sequential boundaries: printed tables, an integral by another route, what must hold."""

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import ConvergenceError, DataError, PhysicsRangeError
from pdcraft.numerics.roots import root
from pdcraft.trial.survival.boundaries import KINDS, boundaries, drift_for_power, look_fractions
from pdcraft.trial.survival.crossing import crossing
from pdcraft.trial.survival.spending import spent

PARAMETER = {"spend:hwang-shih-decani": -4.0, "spend:kim-demets": 2.0}


@pytest.mark.parametrize("drift", [0.0, 1.3, 3.0])
def test_crossing_against_the_multivariate_normal(drift):
    t = np.array([0.3, 0.55, 1.0])
    upper, lower = np.array([2.6, 2.3, 2.0]), np.array([-0.5, 0.2, -np.inf])
    above, below = crossing(t, upper, lower, drift)
    cov = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    law = stats.multivariate_normal(
        drift * np.sqrt(t), cov, abseps=1e-9, releps=1e-9, maxpts=2_000_000, seed=1
    )
    inside = law.cdf(upper, lower_limit=lower)
    # the quasi Monte Carlo integral of scipy is good to a few 1e-7 in three dimensions
    assert 1 - above.sum() - below.sum() == pytest.approx(inside, abs=2e-6)
    two = stats.multivariate_normal(drift * np.sqrt(t[:2]), cov[:2, :2])
    going_on = two.cdf(upper[:2], lower_limit=lower[:2])
    assert 1 - above[:2].sum() - below[:2].sum() == pytest.approx(going_on, abs=2e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sided", [1, 2])
def test_every_kind_spends_alpha_and_no_more(kind, sided):
    found = boundaries(
        kind, [0.2, 0.5, 0.8, 1.0], 0.04, sided=sided, parameter=PARAMETER.get(kind, 0)
    )
    assert found.alpha_spent[-1] == pytest.approx(0.04, rel=1e-9, abs=0)
    assert (np.diff(found.alpha_spent) > 0).all()
    assert found.power(0.0) == pytest.approx(0.04 / sided, rel=1e-6, abs=0)
    # two-sided: a trial that crosses below first cannot reject above, 1e-7 of them
    power = [found.power(d) for d in (0.0, 1.0, 2.0, 3.0)]
    assert (np.diff(power) > 0).all()


def test_hwang_shih_decani_has_its_neighbors():
    t = np.array([0.25, 0.5, 0.75, 1.0])
    straight = spent("hwang-shih-decani", t, 0.025, 0.0)
    assert spent("hwang-shih-decani", t, 0.025, 1e-7) == pytest.approx(straight, rel=1e-6, abs=0)
    # gamma 1: 0.025 (1 - exp(-1/2))/(1 - exp(-1))
    want = 0.025 * 0.39346934028736658 / 0.63212055882855767
    assert spent("hwang-shih-decani", t, 0.025, 1.0)[1] == pytest.approx(want, rel=1e-12, abs=0)
    assert spent("kim-demets", t, 0.025, 1.0) == pytest.approx(straight, rel=1e-12, abs=0)


@pytest.mark.parametrize("kind", ["obrien-fleming", "pocock"])
def test_published_constants(kind):
    # Jennison and Turnbull 2000, tables 2.1 and 2.3: two-sided 0.05, 5 looks
    want = {"obrien-fleming": 2.040, "pocock": 2.413}[kind]
    assert boundaries(kind, 5, 0.05, sided=2).upper[-1] == pytest.approx(want, abs=5e-4)


def test_more_looks_at_unplanned_times_still_hold():
    """Error spending does not ask when the looks come; a later look does not move earlier ones."""
    few = boundaries("spend:obrien-fleming", [0.4, 1.0])
    more = boundaries("spend:obrien-fleming", [0.4, 0.77, 1.0])
    assert few.upper[0] == pytest.approx(more.upper[0], rel=1e-12, abs=0)
    assert few.alpha_spent[-1] == pytest.approx(more.alpha_spent[-1], rel=1e-9, abs=0)


def test_twenty_looks_are_integrated_finely_enough():
    found = boundaries("pocock", 20, 0.05, sided=2)
    # Jennison and Turnbull 2000, table 2.1: 2.672 for 20 looks at 0.05
    assert found.upper[0] == pytest.approx(2.672, abs=5e-4)


def test_twice_the_nodes_change_nothing(monkeypatch):
    """The finest case offered that users may ask: 30 looks, kernels of 0.18 standard deviations."""
    once = boundaries("spend:pocock", 30).upper
    monkeypatch.setattr("pdcraft.trial.survival.crossing.NODES_PER_WIDTH", 6.0)
    assert boundaries("spend:pocock", 30).upper == pytest.approx(once, rel=0, abs=1e-9)


def test_futility_costs_power_but_no_alpha():
    plain = boundaries("spend:pocock", 3)
    futile = boundaries("spend:pocock", 3, futility=[0.0, 0.8])
    assert futile.upper == pytest.approx(plain.upper, rel=1e-12, abs=0)
    assert futile.power(0.0) < plain.power(0.0)
    assert futile.power(3.0) < plain.power(3.0)
    assert futile.expected_information(0.0) < plain.expected_information(0.0)
    need = drift_for_power(futile, 0.9)
    assert futile.power(need) == pytest.approx(0.9, rel=1e-9, abs=0)
    assert need > drift_for_power(plain, 0.9)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: boundaries("lan", 3), DataError, "there are obrien-fleming, pocock"),
        (lambda: boundaries("spend:lan", 3), DataError, "no spending function"),
        (lambda: boundaries("pocock", 3, 0.0), PhysicsRangeError, "alpha is 0"),
        (lambda: boundaries("pocock", 3, sided=3), PhysicsRangeError, "not 3-sided"),
        (lambda: boundaries("pocock", 0), PhysicsRangeError, "0 looks"),
        (lambda: boundaries("pocock", 3, 0.6), PhysicsRangeError, "below 0.5"),
        (lambda: look_fractions([0.5, 0.4, 1.0]), PhysicsRangeError, "rise from above 0"),
        (lambda: look_fractions([0.5]), PhysicsRangeError, "end at 1"),
        (lambda: boundaries("spend:obrien-fleming", [0.01, 1.0]), PhysicsRangeError, "look later"),
        (
            lambda: boundaries("spend:hwang-shih-decani", 2, parameter=float("nan")),
            PhysicsRangeError,
            "gamma is nan",
        ),
        (lambda: boundaries("spend:kim-demets", 2), PhysicsRangeError, "rho is 0"),
        (lambda: boundaries("pocock", 3, futility=[0.0]), DataError, "every look but the last"),
        (lambda: boundaries("pocock", 2, futility=[2.5]), DataError, "at or above"),
        (lambda: drift_for_power(boundaries("pocock", 2), 0.02), PhysicsRangeError, "not above"),
        (lambda: root(lambda x: x**2 + 1, -1.0, 1.0), ConvergenceError, "no zero between"),
    ],
)
def test_refuses_with_a_reason(call, error, said):
    with pytest.raises(error, match=said):
        call()
