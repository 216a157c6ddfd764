"""Disease of patients and what shows it, against integrators and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.patient_burden import (
    diameter,
    effect_of_dose_rate,
    killed,
    living,
    protein,
)
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.response.tumor_growth import TumorCells, TumorGrowth, grow


def test_living_killed_and_protein_solve_their_equations():
    growth, kill, rate, clear, k = 0.01, 0.3, 0.1, 0.05, np.log(2) / 20

    def by_hand(t, y):
        loss = kill * np.exp(-rate * t)
        return [growth * y[0] - loss * y[0], loss * y[0] - clear * y[1], k * (y[0] - y[2])]

    days = np.linspace(0.0, 120.0, 481)
    want = solve_ivp(by_hand, (0, 120), [1.0, 0.0, 1.0], "DOP853", days, rtol=1e-10, atol=1e-13).y
    effect = kill / rate * -np.expm1(-rate * days)
    alive = living(days, effect, growth)
    np.testing.assert_allclose(alive, want[0], rtol=1e-8, atol=0)
    # second order in steps of 0.25 d: (0.25 * 0.3)^2 / 12 = 5e-4 at worst
    np.testing.assert_allclose(killed(days, effect, growth, clear), want[1], rtol=5e-4, atol=1e-6)
    np.testing.assert_allclose(protein(days, alive, 1.0, 20.0), want[2], rtol=5e-4, atol=0)


def test_same_cells_as_the_tumor_model_without_saturation():
    """The patient's closed form against the differential equations of xenografts."""
    rate = DoseRate.of_terms(0.05, 0.005, [0.0, 168.0])
    days = np.linspace(0.0, 60.0, 61)
    alpha, ratio, half_life_h = 0.3, 10.0, 1.5
    effect = effect_of_dose_rate(rate, alpha, days)
    mu, total = np.log(2) / half_life_h, float(rate.total_Gy)
    cells = TumorCells(sensitivity=Sensitivity.of(alpha, ratio, Repair.of(half_life_h)))
    curve = grow(TumorGrowth.of(1.0, 0.02), [cells], days, dose_rate=rate)
    without = living(days, effect, 0.02)
    # the quadratic part is neglected there: a few percent of an effect of 6
    assert np.all(curve.part_g("bulk")[1:] < without[1:])
    # with its share both agree at the end: 1.7e-3 of the second dose is not given yet, which
    # shifts the quadratic effect of some 0.1 by as much
    starts = (0.0, 168.0)
    double = 2 * 0.05**2 * sum(overlap(a, b, 0.005, mu) for a in starts for b in starts)
    full = living(days, effect_of_dose_rate(rate, alpha, days, double / ratio / total), 0.02)
    assert curve.part_g("bulk")[-1] == pytest.approx(full[-1], rel=3e-4, abs=0)


def overlap(a, b, r, mu):
    """Integral of exp(-r(t-a)) times the waiting dose of a unit term begun at b, by hand."""
    if b > a:
        return np.exp(-r * (b - a)) / (2 * r * (r + mu))
    return (np.exp(-r * (a - b)) / (2 * r) - np.exp(-mu * (a - b)) / (r + mu)) / (mu - r)


def test_an_effect_beyond_all_numbers_leaves_the_killed():
    # exp(-2000) is no number: nothing is left alive, what was there is cleared from day 1 on
    days, effect = np.array([0.0, 2.0, 12.0]), np.array([0.0, 2000.0, 4000.0])
    assert living(days, effect, 0.1)[1:].tolist() == [0.0, 0.0]
    want = np.exp(0.1) * np.exp(-0.05 * np.array([1.0, 11.0]))
    assert killed(days, effect, 0.1, 0.05)[1:] == pytest.approx(want, rel=1e-12, abs=0)


def test_protein_falls_with_its_half_life_when_no_cell_is_left():
    days = np.array([0.0, 1e-6, 20.0, 40.0])
    alive = np.array([1.0, 0.0, 0.0, 0.0])
    # the first step is a millionth of a day: 5e-8 of the protein
    assert protein(days, alive, 30.0, 20.0)[[2, 3]] == pytest.approx([15.0, 7.5], rel=1e-6, abs=0)


def test_protein_is_exact_for_cells_that_fall_linearly():
    # M = 1 - t/T + (1 - exp(-kt))/(kT), by hand, in steps of any length
    k, whole = np.log(2) / 20, 50.0
    days = np.array([0.0, 30.0, 35.0])
    want = 1 - days / whole - np.expm1(-k * days) / (k * whole)
    assert protein(days, 1 - days / whole, 1.0, 20.0) == pytest.approx(want, rel=1e-12, abs=0)


def test_diameter_is_the_cube_root():
    assert diameter([1.0, 0.343, 8.0], 30.0) == pytest.approx([30.0, 21.0, 60.0], rel=1e-12, abs=0)


def test_refusals():
    with pytest.raises(PhysicsRangeError, match="never falls with time"):
        living([0.0, 1.0], [1.0, 0.5], 0.1)
    with pytest.raises(PhysicsRangeError, match="never falls with time"):
        living([0.0, 1.0], [-1.0, 0.5], 0.1)
    with pytest.raises(PhysicsRangeError, match="times increase"):
        living([1.0, 0.0], [0.0, 0.5], 0.1)
    with pytest.raises(PhysicsRangeError, match="clearance 0 per d"):
        killed([0.0, 1.0], [0.0, 0.5], 0.1, 0.0)
    with pytest.raises(PhysicsRangeError, match="half-life -1 d"):
        protein([0.0, 1.0], np.ones(2), 1.0, -1.0)
    with pytest.raises(PhysicsRangeError, match="radiosensitivity, 1/Gy: -0\\.1"):
        effect_of_dose_rate(DoseRate.of_terms(1.0, 1.0), -0.1, [0.0, 1.0])
