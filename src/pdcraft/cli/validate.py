"""``pdcraft validate``: how every engine agrees with independent results, on this machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    emit,
    err_console,
    path_in_folder,
    progress,
    table,
)
from pdcraft.cli.transport_options import ThreadsOption, WorkersOption

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.validate.case import Case

_MARK = {True: "pass", False: "FAIL", None: "not decided"}


def validate(
    suites: Annotated[
        list[str] | None, typer.Argument(help="Suites to run; all when none is named.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Everything; says first how long it takes.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--page", help="Also write all cases as a Markdown page.")
    ] = None,
    threads: ThreadsOption = None,
    workers: WorkersOption = None,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Compare pdcraft with independent results on this machine."""
    from pdcraft.transport.batches import default_threads
    from pdcraft.validate import full_minutes, run_suites

    names = tuple(suites or ())
    if page is not None:
        path_in_folder(page)
    if full:
        err_console().print(f"about {full_minutes(names):.0f} minutes on two processors")
    with default_threads(threads), progress("validating") as report:
        found = list(run_suites(names, report, full=full))
    if page is not None:
        _write_page(page, found, ("validate", *names, *(["--full"] if full else [])))
    failed = sum(case.passed is False for case in found)
    document = {
        "schema": "pdcraft.validate/1",
        "cases": [asdict(case) for case in found],
        "failed": failed,
    }

    def render(console: Console) -> None:
        for suite in dict.fromkeys(case.suite for case in found):
            rows = [
                (c.name, c.value, c.reference, _MARK[c.passed], c.tolerance, c.source)
                for c in found
                if c.suite == suite
            ]
            columns = ("case", "pdcraft", "reference", "", "tolerance", "source")
            console.print(table(suite, columns, rows))
        undecided = sum(case.passed is None for case in found)
        passed = len(found) - failed - undecided
        console.print(
            f"{passed} passed, {failed} failed, {undecided} not decided (information only)"
        )

    emit(document, json, render)
    if failed:
        raise typer.Exit(1)


def _write_page(path: Path, found: list[Case], words: tuple[str, ...]) -> None:
    from pdcraft import __version__
    from pdcraft.io.atomic import write_files
    from pdcraft.validate.page import validation_page

    text = validation_page(found, __version__, " ".join(("pdcraft", *words)))
    write_files({path: text.encode()})
