"""What every command shares: options, the one JSON document, progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["JsonFlag", "SeedOption", "emit", "emit_table", "err_console", "progress", "table"]

PIPED_WIDTH = 110  # columns of tables that go into a file or a log

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
SeedOption = Annotated[
    int, typer.Option("--seed", help="Seed of random numbers; no effect where there are none.")
]


def emit(document: Mapping[str, Any], as_json: bool, render: Callable[[Console], None]) -> None:
    """Print a result: the JSON document, or what `render` writes on the console.

    NaN and infinity are refused in JSON: they are a defect of the caller.
    """
    if as_json:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, default=float)
        sys.stdout.write(text + "\n")
        return
    render(out_console())


def out_console() -> Console:
    """Return the console for results."""
    from rich.console import Console

    piped = not sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=piped, width=PIPED_WIDTH if piped else None)


def err_console() -> Console:
    """Return the console for progress and warnings, on standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Make a plain table; the first column is left, the rest right aligned."""
    from rich.table import Table

    out = Table(title=title, title_justify="left", title_style="bold")
    for i, name in enumerate(columns):
        out.add_column(name, justify="left" if i == 0 else "right", overflow="fold")
    for row in rows:
        out.add_row(*("" if cell is None else _cell(cell) for cell in row))
    return out


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def emit_table(
    document: Mapping[str, Any],
    as_json: bool,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Print a result that is one table."""
    emit(document, as_json, lambda console: console.print(table(title, columns, rows)))


@contextmanager
def progress(title: str) -> Generator[Callable[[float, str], None]]:
    """Show a progress bar on standard error; yields ``report(fraction_done, words)``."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=err_console(),
        transient=True,
    ) as bar:
        task = bar.add_task(title, total=1.0)

        def report(done: float, words: str = "") -> None:
            bar.update(task, completed=done, description=f"{title} {words}".strip())

        yield report
