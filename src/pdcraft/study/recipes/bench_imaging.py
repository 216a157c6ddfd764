"""Uptake and contrast at imaging days, of radionuclides and dyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pdcraft.study.ledger import Ledger
from pdcraft.study.recipes.bench_member import MemberOutcome, Plan
from pdcraft.study.recipes.bench_tracer import Tracer

__all__ = ["imaging_rows"]

HOURS = 24.0


def imaging_rows(
    outcome: MemberOutcome,
    tracers: Mapping[int, Tracer],
    plan: Plan,
    imaging_h: Sequence[float],
    ledger: Ledger,
) -> None:
    """Add what images would show: tumor uptake per gram, and tumor over other tissue.

    Hours count from the group's first administration. Blood in the tumor counts with it.
    """
    if not imaging_h:
        return
    hours = np.asarray(imaging_h, dtype=float)
    blood = outcome.model.blood_mL_per_g[:, None]
    for g, found in tracers.items():
        uptake = outcome.uptake[:, g].mean(axis=-1)[:, None]
        tumor = uptake * found.concentration_per_g("tumor", hours)
        tumor = tumor + blood * found.concentration_per_g("blood", hours)
        around = found.concentration_per_g("remainder", hours)
        resected_d, first_d = plan.treatments[g].resected_d, plan.treatments[g].first_d
        for i, hour in enumerate(hours):
            if resected_d is not None and first_d + hour / HOURS >= resected_d:
                continue  # there is no tumor to be seen
            for kind, values in (
                (
                    "activity_fraction_per_g" if found.decay_per_h else "amount_fraction_per_g",
                    tumor,
                ),
                ("ratio", tumor / around),
            ):
                ledger.number(
                    "bench",
                    kind,
                    values[:, i],
                    origin="computed",
                    region=f"model:{outcome.member.name}",
                    arm=plan.treatments[g].name,
                    time_h=float(hour),
                    spread="predictive",
                    inputs={},
                    flags=("tumor over other tissue",) if kind == "ratio" else (),
                )
