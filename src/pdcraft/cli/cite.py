"""``pdcraft cite``: the sources that a run used."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, emit

if TYPE_CHECKING:
    from rich.console import Console


def cite(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Results folder of a run.")],
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """List the sources that a run used."""
    from pdcraft.errors import DataError

    file = folder / "results.json"
    try:
        results = jsonlib.loads(file.read_text(encoding="utf-8"))
        citations = [{k: one[k] for k in ("key", "text", "doi")} for one in results["citations"]]
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{folder} holds no results.json; give the folder of a run") from None
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{file} is not a whole results file; run the study anew") from None
    document = {"schema": "pdcraft.cite/1", "citations": citations}

    def render(console: Console) -> None:
        for citation in citations:
            doi = f" doi:{citation['doi']}" if citation["doi"] else ""
            console.print(f"[{citation['key']}] {citation['text']}{doi}")

    emit(document, json, render)
