"""The photon tables of some materials, as the kernels read them.

See `pdcraft.transport.data_types.PhotonData` for the layout. Cross sections come from
`pdcraft.data.photons`; their error there, not interpolation between the nodes (below 1e-4), limits
the accuracy.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.material import Material
from pdcraft.data import photon_elements as elements
from pdcraft.data.inner_shells import LINES, SHELL_NAMES, inner_shells
from pdcraft.data.photons import (
    HIGHEST_keV,
    LOWEST_keV,
    PhotonCoefficients,
    form_factor_cumulative,
    incoherent_share,
    photon_coefficients,
)
from pdcraft.errors import DataError
from pdcraft.physics.pair import THRESHOLD_keV
from pdcraft.transport.data_types import PhotonData

__all__ = ["NODES", "photon_data"]

NODES = 1024
BINS = 2048
PER_MM = 0.1  # 1 cm²/g is 0.1 per mm in matter of 1 g/mL
EDGE_GAP = 1e-9  # relative distance of the two nodes at an edge

Radiated = Callable[[Floats], Floats]


def _grid_keV(atomic_numbers: tuple[int, ...]) -> Floats:
    """Uniform in the logarithm, with a pair of nodes at every edge and one where pairs begin."""
    uniform = np.geomspace(LOWEST_keV, HIGHEST_keV, NODES)
    edges = {e for z in atomic_numbers for e in elements.edges_keV(z).values()}
    pairs = [e for edge in sorted(edges) for e in (edge * (1.0 - EDGE_GAP), edge)]
    return np.unique(np.concatenate((uniform, pairs, [THRESHOLD_keV])))


def _start(log_energy: Floats) -> tuple[NDArray[np.int32], float]:
    """First node to try in each bin of log energy, and the bins per unit of it."""
    per_log = BINS / (log_energy[-1] - log_energy[0])
    lower = log_energy[0] + np.arange(BINS) / per_log
    node = np.searchsorted(log_energy, lower - 1e-12, side="right") - 1
    return np.maximum(node, 0).astype(np.int32), float(per_log)


def _elements(
    materials: tuple[Material, ...], rows: dict[int, int], energy_keV: Floats
) -> tuple[NDArray[np.int32], Floats]:
    """Rows of each material's elements, and their cumulative shares of its absorption."""
    slots = max(len(m.mass_fractions) for m in materials)
    element = np.full((len(materials), slots), -1, dtype=np.int32)
    cumulative = np.ones((energy_keV.size, len(materials), slots))
    absorbing = {z: elements.photo_cm2_per_g(z, energy_keV) for z in rows}
    for m, material in enumerate(materials):
        shares = np.array([w * absorbing[z] for z, w in material.mass_fractions])
        used = len(shares)
        element[m, :used] = [rows[z] for z, _ in material.mass_fractions]
        cumulative[:, m, :used] = (np.cumsum(shares, axis=0) / shares.sum(axis=0)).T
        cumulative[:, m, used - 1] = 1.0
    return element, cumulative


def _kerma(table: PhotonCoefficients, radiated: Radiated | None) -> Floats:
    """Energy given to electrons per cm and g/mL of track, less what they radiate."""
    transfer = table.energy_keV * table.energy_transfer
    return transfer if radiated is None else transfer * (1.0 - radiated(table.energy_keV))


def _read_only(data: PhotonData) -> PhotonData:
    for values in data:
        if isinstance(values, np.ndarray):
            values.flags.writeable = False
    return data


def photon_data(
    materials: tuple[Material, ...], radiated: tuple[Radiated, ...] | None = None
) -> PhotonData:
    """Tables for materials, in the order given.

    Parameters
    ----------
    materials : tuple of Material
        At least one.
    radiated : tuple of callables, optional
        For each material, the share of the energy given to electrons by photons of some energies
        in keV that the electrons radiate (g); without it nothing is radiated, and ``kerma`` is
        that of total, not collision, kerma (in water 0.02% too much at 0.4 MeV, 0.7% at 2 MeV).

    Returns
    -------
    PhotonData
        Arrays are read-only. `pdcraft.transport.engine.prepare_photons` keeps them.

    Raises
    ------
    DataError
        Without materials, or if `radiated` has another length.
    """
    if not materials:
        raise DataError("photon data of no materials; give one at least")
    if radiated is not None and len(radiated) != len(materials):
        raise DataError(
            f"radiated has {len(radiated)} functions for {len(materials)} materials; give one each"
        )
    numbers = tuple(sorted({z for m in materials for z, _ in m.mass_fractions}))
    rows = {z: row for row, z in enumerate(numbers)}
    energy = _grid_keV(numbers)
    log_energy = np.log(energy)
    start, bins_per_log = _start(log_energy)
    tables = [photon_coefficients(m.mass_fractions, energy) for m in materials]
    processes = [np.stack([t.photo, t.compton, t.rayleigh, t.pair]) for t in tables]
    sums = PER_MM * np.cumsum(processes, axis=1)  # (materials, 4, nodes)
    photo, photo_compton, photo_compton_rayleigh, total = np.ascontiguousarray(
        sums.T.swapaxes(0, 1)
    )
    loses = radiated if radiated is not None else (None,) * len(materials)
    kerma = [_kerma(t, g) for t, g in zip(tables, loses, strict=True)]
    element, element_cumulative = _elements(materials, rows, energy)
    shells = [inner_shells(z) for z in numbers]
    of_shells = (len(shells), len(SHELL_NAMES))
    return _read_only(
        PhotonData(
            energy_keV=energy,
            log_energy=log_energy,
            start=start,
            log_lowest=float(log_energy[0]),
            bins_per_log=bins_per_log,
            photo=photo,
            photo_compton=photo_compton,
            photo_compton_rayleigh=photo_compton_rayleigh,
            total=total,
            kerma=PER_MM * np.stack(kerma, axis=1),
            incoherent=np.stack([incoherent_share(m.mass_fractions) for m in materials]),
            sqrt_x_step=float(elements.SQRT_X[1]),
            x2_nodes=np.array(elements.X2_NODES),
            form_factor_cumulative=np.stack(
                [form_factor_cumulative(m.mass_fractions) for m in materials]
            ),
            element=element,
            element_cumulative=element_cumulative,
            shell_binding_keV=np.stack([s.binding_keV for s in shells]).reshape(of_shells),
            shell_share=np.stack([s.share for s in shells]),
            fluorescence_yield=np.stack([s.fluorescence_yield for s in shells]),
            line_keV=np.stack([s.line_keV for s in shells]).reshape(*of_shells, LINES),
            line_cumulative=np.stack([s.line_cumulative for s in shells]),
            auger_keV=np.stack([s.auger_keV for s in shells]),
        )
    )
