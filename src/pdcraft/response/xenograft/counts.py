"""Blood counts of mice: the marrow model of man with its times scaled by body mass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.data.xenografts import xenograft_prior
from pdcraft.numerics.inputs import stream
from pdcraft.response.marrow.draws import marrow_draws
from pdcraft.response.marrow.simulate import simulate_counts

__all__ = ["COUNT_DRAWS", "mouse_nadirs"]

MAN_g = 70_000.0
COUNT_DRAWS = 100  # most draws that are followed: cells of a mouse turn over fast, steps are short
AFTER_d = 28  # days that counts are followed after the last administration
POINTS = 40  # of a dose rate after each administration
FIRST_h = 0.5


def mouse_nadirs(
    rates: Sequence[DoseRate], body_g: float, seed: int
) -> dict[str, tuple[Floats, Floats]]:
    """Lowest counts over the baseline, and their days, by lineage; each (draws, groups).

    Parameters
    ----------
    rates : sequence of DoseRate
        In red marrow of each group, of terms, leading axis (draws,). The first `COUNT_DRAWS` draws
        are followed, to four weeks after the last administration of any group.
    body_g : float
    seed : int

    Notes
    -----
    The effect per Gy is that of man; a mouse's cells turn over faster by a power of the body mass.
    Both are assumed: no count of a mouse was seen.
    """
    draws = min(COUNT_DRAWS, min(r.shape[0] for r in rates))
    starts = np.unique(np.concatenate([r.terms[2].ravel() for r in rates]))
    days = np.arange(0.0, np.ceil(starts.max() / 24.0) + AFTER_d + 0.5)
    one = np.concatenate([[0.0], np.geomspace(FIRST_h, 24.0 * days[-1], POINTS)])
    # a rate jumps at a start: the point before it keeps the line between samples from rising early
    times = np.unique(np.concatenate([start + one for start in starts]))
    before = starts[starts > 0] - 1e-3
    times = np.unique(np.concatenate([times[times <= 24.0 * days[-1]], before]))
    given = np.stack([r.at(times)[:draws] for r in rates], axis=1)
    man = marrow_draws().parameters(draws, 1, seed=seed, effect_log_sd=0.0)
    prior = xenograft_prior("marrow_time")
    power = prior.value + (prior.sd or 0.0) * stream(seed, "xenograft.marrow").standard_normal(
        draws
    )
    faster = (body_g / MAN_g) ** power
    mouse = replace(
        man,
        transit_d=man.transit_d * faster[:, None, None],
        stem_per_d=man.stem_per_d / faster[:, None],
    )
    counts = simulate_counts(mouse, DoseRate.sampled(times, given), days)
    relative = counts / mouse.baseline_1e9_per_L[..., None]
    return {
        name: (relative[:, :, i].min(axis=-1), days[relative[:, :, i].argmin(axis=-1)])
        for i, name in enumerate(mouse.lineages)
    }
