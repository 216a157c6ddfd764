"""Flow cytometry: how the cells of a sample spread over intensity.

A cell's signal is its molecules times the electrons that one molecule gives in the laser, plus the
cell's own fluorescence (as molecules of dye); cells differ in uptake and in own fluorescence
log-normally; shot and read noise add. Histograms are over the logarithm, as cytometers show them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import PhysicsRangeError

__all__ = ["Histogram", "Sample", "cell_signals", "histogram", "overton_positive_share"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Cells that run through the laser.

    Parameters
    ----------
    molecules_per_cell : float
        Median of the dye taken up.
    uptake_log_sd : float
        SD of the logarithm between cells.
    own_molecules : float
        Median own fluorescence, as molecules of dye.
    own_log_sd : float
    cells : int
    """

    molecules_per_cell: float
    uptake_log_sd: float
    own_molecules: float
    own_log_sd: float
    cells: int = 10_000

    def __post_init__(self) -> None:
        values = (self.molecules_per_cell, self.uptake_log_sd, self.own_molecules, self.own_log_sd)
        if not all(np.isfinite(v) and v >= 0.0 for v in values) or self.cells < 1:
            raise PhysicsRangeError(
                f"sample {values}, {self.cells} cells: molecules and spreads are 0 or more, and "
                "there is at least one cell"
            )


@dataclass(frozen=True, slots=True)
class Histogram:
    """Cells by intensity: edges of equal steps in the logarithm, and counts."""

    edges: Floats
    counts: Floats
    median: float

    def __post_init__(self) -> None:
        for name in ("edges", "counts"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"histogram {name}"))


def cell_signals(
    sample: Sample, electrons_per_molecule: float, read_noise_e: float, seed: int
) -> Floats:
    """Signal of each cell, electrons, shape (cells,)."""
    if not electrons_per_molecule > 0.0 or read_noise_e < 0.0:
        raise PhysicsRangeError(
            f"{electrons_per_molecule:g} electrons a molecule, read noise {read_noise_e:g} e: the "
            "first is above 0, the second 0 or more"
        )
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(77,)))
    taken = sample.molecules_per_cell * np.exp(
        sample.uptake_log_sd * rng.standard_normal(sample.cells)
    )
    own = sample.own_molecules * np.exp(sample.own_log_sd * rng.standard_normal(sample.cells))
    mean = electrons_per_molecule * (taken + own)
    return rng.poisson(mean) + rng.normal(0.0, read_noise_e, sample.cells)


def histogram(signals: Floats, decades: tuple[float, float], bins: int = 128) -> Histogram:
    """Histogram over the logarithm; what lies outside stands in the first and last bin."""
    edges = np.logspace(decades[0], decades[1], bins + 1)
    inside = np.clip(signals, edges[0], edges[-1] * (1.0 - 1e-12))
    counts, _ = np.histogram(inside, edges)
    return Histogram(edges, counts.astype(np.float64), float(np.median(signals)))


def overton_positive_share(treated: Histogram, control: Histogram) -> float:
    """Share of treated cells above the control, by subtraction of cumulated histograms.

    References
    ----------
    W.R. Overton, Cytometry 9, 619 (1988), doi:10.1002/cyto.990090617
    """
    if treated.edges.size != control.edges.size or np.any(treated.edges != control.edges):
        raise PhysicsRangeError("histograms on different edges do not subtract; use the same ones")
    over = np.cumsum(control.counts) / control.counts.sum()
    under = np.cumsum(treated.counts) / treated.counts.sum()
    return float(np.max(over - under))
