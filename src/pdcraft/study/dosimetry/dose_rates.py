"""Dose rates of each arm against time, as series: what a region gets from all sources at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Assumption
from pdcraft.study.activity import activities_MBq

if TYPE_CHECKING:
    from pdcraft.study.dosimetry.organ_doses import Organs
    from pdcraft.study.kinetics.curves import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import Administration

__all__ = ["dose_rate_series"]

POINTS = 60
EARLIEST_h = 0.1
GRAY_PER_mGy = 1e-3


def dose_rate_series(
    organs: Organs,
    curves: Curves,
    regions: Sequence[str],
    arms: Mapping[str | None, Sequence[Administration]],
    ledger: Ledger,
) -> None:
    """Add the dose rate of every arm in the regions that have a curve, red marrow and lesions.

    Masses are those of the table, so that a rate's integral is the dose at these masses.
    """
    shown = [r for r in regions if r in curves.tiac or r == "red_marrow"]
    if not shown:
        return
    ledger.assume(
        Assumption(
            "dosimetry.dose_rate",
            "Dose rates are of masses as the body has them, without their spread; an infusion "
            "counts as a bolus at its start, and contents of bladder and intestine as if they "
            "flowed through evenly, without single voids.",
            "masses fixed",
        )
    )
    known: dict[bytes, Floats] = {}

    def rates(since_h: Floats) -> Floats:
        key = since_h.tobytes()  # arms that differ in activity alone share all else
        if key not in known:
            known[key] = organs.rates_mGy_per_MBq_h(curves, shown, since_h)
        return known[key]

    for arm, administrations in arms.items():
        starts, given = activities_MBq(administrations, organs.study.host)
        times = _times(curves.measured_to_h, starts)
        total = np.zeros((organs.study.draws, len(shown), times.size))
        for start, activity in zip(starts, given, strict=True):
            after = times >= start
            total[..., after] += GRAY_PER_mGy * activity * rates(times[after] - start)
        for i, region in enumerate(shown):
            ledger.curve(
                "dosimetry", "absorbed_dose_rate", times, total[:, i], region=region, arm=arm
            )


def _times(to_h: float, starts_h: Sequence[float]) -> Floats:
    """Hours that are dense after every administration, to the end of the measurements."""
    one = np.concatenate([[0.0], np.geomspace(min(EARLIEST_h, to_h / 1000), to_h, POINTS)])
    return np.unique(np.concatenate([start + one for start in sorted(set(starts_h))]))
