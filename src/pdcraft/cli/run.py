"""``pdcraft run``: a study from its file to its report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, emit, err_console, progress, table

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.study.result import StudyResult


def run(
    study: Annotated[Path, typer.Argument(help="STUDY.toml, or the run.json of an earlier run.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the results; default out/NAME.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed instead of the study's.")] = None,
    draws: Annotated[
        int | None, typer.Option("--draws", help="Draws instead of the study's.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Run a study: structure, kinetics, dose, report."""
    from pdcraft import report
    from pdcraft.io.store import write_run
    from pdcraft.study.record import run_record

    if draws is not None and draws < 50:
        raise typer.BadParameter(
            "at least 50 draws are needed for an interval", param_hint="--draws"
        )
    started = time.perf_counter()
    with progress("pdcraft run") as bar:
        result = _run(study, seed, draws, bar)
        bar(0.92, "report")
        artefacts = report.artefacts(result)
        folder = out or Path("out") / result.run.name
        record = run_record(result, time.perf_counter() - started)
        document = write_run(result.run, folder, artefacts, record)
    emit(document, json, lambda console: _show(console, result, folder))


def _run(path: Path, seed: int | None, draws: int | None, bar: Any) -> StudyResult:
    from pdcraft import __version__
    from pdcraft.study.record import read_record, study_of_record
    from pdcraft.study.run import run_study

    if path.suffix != ".json":
        return run_study(path, seed=seed, draws=draws, progress=bar)
    record = read_record(path)
    if record["pdcraft"] != __version__:
        err_console().print(
            f"made by pdcraft {record['pdcraft']}, repeated by {__version__}: numbers may differ"
        )
    with study_of_record(record) as again:
        return run_study(
            again,
            seed=record["seed"] if seed is None else seed,
            draws=record["draws"] if draws is None else draws,
            progress=bar,
        )


def _show(console: Console, result: StudyResult, folder: Path) -> None:
    """Show the numbers that a reader looks for first, and where to go on."""
    run_ = result.run
    stage = run_.stages[-1]
    rows: list[list[object]] = []
    for row in sorted((r for r in run_.results if r.stage == stage), key=lambda r: r.id):
        s = row.summary
        span = "" if s["low"] is None else f"{s['low']:.3g} to {s['high']:.3g}"
        where = " ".join(p for p in (row.subject.region, row.subject.arm) if p)
        rows.append([row.quantity.name, where, s["value"], row.quantity.unit, span, row.origin])
    console.print(
        table(
            result.title, ("quantity", "region", "value", "unit", "95 % interval", "origin"), rows
        )
    )
    for warning in run_.warnings:
        console.print(f"note ({warning.stage}): {warning.message}", style="yellow")
    console.print(f"\nreport: {folder / 'report.html'}")
    console.print("next:")
    console.print(f"  pdcraft cite {folder}            # the sources that this run used")
    console.print(f"  pdcraft run {folder / 'run.json'}   # repeat it exactly")
    console.print(
        "  pdcraft validate                 # how pdcraft agrees with independent results"
    )
