"""Kernels of the MIRD cellular convention: straight tracks with Cole's losses, no photons.

As the cellular S values of the MIRD Committee and MIRDcell: electrons run straight and lose energy
continuously (`pdcraft.physics.cole`); photons are left out. Below 1 keV electrons stay where they
start, but from the cytoplasm to the nucleus, where their ranges count too. Beta spectra count
whole, not by their mean energy.

References
----------
.. [GRH94] S.M. Goddu, D.V. Rao, R.W. Howell, J. Nucl. Med. 35, 303 (1994).
.. [Vaz14] B. Vaziri et al., MIRD Pamphlet No. 25, J. Nucl. Med. 55, 1557 (2014): MIRDcell.
"""

from __future__ import annotations

import numpy as np

from pdcraft.data.emissions import radiation_nodes
from pdcraft.data.radiation import Nuclide
from pdcraft.dosimetry.point_kernel import TYPES, EDGES_mm, Nodes, RadialKernel
from pdcraft.physics.cole import range_um, track_energy_keV

__all__ = ["mird_kernel", "mird_kernel_of"]

LEAST_keV = 1.0


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
