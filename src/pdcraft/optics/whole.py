"""A scene of any kind to its document and files."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pdcraft import __version__
from pdcraft.core.arrays import Floats
from pdcraft.optics.in_vitro.files import PLATE_FILE, plate_csv
from pdcraft.optics.in_vitro.predict import IN_VITRO_KINDS, in_vitro_document
from pdcraft.optics.prediction.document import image_document
from pdcraft.optics.prediction.files import ImageFiles
from pdcraft.optics.prediction.outputs import Pictures, add_outputs, needs_pictures
from pdcraft.optics.prediction.run import predict
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.signal import SceneSignals
from pdcraft.optics.scene import Scene
from pdcraft.transport.optical.compile_time import compile_time
from pdcraft.transport.optical.run import Progress

__all__ = ["whole_document"]

LEAST_TIME_s = 5.0  # that each part may take when the time that the scene allows is over


def whole_document(
    scene: Scene,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    with_files: bool = False,
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Predict a scene.

    Parameters
    ----------
    scene : Scene
    threads : int, optional
    progress : callable, optional
    with_files : bool
        Make images and tables as well.

    Returns
    -------
    (dict, dict of path to bytes)
        The document ``pdcraft.image/1``, and files by their path within a folder.
    """
    began, cpu = time.monotonic(), time.process_time()
    seed = scene.run.seed

    def left_s() -> float:
        return max(scene.run.max_time_s - (time.monotonic() - began), LEAST_TIME_s)

    with compile_time() as compiling:
        if scene.domain.kind in IN_VITRO_KINDS:
            document = in_vitro_document(scene)
            files = _tables(document) if with_files else {}
        else:
            pictures = None
            if needs_pictures(scene.run.outputs):
                pictures = Pictures(seed, threads, progress)

            def spread_of(
                setup: Setup, signals: SceneSignals, conc_nM: Mapping[str, float]
            ) -> Floats:
                assert pictures is not None
                pictures.max_time_s = left_s()  # what the walks for contrast left
                return pictures.spread_of(setup, signals, conc_nM)

            found = predict(
                scene,
                threads=threads,
                progress=progress,
                spread_of=None if pictures is None else spread_of,
            )
            document = image_document(found, __version__, seed)
            files = add_outputs(
                found, document, pictures, seed=seed, threads=threads, progress=progress,
                max_time_s=left_s(), files=with_files,
            )  # fmt: skip
    document["method"] |= {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.monotonic() - began,
        "compile_s": compiling.seconds,
    }
    return document, files


def _tables(document: dict[str, Any]) -> dict[str, bytes]:
    """Make the files of a scene in vitro and name them in its document."""
    table = plate_csv(document)
    if table is None:
        return {}
    files = ImageFiles()
    files.add("plate_csv", PLATE_FILE, table.encode(), None, None, None)
    document["files"] = files.entries
    return files.contents
