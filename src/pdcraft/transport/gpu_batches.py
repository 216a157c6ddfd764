"""Batches of voxel histories on an NVIDIA card, in the order and form of those on the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.errors import DataError, PdcraftError
from pdcraft.transport.engine import Batch, Problem
from pdcraft.transport.geometry import MATERIAL_BITS, VOXELS
from pdcraft.transport.gpu import require_card, simulated
from pdcraft.transport.rng import key_of
from pdcraft.transport.stack import STACK_SHAPE
from pdcraft.transport.tally import OVERFLOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["run_batches_on_card"]

THREADS_PER_BLOCK = 128
BLOCKS_PER_PROCESSOR = 4  # two at a time have registers; more would only take room for stacks


def run_batches_on_card(
    problem: Problem,
    first: int,
    count: int,
    size: int,
    seed: int,
    spare: list[NDArray[np.float64]] | None = None,
) -> Iterator[Batch]:
    """Run batches ``first`` to ``first + count - 1`` of ``size`` histories; yield them in order.

    Parameters
    ----------
    problem : Problem
        Of voxels.
    first, count, size, seed, spare
        As in `pdcraft.transport.engine.run_batches`.

    Raises
    ------
    DataError
        Without a card, or for another geometry than voxels.
    PdcraftError
        If secondaries did not fit on the stack.
    """
    if problem.geometry.kind != VOXELS:
        raise DataError("device cuda: only voxels are transported on a card; use device cpu")
    require_card()
    yield from _run(problem, first, count, size, seed, spare)


def _run(
    problem: Problem,
    first: int,
    count: int,
    size: int,
    seed: int,
    spare: list[NDArray[np.float64]] | None,
) -> Iterator[Batch]:
    from numba import cuda

    from pdcraft.transport.gpu_functions import STEPS_PER_keV, histories

    threads, blocks = _grid(size)
    total = threads * blocks
    kernel: Any = cuda.jit(histories)
    shape = problem.tally.energy.shape
    energy = cuda.to_device(np.zeros(shape, np.int64))
    balances = cuda.to_device(np.zeros((total, 4), np.int64))
    tally = problem.tally._replace(energy=energy, balance=cuda.to_device(np.zeros(4, np.int64)))
    tally = tally._replace(marrow=_on_card(tally.marrow))
    fixed = [
        _on_card(part)
        for part in (
            problem.photons,
            problem.electrons,
            problem.geometry,
            problem.source,
            problem.emissions,
        )
    ]
    stacks = cuda.device_array((total, *STACK_SHAPE), np.float64)
    coefficients = cuda.device_array((total, 2, MATERIAL_BITS + 1), np.float64)
    zeros = np.zeros(shape, np.int64)
    key = key_of(seed)
    for i in range(first, first + count):
        energy.copy_to_device(zeros)
        balances.copy_to_device(np.zeros((total, 4), np.int64))
        kernel[blocks, threads](
            i * size, size, key, *fixed, tally, problem.options, stacks, coefficients, balances
        )
        steps = balances.copy_to_host().sum(axis=0)
        if steps[OVERFLOW] > 0:
            raise PdcraftError(
                f"{steps[OVERFLOW] / STEPS_PER_keV:.0f} secondary particles found no place on the "
                "stack; please report this: the input is not at fault"
            )
        scored = spare.pop() if spare else np.empty(shape)
        np.multiply(energy.copy_to_host(), 1.0 / STEPS_PER_keV, out=scored)
        yield Batch(scored, steps / STEPS_PER_keV)


def _grid(size: int) -> tuple[int, int]:
    """Threads per block and blocks: as many as keep the card busy, no more than histories."""
    from numba import cuda

    if simulated():
        return 2, 1
    processors = cuda.get_current_device().MULTIPROCESSOR_COUNT
    needed = -(-size // THREADS_PER_BLOCK)
    return THREADS_PER_BLOCK, max(1, min(needed, processors * BLOCKS_PER_PROCESSOR))


def _on_card(part: Any) -> Any:
    """Copy the arrays of a named tuple, and of those in it, to the card; empty ones hold a zero."""
    from numba import cuda

    if isinstance(part, np.ndarray):
        filled = part if part.size else np.zeros((1,) * part.ndim, part.dtype)
        return cuda.to_device(np.ascontiguousarray(filled))
    if isinstance(part, tuple):
        made: Any = type(part)
        return made(*(_on_card(value) for value in part))
    return part
