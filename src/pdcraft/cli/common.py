"""What every command shares: options, the one JSON document, progress on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "JsonFlag",
    "SeedOption",
    "compiling",
    "emit",
    "emit_table",
    "err_console",
    "finite",
    "folder_for",
    "page_path",
    "path_in_folder",
    "progress",
    "say_warnings",
    "table",
]

PIPED_WIDTH = 110  # columns of tables that go into a file or a log
COMPILE_s = 20  # of one processor, measured with an empty cache

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
SeedOption = Annotated[
    int,
    typer.Option("--seed", help="Seed of random numbers; no effect where there are none.", min=0),
]


def emit(document: Mapping[str, Any], as_json: bool, render: Callable[[Console], None]) -> None:
    """Print a result: the JSON document, or what `render` writes on the console.

    NaN and infinity are refused in JSON: they are a defect of the caller. A reader that stops
    early, as in ``| head``, is no fault: the rest is dropped without a word.
    """
    try:
        if as_json:
            text = json.dumps(document, ensure_ascii=False, allow_nan=False, default=float)
            sys.stdout.write(text + "\n")
        else:
            render(out_console())
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def out_console() -> Console:
    """Return the console for results; text stands as it is, brackets are no markup."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to `emit`: the console's own way is to exit with 1."""
            raise BrokenPipeError

    piped = not sys.stdout.isatty()
    width = PIPED_WIDTH if piped else None
    return Output(highlight=False, markup=False, emoji=False, soft_wrap=piped, width=width)


def err_console() -> Console:
    """Return the console for progress and warnings, on standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def say_warnings(messages: Iterable[str], notice: str | None = None) -> None:
    """Print the terms of data, if there are any, and warnings for people, on standard error."""
    if notice:
        err_console().print(notice)
    for message in messages:
        err_console().print(f"warning: {message}", style="yellow")


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


def page_path(path: Path) -> Path:
    """Check, before anything is computed, that a page can be written; its folder is made.

    Raises
    ------
    DataError
        For another ending than .html, a folder, or a place where no folder can be made.
    """
    from pdcraft.errors import DataError

    if path.is_dir():
        raise DataError(f"'{path}' is a folder; give the page a name in it, {path / 'page.html'}")
    if path.suffix.lower() != ".html":
        raise DataError(
            f"'{path}': the page is HTML, its name must end in .html: {path.with_suffix('.html')}"
        )
    return path_in_folder(path)


def path_in_folder(path: Path) -> Path:
    """Check, before anything is computed, that a file can be written; its folder is made.

    Raises
    ------
    DataError
        For a folder, or a place where no folder can be made.
    """
    from pdcraft.errors import DataError

    if path.is_dir():
        raise DataError(f"'{path}' is a folder; give the file a name in it")
    folder_for(path.parent)
    return path


def folder_for(folder: Path) -> Path:
    """Make the folder that files are to stand in; returns it.

    Raises
    ------
    DataError
        If it cannot be made.
    """
    from pdcraft.errors import DataError

    if folder.exists() and not folder.is_dir():
        raise DataError(f"no folder '{folder}' can be made: that is a file; give a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"no folder '{folder}' can be made: {error.strerror}") from error
    return folder


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


def compiling() -> str:
    """Words for the progress bar: kernels that this machine has not compiled yet take time."""
    from pdcraft.transport.compile import cache_folder

    folder = cache_folder()
    known = folder is not None and any(folder.rglob("*.nbi"))
    return "" if known else f"compiling once, about {COMPILE_s} s"


def finite(value: float) -> float | None:
    """Return a number for JSON: None for what is infinite or NaN."""
    return value if abs(value) < float("inf") else None
