"""Tumors that grow and are killed, each claim against something outside the code."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError, KindError, PhysicsRangeError
from pdcraft.physics.tumor_growth import exponential_linear_per_d
from pdcraft.response.concentration import ConcentrationTag, DrugExposure
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.response.tumor_curve import TumorCurve
from pdcraft.response.tumor_growth import DrugKill, TumorCells, TumorGrowth, grow
from pdcraft.response.tumor_simeoni import paclitaxel_a2780, simeoni

TAG = paclitaxel_a2780().tag


def reference(start):
    path = files("pdcraft.validate").joinpath("cases", "response", "simeoni_paclitaxel_lsoda.csv")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    rows = [r for r in rows if r["C0_ng_mL"] == start]
    columns = {k: np.array([float(r[k]) for r in rows]) for k in ("time_d", "w_g")}
    parts = np.array([[float(r[f"x{i}"]) for r in rows] for i in (1, 2, 3, 4)])
    exposure = DrugExposure.bolus(
        TAG,
        float(start),
        float(rows[0]["ke_per_d"]) / 24.0,
        [24.0 * float(d) for d in rows[0]["dose_days"].split(";")],
    )
    return columns["time_d"], columns["w_g"], parts, exposure


@pytest.mark.parametrize("start", ["0", "5000", "20000"])
def test_simeoni_gives_the_curve_of_another_integrator(start):
    time_d, want, parts, exposure = reference(start)
    curve = simeoni(paclitaxel_a2780(), exposure, time_d)
    # both integrators keep errors near 1e-9; the issue asks for 1e-5
    np.testing.assert_allclose(curve.mass_g, want, rtol=1e-7, atol=0)
    # parts fall by six decades: an absolute scale of 1e-8 g beside a tumor of grams
    np.testing.assert_allclose(curve.parts_g, parts, rtol=1e-6, atol=1e-8)


def test_fixed_steps_for_many_agree():
    time_d, want, _, exposure = reference("5000")
    one = paclitaxel_a2780(np.full((40, 2), 0.055))
    curve = simeoni(one, exposure, time_d)
    assert curve.mass_g.shape == (40, 2, time_d.size)
    # steps of 0.25 over the fastest rate: order four
    np.testing.assert_allclose(curve.mass_g[7, 1], want, rtol=1e-5, atol=0)


def test_growth_is_exponential_then_linear():
    small = exponential_linear_per_d(1e-6, 0.3, 0.8, 20.0)
    assert small == pytest.approx(0.3, rel=1e-12, abs=0)
    large = exponential_linear_per_d(1e30, 0.3, 0.8, 20.0) * 1e30
    assert large == pytest.approx(0.8, rel=1e-12, abs=0)
    # at the change both meet: lambda0 / 2^(1/psi)
    middle = exponential_linear_per_d(0.8 / 0.3, 0.3, 0.8, 20.0)
    assert middle == pytest.approx(0.3 * 2 ** (-1 / 20), rel=1e-12, abs=0)
    assert exponential_linear_per_d(1e9, 0.3, np.inf, 20.0) == 0.3


def survival_by_hand(alpha, ratio, half_life_h, amplitude, rate, at_h, end_h):
    """Linear-quadratic survival from a double integral on a fine grid, another route than q(t)."""
    step = 0.004
    t = np.arange(0.0, end_h + step, step)
    dose_rate = sum(np.where(t >= s, amplitude * np.exp(-rate * (t - s)), 0.0) for s in at_h)
    mu = np.log(2) / half_life_h
    # recursion of the convolution with exp(-mu t), trapezoids
    waiting = np.zeros_like(t)
    for i in range(1, t.size):
        inflow = 0.5 * step * (dose_rate[i - 1] * np.exp(-mu * step) + dose_rate[i])
        waiting[i] = waiting[i - 1] * np.exp(-mu * step) + inflow
    dose = np.trapezoid(dose_rate, t)
    double = 2 * np.trapezoid(dose_rate * waiting, t)
    return np.exp(-alpha * dose - alpha / ratio * double)


def test_kill_by_dose_rate_is_the_linear_quadratic_effect():
    alpha, ratio, repair_h = 0.2, 3.0, 5.0
    rate = DoseRate.of_terms(0.5, 0.05, [0.0, 48.0])
    cells = TumorCells(sensitivity=Sensitivity.of(alpha, ratio, Repair.of(repair_h)))
    curve = grow(TumorGrowth.of(1.0, 0.0), [cells], [0.0, 5.0, 20.0], dose_rate=rate)
    want = survival_by_hand(alpha, ratio, repair_h, 0.5, 0.05, (0.0, 48.0), 480.0)
    # trapezoids across the jump: half a step, 0.001 Gy where a Gy more kills by a factor exp(0.7)
    assert curve.part_g("bulk")[-1] == pytest.approx(want, rel=1e-3, abs=0)
    # closed form for one dose: G = mu/(mu + lambda) ... here by the known factor
    one = DoseRate.of_terms(0.5, 0.05)
    curve = grow(TumorGrowth.of(1.0, 0.0), [cells], [0.0, 40.0], dose_rate=one)
    mu, dose = np.log(2) / repair_h, 10.0
    effect = alpha * dose + alpha / ratio * dose**2 * 0.05 / (0.05 + mu)
    # to day 40 all but exp(-48) is given; the integrator keeps 1e-9
    assert curve.part_g("bulk")[-1] == pytest.approx(np.exp(-effect), rel=1e-6, abs=0)


def test_two_repair_components_share_the_damage():
    one = DoseRate.of_terms(0.5, 0.05)
    both = Sensitivity.of(0.2, 3.0, Repair.of(0.5, 5.0, share=0.3))
    curve = grow(
        TumorGrowth.of(1.0, 0.0), [TumorCells(sensitivity=both)], [0.0, 40.0], dose_rate=one
    )
    fast, slow = (0.05 / (0.05 + np.log(2) / h) for h in (0.5, 5.0))
    effect = 2.0 + 0.2 / 3.0 * 100.0 * (0.3 * fast + 0.7 * slow)
    assert curve.part_g("bulk")[-1] == pytest.approx(np.exp(-effect), rel=1e-6, abs=0)


def test_growth_kill_and_clearance_together_against_scipy():
    """The whole system with stem cells, written again for an implicit integrator."""
    l0, l1, psi, k1 = 0.25, 0.7, 4.0, 0.4
    alpha, ratio, mu = np.array([0.35, 0.08]), 10.0, np.log(2) / 1.5 * 24
    uptake, share, turns = np.array([1.0, 0.6]), np.array([0.95, 0.05]), 0.1
    amplitude, rate = 0.15, 0.01

    def by_hand(t, y):
        x, d, q = y[:2], y[2:5], y[5:]
        w = y[:5].sum()
        g = l0 / (1 + (l0 * w / l1) ** psi) ** (1 / psi)
        dose = uptake * 24 * amplitude * np.exp(-rate * 24 * t)
        k = alpha * dose * (1 + 2 * q / ratio)
        turned = turns * max(x[1] - share[1] * x.sum(), 0.0)
        dx = g * x - k * x + np.array([turned, -turned])
        dd = [(k * x).sum() - k1 * d[0], k1 * (d[0] - d[1]), k1 * (d[1] - d[2])]
        return [*dx, *dd, *(dose - mu * q)]

    times = np.linspace(0.0, 60.0, 13)
    start = [0.2 * 0.95, 0.2 * 0.05, 0, 0, 0, 0, 0]
    want = solve_ivp(by_hand, (0, 60), start, "Radau", times, rtol=1e-9, atol=1e-14).y

    def sensitive(a):
        return Sensitivity.of(a, ratio, Repair.of(1.5))

    curve = grow(
        TumorGrowth.of(0.2, l0, l1, psi, k1),
        [
            TumorCells("bulk", 0.95, sensitive(0.35)),
            TumorCells("stem", 0.05, sensitive(0.08), relative_dose=0.6, turns_per_d=turns),
        ],
        times,
        dose_rate=DoseRate.of_terms(amplitude, rate),
    )
    # Radau at 1e-9 per step over hundreds of steps
    np.testing.assert_allclose(curve.parts_g, want[:5], rtol=1e-5, atol=1e-10)
    # stem cells regrow the tumor: their share of the living is far above its first
    living = curve.part_g("bulk") + curve.part_g("stem")
    assert (curve.part_g("stem") / living).max() > 0.3


def test_drug_sensitivity_of_a_population_is_its_own():
    tag = ConcentrationTag("x", "mouse", "tumor", "unbound", "nmol/L")
    exposure = DrugExposure.bolus(tag, 10.0, 0.05)
    cells = [
        TumorCells("bulk", 0.9, drug=DrugKill(np.array(0.3), tag)),
        TumorCells("stem", 0.1, drug=DrugKill(np.array(0.03), tag)),
    ]
    curve = grow(TumorGrowth.of(1.0, 0.0), cells, [0.0, 40.0], exposure=exposure)
    area = 10.0 / 0.05 / 24.0  # concentration times days
    for name, share, slope in (("bulk", 0.9, 0.3), ("stem", 0.1, 0.03)):
        left = curve.part_g(name)[-1] / share
        assert left == pytest.approx(np.exp(-slope * area), rel=1e-6, abs=0)


def test_sampled_dose_rate_and_terms_agree():
    terms = DoseRate.of_terms(0.3, 0.02)
    hours = np.linspace(0.0, 600.0, 1001)
    sampled = DoseRate.sampled(hours, terms.at(hours))
    cells = [TumorCells(sensitivity=Sensitivity.of(0.3, 10.0, Repair.of(1.5)))]
    model, days = TumorGrowth.of(0.1, 0.2, 0.8), [0.0, 10.0, 25.0]
    a = grow(model, cells, days, dose_rate=terms).mass_g
    b = grow(model, cells, days, dose_rate=sampled, step_d=0.02).mass_g
    # linear between samples 0.6 h apart: (0.02 * 0.6)^2 / 12 of an effect of 5, twice
    np.testing.assert_allclose(b, a, rtol=2e-4, atol=0)


def test_draws_and_subjects_broadcast():
    rate = DoseRate.of_terms(np.full((3, 1, 1), 0.1), 0.01)
    alpha = np.linspace(0.1, 0.4, 4)
    cells = [TumorCells(sensitivity=Sensitivity.of(alpha, 10.0, Repair.of(1.5)))]
    curve = grow(TumorGrowth.of(0.1, 0.2), cells, [0.0, 20.0], dose_rate=rate)
    assert curve.mass_g.shape == (3, 4, 2)
    assert np.all(np.diff(curve.mass_g[0, :, 1]) < 0)  # more sensitive, smaller
    least, day = curve.nadir()
    assert least.shape == day.shape == (3, 4)


def test_days_to_an_endpoint():
    days = np.arange(0.0, 31.0)
    curve = grow(TumorGrowth.of(0.1, 0.2), [TumorCells()], days)
    # linear between whole days of exp(0.2 t): (0.2)^2/8 of a day's growth
    assert curve.days_to(1.0) == pytest.approx(np.log(10) / 0.2, rel=3e-3, abs=0)
    assert curve.days_to(100.0) == np.inf
    assert curve.days_to(0.05) == 0.0
    with pytest.raises(PhysicsRangeError, match="above 0 g"):
        curve.days_to(0.0)
    with pytest.raises(DataError, match="there are bulk, doomed 1"):
        curve.part_g("stem")


def test_an_endpoint_left_again_is_not_reached():
    # above 1 g on day 5, shrunk, above it for good from between days 30 and 40 on
    mass = np.array([0.5, 1.2, 0.3, 0.6, 1.4, 2.0])
    days = np.array([0.0, 5.0, 20.0, 30.0, 40.0, 50.0])
    curve = TumorCurve.of(days, mass[:, None, None], ("bulk",), ())
    assert curve.days_to(1.0) == pytest.approx(35.0, rel=1e-12, abs=0)
    assert curve.nadir() == (0.6, 20.0)


def test_doses_between_output_times_are_met_by_the_steps():
    parameters = paclitaxel_a2780()
    exposure = DrugExposure.bolus(TAG, 5000.0, 0.277, 24.0 * np.array([8.37, 12.61]))
    fine, coarse = (
        simeoni(parameters, exposure, [0.0, 20.0], step_d=step).mass_g[-1] for step in (0.005, 0.05)
    )
    # order four between jumps, order one across them: 1e-5 against some 5e-2
    assert coarse == pytest.approx(fine, rel=2e-5, abs=0)


def test_bad_input_is_refused():
    with pytest.raises(PhysicsRangeError, match="mass_g -1"):
        TumorGrowth.of(-1.0, 0.2)
    with pytest.raises(PhysicsRangeError, match="transit_per_d 0"):
        TumorGrowth.of(1.0, 0.2, transit_per_d=0.0)
    with pytest.raises(PhysicsRangeError, match=r"lambda0_per_d -0\.1"):
        TumorGrowth.of(1.0, -0.1)
    with pytest.raises(PhysicsRangeError, match=r"shares of the populations sum to 0\.5"):
        grow(TumorGrowth.of(1.0, 0.1), [TumorCells(share=0.5)], [0.0, 1.0])
    with pytest.raises(DataError, match="no population has a radiosensitivity"):
        grow(
            TumorGrowth.of(1.0, 0.1), [TumorCells()], [0.0, 1.0], dose_rate=DoseRate.of_terms(1, 1)
        )
    grows = Sensitivity.of(0.3, 10.0, Repair.of(1.5), doubling_time_d=4.0)
    with pytest.raises(DataError, match="leave the doubling time infinite"):
        TumorCells(sensitivity=grows)
    with pytest.raises(PhysicsRangeError, match=r"slope -0\.1"):
        DrugKill(np.array(-0.1), TAG)


def test_simeoni_refuses_another_concentration():
    human = ConcentrationTag("paclitaxel", "human", "plasma", "total", "ng/mL")
    with pytest.raises(KindError, match="species 'mouse' and 'human'"):
        simeoni(paclitaxel_a2780(), DrugExposure.bolus(human, 1.0, 1.0), [0.0, 1.0])
    with pytest.raises(DataError, match="no population has a drug's slope"):
        grow(
            TumorGrowth.of(1.0, 0.1),
            [TumorCells()],
            [0.0, 1.0],
            exposure=DrugExposure.bolus(TAG, 1.0, 1.0),
        )
