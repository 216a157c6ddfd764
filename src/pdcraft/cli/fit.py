"""``pdcraft fit``: time-activity data to time-integrated activity coefficients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    emit,
    err_console,
    folder_for,
    page_path,
    progress,
    table,
)
from pdcraft.cli.transport_options import IdleThreadsOption, WorkersOption

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.io.biodist import Biodistribution

_FEWEST_DRAWS = 50  # for 95% limits
_DATA = ("payload", "as_payload", "body_mass", "administered", "draws", "seed")
_APPLIES = {
    "a fit without --population": (*_DATA, "tail", "error", "bootstrap", "plot"),
    "--population over a biodistribution": (*_DATA, "covariance", "tables"),
    "an event table": (
        *("model", "method", "allometry", "reference_mass"),
        *("error", "covariance", "plot", "tables", "seed"),
    ),
}


def fit(
    context: typer.Context,
    data: Annotated[Path, typer.Argument(help="BIODIST.csv, long or wide; or an event table.")],
    payload: Annotated[
        str | None, typer.Option("--payload", help="Measured nuclide, for instance I-131.")
    ] = None,
    as_payload: Annotated[
        str | None, typer.Option("--as", help="Same biology, coefficients of another nuclide.")
    ] = None,
    body_mass: Annotated[
        str | None, typer.Option("--body-mass", help='For SUV: "25 g", "70 kg".')
    ] = None,
    administered: Annotated[
        str | None, typer.Option("--administered", help='For MBq and MBq/mL: "7.4 MBq", at time 0.')
    ] = None,
    tail: Annotated[
        str,
        typer.Option("--tail", help="After the last measurement: fitted, physical decay, or none."),
    ] = "fitted",
    error: Annotated[
        str, typer.Option("--error", help="Error model: auto, constant, proportional or sd.")
    ] = "auto",
    draws: Annotated[int, typer.Option("--draws", help="Draws behind means and limits.")] = 1000,
    bootstrap: Annotated[
        bool, typer.Option("--bootstrap", help="Draws by fitting simulated data again.")
    ] = False,
    population: Annotated[
        bool, typer.Option("--population", help="One mixed-effects model over all subjects.")
    ] = False,
    covariance: Annotated[
        str, typer.Option("--covariance", help="Population: diagonal or full.")
    ] = "diagonal",
    model: Annotated[
        str | None, typer.Option("--model", help="Event table: iv-1cpt, oral-1cpt, ... -3cpt.")
    ] = None,
    method: Annotated[
        str, typer.Option("--method", help="Event table: foce, laplace or lindstrom-bates.")
    ] = "foce",
    allometry: Annotated[
        str, typer.Option("--allometry", help="Event table, on WT: none, fixed or estimated.")
    ] = "none",
    reference_mass: Annotated[
        str, typer.Option("--reference-mass", help="Event table: of the typical subject.")
    ] = "70 kg",
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Write the curves as one offline HTML page.")
    ] = None,
    tables: Annotated[
        Path | None, typer.Option("--tables", help="Population: folder for predictions, residuals.")
    ] = None,
    threads: IdleThreadsOption = None,
    workers: WorkersOption = None,
    seed: SeedOption = 1,
    json: JsonFlag = False,
) -> None:
    """Fit time-activity data: curves, models, time-integrated activity coefficients."""
    from pdcraft.cli.fit_events import fit_event_table, holds_events
    from pdcraft.errors import DataError
    from pdcraft.io.biodist import read_biodist
    from pdcraft.io.units import parse
    from pdcraft.kinetics.fit import fit_biodistribution
    from pdcraft.kinetics.region_fit import FitOptions

    if plot is not None:
        page_path(plot)
    if tables is not None:
        folder_for(tables)
    if holds_events(data):
        if not population:
            raise DataError(f"{data.name} is an event table: add --population and --model")
        _refuse_others(context, "an event table")
        mass_kg = parse(reference_mass, "mass") / 1000
        how = (model, error, covariance, method, allometry, mass_kg)
        fit_event_table(data, *how, plot, tables, seed, json)
        return
    of = "--population over a biodistribution" if population else "a fit without --population"
    _refuse_others(context, of)
    if payload is None:
        raise DataError("--payload is missing: the nuclide that was measured, for instance I-131")
    if draws < _FEWEST_DRAWS:
        raise DataError(f"--draws: {draws} are too few for limits; give {_FEWEST_DRAWS} or more")
    known: dict[str, Any] = {
        "measured_with": payload,
        "body_mass_g": None if body_mass is None else parse(body_mass, "mass"),
        "administered_MBq": None if administered is None else parse(administered, "activity"),
    }
    for option in ("body_mass_g", "administered_MBq"):
        if known[option] is not None and known[option] <= 0:
            raise DataError(f"--{option.rsplit('_', 1)[0].replace('_', '-')}: must be above zero")
    read = read_biodist(data)
    if population:
        known["covariance"] = covariance
        _population(read, as_payload or payload, seed, draws, tables, json, known)
        return
    options = FitOptions(
        tail=tail,  # pyright: ignore[reportArgumentType]  # checked there
        draws=draws,
        seed=seed,
        method="bootstrap" if bootstrap else "laplace",
        error=error,  # pyright: ignore[reportArgumentType]  # checked there
    )
    with progress("pdcraft fit") as bar:
        result = fit_biodistribution(
            read, as_payload or payload, options=options, progress=bar, **known
        )
        if plot is not None:
            from pdcraft.report.time_activity_page import write_time_activity

            bar(0.95, "plot")
            write_time_activity(result, plot, data=data.name)
    document = result.document()
    emit(document, json, lambda console: _show(console, document))
    if plot is not None:
        err_console().print(f"curves: {plot}")


def _refuse_others(context: typer.Context, what: str) -> None:
    """Refuse, all at once, the options that were given and would do nothing here."""
    from pdcraft.errors import DataError, Problem

    everywhere = ("data", "population", "threads", "workers", "json")
    given = [
        option
        for option in context.command.params
        if option.name not in (*_APPLIES[what], *everywhere)
        and getattr(context.get_parameter_source(option.name or ""), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise DataError(
            [
                Problem(f"{o.opts[0]} does not apply to {what}", key=o.opts[0], hint="leave it out")
                for o in given
            ]
        )


def _population(
    read: Biodistribution,
    payload: str,
    seed: int,
    draws: int,
    tables: Path | None,
    as_json: bool,
    known: dict[str, Any],
) -> None:
    """Hand over to the population fit, which prints the same keys."""
    from pdcraft.cli.fit_events import write_tables
    from pdcraft.kinetics.population import fit_regions

    with progress("pdcraft fit --population"):
        result = fit_regions(read, payload, **known)
        document = result.document(seed=seed, draws=draws)
        if tables is not None:
            write_tables(tables, result.fits, seed, label="REGION")
    emit(document, as_json, lambda console: _show(console, document))


def _show(console: Console, document: dict[str, Any]) -> None:
    from pdcraft.kinetics.document import coefficient, flags_said, other_models

    rows: list[tuple[object, ...]] = []
    for name, region in document["regions"].items():
        e, unit = coefficient(region)
        share = region["extrapolated_share"]
        rows.append(
            (
                name,
                e["value"],
                e["low"],
                e["high"],
                unit or None,
                region["model"] or "none",
                other_models(region),
                None if share is None else f"{share:.0%}",
            )
        )
    columns = ("region", "mean", "2.5 %", "97.5 %", "", "model", "others", "beyond last time")
    title = f"Time-integrated activity coefficients, {document['payload']}"
    console.print(table(title, columns, rows))
    for flag, names in flags_said(document).items():
        console.print(f"{', '.join(names)}: {flag}")
