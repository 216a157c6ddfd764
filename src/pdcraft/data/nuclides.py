"""Radionuclides: half-lives and emissions per decay, by name.

`nuclide` is the one entry: the package's own cited tables (`pdcraft.data.nuclide_tables`), or the
data of ICRP 107 where that optional extra is installed (`pdcraft.data.icrp107`), with or without
progeny. What vacancies release beyond the listed X-rays and Auger groups is ``soft_keV``: electrons
of the outermost shells, always absorbed on the spot.

Energies in keV, yields per decay of the parent, half-lives in hours.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from functools import cache
from typing import Literal, TypeVar

from pdcraft.data.icrp107 import EXTRA, TERMS, holds, icrp107_nuclide
from pdcraft.data.nuclide_tables import (
    HOURS_PER_DAY,
    half_life_d,
    progeny_rows,
    table_names,
    without_progeny,
)
from pdcraft.data.radiation import BetaBranch, BetaTable, Line, Nuclide
from pdcraft.errors import DataError

__all__ = [
    "BetaBranch",
    "BetaTable",
    "Line",
    "Nuclide",
    "Progeny",
    "Spectra",
    "half_life_h",
    "nuclide",
    "nuclide_name",
    "nuclide_names",
]

Progeny = Literal["none", "prompt", "equilibrium", "explicit"]
Spectra = Literal["own", "icrp107"]

PROGENY = ("none", "prompt", "equilibrium", "explicit")
OUTLIVES_EVERYONE_d = 36525.0  # 100 years: such a daughter is in equilibrium with nothing

Radiation = TypeVar("Radiation", Line, BetaBranch, BetaTable)


def nuclide_names() -> tuple[str, ...]:
    """Names of all nuclides that the package has own data for."""
    return table_names()


def _canonical(text: str) -> str | None:
    """``"I-131"`` of ``"131I"`` and other spellings; None if it is not of that form."""
    form = r"([A-Za-z]{1,2})-?(\d+)([mn]?)|(\d+)([mn]?)-?([A-Za-z]{1,2})"
    match = re.fullmatch(form, text.strip())
    if match is None:
        return None
    symbol = (match[1] or match[6]).capitalize()
    return f"{symbol}-{match[2] or match[4]}{match[3] or match[5] or ''}"


def nuclide_name(text: str) -> str:
    """Map a spelling of a nuclide to its name.

    Parameters
    ----------
    text : str
        ``"I-131"``, ``"131I"``, ``"I131"``, ``"131-I"``, ``"i-131"``.

    Raises
    ------
    DataError
        If the package's own tables do not have it; near matches are named.

    Examples
    --------
    >>> nuclide_name("131I"), nuclide_name("lu177")
    ('I-131', 'Lu-177')
    """
    known = nuclide_names()
    name = _canonical(text)
    if name in known:
        return name
    near = difflib.get_close_matches(name or text, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "write it as 'I-131';"
    message = f"no decay data for nuclide '{text}'; {hint} there are {', '.join(known)}"
    if name is not None:
        message += (
            f". '{name}' is not in pdcraft's own tables; the ICRP-107 data have it: use --spectra "
            "icrp107"
            if holds(name)
            else f". For what is not in pdcraft's own tables, ICRP-107 data are an optional extra "
            f"`{EXTRA}`, {TERMS}; then use --spectra icrp107"
        )
    raise DataError(message)


def half_life_h(name: str) -> float:
    """Physical half-life in hours; the name in any spelling of `nuclide_name`.

    Examples
    --------
    >>> round(half_life_h("I-131"), 3)
    192.559
    """
    return half_life_d(nuclide_name(name)) * HOURS_PER_DAY


def nuclide(name: str, progeny: Progeny = "prompt", spectra: Spectra = "own") -> Nuclide:
    """Half-life and emissions of a nuclide.

    Parameters
    ----------
    name : str
        In any spelling of `nuclide_name`.
    progeny : {"prompt", "none", "equilibrium"}
        ``"none"``: the nuclide alone. ``"prompt"``: with daughters that decay within minutes (of
        Zr-89 that is Y-89m). ``"equilibrium"``: every daughter that the table lists decays where
        its parent did, as often as it is fed; for I-131 that adds Xe-131m as if the gas stayed in
        place, an upper bound. Daughters that live for more than 100 years (Tc-99) are left out.
    spectra : {"own", "icrp107"}
        The package's own tables, or those of ICRP 107, which come without daughters.

    Raises
    ------
    DataError
        For an unknown name, for ICRP-107 data that are not installed, or for ``"explicit"``
        progeny, which are several nuclides: `pdcraft.data.chains.chain` lists them.
    """
    if progeny not in PROGENY:
        raise DataError(f"progeny '{progeny}' is not one of {', '.join(PROGENY)}")
    if spectra not in ("own", "icrp107"):
        raise DataError(f"spectra '{spectra}' are not available; there are own, icrp107")
    if spectra == "icrp107":
        if progeny in ("equilibrium", "explicit"):
            raise DataError(
                f"progeny '{progeny}': the ICRP-107 data hold no decay chains; "
                "use 'none', or --spectra own"
            )
        return icrp107_nuclide(_canonical(name) or name)
    if progeny == "explicit":
        raise DataError(
            "progeny 'explicit' is several nuclides, not one: take each member of chain(name) "
            "with progeny 'none', and decays_per_parent_decay(name) of pdcraft.data.chains"
        )
    own = nuclide_name(name)
    return without_progeny(own) if progeny == "none" else _with(own, progeny == "equilibrium")


@cache
def _with(name: str, equilibrium: bool) -> Nuclide:
    parent = without_progeny(name)
    for row in progeny_rows(name):
        lasting = half_life_d(row["name"]) > OUTLIVES_EVERYONE_d
        if lasting or not (row["prompt"] or equilibrium):
            continue
        share, daughter = row["branching"], _with(row["name"], equilibrium)
        parent = replace(
            parent,
            beta=parent.beta + _scaled(daughter.beta, share),
            photons=parent.photons + _scaled(daughter.photons, share),
            electrons=parent.electrons + _scaled(daughter.electrons, share),
            soft_keV=parent.soft_keV + share * daughter.soft_keV,
            includes=parent.includes + daughter.includes,
            sources=parent.sources + daughter.sources,
        )
    return parent


def _scaled(radiation: tuple[Radiation, ...], share: float) -> tuple[Radiation, ...]:
    return tuple(replace(r, per_decay=r.per_decay * share) for r in radiation)
