"""Particles that wait: secondaries of a history, last in first out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import kernel
from pdcraft.transport.tally import OVERFLOW, Tally, accumulate

__all__ = [
    "ELECTRON",
    "PHOTON_PARTICLE",
    "POSITRON_PARTICLE",
    "STACK_SHAPE",
    "UNFOLLOWED_PHOTON",
    "push",
]

ELECTRON, POSITRON_PARTICLE, PHOTON_PARTICLE = 0, 1, 2
UNFOLLOWED_PHOTON = 3  # interacts where it starts; for tests of charged-particle equilibrium
STACK_SHAPE = (256, 14)


@kernel
def push(
    stack: NDArray[np.float64],
    n: int,
    t: Tally,
    particle: int,
    weight: float,
    energy_keV: float,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
    ix: int,
    iy: int,
    iz: int,
    row: int,
    secondary: int,
) -> int:
    """Put a particle on the stack; a full stack is counted, and the run then refused."""
    if n >= stack.shape[0]:
        accumulate(t.balance, OVERFLOW, 1.0)
        return n
    entry = stack[n]
    entry[0] = particle
    entry[1] = weight
    entry[2] = energy_keV
    entry[3] = x
    entry[4] = y
    entry[5] = z
    entry[6] = u
    entry[7] = v
    entry[8] = w
    entry[9] = ix
    entry[10] = iy
    entry[11] = iz
    entry[12] = row
    entry[13] = secondary
    return n + 1
