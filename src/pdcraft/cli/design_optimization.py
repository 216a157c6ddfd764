"""``pdcraft design boin12|two-doses``: response and toxicity together, and two doses compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, table
from pdcraft.cli.design_numbers import numbers
from pdcraft.cli.design_shared import CohortOption, RatesOption, TrialsOption

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["COMMANDS", "boin12", "two_doses"]


def boin12(
    tox_limit: Annotated[
        float, typer.Option("--tox-limit", help="Highest acceptable toxicity rate.")
    ],
    eff_limit: Annotated[
        float, typer.Option("--eff-limit", help="Lowest acceptable response rate.")
    ],
    neither: Annotated[
        float, typer.Option("--neither", help="Utility of neither response nor toxicity, 0 to 100.")
    ] = 40.0,
    both: Annotated[
        float, typer.Option("--both", help="Utility of response with toxicity, 0 to 100.")
    ] = 60.0,
    max_n: Annotated[int, typer.Option("--max-n", help="Patients of the table; of trials.")] = 12,
    cohort: CohortOption = 3,
    doses: Annotated[int, typer.Option("--doses", help="Number of doses.", min=1)] = 5,
    true_rate: RatesOption = None,
    true_response: Annotated[
        str | None, typer.Option("--true-response", help="With --true-rate: response rates.")
    ] = None,
    correlation: Annotated[
        float, typer.Option("--correlation", help="Of toxicity and response in a patient.")
    ] = 0.0,
    trials: TrialsOption = 10_000,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """BOIN12: dose by the trade-off of response and toxicity, with its table of scores."""
    from pdcraft.errors import DataError
    from pdcraft.trial.models.efficacy_trials import (
        efficacy_characteristics,
        run_efficacy_trials,
    )
    from pdcraft.trial.models.utility import Boin12
    from pdcraft.trial.simulate import Plan

    plan = Plan(max_n, cohort)
    toxic, response = (
        numbers("--true-rate", true_rate),
        numbers("--true-response", true_response),
    )
    if (toxic is None) != (response is None):
        raise DataError("--true-rate and --true-response go together; give both")
    design = Boin12(len(toxic) if toxic else doses, tox_limit, eff_limit, neither, both)
    found = None
    if toxic and response:
        runs = run_efficacy_trials(
            design, toxic, response, plan, trials=trials, correlation=correlation, seed=seed
        )
        found = efficacy_characteristics(runs).document()
    sums = abs(neither + both - 100) < 1e-9
    scores = design.table(tuple(range(0, max_n + 1, cohort))) if sums else None
    document: dict[str, Any] = {
        "schema": "pdcraft.design-boin12/1",
        "design": "boin12",
        "options": {
            "tox_limit": tox_limit,
            "eff_limit": eff_limit,
            "neither": neither,
            "both": both,
            "max_n": max_n,
            "cohort": cohort,
            "doses": design.doses,
            "enough": design.enough,
            "correlation": correlation,
            "seed": seed,
        },
        "lambda_e": design.rule.lambda_e,
        "lambda_d": design.rule.lambda_d,
        "benchmark": design.benchmark,
        "scores": None if scores is None else [asdict(s) for s in scores],
        "characteristics": found,
    }

    def render(console: Console) -> None:
        if scores is None:
            console.print("no table: the utilities of neither and both do not sum to 100")
        else:
            heads = ("patients", "toxicities", "responses", "P(utility > benchmark)", "score")
            rows = [
                (s.n, s.tox, s.eff, s.probability, "eliminate" if s.rank is None else s.rank)
                for s in scores
            ]
            console.print(table("BOIN12: desirability of a dose", heads, rows))
        if found is not None:
            heads = ("dose", "selected", "patients", "toxicities", "responses")
            columns = (found[k] for k in ("select", "mean_n", "mean_tox", "mean_eff"))
            lines = [(k + 1, *row) for k, row in enumerate(zip(*columns, strict=True))]
            console.print(table(f"{trials} simulated trials", heads, lines))
            console.print(f"no dose selected: {found['select_none']:.4g}")

    emit(document, json, render)


def two_doses(
    rate: Annotated[float, typer.Option("--rate", help="Response rate of the higher dose.")],
    delta: Annotated[float, typer.Option("--delta", help="Loss of response that matters.")],
    lower_wanted: Annotated[
        float, typer.Option("--lower-correct", help="P(lower selected) where both are alike.")
    ] = 0.6,
    higher_wanted: Annotated[
        float, typer.Option("--higher-correct", help="P(higher selected) where it matters.")
    ] = 0.6,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Randomized comparison of two doses: patients, and the margin for the higher one."""
    from pdcraft.trial.models.two_doses import two_dose_design

    found = two_dose_design(rate, delta, lower_wanted=lower_wanted, higher_wanted=higher_wanted)
    document: dict[str, Any] = {
        "schema": "pdcraft.design-two-doses/1",
        "design": "two-doses",
        "options": {
            "rate": rate,
            "delta": delta,
            "lower_correct": lower_wanted,
            "higher_correct": higher_wanted,
            "seed": seed,
        },
        "n_per_dose": found.n,
        "margin": found.margin,
        "lower_correct": found.lower_correct,
        "higher_correct": found.higher_correct,
    }

    def render(console: Console) -> None:
        console.print(
            f"{found.n} patients at each dose; the higher dose if it has more than {found.margin} "
            "responses more, otherwise the lower"
        )
        console.print(
            f"lower dose where both respond in {rate:g}: {found.lower_correct:.3f}; higher where "
            f"the lower responds in {rate - delta:g}: {found.higher_correct:.3f}"
        )

    emit(document, json, render)


COMMANDS: dict[str, Callable[..., None]] = {"boin12": boin12, "two-doses": two_doses}
