"""Point kernels of the transport suite: each run once, read at many radii."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

from pdcraft.core.material import Material
from pdcraft.data.materials import material
from pdcraft.transport.emissions import Group
from pdcraft.transport.point import PointKernel, point_kernel
from pdcraft.transport.settings import Settings

__all__ = ["COARSE", "LIKE_EGSNRC", "Reader", "Run", "kernel", "water"]

#: Photoelectric cross sections as PENELOPE and EGSnrc have them.
LIKE_EGSNRC = Settings(photoelectric="normalized")
#: For photons in spheres of more than 1 mm: tracks end at 20 keV, whose range is 9 µm.
COARSE = Settings(
    deflection=0.2,
    loss=0.2,
    hard_loss_keV=20.0,
    hard_photon_keV=20.0,
    electron_cutoff_keV=20.0,
    photoelectric="normalized",
)
NEVER_THIN = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """How a point kernel is run, and for which radii of spheres it is read.

    Parameters
    ----------
    up_to_mm : float
        Greatest radius; the next run of a list serves larger ones.
    thin_mm : float
        Electrons farther out are thinned: twice the greatest radius and more leaves the spheres'
        own energy as it is.
    """

    up_to_mm: float
    histories: int
    thin_mm: float = NEVER_THIN
    settings: Settings = LIKE_EGSNRC
    full: bool = False


@cache
def water(mean_excitation_eV: float) -> Material:
    """Liquid water of 1.000 g/mL."""
    return replace(material("water"), density_g_per_mL=1.0, mean_excitation_eV=mean_excitation_eV)


def kernel(
    groups: tuple[Group, ...], run: Run, mean_excitation_eV: float, soft_keV: float = 0.0
) -> PointKernel:
    """Run a point kernel in water, in 40 batches of a fixed seed."""
    return point_kernel(
        groups,
        water(mean_excitation_eV),
        histories=run.histories,
        batches=40,
        settings=run.settings,
        soft_keV=soft_keV,
        thin_mm=run.thin_mm,
        thin_most=math.inf,
    )


class Reader:
    """Energy absorbed about a source of some emissions, from as few runs as the radii need."""

    def __init__(
        self,
        groups: tuple[Group, ...],
        runs: tuple[Run, ...],
        mean_excitation_eV: float,
        full: bool,
        soft_keV: float = 0.0,
    ) -> None:
        self._groups, self._runs, self._I_eV = groups, runs, mean_excitation_eV
        self._full, self._soft_keV = full, soft_keV
        self._done: dict[Run, PointKernel] = {}

    def _kernel(self, radius_mm: float) -> PointKernel | None:
        for run in self._runs:
            if radius_mm <= run.up_to_mm * (1.0 + 1e-9):
                break
        else:
            return None
        if run.full and not self._full:
            return None
        if run not in self._done:
            self._done[run] = kernel(self._groups, run, self._I_eV, self._soft_keV)
        return self._done[run]

    def absorbed_keV(self, radius_mm: float) -> tuple[float, float] | None:
        """In a sphere that is the uniform source: mean, standard error; None without a run."""
        found = self._kernel(radius_mm)
        if found is None:
            return None
        mean, error = found.absorbed_keV(radius_mm)
        return float(mean[-1]), float(error[-1])

    def within_keV(self, radius_mm: float) -> tuple[float, float] | None:
        """Within a radius about a point source: mean, standard error; None without a run."""
        found = self._kernel(0.5 * radius_mm)  # thinning begins at twice the radius of a sphere
        if found is None:
            return None
        mean, error = found.in_shell_keV(0.0, radius_mm)
        return float(mean[-1]), float(error[-1])
