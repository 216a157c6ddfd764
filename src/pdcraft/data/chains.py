"""Decay chains: which daughters follow a nuclide, and how often each decays, by Bateman.

For progeny that are counted one by one, with their own emissions (``--progeny explicit``): take
`chain`, the emissions of every member from ``nuclide(member.name, "none")``, and the numbers of
decays from `decays_per_parent_decay`. These are decays in a place that nothing leaves; a daughter
that moves needs its own time-activity curve.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.data.nuclide_tables import HOURS_PER_DAY, half_life_d, progeny_rows
from pdcraft.data.nuclides import Nuclide, nuclide, nuclide_name, nuclide_names
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.decay import chain_decays

__all__ = [
    "Member",
    "chain",
    "decays_per_parent_decay",
    "progeny_words",
    "uncounted_alpha_words",
]


@dataclass(frozen=True, slots=True)
class Member:
    """A nuclide of a chain.

    ``branching`` is the share of the parent's decays that pass through it, 1 for the parent:
    its decays per decay of the parent once all have decayed.
    """

    name: str
    half_life_h: float
    branching: float


def _paths(name: str, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every way down from a nuclide, the parent alone first."""
    here = (*way, name)
    yield here
    for row in progeny_rows(name):
        yield from _paths(row["name"], here)


def _share(way: tuple[str, ...]) -> float:
    share = 1.0
    for parent, daughter in pairwise(way):
        share *= sum(r["branching"] for r in progeny_rows(parent) if r["name"] == daughter)
    return share


def chain(name: str) -> tuple[Member, ...]:
    """Members of a nuclide's decay chain that the package has data for, the parent first.

    Parameters
    ----------
    name : str
        In any spelling of `nuclide_name`.

    Examples
    --------
    >>> [m.name for m in chain("I-131")], chain("I-131")[1].branching
    (['I-131', 'Xe-131m'], 0.01086)
    """
    shares: dict[str, float] = {}
    for way in _paths(nuclide_name(name)):
        shares[way[-1]] = shares.get(way[-1], 0.0) + _share(way)
    return tuple(Member(n, half_life_d(n) * HOURS_PER_DAY, s) for n, s in shares.items())


def decays_per_parent_decay(
    name: str, until_h: ArrayLike = inf
) -> Mapping[str, NDArray[np.float64]]:
    """Decays of each member from zero to a time, per decay of the parent in the same time.

    Parameters
    ----------
    name : str
        Parent, pure at time zero; all stays in one place.
    until_h : array_like, any shape
        Above zero; infinity counts every decay.

    Returns
    -------
    mapping of str to ndarray
        By member, each of the shape of ``until_h``; 1 for the parent.

    Raises
    ------
    DataError
        For an unknown name.
    PhysicsRangeError
        For times that are not above zero.

    Examples
    --------
    >>> float(decays_per_parent_decay("I-131")["Xe-131m"])
    0.01086
    """
    until = np.asarray(until_h, dtype=np.float64)
    if not np.all(until > 0.0):
        raise PhysicsRangeError(
            f"decays are counted to a time above 0 h, got {np.min(until):g} h; leave the time out "
            "to count all"
        )
    out: dict[str, NDArray[np.float64]] = {}
    for way in _paths(nuclide_name(name)):
        half_lives = [half_life_d(n) * HOURS_PER_DAY for n in way]
        decays = _share(way) * chain_decays(half_lives, until)
        per_parent = decays / chain_decays(half_lives[:1], until)
        out[way[-1]] = out.get(way[-1], np.zeros(until.shape)) + per_parent
    return out


def progeny_words(source: Nuclide, separate: bool = False) -> str:
    """Say which radioactive daughters a nuclide's emissions count, and which they do not.

    Parameters
    ----------
    source : Nuclide
    separate : bool
        The daughters are given beside it, each with its own emissions.

    Examples
    --------
    >>> from pdcraft.data.nuclides import nuclide
    >>> progeny_words(nuclide("I-131"))
    'Xe-131m (1.086% of decays, half-life 11.96 d): not counted'
    """
    if source.notice:  # tables of another library: it alone knows
        return source.progeny_note
    said = [
        f"{m.name} ({100 * m.branching:.4g}% of decays, half-life {_span(m.half_life_h)}): "
        + ("counted" if m.name in source.includes else "separate" if separate else "not counted")
        for m in chain(source.name)[1:]
    ]
    return "; ".join(said) or "no radioactive progeny"


def uncounted_alpha_words(source: Nuclide) -> tuple[str, ...]:
    """Say which daughters with alpha particles a nuclide's emissions leave out; empty if none.

    Examples
    --------
    >>> from pdcraft.data.nuclides import nuclide
    >>> print(uncounted_alpha_words(nuclide("Ac-225", "prompt"))[0].split(" of the")[0])
    Ac-225: its daughters Bi-213, Po-213 emit 30%
    """
    if source.notice or source.name not in nuclide_names():
        return ()
    members = chain(source.name)
    alpha = {m.name: m.branching * nuclide(m.name, "none").alpha_keV for m in members}
    left = [name for name in alpha if name not in source.includes and alpha[name] > 0.0]
    if not left:
        return ()
    share = sum(alpha[name] for name in left) / sum(alpha.values())
    return (
        f"{source.name}: its daughters {', '.join(left)} emit {100 * share:.0f}% of the energy of "
        "the chain's alpha particles and are not counted; progeny 'equilibrium' counts them where "
        "their parent decays",
    )


def _span(hours: float) -> str:
    """Write a half-life in the unit that suits it."""
    for unit, size in (("years", 24.0 * 365.2422), ("d", 24.0), ("h", 1.0), ("min", 1.0 / 60.0)):
        if hours >= 2.0 * size:
            return f"{hours / size:.4g} {unit}"
    return f"{hours * 3600.0:.4g} s"
