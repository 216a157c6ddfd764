"""Radionuclides: half-lives and emissions per decay, by name.

`nuclide` is the one entry: the package's own cited tables (`pdcraft.data.nuclide_tables`), or the
data of ICRP 107 where that optional extra is installed (`pdcraft.data.icrp107`), with or without
progeny. What vacancies release beyond the listed X-rays and Auger groups is ``soft_keV``: electrons
of the outermost shells, always absorbed on the spot.

Energies in keV, yields per decay of the parent, half-lives in hours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
from pdcraft.errors import DataError, did_you_mean

__all__ = [
    "BetaBranch",
    "BetaTable",
    "Line",
    "Nuclide",
    "Progeny",
    "Spectra",
    "Stay",
    "half_life_h",
    "nuclide",
    "nuclide_name",
    "nuclide_names",
    "usual_progeny",
]

Progeny = Literal["none", "prompt", "equilibrium", "explicit"]
Spectra = Literal["own", "icrp107"]
Stay = Mapping[str, float] | float

PROGENY = ("none", "prompt", "equilibrium", "explicit")
OUTLIVES_EVERYONE_d = 3652.5  # 10 years: no treatment waits for such a daughter's equilibrium

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
    hint = did_you_mean(name or text, known, most=3, cutoff=0.5) or "write it as 'I-131';"
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


def usual_progeny(name: str, spectra: Spectra = "own") -> Progeny:
    """Progeny that counts where none is asked for.

    The daughters that decay within minutes; of nuclides whose later daughters emit alpha particles
    the whole chain, since a dose without these would be much too low: Ac-225, Pb-212.

    Parameters
    ----------
    name : str
        In any spelling of `nuclide_name`.
    spectra : {"own", "icrp107"}
        The data of ICRP 107 hold no chains.

    Raises
    ------
    DataError
        For an unknown name.

    Examples
    --------
    >>> usual_progeny("Ac-225"), usual_progeny("At-211"), usual_progeny("I-131")
    ('equilibrium', 'prompt', 'prompt')
    """
    if spectra != "own":
        return "prompt"
    own = nuclide_name(name)
    prompt, whole = (_with(own, equilibrium, ()) for equilibrium in (False, True))
    return "equilibrium" if len(whole.alpha) > len(prompt.alpha) else "prompt"


def nuclide(
    name: str,
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    stay: Stay = 1.0,
) -> Nuclide:
    """Half-life and emissions of a nuclide.

    Parameters
    ----------
    name : str
        In any spelling of `nuclide_name`.
    progeny : {"none", "prompt", "equilibrium"}, optional
        ``"none"``: the nuclide alone. ``"prompt"``: with daughters that decay within minutes (of
        Zr-89 that is Y-89m). ``"equilibrium"``: every daughter that the table lists decays where
        its parent did, as often as it is fed; for I-131 that adds Xe-131m as if the gas stayed in
        place, an upper bound. Daughters that live for more than 10 years (Tc-99, Bi-207) are left
        out. Without one, `usual_progeny`.
    spectra : {"own", "icrp107"}
        The package's own tables, or those of ICRP 107, which come without daughters.
    stay : float or mapping of str to float
        Share of each daughter's atoms, or of those named, that decays where it was formed; the rest
        leaves, with all that follows from it, and is not counted. An assumption of the caller: 1
        keeps all in place.

    Raises
    ------
    DataError
        For an unknown name, for ICRP-107 data that are not installed, for ``"explicit"`` progeny,
        which are several nuclides (`pdcraft.data.chains.chain` lists them), or for a share that
        stays of a nuclide that is no daughter that is counted, or outside 0 to 1.

    Examples
    --------
    >>> all_stay = nuclide("Ac-225", "equilibrium")
    >>> half = nuclide("Ac-225", "equilibrium", stay={"Bi-213": 0.5})
    >>> round(all_stay.alpha_keV), round(half.alpha_keV)
    (27482, 23322)
    """
    if progeny is not None and progeny not in PROGENY:
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
    own, progeny = nuclide_name(name), progeny or usual_progeny(name)
    whole = without_progeny(own) if progeny == "none" else _with(own, progeny == "equilibrium", ())
    staying = _staying(whole, stay)
    return _with(own, progeny == "equilibrium", staying) if staying else whole


def _staying(source: Nuclide, stay: Stay) -> tuple[tuple[str, float], ...]:
    """Shares of daughters that stay, by name; empty if all do."""
    daughters = source.includes[1:]
    given = dict.fromkeys(daughters, stay) if isinstance(stay, float | int) else dict(stay)
    shares = {_canonical(name) or name: share for name, share in given.items()}
    for name, share in shares.items():
        if name not in daughters:
            has = ", ".join(daughters) or "none"
            raise DataError(
                f"stay: '{name}' is no daughter that {source.name} counts here (those are: {has}); "
                "progeny 'equilibrium' counts all that decay within 10 years"
            )
        if not 0.0 <= share <= 1.0:
            raise DataError(f"stay: the share of {name} must be 0 to 1, got {share:g}")
    return tuple(sorted((n, float(s)) for n, s in shares.items() if s != 1.0))


@cache
def _with(name: str, equilibrium: bool, stay: tuple[tuple[str, float], ...]) -> Nuclide:
    parent = without_progeny(name)
    for row in progeny_rows(name):
        lasting = half_life_d(row["name"]) > OUTLIVES_EVERYONE_d
        if lasting or not (row["prompt"] or equilibrium):
            continue
        share = row["branching"] * dict(stay).get(row["name"], 1.0)
        daughter = _with(row["name"], equilibrium, stay)
        parent = replace(
            parent,
            beta=parent.beta + _scaled(daughter.beta, share),
            photons=parent.photons + _scaled(daughter.photons, share),
            electrons=parent.electrons + _scaled(daughter.electrons, share),
            soft_keV=parent.soft_keV + share * daughter.soft_keV,
            alpha=parent.alpha + _scaled(daughter.alpha, share),
            recoil_keV=parent.recoil_keV + share * daughter.recoil_keV,
            includes=tuple(dict.fromkeys(parent.includes + daughter.includes)),
            sources=tuple(dict.fromkeys(parent.sources + daughter.sources)),
        )
    return parent


def _scaled(radiation: tuple[Radiation, ...], share: float) -> tuple[Radiation, ...]:
    return tuple(replace(r, per_decay=r.per_decay * share) for r in radiation)
