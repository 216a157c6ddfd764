"""``pdcraft design group-sequential``: a randomized trial of progression-free survival."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit, finite, progress, table
from pdcraft.cli.design_numbers import numbers, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pdcraft.trial.survival.boundaries import Boundaries
    from pdcraft.trial.survival.hazard import Hazard

__all__ = ["group_sequential"]

KIND_HELP = (
    "obrien-fleming, pocock, haybittle-peto, or spend: and obrien-fleming, pocock, "
    "hwang-shih-decani, kim-demets."
)


def group_sequential(
    hazard_ratio: Annotated[
        float, typer.Option("--hazard-ratio", help="Of the experimental arm, below 1.")
    ],
    control_median: Annotated[
        float, typer.Option("--control-median", help="Median of the control arm, months.")
    ],
    looks: Annotated[
        str, typer.Option("--looks", help='Number of looks, or fractions, "0.5 0.75 1".')
    ] = "3",
    kind: Annotated[str, typer.Option("--kind", help=KIND_HELP)] = "spend:obrien-fleming",
    parameter: Annotated[
        float, typer.Option("--parameter", help="gamma or rho of a spending function.")
    ] = 0.0,
    alpha: Annotated[float, typer.Option("--alpha", help="Of all sides together.")] = 0.025,
    sided: Annotated[int, typer.Option("--sided", help="1 or 2.")] = 1,
    power: Annotated[float, typer.Option("--power")] = 0.80,
    futility: Annotated[
        str | None,
        typer.Option("--futility", help='Stop below these statistics at interim looks, "0 0.5".'),
    ] = None,
    accrual: Annotated[float, typer.Option("--accrual", help="Months of accrual.")] = 12.0,
    followup: Annotated[
        float, typer.Option("--followup", help="Months from its end to the last look.")
    ] = 6.0,
    share: Annotated[
        float, typer.Option("--share", help="Of patients in the experimental arm.")
    ] = 0.5,
    dropout: Annotated[float, typer.Option("--dropout", help="Hazard per month.")] = 0.0,
    delay: Annotated[
        float, typer.Option("--delay", help="Simulated: months before the effect begins.")
    ] = 0.0,
    crossover: Annotated[
        float,
        typer.Option("--crossover", help="Simulated: hazard of control to change, per month."),
    ] = 0.0,
    visits: Annotated[
        float | None, typer.Option("--visits", help="Simulated: months between visits.")
    ] = None,
    trials: Annotated[
        int, typer.Option("--trials", help="Simulated trials; 0 for none.", min=0)
    ] = 0,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Boundaries, events, patients and calendar of a log-rank test; simulated if asked."""
    from math import ceil

    from pdcraft.trial.survival.boundaries import boundaries
    from pdcraft.trial.survival.events import (
        Accrual,
        Enrollment,
        drift,
        events_needed,
        patients_needed,
    )
    from pdcraft.trial.survival.hazard import Hazard

    bounds = boundaries(
        kind,
        _looks(looks),
        alpha,
        sided=sided,
        parameter=parameter,
        futility=numbers("--futility", futility),
    )
    control = Hazard.of_median(control_median)
    experimental = control.times(hazard_ratio)
    lost = Hazard.of([0.0], [dropout])
    events = events_needed(bounds, hazard_ratio, power, share)
    patients = patients_needed(
        events, control, experimental, accrual, followup, share=share, dropout=lost
    )
    trial = Enrollment(Accrual.even(patients, accrual), control, experimental, share, lost)
    mean = drift(hazard_ratio, events, share)
    stop = {"null": bounds.crossing(0.0), "alternative": bounds.crossing(mean)}
    rows = [
        {
            "information": float(t),
            "events": float(events * t),
            "z": float(bounds.upper[k]),
            "futility_z": None if futility is None else finite(float(bounds.futility[k])),
            "nominal_p": float(bounds.nominal[k]),
            "alpha_spent": float(bounds.alpha_spent[k]),
            "month": trial.month_of(float(events * t)),
            "reject_under_null": float(stop["null"][0][k]),
            "reject_under_alternative": float(stop["alternative"][0][k]),
        }
        for k, t in enumerate(bounds.information)
    ]
    simulated = None
    if trials:
        simulated = _simulated(
            bounds, control, hazard_ratio, ceil(events), ceil(patients),
            (accrual, share, dropout, delay, crossover, visits), trials, seed,
        )  # fmt: skip
    document: dict[str, Any] = {
        "schema": "pdcraft.design-group-sequential/1",
        "kind": kind,
        "parameter": parameter,
        "alpha": alpha,
        "sided": sided,
        "power": power,
        "hazard_ratio": hazard_ratio,
        "control_median_months": control_median,
        "share": share,
        "accrual_months": accrual,
        "followup_months": followup,
        "dropout_per_month": dropout,
        "looks": rows,
        "events": events,
        "patients": patients,
        "expected_events": {
            "null": events * bounds.expected_information(0.0),
            "alternative": events * bounds.expected_information(mean),
        },
        "delay_months": delay,
        "crossover_per_month": crossover,
        "visit_months": visits,
        "visit_bias": _bias(control, experimental, visits),
        "simulated": simulated,
        "trials": trials,
        "seed": seed,
    }

    def render(console: Console) -> None:
        columns = ("information", "events", "reject at Z ≥", "nominal p", "alpha spent", "month")
        keys = ("information", "events", "z", "nominal_p", "alpha_spent", "month")
        console.print(table(kind, columns, [tuple(row[k] for k in keys) for row in rows]))
        early = document["expected_events"]
        console.print(
            f"{events:.1f} events of {patients:.1f} patients; expected events "
            f"{early['null']:.1f} without an effect, {early['alternative']:.1f} with it"
        )
        if document["visit_bias"] is not None:
            _print_bias(console, document["visit_bias"])
        if simulated is not None:
            _print_simulated(console, simulated, trials)

    emit(document, json, render)


def _looks(text: str) -> int | Sequence[float]:
    values = numbers("--looks", text) or ()
    if len(values) == 1 and values[0] != 1.0 and values[0] == int(values[0]):
        return int(values[0])
    return values


def _bias(
    control: Hazard, experimental: Hazard, visits: float | None
) -> dict[str, dict[str, float]] | None:
    if visits is None:
        return None
    from pdcraft.trial.survival.visits import Visits, visit_bias

    arms = {"control": control, "experimental": experimental}
    return {name: plain(visit_bias(arm, Visits.every(visits))) for name, arm in arms.items()}


def _simulated(
    bounds: Boundaries,
    control: Hazard,
    hazard_ratio: float,
    events: int,
    patients: int,
    course: tuple[float, float, float, float, float, float | None],
    trials: int,
    seed: int,
) -> list[dict[str, Any]]:
    from pdcraft.trial.survival.arms import Crossover, TwoArmPopulation
    from pdcraft.trial.survival.events import Accrual
    from pdcraft.trial.survival.hazard import Hazard
    from pdcraft.trial.survival.simulate import simulate_pfs
    from pdcraft.trial.survival.visits import Visits

    accrual, share, dropout, delay, crossover, visits = course
    late = Hazard.of([0.0, delay], [1.0, hazard_ratio]) if delay else hazard_ratio
    population = TwoArmPopulation(
        control,
        control.times(late),
        Accrual.even(patients, accrual),
        share,
        dropout=Hazard.of([0.0], [dropout]),
        crossover=Crossover(Hazard.of([0.0], [crossover])),
        visits=None if visits is None else Visits.every(visits),
    )
    out: list[dict[str, Any]] = []
    with progress("simulating") as report:
        for name, people in (("null", population.null()), ("alternative", population)):
            report(0.5 * len(out), name)
            found = simulate_pfs(people, bounds, events, trials, seed)
            out.append({"name": name, **plain(found)})
    return out


def _print_bias(console: Console, bias: dict[str, dict[str, float]]) -> None:
    rows = [(name, *both.values()) for name, both in bias.items()]
    console.print(table("median, months", ("", "true", "as seen at visits"), rows))


def _print_simulated(console: Console, found: list[dict[str, Any]], trials: int) -> None:
    columns = ("", "reject", "± error", "events", "patients", "months", "hazard ratio")
    keys = ("name", "reject", "reject_err", "events", "patients", "month", "hazard_ratio")
    rows = [tuple(row[key] for key in keys) for row in found]
    console.print(table(f"{trials} simulated trials", columns, rows))
