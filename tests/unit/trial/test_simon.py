"""Simon's designs: against a search over everything; rules whose chances can be written down."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pdcraft.errors import ConvergenceError, PhysicsRangeError
from pdcraft.trial.phase2.simon import TwoStage, simon_designs


@pytest.mark.slow
@pytest.mark.parametrize("asked", [(0.1, 0.5, 0.1, 0.2), (0.3, 0.7, 0.1, 0.1)])
def test_search_against_every_design(asked):
    found = simon_designs(*asked)
    assert found.optimal.n < 20  # else the list is not long enough
    all_designs = [d for d in everything(*asked, 20)]
    best = min(all_designs)
    assert found.optimal == TwoStage(best[2], best[3], best[4], best[1])
    least = min(d[1] for d in all_designs)
    best = min(d for d in all_designs if d[1] == least)
    assert found.minimax == TwoStage(best[2], best[3], best[4], best[1])


def everything(p0, p1, alpha, beta, most):
    """Expected size, n, r1, n1, r of every design that keeps both errors."""
    for n in range(2, most + 1):
        for n1 in range(1, n):
            for r1 in range(n1):
                x1 = np.arange(r1 + 1, n1 + 1)
                for r in range(r1, n):
                    error, power = (
                        (stats.binom.pmf(x1, n1, p) * stats.binom.sf(r - x1, n - n1, p)).sum()
                        for p in (p0, p1)
                    )
                    if error <= alpha and power >= 1 - beta:
                        yield n1 + stats.binom.sf(r1, n1, p0) * (n - n1), n, r1, n1, r


def test_published_designs():
    # Simon 1989, tables 1 and 2: p0 0.10, p1 0.30 and p0 0.20, p1 0.40, errors 0.05 and 0.20
    assert simon_designs(0.1, 0.3, 0.05, 0.2).optimal == TwoStage(1, 10, 5, 29)
    assert simon_designs(0.1, 0.3, 0.05, 0.2).minimax == TwoStage(1, 15, 5, 25)
    assert simon_designs(0.2, 0.4, 0.05, 0.2).optimal == TwoStage(3, 13, 12, 43)
    assert simon_designs(0.2, 0.4, 0.05, 0.2).minimax == TwoStage(4, 18, 10, 33)


@given(st.integers(2, 12), st.integers(1, 12), st.floats(0.01, 0.99), st.data())
def test_chances_of_a_rule_are_a_sum_over_both_stages(n1, n2, rate, data):
    r1 = data.draw(st.integers(0, n1 - 1))
    r = data.draw(st.integers(r1, n1 + n2 - 1))
    rule = TwoStage(r1, n1, r, n1 + n2)
    goes_on = rejects = 0.0
    for a, b in product(range(n1 + 1), range(n2 + 1)):
        chance = stats.binom.pmf(a, n1, rate) * stats.binom.pmf(b, n2, rate)
        goes_on += chance * (a > r1)
        rejects += chance * (a > r1 and a + b > r)
    # sums of at most 169 rounded products
    assert rule.rejects(rate) == pytest.approx(rejects, rel=1e-10, abs=1e-14)
    assert 1 - rule.PET(rate) == pytest.approx(goes_on, rel=1e-10, abs=1e-14)
    assert rule.EN(rate) == pytest.approx(n1 + n2 * goes_on, rel=1e-12, abs=0)


@pytest.mark.parametrize("asked", [(0.3, 0.5, 0.1, 0.1), (0.2, 0.35, 0.05, 0.2)])
def test_admissible_designs_lie_between_and_bend(asked):
    """The second has a design, of 57 patients, that is best of its n but in nobody's weighting."""
    p0, p1, alpha, beta = asked
    found = simon_designs(*asked)
    kept = found.admissible
    assert kept[0] == found.minimax
    assert kept[-1] == found.optimal
    sizes = [d.EN(p0) for d in kept]
    slopes = np.diff(sizes) / np.diff([d.n for d in kept])
    assert (slopes < 0).all()
    assert (np.diff(slopes) > 0).all()
    assert all(d.rejects(p0) <= alpha and d.rejects(p1) >= 1 - beta for d in kept)
    assert 57 not in [d.n for d in kept]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((0.3, 0.1, 0.05, 0.2), "p1 is the higher rate"),
        ((0.0, 0.1, 0.05, 0.2), "p0 is 0; it must lie"),
        ((0.1, 0.3, 1.0, 0.2), "alpha is 1"),
        ((0.1, 0.3, 0.6, 0.5), "a coin does as well"),
    ],
)
def test_refuses_with_a_reason(asked, said):
    with pytest.raises(PhysicsRangeError, match=said):
        simon_designs(*asked)


def test_gives_up_with_a_way_out():
    with pytest.raises(ConvergenceError, match="take rates further apart"):
        simon_designs(0.1, 0.12, 0.05, 0.2, largest_n=40)


@pytest.mark.parametrize("rule", [(3, 3, 5, 9), (0, 5, 6, 5), (4, 9, 3, 20), (-1, 5, 6, 9)])
def test_no_such_rule(rule):
    with pytest.raises(PhysicsRangeError, match="needs 0 <= r1"):
        TwoStage(*rule)
