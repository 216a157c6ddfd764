"""A transport problem made ready for the kernels, and its batches run on threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.errors import PdcraftError
from pdcraft.transport.batches import in_order, thread_count
from pdcraft.transport.data_types import PhotonData
from pdcraft.transport.electron import ElectronKernelData, Options, pack
from pdcraft.transport.geometry import MATERIAL_BITS, Geometry
from pdcraft.transport.history import Emissions, Source, run_histories
from pdcraft.transport.photoelectric import Photoelectric, normalized
from pdcraft.transport.rng import key_of
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import STACK_SHAPE
from pdcraft.transport.tally import OVERFLOW, Tally

__all__ = [
    "Batch",
    "Problem",
    "collect_batches",
    "options_of",
    "prepare_electrons",
    "prepare_photons",
    "run_batches",
]


@lru_cache(maxsize=8)
def prepare_photons(
    materials: tuple[Material, ...], photoelectric: Photoelectric = "xcom"
) -> PhotonData:
    """Photon tables of some materials (kept for the next call)."""
    from pdcraft.transport.photon_data import photon_data
    from pdcraft.transport.radiated_share import radiated_share

    data = photon_data(materials, tuple(radiated_share(m) for m in materials))
    return data if photoelectric == "xcom" else normalized(data, materials)


@lru_cache(maxsize=8)
def prepare_electrons(materials: tuple[Material, ...], settings: Settings) -> ElectronKernelData:
    """Electron tables of some materials in the kernels' order (kept for the next call)."""
    from pdcraft.transport.electron_data import electron_data

    return pack(electron_data(materials, settings))


def options_of(
    settings: Settings,
    *,
    reject: bool,
    stretch: bool = False,
    thin_mm: float = 0.0,
    thin_most: float = 1.0,
    most_free_mm: float = 10.0,
) -> Options:
    """Numbers and switches for the kernels."""
    return Options(
        settings.loss,
        settings.electron_cutoff_keV,
        settings.photon_cutoff_keV,
        int(reject),
        int(stretch),
        float(thin_mm),
        float(thin_most),
        float(most_free_mm),
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a history needs; ``tally`` is an empty one to copy."""

    photons: PhotonData
    electrons: ElectronKernelData
    geometry: Geometry
    source: Source
    emissions: Emissions
    tally: Tally
    options: Options


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch scored: energy in keV, shape (types, cells); escaped and emitted keV."""

    energy_keV: NDArray[np.float64]
    balance: NDArray[np.float64]


def run_batches(
    problem: Problem,
    first: int,
    count: int,
    size: int,
    seed: int,
    threads: int,
    spare: list[NDArray[np.float64]] | None = None,
) -> Iterator[Batch]:
    """Run batches ``first`` to ``first + count - 1`` of ``size`` histories; yield them in order.

    ``spare`` holds tallies of zeros to use first: who has read a batch may set its energies to zero
    and put them back there.

    Raises
    ------
    PdcraftError
        If secondaries did not fit on the stack: a defect, not a property of the input.
    """
    key = key_of(seed)
    shape = problem.tally.energy.shape

    def job(i: int) -> Batch:
        try:
            energy = spare.pop() if spare is not None else np.zeros(shape)
        except IndexError:
            energy = np.zeros(shape)
        tally = problem.tally._replace(energy=energy, balance=np.zeros(4))
        run_histories(
            i * size,
            size,
            key,
            problem.photons,
            problem.electrons,
            problem.geometry,
            problem.source,
            problem.emissions,
            tally,
            problem.options,
            np.empty(2, np.uint64),
            np.empty(STACK_SHAPE),
            np.empty(MATERIAL_BITS + 1),
            np.empty(MATERIAL_BITS + 1),
        )
        return Batch(tally.energy, tally.balance)

    for batch in in_order(job, first, count, threads):
        if batch.balance[OVERFLOW] > 0.0:
            raise PdcraftError(
                f"{batch.balance[OVERFLOW]:.0f} secondary particles found no place on the stack; "
                "please report this: the input is not at fault"
            )
        yield batch


def collect_batches(
    problem: Problem,
    batches: int,
    size: int,
    seed: int,
    threads: int | None,
    progress: Callable[[float, str], None] | None = None,
    *,
    first: int = 0,
    words: str = "{:,} decays",
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Run batches to their end and keep what each scored, for tallies of few cells.

    Returns
    -------
    ndarray, shape (batches, types, cells)
        Energies per history, keV.
    ndarray, shape (4,)
        Balance per history.
    """
    energies: list[NDArray[np.float64]] = []
    balance: NDArray[np.float64] = np.zeros(4)
    for i, batch in enumerate(
        run_batches(problem, first, batches, size, seed, thread_count(threads))
    ):
        energies.append(batch.energy_keV / size)
        balance += batch.balance / (size * batches)
        if progress:
            progress((i + 1) / batches, words.format((i + 1) * size))
    return np.array(energies), balance
