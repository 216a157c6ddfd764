"""Energy about a point source in unbounded water: what a cell's dose from another cell needs.

All radiation of a decay together: alpha particles, electrons with the photons that they make,
photons with the electrons that they set free. In water of one density the dose anywhere is a sum
over such points, without approximation.

Units: micrometers, keV per decay.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.chains import uncounted_alpha_words
from pdcraft.data.nuclides import Nuclide, Progeny, Spectra, nuclide
from pdcraft.dosimetry.alpha_tracks import RANGES_WITHIN, alpha_shells_keV
from pdcraft.dosimetry.point_kernel import (
    RadialKernel,
    kernel_of,
    nuclide_kernel,
    require_emissions,
)
from pdcraft.dosimetry.sphere_energy import words_beyond_tables
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.physics.constants import J_per_keV

__all__ = ["RadialEnergy", "ball_g", "gray_of", "radial_energy"]

UM_PER_MM = 1000.0
G_PER_UM3 = 1e-12  # of water of 1 g/mL
BALANCE = 1e-4  # of all energy


@dataclass(frozen=True, slots=True)
class RadialEnergy:
    """Energy per decay in shells about a point source, in batches of histories.

    Parameters
    ----------
    name : str
        Nuclide or emission.
    edges_um : ndarray, shape (shells + 1,)
        Ascending from 0; what lies beyond the last counts nowhere.
    energy_keV : ndarray, shape (batches, shells)
        One batch, where the energies are known without chance.
    emitted_keV : float
        Per decay, for what leaves the cluster.
    words : str
        How it was made.
    models : tuple of tuple of RadialEnergy
        The same decay in other models, by family: a result's spread between models is the greatest
        change within each family, in quadrature.
    """

    name: str
    edges_um: Floats
    energy_keV: Floats
    emitted_keV: float
    words: str
    models: tuple[tuple[RadialEnergy, ...], ...] = ()

    def __post_init__(self) -> None:
        edges = frozen(self.edges_um, "edges of shells")
        energy = frozen(self.energy_keV, "energy in shells")
        if energy.ndim != 2 or edges.shape != (energy.shape[1] + 1,):
            raise DataError(
                f"{self.name}: {edges.shape} edges and energies of shape {energy.shape}; wanted "
                "(shells + 1,) and (batches, shells)"
            )
        if edges[0] != 0.0 or np.any(np.diff(edges) <= 0.0):
            raise DataError(f"{self.name}: edges of shells ascend from 0")
        mean = energy.mean(axis=0)  # tiny negative ones are what chance left of a balance
        if np.any(mean < -BALANCE * mean.sum()) or not mean.sum() > 0.0:
            raise DataError(
                f"{self.name}: the energies about a point source are negative or all 0; a source "
                "without a spectrum gives no dose"
            )
        object.__setattr__(self, "edges_um", edges)
        object.__setattr__(self, "energy_keV", energy)

    @property
    def mean_keV(self) -> Floats:
        """Mean over the batches, shape (shells,)."""
        return self.energy_keV.mean(axis=0)


def ball_g(radius_um: float) -> float:
    """Mass of a ball of water of 1 g/mL, in g."""
    return 4.0 / 3.0 * np.pi * radius_um**3 * G_PER_UM3


def gray_of(energy_keV: ArrayLike, radius_um: float) -> Floats:
    """Mean dose of a ball of water that absorbs an energy."""
    return np.asarray(energy_keV, dtype=np.float64) * J_per_keV * 1e3 / ball_g(radius_um)


def radial_energy(
    name: str,
    *,
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    stay: float | Mapping[str, float] = 1.0,
) -> RadialEnergy:
    """Energy about a decay of a nuclide, from the tables of points that the package ships.

    Parameters
    ----------
    name, progeny, spectra, stay
        As in `pdcraft.data.nuclides.nuclide`; ``stay`` is the share of daughters that decay where
        they were formed.

    Returns
    -------
    RadialEnergy
        With the same decay in other models: electrons below 12 keV, Auger spectra, ranges of alpha
        particles.

    Raises
    ------
    DataError
        For an unknown nuclide, or one without emissions.
    PhysicsRangeError
        If more than 1% of an energy lies above 3 MeV.

    Warns
    -----
    ApproximationWarning
        If less does: it counts as more particles of 3 MeV. Where daughters' alpha particles are not
        counted.
    """
    source = nuclide(name, progeny, spectra, stay=stay)
    require_emissions(source)
    for words in (*words_beyond_tables(source), *uncounted_alpha_words(source)):
        warnings.warn(words, ApproximationWarning, stacklevel=2)
    kernel = nuclide_kernel(name, progeny, spectra) if stay == 1.0 else kernel_of(source)
    own = _of_kernel(kernel, source, 1.0)
    families = [
        tuple(_of_kernel(other, source, 1.0) for other in family.values())
        for family in (kernel.low_energy_models, kernel.auger_models)
        if family
    ]
    if source.alpha:
        families.append((_of_kernel(kernel, source, 1.0 + RANGES_WITHIN),))
    return replace(own, models=tuple(families))


def _of_kernel(kernel: RadialKernel, source: Nuclide, stopping_factor: float) -> RadialEnergy:
    """Radiation of all types together, with the alpha particles."""
    finite = np.isfinite(kernel.edges_mm)
    edges = kernel.edges_mm[finite]
    energy = kernel.energy_keV.sum(axis=1)[:, : edges.size - 1]
    words = "tables of points in water, electrons to 100 eV"
    if source.alpha:
        energy = energy + alpha_shells_keV(source, edges, stopping_factor)
        words += "; alpha particles along straight tracks"
    emitted = kernel.emitted_keV + source.alpha_keV + source.recoil_keV
    return RadialEnergy(source.name, UM_PER_MM * edges, energy, emitted, words)
