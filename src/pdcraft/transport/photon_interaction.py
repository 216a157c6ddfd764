"""Interactions of photons: which happens, what it sets free, and what it leaves on the spot.

Electrons are set free where ``MAKE_ELECTRONS`` is flagged, so that those which reach a
``TRANSPORT`` cell from outside are there.

References
----------
.. [PEN] F. Salvat, PENELOPE-2018, OECD/NEA (2019), chapter 2: photon interactions.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pdcraft.physics.compton import HC_keV_angstrom
from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.transport.between import between
from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.data_types import PhotonData
from pdcraft.transport.electron import Options
from pdcraft.transport.geometry import MAKE_ELECTRONS, TRANSPORT
from pdcraft.transport.rng import uniform
from pdcraft.transport.sampling import (
    azimuth,
    compton_electron_cosine,
    deflect,
    isotropic,
    klein_nishina,
    sauter_cosine,
)
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE, push
from pdcraft.transport.tally import Tally, score

__all__ = ["bound_compton", "collide", "local", "node_of", "rayleigh_cosine"]

M = ELECTRON_REST_keV


@inlined
def node_of(p: PhotonData, energy_keV: float) -> tuple[int, float]:
    """Node at or below an energy and the share of the way to the next."""
    log_e = math.log(energy_keV)
    k = int((log_e - p.log_lowest) * p.bins_per_log)
    i = int(p.start[max(0, min(k, p.start.size - 1))])
    last = p.energy_keV.size - 2
    while i < last and p.energy_keV[i + 1] <= energy_keV:
        i += 1
    return i, float((log_e - p.log_energy[i]) / (p.log_energy[i + 1] - p.log_energy[i]))


@inlined
def above(nodes: NDArray[np.float64], value: float) -> int:
    """Index of the first node that is not below a value; their number if there is none."""
    low, high = 0, nodes.size
    while low < high:
        middle = (low + high) // 2
        if nodes[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def rayleigh_cosine(p: PhotonData, mat: int, energy_keV: float, rng: NDArray[np.uint64]) -> float:
    """Draw a coherent deflection: form factor by inversion, Thomson's factor by rejection."""
    top = (energy_keV / HC_keV_angstrom) ** 2
    table = p.form_factor_cumulative[mat]
    nodes = p.x2_nodes
    k = above(nodes, top)
    if k >= nodes.size:
        k = nodes.size - 1
        whole = table[k]
    else:
        whole = table[k - 1] + (top - nodes[k - 1]) / (nodes[k] - nodes[k - 1]) * (
            table[k] - table[k - 1]
        )
    while True:
        a = uniform(rng) * whole
        j = max(1, min(above(table, a), nodes.size - 1))
        x2 = nodes[j - 1] + (a - table[j - 1]) / (table[j] - table[j - 1]) * (
            nodes[j] - nodes[j - 1]
        )
        c = 1.0 - 2.0 * min(1.0, x2 / top)
        if 2.0 * uniform(rng) <= 1.0 + c * c:
            return c


@kernel
def bound_compton(
    p: PhotonData, mat: int, energy_keV: float, rng: NDArray[np.uint64]
) -> tuple[float, float]:
    """Draw Compton scattering on the material's electrons: Klein-Nishina times S(x)/Z."""
    table = p.incoherent[mat]
    while True:
        kept, c = klein_nishina(energy_keV, rng)
        x = energy_keV / HC_keV_angstrom * math.sqrt(max(0.0, 0.5 * (1.0 - c)))
        at = math.sqrt(x) / p.sqrt_x_step
        k = int(at)
        if k >= table.size - 1:
            return kept, c
        if uniform(rng) <= table[k] + (at - k) * (table[k + 1] - table[k]):
            return kept, c


@kernel
def local(
    t: Tally, here: int, row: int, index: int, x: float, y: float, z: float, energy_keV: float
) -> None:
    """Deposit what an interaction leaves on the spot, where such deposits score."""
    if here and energy_keV > 0.0:
        score(t, row, index, x, y, z, energy_keV)


@kernel
def free_electron(
    t: Tally,
    o: Options,
    stack: NDArray[np.float64],
    n: int,
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
    index: int,
    row: int,
    flags: int,
) -> int:
    """Set an electron or positron free, or deposit it where it is too slow."""
    if not flags & MAKE_ELECTRONS:
        if particle == POSITRON_PARTICLE:  # its annihilation photons fly all the same
            energy_keV = 0.5 * o.electron_cutoff_keV
        else:
            return n
    elif energy_keV <= o.electron_cutoff_keV and particle == ELECTRON:
        local(t, flags & TRANSPORT, row, index, x, y, z, weight * energy_keV)
        return n
    return push(stack, n, t, particle, weight, energy_keV, x, y, z, u, v, w, ix, iy, iz, row, 1)


@kernel
def photoelectric(
    p: PhotonData,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    n: int,
    weight: float,
    e: float,
    node: int,
    mat: int,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
    ix: int,
    iy: int,
    iz: int,
    index: int,
    row: int,
    flags: int,
) -> int:
    """Absorb a photon: photoelectron, then fluorescence or an Auger electron."""
    q = uniform(rng)
    slot = 0
    last = p.element.shape[1] - 1
    while slot < last and q > p.element_cumulative[node, mat, slot]:
        slot += 1
    while slot > 0 and p.element[mat, slot] < 0:
        slot -= 1
    z_row = p.element[mat, slot]
    binding = p.shell_binding_keV[z_row]
    share = p.shell_share[z_row]
    shells = binding.size
    first = 0
    while first < shells and (binding[first] <= 0.0 or binding[first] >= e):
        first += 1
    shell = -1
    if first < shells:
        below = share[first - 1] if first > 0 else 0.0
        q = below + uniform(rng) * (1.0 - below)
        k = first
        while k < shells and q > share[k]:
            k += 1
        if k < shells and binding[k] > 0.0:
            shell = k
    bound = binding[shell] if shell >= 0 else 0.0
    kinetic = e - bound
    if flags & MAKE_ELECTRONS:
        cosine = sauter_cosine(max(kinetic, 1e-3), rng)
        a, b = azimuth(rng)
        a, b, c = deflect(u, v, w, cosine, a, b)
        n = free_electron(
            t, o, stack, n, ELECTRON, weight, kinetic, x, y, z, a, b, c, ix, iy, iz, index, row,
            flags,
        )  # fmt: skip
    if shell < 0:
        return n
    made = 0.0
    a, b, c = isotropic(rng)
    if uniform(rng) < p.fluorescence_yield[z_row, shell]:
        q = uniform(rng)
        lines = p.line_cumulative.shape[2]
        k = 0
        while k < lines - 1 and q > p.line_cumulative[z_row, shell, k]:
            k += 1
        made = p.line_keV[z_row, shell, k]
        n = push(stack, n, t, PHOTON_PARTICLE, weight, made, x, y, z, a, b, c, ix, iy, iz, row, 0)
    else:
        made = p.auger_keV[z_row, shell]
        n = free_electron(
            t, o, stack, n, ELECTRON, weight, made, x, y, z, a, b, c, ix, iy, iz, index, row, flags
        )
    local(t, flags & TRANSPORT, row, index, x, y, z, weight * (bound - made))
    return n


@kernel
def collide(
    p: PhotonData,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    n: int,
    weight: float,
    e: float,
    node: int,
    frac: float,
    mat: int,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
    ix: int,
    iy: int,
    iz: int,
    index: int,
    row: int,
    flags: int,
) -> tuple[float, float, float, float, int]:
    """Let a photon interact; returns its energy (0: absorbed), direction and the stack's size."""
    total = between(p.total, node, frac, mat)
    q = uniform(rng) * total
    photo = between(p.photo, node, frac, mat)
    if q < photo:
        n = photoelectric(
            p, t, o, rng, stack, n, weight, e, node, mat, x, y, z, u, v, w, ix, iy, iz, index, row,
            flags,
        )  # fmt: skip
        return 0.0, u, v, w, n
    cp, sp = azimuth(rng)
    after = p.photo_compton
    if q < between(after, node, frac, mat):
        kept, cosine = bound_compton(p, mat, e, rng)
        if flags & MAKE_ELECTRONS:
            recoil = compton_electron_cosine(e, kept, cosine)
            a, b, c = deflect(u, v, w, recoil, -cp, -sp)
            n = free_electron(
                t, o, stack, n, ELECTRON, weight, e * (1.0 - kept), x, y, z, a, b, c, ix, iy, iz,
                index, row, flags,
            )  # fmt: skip
        a, b, c = deflect(u, v, w, cosine, cp, sp)
        return e * kept, a, b, c, n
    after = p.photo_compton_rayleigh
    if q < between(after, node, frac, mat):
        a, b, c = deflect(u, v, w, rayleigh_cosine(p, mat, e, rng), cp, sp)
        return e, a, b, c, n
    kinetic = max(0.0, e - 2.0 * M)
    part = uniform(rng) * kinetic
    for k in range(2):
        one = part if k == 0 else kinetic - part
        beta = math.sqrt(one * (one + 2.0 * M)) / (one + M)
        q = 2.0 * uniform(rng) - 1.0
        sign = 1.0 - 2.0 * k
        a, b, c = deflect(u, v, w, (q + beta) / (1.0 + beta * q), sign * cp, sign * sp)
        kind = ELECTRON if k == 0 else POSITRON_PARTICLE
        n = free_electron(
            t, o, stack, n, kind, weight, one, x, y, z, a, b, c, ix, iy, iz, index, row, flags
        )
    return 0.0, u, v, w, n
