"""``pdcraft bench``: virtual xenografts through a study, from its file to its results."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdcraft.cli.common import JsonFlag, emit, progress, table
from pdcraft.cli.transport_options import ThreadsOption, WorkersOption

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.core.estimate import Summary
    from pdcraft.study.recipes.bench import BenchResult

__all__ = ["bench"]


def bench(
    study: Annotated[Path, typer.Argument(help="STUDY.toml with a [bench] table.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the report and the results.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed instead of the study's.")] = None,
    draws: Annotated[
        int | None, typer.Option("--draws", help="Draws instead of the study's.")
    ] = None,
    threads: ThreadsOption = None,
    workers: WorkersOption = None,
    json: JsonFlag = False,
) -> None:
    """Treat virtual xenografts: volumes, survival, responses, power."""
    from pdcraft.io.store import check_results_folder, results_document, run_tables, write_run
    from pdcraft.study.recipes.bench import run_bench
    from pdcraft.transport.batches import default_threads

    started = time.perf_counter()
    if out is not None:
        check_results_folder(out)  # before anything is computed
    with default_threads(threads), progress("pdcraft bench") as bar:
        result = run_bench(study, seed=seed, draws=draws, progress=bar)
        if out is None:
            tables = run_tables(result.run)
            document = results_document(result.run, tables, dict.fromkeys(tables, "table"))
        else:
            from pdcraft.report.bench_page import bench_html
            from pdcraft.study.record import record_of

            bar(0.95, "report")
            page = bench_html(result).encode()
            inputs = {study.name: result.study.text}
            record = record_of(result.run, inputs, time.perf_counter() - started)
            document = write_run(result.run, out, {"report.html": ("report", page)}, record)
    emit(document, json, lambda console: _show(console, result, out))


def _show(console: Console, result: BenchResult, out: Path | None) -> None:
    rows = {r.id: r for r in result.run.results}
    region = (
        "all models" if len(result.numbers) > 1 else f"model:{next(iter(result.numbers)).model}"
    )
    columns = ("", *(t.name for t in result.plan.treatments))
    lines: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(r.quantity.key for r in result.run.results):
        cells: list[str] = []
        for treatment in result.plan.treatments:
            row = rows.get(f"bench/{kind}/{region}/bench/mouse/{treatment.name}")
            cells.append("" if row is None else _cell(row.summary))
        if any(cells):
            name = next(r.quantity.name for r in result.run.results if r.quantity.key == kind)
            unit = next(r.quantity.unit for r in result.run.results if r.quantity.key == kind)
            lines.append((name if unit == "1" else f"{name}, {unit}", *cells))
    console.print(table(f"{result.title}: {region}, mean (95 %)", columns, lines))
    shares = [
        (
            name.replace("_", " "),
            *(str(found.get(origin, 0)) for origin in ("measured", "pooled", "assumed")),
        )
        for name, found in result.shares
    ]
    title = f"Where the parameters of {len(result.numbers)} models come from"
    console.print(table(title, ("parameter", "measured", "pooled", "assumed"), shares))
    if out is not None:
        console.print(f"\nreport: {out / 'report.html'}")
    else:
        console.print("\nnothing is written; --out FOLDER keeps report, tables and run.json")


def _cell(s: Summary) -> str:
    if s["low"] is None or s["low"] == s["high"]:
        return f"{s['value']:.3g}"
    return f"{s['value']:.3g} ({s['low']:.3g} to {s['high']:.3g})"
