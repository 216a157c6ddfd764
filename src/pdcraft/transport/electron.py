"""Electrons and positrons: straight flights between hard events, the soft ones condensed.

Class II ("mixed") transport. Hard events come one by one: elastic deflections beyond a cut angle,
Moller or Bhabha collisions, bremsstrahlung photons, annihilation. Soft losses are continuous, with
their straggling at hinges; soft deflections are condensed into one hinge, at a random place between
two hard deflections. What is still to come (the path to the next hinge, hard deflection and hard
event, in units of their own mean free paths) is carried over every boundary, so that steps need not
end there, and a change of density alone changes nothing but the scale of lengths (Fano's theorem
holds exactly).

References
----------
.. [PEN] F. Salvat, PENELOPE-2018, OECD/NEA (2019), chapter 4: mixed simulation, random hinge.
.. [EGS5] H. Hirayama et al., The EGS5 code system, SLAC-R-730 (2005): hinges carried across
   boundaries in units of scattering strength.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.transport.between import between
from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.data_types import ElectronData
from pdcraft.transport.geometry import (
    MATERIAL_BITS,
    TRANSPORT,
    Geometry,
    boundary_mm,
    cell_index,
    cross,
    nearest_face_mm,
)
from pdcraft.transport.rng import exponential, uniform
from pdcraft.transport.sampling import (
    annihilation_in_flight,
    azimuth,
    bhabha_loss_keV,
    deflect,
    dipole_cosine,
    isotropic,
    moller_cosines,
    moller_loss_keV,
    soft_deflection,
)
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, push
from pdcraft.transport.tally import ESCAPED, PHOTON, SHELLS, Tally, accumulate, score

__all__ = ["ElectronKernelData", "Options", "electron", "pack"]

M = ELECTRON_REST_keV
LARGEST_JUMP = 0.5  # of the energy, by soft straggling


class Options(NamedTuple):
    """Numbers of `pdcraft.transport.settings.Settings` that kernels need, and switches."""

    loss: float
    electron_cutoff_keV: float
    photon_cutoff_keV: float
    reject: int  # 1: electrons (not positrons) that cannot leave their cell stop there
    stretch: int  # 1: first photon flights are spread over all distances, with weights
    thin_mm: float  # electrons at a distance r from the origin are thinned to weights of about
    thin_most: float  # min(r / thin_mm, thin_most); 0: never. For point sources
    most_free_mm: float  # between places where a photon's track in a body scores


class ElectronKernelData(NamedTuple):
    """`ElectronData` in the order in which kernels read it: one row of memory per energy node."""

    log_lowest: float
    nodes_per_log: float
    hard_loss_keV: float
    hard_photon_keV: float
    flow: NDArray[np.float64]  # (charge, material, node, 4): stopping, hard deflections per path,
    # hard events per path, CSDA range
    event: NDArray[np.float64]  # (charge, material, node, 4): collisions, radiation, annihilation,
    # bremsstrahlung photons still to come
    turn: NDArray[np.float64]  # (charge, material, node, 6): mean K, soft first, soft second,
    # straggling, cut, screening
    acceptance: NDArray[np.float64]
    coarse: int
    photon_quantile: NDArray[np.float64]


def pack(data: ElectronData) -> ElectronKernelData:
    """Order the tables for the kernels."""
    events = data.collision + data.radiation + data.annihilation
    flow = np.stack([data.stopping, data.scatter / data.hard_mean_K, events, data.csda_mm], -1)
    nodes = data.stopping.shape[-1]
    energy = data.lowest_keV * np.exp(np.arange(nodes) / data.nodes_per_log)
    per_keV = data.radiation * np.gradient(data.csda_mm, energy, axis=-1)
    steps = 0.5 * (per_keV[..., 1:] + per_keV[..., :-1]) * np.diff(energy)
    to_come = np.concatenate([np.zeros_like(per_keV[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)
    event = np.stack([data.collision, data.radiation, data.annihilation, to_come], -1)
    turn = np.stack(
        [
            data.hard_mean_K,
            data.soft_first,
            data.soft_second,
            data.straggling,
            data.cut,
            data.screening,
        ],
        -1,
    )
    return ElectronKernelData(
        data.log_lowest,
        data.nodes_per_log,
        data.hard_loss_keV,
        data.hard_photon_keV,
        np.ascontiguousarray(flow),
        np.ascontiguousarray(event),
        np.ascontiguousarray(turn),
        np.ascontiguousarray(data.acceptance),
        data.coarse,
        np.ascontiguousarray(data.photon_quantile),
    )


@kernel
def hard_deflection(
    d: ElectronKernelData,
    charge: int,
    mat: int,
    node: int,
    frac: float,
    rng: NDArray[np.uint64],
) -> float:
    """Draw the cosine of an elastic deflection beyond the cut angle."""
    turn = d.turn[charge, mat]
    cut = between(turn, node, frac, 4)
    screening = between(turn, node, frac, 5)
    j = node // d.coarse
    if uniform(rng) * d.coarse < node - j * d.coarse + frac:
        j += 1
    table = d.acceptance[charge, mat, min(j, d.acceptance.shape[2] - 1)]
    last = table.size - 1
    low = 1.0 / (1.0 + screening)
    high = 1.0 / (cut + screening)
    while True:
        mu = 1.0 / (low + (high - low) * uniform(rng)) - screening
        mu = min(1.0, max(0.0, mu))
        at = math.sqrt(mu) * last
        k = min(int(at), last - 1)
        if uniform(rng) <= table[k] + (at - k) * (table[k + 1] - table[k]):
            return 1.0 - 2.0 * mu


@kernel
def photon_keV(
    d: ElectronKernelData, mat: int, energy_keV: float, rng: NDArray[np.uint64]
) -> float:
    """Draw the energy of a hard bremsstrahlung photon."""
    at = (math.log(energy_keV) - d.log_lowest) * d.nodes_per_log / d.coarse
    j = int(at)
    if uniform(rng) < at - j:
        j += 1
    table = d.photon_quantile[mat, min(j, d.photon_quantile.shape[1] - 1)]
    last = table.size - 1
    q = uniform(rng) * last
    k = min(int(q), last - 1)
    share = table[k] + (q - k) * (table[k + 1] - table[k])
    return d.hard_photon_keV * (energy_keV / d.hard_photon_keV) ** share


@inlined
def stop_here(
    d: ElectronKernelData,
    g: Geometry,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    n: int,
    charge: int,
    mat: int,
    weight: float,
    energy_keV: float,
    x: float,
    y: float,
    z: float,
    ix: int,
    iy: int,
    iz: int,
    row: int,
    scores: int,
) -> int:
    """End a track: deposit its energy, with the photons that it would still have made."""
    left = energy_keV
    if o.reject and energy_keV > d.hard_photon_keV:
        pos = (math.log(energy_keV) - d.log_lowest) * d.nodes_per_log
        i = int(pos)
        event = d.event[charge, mat]
        number = between(event, i, pos - i, 3)
        if uniform(rng) < number:  # at most one: numbers are far below 1
            target = uniform(rng) * number
            low, high = 0, i + 1
            while high - low > 1:  # the energy at which it is made
                middle = (low + high) // 2
                if event[middle, 3] > target:
                    high = middle
                else:
                    low = middle
            at = math.exp(d.log_lowest + (low + 0.5) / d.nodes_per_log)
            at = min(energy_keV, max(at, d.hard_photon_keV * 1.0001))
            k = photon_keV(d, mat, at, rng)
            left -= k
            u, v, w = isotropic(rng)
            n = push(stack, n, t, PHOTON_PARTICLE, weight, k, x, y, z, u, v, w, ix, iy, iz, row, 0)
    if scores:
        score(t, row, cell_index(g, ix, iy, iz), x, y, z, weight * left)
    if charge == 1:
        u, v, w = isotropic(rng)
        p = PHOTON
        n = push(stack, n, t, PHOTON_PARTICLE, weight, M, x, y, z, u, v, w, ix, iy, iz, p, 0)
        n = push(stack, n, t, PHOTON_PARTICLE, weight, M, x, y, z, -u, -v, -w, ix, iy, iz, p, 0)
    return n


@inlined
def electron(
    d: ElectronKernelData,
    g: Geometry,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    n: int,
    charge: int,
    weight: float,
    e: float,
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
    """Follow one electron (charge 0) or positron (1) to its end; returns the stack's new size.

    ``secondary`` electrons of photons score only in cells that are flagged for it.
    """
    index = cell_index(g, ix, iy, iz)
    mat = int(g.cell[index]) & MATERIAL_BITS
    rho = float(g.density[index])
    scores = 1 if secondary == 0 or g.cell[index] & TRANSPORT else 0
    interval = exponential(rng)  # between hard deflections, in their mean free paths
    before = interval * uniform(rng)  # the hinge's place in it
    hinge = True
    to_turn = before
    to_event = exponential(rng)
    mass_path = 0.0  # since the last hinge
    while True:
        if o.thin_mm > 0.0:
            far = min(math.sqrt(x * x + y * y + z * z) / o.thin_mm, o.thin_most)
            if weight < 0.5 * far:
                if uniform(rng) * far >= weight:
                    return n
                weight = far
        stop = e <= o.electron_cutoff_keV
        pos = 0.0
        i = 0
        f = 0.0
        flow = d.flow[charge, mat]
        if not stop:
            pos = (math.log(e) - d.log_lowest) * d.nodes_per_log
            i = int(pos)
            f = pos - i
            if o.reject and charge == 0:  # positrons may annihilate on the way
                csda = between(flow, i, f, 3)
                stop = csda < rho * nearest_face_mm(g, x, y, z, ix, iy, iz)
        if stop:
            return stop_here(
                d, g, t, o, rng, stack, n, charge, mat, weight, e, x, y, z, ix, iy, iz, row, scores
            )
        stopping = rho * between(flow, i, f, 0)
        turns = rho * between(flow, i, f, 1)
        events = rho * between(flow, i, f, 2)
        longest = o.loss * e / stopping
        face_mm, face = boundary_mm(g, x, y, z, u, v, w, ix, iy, iz, longest)
        longest = min(face_mm, longest)
        ds = min(longest, min(to_turn / turns, to_event / events))
        # again with the rates in the middle of the segment: second order in the loss
        share = 0.5 * stopping * ds / e  # at most 0.15: the series of log(1 - share) to 1e-6
        pos -= (
            d.nodes_per_log
            * share
            * (1.0 + share * (0.5 + share * (1.0 / 3.0 + share * (0.25 + share * 0.2))))
        )
        i = max(0, int(pos))
        f = pos - i
        stopping = rho * between(flow, i, f, 0)
        turns = rho * between(flow, i, f, 1)
        events = rho * between(flow, i, f, 2)
        turn_mm, event_mm = to_turn / turns, to_event / events
        ds = min(longest, min(turn_mm, event_mm))
        loss = min(e, stopping * ds)
        if scores:
            at = 0.5 * ds
            if t.kind == SHELLS:
                at = ds * uniform(rng)
            score(t, row, index, x + u * at, y + v * at, z + w * at, weight * loss)
        e -= loss
        x += u * ds
        y += v * ds
        z += w * ds
        to_turn -= turns * ds
        to_event -= events * ds
        mass_path += rho * ds
        if ds == face_mm:
            ix, iy, iz = cross(g, face, u, v, w, ix, iy, iz)
            index = cell_index(g, ix, iy, iz)
            if index < 0:
                accumulate(t.balance, ESCAPED, weight * (e + 2.0 * M * charge))
                return n
            mat = int(g.cell[index]) & MATERIAL_BITS
            rho = float(g.density[index])
            scores = 1 if secondary == 0 or g.cell[index] & TRANSPORT else 0
            continue
        if e <= o.electron_cutoff_keV or ds == longest:
            continue
        pos = (math.log(e) - d.log_lowest) * d.nodes_per_log
        i = int(pos)
        f = pos - i
        if ds == turn_mm and hinge:
            turn = d.turn[charge, mat]
            k = interval * between(turn, i, f, 0)
            first = k * between(turn, i, f, 1)
            second = k * between(turn, i, f, 2)
            cosine = soft_deflection(first, second, rng)
            a, b = azimuth(rng)
            u, v, w = deflect(u, v, w, cosine, a, b)
            variance = mass_path * between(turn, i, f, 3)
            jump = math.sqrt(3.0 * variance) * (2.0 * uniform(rng) - 1.0)
            jump = min(LARGEST_JUMP * e, max(-LARGEST_JUMP * e, jump))
            if scores:
                score(t, row, index, x, y, z, weight * jump)
            e -= jump
            mass_path = 0.0
            to_turn = interval - before
            hinge = False
        elif ds == turn_mm:
            cosine = hard_deflection(d, charge, mat, i, f, rng)
            a, b = azimuth(rng)
            u, v, w = deflect(u, v, w, cosine, a, b)
            interval = exponential(rng)
            before = interval * uniform(rng)
            to_turn = before
            hinge = True
        else:
            to_event = exponential(rng)
            event = d.event[charge, mat]
            collision = between(event, i, f, 0)
            radiation = between(event, i, f, 1)
            annihilation = between(event, i, f, 2)
            chosen = uniform(rng) * (collision + radiation + annihilation)
            cp, sp = azimuth(rng)
            if chosen < collision:
                most = e if charge else 0.5 * e
                if most <= d.hard_loss_keV:
                    continue  # the rate's table is linear between nodes, its threshold sharp
                if charge:
                    lost = bhabha_loss_keV(e, d.hard_loss_keV, rng)
                else:
                    lost = moller_loss_keV(e, d.hard_loss_keV, rng)
                fast, slow = moller_cosines(e, lost)
                if lost > o.electron_cutoff_keV:
                    a, b, c = deflect(u, v, w, slow, -cp, -sp)
                    n = push(
                        stack, n, t, ELECTRON, weight, lost, x, y, z, a, b, c, ix, iy, iz, row,
                        secondary,
                    )  # fmt: skip
                elif scores:
                    score(t, row, index, x, y, z, weight * lost)
                e -= lost
                u, v, w = deflect(u, v, w, fast, cp, sp)
            elif chosen < collision + radiation:
                if e <= d.hard_photon_keV:
                    continue
                made = photon_keV(d, mat, e, rng)
                a, b, c = deflect(u, v, w, dipole_cosine(e, rng), cp, sp)
                n = push(
                    stack, n, t, PHOTON_PARTICLE, weight, made, x, y, z, a, b, c, ix, iy, iz, row, 0
                )
                e -= made
            elif charge:
                first_keV, cos_1, second_keV, cos_2 = annihilation_in_flight(e, rng)
                a, b, c = deflect(u, v, w, cos_1, cp, sp)
                n = push(
                    stack, n, t, PHOTON_PARTICLE, weight, first_keV, x, y, z, a, b, c, ix, iy, iz,
                    PHOTON, 0,
                )  # fmt: skip
                a, b, c = deflect(u, v, w, cos_2, -cp, -sp)
                return push(
                    stack, n, t, PHOTON_PARTICLE, weight, second_keV, x, y, z, a, b, c, ix, iy, iz,
                    PHOTON, 0,
                )  # fmt: skip
