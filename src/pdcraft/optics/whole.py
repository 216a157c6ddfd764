"""A scene of any kind to its document and files."""

from __future__ import annotations

from typing import Any

from pdcraft import __version__
from pdcraft.errors import DataError
from pdcraft.optics.prediction.document import image_document
from pdcraft.optics.prediction.run import predict
from pdcraft.optics.scene import Scene
from pdcraft.transport.optical.run import Progress

__all__ = ["whole_document"]

DIRECT = ("plate", "dish", "microscope")  # computed without walks


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
    if scene.domain.kind in DIRECT:
        raise DataError(f"a {scene.domain.kind} scene cannot be predicted yet")
    found = predict(scene, threads=threads, progress=progress)
    return image_document(found, __version__, scene.run.seed), {}
