"""``pdcraft image``: what a camera, a plate reader or a microscope sees of a scene."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import (
    JsonFlag,
    compiling,
    emit,
    err_console,
    folder_for,
    path_in_folder,
    table,
)
from pdcraft.cli.common import progress as progress_bar
from pdcraft.cli.transport_options import DeviceOption, ThreadsOption, WorkersOption, require_cpu

if TYPE_CHECKING:
    from rich.console import Console


def image(
    scene: Annotated[Path, typer.Argument(help="SCENE.toml.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for images and tables; none without it.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option("--draws", help="Draws instead of the scene's.", min=0)
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed instead of the scene's.")] = None,
    threads: ThreadsOption = None,
    workers: WorkersOption = None,
    device: DeviceOption = "cpu",
    json: JsonFlag = False,
) -> None:
    """Predict the fluorescence image of a scene: signal, contrast, detection."""
    from pdcraft.io.atomic import write_files
    from pdcraft.optics.scene_read import read_scene
    from pdcraft.optics.whole import whole_document

    require_cpu(device)
    if out is not None:
        folder_for(out)
    made = read_scene(scene, seed=seed, draws=draws)
    with (
        progress_bar(f"pdcraft image {made.name}") as bar,
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        bar(0.0, compiling())
        document, files = whole_document(
            made, threads=threads, progress=bar, with_files=out is not None
        )
    said = (str(w.message) for w in caught)
    document["warnings"] = list(dict.fromkeys([*document["warnings"], *said]))
    if out is not None:
        write_files({path_in_folder(out / name): content for name, content in files.items()})

    def render(console: Console) -> None:
        _show(console, document, out)

    for words in document["warnings"]:
        err_console().print(f"note: {words}", style="yellow")
    emit(document, json, render)


def _show(console: Console, document: dict[str, Any], out: Path | None) -> None:
    """Show regions, contrasts and where files are."""
    for frame in document["frames"]:
        at = "" if frame["time_h"] is None else f", {frame['time_h']:g} h"
        rows = [
            (
                name,
                roi["rule"],
                _words(roi["photon_radiance_per_s_cm2_sr"]),
                _words(roi["electrons_per_pixel"]),
            )
            for name, roi in frame["rois"].items()
        ]
        columns = ("region", "rule", "photons/s/cm2/sr", "electrons a pixel")
        console.print(table(f"{document['scene']}{at}", columns, rows))
        rows = [
            (
                f"{m['target']} / {m['background']}",
                *(_words(m[k]) for k in ("tbr", "contrast", "cnr")),
            )
            for m in frame["metrics"]
        ]
        if rows:
            console.print(table("contrast", ("regions", "TBR", "TBR - 1", "CNR"), rows))
    if document["wells"]:
        rows = [
            (w["well"], w["conc_nM"], _words(w["rfu"]), _words(w["blank_subtracted"]))
            for w in document["wells"]
        ]
        console.print(table("wells", ("well", "nM", "RFU", "less blank"), rows))
        found = [(key, _words(value)) for key, value in document["assay"].items()]
        console.print(table("assay", ("figure", "value"), found))
    best = document["best_time"]
    if best is not None:
        console.print(f"best time: {_words(best['time_h'])} h by {best['criterion']}")
    safety = document["safety"]
    console.print(f"light: {safety['status']} ({safety['reason']})")
    for words in document["assumed"]:
        console.print(f"assumed: {words}", style="dim")
    if out is not None:
        console.print(f"files: {len(document['files'])} in {out}")
    else:
        console.print("nothing is written; --out FOLDER keeps pictures and tables")


def _words(number: Any) -> str:
    """Value with its error, or its limits where they are known."""
    if not isinstance(number, dict):
        return "" if number is None else f"{number:.4g}"
    if number["value"] is None:
        return "not known"
    value = f"{number['value']:.4g}"
    if number["interval95"] is not None:
        low, high = number["interval95"]
        return f"{value} ({low:.3g} to {high:.3g})"
    return value if not number["std_err"] else f"{value} ± {number['std_err']:.2g}"
