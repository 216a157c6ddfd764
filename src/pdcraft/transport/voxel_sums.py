"""Sums over the batches of a voxel run, and the result that they make."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.geometry import TRANSPORT
from pdcraft.transport.tally import EMITTED, ESCAPED, TYPES, add_batch

__all__ = ["Known", "Sums", "VoxelTally"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VoxelTally:
    """Energy absorbed per decay, with its statistical error.

    Parameters
    ----------
    histories, batches : int
        Decays simulated, and batches they ran in.
    seed : int
    energy_keV : mapping of str to ndarray, shape (nx, ny, nz)
        Mean energy per decay absorbed in each voxel, by radiation type; only types that occur.
    std_err_keV : ndarray, shape (nx, ny, nz)
        Standard error of the sum over types.
    region_keV : mapping of str to (mean, standard error)
        Energy per decay absorbed in each named region.
    emitted_keV, escaped_keV : float
        Per decay. Escaped is what left the grid; where photons score by track length, emitted is
        absorbed plus escaped only in the mean.
    estimator : ndarray of uint8, shape (nx, ny, nz)
        0: photons score by track length; 1: their electrons are transported.
    warnings : tuple of str
    """

    histories: int
    batches: int
    seed: int
    energy_keV: Mapping[str, Floats]
    std_err_keV: Floats
    region_keV: Mapping[str, tuple[float, float]]
    emitted_keV: float
    escaped_keV: float
    estimator: NDArray[np.uint8]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Energy per decay that needs no chance: ``cell`` (used,), ``energy_keV`` (types, used)."""

    cell: NDArray[np.intp]
    energy_keV: Floats
    emitted_keV: float


@dataclass(slots=True)
class Sums:
    """Sums over batches: of energies by type, of squares of their total, of region totals."""

    energy: Floats
    squares: Floats
    total: Floats  # of the last batch
    region_cells: tuple[NDArray[np.intp], ...]
    region: Floats
    region_squares: Floats
    balance: Floats
    batches: int
    known: Known
    known_region: Floats

    @classmethod
    def start(cls, cells: int, region_cells: tuple[NDArray[np.intp], ...], known: Known) -> Sums:
        """Begin with no batch."""
        n = len(region_cells)
        at_once = np.zeros(cells)
        at_once[known.cell] = known.energy_keV.sum(axis=0)
        return cls(
            np.zeros((len(TYPES), cells)),
            np.zeros(cells),
            np.zeros(cells),
            region_cells,
            np.zeros(n),
            np.zeros(n),
            np.zeros(4),
            0,
            known,
            np.array([at_once[cells_in].sum() for cells_in in region_cells]),
        )

    def add(self, energy: Floats, balance: Floats) -> None:
        """Add one batch, and set its energies to zero."""
        add_batch(energy, self.energy, self.squares, self.total)
        regions = np.array([self.total[cells].sum() for cells in self.region_cells])
        self.region += regions
        self.region_squares += regions**2
        self.balance += balance
        self.batches += 1

    def go_on_from(
        self, past: VoxelTally, seed: int, shape: tuple[int, ...], names: tuple[str, ...]
    ) -> None:
        """Take up an earlier result."""
        if past.std_err_keV.shape != shape or past.seed != seed or names != tuple(past.region_keV):
            raise DataError(
                "the result to resume is of another run: grid, seed and regions must be the same"
            )
        b, size = past.batches, past.histories // past.batches
        for name, mean in past.energy_keV.items():
            self.energy[TYPES.index(name)] = mean.ravel() * past.histories
        self.energy[:, self.known.cell] -= self.known.energy_keV * past.histories
        total = self.energy.sum(axis=0) / b
        self.squares = b * total**2 + b * (b - 1) * (past.std_err_keV.ravel() * size) ** 2
        for i, (whole, err) in enumerate(past.region_keV.values()):
            mean = whole - self.known_region[i]
            self.region[i] = mean * past.histories
            self.region_squares[i] = b * (mean * size) ** 2 + b * (b - 1) * (err * size) ** 2
        self.balance[ESCAPED] = past.escaped_keV * past.histories
        self.balance[EMITTED] = (past.emitted_keV - self.known.emitted_keV) * past.histories
        self.batches = b

    def relative_error(self, mass: Floats, size: int) -> float:
        """Largest of the regions, or of the voxels above half the greatest dose together."""
        b = self.batches
        if self.region.size:
            mean = self.region / b
            variance = np.maximum(self.region_squares / b - mean**2, 0.0) / max(b - 1, 1)
            whole = mean + self.known_region * size
            with np.errstate(divide="ignore", invalid="ignore"):
                return float(np.max(np.where(whole > 0, np.sqrt(variance) / whole, np.inf)))
        drawn = self.energy.sum(axis=0) / b
        total = drawn.copy()
        total[self.known.cell] += self.known.energy_keV.sum(axis=0) * size
        variance = np.maximum(self.squares / b - drawn**2, 0.0) / max(b - 1, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            dose = np.where(mass > 0.0, total / mass, 0.0)
        hot = dose > 0.5 * _greatest(dose, total, variance)
        return float(math.sqrt(variance[hot].sum()) / total[hot].sum())

    def result(
        self,
        size: int,
        seed: int,
        shape: tuple[int, int, int],
        names: tuple[str, ...],
        cell: NDArray[np.uint8],
    ) -> VoxelTally:
        """Means and standard errors of all batches."""
        b, n = self.batches, self.batches * size

        def error(squares: Floats, total: Floats) -> Floats:
            variance = np.maximum(squares / b - (total / b) ** 2, 0.0) / (b - 1)
            return np.sqrt(variance) / size

        err = error(self.squares, self.energy.sum(axis=0)).reshape(shape)
        region_err = error(self.region_squares, self.region)
        region = {
            name: (float(self.region[i] / n + self.known_region[i]), float(region_err[i]))
            for i, name in enumerate(names)
        }
        mean = self.energy / n
        mean[:, self.known.cell] += self.known.energy_keV
        energy = {
            name: row.reshape(shape) for name, row in zip(TYPES, mean, strict=True) if row.any()
        }
        estimator = np.where(cell & TRANSPORT, 1, 0).astype(np.uint8)
        return VoxelTally(
            histories=n,
            batches=b,
            seed=seed,
            energy_keV=energy,
            std_err_keV=err,
            region_keV=region,
            emitted_keV=float(self.balance[EMITTED] / n) + self.known.emitted_keV,
            escaped_keV=float(self.balance[ESCAPED] / n),
            estimator=estimator,
            warnings=(),
        )


def _greatest(dose: Floats, total: Floats, variance: Floats) -> float:
    """Greatest dose among voxels that are known to 20%, or the greatest of all."""
    known = dose[variance < (0.2 * total) ** 2]
    return float(known.max() if known.size else dose.max())
