r"""Energy that targets absorb per decay: a nuclide's emissions folded with absorbed fractions.

.. math:: \Phi E\,(T \leftarrow S) = \sum_i E_i Y_i\, \Phi(T \leftarrow S, E_i)

with specific absorbed fractions :math:`\Phi` of `pdcraft.core.body_fractions`, whose logarithm is
interpolated over the logarithm of energy by local cubics. Below the table's lowest energy all is
absorbed where it starts. Positrons count as electrons; what annihilation in flight takes from them
goes into photons of 511 keV. What lies above 3 MeV is taken as more particles of 3 MeV, at most 1%
of an emission.

Units: keV, keV/g.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.body_fractions import Fractions
from pdcraft.data.emissions import radiation_nodes
from pdcraft.data.radiation import Nuclide
from pdcraft.dosimetry.absorbed_fraction import lost_in_flight_keV
from pdcraft.dosimetry.sphere_energy import within_tables
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.constants import ELECTRON_REST_keV

__all__ = ["Emitted", "absorbed_keV_per_g", "emitted", "interpolated"]


CUBIC = 4  # nodes of a cubic
SURE = 0.1  # relative standard error of a node that a cubic may go through
SWING = 0.5  # of the logarithm: cubics that differ by more know nothing


@dataclass(frozen=True, slots=True)
class Emitted:
    """What a decay emits of one particle: energies, numbers, and energy without a range.

    Parameters
    ----------
    energy_keV, per_decay : ndarray, shape (n,)
    soft_keV : float
        Absorbed where it starts: electrons of outermost shells, alpha particles, recoils.
    """

    energy_keV: Floats
    per_decay: Floats
    soft_keV: float = 0.0

    @property
    def keV(self) -> float:
        """Energy per decay."""
        return float(self.energy_keV @ self.per_decay) + self.soft_keV


def emitted(source: Nuclide) -> tuple[Emitted, Emitted]:
    """Photons, then all electrons with positrons (and alpha particles) of one decay.

    Raises
    ------
    PhysicsRangeError
        If more than 1% of the energy of a type of radiation lies above 3 MeV.
    """
    nodes = {kind: within_tables(*both) for kind, both in radiation_nodes(source).items()}
    positron, number = nodes["positron"]
    kinetic = float(positron @ number)
    flown = lost_in_flight_keV(positron, number) if kinetic > 0.0 else 0.0
    stays = 1.0 - flown / kinetic if kinetic > 0.0 else 1.0
    photon, yields = nodes["photon"]
    if flown > 0.0:
        photon = np.append(photon, ELECTRON_REST_keV)
        yields = np.append(yields, flown / ELECTRON_REST_keV)
    electrons = (nodes["beta"], nodes["Auger"], (positron, stays * number))
    return Emitted(photon, yields), Emitted(
        np.concatenate([e for e, _ in electrons]),
        np.concatenate([n for _, n in electrons]),
        source.local_keV,
    )


def absorbed_keV_per_g(
    table: Fractions, on_the_spot_per_g: Floats, emission: Emitted
) -> tuple[Floats, Floats]:
    """Energy absorbed per gram and decay, and its standard error.

    Parameters
    ----------
    table : Fractions
    on_the_spot_per_g : ndarray, shape (sources, targets)
        Specific absorbed fractions of what goes nowhere.
    emission : Emitted

    Returns
    -------
    keV_per_g, std_err_keV_per_g : ndarray, shape (sources, targets)
        Errors of one energy of the table go together, those of different energies (other
        histories) are independent.

    Raises
    ------
    PhysicsRangeError
        For energies above the table.
    """
    energy, carried = emission.energy_keV, emission.energy_keV * emission.per_decay
    soft = energy < table.energy_keV[0]
    local_keV = emission.soft_keV + float(carried[soft].sum())
    energy, carried = energy[~soft], carried[~soft]
    fraction = interpolated(table, energy)
    kept = carried[:, None, None] * fraction
    rows = np.tensordot(_weights(table.energy_keV, energy, 2), kept, axes=(0, 0))
    relative = np.divide(
        table.std_err_per_g, table.per_g, out=np.zeros_like(table.per_g), where=table.per_g > 0
    )
    error = np.sqrt(np.square(rows * relative).sum(axis=0))
    return kept.sum(axis=0) + local_keV * on_the_spot_per_g, error


def interpolated(table: Fractions, energy_keV: Floats) -> Floats:
    """Specific absorbed fractions at energies within the table.

    The cubic of the logarithms through the four nearest energies, where all four are known to 10%;
    else a monotone cubic (PCHIP), which noise cannot make swing; next to an energy at which nothing
    was scored, a straight line over the logarithm of energy.

    Parameters
    ----------
    table : Fractions
    energy_keV : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n, sources, targets)

    Raises
    ------
    PhysicsRangeError
        Outside the table.
    """
    from scipy.interpolate import PchipInterpolator

    nodes, values = table.energy_keV, table.per_g
    if energy_keV.size == 0:
        return np.empty((0, *values.shape[1:]))
    low, high = float(energy_keV.min()), float(energy_keV.max())
    if low < nodes[0] or high > nodes[-1]:
        raise PhysicsRangeError(
            f"absorbed fractions of this body reach from {nodes[0]:g} to {nodes[-1]:g} keV, asked "
            f"for {low:g} to {high:g} keV"
        )
    line = np.tensordot(_weights(nodes, energy_keV, 2), values, axes=(1, 0))
    scored = values > 0
    logs = np.log(_filled(values))
    smooth = PchipInterpolator(np.log(nodes), logs, axis=0)(np.log(energy_keV))
    if nodes.size >= CUBIC:
        weights = _weights(nodes, energy_keV, CUBIC)
        cubic = np.tensordot(weights, logs, axes=(1, 0))
        sure = (scored & (table.std_err_per_g < SURE * values)).astype(np.float64)
        known = np.tensordot(_nearest(nodes, energy_keV, CUBIC), sure, axes=(1, 0)) > CUBIC - 0.5
        smooth = np.where(known & (np.abs(cubic - smooth) < SWING), cubic, smooth)
    beside = np.tensordot(_nearest(nodes, energy_keV, 2), scored.astype(np.float64), axes=(1, 0))
    return np.where(beside > 1.5, np.exp(smooth), line)


def _filled(values: Floats) -> Floats:
    """Put the nearest number above zero (at lower, else higher energy) where nothing was scored."""
    out = np.array(values)
    for k in range(1, len(out)):
        out[k] = np.where(out[k] > 0, out[k], out[k - 1])
    for k in range(len(out) - 2, -1, -1):
        out[k] = np.where(out[k] > 0, out[k], out[k + 1])
    return np.where(out > 0, out, 1.0)


def _first(nodes: Floats, energy_keV: Floats, count: int) -> NDArray[np.int64]:
    """Index of the first of the nodes that are nearest on both sides of each energy."""
    left = np.searchsorted(nodes, energy_keV, side="right") - count // 2
    return np.clip(left, 0, nodes.size - count)


def _nearest(nodes: Floats, energy_keV: Floats, count: int) -> Floats:
    """1 at the nodes nearest to each energy, else 0, shape (n, nodes)."""
    first = _first(nodes, energy_keV, count)
    order = np.arange(nodes.size)
    inside = (order >= first[:, None]) & (order < first[:, None] + count)
    return inside.astype(np.float64)


def _weights(nodes: Floats, energy_keV: Floats, count: int) -> Floats:
    """Weights of the polynomial through the nearest nodes over ln E, shape (n, nodes)."""
    x, at = np.log(nodes), np.log(energy_keV)
    first = _first(nodes, energy_keV, count)
    rows = np.arange(at.size)
    out = np.zeros((at.size, x.size))
    for a in range(count):
        weight = np.ones(at.size)
        for b in (b for b in range(count) if b != a):
            weight *= (at - x[first + b]) / (x[first + a] - x[first + b])
        out[rows, first + a] = weight
    return out
