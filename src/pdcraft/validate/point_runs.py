"""Point kernels of the transport suite: each run once, read at many radii."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from pdcraft.core.material import Material
from pdcraft.data.materials import material
from pdcraft.transport.emissions import Group
from pdcraft.transport.point import PointKernel, point_kernel
from pdcraft.transport.settings import Settings

__all__ = ["COARSE", "FINE", "LIKE_EGSNRC", "Run", "kernel", "run_for", "water"]

FINE = Settings()
#: Photoelectric cross sections as PENELOPE and EGSnrc have them.
LIKE_EGSNRC = Settings(photoelectric="normalized")
#: For photons in spheres of 5 mm and more: tracks end at 20 keV, whose range is 9 µm.
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


def run_for(radius_mm: float, runs: Iterable[Run], *, full: bool) -> Run | None:
    """First run that serves a radius and is done at this level."""
    for run in runs:
        if radius_mm <= run.up_to_mm * (1.0 + 1e-9):
            return run if full or not run.full else None
    return None


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
