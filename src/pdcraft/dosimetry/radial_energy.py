"""Energy about a point source in unbounded water: what a cell's dose from another cell needs.

All radiation of a decay together: electrons with the photons that they make, photons with the
electrons that they set free. In water of one density the dose anywhere is a sum over such points,
without approximation.

Units: micrometers, keV per decay.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.nuclides import Nuclide, Progeny, Spectra, nuclide
from pdcraft.errors import ApproximationWarning, DataError, PhysicsRangeError
from pdcraft.physics.constants import J_per_keV

__all__ = ["RadialEnergy", "ball_g", "gray_of", "radial_energy", "require_emissions"]

UM_PER_MM = 1000.0
G_PER_UM3 = 1e-12  # of water of 1 g/mL
BATCHES = 20
DECAYS = 50_000  # 0.6% of a cell's own dose from a beta emitter
BALANCE = 1e-4  # of all energy
FAR_radii = 2.0  # what lies farther out than the cluster's diameter is thinned


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
    """

    name: str
    edges_um: Floats
    energy_keV: Floats
    emitted_keV: float
    words: str

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


def gray_of(energy_keV: Floats, radius_um: float) -> Floats:
    """Mean dose of a ball of water that absorbs an energy."""
    return np.asarray(energy_keV) * J_per_keV * 1e3 / ball_g(radius_um)


def require_emissions(source: Nuclide) -> None:
    """Refuse a nuclide that emits nothing with a spectrum."""
    if not (source.beta or source.beta_tables or source.electrons or source.photons):
        raise DataError(
            f"{source.name}: no emissions are known, so there is no dose; name a nuclide with a "
            "spectrum"
        )


def radial_energy(
    name: str,
    *,
    reach_um: float,
    decays: int = DECAYS,
    progeny: Progeny = "prompt",
    spectra: Spectra = "own",
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> RadialEnergy:
    """Transport a nuclide's decays from a point in unbounded water.

    Parameters
    ----------
    name : str
        Nuclide, with its own spectra of betas, conversion and Auger electrons and photons.
    reach_um : float
        Distance up to which energies are wanted, the diameter of a cluster; electrons farther out
        are thinned, photons and what they set free are not.
    decays : int
        1000 or more.
    progeny, spectra, seed, threads, progress
        As in `pdcraft.dosimetry.sphere_transport.transported_sphere_S`.

    Raises
    ------
    DataError
        For an unknown nuclide, or one without emissions.
    PhysicsRangeError
        For too few decays, or a reach that is not above 0.

    Warns
    -----
    ApproximationWarning
        Where a part of the radiation lies above 3 MeV.
    """
    from pdcraft.data.materials import material
    from pdcraft.dosimetry.sphere_energy import words_beyond_tables
    from pdcraft.dosimetry.transport_inputs import emitted_groups
    from pdcraft.transport.point import point_kernel

    if decays < 1000 or not 0.0 < reach_um < np.inf:
        raise PhysicsRangeError(
            f"point source: {decays} decays, reach {reach_um:g} um; 1000 decays or more, and a "
            "reach above 0"
        )
    source = nuclide(name, progeny, spectra)
    require_emissions(source)
    for words in words_beyond_tables(source):
        warnings.warn(words, ApproximationWarning, stacklevel=2)
    run = point_kernel(
        emitted_groups(source),
        material("water"),
        histories=decays,
        batches=BATCHES,
        soft_keV=source.soft_keV,
        seed=seed,
        threads=threads,
        progress=progress,
        thin_mm=FAR_radii * reach_um / UM_PER_MM,
        thin_most=100.0,
    )
    kept = run.edges_mm[:-1] * UM_PER_MM
    return RadialEnergy(
        source.name,
        kept,
        run.energy_keV.sum(axis=1)[:, :-1],
        run.emitted_keV,
        f"transport of {run.histories:,} decays from a point, electrons to 1 keV",
    )
