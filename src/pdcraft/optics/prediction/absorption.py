r"""Other absorption without new walks: other doses and times, other draws, and the linear rule.

Absorption is varied on stored paths, scattering being that of the middle wavelengths of lamp and
emission. With `by_node` each wavelength has the dye's absorption there: between lamp and node *x*,
and emission node *m*, the change is taken as
:math:`f_{x,mid}\,f_{mid,m}/f_{mid,mid}`. Without it the change at the middle serves all. Where the
paths do not serve a medium (effective sample below a fifth), the scene is run anew for it.
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
    factor : ndarray, shape (scenes, excitations or 1, emissions or 1, rois, labels)
        1 where absorption is the same, or nothing is seen of a label.
    by_dye : ndarray, shape (scenes, rois)
        Relative change of the signal from the nominal scene without dye: by the dye's own
        absorption where nothing else differs; below 0, it takes light. NaN where the paths do not
        serve.
    serves : ndarray of bool, shape (scenes,)
    """

    factor: Floats
    by_dye: Floats
    serves: NDArray[np.bool_]


def is_linear(change: Floats) -> bool:
    """Whether the dye's own absorption changes no signal by 2% or more; not where it is unknown."""
    return bool(np.all(np.abs(change) < LINEAR_CHANGE))


def absorption_changes(
    setup: Setup,
    nominal: OtherScene,
    others: Sequence[OtherScene],
    *,
    seed: int,
    by_node: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Changed:
    """Compute how signals change with absorption.

    Parameters
    ----------
    setup : Setup
    nominal : (Scene, mapping of region to nM)
        Whose absorption the paths know best: signals are over those of this scene.
    others : sequence of (Scene, mapping)
        Scenes that differ in absorption only, each with its concentrations.
    by_node : bool
        Follow the dye's absorption from wavelength to wavelength; costs one weight for each.
    """
    pairs = _node_pairs(setup) if by_node else [setup.middle]
    base = _media(setup, *nominal, *setup.middle)
    riders = [_media(setup, *one, *pair) for one in (nominal, *others) for pair in pairs]
    riders.append(_media(setup, nominal[0], {}, *setup.middle))
    found = reweighted_signals(
        setup.domain,
        *base,
        setup.beam,
        setup.view,
        setup.roi_weights,
        [
            (base[0].with_absorption(lit.mua_per_mm), base[1].with_absorption(glow.mua_per_mm))
            for lit, glow in riders
        ],
        histories=HISTORIES,
        seed=seed,
        threads=threads,
        progress=progress,
        max_time_s=max_time_s,
    )
    count, each = len(others), len(pairs)
    mean = found.mean[: (1 + count) * each].reshape(1 + count, each, *found.mean.shape[1:])
    serves = np.all(found.serves()[each : (1 + count) * each].reshape(count, each), axis=1)
    serves = np.atleast_1d(serves)
    ratio = _ratio(mean[1:], mean[0])
    factor = _over_nodes(setup, ratio) if by_node else ratio[:, None]
    amount = np.array([setup.labels_of(conc) for _, conc in others])
    middle = pairs.index(setup.middle)
    after = np.einsum("krl,kl->kr", mean[1:, middle], amount)
    before = np.einsum("rl,kl->kr", found.mean[-1], amount)
    change = np.where(before > 0.0, after / np.where(before > 0.0, before, 1.0) - 1.0, 0.0)
    return Changed(factor, np.where(serves[:, None], change, np.nan), serves)


def _node_pairs(setup: Setup) -> list[tuple[int, int]]:
    """Excitation nodes with the middle of emission, and emission nodes with that of the lamp."""
    x, m = setup.middle
    rows = [(i, m) for i in range(len(setup.nodes.excitation))]
    return rows + [(x, j) for j in range(len(setup.nodes.emission)) if j != m]


def _over_nodes(setup: Setup, ratio: Floats) -> Floats:
    """Carry changes at `_node_pairs`, (scenes, pairs, ...), to all nodes."""
    pairs = _node_pairs(setup)
    x, m = setup.middle
    along = ratio[:, [pairs.index((i, m)) for i in range(len(setup.nodes.excitation))]]
    across = ratio[:, [pairs.index((x, j)) for j in range(len(setup.nodes.emission))]]
    center = ratio[:, pairs.index((x, m))]
    relative = across / np.where(center > 0.0, center, 1.0)[:, None]
    return along[:, :, None] * relative[:, None, :]


def _ratio(mean: Floats, nominal: Floats) -> Floats:
    some = nominal > 0.0
    return np.where(some, mean / np.where(some, nominal, 1.0), 1.0)


def _media(
    setup: Setup, scene: Scene, conc_nM: Mapping[str, float], x: int, m: int
) -> tuple[OpticalMedium, OpticalMedium]:
    """Media at an excitation and an emission node."""
    lamp = float(setup.nodes.excitation.wavelength_nm[x])
    glow = float(setup.nodes.emission.wavelength_nm[m])
    return scene_medium(scene, lamp, conc_nM), scene_medium(scene, glow, conc_nM)
