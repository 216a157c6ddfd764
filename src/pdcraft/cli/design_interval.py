"""``pdcraft design boin|keyboard|mtpi2|i3+3``: interval designs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption
from pdcraft.cli.design_shared import (
    Asked,
    AtOption,
    CohortOption,
    CutoffOption,
    ExtraSafeFlag,
    MaxNOption,
    OffsetOption,
    PathwaysOption,
    RatesOption,
    ScenariosFlag,
    TargetOption,
    ToxicOption,
    TreatedOption,
    TrialsOption,
    doses_of,
    emit_design,
    rates_of,
    state_of,
    table_size,
)

if TYPE_CHECKING:
    from pdcraft.trial.table_design import ExtraSafe, TableDesign

__all__ = ["COMMANDS", "boin"]

DosesOption = Annotated[
    int, typer.Option("--doses", help="Number of doses; that of --true-rate if given.", min=1)
]
BelowOption = Annotated[
    float, typer.Option("--epsilon1", help="The interval begins so far below the target.")
]
AboveOption = Annotated[
    float, typer.Option("--epsilon2", help="The interval ends so far above the target.")
]


def _extra_safe(wanted: bool, cutoff: float, offset: float) -> ExtraSafe | None:
    from pdcraft.trial.table_design import ExtraSafe

    return ExtraSafe(cutoff, offset) if wanted else None


def boin(
    target: TargetOption,
    max_n: MaxNOption = 30,
    p_saf: Annotated[
        float | None, typer.Option("--p-saf", help="Rate that is too low; 0.6 of the target.")
    ] = None,
    p_tox: Annotated[
        float | None, typer.Option("--p-tox", help="Rate that is too high; 1.4 of the target.")
    ] = None,
    cutoff: CutoffOption = 0.95,
    extra_safe: ExtraSafeFlag = False,
    offset: OffsetOption = 0.05,
    doses: DosesOption = 6,
    cohort: CohortOption = 3,
    treated: TreatedOption = None,
    toxic: ToxicOption = None,
    at: AtOption = None,
    pathways: PathwaysOption = 0,
    true_rate: RatesOption = None,
    scenarios: ScenariosFlag = False,
    trials: TrialsOption = 10_000,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """BOIN, the Bayesian optimal interval design: boundaries and decisions."""
    from dataclasses import asdict

    from pdcraft.trial.boin import BoinRule
    from pdcraft.trial.boin import boin as make

    rule = BoinRule(target, p_saf, p_tox, cutoff)
    safe = _extra_safe(extra_safe, cutoff, offset)
    rates, state = rates_of(true_rate), state_of(treated, toxic, at)
    design = make(
        doses_of(doses, rates, state),
        target,
        p_saf=p_saf,
        p_tox=p_tox,
        cutoff=cutoff,
        extra_safe=safe,
        max_n=table_size(max_n, state, pathways, cohort),
    )
    options = {
        "target": target,
        "max_n": max_n,
        "p_saf": rule.too_low,
        "p_tox": rule.too_high,
        "cutoff": cutoff,
        "eliminate_from_n": rule.from_n,
        "extra_safe": extra_safe,
        "offset": offset if extra_safe else None,
        "doses": design.doses,
        "cohort": cohort,
    }
    extra: dict[str, Any] = {
        "lambda_e": rule.lambda_e,
        "lambda_d": rule.lambda_d,
        "table": [asdict(b) for b in design.table.to(max_n).boundaries()],
        "lowest_dose_stop": None if safe is None else _stops(safe, target, max_n),
    }
    asked = Asked("boin", options, max_n, cohort, pathways, rates, trials, seed, state, scenarios)
    emit_design(asked, design, design.table.to(max_n), target, extra=extra, as_json=json)


def _stops(safe: ExtraSafe, target: float, max_n: int) -> list[dict[str, int | None]]:
    import numpy as np

    out: list[dict[str, int | None]] = []
    for n in range(1, max_n + 1):
        stop = safe.stop(np.full(n + 1, n), np.arange(n + 1), target)
        out.append({"n": n, "stop_if_ge": int(np.argmax(stop)) if stop.any() else None})
    return out


Maker = Callable[..., "TableDesign"]


def _interval(
    name: str, summary: str, load: Callable[[], tuple[Maker, int]]
) -> Callable[..., None]:
    """Make the command of a design that takes a target and an interval around it."""

    def command(
        target: TargetOption,
        max_n: MaxNOption = 30,
        epsilon1: BelowOption = 0.05,
        epsilon2: AboveOption = 0.05,
        cutoff: CutoffOption = 0.95,
        extra_safe: ExtraSafeFlag = False,
        offset: OffsetOption = 0.05,
        doses: DosesOption = 6,
        cohort: CohortOption = 3,
        treated: TreatedOption = None,
        toxic: ToxicOption = None,
        at: AtOption = None,
        pathways: PathwaysOption = 0,
        true_rate: RatesOption = None,
        scenarios: ScenariosFlag = False,
        trials: TrialsOption = 10_000,
        json: JsonFlag = False,
        seed: SeedOption = 1,
    ) -> None:
        make, from_n = load()
        rates, state = rates_of(true_rate), state_of(treated, toxic, at)
        design = make(
            doses_of(doses, rates, state),
            target,
            below=epsilon1,
            above=epsilon2,
            cutoff=cutoff,
            extra_safe=_extra_safe(extra_safe, cutoff, offset),
            max_n=table_size(max_n, state, pathways, cohort),
        )
        options = {
            "target": target,
            "max_n": max_n,
            "epsilon1": epsilon1,
            "epsilon2": epsilon2,
            "cutoff": cutoff,
            "eliminate_from_n": from_n,
            "extra_safe": extra_safe,
            "offset": offset if extra_safe else None,
            "doses": design.doses,
            "cohort": cohort,
        }
        asked = Asked(name, options, max_n, cohort, pathways, rates, trials, seed, state, scenarios)
        emit_design(asked, design, design.table.to(max_n), target, as_json=json)

    command.__doc__ = summary
    return command


def _keyboard() -> tuple[Maker, int]:
    from pdcraft.trial.keyboard import KEYBOARD_FROM_N, keyboard

    return keyboard, KEYBOARD_FROM_N


def _mtpi2() -> tuple[Maker, int]:
    from pdcraft.trial.keyboard import MTPI2_FROM_N, mtpi2

    return mtpi2, MTPI2_FROM_N


def _i3plus3() -> tuple[Maker, int]:
    from pdcraft.trial.i3plus3 import I3PLUS3_FROM_N, i3plus3

    return i3plus3, I3PLUS3_FROM_N


COMMANDS: dict[str, Callable[..., None]] = {
    "boin": boin,
    "keyboard": _interval(
        "keyboard", "Keyboard: which of equal intervals the posterior favors.", _keyboard
    ),
    "mtpi2": _interval("mtpi2", "mTPI-2: unit probability masses of equal intervals.", _mtpi2),
    "i3+3": _interval(
        "i3+3", "i3+3: rules on the observed rate and an equivalence interval.", _i3plus3
    ),
}
