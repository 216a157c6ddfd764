r"""Energy about one decay in unbounded water of 1 g/mL, from nanometers to a meter.

The package ships how the energy of electrons, positrons and photons of single energies spreads
about a point (`pdcraft.data.point_kernels`); a decay is their sum over its emissions. Whatever a
uniform source gives to a target of the same water follows by geometry alone:
:math:`\sum_i e_i\, p(d_i)`, with p the share of steps of length d from the source that end in the
target (`pdcraft.physics.sphere_pairs`).

Electrons below 100 eV stay where they start. Annihilation photons start where the positron does.
Alpha particles are not in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.emissions import radiation_nodes
from pdcraft.data.nuclides import Progeny, Spectra, nuclide
from pdcraft.data.point_kernels import GROUPS, SCALED_DISTANCE, DISTANCE_mm, KernelTable, kernels
from pdcraft.data.radiation import Nuclide
from pdcraft.dosimetry.auger_models import auger_models
from pdcraft.dosimetry.sphere_energy import within_tables
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.slow_electron import range_g_per_cm2

__all__ = [
    "TYPES",
    "EDGES_mm",
    "Nodes",
    "RadialKernel",
    "kernel_of",
    "kernel_of_nodes",
    "nuclide_kernel",
    "require_emissions",
]

TYPES = ("photon", "beta", "Auger", "positron")  # as pdcraft.transport.tally
LEAST_keV = 0.1  # slower electrons stay where they start
HIGHEST_keV = 3000.0
PER_DECADE = 60
#: Shells about a decay: to 1 nm, then 60 per decade to 1 m, then all beyond.
EDGES_mm = frozen(
    np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 9 * PER_DECADE + 1), [np.inf]]),
    "shells about a decay",
    finite=False,
)
STEPS = 4  # distances within a shell, where a share is taken
LowModel = Literal["electron", "electron dielectric", "electron half elastic"]
LOW_MODELS: Mapping[str, LowModel] = MappingProxyType(
    {"dielectric stopping": "electron dielectric", "half elastic": "electron half elastic"}
)
Nodes = Mapping[str, tuple[Floats, Floats]]  # radiation type to energies, keV, and numbers


@dataclass(frozen=True, slots=True, eq=False)
class RadialKernel:
    """Energy that one decay leaves in shells about it.

    Parameters
    ----------
    name : str
    edges_mm : ndarray, shape (shells + 1,)
        Ascending from 0; the last may be infinite.
    energy_keV : ndarray, shape (groups, types, shells)
        Per decay; groups are independent Monte Carlo runs, types as `TYPES`.
    emitted_keV : float
        Per decay, of all that is followed.
    low_energy_models, auger_models : mapping of str to RadialKernel
        The same decay with other electron physics below 12 keV, or with another Auger spectrum.
    """

    name: str
    edges_mm: Floats
    energy_keV: Floats
    emitted_keV: float
    low_energy_models: Mapping[str, RadialKernel] = field(default_factory=dict)
    auger_models: Mapping[str, RadialKernel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        edges = frozen(self.edges_mm, "edges of shells", finite=False)
        energy = frozen(self.energy_keV, "energy in shells")
        if edges.ndim != 1 or edges[0] != 0.0 or not np.all(np.diff(edges) > 0.0):
            raise DataError(f"kernel of {self.name}: edges of shells must ascend from 0")
        if energy.ndim != 3 or energy.shape[2] != edges.size - 1:
            raise DataError(
                f"kernel of {self.name}: energies of shape {energy.shape} do not fit "
                f"{edges.size - 1} shells; give (groups, types, shells)"
            )
        object.__setattr__(self, "edges_mm", edges)
        object.__setattr__(self, "energy_keV", energy)

    @property
    def models(self) -> Mapping[str, RadialKernel]:
        """Every alternative, by name."""
        return {**self.low_energy_models, **self.auger_models}

    def within_keV(self, r_mm: ArrayLike) -> Floats:
        """Mean energy absorbed within distances, keV per decay."""
        energy = self.energy_keV.sum(axis=1).mean(axis=0)
        finite = np.isfinite(self.edges_mm)
        # linear in r between edges, as a straight track leaves it
        total = np.append(0.0, np.cumsum(energy))
        r = np.asarray(r_mm, dtype=np.float64)
        return np.interp(r, self.edges_mm[finite], total[finite], right=total[-1])

    def absorbed_by_group_keV(self, share: Callable[[Floats], Floats]) -> Floats:
        """Energy that a target absorbs per decay in a source, keV, shape (groups, types).

        Parameters
        ----------
        share : callable
            Distances in mm, any shape, to the chance that a point so far from a random point of
            the source lies in the target.
        """
        low, high = self.edges_mm[:-1], self.edges_mm[1:]
        finite = np.isfinite(high)
        part = (np.arange(STEPS) + 0.5) / STEPS
        d = low[finite][:, None] + (high - low)[finite][:, None] * part
        mean = np.zeros(low.size)
        mean[finite] = np.asarray(share(d)).mean(axis=1)
        return self.energy_keV @ mean

    def absorbed_keV(self, share: Callable[[Floats], Floats]) -> tuple[float, float]:
        """Energy that a target absorbs per decay in a source: mean and standard error, keV.

        Parameters
        ----------
        share : callable
            As in `absorbed_by_group_keV`.
        """
        values = self.absorbed_by_group_keV(share).sum(axis=1)
        if values.size < 2:
            return float(values.mean()), 0.0
        return float(values.mean()), float(values.std(ddof=1) / math.sqrt(values.size))

    def model_err_keV(self, share: Callable[[Floats], Floats]) -> float:
        """Spread of `absorbed_keV` between models, keV.

        The greatest difference from the default among the low-energy models, and the greatest
        among the Auger spectra, in quadrature.
        """
        value, _ = self.absorbed_keV(share)
        spreads = [
            max((abs(m.absorbed_keV(share)[0] - value) for m in family.values()), default=0.0)
            for family in (self.low_energy_models, self.auger_models)
        ]
        return math.hypot(*spreads)


def _electrons(
    energy: Floats, number: Floats, table: str, water_I_eV: float, least_keV: float
) -> Floats:
    """Energy within `EDGES_mm` (but the ends) of electrons or positrons, shape (groups, edges)."""
    particle = "positron" if table == "positron" else "electron"
    base = kernels()[particle]
    edges = EDGES_mm[1:-1]
    slow = energy < least_keV
    out = np.full((GROUPS, edges.size), float(np.sum((energy * number)[slow])))
    log_x = np.log(SCALED_DISTANCE)
    ran = ~slow
    for e, n in zip(energy[ran], number[ran], strict=True):
        rows = base
        if table != particle and e < kernels()[table].energy_keV[-1]:
            rows = kernels()[table]
        if particle == "positron" and e < base.energy_keV[0]:
            rows = kernels()["electron"]
        within = _shares(rows, e)
        ratio = 1.0
        if water_I_eV != 78.0:
            ratio = float(range_g_per_cm2(e, "oscillator", water_I_eV) / range_g_per_cm2(e))
        log_want = np.log(edges / (10.0 * ratio * float(range_g_per_cm2(e))))
        for g in range(GROUPS):
            out[g] += n * e * _at(log_want, log_x, within[g])
    return out


def _shares(table: KernelTable, energy_keV: float) -> Floats:
    """Shares within the table's distances at an energy, shape (groups, distances)."""
    nodes = np.log(table.energy_keV)
    at = float(np.interp(np.log(energy_keV), nodes, np.arange(nodes.size)))
    i = min(int(at), nodes.size - 2)
    part = at - i
    return table.within[:, i] * (1.0 - part) + table.within[:, i + 1] * part


def _at(log_want: Floats, log_x: Floats, within: Floats) -> Floats:
    """Share within distances; in proportion to the distance below the first of the table."""
    value = np.interp(log_want, log_x, within)
    below = log_want < log_x[0]
    return np.where(below, within[0] * np.exp(np.minimum(log_want - log_x[0], 0.0)), value)


def _photons(energy: Floats, number: Floats) -> Floats:
    table = kernels()["photon"]
    log_r, log_want = np.log(DISTANCE_mm), np.log(EDGES_mm[1:-1])
    out = np.zeros((GROUPS, log_want.size))
    for e, n in zip(energy, number, strict=True):
        within = _shares(table, e)
        for g in range(GROUPS):
            out[g] += n * e * np.interp(log_want, log_r, within[g])
    return out


def kernel_of_nodes(
    name: str,
    nodes: Nodes,
    soft_keV: float = 0.0,
    *,
    low_model: LowModel = "electron",
    water_I_eV: float = 78.0,
    least_keV: float = LEAST_keV,
) -> RadialKernel:
    """Kernel of any emissions.

    Parameters
    ----------
    name : str
    nodes : mapping
        Types of `TYPES` to energies in keV and numbers per decay, as
        `pdcraft.data.emissions.radiation_nodes` gives them.
    soft_keV : float
        Energy per decay of electrons that stay where they start, counted as Auger.
    low_model : {"electron", "electron dielectric", "electron half elastic"}
        Row set of `pdcraft.data.point_kernels`.
    water_I_eV : float
        78, or 75 to compare with older codes: distances scale with the range.
    least_keV : float
        Slower electrons stay where they start.

    Raises
    ------
    PhysicsRangeError
        For energies above 3 MeV or not above zero.
    """
    energy = np.zeros((GROUPS, len(TYPES), EDGES_mm.size - 1))
    emitted = soft_keV
    for row, kind in enumerate(TYPES):
        e, n = (np.asarray(x, dtype=np.float64) for x in nodes.get(kind, ((), ())))
        if kind == "Auger":
            energy[:, row, 0] += soft_keV
        if not e.size:
            continue
        if not (np.all(e > 0.0) and np.all(e <= HIGHEST_keV) and np.all(n >= 0.0)):
            raise PhysicsRangeError(
                f"{name}: emissions of {e.min():g} to {e.max():g} keV; the tables about a decay "
                f"hold to {HIGHEST_keV:g} keV"
            )
        if kind == "photon":
            soft = e < kernels()["photon"].energy_keV[0]
            within = _photons(e[~soft], n[~soft]) + float(np.sum((e * n)[soft]))
        else:
            table = "positron" if kind == "positron" else low_model
            within = _electrons(e, n, table, water_I_eV, least_keV)
        total = float(np.sum(e * n))
        emitted += total
        first = np.diff(within, axis=1, prepend=0.0)
        energy[:, row, :-1] += first
        energy[:, row, -1] += max(total - float(within[:, -1].mean()), 0.0)  # beyond a meter
    return RadialKernel(name, EDGES_mm, energy, emitted)


def require_emissions(source: Nuclide) -> None:
    """Refuse a nuclide that emits nothing."""
    parts = (source.beta, source.beta_tables, source.electrons, source.photons, source.alpha)
    if not any(parts):
        raise DataError(
            f"{source.name} has no emission in its table, so no S value and no dose; name its "
            "daughter, or count progeny"
        )


@lru_cache(maxsize=32)
def nuclide_kernel(
    name: str, progeny: Progeny | None = None, spectra: Spectra = "own", water_I_eV: float = 78.0
) -> RadialKernel:
    """Kernel of a nuclide, with its alternatives.

    Parameters
    ----------
    name, progeny, spectra
        As in `pdcraft.data.nuclides.nuclide`.
    water_I_eV : float
        78 or 75.

    Examples
    --------
    >>> k = nuclide_kernel("I-125")
    >>> 20.1 < float(k.within_keV(1.0)) < 22.0  # all electrons (20.1 keV), and soft X-rays
    True
    """
    return kernel_of(nuclide(name, progeny, spectra), water_I_eV)


def kernel_of(source: Nuclide, water_I_eV: float = 78.0) -> RadialKernel:
    """Kernel of decay data, with its alternatives; `nuclide_kernel` keeps those of names."""

    def made(label: str, of: Nuclide, model: LowModel = "electron") -> RadialKernel:
        nodes = {kind: within_tables(*both) for kind, both in radiation_nodes(of).items()}
        return kernel_of_nodes(label, nodes, of.soft_keV, low_model=model, water_I_eV=water_I_eV)

    return replace(
        made(source.name, source),
        low_energy_models={label: made(label, source, key) for label, key in LOW_MODELS.items()},
        auger_models={label: made(label, other) for label, other in auger_models(source).items()},
    )
