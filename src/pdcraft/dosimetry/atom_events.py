r"""Specific energy that one atom of an alpha emitter leaves in a nucleus, with all its daughters.

An atom of Ac-225 that stays where it is sends its four alpha particles from one point. Its event is
the sum of what they leave: at each start the characteristic functions of the members multiply,

.. math:: \Phi_m(r) = y A_m(r)\,D_\alpha(r) + (1 - y)\,D_\beta(r), \qquad
    D = 1 - \sum_k b_k s_k + \sum_k b_k s_k \Phi_k(r),

with :math:`y` the member's alpha particles per decay, :math:`A_m` the characteristic function of
one (1 where it misses), :math:`D` what follows alpha or other decay, :math:`b_k` the share of these
decays that a daughter follows and :math:`s_k` the share of its atoms that stays. The mean over
starts is the law of an atom. Mean doses are those of independent events; the spread between cells
is wider.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.nuclide_tables import progeny_rows
from pdcraft.data.nuclides import Progeny, Stay, nuclide
from pdcraft.dosimetry.nucleus_hits import (
    Source,
    add,
    check_cell,
    grouped,
    hits,
    largest_hit_Gy,
    starts,
)
from pdcraft.dosimetry.specific_energy import SingleEvent
from pdcraft.errors import DataError

__all__ = ["atom_events"]

BINS = 512  # of one alpha particle's specific energy
MOST_ALPHAS = 8  # of one atom, that the grid holds


def atom_events(
    name: str,
    nucleus_radius_um: float,
    cell_radius_um: float,
    place: Source,
    *,
    progeny: Progeny | None = None,
    stay: Stay = 1.0,
) -> SingleEvent:
    """Spectrum of what one decaying atom, with the daughters that stay, leaves in the nucleus.

    Parameters
    ----------
    name : str
        Nuclide; its decays in the place are what is counted.
    nucleus_radius_um, cell_radius_um, place
        As in `pdcraft.dosimetry.specific_energy.single_event`; not ``medium``.
    progeny, stay
        Which daughters decay where the atom was, as in `pdcraft.data.nuclides.nuclide`.

    Returns
    -------
    SingleEvent
        Of an atom that hits at all; ``hits_per_decay`` is the chance of that. `multi_event` and
        `survival` take it as they take single alpha particles.

    Raises
    ------
    DataError, PhysicsRangeError
        As in `single_event`.
    """
    check_cell(nucleus_radius_um, cell_radius_um, place)
    if place == "medium":
        raise DataError("atoms in the medium start at other distances for each range; no 'medium'")
    whole = nuclide(name, progeny, "own", stay)
    if not whole.alpha:
        raise DataError(f"{whole.name} ({', '.join(whole.includes)}) emits no alpha particles")
    step = largest_hit_Gy(grouped(whole.alpha), nucleus_radius_um) / (BINS - 2)
    given = dict.fromkeys(whole.includes[1:], stay) if isinstance(stay, float | int) else dict(stay)
    shares = {daughter: float(given.get(daughter, 1.0)) for daughter in whole.includes[1:]}
    cell = (nucleus_radius_um, cell_radius_um, place)
    phi, weight = _with_daughters(whole.name, shares, step, cell)
    mean_phi = weight @ phi
    hit = 1.0 - float(mean_phi[-1].real)
    law = np.fft.irfft(mean_phi[:-1], MOST_ALPHAS * BINS)
    law[0] -= 1.0 - hit
    law = np.maximum(law, 0.0)
    law /= law.sum()
    z = step * np.arange(law.size)
    mean = float(law @ z)
    return SingleEvent(step, frozen(law, "atoms"), hit, mean, float(law @ z**2) / mean)


def _with_daughters(
    name: str, shares: dict[str, float], step: float, cell: tuple[float, float, Source]
) -> tuple[NDArray[np.complex128], Floats]:
    """Characteristic functions at each start, shape (starts, frequencies + 1); weights of starts.

    The last column is the chance of no hit, which multiplies like them.
    """
    own, alphas, weight = _own(name, step, cell)
    after_alpha, after_other = np.full_like(own, alphas), np.full_like(own, 1.0 - alphas)
    parent_a = nuclide(name, "none").a
    for row in progeny_rows(name):
        share = row["branching"] * shares.get(row["name"], 0.0)
        if share > 0.0:
            daughter, _ = _with_daughters(row["name"], shares, step, cell)
            by_alpha = nuclide(row["name"], "none").a == parent_a - 4
            (after_alpha if by_alpha else after_other)[...] += share * (daughter - 1.0)
    return own * after_alpha + after_other, weight


def _own(
    name: str, step: float, cell: tuple[float, float, Source]
) -> tuple[NDArray[np.complex128], float, Floats]:
    """Characteristic functions of one alpha particle, alpha particles per decay, weights."""
    lines = grouped(nuclide(name, "none").alpha)
    alphas = min(1.0, sum(x.per_decay for x in lines))
    _, weight = starts(*cell, 0.0)
    law = np.zeros((weight.size, MOST_ALPHAS * BINS))
    for line in lines:
        z, chance = hits(line.energy_keV, *cell)
        for start in range(weight.size):
            share = line.per_decay / alphas * chance[start] / weight[start]
            add(law[start], z[start] / step, share)
    miss = 1.0 - law.sum(axis=1)
    law[:, 0] += miss
    return np.column_stack([np.fft.rfft(law, axis=1), miss]), alphas, weight
