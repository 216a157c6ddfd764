"""Energy about point sources in unbounded water, by the package's own transport.

``point_kernels.npz`` is computed by ``python -m pdcraft.transport.kernel_tables``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_npz

__all__ = [
    "GROUPS",
    "SCALE",
    "SCALED_DISTANCE",
    "DISTANCE_mm",
    "KernelTable",
    "kernel_settings",
    "kernels",
]

#: Distances of electrons' and positrons' rows, in units of the range in the
#: continuous-slowing-down approximation (`pdcraft.physics.slow_electron`, 78 eV).
SCALED_DISTANCE = frozen(np.geomspace(1e-4, 1e3, 211), "scaled distances of point kernels")
#: Distances of photons' rows.
DISTANCE_mm = frozen(np.geomspace(1e-6, 1e3, 181), "distances of point kernels")
GROUPS = 8
SCALE = 1024.0  # of the stored shares, half precision


@dataclass(frozen=True, slots=True)
class KernelTable:
    """Share of a particle's energy that is absorbed within some distances of where it starts.

    Parameters
    ----------
    energy_keV : ndarray, shape (energies,)
    within : ndarray, shape (groups, energies, distances)
        On `SCALED_DISTANCE` or `DISTANCE_mm`; groups are independent Monte Carlo runs of equal
        size. A positron's is the share of its kinetic energy.
    """

    energy_keV: Floats
    within: Floats


@cache
def _stored() -> dict[str, Any]:
    return load_npz("point_kernels.npz")


@cache
def kernels() -> dict[str, KernelTable]:
    """Tables of ``"electron"``, ``"positron"``, ``"photon"``, and of electrons in other models.

    ``"electron dielectric"`` has another stopping power below 12 keV, ``"electron half elastic"``
    half the elastic scattering below 1 keV; both only have the rows that this changes.
    """
    stored = _stored()
    out: dict[str, KernelTable] = {}
    for key in stored:
        if not key.endswith(" keV"):
            continue
        name = key.removesuffix(" keV")
        out[name] = KernelTable(
            frozen(stored[key].astype(np.float64), f"{name} energies"),
            frozen(
                np.cumsum(stored[f"{name} shells"].astype(np.float64), -1) / SCALE,
                f"{name} kernels",
            ),
        )
    return out


def kernel_settings() -> dict[str, Any]:
    """Return settings, seed, version and histories behind the tables, with their hash."""
    return json.loads(str(_stored()["settings"]))
