"""``pdcraft design 3+3|tite-boin|table``: rules, pending outcomes, a user's own table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, table
from pdcraft.cli.design_shared import (
    Asked,
    AtOption,
    CohortOption,
    CutoffOption,
    MaxNOption,
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
)

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["COMMANDS", "three_plus_three", "tite_boin", "user_table"]


def three_plus_three(
    variant: Annotated[str, typer.Option("--variant", help="simple or confirm.")] = "confirm",
    max_n: MaxNOption = 6,
    doses: Annotated[int, typer.Option("--doses", min=1)] = 6,
    target: Annotated[
        float, typer.Option("--target", help="Of --true-rate: what selections are judged by.")
    ] = 0.25,
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
    """3+3 in two variants; with --true-rate also its exact operating characteristics."""
    from pdcraft.errors import DataError
    from pdcraft.trial.three_plus_three import (
        COHORT,
        FULL,
        ThreePlusThree,
        exact,
        three_plus_three_table,
    )

    if max_n < 1:
        raise DataError(f"--max-n: {max_n} patients; give 1 or more")
    rates, state = rates_of(true_rate), state_of(treated, toxic, at)
    design = ThreePlusThree(
        doses_of(doses, rates, state),
        variant,  # pyright: ignore[reportArgumentType]  # checked there
    )
    found = exact(rates, design.variant) if rates else None
    options = {
        "variant": variant,
        "max_n": min(max_n, FULL),
        "doses": design.doses,
        "cohort": COHORT,
        "target": target if rates or scenarios else None,
    }
    extra: dict[str, Any] = {
        "exact": None
        if found is None
        else {
            "select": found.select.tolist(),
            "select_none": found.select_none,
            "mean_n": found.mean_n.tolist(),
            "mean_tox": found.mean_tox.tolist(),
        }
    }
    # it never needs more than six patients at a dose
    asked = Asked(
        "3+3", options, FULL * design.doses, COHORT, pathways, rates, trials, seed, state, scenarios
    )
    held = three_plus_three_table(max_n)
    emit_design(asked, design, held, target, extra=extra, as_json=json)


def user_table(
    file: Annotated[Path, typer.Argument(help="CSV with columns n, tox, decision (E, S, D, DU).")],
    target: TargetOption,
    doses: Annotated[int, typer.Option("--doses", min=1)] = 6,
    max_n: Annotated[
        int | None,
        typer.Option(
            "--max-n", help="Of --true-rate: patients of a trial; what the table holds.", min=1
        ),
    ] = None,
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
    """Check a decision table of your own, and run it as a design."""
    from pdcraft.io.decision_table import read_decisions
    from pdcraft.trial.table import DecisionTable
    from pdcraft.trial.table_design import TableDesign

    held = DecisionTable.from_letters(read_decisions(file), file.name)
    rates, state = rates_of(true_rate), state_of(treated, toxic, at)
    design = TableDesign("user table", doses_of(doses, rates, state), target, held)
    size = held.max_n if max_n is None else max_n
    options = {
        "file": file.name,
        "target": target,
        "max_n": size,
        "doses": design.doses,
        "cohort": cohort,
    }
    asked = Asked("table", options, size, cohort, pathways, rates, trials, seed, state, scenarios)
    emit_design(asked, design, held, target, as_json=json)


def tite_boin(
    target: TargetOption,
    max_n: MaxNOption = 12,
    cohort: CohortOption = 3,
    cutoff: CutoffOption = 0.95,
    most_pending: Annotated[
        float, typer.Option("--most-pending", help="Larger shares pending suspend accrual.")
    ] = 0.5,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """TITE-BOIN: decisions while outcomes are pending."""
    from dataclasses import asdict

    from pdcraft.errors import DataError
    from pdcraft.trial.boin import BoinRule
    from pdcraft.trial.tite_boin import TiteBoin

    if not 1 <= cohort <= max_n:
        raise DataError(f"--cohort: {cohort} patients in a table to {max_n}; give 1 to {max_n}")
    rule = BoinRule(target, cutoff=cutoff)
    design = TiteBoin(2, rule, most_pending=most_pending, max_n=max_n)
    cells = list(design.cells(max_n, cohort))
    document: dict[str, Any] = {
        "schema": "pdcraft.design-tite-boin/1",
        "design": "tite-boin",
        "options": {
            "target": target,
            "max_n": max_n,
            "cohort": cohort,
            "p_saf": rule.too_low,
            "p_tox": rule.too_high,
            "cutoff": cutoff,
            "most_pending": most_pending,
        },
        "lambda_e": rule.lambda_e,
        "lambda_d": rule.lambda_d,
        "decisions": [asdict(c) for c in cells],
    }

    def render(console: Console) -> None:
        columns = ("patients", "DLTs", "pending", "decision", "from STFT", "decision then")
        rows = [
            (c.n, c.tox, c.pending, c.at_start, c.stft, None if c.stft is None else c.at_end)
            for c in cells
        ]
        console.print(table(f"TITE-BOIN, target {target:g}", columns, rows))
        console.print("STFT: follow-up of the pending patients, summed, in assessment windows")

    emit(document, json, render)


COMMANDS: dict[str, Callable[..., None]] = {
    "3+3": three_plus_three,
    "tite-boin": tite_boin,
    "table": user_table,
}
