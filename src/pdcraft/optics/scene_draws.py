"""What of a scene is uncertain, and the scene with drawn values in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.names import index_of, look_up
from pdcraft.optics.prior import Prior
from pdcraft.optics.scene import Scene

__all__ = ["EDGE", "drawn_values", "scene_priors", "scene_with"]

EDGE = 1e-4  # quantiles this near to 0 and 1 are not drawn: no run is designed for them


def scene_priors(scene: Scene) -> tuple[Prior, ...]:
    """List the uncertain numbers: of the dye, of materials that regions use, of uptake.

    Names are dotted: ``dye.quantum_yield``, ``material.brain.blood_volume``, ``uptake.tumour``.
    """
    used = dict.fromkeys(region.material for region in scene.regions)
    out = [prior.renamed(f"dye.{prior.name}") for prior in scene.dye.priors]
    for name in used:
        if name in scene.materials:
            out += [p.renamed(f"material.{name}.{p.name}") for p in scene.materials[name].priors]
    return (*out, *scene.spread)


def drawn_values(
    priors: Sequence[Prior], count: int, rng: np.random.Generator
) -> tuple[Floats, list[dict[str, float]]]:
    """Draw all uncertain numbers at once, in Latin hypercube order.

    Returns
    -------
    ndarray, shape (count, priors)
        Quantiles.
    list of dict
        Values by name, one dict a draw.
    """
    from scipy.stats import qmc

    unit = np.zeros((count, 0))
    if priors:
        unit = qmc.LatinHypercube(len(priors), rng=rng).random(count).clip(EDGE, 1.0 - EDGE)
    values = [
        {p.name: p.quantile(float(u)) for p, u in zip(priors, row, strict=True)} for row in unit
    ]
    return unit, values


def scene_with(scene: Scene, values: Mapping[str, float]) -> Scene:
    """Return the scene with drawn values.

    Parameters
    ----------
    scene : Scene
    values : mapping
        By names of `scene_priors`; others keep what they are.

    Raises
    ------
    DataError
        For a name that is none of the scene's priors.
    """
    index = index_of((prior.name, ()) for prior in scene_priors(scene))
    for name in values:
        look_up("uncertain number", name, index, f"this scene has {', '.join(index.values())}")
    dye = {k.removeprefix("dye."): v for k, v in values.items() if k.startswith("dye.")}
    uptake = {k.removeprefix("uptake."): v for k, v in values.items() if k.startswith("uptake.")}
    materials = dict(scene.materials)
    for name, material in scene.materials.items():
        head = f"material.{name}."
        own = {k.removeprefix(head): v for k, v in values.items() if k.startswith(head)}
        if own:
            materials[name] = material.with_values(own)
    return replace(
        scene,
        dye=scene.dye.with_values(dye) if dye else scene.dye,
        materials=materials,
        concentration=scene.concentration.scaled(uptake) if uptake else scene.concentration,
    )
