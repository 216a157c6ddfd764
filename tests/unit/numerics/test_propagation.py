"""The two routes, modes and matrix exponential, against each other and against scipy."""

import numpy as np
import pytest
from scipy import linalg

from pdcraft.numerics import modes, propagation
from pdcraft.numerics.compartments import LinearSystem
from pdcraft.numerics.expm import expm, grown
from pdcraft.numerics.propagation import Input, respond
from pdcraft.validate.compartments import body30

ALL_BY_EXPONENTIAL = 0.0


def random_rates(rng, batch, n):
    rates = rng.lognormal(-1, 1.5, (batch, n, n)) * ~np.eye(n, dtype=bool)
    out = rng.lognormal(-2, 1, (batch, 1, n))
    return rates - np.eye(n) * (rates.sum(axis=1, keepdims=True) + out)


@pytest.mark.parametrize("scale", [1e-8, 0.1, 1.0, 30.0, 1e4])
def test_exponential_is_scipys(scale):
    matrix = random_rates(np.random.default_rng(7), 4, 5) * scale
    want = linalg.expm(matrix)
    # both square up to 20 times: 2**20 x 2e-16 of the largest element (1)
    np.testing.assert_allclose(expm(matrix), want, rtol=0, atol=2.0**20 * 2.3e-16)


def test_exponential_of_nothing_and_of_a_shift():
    np.testing.assert_array_equal(expm(np.zeros((3, 3))), np.eye(3))
    shift = np.array([[0.0, 0.0], [2.0, 0.0]])
    np.testing.assert_allclose(expm(shift), [[1.0, 0.0], [2.0, 1.0]], rtol=0, atol=1e-16)


def test_exponential_meets_the_stored_body_too():
    body = body30()
    got = respond(
        body.matrix_per_h,
        [Input(body.initial, np.zeros(()))],
        body.time_h,
        condition_limit=ALL_BY_EXPONENTIAL,
    )
    assert np.max(np.abs(got - body.amount) / body.amount.max(axis=-1, keepdims=True)) < 1e-9


@pytest.mark.parametrize("integrated", [False, True])
@pytest.mark.parametrize("duration_h", [0.0, 1e-4, 3.0])
def test_both_routes_agree(integrated, duration_h):
    rng = np.random.default_rng(20261121)
    rates = random_rates(rng, 6, 4)
    entries = [
        Input(rng.uniform(0, 1, (6, 4)), rng.uniform(-1, 4, 6), duration_h),
        Input(rng.uniform(0, 1, 4), np.asarray(1.0)),
    ]
    times_h = np.array([7.0, 0.0, 1.0, 2.5, 2.5, 90.0])  # in no order, one twice
    one, other = (
        respond(rates, entries, times_h, integrated=integrated, condition_limit=limit)
        for limit in (ALL_BY_EXPONENTIAL, np.inf)
    )
    assert one[one > 0].size > 100
    np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("order", [1, 2])
def test_repeated_integrals_exist_where_matter_stays(order):
    # nothing moves: the amount grows as t**k / k!
    got = grown(np.zeros((1, 2, 2)), np.array([[3.0, 0.0]]), np.array([[0.0, 0.5, 4.0]]), order)
    want = 3.0 * np.array([0.0, 0.5, 4.0]) ** order / order
    np.testing.assert_allclose(got[0], [want, [0, 0, 0]], rtol=1e-14)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dtype", [float, complex])
def test_divided_differences_have_no_hole_at_zero(order, dtype):
    z = np.array([-40.0, -1.0, -0.51, -0.49, -1e-3, -1e-9, 0.0, 1e-9, 0.3, 0.6], dtype=dtype)
    if dtype is complex:
        z = z * np.exp(0.4j)
    # mean of exp(z s) weighted with (1-s)**(order-1), by Gauss-Legendre with 60 nodes: exact
    # but for the rounding of its 60 terms of about 1, 5e-15
    s, w = np.polynomial.legendre.leggauss(60)
    s, w = (s + 1) / 2, w / 2
    want = (w * (1 - s) ** (order - 1) * np.exp(z[:, None] * s)).sum(axis=1)
    np.testing.assert_allclose(modes.phi(order, z), want, rtol=0, atol=5e-15)


def test_newton_step_wins_back_the_slow_modes():
    # every state loses 0.01/h beside an exchange of 1.5e4/h, so the slowest eigenvalue is -0.01/h
    rng = np.random.default_rng(3)
    n = 20
    rates = rng.uniform(0.5, 1, (50, n, n)) * 1e3 * ~np.eye(n, dtype=bool)
    system = LinearSystem.from_matrix(rates - np.eye(n) * (rates.sum(axis=1, keepdims=True) + 0.01))
    found = modes.decompose(system.matrix_per_h)
    slowest = found.values_per_h.real.max(axis=1)
    plain = np.linalg.eigvals(system.matrix_per_h).real.max(axis=1)
    ours, theirs = (np.abs(v / -0.01 - 1).max() for v in (slowest, plain))
    assert ours < 1e-9  # 1.5e4/h x 2e-16 / 0.01/h = 3e-10 is lost in writing the matrix down
    assert ours < theirs


def test_a_defective_matrix_is_called_unsound():
    matrices = np.array([[[-1.0, 0.0], [1.0, -1.0]], [[-1.0, 0.0], [1.0, -2.0]]])
    assert modes.decompose(matrices).sound.tolist() == [False, True]


def test_equal_rates_without_a_transfer_stay_with_the_modes():
    assert modes.decompose(-np.eye(3)[None]).sound.tolist() == [True]


def test_chunks_leave_no_seam(monkeypatch):
    rates = random_rates(np.random.default_rng(5), 7, 3)
    rates[[1, 5]] = [[-1.0, 0.0, 0.0], [1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]  # without eigenvectors
    entry = [Input(np.array([1.0, 0.0, 0.0]), np.zeros(()))]
    whole = respond(rates, entry, np.array([0.5, 2.0]))
    monkeypatch.setattr(propagation, "CHUNK_BYTES", 1.0)  # one subject at a time
    np.testing.assert_array_equal(respond(rates, entry, np.array([0.5, 2.0])), whole)
