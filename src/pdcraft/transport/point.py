r"""Point sources in one infinite medium: energy in shells, and spheres of every size from them.

A uniform source in a sphere of the same medium is a point source seen from everywhere: with
:math:`U(s)` the share of steps of length s that stay inside (`physics.sphere.geometric_reduction`),
the self-absorbed fraction is :math:`\varphi(R) = \frac1E \sum_i e_i U(d_i; R)` over all deposits
:math:`e_i` at distances :math:`d_i`. So one run gives all radii, without approximation, and each
history counts for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.physics.sphere import geometric_reduction
from pdcraft.transport.batches import std_err
from pdcraft.transport.data_types import PhotonData
from pdcraft.transport.emissions import Group, emissions_of
from pdcraft.transport.engine import (
    Problem,
    collect_batches,
    options_of,
    prepare_electrons,
    prepare_photons,
)
from pdcraft.transport.geometry import MAKE_ELECTRONS, TRANSPORT, spheres
from pdcraft.transport.history import POINT, Source
from pdcraft.transport.settings import Settings
from pdcraft.transport.tally import EMITTED, SHELLS, TYPES, Tally

__all__ = ["PointKernel", "point_kernel"]

Floats = NDArray[np.float64]

LOWEST_mm, HIGHEST_mm = 1e-5, 1e4
SHELLS_PER_DECADE = 200  # 1.2% wide: far finer than U(s) bends


@dataclass(frozen=True, slots=True)
class PointKernel:
    """Energy about a point source, in shells, per batch.

    Parameters
    ----------
    edges_mm : ndarray, shape (shells + 1,)
        From 0 to infinity.
    energy_keV : ndarray, shape (batches, types, shells)
        Mean per decay of each batch; types as in `pdcraft.transport.tally`.
    emitted_keV : float
        Per decay, 1022 keV of each positron with it.
    histories : int
    density_g_per_mL : float
    """

    edges_mm: Floats
    energy_keV: Floats
    emitted_keV: float
    histories: int
    density_g_per_mL: float

    def absorbed_keV(self, radius_mm: float) -> tuple[Floats, Floats]:
        """Energy absorbed in a sphere that is the uniform source: mean and standard error.

        Returns
        -------
        mean, std_err : ndarray, shape (types + 1,)
            keV per decay by type; the last entry is their sum.
        """
        return _statistics(self.absorbed_by_batch_keV(np.array([radius_mm]))[..., 0])

    def absorbed_by_batch_keV(self, radius_mm: Floats) -> Floats:
        """Energy absorbed in spheres, keV per decay, shape (batches, types, radii)."""
        inner, outer = self.edges_mm[:-1], self.edges_mm[1:]
        middle = np.sqrt(inner * np.minimum(outer, HIGHEST_mm))
        u = geometric_reduction(middle[:, None], radius_mm)
        u[-1] = 0.0
        return self.energy_keV @ u

    def in_shell_keV(self, inner_mm: float, outer_mm: float) -> tuple[Floats, Floats]:
        """Energy between two distances from the point, as in `absorbed_keV`.

        Shells that a limit cuts count by volume.
        """
        low, high = self.edges_mm[:-1], self.edges_mm[1:]
        a, b = np.clip(inner_mm, low, high), np.clip(outer_mm, low, high)
        with np.errstate(invalid="ignore"):
            share = (b**3 - a**3) / (high**3 - low**3)
        share[-1] = 1.0 if outer_mm == math.inf else 0.0
        return _statistics(self.energy_keV @ share)


def _statistics(values: Floats) -> tuple[Floats, Floats]:
    """Mean over batches and its standard error, (types + 1,), from (batches, types)."""
    values = np.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)
    return values.mean(axis=0), std_err(values)


def point_kernel(
    groups: tuple[Group, ...],
    material: Material,
    *,
    histories: int,
    batches: int = 20,
    settings: Settings | None = None,
    soft_keV: float = 0.0,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
    first_batch: int = 0,
    thin_mm: float = 0.0,
    thin_most: float = 1.0,
    photons: PhotonData | None = None,
    lowest_mm: float = LOWEST_mm,
) -> PointKernel:
    """Run a point source in an infinite medium of nominal density.

    Parameters
    ----------
    groups : tuple of Group
        What a decay emits.
    material : Material
    histories, batches : int
        Decays in all, and the number of batches they are run in.
    settings : Settings, optional
    soft_keV : float
        Energy per decay that stays where it is.
    first_batch : int
        Number of the first batch, to go on with a run of batches of the same size.
    thin_mm, thin_most : float
        Above 0: electrons farther out than `thin_mm` are thinned, in proportion to the distance and
        down to one in `thin_most`, with weights that make up for it. For radii far below the range.
    photons : PhotonData, optional
        Other photon tables than the material's.
    lowest_mm : float
        Radius of the innermost shell.
    """
    settings = settings or Settings()
    photons = photons or prepare_photons((material,), settings.photoelectric)
    electrons = prepare_electrons((material,), settings)
    n = round(SHELLS_PER_DECADE * math.log10(HIGHEST_mm / lowest_mm))
    edges = np.concatenate([[0.0], np.geomspace(lowest_mm, HIGHEST_mm, n + 1), [np.inf]])
    rho = material.density_g_per_mL
    everywhere = spheres(
        np.zeros(0), np.array([TRANSPORT | MAKE_ELECTRONS], np.uint8), np.array([rho], np.float32)
    )
    tally = Tally(
        SHELLS,
        np.zeros((len(TYPES), n + 2)),
        2.0 * math.log(lowest_mm),
        SHELLS_PER_DECADE / (2.0 * math.log(10.0)),
        np.zeros(4),
    )
    problem = Problem(
        photons,
        electrons,
        everywhere,
        Source(POINT),
        emissions_of(groups, settings, soft_keV),
        tally,
        options_of(settings, reject=False, stretch=True, thin_mm=thin_mm, thin_most=thin_most),
    )
    size = max(1, histories // batches)
    energies, balance = collect_batches(
        problem, batches, size, seed, threads, progress, first=first_batch
    )
    return PointKernel(edges, energies, float(balance[EMITTED]), batches * size, rho)
