"""Draws of an in-vitro scene: every uncertain number at once, in Latin hypercube order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import drivers_of
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_draws import drawn_values, scene_priors, scene_with

__all__ = ["DrawnScene", "drawn_scenes", "uncertainty"]

SHOWN = 8  # contributors


@dataclass(frozen=True, slots=True)
class DrawnScene:
    """A scene with drawn values, by name, and the number of the draw."""

    scene: Scene
    values: Mapping[str, float]
    number: int

    def concentrations(self, time_h: float | None) -> dict[str, float]:
        """Concentration in nM of every region, of the draw of a table that holds several."""
        return self.scene.concentrations(time_h, self.number)


def drawn_scenes(scene: Scene, draws: int, seed: int) -> tuple[DrawnScene, ...]:
    """Draw a scene as often as asked."""
    if draws < 1:
        return ()
    rng = np.random.default_rng([seed, 0x1A])
    _, rows = drawn_values(scene_priors(scene), draws, rng)
    return tuple(
        DrawnScene(scene_with(scene, values) if values else scene, values, i)
        for i, values in enumerate(rows)
    )


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
