"""Self-absorbed fractions of mono-energetic particles in water spheres, made by the transport.

``absorbed_fractions.npz`` is computed by ``python -m pdcraft.transport.fraction_tables``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_npz

__all__ = ["SCALED_RADIUS", "FractionTable", "RADIUS_mm", "fraction_tables", "table_settings"]

#: Radii of electrons' rows, in units of their range in the continuous-slowing-down approximation.
SCALED_RADIUS = frozen(np.geomspace(1e-4, 1e4, 161), "scaled radii of absorbed fractions")
#: Radii of photons' rows.
RADIUS_mm = frozen(np.geomspace(1e-3, 1e3, 121), "radii of absorbed fractions")


@dataclass(frozen=True, slots=True)
class FractionTable:
    """Absorbed fractions of one particle, uniform in a sphere of water within water.

    Parameters
    ----------
    energy_keV : ndarray, shape (energies,)
    fraction, rel_err : ndarray, shape (energies, radii)
        On `SCALED_RADIUS` (electrons, positrons) or `RADIUS_mm` (photons); relative standard
        errors of the histories behind them. A positron's is the share of its kinetic energy.
    kept : ndarray, shape (energies,)
        Share absorbed in unbounded water: 1 but for positrons that annihilate in flight.
    """

    energy_keV: Floats
    fraction: Floats
    rel_err: Floats
    kept: Floats


@cache
def _stored() -> dict[str, Any]:
    return load_npz("absorbed_fractions.npz")


@cache
def fraction_tables() -> dict[str, FractionTable]:
    """Tables of ``"electron"``, ``"positron"`` and ``"photon"``."""
    stored = _stored()
    out: dict[str, FractionTable] = {}
    for name in ("electron", "positron", "photon"):
        rows = {
            key: frozen(np.asarray(stored[f"{name}_{key}"], dtype=np.float64), f"{name} {key}")
            for key in ("keV", "fraction", "rel_err")
        }
        kept = np.ones(rows["keV"].size)
        if name == "positron":
            kept = np.asarray(stored["positron_kept"], dtype=np.float64)
        out[name] = FractionTable(
            rows["keV"], rows["fraction"], rows["rel_err"], frozen(kept, f"{name} kept")
        )
    return out


def table_settings() -> dict[str, Any]:
    """Return settings, seed, version and histories behind the tables, with their hash."""
    return json.loads(str(_stored()["settings"]))
