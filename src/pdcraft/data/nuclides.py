"""Radionuclides: half-lives and emissions per decay, from the package's own cited tables.

`nuclide` gives one nuclide as lines and beta branches. The tables hold what evaluations print
(end points, gamma lines with conversion coefficients, X-rays, Auger groups, capture vacancies);
conversion-electron lines follow here. What inner-shell vacancies release beyond the listed X-rays
and Auger groups is ``soft_keV``: electrons of the outer shells, always absorbed on the spot.

Energies in keV, yields per decay of the parent, half-lives in hours.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pdcraft.data.files import load_toml
from pdcraft.errors import DataError
from pdcraft.physics.constants import ELECTRON_REST_keV

if TYPE_CHECKING:
    from pdcraft.physics.beta import Charge, Shape

__all__ = [
    "BetaBranch",
    "Line",
    "Nuclide",
    "Progeny",
    "half_life_h",
    "nuclide",
    "nuclide_name",
    "nuclide_names",
]

Progeny = Literal["none", "prompt", "equilibrium", "explicit"]
Kind = Literal["gamma", "X", "annihilation", "conversion electron", "Auger electron"]

HOURS_PER_DAY = 24.0
SHELLS = "KLMNO"
PAIR_THRESHOLD_keV = 2 * ELECTRON_REST_keV
BRANCH_SUM_TOLERANCE = 0.005  # evaluations sum their branches to 1 within this


@dataclass(frozen=True, slots=True)
class Line:
    """Radiation of one energy: kind, energy in keV, number per decay and its uncertainty."""

    kind: Kind
    energy_keV: float
    per_decay: float
    unc: float | None = None


@dataclass(frozen=True, slots=True)
class BetaBranch:
    """One beta branch: sign, end point in keV, number per decay, shape of its spectrum."""

    charge: Charge
    end_point_keV: float
    per_decay: float
    shape: Shape
    unc: float | None = None


@dataclass(frozen=True, slots=True)
class Nuclide:
    """A radionuclide and what one decay emits.

    Parameters
    ----------
    name : str
        ``"I-131"``.
    z, a, daughter_z : int
    half_life_h, half_life_unc_h : float
        Physical half-life and its standard uncertainty.
    beta : tuple of BetaBranch
    photons, electrons : tuple of Line
        Gamma, X and annihilation photons; conversion electrons and Auger groups.
    soft_keV : float
        Energy per decay of the electrons that are not listed (outer shells, below about 1 keV).
    includes : tuple of str
        Nuclides whose emissions are counted, for instance ``("I-131",)``.
    progeny_note : str
        What happens to the daughter.
    sources : tuple of str
    """

    name: str
    z: int
    a: int
    daughter_z: int
    half_life_h: float
    half_life_unc_h: float
    beta: tuple[BetaBranch, ...]
    photons: tuple[Line, ...]
    electrons: tuple[Line, ...]
    soft_keV: float
    includes: tuple[str, ...]
    progeny_note: str
    sources: tuple[str, ...]


Radiation = TypeVar("Radiation", Line, BetaBranch)


@cache
def nuclide_names() -> tuple[str, ...]:
    """Names of all nuclides that the package has data for."""
    tables = files("pdcraft.data").joinpath("nuclides").iterdir()
    return tuple(sorted(t.name.removesuffix(".toml") for t in tables if t.name.endswith(".toml")))


def nuclide_name(text: str) -> str:
    """Map a spelling of a nuclide to its name.

    Parameters
    ----------
    text : str
        ``"I-131"``, ``"131I"``, ``"I131"``, ``"131-I"``, ``"i-131"``.

    Raises
    ------
    DataError
        If there are no data for it; near matches are named.

    Examples
    --------
    >>> nuclide_name("131I"), nuclide_name("lu177")
    ('I-131', 'Lu-177')
    """
    known = nuclide_names()
    match = re.fullmatch(r"([A-Za-z]+)-?(\d+)(m?)|(\d+)(m?)-?([A-Za-z]+)", text.strip())
    if match:
        symbol = (match[1] or match[6]).capitalize()
        name = f"{symbol}-{match[2] or match[4]}{match[3] or match[5] or ''}"
        if name in known:
            return name
    else:
        name = text
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "write it as 'I-131';"
    raise DataError(f"no decay data for nuclide '{text}'; {hint} there are {', '.join(known)}")


def half_life_h(name: str) -> float:
    """Physical half-life in hours; the name in any spelling of `nuclide_name`.

    Examples
    --------
    >>> round(half_life_h("I-131"), 3)
    192.559
    """
    return nuclide(name).half_life_h


def nuclide(name: str, progeny: Progeny = "prompt") -> Nuclide:
    """Half-life and emissions of a nuclide.

    Parameters
    ----------
    name : str
        In any spelling of `nuclide_name`.
    progeny : {"prompt", "none", "equilibrium"}
        ``"none"``: the nuclide alone. ``"prompt"``: with daughters that decay within minutes (none
        of the nuclides here has one, so both agree). ``"equilibrium"``: every daughter that the
        table lists decays where its parent did, as often as it is fed; for I-131 that adds Xe-131m
        as if the gas stayed in place, an upper bound.

    Raises
    ------
    DataError
        For an unknown name, or for ``"explicit"`` progeny, whose own kinetics are not modelled.
    """
    if progeny == "explicit":
        raise DataError(
            "progeny 'explicit' (daughters with their own kinetics) is not available yet; "
            "use 'prompt', or 'equilibrium' as an upper bound"
        )
    if progeny not in ("none", "prompt", "equilibrium"):
        raise DataError(f"progeny '{progeny}' is not one of none, prompt, equilibrium, explicit")
    return _with_progeny(nuclide_name(name), progeny == "equilibrium")


@cache
def _with_progeny(name: str, equilibrium: bool) -> Nuclide:
    parent, rows = _parent(name)
    for row in rows:
        if not (row["prompt"] or equilibrium):
            continue
        share, daughter = row["branching"], _with_progeny(row["name"], equilibrium)
        parent = replace(
            parent,
            beta=parent.beta + tuple(_scaled(b, share) for b in daughter.beta),
            photons=parent.photons + tuple(_scaled(x, share) for x in daughter.photons),
            electrons=parent.electrons + tuple(_scaled(x, share) for x in daughter.electrons),
            soft_keV=parent.soft_keV + share * daughter.soft_keV,
            includes=parent.includes + daughter.includes,
            sources=parent.sources + daughter.sources,
        )
    return parent


def _scaled(radiation: Radiation, share: float) -> Radiation:
    return replace(radiation, per_decay=radiation.per_decay * share)


@cache
def _parent(name: str) -> tuple[Nuclide, tuple[Mapping[str, Any], ...]]:
    """Nuclide without progeny, and its table's progeny rows."""
    table = load_toml("nuclides", f"{name}.toml")
    gammas = table.get("gamma", [])
    conversion, vacancies = _conversion(table, gammas)
    for shell, count in table.get("capture_vacancies", {}).items():
        vacancies[shell] = vacancies.get(shell, 0.0) + count
    beta = _beta(name, table)
    x_rays = [
        Line("X", r["energy_keV"], r["per_decay"], r.get("unc")) for r in table.get("x_ray", [])
    ]
    auger = [
        Line("Auger electron", r["energy_keV"], r["per_decay"]) for r in table.get("auger", [])
    ]
    photons = [Line("gamma", r["energy_keV"], r["per_decay"], r.get("unc")) for r in gammas]
    positrons = sum(b.per_decay for b in beta if b.charge == "plus")
    if positrons:
        photons.append(Line("annihilation", ELECTRON_REST_keV, 2.0 * positrons))
    binding: dict[str, float] = table["binding_keV"]
    released = sum(binding.get(shell, 0.0) * count for shell, count in vacancies.items())
    soft = released - sum(x.energy_keV * x.per_decay for x in (*x_rays, *auger))
    if soft < 0.0:
        raise DataError(
            f"{name}: X-rays and Auger electrons hold {-soft:.3g} keV per decay more than the "
            "vacancies release; check the table's x_ray, auger and conversion entries"
        )
    out = Nuclide(
        name=name,
        z=table["z"],
        a=table["a"],
        daughter_z=table["daughter_z"],
        half_life_h=table["half_life_d"] * HOURS_PER_DAY,
        half_life_unc_h=table["half_life_unc_d"] * HOURS_PER_DAY,
        beta=beta,
        photons=(*photons, *x_rays),
        electrons=(*conversion, *auger),
        soft_keV=soft,
        includes=(name,),
        progeny_note=table["progeny_note"],
        sources=(table["source"],),
    )
    return out, tuple(table.get("progeny", []))


def _beta(name: str, table: Mapping[str, Any]) -> tuple[BetaBranch, ...]:
    """Beta branches; those of a pure beta-minus emitter are scaled to sum to 1 exactly."""
    minus: list[Mapping[str, Any]] = table.get("beta_minus", [])
    total = sum(row["per_decay"] for row in minus)
    if minus and abs(total - 1.0) > BRANCH_SUM_TOLERANCE:
        raise DataError(f"{name}: beta branches sum to {total:.4f} per decay instead of 1")
    scaled = [_branch("minus", row, 1.0 / total) for row in minus]
    return (*scaled, *(_branch("plus", row, 1.0) for row in table.get("beta_plus", [])))


def _branch(charge: Charge, row: Mapping[str, Any], scale: float) -> BetaBranch:
    per_decay = row["per_decay"] * scale
    return BetaBranch(charge, row["end_point_keV"], per_decay, row["shape"], row.get("unc"))


def _conversion(
    table: Mapping[str, Any], gammas: list[Mapping[str, Any]]
) -> tuple[list[Line], dict[str, float]]:
    """Conversion-electron lines, and the vacancies per decay that they leave by shell."""
    binding: dict[str, float] = table["binding_keV"]
    lines: list[Line] = []
    vacancies: dict[str, float] = {}

    def convert(shell: str, energy_keV: float, per_decay: float) -> None:
        lines.append(Line("conversion electron", energy_keV, per_decay))
        vacancies[shell] = vacancies.get(shell, 0.0) + per_decay

    for row in gammas:
        energy: float = row["energy_keV"]
        named = 0.0
        for shell in SHELLS:
            if shell in row:
                named += row[shell]
                convert(shell, energy - binding.get(shell, 0.0), row["per_decay"] * row[shell])
        rest = row.get("total", 0.0) - named
        if rest > 0.0 and energy < PAIR_THRESHOLD_keV:  # shells that the evaluation lumps
            convert("outer", energy, row["per_decay"] * rest)
    for row in table.get("conversion_electron", []):
        convert(row["shell"], row["energy_keV"], row["per_decay"])
    return lines, vacancies
