"""What a batch of histories scores: energy by radiation type, in cells or in shells about a point.

Rows of a tally are radiation types, told by what the decay emitted: a photon's energy counts as
photon whoever carries it to the tissue, a beta's bremsstrahlung as beta.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import inlined, kernel

__all__ = [
    "AUGER",
    "BETA",
    "CELLS",
    "EMITTED",
    "ESCAPED",
    "NO_MARROW",
    "OVERFLOW",
    "PHOTON",
    "POSITRON",
    "SHELLS",
    "TYPES",
    "MarrowBins",
    "Tally",
    "accumulate",
    "add_batch",
    "score",
    "shell_of",
    "tally_of_cells",
]

TYPES = ("photon", "beta", "Auger", "positron")  # beta: with conversion electrons
PHOTON, BETA, AUGER, POSITRON = range(4)
CELLS, SHELLS = 0, 1
ESCAPED, OVERFLOW, EMITTED = 0, 1, 2


class MarrowBins(NamedTuple):
    """Photon kerma in marrow within the regions of a body, by the photon's energy.

    Bin k is column ``first + k`` of the energies; its unit is keV per mm³ at 1 g/mL.
    """

    first: int
    material: int  # of red marrow, among the photon tables
    log_lowest: float
    bins_per_log: float
    bins: int
    per_mm3: NDArray[np.float64]  # (regions,): share of the marrow over the region's volume


NO_MARROW = MarrowBins(0, 0, 0.0, 0.0, 0, np.zeros(0))


class Tally(NamedTuple):
    """Scores of one batch.

    ``energy`` is (types, cells) in keV. With kind SHELLS its second axis counts shells about the
    origin: shell 0 holds all within the lowest radius, the last all beyond the highest, the others
    are uniform in the logarithm of the radius squared.
    """

    kind: int
    energy: NDArray[np.float64]
    log_r2_lowest: float
    shells_per_log: float
    balance: NDArray[np.float64]  # escaped keV, lost secondaries (a defect), emitted keV
    marrow: MarrowBins = NO_MARROW


def tally_of_cells(cells: int, marrow: MarrowBins = NO_MARROW) -> Tally:
    """Give an empty tally of some cells."""
    return Tally(CELLS, np.zeros((len(TYPES), cells)), 0.0, 0.0, np.zeros(4), marrow)


@inlined
def accumulate(array: NDArray[np.float64], index: int | np.uint64, value: float) -> None:
    """Add to one place of an array: the one way in which histories leave something behind.

    On a graphics processor, where histories run side by side, its counterpart takes this place
    (`pdcraft.transport.gpu_functions`).
    """
    array[index] += value


@inlined
def shell_of(
    x: float, y: float, z: float, log_r2_lowest: float, shells_per_log: float, shells: int
) -> int:
    """Find the shell about the origin that a place lies in, as `Tally` counts them."""
    r2 = x * x + y * y + z * z
    if r2 <= 0.0:
        return 0
    at = (math.log(r2) - log_r2_lowest) * shells_per_log
    return min(int(at) + 1, shells - 1) if at >= 0.0 else 0


@inlined
def score(t: Tally, row: int, index: int, x: float, y: float, z: float, energy_keV: float) -> None:
    """Add energy at a place."""
    if t.kind == CELLS:
        accumulate(t.energy[row], index, energy_keV)
        return
    shell = shell_of(x, y, z, t.log_r2_lowest, t.shells_per_log, t.energy.shape[1])
    accumulate(t.energy[row], shell, energy_keV)


@kernel
def add_batch(
    energy: NDArray[np.float64],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    total: NDArray[np.float64],
) -> None:
    """Add a batch to sums by type and to squares of the total over types; set it to zero.

    Arrays are (types, cells), (types, cells), (cells,) and (cells,); ``total`` receives the batch's
    own sum over types.
    """
    rows, cells = energy.shape
    for i in range(cells):
        whole = 0.0
        for row in range(rows):
            e = energy[row, i]
            if e != 0.0:
                sums[row, i] += e
                whole += e
                energy[row, i] = 0.0
        total[i] = whole
        squares[i] += whole * whole
