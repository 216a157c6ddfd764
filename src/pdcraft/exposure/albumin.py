r"""Albumin-bound paclitaxel in man: total drug in plasma, as published.

.. math::
    V_1 \dot C_1 &= R - \frac{V_{el} C_1}{K_{el} + C_1} - Q (C_1 - C_3)
        - \Bigl(\frac{V_t C_1}{K_t + C_1} - \frac{V_t C_2}{K_t + C_2}\Bigr),

with a large volume that fills by saturable distribution and a small one that fills in proportion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.ode import rk4

__all__ = ["AlbuminCourse", "albumin_bound"]

STEP_h = 0.05  # the fastest rate is some 16 per h: 0.8 of it, within 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class AlbuminCourse:
    """Total paclitaxel in plasma, shape (doses, times), and its integral to the last time."""

    times_h: Floats
    total_ng_per_mL: Floats
    auc_ng_h_per_mL: Floats
    cmax_ng_per_mL: Floats


def albumin_bound(
    dose_mg_per_m2: ArrayLike, duration_h: float, times_h: ArrayLike
) -> AlbuminCourse:
    """Follow one infusion in the typical patient.

    Parameters
    ----------
    dose_mg_per_m2 : array_like, shape (doses,)
        Zero or more.
    duration_h : float
        Above zero.
    times_h : array_like, shape (times,)
        Increasing, from 0.
    """
    row = load_toml("exposure", "paclitaxel.toml")["albumin_bound"]
    dose = np.atleast_1d(frozen(dose_mg_per_m2, "dose (mg/m2)"))
    if np.any(dose < 0) or not duration_h > 0:
        raise PhysicsRangeError(
            f"albumin-bound paclitaxel: dose {dose.min():g} mg/m2 over {duration_h:g} h; a dose is "
            "zero or more, an infusion longer than 0 h"
        )
    rate_ug_per_h = dose * row["body_surface_m2"] * 1000.0 / duration_h
    v1, v2, v3 = row["volume_L"], row["saturable_volume_L"], row["linear_volume_L"]
    most_t, half_t = row["largest_distribution_ug_per_h"], row["half_distribution_ug_per_L"]
    most_e, half_e = row["largest_elimination_ug_per_h"], row["half_elimination_ug_per_L"]
    exchange = row["exchange_L_per_h"]

    def rates(time_h: float, state: Floats, out: Floats) -> None:
        c1, c2, c3 = state[0] / v1, state[1] / v2, state[2] / v3
        there = most_t * (c1 / (half_t + c1) - c2 / (half_t + c2))
        aside = exchange * (c1 - c3)
        out[0] = (rate_ug_per_h if time_h < duration_h else 0.0) - there - aside
        out[0] -= most_e * c1 / (half_e + c1)
        out[1], out[2], out[3] = there, aside, c1

    times = frozen(times_h, "times (h)")
    found = rk4(rates, np.zeros((4, dose.size)), times, step=STEP_h, breaks=[duration_h])
    total = found[:, 0].T / v1  # ug/L is ng/mL
    return AlbuminCourse(times, total, found[-1, 3], total.max(axis=-1))
