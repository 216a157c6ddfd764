"""The dynamic bladder against differential equations, closed forms and published numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from pdcraft.dosimetry.bladder import (
    contents_activity,
    contents_tiac_h,
    contents_volume_mL,
    wall_dose_mGy_per_MBq,
)
from pdcraft.dosimetry.bladder_wall import WallS
from pdcraft.dosimetry.inflow import inflow_of_exponentials
from pdcraft.dosimetry.urine_history import modeled_urine
from pdcraft.dosimetry.voiding import Bladder, Night
from pdcraft.errors import PhysicsRangeError

LN2 = np.log(2)
F18_H, TC99M_H, I131_H = 1.8295, 6.0067, 192.56
URINE = inflow_of_exponentials([0.3, 0.4], [1.0, 20.0], "urine")
WALL = WallS(3e-5, 1e-5, 200.0, 46.0)
NIGHT = Night(starts_h=13.0, duration_h=8.0)


def by_equations(bladder, half_life_h, until_h):
    """Integrals of the activity and of the dose rate, every filling solved as an equation."""
    decay, c, r = LN2 / half_life_h, URINE.coefficients_per_h, URINE.rates_per_h
    start, volume, tiac, dose, activity = 0.0, float(bladder.initial_volume_mL), 0.0, 0.0, 0.0
    void, night = float(bladder.first_void_h), bladder.night
    while start < until_h:
        clock = (start - night.starts_h) % 24.0 if night else np.inf
        asleep = night is not None and start >= night.starts_h and clock < night.duration_h - 1e-9
        if asleep:
            void = start + night.duration_h
        elif night:
            bedtime = start + (night.starts_h - start) % 24.0
            void = min(void, bedtime)
        filling = float(bladder.filling_mL_per_h) * (night.filling_ratio if asleep else 1.0)

        def slope(t, y, start=start, volume=volume, filling=filling):
            now = volume + filling * (t - start)
            inflow = (c * np.exp(-(r + decay) * t)).sum()
            return [inflow - decay * y[0], y[0], y[0] * float(WALL.at(now)) * 3600.0]

        y = integrate.solve_ivp(slope, (start, void), [activity, 0, 0], rtol=1e-9, atol=1e-18).y
        full = volume + filling * (void - start)
        volume = float(bladder.residual_volume_mL)
        activity, tiac, dose = y[0, -1] * volume / full, tiac + y[1, -1], dose + y[2, -1]
        start, void = void, void + float(bladder.interval_h)
    return tiac, dose


@pytest.mark.parametrize("night", [None, NIGHT])
def test_all_voids_are_those_of_the_equations(night):
    # 20 half-lives: 1e-6 of the decays follow, but the urine has ended long before them
    bladder = Bladder(1.5, 3.5, 60.0, 30.0, 10.0, night)
    history = modeled_urine(bladder, URINE)
    tiac, dose = by_equations(bladder, TC99M_H, 20 * TC99M_H)
    assert contents_tiac_h(history, TC99M_H) == pytest.approx(tiac, rel=1e-7, abs=0)
    got = wall_dose_mGy_per_MBq(history, TC99M_H, WALL)
    assert got == pytest.approx(dose, rel=1e-6, abs=0)  # the quadrature in each filling


half_lives = st.floats(0.05, 500.0)


@given(half_lives, half_lives, st.floats(0.1, 12.0))
def test_equal_intervals_are_cloutiers_closed_form(physical, biological, interval):
    decay, r = LN2 / physical, LN2 / biological
    total = decay + r
    grown = -np.expm1(-decay * interval) / decay + np.expm1(-total * interval) / total
    want = 0.4 * grown / -np.expm1(-total * interval)
    bladder = Bladder(interval, interval, 60.0, 0.0)
    got = contents_tiac_h(modeled_urine(bladder, inflow_of_exponentials(0.4, biological)), physical)
    # the closed form loses eps / (r T): 500 h over 0.1 h is 7200, so 2e-12; it is squared by decay
    assert got == pytest.approx(want, rel=1e-7, abs=0)


def test_urine_that_hardly_falls_loses_no_digits():
    """A half-life of 1e10 h is a constant rate u: voids of T give u/decay (1/decay - T/(e^x - 1)).

    A plain difference of integrals would keep 6 digits.
    """
    decay, rate, interval = LN2 / TC99M_H, 0.5 * LN2 / 1e10, 3.5
    want = rate / decay * (1 / decay - interval / np.expm1(decay * interval))
    urine = inflow_of_exponentials(0.5, 1e10)
    history = modeled_urine(Bladder(interval, interval, 60.0, 0.0), urine)
    assert contents_tiac_h(history, TC99M_H) == pytest.approx(want, rel=1e-8, abs=0)


def test_published_pairs_of_a_tracer():
    """AH113804 (F-18), 6 people: bladder and voided urine together, and with voids every 3.5 h.

    Somer et al., EJNMMI Res 6 (2016), doi:10.1186/s13550-016-0239-y, table 2 (3 digits: 0.2 %
    of a ratio). Whatever the excretion, the ratio lies between that of a constant inflow and of
    one at time 0; the first subject's is that of the constant inflow.
    """
    unvoided = np.array([1.14, 1.09, 0.887, 0.913, 1.14, 1.15])
    voided = np.array([0.594, 0.615, 0.500, 0.529, 0.641, 0.652])

    def ratio(biological_h):
        urine = inflow_of_exponentials(0.9, biological_h)
        each = [
            contents_tiac_h(modeled_urine(Bladder(T, T, 60.0, 0.0), urine), F18_H)
            for T in (3.5, 1000.0)
        ]
        return float(each[0] / each[1])

    assert ratio(1e5) == pytest.approx(0.594 / 1.14, rel=5e-3, abs=0)
    assert np.all(voided / unvoided > ratio(1e5) * 0.995)
    assert np.all(voided / unvoided < ratio(1e-4))


def test_six_voids_a_day_are_icrps_twelve_per_day():
    # ICRP 130: six voids a day as first-order removal of 12 per day, a mean stay of 2 h. For slow
    # urine (1000 h) of a slow decay (I-131) the two agree up to (r + decay) T / 6 = 0.3 %
    bladder = Bladder(4.0, 4.0, 60.0, 0.0)
    urine = inflow_of_exponentials(0.5, 1000.0)
    got = contents_tiac_h(modeled_urine(bladder, urine), I131_H)
    assert got == pytest.approx(float(urine.entered_activity(LN2 / I131_H)) * 2.0, rel=4e-3, abs=0)


def test_a_bladder_never_voided_keeps_all():
    urine = inflow_of_exponentials([0.1, 0.5], [2.0, 30.0])
    never = modeled_urine(Bladder(5000.0, 5000.0, 60.0, 0.0), urine)
    decay = LN2 / TC99M_H
    want = float(urine.entered_activity(decay)) / decay
    assert contents_tiac_h(never, TC99M_H) == pytest.approx(want, rel=1e-12, abs=0)


def test_residual_is_kept_in_proportion_to_the_volume():
    # 10 of 10 + 60 mL/h x 4 h stay: activity behind a void is 1/25 of that before
    bladder = Bladder(4.0, 4.0, 60.0, 10.0, 10.0)
    history = modeled_urine(bladder, URINE)
    before, after = contents_activity(history, I131_H, [4.0 - 1e-9, 4.0])
    assert after / before == pytest.approx(1 / 25, rel=1e-7, abs=0)
    assert contents_volume_mL(history, [0.0, 4.0 - 1e-9, 4.0, 6.0]) == pytest.approx(
        [10.0, 250.0, 10.0, 130.0], rel=1e-8, abs=0
    )


@pytest.mark.parametrize("night", [None, NIGHT])
def test_curve_adds_up_to_the_coefficient(night):
    history = modeled_urine(Bladder(1.5, 3.5, 60.0, 30.0, 10.0, night), URINE)
    times = np.linspace(0.0, 120.0, 60_001)
    total = integrate.trapezoid(contents_activity(history, TC99M_H, times), times)
    # every void falls between two times: half a step of what it takes, 3e-4 of the whole
    assert contents_tiac_h(history, TC99M_H) == pytest.approx(total, rel=6e-4, abs=0)


def test_night_fills_at_half_the_rate_and_lasts():
    history = modeled_urine(Bladder(1.5, 3.5, 60.0, 30.0, 10.0, NIGHT), URINE)
    volume = contents_volume_mL(history, [13.0, 20.999999, 21.0, 24.0 + 20.999999])
    assert volume == pytest.approx([10.0, 10.0 + 30 * 8, 10.0, 10.0 + 30 * 8], rel=1e-6, abs=0)


def test_draws_are_their_own_patients():
    rng = np.random.default_rng(20261121)
    first, rate = rng.uniform(1, 3, 5), rng.uniform(40, 90, 5)
    fraction, half = rng.uniform(0.1, 0.4, (5, 2)), rng.uniform(0.5, 30, (5, 2))
    s_value = WallS(rng.uniform(1e-5, 5e-5, 5), 1e-5, 200.0, 46.0)
    together = modeled_urine(
        Bladder(first, 3.0, rate, 20.0, 5.0), inflow_of_exponentials(fraction, half)
    )
    tiac = contents_tiac_h(together, I131_H)
    dose = wall_dose_mGy_per_MBq(together, I131_H, s_value)
    curve = contents_activity(together, I131_H, [0.5, 2.0, 30.0])
    assert tiac.shape == dose.shape == (5,)
    assert curve.shape == (5, 3)
    for i in range(5):
        one = modeled_urine(
            Bladder(first[i], 3.0, rate[i], 20.0, 5.0), inflow_of_exponentials(fraction[i], half[i])
        )
        wall = WallS(s_value.electron_mGy_per_MBq_s[i], 1e-5, 200.0, 46.0)
        assert tiac[i] == pytest.approx(float(contents_tiac_h(one, I131_H)), rel=1e-12, abs=0)
        assert dose[i] == pytest.approx(
            float(wall_dose_mGy_per_MBq(one, I131_H, wall)), rel=1e-12, abs=0
        )
        assert contents_activity(one, I131_H, [0.5, 2.0, 30.0]) == pytest.approx(
            curve[i], rel=1e-12, abs=0
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first_void_h": 0.0}, "first_void_h is 0; it must be above zero"),
        ({"interval_h": -1.0}, "interval_h is -1; it must be above zero"),
        ({"filling_mL_per_h": -60.0}, "filling_mL_per_h is -60; it must be above zero"),
        ({"residual_volume_mL": -1.0}, "residual_volume_mL is -1; it must be zero or more"),
        ({"night": Night(1.0, 8.0)}, "first void at 1.5 h is after the evening's last at 1 h"),
        ({"night": NIGHT, "interval_h": [3.0, 4.0]}, "one number each"),
    ],
)
def test_schedules_that_cannot_be_are_refused(change, message):
    given_values = {
        "first_void_h": 1.5,
        "interval_h": 3.5,
        "filling_mL_per_h": 60.0,
        "initial_volume_mL": 30.0,
    }
    with pytest.raises(PhysicsRangeError, match=message):
        Bladder(**(given_values | change))


def test_a_residual_of_all_is_refused():
    with pytest.raises(PhysicsRangeError, match=r"residual volume 130 mL, but .* 120 mL at a void"):
        modeled_urine(Bladder(1.5, 3.5, 60.0, 30.0, 130.0), URINE)


def test_nights_are_shorter_than_days():
    with pytest.raises(PhysicsRangeError, match="lasts less than 24 h"):
        Night(13.0, 24.0)


def test_times_before_the_administration_are_refused():
    history = modeled_urine(Bladder(1.5, 3.5, 60.0, 30.0), URINE)
    with pytest.raises(PhysicsRangeError, match="from 0 h on"):
        contents_activity(history, I131_H, [-1.0])
