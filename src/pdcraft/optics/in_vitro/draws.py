"""Draws of an in-vitro scene: every uncertain number at once, in Latin hypercube order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import drivers_of
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_draws import scene_priors, scene_with

__all__ = ["DrawnScene", "drawn_scenes", "uncertainty"]

EDGE = 1e-4  # quantiles this near to 0 and 1 are not drawn
SHOWN = 8  # contributors


@dataclass(frozen=True, slots=True)
class DrawnScene:
    """A scene with drawn values and the draw of its concentration table, if it holds several."""

    scene: Scene
    table_draw: int | None
    values: Mapping[str, float]


def drawn_scenes(scene: Scene, draws: int, seed: int) -> tuple[DrawnScene, ...]:
    """Draw a scene as often as asked."""
    from scipy.stats import qmc

    rows = scene.concentration.conc_nM.shape[0]
    priors = scene_priors(scene)
    if draws < 1:
        return ()
    unit = np.full((draws, 0), 0.5)
    if priors:
        sampler = qmc.LatinHypercube(len(priors), rng=np.random.default_rng([seed, 0x1A]))
        unit = np.clip(sampler.random(draws), EDGE, 1.0 - EDGE)
    out: list[DrawnScene] = []
    for i, row in enumerate(unit):
        values = {p.name: p.quantile(float(u)) for p, u in zip(priors, row, strict=True)}
        drawn = scene_with(scene, values) if values else scene
        out.append(DrawnScene(drawn, i % rows if rows > 1 else None, values))
    return tuple(out)


def uncertainty(scenes: Sequence[DrawnScene], outcome: Floats | None) -> dict[str, object]:
    """Tell where the spread of an outcome comes from, as the image document does.

    Parameters
    ----------
    outcome : ndarray, shape (draws,), or None
    """
    found: list[dict[str, object]] = []
    if scenes and outcome is not None and np.all(np.isfinite(outcome)):
        names = scenes[0].values
        inputs = {name: np.array([one.values[name] for one in scenes]) for name in names}
        ranked = drivers_of(outcome, inputs)[:SHOWN]
        found = [{"input": d.input, "share": d.share} for d in ranked]
    return {"draws": len(scenes), "top_contributors": found}
