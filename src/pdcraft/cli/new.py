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
    example: Annotated[
        str, typer.Option("--example", help="Example to start from, of those that pdcraft ships.")
    ] = STARTER,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Write a commented starter study into a new folder."""
    import json as json_text
    import re

    from pdcraft.data.files import example_files
    from pdcraft.errors import DataError
    from pdcraft.study.schema import FILE_NAME, study_schema

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        raise DataError(f"'{name}' is no name for a study; use letters, digits, '.', '-' and '_'")
    folder = Path(name)
    if folder.exists():
        raise DataError(f"{folder} exists already; give another name")
    files = example_files(example)
    folder.mkdir(parents=True)
    if "study.toml" in files:  # editors complete its keys from the schema
        files["study.toml"] = f"#:schema {FILE_NAME}\n".encode() + files["study.toml"]
        files[FILE_NAME] = (json_text.dumps(study_schema(), indent=1) + "\n").encode()
    written: list[str] = []
    for file, content in files.items():
        if file.endswith(".toml"):
            text = content.decode()
            text = re.sub(r'(?m)^name = "[^"]*"', f'name = "{name}"', text, count=1)
            text = re.sub(r'(?m)^title = "[^"]*"', f'title = "{name}"', text, count=1)
            content = text.encode()
        (folder / file).write_bytes(content)
        written.append(f"{name}/{file}")
    document = {"schema": "pdcraft.new/1", "files": sorted(written)}

    verb, start = _command(files)

    def render(console: Console) -> None:
        words = f"{', '.join(sorted(written))}: edit, then pdcraft {verb} {name}/{start}"
        console.print(words, soft_wrap=True)

    emit(document, json, render)


def _command(files: dict[str, bytes]) -> tuple[str, str]:
    """Command that runs an example, and its file."""
    import tomllib

    if "study.toml" not in files and "trial.toml" in files:
        return "simulate-trial", "trial.toml"
    if "scene.toml" in files:
        return "image", "scene.toml"
    bench = "bench" in tomllib.loads(files["study.toml"].decode())
    return ("bench" if bench else "run"), "study.toml"
