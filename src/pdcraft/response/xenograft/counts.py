"""Blood counts of mice: the marrow model of man with its times scaled by body mass."""

from __future__ import annotations

from dataclasses import replace

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.data.xenografts import xenograft_prior
from pdcraft.numerics.inputs import stream
from pdcraft.response.marrow.draws import marrow_draws
from pdcraft.response.marrow.simulate import simulate_counts

__all__ = ["mouse_nadirs"]

MAN_g = 70_000.0


def mouse_nadirs(
    rate: DoseRate, body_g: float, days: Floats, draws: int, seed: int
) -> dict[str, tuple[Floats, Floats]]:
    """Lowest counts over the baseline, and their days, by lineage; each of shape (draws,).

    Parameters
    ----------
    rate : DoseRate
        In red marrow, leading axis (draws,).
    body_g : float
    days : ndarray
    draws, seed : int

    Notes
    -----
    The effect per Gy is that of man; a mouse's cells turn over faster by a power of the body mass.
    Both are assumed: no count of a mouse was seen.
    """
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
    amplitude, decay, at, amount = rate.terms
    one = DoseRate.of_terms(amplitude[:, None], decay[:, None], at, amount)
    counts = simulate_counts(mouse, one, days)[:, 0]
    relative = counts / mouse.baseline_1e9_per_L[:, 0, :, None]
    return {
        name: (relative[:, i].min(axis=-1), days[relative[:, i].argmin(axis=-1)])
        for i, name in enumerate(mouse.lineages)
    }
