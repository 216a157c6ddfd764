r"""Absorbed fractions of electrons, positrons and photons in a sphere of water within water.

From the tables of `pdcraft.data.absorbed_fractions`, which the package's own transport made: no
transport runs here. Between energies the logarithm of the fraction is a cubic spline of the
logarithm of energy, for electrons at the same radius in units of their range and relative to
straight tracks (`physics.sphere.range_absorbed_fraction`), for photons at the same radius.

Another density counts by radius times density. Another mean excitation energy changes ranges: an
electron's radius is scaled with its range; a photon's, where its electrons leave the sphere.

Electrons and photons below 1 keV are absorbed where they start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats
from pdcraft.data.absorbed_fractions import (
    SCALED_RADIUS,
    FractionTable,
    RADIUS_mm,
    fraction_tables,
)
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.electron import csda_range_g_per_cm2
from pdcraft.physics.quadrature import spline_matrix
from pdcraft.physics.sphere import range_absorbed_fraction

__all__ = ["Absorbed", "Particle", "absorbed", "absorbed_fraction", "lost_in_flight_keV", "total"]

Particle = Literal["electron", "positron", "photon"]
MM_PER_CM = 10.0
TABLE_I_eV = 78.0
LOWEST_keV, HIGHEST_keV = 1.0, 3000.0
SECONDARIES_mm_per_range = 4.0  # in larger spheres a photon's electrons hardly ever leave


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Energy absorbed per decay, with what each table row's statistics adds to its error.

    Parameters
    ----------
    keV : float
    by_row_keV : dict of (particle, energy node) to float
        Signed contributions to the error: those of one row go together, those of different rows
        are independent.
    """

    keV: float
    by_row_keV: dict[tuple[str, int], float]

    @property
    def std_err_keV(self) -> float:
        """Standard error from the histories behind the tables."""
        return float(np.sqrt(sum(x * x for x in self.by_row_keV.values())))


def total(parts: Iterable[Absorbed]) -> Absorbed:
    """Sum of energies; errors of the same table row add up."""
    energy, rows = 0.0, dict[tuple[str, int], float]()
    for part in parts:
        energy += part.keV
        for key, value in part.by_row_keV.items():
            rows[key] = rows.get(key, 0.0) + value
    return Absorbed(energy, rows)


def absorbed_fraction(
    particle: Particle,
    energy_keV: ArrayLike,
    radius_mm: float,
    *,
    water_I_eV: float = TABLE_I_eV,
    density_g_per_mL: float = 1.0,
) -> tuple[Floats, Floats]:
    """Share of the energy that stays in a sphere filled uniformly with its source.

    Parameters
    ----------
    particle : {"electron", "positron", "photon"}
        A positron's share is that of its kinetic energy; its annihilation photons are not in it.
    energy_keV : array_like, shape (n,)
        Up to 3 MeV.
    radius_mm : float
        1 um to 1 m.
    water_I_eV : float
        Mean excitation energy of water, 78 (ICRU 90) or 75 eV.
    density_g_per_mL : float

    Returns
    -------
    fraction, rel_err : ndarray, shape (n,)

    Raises
    ------
    PhysicsRangeError
        Below zero or above 3 MeV.
    """
    energy = np.atleast_1d(np.asarray(energy_keV, dtype=np.float64))
    fraction, errors = _fractions(particle, energy, radius_mm * density_g_per_mL, water_I_eV)
    return fraction, np.sqrt((errors**2).sum(axis=1))


def absorbed(
    particle: Particle,
    energy_keV: Floats,
    per_decay: Floats,
    radius_mm: float,
    water_I_eV: float = TABLE_I_eV,
    density_g_per_mL: float = 1.0,
) -> Absorbed:
    """Fold a spectrum: energies and their numbers per decay; else as `absorbed_fraction`."""
    if energy_keV.size == 0:
        return Absorbed(0.0, {})
    fraction, errors = _fractions(particle, energy_keV, radius_mm * density_g_per_mL, water_I_eV)
    kept = per_decay * energy_keV * fraction
    rows = kept @ errors
    return Absorbed(
        float(kept.sum()), {(particle, i): float(x) for i, x in enumerate(rows) if x != 0.0}
    )


def lost_in_flight_keV(energy_keV: Floats, per_decay: Floats) -> float:
    """Kinetic energy per decay that positrons give to photons by annihilating in flight."""
    table = fraction_tables()["positron"]
    kept = np.interp(np.log(np.maximum(energy_keV, 1e-3)), np.log(table.energy_keV), table.kept)
    return float(np.sum(per_decay * energy_keV * (1.0 - kept)))


def _fractions(
    particle: Particle, energy: Floats, depth_mm: float, water_I_eV: float
) -> tuple[Floats, Floats]:
    """Fractions, shape (n,), and their relative errors by table row, shape (n, rows)."""
    ok = (energy >= 0.0) & (energy <= HIGHEST_keV)
    if not np.all(ok):
        raise PhysicsRangeError(
            f"absorbed fractions of {particle}s reach from 0 to {HIGHEST_keV:g} keV, got "
            f"{energy[~ok][0]:g} keV; the transport's cross sections end there"
        )
    table = fraction_tables()[particle]
    soft = energy < LOWEST_keV
    inside = np.clip(energy, max(LOWEST_keV, table.energy_keV[0]), HIGHEST_keV)
    if particle == "photon":
        logs, errors, slope = _photons(table, inside, depth_mm)
        if water_I_eV != TABLE_I_eV:
            logs = logs + _other_ranges(inside, slope, depth_mm, water_I_eV)
    else:
        logs, errors = _electrons(table, np.maximum(energy, LOWEST_keV), depth_mm, water_I_eV)
    fraction = np.where(soft, 1.0, np.minimum(np.exp(logs), 1.0))
    return fraction, np.where(soft[:, None], 0.0, errors)


def _electrons(
    table: FractionTable, energy: Floats, depth_mm: float, water_I_eV: float
) -> tuple[Floats, Floats]:
    range_mm = MM_PER_CM * csda_range_g_per_cm2(energy, water_I_eV)
    scaled = np.clip(depth_mm / range_mm, SCALED_RADIUS[0], SCALED_RADIUS[-1])
    straight = np.log(range_absorbed_fraction(1.0, SCALED_RADIUS))
    i, part = _between(SCALED_RADIUS, scaled)
    over = np.log(table.fraction) - straight
    ratio = (1.0 - part) * over[:, i] + part * over[:, i + 1]
    rel = (1.0 - part) * table.rel_err[:, i] + part * table.rel_err[:, i + 1]
    within = np.clip(energy, table.energy_keV[0], table.energy_keV[-1])
    weights = spline_matrix(np.log(table.energy_keV), np.log(within))
    logs = np.log(range_absorbed_fraction(range_mm, depth_mm)) + (weights * ratio.T).sum(axis=1)
    return logs, weights * rel.T


def _photons(
    table: FractionTable, energy: Floats, depth_mm: float
) -> tuple[Floats, Floats, Floats]:
    logs = np.log(table.fraction)
    at = np.log(np.clip(depth_mm, RADIUS_mm[0], RADIUS_mm[-1]))
    along = spline_matrix(np.log(RADIUS_mm), np.array([at - 0.05, at, at + 0.05])) @ logs.T
    i, part = _between(RADIUS_mm, np.exp(at))
    rel = (1.0 - part) * table.rel_err[:, i] + part * table.rel_err[:, i + 1]
    weights = spline_matrix(np.log(table.energy_keV), np.log(energy))
    low, middle, high = (weights @ along.T).T
    return middle, weights * rel, (high - low) / 0.1


def _other_ranges(energy: Floats, slope: Floats, depth_mm: float, water_I_eV: float) -> Floats:
    """Change of a photon's log fraction when ranges change.

    Where electrons leave the sphere the fraction grows with a power of the radius above the one of
    collisions alone; that surplus goes with the ratio of radius and range.
    """
    own = csda_range_g_per_cm2(energy, TABLE_I_eV)
    ratio = own / csda_range_g_per_cm2(energy, water_I_eV)
    small = depth_mm < SECONDARIES_mm_per_range * MM_PER_CM * own
    return np.where(small, np.clip(slope - 1.0, 0.0, 1.0) * np.log(ratio), 0.0)


def _between(grid: Floats, at: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    """Interval of a grid that is even in the logarithm, and the share of the way through it."""
    position = np.interp(np.log(at), np.log(grid), np.arange(grid.size, dtype=np.float64))
    i = np.minimum(position.astype(np.int64), grid.size - 2)
    return i, position - i
