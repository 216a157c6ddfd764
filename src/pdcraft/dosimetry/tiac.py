r"""Time-integrated activity coefficients as sources of a body: the rules that they obey.

Either ``remainder`` or ``total_body``, never both; with ``total_body`` the remainder is what the
listed sources leave of it. The remainder is all that is not listed, its activity even by mass:

.. math:: S(T \leftarrow R)\, m_R = S(T \leftarrow TB)\, m_{TB} - \sum_h S(T \leftarrow h)\, m_h

No more than :math:`T_{1/2}/\ln 2` fits into a body: then every atom decays in it.

Units: h.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.regions import regions
from pdcraft.dosimetry.organ_s import MARROW, SKELETON, TOTAL, OrganS
from pdcraft.errors import DataError, Problem, did_you_mean

__all__ = [
    "REMAINDER",
    "broken_rules",
    "source_column",
    "source_tiac",
    "source_weights",
    "words_of_soft_tissue",
]

REMAINDER = "remainder"
ROUNDING = 1e-9  # share of the whole by which sums may miss a rule
FLUIDS: Mapping[str, str] = {
    "blood": "count blood where it is: in the organs' own curves, heart_contents, the remainder",
    "plasma": "count plasma where it is: in the organs' own curves, heart_contents, the remainder",
    "urine": "urine in the body is urinary_bladder_contents; what was voided is no source",
    "feces": "what is still in the body is in the contents of the intestine",
    "bile": "bile in the body is gallbladder_contents or in the contents of the intestine",
}
SPLIT: Mapping[str, str] = {
    f"{side}_{one}": both
    for side in ("left", "right")
    for one, both in (("kidney", "kidneys"), ("lung", "lungs"))
}


def source_column(S: OrganS, name: str) -> int | None:
    """Index of the one source that a name means; None for the remainder."""
    return None if name == REMAINDER else S.sources.index(S.stands_for.get(name, name))


def source_weights(S: OrganS, names: tuple[str, ...]) -> Floats:
    """Share of each source of the body in each named one, shape (names, sources).

    The remainder is every part of the body that is not named, by mass. Red marrow that is named
    beside an unnamed skeleton is taken out of it (a weight below zero).

    Raises
    ------
    DataError
        For a remainder beside a list of everything.
    """
    out = np.zeros((len(names), len(S.sources)))
    taken = {c for n in names if (c := source_column(S, n)) is not None}
    for row, name in enumerate(names):
        column = source_column(S, name)
        if column is not None:
            out[row, column] = 1.0
            continue
        mass = np.array(
            [m if s in S.parts else 0.0 for s, m in zip(S.sources, S.source_mass_g, strict=True)]
        )
        mass[list(taken)] = 0.0
        in_bone = MARROW in S.sources and SKELETON in S.groups  # else a region of its own
        marrow = S.sources.index(MARROW) if in_bone else None
        if marrow in taken and S.sources.index(SKELETON) not in taken:
            assert marrow is not None
            mass[marrow] = -S.source_mass_g[marrow]
        if not mass.sum() > 0.0:
            raise DataError(f"{REMAINDER}: every region of {S.body} is a source already")
        out[row] = mass / mass.sum()
    return out


def words_of_soft_tissue(S: OrganS, names: tuple[str, ...]) -> str | None:
    """Say how much more than its name a source is for which soft tissue of no organ stands.

    Parameters
    ----------
    S : OrganS
    names : tuple of str
        Sources that are named, with ``remainder`` where there is one.

    Returns
    -------
    str or None
        None where no such source is named.
    """
    found = [name for name in names if S.stands_for.get(name) == REMAINDER]
    if not found:
        return None
    mass_g = S.source_mass_g[S.sources.index(REMAINDER)]
    out = (
        f"{found[0]}: its hours are spread over all soft tissue of no organ, {mass_g:.0f} g with "
        f"fat ({S.masses}), for {S.body} has no {found[0]} of its own"
    )
    if REMAINDER in names:
        taken = {source_column(S, n) for n in names}
        parts = [i for i, s in enumerate(S.sources) if s in S.parts and i not in taken]
        rest_g = S.source_mass_g[parts].sum()
        out += (
            f"; the hours of the {REMAINDER} are then in organs and bone alone, {rest_g:.0f} g. To "
            f"keep soft tissue in the {REMAINDER}, add the hours of {found[0]} to it"
        )
    return out


def source_tiac(S: OrganS, tiac_h: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """Check activities and turn those of the whole body into those of its remainder.

    Parameters
    ----------
    S : OrganS
    tiac_h : mapping of str to ndarray, shape (draws,)
        By source, ``remainder`` or ``total_body``, in h.

    Returns
    -------
    mapping of str to ndarray, shape (draws,)
        By source; ``remainder`` last.

    Raises
    ------
    DataError
        With every fault: unknown sources, numbers that are negative or not finite, draws of
        different number, remainder beside total body, a negative remainder, more decays than
        there are atoms.
    """
    problems: list[Problem] = []
    out: dict[str, Floats] = {}
    for name, given in tiac_h.items():
        values = np.atleast_1d(np.asarray(given, dtype=np.float64))
        problems += _faults_of(S, name, values)
        out[name] = values
    if not out:
        problems.append(Problem("there are no sources", hint="give a time-integrated activity"))
    sizes = {v.shape for v in out.values()}
    if len(sizes) > 1:
        said = ", ".join(f"{name} {len(v)}" for name, v in out.items())
        problems.append(Problem(f"sources have different numbers of draws: {said}"))
    if REMAINDER in out and TOTAL in out:
        hint = "give the remainder, or the whole body and let the remainder follow"
        problems.append(Problem(f"'{REMAINDER}' and '{TOTAL}' exclude each other", hint=hint))
    if not problems:
        problems += _faults_of_sum(S, out)
    if problems:
        raise DataError(problems)
    whole = out.pop(TOTAL, None)
    rest = out.pop(REMAINDER, None)
    if whole is not None:
        rest = np.maximum(whole - sum(out.values(), start=np.zeros_like(whole)), 0.0)
    if rest is not None:
        out[REMAINDER] = rest
    return MappingProxyType(out)


def _faults_of(S: OrganS, name: str, values: Floats) -> list[Problem]:
    out: list[Problem] = []
    if name not in (REMAINDER, TOTAL) and S.stands_for.get(name, name) not in S.sources:
        out.append(Problem(f"{S.body} has no source '{name}'", key=name, hint=_way_out(S, name)))
    if values.ndim != 1 or values.size == 0:
        out.append(Problem(f"shape {values.shape}: one number per draw is wanted", key=name))
    elif not np.all(np.isfinite(values) & (values >= 0.0)):
        bad = values[~(np.isfinite(values) & (values >= 0.0))][0]
        message = f"a time-integrated activity coefficient is {bad:g} h; it is zero or more"
        out.append(Problem(message, key=name, value=f"{bad:g}"))
    return out


def _way_out(S: OrganS, name: str) -> str:
    known = [s for s in S.sources if s not in (REMAINDER, TOTAL)]
    if name in FLUIDS:
        return FLUIDS[name]
    if name.startswith("lesion:") or name == "tumor":
        return "no such lesion was put into the body: state its mass and place (--lesion)"
    if name in SPLIT:
        return f"give the sum of both sides as '{SPLIT[name]}'"
    if f"{name}_wall" in S.targets:
        return f"name the part: '{name}_wall' or '{name}_contents'"
    region = regions().get(name)
    if name in S.targets or name in S.groups or (region and region.group == SKELETON):
        marrow = (
            f", or '{MARROW}'"
            if MARROW in S.sources
            else f"; where its marrow is, or its mass in the table {S.masses}, is not known"
        )
        return f"bones are one source, '{SKELETON}'{marrow}"
    hint = f"{did_you_mean(name, known, most=2, cutoff=0.7)} ".lstrip()
    return (
        f"{hint}add its hours to '{REMAINDER}' (under '{TOTAL}' leave it out), or give it as a "
        "lesion of its mass at its place"
    )


def broken_rules(S: OrganS, tiac_h: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Where draws have a negative remainder or more decays than atoms, shape (draws,)."""
    whole, rest, highest = _whole_and_rest(S, tiac_h)
    return (rest < -ROUNDING * whole) | (whole > highest * (1.0 + ROUNDING))


def _whole_and_rest(S: OrganS, tiac_h: Mapping[str, Floats]) -> tuple[Floats, Floats, float]:
    """Hours of the whole body, of its remainder where that follows from it, and the most, h."""
    listed = sum((v for n, v in tiac_h.items() if n != TOTAL), start=np.zeros(1))
    whole = tiac_h.get(TOTAL, listed)
    return whole, whole - listed, S.half_life_h / np.log(2.0)


def _faults_of_sum(S: OrganS, tiac_h: Mapping[str, Floats]) -> list[Problem]:
    out: list[Problem] = []
    whole, rest, highest = _whole_and_rest(S, tiac_h)
    below = rest < -ROUNDING * whole
    if np.any(below):
        where = f" in {int(below.sum())} of {rest.size} draws" if rest.size > 1 else ""
        message = (
            f"the remainder is {rest.min():.4g} h{where}: listed regions exceed the whole body"
        )
        hint = "check units, decay correction and that no region is in another"
        out.append(Problem(message, key=TOTAL, hint=hint))
    above = whole > highest * (1.0 + ROUNDING)
    if np.any(above):
        where = f" in {int(above.sum())} of {whole.size} draws" if whole.size > 1 else ""
        message = (
            f"the sum is {whole.max():.4g} h{where}, above T½/ln 2 = {highest:.4g} h of "
            f"{S.nuclide}: more decays than there are atoms"
        )
        out.append(
            Problem(
                message,
                key=TOTAL if TOTAL in tiac_h else None,
                hint="check units (h) and decay correction",
            )
        )
    return out
