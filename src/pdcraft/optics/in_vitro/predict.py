"""What a plate reader, a dish under a camera, or a microscope shows of a scene: one document.

Clear liquids and thin cells need no transport of light: every number is computed in closed form
(`pdcraft.optics.in_vitro.well`, `microscope`), and ``std_err`` is null throughout.
"""

from __future__ import annotations

from typing import Any

from pdcraft.errors import DataError
from pdcraft.optics.in_vitro.document import vitro_document
from pdcraft.optics.scene import Scene

__all__ = ["IN_VITRO_KINDS", "in_vitro_document"]

IN_VITRO_KINDS = ("plate", "dish", "microscope")


def in_vitro_document(
    scene: Scene, *, seed: int | None = None, draws: int | None = None
) -> dict[str, Any]:
    """Predict a plate, dish or microscope scene.

    Parameters
    ----------
    scene : Scene
    seed, draws : int, optional
        Those of the scene's run by default.

    Returns
    -------
    dict
        A ``pdcraft.image/1`` document; what such a scene does not have is None. Plates add
        ``wells`` and ``assay`` (of the first frame; `frames` hold those of each), microscopes
        ``cells``.

    Raises
    ------
    DataError
        For other kinds of scene.
    """
    number = scene.run.seed if seed is None else seed
    count = scene.run.draws if draws is None else draws
    document = vitro_document(scene, number, count)
    if scene.domain.kind == "plate":
        from pdcraft.optics.in_vitro.plate_frames import plate_parts

        parts = plate_parts(scene, number, count)
    elif scene.domain.kind == "dish":
        from pdcraft.optics.in_vitro.dish_frames import dish_parts

        parts = dish_parts(scene, number, count)
    elif scene.domain.kind == "microscope":
        from pdcraft.optics.in_vitro.cell_frames import cell_parts

        parts = cell_parts(scene, number, count)
    else:
        raise DataError(
            f"a {scene.domain.kind} scene is not in vitro; these are {', '.join(IN_VITRO_KINDS)}"
        )
    for key in ("assumed", "warnings", "citations"):
        document[key] = list(dict.fromkeys([*document[key], *parts.pop(key, [])]))
    document["uncertainty"] |= parts.pop("uncertainty")
    return document | parts
