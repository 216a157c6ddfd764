"""The tables that the transport kernels read: plain arrays in named tuples (numba takes them).

Energies in keV. Coefficients are per millimeter of path in matter of 1 g/mL, so that a voxel's
coefficient is the tabulated one times its density in g/mL: 1 cm²/g is 0.1 per mm per g/mL, and
1 MeV cm²/g is 100 keV per mm per g/mL. All arrays are C-ordered float64 unless said otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ElectronData", "PhotonData"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class PhotonData(NamedTuple):
    """Photon interaction tables of some materials.

    The energy grid is not uniform: absorption edges are pairs of nodes. `start` finds the node:
    bin ``int((log(E) - log_lowest) * bins_per_log)`` holds the index of the last node at or below
    the bin's lower end; walk up from there while ``energy_keV[i + 1] <= E``. Between nodes all
    coefficients are linear in energy's logarithm (``log_energy``).
    """

    energy_keV: Floats  # (nodes,), 1 keV to 3 MeV, ascending
    log_energy: Floats  # (nodes,)
    start: Ints  # (bins,)
    log_lowest: float
    bins_per_log: float
    # cumulative coefficients, 1/mm per g/mL, (nodes, materials):
    photo: Floats
    photo_compton: Floats  # photoelectric + Compton
    photo_compton_rayleigh: Floats
    total: Floats  # ... + pair
    kerma: Floats  # keV to electrons per mm of track per g/mL, less fluorescence and radiation
    # bound Compton: S(x)/Z of the material on a uniform grid of sqrt(x), x = sin(theta/2)/lambda
    incoherent: Floats  # (materials, n_x), from 0 at x = 0 up to 1
    sqrt_x_step: float  # of that grid, 1/sqrt(angstrom); beyond the grid S/Z = 1
    # Rayleigh: A(x²) = integral of F²(x²) d(x²), on nodes that all materials share
    x2_nodes: Floats  # (n_x2,), 1/angstrom², ascending from 0
    form_factor_cumulative: Floats  # (materials, n_x2)
    # photoelectric: which element (cumulative share on the nodes), which shell, what follows
    element: Ints  # (materials, max_elements): row into the tables below, -1 = none
    element_cumulative: Floats  # (nodes, materials, max_elements), last used entry is 1
    shell_binding_keV: Floats  # (elements, shells): K, L1, L2, L3; 0 = not followed
    shell_share: Floats  # (elements, shells): cumulative share of photo-absorption among the
    # shells whose edge is below the photon energy is found by renormalizing these shares from the
    # first open shell on; what is left (M and outward) has the remaining share
    fluorescence_yield: Floats  # (elements, shells)
    line_keV: Floats  # (elements, shells, lines): fluorescence photons of a vacancy in the shell
    line_cumulative: Floats  # (elements, shells, lines), last is 1
    auger_keV: Floats  # (elements, shells): energy of the one electron that stands for a
    # non-radiative decay; binding - line or binding - auger is left on the spot


class ElectronData(NamedTuple):
    """Electron (charge 0) and positron (charge 1) tables of some materials.

    One energy grid, uniform in the logarithm: node i is ``lowest_keV * exp(i / nodes_per_log)``.
    Tables are (charges, materials, nodes) and linear in log energy. The angular steps are measured
    in K, the path over the transport mean free path: dK = density * scatter * ds.
    """

    lowest_keV: float
    log_lowest: float
    nodes_per_log: float
    hard_loss_keV: float  # collisions that lose more are simulated one by one (Moller, Bhabha)
    hard_photon_keV: float  # bremsstrahlung photons above are made
    stopping: Floats  # keV/mm per g/mL: losses below both limits
    straggling: Floats  # keV²/mm per g/mL: variance of the losses below hard_loss_keV
    csda_mm: Floats  # range with the full stopping power, mm of 1 g/mL
    scatter: Floats  # 1/lambda_1, all elastic + soft inelastic deflections, 1/mm per g/mL
    hard_mean_K: Floats  # mean K between elastic deflections beyond the cut angle
    soft_first: Floats  # lambda_1 / lambda_1 of the soft part (soft share of the first moment)
    soft_second: Floats  # lambda_1 / lambda_2 of the soft part
    cut: Floats  # cut angle, as mu = (1 - cos theta) / 2
    screening: Floats  # A of the proposal 1/(mu + A)² from which hard deflections are drawn
    collision: Floats  # rate of hard collisions, 1/mm per g/mL
    radiation: Floats  # rate of hard bremsstrahlung, 1/mm per g/mL
    annihilation: Floats  # rate of annihilation in flight, 1/mm per g/mL (charge 0: zeros)
    acceptance: Floats  # (charges, materials, coarse nodes, n_mu): DCS (mu + A)² over its maximum
    # on [cut, 1], on a uniform grid of sqrt(mu) from 0 to 1; coarse node j is node j * coarse
    coarse: int
    photon_quantile: Floats  # (materials, coarse nodes, n_q): ln(k/hard_photon_keV) /
    # ln(E/hard_photon_keV) of a bremsstrahlung photon at uniform cumulative probabilities 0..1
