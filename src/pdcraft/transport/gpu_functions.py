"""The kernels of voxel transport as functions of an NVIDIA card: the same code, compiled for it.

`for_card` takes a compiled kernel, and every kernel that it calls, and makes functions of the card
of the same Python code. Nothing is written twice. Two things differ there:

- What histories leave behind is added by atomic additions of whole numbers, in steps of 2⁻²⁸ keV
  (4e-9 keV): the sum does not depend on the order, so one card gives the same bits every time.
- Spheres and bodies are left out, so that the code of voxels is short.

Random numbers are those of the CPU: a history follows the same track on both, up to the last digits
of logarithms and roots; a track that such a digit turns is another sample of the same law.

To import this module, numba-cuda must be there (`pdcraft.transport.gpu.require_card`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
from numba import cuda as numba_cuda
from numpy.typing import NDArray

from pdcraft.transport.history import run_histories
from pdcraft.transport.tally import Tally

__all__ = ["STEPS_PER_keV", "for_card", "histories"]

cuda: Any = numba_cuda  # its stubs know no intrinsics of a card
STEPS_PER_keV = float(1 << 28)  # whole numbers of 64 bits hold 3e10 keV in a voxel and batch


def accumulate(array: NDArray[np.int64], index: int, value: float) -> None:
    """Add to one place of an array in whole steps, whoever else does so at the same time."""
    scaled = value * STEPS_PER_keV
    whole = int(scaled + 0.5) if scaled >= 0.0 else -int(0.5 - scaled)
    cuda.atomic.add(array, index, whole)


def woodcock(
    p: Any, g: Any, t: Any, o: Any, rng: Any, stack: Any, n: int, weight: float, e: float,
    x: float, y: float, z: float, u: float, v: float, w: float, ix: int, row: int, mus: Any,
    kermas: Any,
) -> int:  # fmt: skip
    """Stand for photons in a body, of which the card has none."""
    return n


def fly(
    p: Any, g: Any, t: Any, o: Any, rng: Any, stack: Any, n: int, weight: float, e: float,
    x: float, y: float, z: float, u: float, v: float, w: float, ix: int, row: int, stretch: int,
) -> int:  # fmt: skip
    """Stand for photons in spheres, of which the card has none."""
    return n


def place_in_body(g: Any, s: Any, rng: Any) -> tuple[float, float, float, int, int, int, int]:
    """Stand for sources in a body."""
    return 0.0, 0.0, 0.0, 0, 0, 0, 0


def region_change_mm(
    b: Any, x: float, y: float, z: float, u: float, v: float, w: float, ix: int, within: float
) -> tuple[float, int]:
    """Stand for the surfaces of a body."""
    return within, ix


def nearest_change_mm(b: Any, x: float, y: float, z: float) -> float:
    """Stand for the distance to the surfaces of a body."""
    return 0.0


OF_THE_CARD = {
    f.__name__: f
    for f in (accumulate, woodcock, fly, place_in_body, region_change_mm, nearest_change_mm)
}


@cache
def for_card(function: Callable[..., Any]) -> Any:
    """Make a kernel, with all that it calls, a function of the card.

    Parameters
    ----------
    function : callable
        Of `pdcraft.transport.compile`. Its counterpart here, if there is one, takes its place.
    """
    source: FunctionType = getattr(function, "py_func", function)
    own = OF_THE_CARD.get(source.__name__)
    return cuda.jit(device=True)(own if own is not None else _bound(source))


def _bound(source: FunctionType) -> FunctionType:
    """Copy a function; the kernels that it calls are functions of the card."""
    names = set(source.__code__.co_names)
    seen = {k: v for k, v in source.__globals__.items() if k in names}
    seen |= {k: for_card(v) for k, v in seen.items() if hasattr(v, "py_func")}
    seen |= {"__name__": source.__module__, "__builtins__": source.__globals__["__builtins__"]}
    return FunctionType(source.__code__, seen, source.__name__, source.__defaults__)


run: Any = for_card(run_histories)


def histories(
    first: int,
    count: int,
    key: np.uint64,
    p: Any,
    d: Any,
    g: Any,
    s: Any,
    em: Any,
    t: Tally,
    o: Any,
    stacks: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    balances: Any,
) -> None:
    """Run ``count`` histories, every n-th on each of n threads: what the card is started with.

    The last three arrays, one row for each thread, are room to work in and each thread's balance.
    """
    thread = cuda.grid(1)
    if thread >= stacks.shape[0]:
        return
    rng = cuda.local.array(2, np.uint64)
    own = Tally(t.kind, t.energy, t.log_r2_lowest, t.shells_per_log, balances[thread], t.marrow)
    for i in range(thread, count, stacks.shape[0]):
        run(
            first + i, 1, key, p, d, g, s, em, own, o, rng, stacks[thread],
            coefficients[thread, 0], coefficients[thread, 1],
        )  # fmt: skip
