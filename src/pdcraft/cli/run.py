"""``pdcraft run``: a study from its file to its report."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, emit, err_console, progress, table
from pdcraft.cli.transport_options import ThreadsOption, WorkersOption

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.core.run import ResultRow
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
    threads: ThreadsOption = None,
    workers: WorkersOption = None,
    json: JsonFlag = False,
) -> None:
    """Run a study: structure, kinetics, dose, report."""
    from pdcraft import report
    from pdcraft.io.store import check_results_folder, write_run
    from pdcraft.study.record import run_record
    from pdcraft.transport.batches import default_threads

    started = time.perf_counter()
    if out is not None:
        check_results_folder(out)  # before anything is computed
    with default_threads(threads), progress("pdcraft run") as bar:
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


def _span(row: ResultRow) -> str:
    s = row.summary
    if s["low"] is None or s["low"] == s["high"]:
        return ""
    return f"{s['low']:.3g} to {s['high']:.3g}"


def _place(row: ResultRow) -> str:
    """Region of a row with its time and whose it is; of an effective dose, its label."""
    region, time_h, arm = row.subject.region or "-", row.subject.time_h, row.subject.arm or ""
    if row.quantity.key.startswith("effective_dose"):  # it never goes without
        return row.flags[0]
    if arm.startswith(("published ", "without ")):  # the column of origins says so
        arm = ""
    return ", ".join(
        part for part in (region, f"{time_h:g} h" if time_h is not None else "", arm) if part
    )


def _detail(row: ResultRow) -> bool:
    """Whether a row explains another: a share of its dose, its dose by another method, a source."""
    from pdcraft.report.evidence import INTEGRAL

    source = row.stage == "dosimetry" and row.quantity.key.startswith(INTEGRAL)
    other_way = (row.subject.arm or "").startswith(("method ", "scaled from the mouse"))
    return source or other_way or row.quantity.key == "dose_share"


def _show(console: Console, result: StudyResult, folder: Path) -> None:
    """Show the numbers that a reader looks for first, and where to go on."""
    from pdcraft.report.evidence import first_regions
    from pdcraft.report.words import given_words

    apart = (
        "response",
        "exposure",
        "micrometastases",
        "sweep",
        "trial",
    )  # with tables of their own
    stage = [name for name in result.run.stages if name not in apart][-1]
    last = [r for r in result.run.results if r.stage == stage]
    first = first_regions(result.run)
    found = [r for r in last if r.subject.region in first and not _detail(r)]
    common = [r for r in found if r.subject.arm not in result.arms]
    columns = ("region", "quantity", "value", "95 % interval", "unit", "origin")
    rows = [
        (
            _place(r),
            r.quantity.name,
            r.summary["value"],
            _span(r),
            r.quantity.unit,
            given_words(r),
        )
        for r in sorted(common, key=lambda r: (_place(r), r.quantity.key, r.id))
    ]
    if rows:
        console.print(table(result.title, columns, rows))
    doses = {
        (r.subject.region or "", r.subject.arm or ""): r
        for r in found
        if r.quantity.key == "absorbed_dose" and r.subject.arm is not None
    }
    if doses:
        arms = list(dict.fromkeys(arm for _, arm in doses))
        cells = [
            [region, *(f"{doses[region, arm].summary['value']:.3g}" for arm in arms)]
            for region in sorted({region for region, _ in doses})
        ]
        console.print(table("Absorbed dose by arm, Gy (mean)", ("region", *arms), cells))
    if "exposure" in result.run.stages:
        from pdcraft.cli.run_exposure import exposure_table, index_table

        console.print(exposure_table(result))
        index = index_table(result)
        if index is not None:
            console.print(index)
    if "response" in result.run.stages:
        from pdcraft.cli.run_response import response_table

        console.print(response_table(result))
    if "sweep" in result.run.stages:
        from pdcraft.cli.run_sweep import sweep_tables

        for one in sweep_tables(result):
            console.print(one)
    if "micrometastases" in result.run.stages:
        from pdcraft.cli.run_metastases import metastases_table

        console.print(metastases_table(result))
    if result.trial is not None:
        console.print(f"trial: {folder / 'trial.html'}")
    more = {r.subject.region for r in last if not _detail(r)} - first
    if more:
        words = f"{len(more)} more regions, shares and methods: in the report"
        console.print(words, style="dim")
    for warning in result.run.warnings:
        console.print(f"note ({warning.stage}): {warning.message}", style="yellow")
    console.print(f"\nreport: {folder / 'report.html'}")
    me = sys.argv[0] if "/" in sys.argv[0] and sys.argv[0].endswith("pdcraft") else "pdcraft"
    console.print("next:")
    for words, use in (
        (("cite", str(folder)), "the sources that it used"),
        (("run", str(folder / "run.json")), "repeat it exactly"),
        (("validate",), "how pdcraft agrees with independent results"),
    ):
        console.print(f"  {shlex.join((me, *words))}   {use}")
