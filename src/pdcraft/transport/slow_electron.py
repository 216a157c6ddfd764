"""Slow electrons in liquid water, followed collision by collision from a point, down to 50 eV.

Every elastic and inelastic collision is drawn: nothing is condensed. In an inelastic collision one
oscillator is met, from afar (it takes its resonance energy) or close by (like a free electron), or
takes its resonance and a recoil, as the tables have it; the electron set free takes the loss less
its binding. Electrons below the cut-off end where they are. For condensed histories of faster
electrons in any matter see `pdcraft.transport.electron`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import PhysicsRangeError
from pdcraft.transport.batches import in_order, thread_count
from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.rng import exponential, key_of, start_history, uniform
from pdcraft.transport.sampling import azimuth, deflect, isotropic, moller_loss_keV
from pdcraft.transport.slow_data import CUTOFF_keV, HIGHEST_keV, SlowData
from pdcraft.transport.tally import shell_of

__all__ = ["follow_slow", "slow_point_kernel"]

STACK = 512


@inlined
def push_slow(
    stack: NDArray[np.float64],
    n: int,
    energy_keV: float,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
) -> int:
    """Put an electron on the stack, which has room; returns its new size."""
    entry = stack[n]
    entry[0] = energy_keV
    entry[1], entry[2], entry[3] = x, y, z
    entry[4], entry[5], entry[6] = u, v, w
    return n + 1


@kernel
def recoil_keV(energy: float, w: float, low: float, high: float, rng: NDArray[np.uint64]) -> float:
    """Draw a recoil energy between limits, exchange included (`pdcraft.physics.slow_electron`)."""
    bottom = math.log(low / (low + w))
    span = math.log(high / (high + w)) - bottom
    while True:
        t = math.exp(bottom + span * uniform(rng))
        q = w * t / (1.0 - t)
        r = math.sqrt(q * (w + q) / ((energy - q) * (energy - w - q)))
        if uniform(rng) <= 1.0 - r + r * r:
            return q


@kernel
def follow_slow(
    d: SlowData,
    first: int,
    count: int,
    key: np.uint64,
    energy_keV: float,
    cutoff_keV: float,
    shells: NDArray[np.float64],
    log_r2_lowest: float,
    per_log: float,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
) -> int:
    """Run electrons of one energy from the origin; returns how many found no place on the stack."""
    rng[0] = key
    lost = 0
    oscillators = d.resonance_keV.size
    for history in range(first, first + count):
        start_history(rng, history)
        u, v, w = isotropic(rng)
        e, x, y, z = energy_keV, 0.0, 0.0, 0.0
        n = 0
        while True:
            while e > cutoff_keV:
                pos = (math.log(e) - d.log_lowest) * d.nodes_per_log
                i = min(int(pos), d.elastic.size - 2)
                f = pos - i
                turn = d.elastic[i] + f * (d.elastic[i + 1] - d.elastic[i])
                lose = d.inelastic[i] + f * (d.inelastic[i + 1] - d.inelastic[i])
                step = exponential(rng) / (turn + lose)
                x += step * u
                y += step * v
                z += step * w
                node = i + 1 if uniform(rng) < f else i
                if uniform(rng) * (turn + lose) < turn:
                    at = (1.0 - uniform(rng) ** (1.0 / 3.0)) * (d.mu.shape[1] - 1)
                    k = min(int(at), d.mu.shape[1] - 2)
                    mu = d.mu[node, k] + (at - k) * (d.mu[node, k + 1] - d.mu[node, k])
                    a, b = azimuth(rng)
                    u, v, w = deflect(u, v, w, 1.0 - 2.0 * mu, a, b)
                    continue
                q01 = uniform(rng)
                low_k, high_k = 0, d.chosen.shape[1] - 1
                while low_k < high_k:
                    middle = (low_k + high_k) // 2
                    if d.chosen[node, middle] < q01:
                        low_k = middle + 1
                    else:
                        high_k = middle
                channel = low_k % oscillators
                res = d.resonance_keV[channel]
                if d.split == 1:
                    if e <= 1.0000001 * res or (low_k >= oscillators and e <= 2.0000001 * res):
                        continue  # rates are linear between nodes, thresholds sharp
                    if low_k < oscillators:
                        loss = res
                        least = res * res / (math.sqrt(e) + math.sqrt(e - res)) ** 2
                        if least >= res:
                            continue
                        q = least * (res / least) ** uniform(rng)
                    else:
                        loss = moller_loss_keV(e, res, rng)
                        q = loss
                else:
                    if e <= 2.0000001 * res:
                        continue
                    root = res / (math.sqrt(e) + math.sqrt(e - 2.0 * res))
                    q = recoil_keV(e, res, root * root, 0.5 * (e - res), rng)
                    loss = res + q
                left = e - loss
                cosine = (e + left - q) / (2.0 * math.sqrt(e * left))
                cosine = min(1.0, max(-1.0, cosine))
                other = (loss + q) / (2.0 * math.sqrt(e * q))
                other = min(1.0, max(-1.0, other))
                a, b = azimuth(rng)
                inner = channel == oscillators - 1 and loss > d.k_shell_keV
                bound = d.k_shell_keV if inner else d.outer_keV
                freed = max(0.0, loss - bound)
                here = loss - freed
                if inner:
                    auger = d.k_shell_keV - 2.0 * d.outer_keV
                    here -= auger
                    if n < STACK:
                        p, r, s = isotropic(rng)
                        n = push_slow(stack, n, auger, x, y, z, p, r, s)
                    else:
                        lost += 1
                if freed > cutoff_keV:
                    if n < STACK:
                        p, r, s = deflect(u, v, w, other, -a, -b)
                        n = push_slow(stack, n, freed, x, y, z, p, r, s)
                    else:
                        lost += 1
                else:
                    here += freed
                shells[shell_of(x, y, z, log_r2_lowest, per_log, shells.size)] += here
                e = left
                u, v, w = deflect(u, v, w, cosine, a, b)
            shells[shell_of(x, y, z, log_r2_lowest, per_log, shells.size)] += e
            if n == 0:
                break
            n -= 1
            entry = stack[n]
            e = entry[0]
            x, y, z = entry[1], entry[2], entry[3]
            u, v, w = entry[4], entry[5], entry[6]
    return lost


def slow_point_kernel(
    data: SlowData,
    energy_keV: float,
    edges_mm: NDArray[np.float64],
    *,
    histories: int,
    batches: int,
    seed: int = 1,
    threads: int | None = None,
    cutoff_keV: float = CUTOFF_keV,
    progress: Callable[[float], None] | None = None,
) -> NDArray[np.float64]:
    """Energy in shells about a point source of electrons of one energy in unbounded water.

    Parameters
    ----------
    data : SlowData
    energy_keV : float
        0.05 to 45.
    edges_mm : ndarray, shape (shells + 1,)
        0, then even in the logarithm, then infinity.
    histories, batches : int
        In all.
    seed, threads
        As in `pdcraft.transport.point`.
    cutoff_keV : float
        Electrons end below.

    Returns
    -------
    ndarray, shape (batches, shells)
        keV per electron.

    Raises
    ------
    PhysicsRangeError
        For an energy outside the tables.
    """
    if not CUTOFF_keV <= energy_keV <= HIGHEST_keV or cutoff_keV < CUTOFF_keV:
        raise PhysicsRangeError(
            f"slow electrons: {energy_keV:g} keV (cut-off {cutoff_keV:g} keV) is outside "
            f"{CUTOFF_keV:g} to {HIGHEST_keV:g} keV; condensed histories (transport.point) take "
            "faster ones"
        )
    inner = edges_mm[1:-1]
    log_r2 = 2.0 * math.log(inner[0])
    per_log = (inner.size - 1) / (2.0 * math.log(inner[-1] / inner[0]))
    key: Any = key_of(seed)
    size = max(1, histories // batches)

    def job(i: int) -> NDArray[np.float64]:
        shells = np.zeros(edges_mm.size - 1)
        lost = follow_slow(
            data, i * size, size, key, float(energy_keV), float(cutoff_keV), shells, log_r2,
            per_log, np.empty(2, np.uint64), np.empty((STACK, 7)),
        )  # fmt: skip
        if lost:
            raise PhysicsRangeError(f"{lost} slow electrons found no place on the stack")
        return shells / size

    out: list[NDArray[np.float64]] = []
    for i, shells in enumerate(in_order(job, 0, batches, thread_count(threads))):
        out.append(shells)
        if progress:
            progress((i + 1) / batches)
    return np.array(out)
