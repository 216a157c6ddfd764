"""Radii of metastases: the few that are computed, and how often each stands for a setting's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats

if TYPE_CHECKING:
    from pdcraft.study.micrometastases.table import MetastasisSetting, Micrometastases

__all__ = ["Sizes", "sizes_of"]

NODES = 8
UM_PER_MM = 1000.0
WIDTH = 2.576  # standard deviations: 99% of a log-normal


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Radii, and the share of each setting's metastases that they stand for.

    Parameters
    ----------
    radius_um : ndarray, shape (radii,)
        Ascending.
    share : mapping of str to ndarray, shape (radii,)
        By setting; sums are 1.
    """

    radius_um: Floats
    share: dict[str, Floats]


def sizes_of(said: Micrometastases) -> Sizes:
    """Radii between the smallest and the largest metastasis, evenly in the logarithm."""
    limits = np.array([_limits_um(one, said.cell_radius) for one in said.setting])
    if all(one.factor == 1.0 for one in said.setting):
        radius = np.unique(limits[:, 0])
    else:
        radius = np.geomspace(limits[:, 0].min(), limits[:, 1].max(), NODES)
    return Sizes(radius, {one.name: _share(one, radius) for one in said.setting})


def _limits_um(one: MetastasisSetting, cell_mm: float) -> tuple[float, float]:
    wide = one.factor**WIDTH
    low = max(one.radius / wide, cell_mm)
    high = min(one.radius * wide, one.largest or np.inf)
    return UM_PER_MM * low, UM_PER_MM * max(high, low)


def _share(one: MetastasisSetting, radius_um: Floats) -> Floats:
    from pdcraft.physics.control_probability import probit

    logs = np.log(radius_um)
    if one.factor == 1.0 or len(logs) == 1:
        at = np.interp(np.log(UM_PER_MM * one.radius), logs, np.arange(len(logs), dtype=float))
        return np.maximum(1.0 - np.abs(np.arange(len(logs)) - at), 0.0)
    middle = 0.5 * (logs[1:] + logs[:-1])
    edges = np.concatenate([[logs[0]], middle, [logs[-1]]])
    edges = np.minimum(edges, np.log(UM_PER_MM * (one.largest or np.inf)))
    reached = probit((edges - np.log(UM_PER_MM * one.radius)) / np.log(one.factor))
    share = np.diff(reached)
    return share / share.sum()
