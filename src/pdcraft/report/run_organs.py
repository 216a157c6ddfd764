"""The body of a study in its report: doses of the run's rows or of its organ doses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.run import Run
from pdcraft.dosimetry.marrow_fractions import marrow_method
from pdcraft.report.body_figure import OrganValues
from pdcraft.report.curves import time_activity_panels
from pdcraft.report.evidence import rows_of
from pdcraft.report.organ_figures import MarrowShares
from pdcraft.report.organ_parts import organ_values
from pdcraft.report.organ_section import organ_section
from pdcraft.report.panels import Panel
from pdcraft.report.tables import arm_order
from pdcraft.report.words import region_order

if TYPE_CHECKING:
    from pdcraft.dosimetry.marrow_dose import MarrowDose
    from pdcraft.study.result import StudyResult

__all__ = ["DOSE_RATE", "marrow_shares", "rate_arm", "rate_panels", "run_organs", "run_values"]

DOSE_RATE = "absorbed_dose_rate"


def run_values(run: Run, arm: str | None = None) -> OrganValues | None:
    """Numbers that color a body, from a run's computed rows; None without any.

    Parameters
    ----------
    run : Run
    arm : str, optional
        Absorbed doses of this arm, Gy; without it dose coefficients, mGy/MBq. Of several rows of
        one region (a prediction beside a fit) the first in the order of ids counts.
    """
    key = "absorbed_dose_coefficient" if arm is None else "absorbed_dose"
    rows = [r for r in rows_of(run, key, arms=arm is not None) if r.subject.arm == arm]
    value: dict[str, float] = {}
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for row in rows:
        region, mean = row.subject.region, row.summary["value"]
        if region is None or region in value or mean is None:
            continue
        value[region] = mean
        for limits, name in ((low, "low"), (high, "high")):
            limit = row.summary[name]
            if limit is not None:
                limits[region] = limit
    if not value:
        return None
    what = "mean absorbed dose per activity" if arm is None else f"mean absorbed dose, {arm}"
    return OrganValues(what, rows[0].quantity.unit, value, low, high)


def rate_arm(run: Run) -> str | None:
    """Arm whose dose rates are drawn: the last in the order of arms; None without arms."""
    arms = {s.subject.arm for s in run.series if s.quantity.key == DOSE_RATE}
    return max(arms, key=arm_order, default=None)


def marrow_shares(marrow: Sequence[MarrowDose], level: float) -> list[MarrowShares]:
    """Take marrow doses by several methods to what their chart shows."""
    tails = 0.5 - level / 2, 0.5 + level / 2
    out: list[MarrowShares] = []
    for one in marrow:
        low, high = np.quantile(one.mGy_per_MBq, tails)
        parts = (one.self_mGy_per_MBq, one.cross_mGy_per_MBq, one.remainder_mGy_per_MBq)
        own, cross, rest = (float(part.mean()) for part in parts)
        words = "; ".join(m.remark for m in marrow_method(one.method))
        out.append(MarrowShares(one.method, own, cross, rest, float(low), float(high), words))
    return out


def rate_panels(run: Run) -> list[Panel]:
    """Draw the dose rates of a run over time, a panel per region; of several arms the last."""
    arm = rate_arm(run)
    rates = [s for s in run.series if s.quantity.key == DOSE_RATE and s.subject.arm == arm]
    order = sorted({s.subject.region or "-" for s in rates}, key=region_order)
    return time_activity_panels(rates, (), order)


def run_organs(result: StudyResult) -> dict[str, Any] | None:
    """Make what the report shows of a study's body; None for a study without one.

    The run's rows color it; targets that are no rows take their numbers from the organ doses.
    """
    if result.body is None:
        return None
    values = run_values(result.run)
    if values is not None and result.organ_dose is not None:
        targets = organ_values(result.organ_dose)
        values = replace(
            values,
            value={**targets.value, **values.value},
            low={**targets.low, **values.low},
            high={**targets.high, **values.high},
        )
    marrow = marrow_shares(result.marrow, result.run.interval)
    found = organ_section(
        result.organ_dose, result.body, values=values, marrow=marrow, anatomy=False
    )
    return {**found, "rate_arm": rate_arm(result.run)}
