"""What the commands of ``pdcraft design`` for dose escalation share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import emit, table
from pdcraft.cli.design_numbers import numbers, whole_numbers

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.trial.design import Design
    from pdcraft.trial.pathways import Pathway
    from pdcraft.trial.table import DecisionTable

__all__ = [
    "Asked",
    "AtOption",
    "CohortOption",
    "CutoffOption",
    "ExtraSafeFlag",
    "MaxNOption",
    "OffsetOption",
    "PathwaysOption",
    "RatesOption",
    "ScenariosFlag",
    "TargetOption",
    "ToxicOption",
    "TreatedOption",
    "TrialsOption",
    "doses_of",
    "emit_design",
    "pathway_row",
    "print_characteristics",
    "rates_of",
    "simulated",
    "state_of",
    "table_size",
]

TargetOption = Annotated[float, typer.Option("--target", help="DLT rate wanted, 0 to 1.")]
MaxNOption = Annotated[int, typer.Option("--max-n", help="Most patients of the table.")]
CutoffOption = Annotated[
    float, typer.Option("--cutoff", help="P(rate > target) above which a dose is eliminated.")
]
ExtraSafeFlag = Annotated[
    bool, typer.Option("--extra-safe", help="Stricter stopping at the lowest dose.")
]
OffsetOption = Annotated[float, typer.Option("--offset", help="Of --extra-safe: off the cutoff.")]
CohortOption = Annotated[int, typer.Option("--cohort", help="Patients in a cohort.")]
PathwaysOption = Annotated[
    int, typer.Option("--pathways", help="Also every way that so many cohorts can go.", min=0)
]
RatesOption = Annotated[
    str | None,
    typer.Option(
        "--true-rate",
        help='True DLT rates by dose, "0.05 0.1 0.2 0.3": also operating characteristics.',
    ),
]
TreatedOption = Annotated[
    str | None,
    typer.Option("--treated", help='Patients at each dose so far, "3 6 0": also what is next.'),
]
ToxicOption = Annotated[
    str | None, typer.Option("--toxic", help="With --treated: those of them with a DLT.")
]
AtOption = Annotated[
    int | None,
    typer.Option("--at", help="With --treated: dose of the last cohort; the highest treated."),
]
ScenariosFlag = Annotated[
    bool,
    typer.Option("--scenarios", help="Also operating characteristics in standard scenarios."),
]
TrialsOption = Annotated[
    int, typer.Option("--trials", help="Of --true-rate, --scenarios: trials simulated.", min=1)
]


@dataclass(frozen=True, slots=True)
class State:
    """A trial under way; `at` counts from 1."""

    treated: tuple[int, ...]
    toxic: tuple[int, ...]
    at: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command was asked beside its table."""

    name: str
    options: Mapping[str, Any]
    max_n: int
    cohort: int
    pathways: int
    rates: tuple[float, ...] | None
    trials: int
    seed: int
    state: State | None = None
    scenarios: bool = False


def rates_of(text: str | None) -> tuple[float, ...] | None:
    """Read ``--true-rate``."""
    return numbers("--true-rate", text)


def state_of(treated: str | None, toxic: str | None, at: int | None) -> State | None:
    """Read a trial under way.

    Raises
    ------
    DataError
        If one of the two lists is missing, or holds what is no whole number.
    """
    if treated is None and toxic is None and at is None:
        return None
    n, tox = whole_numbers("--treated", treated), whole_numbers("--toxic", toxic)
    if n is None or tox is None:
        from pdcraft.errors import DataError

        raise DataError("--treated and --toxic belong together: counts at each dose of both")
    return State(n, tox, at)


def doses_of(doses: int, rates: tuple[float, ...] | None, state: State | None) -> int:
    """Return the number of doses: of the rates, of the trial under way, or as asked."""
    if rates:
        return len(rates)
    return len(state.treated) if state else doses


def table_size(max_n: int, state: State | None, pathways: int, cohort: int) -> int:
    """Most patients at a dose that a design is asked about, at least `max_n`."""
    held = max(state.treated, default=0) if state else 0
    return max(max_n, held + pathways * max(cohort, 0)) if max_n > 0 else max_n


def _trial(design: Design, state: State) -> dict[str, Any]:
    import math

    from pdcraft.trial.recommendation import recommend

    at = None if state.at is None else state.at - 1
    found = recommend(design, state.treated, state.toxic, at)
    return {
        "treated": list(state.treated),
        "toxic": list(state.toxic),
        "next_dose": None if found.next_dose is None else found.next_dose + 1,
        "recommended": None if found.recommended is None else found.recommended + 1,
        "observed_rate": found.observed,
        "low": found.low,
        "high": found.high,
        "isotonic_rate": found.rising,
        "isotonic_rates": [None if math.isnan(r) else float(r) for r in found.rates],
    }


def pathway_row(path: Pathway) -> dict[str, Any]:
    """Return a pathway as in the documents; doses count from 1."""
    return {
        "doses": [d + 1 for d in path.doses],
        "tox": list(path.tox),
        "next_dose": None if path.next_dose < 0 else path.next_dose + 1,
        "recommended": None if path.recommended < 0 else path.recommended + 1,
        "probability": path.probability,
    }


def simulated(design: Design, asked: Asked, target: float | None) -> dict[str, Any] | None:
    """Operating characteristics at the true rates asked for; None without them."""
    if asked.rates is None or target is None:
        return None
    from pdcraft.trial.scenarios import Scenario
    from pdcraft.trial.simulate import Plan, simulate

    found = simulate(
        design,
        Scenario.of("true rates", asked.rates),
        target,
        plan=Plan(asked.max_n, asked.cohort),
        trials=asked.trials,
        seed=asked.seed,
    )
    return found.document()


def _in_scenarios(design: Design, asked: Asked, target: float) -> list[dict[str, Any]]:
    """Operating characteristics in the standard scenarios."""
    from pdcraft.trial.scenarios import standard_scenarios
    from pdcraft.trial.simulate import Plan, simulate

    plan = Plan(asked.max_n, asked.cohort)
    held = standard_scenarios(target, design.doses)
    return [
        simulate(design, s, target, plan=plan, trials=asked.trials, seed=asked.seed).document()
        for s in held
    ]


def _words(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_words(v) for v in value)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "none" if value is None else str(value)


def emit_design(
    asked: Asked,
    design: Design,
    decisions: DecisionTable,
    target: float | None,
    *,
    extra: Mapping[str, Any] | None = None,
    as_json: bool,
) -> None:
    """Print a design that is a decision table."""
    paths: Sequence[Pathway] = ()
    if asked.pathways:
        from pdcraft.trial.pathways import pathways

        paths = pathways(design, asked.pathways, cohort=asked.cohort, true_rate=asked.rates)
    found = simulated(design, asked, target)
    trial = None if asked.state is None else _trial(design, asked.state)
    scenarios = None
    if asked.scenarios and target is not None:
        scenarios = _in_scenarios(design, asked, target)
    document: dict[str, Any] = {
        "schema": f"pdcraft.design-{asked.name}/1",
        "design": asked.name,
        "options": dict(asked.options),
        **(extra or {}),
        "decisions": [
            {"n": n, "tox": tox, "decision": letter} for n, tox, letter in decisions.cells()
        ],
        "trial": trial,
        "pathways": [pathway_row(p) for p in paths] if asked.pathways else None,
        "characteristics": found,
        "scenarios": scenarios,
    }

    def render(console: Console) -> None:
        columns = ("patients", "escalate if DLTs ≤", "de-escalate if ≥", "eliminate if ≥")
        rows = [tuple(asdict(b).values()) for b in decisions.boundaries()]
        console.print(table(f"{design.name}: decisions at a dose", columns, rows))
        if trial is not None:
            lines = [(key.replace("_", " "), _words(value)) for key, value in trial.items()]
            console.print(table("this trial", ("", "value"), lines))
        if paths:
            heads = ("DLTs in the cohorts", "at doses", "next dose", "recommended", "probability")
            lines = [
                (
                    " ".join(map(str, p.tox)),
                    " ".join(str(d + 1) for d in p.doses),
                    "stop" if p.next_dose < 0 else p.next_dose + 1,
                    "none" if p.recommended < 0 else p.recommended + 1,
                    p.probability,
                )
                for p in paths
            ]
            console.print(table("pathways", heads, lines))
        if found is not None:
            print_characteristics(console, found)
        if scenarios is not None:
            _print_scenarios(console, scenarios)

    emit(document, as_json, render)


def _print_scenarios(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    names = ("correct", "acceptable", "overdose", "select_none", "mostly_above", "total_n")
    rows = [
        (
            one["name"],
            " ".join(f"{p:.2f}" for p in one["true_rate"]),
            *(f"{one[name]:.{1 if name == 'total_n' else 3}f}" for name in names),
        )
        for one in found
    ]
    columns = ("scenario", "true rates", "correct", "fits", "over", "none", "above", "n")
    console.print(table(f"{found[0]['trials']} simulated trials each", columns, rows))
    worst = max(one["mcse"][name] for one in found for name in names[:-1])
    console.print(
        "shares of trials: recommend a dose nearest the target, within 0.05 of it, more than 0.05 "
        f"above it, none; 60% of patients above the MTD. Monte Carlo errors to {worst:.2g}"
    )


def print_characteristics(console: Console, found: Mapping[str, Any]) -> None:
    """Print operating characteristics as tables."""
    error = found["mcse"]
    columns = ("dose", "true rate", "selected", "± error", "patients", "DLTs")
    rows: list[Sequence[object]] = [
        (
            k + 1,
            rate,
            found["select"][k],
            error["select"][k],
            found["mean_n"][k],
            found["mean_tox"][k],
        )
        for k, rate in enumerate(found["true_rate"])
    ]
    rows.append(("none", None, found["select_none"], error["select_none"], None, None))
    console.print(table(f"{found['trials']} simulated trials", columns, rows))
    names = (
        "correct",
        "acceptable",
        "overdose",
        "mostly_above",
        "few_at_mtd",
        "total_n",
        "coverage",
    )
    lines = [(name.replace("_", " "), found[name], error[name]) for name in names]
    console.print(table("", ("", "value", "± error"), lines))
