"""Photon and electron transport: tables against NIST, dose against EGSnrc.

Comparisons feed the reference's own emissions, I = 75 eV and a density of 1.000 g/mL; its
photoelectric cross sections are the normalized ones. What pdcraft's defaults change is shown
beside.
"""

from __future__ import annotations

from collections.abc import Iterator

from pdcraft.validate import (
    transport_defaults,
    transport_electrons,
    transport_kernels,
    transport_photons,
    transport_spheres,
    transport_voxels,
)
from pdcraft.validate.case import Case

__all__ = ["cases"]


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield tables, then spheres, kernels and voxels; with `full`, those that take minutes."""
    yield from transport_photons.cases()
    yield from transport_electrons.cases()
    yield from transport_spheres.cases(full=full)
    yield from transport_kernels.cases(full=full)
    yield from transport_voxels.cases(full=full)
    yield from transport_defaults.cases()
