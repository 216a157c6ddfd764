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
    "page_path",
    "progress",
    "require_cpu",
    "require_device",
    "require_water_I",
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
    """Return the console for results."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to `emit`: the console's own way is to exit with 1."""
            raise BrokenPipeError

    piped = not sys.stdout.isatty()
    return Output(highlight=False, soft_wrap=piped, width=PIPED_WIDTH if piped else None)


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
    """Make the folder that a file is to stand in; returns the path."""
    from pdcraft.errors import DataError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"'{path}': no folder {path.parent} can be made: {error.strerror}"
        ) from error
    return path


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


def require_cpu(device: str) -> None:
    """Refuse another device than the CPU, where the command knows none.

    Raises
    ------
    DataError
        For any other.
    """
    if device != "cpu":
        from pdcraft.errors import DataError

        raise DataError(
            f"--device: '{device}' is not available here: this command computes on the CPU; "
            "NVIDIA cards run voxel-dose. Leave the option out"
        )


def require_device(device: str) -> None:
    """Refuse a device that is not there: ``cpu``, or ``cuda`` with a card and what it needs.

    Raises
    ------
    DataError
        For another name, or naming what lacks for a card.
    """
    from pdcraft.errors import DataError

    if device not in ("cpu", "cuda"):
        raise DataError(f"--device: '{device}' is not one of cpu, cuda")
    if device == "cuda":
        from pdcraft.transport.gpu import require_card

        require_card()


def parse_stay(text: str | None) -> dict[str, float] | float:
    """Read ``--stay``: one share for all daughters, or shares of named ones.

    Raises
    ------
    DataError
        If it is neither.

    Examples
    --------
    >>> parse_stay("0.5"), parse_stay("Bi-213=0.3, Pb-209=0"), parse_stay(None)
    (0.5, {'Bi-213': 0.3, 'Pb-209': 0.0}, 1.0)
    """
    if text is None:
        return 1.0
    try:
        if "=" not in text:
            return float(text)
        pairs = (part.split("=") for part in text.split(","))
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError:
        from pdcraft.errors import DataError

        raise DataError(
            f"--stay '{text}': give one share for all daughters, 0.5, or one for each that does "
            "not stay whole, Bi-213=0.3,Pb-209=0"
        ) from None


def stay_words(stay: Mapping[str, float] | float) -> str:
    """Say where daughters decay, as the assumption that it is.

    Examples
    --------
    >>> stay_words({"Bi-213": 0.3})
    'assumed: 30% of the atoms of Bi-213 decay where they were formed, with all that follows'
    """
    if stay == 1.0:
        return "assumed: every daughter that is counted decays where it was formed"
    which = stay if isinstance(stay, Mapping) else {"each daughter": stay}
    said = ", ".join(f"{100 * share:.4g}% of the atoms of {name}" for name, share in which.items())
    return f"assumed: {said} decay where they were formed, with all that follows"


def require_water_I(water_I_eV: float) -> None:
    """Refuse another mean excitation energy of water than 75 and 78 eV.

    Raises
    ------
    DataError
        For any other.
    """
    if water_I_eV not in (75.0, 78.0):
        from pdcraft.errors import DataError

        raise DataError(f"--water-I: {water_I_eV:g} eV is not one of 75 (ICRU 37) and 78 (ICRU 90)")


def finite(value: float) -> float | None:
    """Return a number for JSON: None for what is infinite or NaN."""
    return value if abs(value) < float("inf") else None
