"""``pdcraft new``: a commented starter study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit

if TYPE_CHECKING:
    from rich.console import Console

STARTER = "clr131"


def new(
    name: Annotated[str, typer.Argument(help="Name of the study and of its new folder.")],
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Write a commented starter study into a new folder."""
    import re

    from pdcraft.data.files import example_files
    from pdcraft.errors import DataError

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        raise DataError(f"'{name}' is no name for a study; use letters, digits, '.', '-' and '_'")
    folder = Path(name)
    if folder.exists():
        raise DataError(f"{folder} exists already; give another name")
    folder.mkdir(parents=True)
    written: list[str] = []
    for file, text in example_files(STARTER).items():
        if file == "study.toml":
            text = re.sub(r'(?m)^name = "[^"]*"', f'name = "{name}"', text, count=1)
            text = re.sub(r'(?m)^title = "[^"]*"', f'title = "{name}"', text, count=1)
        (folder / file).write_text(text, encoding="utf-8")
        written.append(f"{name}/{file}")
    document = {"schema": "pdcraft.new/1", "files": sorted(written)}

    def render(console: Console) -> None:
        console.print(f"{', '.join(sorted(written))}: edit, then pdcraft run {name}/study.toml")

    emit(document, json, render)
