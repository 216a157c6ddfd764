"""Designs that a trial's file asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pdcraft.trial.design import Design as DoseDesign
from pdcraft.trial.design import TimedDesign
from pdcraft.trial.table_design import CUTOFF, ExtraSafe

if TYPE_CHECKING:
    from pdcraft.study.trial_file import Design, Trial

__all__ = ["designs_of"]


def designs_of(trial: Trial, doses: int, folder: Path) -> tuple[DoseDesign | TimedDesign, ...]:
    """Make the designs, in the file's order.

    Parameters
    ----------
    trial : Trial
    doses : int
    folder : Path
        Of the file: tables of one's own lie there.

    Raises
    ------
    DataError
        For options that the design refuses.
    """
    return tuple(_one(row, trial, doses, folder) for row in trial.design)


def _one(row: Design, trial: Trial, doses: int, folder: Path) -> DoseDesign | TimedDesign:
    target = trial.wanted_rate
    safe = _extra_safe(row)
    stated = {
        key: value
        for key, value in (
            ("p_saf", row.p_saf),
            ("p_tox", row.p_tox),
            ("below", row.epsilon1),
            ("above", row.epsilon2),
            ("cutoff", row.cutoff),
        )
        if value is not None
    }
    most = max(trial.max_n, 6)
    if row.method == "3+3":
        from pdcraft.trial.three_plus_three import ThreePlusThree

        return ThreePlusThree(doses, row.variant or "confirm")
    if row.method == "boin":
        from pdcraft.trial.boin import boin

        return boin(doses, target, extra_safe=safe, max_n=most, **stated)
    if row.method == "tite-boin":
        from pdcraft.trial.boin import BoinRule
        from pdcraft.trial.tite_boin import TiteBoin

        rule = BoinRule(target, row.p_saf, row.p_tox, row.cutoff or CUTOFF)
        return TiteBoin(doses, rule, safe, max_n=most)
    if row.method == "crm":
        return _crm(row, doses, target)
    if row.method == "table":
        from pdcraft.io.decision_table import read_decisions
        from pdcraft.trial.table import DecisionTable
        from pdcraft.trial.table_design import TableDesign

        path = folder / str(row.table)
        made = DecisionTable.from_letters(read_decisions(path), path.name)
        return TableDesign(path.name, doses, target, made, safe)
    from pdcraft.trial.i3plus3 import i3plus3
    from pdcraft.trial.keyboard import keyboard, mtpi2

    make = {"keyboard": keyboard, "mtpi2": mtpi2, "i3+3": i3plus3}[row.method]
    return make(doses, target, extra_safe=safe, max_n=most, **stated)


def _crm(row: Design, doses: int, target: float) -> DoseDesign:
    import numpy as np

    from pdcraft.trial.models.crm_design import CrmDesign
    from pdcraft.trial.models.curves import Curve
    from pdcraft.trial.models.skeleton import indifference_skeleton

    if row.skeleton is not None:
        return CrmDesign(Curve(np.array(row.skeleton)), target)
    assert row.halfwidth is not None  # asked when the file was read
    assert row.prior_mtd is not None
    return CrmDesign(
        Curve(indifference_skeleton(row.halfwidth, target, row.prior_mtd, doses)), target
    )


def _extra_safe(row: Design) -> ExtraSafe | None:
    return ExtraSafe(row.cutoff or CUTOFF) if row.extra_safe else None
