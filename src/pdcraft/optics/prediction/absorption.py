"""Other absorption without new walks: other doses and times, other draws, and the linear rule.

Absorption is varied at the middle wavelengths of lamp and emission, on stored paths; the change of
each signal there is taken for all wavelengths. Where the paths do not serve a medium (effective
sample below a fifth), the scene is run anew for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_volume import scene_medium
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.reweight import LINEAR_CHANGE, reweighted_signals
from pdcraft.transport.optical.run import Progress

__all__ = ["Changed", "OtherScene", "absorption_changes", "is_linear"]

HISTORIES = (40_000, 20_000)  # forward, and from each region of the image

OtherScene = tuple[Scene, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Changed:
    """Signals of other absorption over the nominal ones.

    Parameters
    ----------
    factor : ndarray, shape (scenes, rois, labels)
        1 where absorption is the same, or nothing is seen of a label.
    without_dye : ndarray, shape (rois,)
        Relative change of the nominal signal by the dye's own absorption: below 0, it takes light.
    serves : ndarray of bool, shape (scenes,)
    """

    factor: Floats
    without_dye: Floats
    serves: NDArray[np.bool_]


def is_linear(change: Floats) -> bool:
    """Whether the dye's own absorption changes no region's signal by 2% or more."""
    return bool(np.all(np.abs(change) < LINEAR_CHANGE))


def absorption_changes(
    setup: Setup,
    conc_nM: Mapping[str, float],
    others: Sequence[OtherScene],
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Changed:
    """Compute how signals change with absorption.

    Parameters
    ----------
    setup : Setup
    conc_nM : mapping of region to nM
        Of the nominal walks.
    others : sequence of (Scene, mapping)
        Scenes that differ in absorption only, each with its concentrations.
    """
    excitation, emission = _media(setup, setup.scene, conc_nM)
    plain = _media(setup, setup.scene, {})
    pairs = [plain, *(_absorbing(setup, excitation, emission, *other) for other in others)]
    found = reweighted_signals(
        setup.domain,
        excitation,
        emission,
        setup.beam,
        setup.view,
        setup.roi_weights,
        pairs,
        histories=HISTORIES,
        seed=seed,
        threads=threads,
        progress=progress,
        max_time_s=max_time_s,
    )
    nominal = found.nominal
    some = nominal > 0.0
    factor = np.where(some, found.mean / np.where(some, nominal, 1.0), 1.0)
    amount = setup.labels_of(conc_nM)
    before = found.mean[0] @ amount
    after = nominal @ amount
    change = np.where(before > 0.0, after / np.where(before > 0.0, before, 1.0) - 1.0, 0.0)
    return Changed(factor[1:], change, found.serves()[1:])


def _media(
    setup: Setup, scene: Scene, conc_nM: Mapping[str, float]
) -> tuple[OpticalMedium, OpticalMedium]:
    x, m = setup.middle
    lamp = float(setup.nodes.excitation.wavelength_nm[x])
    glow = float(setup.nodes.emission.wavelength_nm[m])
    return scene_medium(scene, lamp, conc_nM), scene_medium(scene, glow, conc_nM)


def _absorbing(
    setup: Setup,
    excitation: OpticalMedium,
    emission: OpticalMedium,
    scene: Scene,
    conc_nM: Mapping[str, float],
) -> tuple[OpticalMedium, OpticalMedium]:
    """Nominal scattering with another scene's absorption."""
    lit, glow = _media(setup, scene, conc_nM)
    return excitation.with_absorption(lit.mua_per_mm), emission.with_absorption(glow.mua_per_mm)
