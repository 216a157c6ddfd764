"""Gradients of the integrals against closed forms and finite differences."""

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.compartments import LinearSystem, Transfer
from pdcraft.numerics.sensitivity import integral_gradient
from pdcraft.validate.compartments import body30

LINKS = (
    ("plasma", "liver"),
    ("liver", "plasma"),
    ("liver", None),
    ("plasma", "tumor"),
    ("tumor", "plasma"),
    ("plasma", None),
)
STATES = ("plasma", "liver", "tumor")


def system_of(rates):
    pairs = zip(LINKS, np.moveaxis(rates, -1, 0), strict=True)
    return LinearSystem.from_transfers(STATES, [Transfer(a, b, r) for (a, b), r in pairs])


def slope(function, at, step):
    """Central difference: the next term is step**2, the rounding 2e-16 / step."""
    return (function(at * (1 + step)) - function(at * (1 - step))) / (2 * at * step)


def test_one_compartment():
    plasma = LinearSystem.from_transfers(["plasma"], [Transfer("plasma", None, 0.2)])
    found = integral_gradient(plasma, {"plasma": 3.0}, decay_per_h=0.05)
    # y = x0 / (k + lambda)
    assert found.value.item() == pytest.approx(3 / 0.25, rel=1e-15, abs=0)
    assert found.per_initial.item() == pytest.approx(1 / 0.25, rel=1e-15, abs=0)
    assert found.per_rate.item() == pytest.approx(-3 / 0.25**2, rel=1e-14, abs=0)
    assert found.per_decay.item() == pytest.approx(-3 / 0.25**2, rel=1e-14, abs=0)


def test_every_derivative_is_the_finite_difference():
    rng = np.random.default_rng(20261121)
    rates = rng.lognormal(-1, 1, (2, 3, len(LINKS)))  # draw, subject
    initial = rng.uniform(0.5, 1, (3, 3))
    decay_per_h = 0.01
    found = integral_gradient(system_of(rates), initial, decay_per_h=decay_per_h)
    assert found.per_rate.shape == (2, 3, 3, len(LINKS))
    for k in range(len(LINKS)):

        def areas(rate, k=k):
            changed = rates.copy()
            changed[..., k] = rate
            return np.moveaxis(
                system_of(changed).integrals(initial, decay_per_h=decay_per_h), -1, 0
            )

        want = np.moveaxis(slope(areas, rates[..., k], 1e-5), 0, -1)
        np.testing.assert_allclose(found.per_rate[..., k], want, rtol=1e-6, atol=1e-8)
    for i in range(3):
        unit = system_of(rates).integrals(np.eye(3)[i], decay_per_h=decay_per_h)
        np.testing.assert_allclose(found.per_initial[..., i], unit, rtol=1e-12)

    def decayed(decay):
        return system_of(rates).integrals(initial, decay_per_h=decay)

    np.testing.assert_allclose(found.per_decay, slope(decayed, decay_per_h, 1e-5), rtol=1e-7)


def test_weights_are_one_adjoint_of_the_whole_jacobian():
    rng = np.random.default_rng(4)
    system = system_of(rng.lognormal(-1, 1, (5, len(LINKS))))
    weights = rng.uniform(0, 1, (2, 3))
    whole = integral_gradient(system, {"plasma": 1.0})
    found = integral_gradient(system, {"plasma": 1.0}, weights)
    np.testing.assert_allclose(found.value, whole.value @ weights.T, rtol=1e-13)
    np.testing.assert_allclose(found.per_rate, weights @ whole.per_rate, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(found.per_decay, whole.per_decay @ weights.T, rtol=1e-12)


def test_scaling_all_rates_scales_all_times_of_the_body():
    # Euler: y(c A) = y(A) / c, so the rates times their derivatives sum to minus the integral
    body = body30()
    system = LinearSystem.from_matrix(body.matrix_per_h)
    found = integral_gradient(system, body.initial)
    euler = (found.per_rate * system.rates_per_h[:, None, :]).sum(axis=-1)
    np.testing.assert_allclose(euler, -body.integral_h, rtol=1e-9)


def test_states_that_never_empty_may_not_be_weighed():
    system = LinearSystem.from_transfers(
        ["plasma", "excreta"], [Transfer("plasma", "excreta", 0.5)]
    )
    with pytest.raises(PhysicsRangeError, match="'excreta' does not empty"):
        integral_gradient(system, {"plasma": 1.0})
    with pytest.raises(PhysicsRangeError, match="'excreta'"):  # the least amount is too much
        integral_gradient(system, {"plasma": 0.0}, [[0.0, 1.0]])
    found = integral_gradient(system, {"plasma": 1.0}, [[1.0, 0.0]])
    assert found.per_rate.item() == pytest.approx(-4.0, rel=1e-14, abs=0)


def test_weights_of_the_wrong_shape_are_refused():
    with pytest.raises(DataError, match=r"weights have shape \(2,\); give \(sums, 1 states\)"):
        integral_gradient(
            LinearSystem.from_transfers(["a"], [Transfer("a", None, 1.0)]), [1.0], [1.0, 2.0]
        )
