"""Kernels of the MIRD cellular convention: straight tracks with Cole's losses, no photons.

As the cellular S values of the MIRD Committee and MIRDcell: electrons run straight and lose energy
continuously (`pdcraft.physics.cole`); photons are left out. Five pairs of regions are worked out;
the others follow from them by mass, activity and reciprocity. Below 1 keV electrons stay where they
start, but from the cytoplasm to the nucleus, where their ranges count too. Beta spectra count
whole, not by their mean energy.

References
----------
.. [GRH94] S.M. Goddu, D.V. Rao, R.W. Howell, J. Nucl. Med. 35, 303 (1994).
.. [Vaz14] B. Vaziri et al., MIRD Pamphlet No. 25, J. Nucl. Med. 55, 1557 (2014): MIRDcell.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdcraft.data.emissions import radiation_nodes
from pdcraft.data.radiation import Nuclide
from pdcraft.dosimetry.cell_geometry import SOURCES, TARGETS, Cell, Share
from pdcraft.dosimetry.point_kernel import TYPES, EDGES_mm, Nodes, RadialKernel
from pdcraft.physics.cole import range_um, track_energy_keV

__all__ = ["BASIS", "completed", "mird_absorbed_keV", "mird_kernel", "mird_kernel_of"]

LEAST_keV = 1.0
FROM_CYTOPLASM = ("nucleus", "cytoplasm")
#: Targets and sources that are worked out.
BASIS = (
    ("nucleus", "nucleus"),
    FROM_CYTOPLASM,
    ("nucleus", "cell_surface"),
    ("cell", "cell"),
    ("cell", "cell_surface"),
)


def mird_kernel(source: Nuclide, least_keV: float = LEAST_keV) -> RadialKernel:
    """Kernel of a decay's electrons and positrons in the MIRD cellular convention.

    Parameters
    ----------
    source : Nuclide
    least_keV : float
        Electrons below stay where they start; 0 lets all run.

    Returns
    -------
    RadialKernel
        One group: nothing in it is left to chance. Photons have no energy.
    """
    return mird_kernel_of(source.name, radiation_nodes(source), source.soft_keV, least_keV)


def mird_kernel_of(
    name: str, nodes: Nodes, soft_keV: float = 0.0, least_keV: float = LEAST_keV
) -> RadialKernel:
    """Kernel of any electrons, as `mird_kernel`; ``soft_keV`` stays where it is."""
    edges_um = 1e3 * EDGES_mm[:-1]
    energy = np.zeros((1, len(TYPES), EDGES_mm.size - 1))
    energy[0, TYPES.index("Auger"), 0] += soft_keV
    emitted = soft_keV
    for row, kind in enumerate(TYPES):
        if kind == "photon" or kind not in nodes:
            continue
        e, n = nodes[kind]
        emitted += float(np.sum(e * n))
        runs = e >= max(least_keV, 1e-9)
        energy[0, row, 0] += float(np.sum((e * n)[~runs]))
        for one, number in zip(e[runs], n[runs], strict=True):
            length = float(range_um(one))
            left = track_energy_keV(np.maximum(length - edges_um, 0.0))
            # never more than the electron has: MIRDcell caps what a target absorbs
            most = min(1.0, float(one) / float(left[0]))
            energy[0, row, :-1] += number * -np.diff(left) * most
    return RadialKernel(name, EDGES_mm, energy, emitted)


def mird_absorbed_keV(
    source: Nuclide, shares: Mapping[tuple[str, str], Share]
) -> dict[tuple[str, str], float]:
    """Energies that targets absorb per decay in source regions, by pairs of `BASIS`."""
    stopped, all_run = mird_kernel(source), mird_kernel(source, 0.0)
    return {
        pair: (all_run if pair == FROM_CYTOPLASM else stopped).absorbed_keV(share)[0]
        for pair, share in shares.items()
    }


def completed(
    basis_keV: Mapping[tuple[str, str], float], cell: Cell
) -> dict[tuple[str, str], float]:
    """Energies for every target and source from those of `BASIS`.

    Targets add up by mass, sources by activity, and the mean dose is the same from A to B as from B
    to A.
    """
    m_n, m_cy, m_c = (cell.mass_kg(target) for target in TARGETS)
    e = dict(basis_keV)
    e["cytoplasm", "nucleus"] = e["nucleus", "cytoplasm"] * m_cy / m_n
    e["cell", "nucleus"] = e["nucleus", "nucleus"] + e["cytoplasm", "nucleus"]
    e["nucleus", "cell"] = (m_n * e["nucleus", "nucleus"] + m_cy * e["nucleus", "cytoplasm"]) / m_c
    e["cytoplasm", "cell"] = e["cell", "cell"] - e["nucleus", "cell"]
    e["cytoplasm", "cytoplasm"] = (
        m_c * e["cytoplasm", "cell"] - m_n * e["cytoplasm", "nucleus"]
    ) / m_cy
    e["cell", "cytoplasm"] = e["nucleus", "cytoplasm"] + e["cytoplasm", "cytoplasm"]
    e["cytoplasm", "cell_surface"] = e["cell", "cell_surface"] - e["nucleus", "cell_surface"]
    return {(target, source): e[target, source] for target in TARGETS for source in SOURCES}
