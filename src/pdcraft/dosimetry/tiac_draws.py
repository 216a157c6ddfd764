r"""Draws of time-integrated activity coefficients and of masses from means and spreads.

Log-normal with the stated mean and standard deviation, so never negative; every input has a random
stream of its own. Draws that no body can have (a negative remainder, more decays than atoms) are
drawn again, so spreads are cut where physics cuts them. Inputs are independent of each other: for
correlated ones give the draws themselves.

Units: h, g.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.organ_s import OrganS
from pdcraft.dosimetry.tiac import broken_rules, source_tiac
from pdcraft.errors import ApproximationWarning, DataError, Problem
from pdcraft.numerics.inputs import log_normal

__all__ = ["drawn_masses", "drawn_tiac"]

LEAST_KEPT = 0.5  # of the draws; fewer are a spread that contradicts the means
TOLD = 0.05  # share drawn again, or of the mean that it moved, from which the reader is told
MOVED = 0.5  # share of the mean from which draws are not what was stated
STANDARD_ERRORS = 4.0  # that chance may move a mean
FEWEST = 50  # draws; the mean of fewer moves by chance


def drawn_tiac(
    S: OrganS, tiac_h: Mapping[str, Floats], sd_h: Mapping[str, float], draws: int, seed: int
) -> Mapping[str, Floats]:
    """Draw activities that obey the rules.

    Parameters
    ----------
    S : OrganS
    tiac_h : mapping of str to ndarray, shape (1,)
        Means, h.
    sd_h : mapping of str to float
        Standard deviations, h; sources without one are known.
    draws, seed : int

    Returns
    -------
    mapping of str to ndarray, shape (draws,)
        By the same names.

    Raises
    ------
    DataError
        If the means break a rule, a source without activity has a spread, more than half of
        the draws break a rule, or the mean of the draws is more than 50% off the stated one.

    Warns
    -----
    ApproximationWarning
        If more than 5% of the draws break a rule; if a mean is more than 5% off.
    """
    source_tiac(S, tiac_h)
    problems = [
        Problem("a mean of zero hours has no spread", key=name, hint="leave its sd_h empty")
        for name, sd in sd_h.items()
        if sd > 0.0 and not tiac_h[name][0] > 0.0
    ]
    if problems:
        raise DataError(problems)
    asked = int(np.ceil(draws / LEAST_KEPT))
    values = {
        name: _positive(f"tiac.{name}", float(mean[0]), sd_h.get(name, 0.0), asked, seed)
        for name, mean in tiac_h.items()
    }
    kept = np.flatnonzero(~broken_rules(S, values))
    if kept.size < draws:
        raise DataError(
            f"{asked - kept.size} of {asked} draws have a negative remainder or more decays than "
            "atoms: the spreads (sd_h) are too wide for these means; give draws, one column each, "
            "if regions are correlated"
        )
    again = 1.0 - kept.size / asked
    if again > TOLD:
        warnings.warn(
            f"{again:.0%} of the draws had a negative remainder or more decays than atoms and were "
            "drawn again: means and spreads are no longer those that were stated",
            ApproximationWarning,
            stacklevel=2,
        )
    out = {name: drawn[kept[:draws]] for name, drawn in values.items()}
    way_out = "give a smaller sd_h, or draws, one column each"
    _check_means({n: float(m[0]) for n, m in tiac_h.items()}, out, "h", way_out)
    return out


def drawn_masses(
    mass_g: Mapping[str, float], sd_g: Mapping[str, float], draws: int, seed: int
) -> Mapping[str, Floats]:
    """Draw the masses that have a spread, g, each of shape (draws,).

    Raises
    ------
    DataError
        If the mean of the draws is more than 50% off the stated one.

    Warns
    -----
    ApproximationWarning
        If a mean is more than 5% off.
    """
    out = {
        name: _positive(f"mass.{name}", mass_g[name], sd, draws, seed)
        for name, sd in sd_g.items()
        if sd > 0.0
    }
    _check_means(mass_g, out, "g", "give a smaller sd_g")
    return out


def _check_means(
    stated: Mapping[str, float], drawn: Mapping[str, Floats], unit: str, way_out: str
) -> None:
    """Refuse draws whose mean is not nearly what was stated, and say where it is off."""
    problems: list[Problem] = []
    said: list[str] = []
    for name, values in drawn.items():
        if values.size < FEWEST or not stated[name] > 0.0:
            continue
        mean = float(values.mean())
        off = abs(mean - stated[name])
        words = (
            f"{name}: the mean of the draws is {mean:.4g} {unit}, stated was "
            f"{stated[name]:.4g} {unit}"
        )
        if off > MOVED * stated[name]:
            problems.append(Problem(f"{words}: the spread is too wide for it", hint=way_out))
        elif off > max(
            TOLD * stated[name], STANDARD_ERRORS * float(values.std()) / np.sqrt(values.size)
        ):
            said.append(words)
    if problems:
        raise DataError(problems)
    for words in said:
        message = f"{words}: its spread is wide, and doses are of what was drawn; {way_out}"
        warnings.warn(message, ApproximationWarning, stacklevel=3)


def _positive(name: str, mean: float, sd: float, draws: int, seed: int) -> Floats:
    if sd == 0.0:
        return np.full(draws, mean)
    cv = sd / mean
    return log_normal(name, mean / np.sqrt(1.0 + cv * cv), cv=cv).draw(seed, draws)
