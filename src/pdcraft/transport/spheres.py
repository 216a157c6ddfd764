"""Concentric spheres of any materials: energy absorbed in every shell, electrons transported."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.errors import DataError
from pdcraft.transport.batches import std_err
from pdcraft.transport.emissions import Group, emissions_of
from pdcraft.transport.engine import (
    Problem,
    collect_batches,
    options_of,
    prepare_electrons,
    prepare_photons,
)
from pdcraft.transport.geometry import MAKE_ELECTRONS, TRANSPORT, spheres
from pdcraft.transport.history import SHELL, SURFACE, Source
from pdcraft.transport.settings import Settings
from pdcraft.transport.tally import EMITTED, tally_of_cells

__all__ = ["ShellTally", "Shells", "transport_spheres"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shells:
    """Spheres about one center, each filled to the next smaller one; the last reaches to infinity.

    Parameters
    ----------
    radius_mm : tuple of float, ascending
        Outer radii; what lies beyond the last is one more region.
    materials : tuple of Material, one more than radii
    density_g_per_mL : tuple of float, optional
        The materials' nominal densities without it.

    Raises
    ------
    DataError
        For radii that do not ascend from above zero, or numbers of materials that do not fit.
    """

    radius_mm: tuple[float, ...]
    materials: tuple[Material, ...]
    density_g_per_mL: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        r = (0.0, *self.radius_mm)
        if len(r) < 2 or not all(a < b < math.inf for a, b in itertools.pairwise(r)):
            raise DataError(f"spheres: radii {self.radius_mm} mm must ascend from above zero")
        n = len(self.radius_mm) + 1
        densities = self.density_g_per_mL or tuple(m.density_g_per_mL for m in self.materials)
        if len(self.materials) != n or len(densities) != n:
            raise DataError(
                f"spheres: {n - 1} radii need {n} materials and densities (the last fills the "
                f"space outside), got {len(self.materials)} and {len(densities)}"
            )
        if not all(0.0 < d < 30.0 for d in densities):
            raise DataError(f"spheres: densities {densities} g/mL must lie between 0 and 30")
        object.__setattr__(self, "density_g_per_mL", densities)

    def mass_g(self) -> Floats:
        """Mass of every shell, in g, without the space outside."""
        cubes = np.diff(np.concatenate([[0.0], np.array(self.radius_mm) ** 3]))
        assert self.density_g_per_mL is not None
        return 4e-3 / 3.0 * math.pi * cubes * np.array(self.density_g_per_mL[:-1])


@dataclass(frozen=True, slots=True)
class ShellTally:
    """Energy absorbed per decay in every region, keV, with its standard error.

    ``energy_keV`` and ``std_err_keV`` have shape (types + 1, regions); the last row is the sum over
    types, the last region the space outside.
    """

    energy_keV: Floats
    std_err_keV: Floats
    emitted_keV: float
    histories: int


def transport_spheres(
    shells: Shells,
    groups: tuple[Group, ...],
    source: int | tuple[str, int] = 0,
    *,
    soft_keV: float = 0.0,
    histories: int = 100_000,
    batches: int = 20,
    settings: Settings | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> ShellTally:
    """Transport emissions from one shell, or from the surface of a sphere.

    Parameters
    ----------
    shells : Shells
    groups : tuple of Group
    source : int or ("surface", int)
        Number of the shell that is the uniform source, from 0; or the sphere on whose outer surface
        the decays happen.
    soft_keV : float
        Energy per decay that stays where it is.
    histories, batches : int
    settings : Settings, optional
    """
    settings = settings or Settings()
    materials = tuple(dict.fromkeys(shells.materials))
    assert shells.density_g_per_mL is not None
    surface = isinstance(source, tuple)
    at = source[1] if isinstance(source, tuple) else source
    if not 0 <= at < len(shells.radius_mm):
        raise DataError(
            f"spheres: source {source!r}; there are shells 0 to {len(shells.radius_mm) - 1}"
        )
    inner = 0.0 if at == 0 else shells.radius_mm[at - 1]
    flags = TRANSPORT | MAKE_ELECTRONS
    problem = Problem(
        prepare_photons(materials, settings.photoelectric),
        prepare_electrons(materials, settings),
        spheres(
            np.array(shells.radius_mm, dtype=np.float64),
            np.array([materials.index(m) | flags for m in shells.materials], np.uint8),
            np.array(shells.density_g_per_mL, np.float32),
        ),
        Source(SURFACE if surface else SHELL, inner=inner, outer=shells.radius_mm[at]),
        emissions_of(groups, settings, soft_keV),
        tally_of_cells(len(shells.materials)),
        options_of(settings, reject=False),
    )
    size = max(1, histories // batches)
    energies, balance = collect_batches(problem, batches, size, seed, threads, progress)
    array = np.concatenate([energies, energies.sum(axis=1, keepdims=True)], axis=1)
    return ShellTally(
        array.mean(axis=0),
        std_err(array),
        float(balance[EMITTED]),
        batches * size,
    )
