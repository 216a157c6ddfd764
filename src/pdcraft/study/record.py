"""``run.json``: when, where and with what a run was made, and the inputs to repeat it exactly."""

from __future__ import annotations

import base64
import json
import platform
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from pdcraft import __version__
from pdcraft.core.run import Run
from pdcraft.errors import DataError, StudyError
from pdcraft.study.result import StudyResult

__all__ = ["SCHEMA", "held_text", "read_record", "record_of", "run_record", "study_of_record"]

SCHEMA = "pdcraft.run/1"
BINARY = "data:;base64,"  # what the text of a file begins with that is no text: RFC 2397
LIBRARIES = ("numpy", "scipy", "pandas", "rdkit", "xraylib", "plotly", "pydantic", "pint")


def run_record(result: StudyResult, seconds: float) -> dict[str, Any]:
    """Make the content of ``run.json``."""
    return record_of(result.run, result.inputs, seconds)


def record_of(run: Run, inputs: Mapping[str, str], seconds: float) -> dict[str, Any]:
    """Make the content of ``run.json`` from a run and the texts of its files."""
    return {
        "schema": SCHEMA,
        "pdcraft": __version__,
        "python": sys.version.split()[0],
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "machine": f"{platform.system()} {platform.machine()}",
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "seed": run.seed,
        "draws": run.n_draws,
        "study": run.file,
        "sha256": run.sha256,
        "inputs": dict(inputs),
        "named_inputs": sorted(run.inputs),
    }


def held_text(path: Path) -> str:
    """Return a file's content as a record holds it: text, or base64 of what is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or text.startswith(BINARY):  # bytes of small images may pass for text
        return BINARY + base64.b64encode(path.read_bytes()).decode("ascii")
    return text


def read_record(path: Path) -> Mapping[str, Any]:
    """Read a ``run.json``.

    Raises
    ------
    StudyError
        If it is missing, cut off, or of another kind.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{path}: there is no such file; check the path") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise StudyError(
            f"{path.name} is not a whole JSON file: {error}; run the study anew"
        ) from None
    kinds = {"study": str, "inputs": dict, "seed": int, "draws": int, "pdcraft": str}
    found: Any = record if isinstance(record, dict) else {}
    good = found.get("schema") == SCHEMA and all(
        isinstance(found.get(key), kind) for key, kind in kinds.items()
    )
    if not good or found["study"] not in found["inputs"]:
        raise StudyError(
            f"{path.name} is not a run record of pdcraft ({SCHEMA}); run the study anew"
        )
    return found


@contextmanager
def study_of_record(record: Mapping[str, Any]) -> Generator[Path]:
    """Lay a record's inputs out in a temporary folder; yields the study file there."""
    with tempfile.TemporaryDirectory(prefix="pdcraft-") as folder:
        for name, text in record["inputs"].items():
            place = PurePosixPath(str(name))
            if place.is_absolute() or ".." in place.parts:
                raise DataError(f"run record: input '{name}' points outside its folder; refused")
            target = Path(folder, place)
            target.parent.mkdir(parents=True, exist_ok=True)
            if str(text).startswith(BINARY):
                target.write_bytes(base64.b64decode(str(text).removeprefix(BINARY)))
            else:
                target.write_text(str(text), encoding="utf-8", newline="")
        yield Path(folder, str(record["study"]))
