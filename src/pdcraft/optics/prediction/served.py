"""Changes of signals for many absorptions, on as many sets of paths as serve them all.

Draws near the nominal absorption ride on its paths. Those that these do not serve get paths of
their own: of the one in the middle of them, whose signal is run in full and compared with the
nominal one; the others near it ride along. What no set serves is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.prediction.absorption import OtherScene, absorption_changes
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.scene_volume import dye_absorption, scene_medium
from pdcraft.transport.optical.run import Progress
from pdcraft.transport.optical.signals import region_signals

__all__ = ["MOST_ROUNDS", "RUN_HISTORIES", "served_factors"]

MOST_ROUNDS = 6
RUN_HISTORIES = (60_000, 30_000)  # of a full run, forward and from each region of the image


def served_factors(
    setup: Setup,
    conc_nM: Mapping[str, float],
    others: Sequence[OtherScene],
    *,
    by_node: bool,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> tuple[Floats, int]:
    """Signals of other absorption over the nominal ones.

    Parameters
    ----------
    conc_nM : mapping of region to nM
        Of the nominal walks.
    others : sequence of (Scene, mapping)
        Scenes that differ in absorption only, each with its concentrations.
    by_node : bool
        Follow the dye's absorption from wavelength to wavelength.

    Returns
    -------
    (ndarray, shape (scenes, excitations or 1, emissions or 1, rois, labels), int)
        And how many sets of paths it took.

    Raises
    ------
    DataError
        Naming the region and its dye, for absorption that no set of paths served.
    """
    left = list(range(len(others)))
    factor: list[Floats | None] = [None] * len(others)
    nominal: OtherScene = (setup.scene, conc_nM)
    base: Floats | float = 1.0
    for rounds in range(1, MOST_ROUNDS + 1):
        changed = absorption_changes(
            setup, nominal, [others[i] for i in left], by_node=by_node, seed=seed, threads=threads,
            progress=progress, max_time_s=max_time_s,
        )  # fmt: skip
        for k, i in enumerate(left):
            if changed.serves[k]:
                factor[i] = base * changed.factor[k]
        left = [i for i, served in zip(left, changed.serves, strict=True) if not served]
        if not left:
            return np.array(factor), rounds
        nominal = _in_the_middle(setup, [others[i] for i in left])
        base = _full_ratio(setup, conc_nM, nominal, seed, threads)
    raise _not_served(setup, others[left[-1]], len(left), len(others))


def _in_the_middle(setup: Setup, scenes: Sequence[OtherScene]) -> OtherScene:
    """Scene of the median absorption."""
    x, m = setup.middle
    lamp, glow = setup.nodes.excitation.wavelength_nm[x], setup.nodes.emission.wavelength_nm[m]
    total = [
        float(sum(scene_medium(s, float(nm), c).mua_per_mm.sum() for nm in (lamp, glow)))
        for s, c in scenes
    ]
    return scenes[int(np.argsort(total, kind="stable")[len(total) // 2])]


def _full_ratio(
    setup: Setup, conc_nM: Mapping[str, float], other: OtherScene, seed: int, threads: int | None
) -> Floats:
    """Signals of another scene over the nominal ones, both by full walks of the same numbers."""
    x, m = setup.middle
    found: list[Floats] = []
    for scene, conc in ((setup.scene, conc_nM), other):
        lit, glow = setup.media(scene, conc)
        run = region_signals(
            setup.domain, (lit[x],), (glow[m],), setup.beam, setup.view, setup.roi_weights,
            histories=RUN_HISTORIES, seed=seed, threads=threads,
        )  # fmt: skip
        found.append(run.mean)
    some = found[0] > 0.0
    return np.where(some, found[1] / np.where(some, found[0], 1.0), 1.0)


def _not_served(setup: Setup, other: OtherScene, left: int, count: int) -> DataError:
    scene, conc = other
    nm = float(setup.nodes.excitation.wavelength_nm[setup.middle[0]])
    most = int(np.argmax(dye_absorption(scene, nm, conc)[1:]))
    region = scene.regions[most].name
    return DataError(
        f"{left} of {count} draws absorb so unlike the others that no paths serve them, among them "
        f"region '{region}' with {conc.get(region, 0.0):.4g} nM of {scene.dye.name}: narrow the "
        "spread of extinction, uptake or absorption, or predict them as scenes of their own"
    )
