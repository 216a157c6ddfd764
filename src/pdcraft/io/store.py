"""Write a run: ``results.json``, CSV tables and whatever the report adds, all or nothing.

Everything is written into a new folder beside the wanted one, which then takes its place. A run
that is interrupted leaves the former results as they were. No file but ``run.json`` holds a time,
a machine or a path, so the same inputs, seed and versions give the same bytes.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pdcraft import __version__
from pdcraft.core.run import ResultRow, Run, Series
from pdcraft.errors import DataError

__all__ = [
    "RESULTS",
    "check_results_folder",
    "csv_text",
    "dumps",
    "replace_folder",
    "results_document",
    "row_columns",
    "run_tables",
    "write_run",
]

RESULTS = "results.json"
RESULT_COLUMNS = (
    "id stage quantity unit agent host arm region time_h origin spread value sd low high std_err"
).split()
SERIES_COLUMNS = "agent host arm region time_h value low high std_err".split()


def dumps(document: Mapping[str, Any]) -> str:
    """JSON text with a stable layout; NaN and infinity are refused."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV text that spreadsheets read: comma, dot, header line; None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if cell is None else cell for cell in row])
    return out.getvalue()


def _of(entry: ResultRow | Series) -> dict[str, Any]:
    """Say of what a row or a series speaks."""
    s = entry.subject
    return {
        "id": entry.id,
        "stage": entry.stage,
        "quantity": entry.quantity.key,
        "unit": entry.quantity.unit,
        "agent": s.agent,
        "host": s.host,
        "arm": s.arm,
        "region": s.region,
    }


def row_columns(row: ResultRow) -> dict[str, Any]:
    """Columns of a row in ``results.csv``, in their order."""
    return {
        **_of(row),
        "time_h": row.subject.time_h,
        "origin": row.origin,
        "spread": row.spread,
        **row.summary,
    }


def _row(row: ResultRow) -> dict[str, Any]:
    return {
        **row_columns(row),
        "drivers": [{"input": d.input, "share": d.share} for d in row.drivers],
        "sources": list(row.sources),
        "compare_with": list(row.compare_with),
        "flags": list(row.flags),
    }


def results_document(
    run: Run, files: Mapping[str, bytes], kinds: Mapping[str, str]
) -> dict[str, Any]:
    """Make the results document ``pdcraft.results/1`` of a run and its files."""
    return {
        "schema": "pdcraft.results/1",
        "pdcraft": __version__,
        "study": {"name": run.name, "file": run.file, "sha256": run.sha256},
        "seed": run.seed,
        "draws": run.n_draws,
        "interval": run.interval,
        "status": "complete",
        "stages": list(run.stages),
        "results": sorted((_row(r) for r in run.results), key=lambda r: r["id"]),
        "series": [{**_of(s), "file": s.file} for s in sorted(run.series, key=lambda s: s.id)],
        "assumptions": [
            {"id": a.id, "text": a.text, "value": a.value, "sources": list(a.sources)}
            for a in sorted(run.assumptions, key=lambda a: a.id)
        ],
        "warnings": [
            {"code": w.code, "stage": w.stage, "message": w.message}
            for w in sorted(run.warnings, key=lambda w: (w.stage, w.code, w.message))
        ],
        "citations": [
            {"key": c.key, "text": c.text, "doi": c.doi}
            for c in sorted(run.citations, key=lambda c: c.key)
        ],
        "files": [
            {"path": p, "kind": kinds[p], "sha256": hashlib.sha256(files[p]).hexdigest()}
            for p in sorted(files)
        ],
    }


def run_tables(run: Run) -> dict[str, bytes]:
    """CSV tables of a run: the result rows, and one file of series per kind of number."""
    rows = [row_columns(r) for r in sorted(run.results, key=lambda r: r.id)]
    body = [[row[c] for c in RESULT_COLUMNS] for row in rows]
    tables = {"tables/results.csv": csv_text(RESULT_COLUMNS, body)}
    for file in sorted({s.file for s in run.series}):
        lines: list[list[Any]] = []
        for s in sorted((s for s in run.series if s.file == file), key=lambda s: s.id):
            u = s.subject
            lines += [
                [
                    u.agent,
                    u.host,
                    u.arm,
                    u.region,
                    f"{t:g}",
                    f"{v:.6g}",
                    f"{lo:.6g}",
                    f"{hi:.6g}",
                    None,
                ]
                for t, v, lo, hi in zip(s.times_h, s.value, s.low, s.high, strict=True)
            ]
        tables[file] = csv_text(SERIES_COLUMNS, lines)
    if run.inputs:
        columns = list(run.inputs)
        values = [[f"{run.inputs[c][i]:.6g}" for c in columns] for i in range(run.n_draws)]
        tables["tables/inputs.csv"] = csv_text(columns, values)
    return {path: text.encode() for path, text in tables.items()}


def check_results_folder(folder: Path) -> None:
    """Refuse a folder that results cannot take the place of.

    Raises
    ------
    DataError
        If it is a file, lies in one, or holds something that is not an earlier result of pdcraft.
    """
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise DataError(
                f"{place} is a file: results cannot be written there, give another folder as --out"
            )
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RESULTS).exists():
        raise DataError(
            f"{folder} holds files that are not pdcraft results; give a new folder as --out"
        )


@contextlib.contextmanager
def replace_folder(folder: Path) -> Generator[Path]:
    """Give an empty folder to fill; on success it takes the place of `folder`.

    Raises
    ------
    DataError
        As `check_results_folder`; or if the folder cannot be made.
    """
    check_results_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written ({error.strerror}); give a folder of yours as --out"
        ) from None
    old: Path | None = None
    try:
        yield fresh
        fresh.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old-", dir=folder.parent))
            os.replace(folder, old)
        try:
            os.replace(fresh, folder)
        except OSError:
            if old is not None:
                os.replace(old, folder)  # put the former results back
                old = None
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def write_run(
    run: Run,
    folder: Path,
    artefacts: Mapping[str, tuple[str, bytes]],
    record: Mapping[str, Any],
) -> dict[str, Any]:
    """Write a run into a folder, all or nothing.

    Parameters
    ----------
    run : Run
    folder : Path
        Created, or replaced if it holds earlier results.
    artefacts : mapping of relative path to (kind, content)
        Report and images.
    record : mapping
        Content of ``run.json``: time, machine, versions, the inputs' texts.

    Returns
    -------
    dict
        The results document.
    """
    tables = run_tables(run)
    files = {**tables, **{path: content for path, (_, content) in artefacts.items()}}
    kinds = {**dict.fromkeys(tables, "table"), **{p: kind for p, (kind, _) in artefacts.items()}}
    document = results_document(run, files, kinds)
    with replace_folder(folder) as fresh:
        for path, content in {
            **files,
            RESULTS: dumps(document).encode(),
            "run.json": dumps(record).encode(),
        }.items():
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return document
