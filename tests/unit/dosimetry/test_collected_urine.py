"""Bladder contents from measured collections."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.dosimetry.bladder import (
    contents_activity,
    contents_tiac_h,
    contents_volume_mL,
    wall_dose_mGy_per_MBq,
)
from pdcraft.dosimetry.bladder_wall import WallS
from pdcraft.dosimetry.inflow import inflow_of_exponentials
from pdcraft.dosimetry.urine_history import collected_urine, modeled_urine
from pdcraft.dosimetry.voiding import Bladder
from pdcraft.errors import DataError, ExtrapolationWarning, PhysicsRangeError

LN2 = np.log(2)
HALF_LIFE_H = 6.0067
TIMES = np.array([2.0, 5.0, 9.0, 16.0, 24.0])
VOIDED = np.array([0.20, 0.12, 0.06, 0.03, 0.008])
VOLUMES = np.array([180.0, 240.0, 300.0, 260.0, 350.0])
WALL = WallS(3e-5, 1e-5, 200.0, 46.0)


def test_every_void_brings_what_was_measured():
    decay = LN2 / HALF_LIFE_H
    history = collected_urine(
        TIMES,
        VOIDED,
        half_life_h=HALF_LIFE_H,
        decay_corrected=True,
        voided_volume_mL=VOLUMES,
        initial_volume_mL=40.0,
        residual_volume_mL=20.0,
    )
    before = contents_activity(history, HALF_LIFE_H, TIMES - 1e-9)
    after = contents_activity(history, HALF_LIFE_H, TIMES)
    after[-1] = before[-1] * 20 / 370  # the last leg has no successor
    assert (before - after) * np.exp(decay * TIMES) == pytest.approx(VOIDED, rel=1e-6, abs=0)
    assert contents_volume_mL(history, [0.0, 1.999999999]) == pytest.approx(
        [40, 200], rel=1e-8, abs=0
    )


def test_coefficient_is_the_integral_of_a_constant_inflow():
    history = collected_urine(TIMES, VOIDED, half_life_h=HALF_LIFE_H, decay_corrected=True)
    decay, want = LN2 / HALF_LIFE_H, 0.0
    for i, (end, fraction) in enumerate(zip(TIMES, VOIDED, strict=True)):
        start = TIMES[i - 1] if i else 0.0

        def held(t, start=start, rate=fraction / (end - start)):
            return rate * (t - start) * np.exp(-decay * t)

        want += integrate.quad(held, start, end, epsabs=0, epsrel=1e-12)[0]
    assert contents_tiac_h(history, HALF_LIFE_H) == pytest.approx(want, rel=1e-12, abs=0)


def test_decay_correction_is_undone_once():
    decayed = VOIDED * np.exp(-LN2 / HALF_LIFE_H * TIMES)
    each = [
        contents_tiac_h(
            collected_urine(TIMES, x, half_life_h=HALF_LIFE_H, decay_corrected=corrected),
            HALF_LIFE_H,
        )
        for x, corrected in ((VOIDED, True), (decayed, False))
    ]
    assert each[0] == pytest.approx(float(each[1]), rel=1e-12, abs=0)


def test_collections_of_a_model_give_back_the_model():
    """Voids every half hour of exponential urine: a constant rate between them is 0.1 % off."""
    urine = inflow_of_exponentials([0.2, 0.3], [2.0, 12.0])
    times = np.arange(0.5, 60.01, 0.5)
    cumulative = 0.2 * -np.expm1(-LN2 / 2 * times) + 0.3 * -np.expm1(-LN2 / 12 * times)
    voided = np.diff(cumulative, prepend=0.0)
    want = modeled_urine(Bladder(0.5, 0.5, 60.0, 0.0), urine)
    got = collected_urine(
        times,
        voided,
        half_life_h=HALF_LIFE_H,
        decay_corrected=True,
        voided_volume_mL=np.full(times.size, 30.0),
    )
    tiac = float(contents_tiac_h(want, HALF_LIFE_H))
    # first order: r T / 6 of the fast part, 3 % at first and 1 % in the slow one's voids
    assert contents_tiac_h(got, HALF_LIFE_H) == pytest.approx(tiac, rel=0.03, abs=0)
    dose = float(wall_dose_mGy_per_MBq(want, HALF_LIFE_H, WALL))
    assert wall_dose_mGy_per_MBq(got, HALF_LIFE_H, WALL) == pytest.approx(dose, rel=0.03, abs=0)


def test_tail_goes_on_after_the_last_collection():
    tail = inflow_of_exponentials(0.1, 30.0)
    without = collected_urine(TIMES, VOIDED, half_life_h=HALF_LIFE_H, decay_corrected=True)
    with_tail = collected_urine(
        TIMES,
        VOIDED,
        half_life_h=HALF_LIFE_H,
        decay_corrected=True,
        tail=tail,
        tail_interval_h=4.0,
    )
    more = modeled_urine(Bladder(4.0, 4.0, 60.0, 0.0), tail)
    left = np.exp(-LN2 / HALF_LIFE_H * 24.0)
    want = contents_tiac_h(without, HALF_LIFE_H) + left * contents_tiac_h(more, HALF_LIFE_H)
    assert contents_tiac_h(with_tail, HALF_LIFE_H) == pytest.approx(float(want), rel=1e-12, abs=0)


def test_collections_that_end_too_early_say_so():
    with pytest.warns(ExtrapolationWarning, match="ends at 5 h: .* would still follow"):
        collected_urine(TIMES[:2], VOIDED[:2], half_life_h=192.0, decay_corrected=True)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"void_times_h": TIMES[::-1]}, DataError, "must increase from above 0 h"),
        ({"void_times_h": TIMES - 2.0}, DataError, "must increase from above 0 h"),
        ({"voided": VOIDED[:3]}, DataError, "5 void times"),
        ({"voided": -VOIDED}, PhysicsRangeError, "zero or more"),
        ({"voided": 100 * VOIDED}, PhysicsRangeError, "percent, cumulative"),
        ({"voided_volume_mL": VOLUMES[:2]}, DataError, "as many voided volumes"),
        ({"residual_volume_mL": 20.0, "voided_volume_mL": None}, DataError, "voided_volume_mL"),
        ({"initial_volume_mL": 500.0}, PhysicsRangeError, "initial volume 500 mL"),
        (
            {"residual_volume_mL": 300.0, "voided": [0.5, 1e-6, 1e-6, 1e-6, 1e-6]},
            PhysicsRangeError,
            "void at 5 h holds less than the residual",
        ),
    ],
)
def test_collections_that_cannot_be_are_refused(change, error, message):
    given = {
        "void_times_h": TIMES,
        "voided": VOIDED,
        "half_life_h": HALF_LIFE_H,
        "decay_corrected": True,
        "voided_volume_mL": VOLUMES,
    }
    with pytest.raises(error, match=message):
        collected_urine(**(given | change))


def test_wall_dose_needs_volumes():
    history = collected_urine(TIMES, VOIDED, half_life_h=HALF_LIFE_H, decay_corrected=True)
    with pytest.raises(DataError, match="give voided_volume_mL"):
        wall_dose_mGy_per_MBq(history, HALF_LIFE_H, WALL)
    with pytest.raises(DataError, match="give voided_volume_mL"):
        contents_volume_mL(history, [1.0])
