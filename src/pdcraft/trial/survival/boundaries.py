r"""Group sequential boundaries: O'Brien-Fleming, Pocock, Haybittle-Peto and alpha spending.

The statistic is positive where the experimental arm does better. One-sided: reject at
:math:`Z_k \ge c_k`; two-sided: at :math:`|Z_k| \ge c_k`. Classical boundaries have a shape,
:math:`c\,t_k^{\Delta - 1/2}` (0: O'Brien and Fleming [OF79]_, 1/2: Pocock [P77]_; [WT87]_).
Spending functions [LD83]_ also hold when the looks come at other fractions than planned.

References
----------
.. [OF79] P. C. O'Brien, T. R. Fleming, Biometrics 35, 549 (1979), doi:10.2307/2530245
.. [P77] S. J. Pocock, Biometrika 64, 191 (1977), doi:10.1093/biomet/64.2.191
.. [WT87] S. K. Wang, A. A. Tsiatis, Biometrics 43, 193 (1987), doi:10.2307/2531959
.. [HP] J. L. Haybittle, Br. J. Radiol. 44, 793 (1971), doi:10.1259/0007-1285-44-526-793;
   R. Peto et al., Br. J. Cancer 34, 585 (1976), doi:10.1038/bjc.1976.220
.. [LD83] K. K. G. Lan, D. L. DeMets, Biometrika 70, 659 (1983), doi:10.1093/biomet/70.3.659
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.roots import root
from pdcraft.trial.checks import check_open
from pdcraft.trial.survival.crossing import Path, crossing
from pdcraft.trial.survival.spending import SPENDING, spent

__all__ = ["KINDS", "Boundaries", "boundaries", "drift_for_power", "look_fractions"]

SHAPES = {"obrien-fleming": 0.0, "pocock": 0.5}
HAYBITTLE_PETO = "haybittle-peto"
EARLY_Z = 3.0  # of Haybittle and Peto
KINDS = (*SHAPES, HAYBITTLE_PETO, *(f"spend:{name}" for name in SPENDING))

_LARGEST_Z = 12.0
_LARGEST_DRIFT = 20.0
_FIRST_SPENT = 1e-30  # a spending function that leaves less is no look at all
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Boundaries of a group sequential test.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    alpha : float
    sided : int
        1 or 2.
    information : ndarray, shape (looks,)
        Fractions; the last is 1.
    upper : ndarray, shape (looks,)
        Reject at or above.
    futility : ndarray, shape (looks,)
        Stop for futility below; -inf where there is no such rule. Not binding: alpha holds if they
        are ignored.
    alpha_spent : ndarray, shape (looks,)
        Cumulative.
    """

    kind: str
    alpha: float
    sided: int
    information: Floats
    upper: Floats
    futility: Floats
    alpha_spent: Floats

    @property
    def looks(self) -> int:
        """Number of analyses."""
        return self.information.size

    @property
    def nominal(self) -> Floats:
        """One-sided p-value at each boundary."""
        from scipy.special import ndtr

        return ndtr(-self.upper)

    def crossing(self, drift: float = 0.0) -> tuple[Floats, Floats]:
        """Probabilities to reject in favor of the experimental arm, and to stop against it.

        Parameters
        ----------
        drift : float
            Mean of the statistic at full information.

        Returns
        -------
        favor, against : ndarray, shape (looks,)
            First at each look. Against: futility, or the lower boundary of a two-sided test.
        """
        lower = self.futility
        if self.sided == 2:
            lower = np.maximum(lower, -self.upper)
        return crossing(self.information, self.upper, lower, drift)

    def power(self, drift: float) -> float:
        """Probability to reject in favor of the experimental arm."""
        return float(self.crossing(drift)[0].sum())

    def expected_information(self, drift: float) -> float:
        """Mean information fraction when the trial stops."""
        stops = np.add(*self.crossing(drift))
        stops[-1] = 1.0 - stops[:-1].sum()
        return float(stops @ self.information)


def look_fractions(looks: int | Sequence[float]) -> Floats:
    """Information fractions of a number of equal steps, or those given.

    Raises
    ------
    PhysicsRangeError
        If they do not rise from above 0 to 1.

    Examples
    --------
    >>> look_fractions(4).tolist()
    [0.25, 0.5, 0.75, 1.0]
    """
    if isinstance(looks, int):
        if not 1 <= looks <= 50:
            raise PhysicsRangeError(f"{looks} looks; there are between 1 and 50")
        return np.arange(1, looks + 1) / looks
    fractions = np.asarray(looks, dtype=float)
    rising = fractions.size > 0 and fractions[0] > 0 and bool(np.all(np.diff(fractions) > 0))
    if not rising or fractions[-1] != 1.0:
        raise PhysicsRangeError(
            f"information fractions {', '.join(f'{t:g}' for t in fractions)}: they rise from above "
            "0 and end at 1"
        )
    return fractions


def boundaries(
    kind: str,
    looks: int | Sequence[float] = 1,
    alpha: float = 0.025,
    *,
    sided: int = 1,
    parameter: float = 0.0,
    futility: ArrayLike | None = None,
) -> Boundaries:
    """Find the boundaries of a group sequential test.

    Parameters
    ----------
    kind : str
        Of `KINDS`: ``"obrien-fleming"``, ``"pocock"``, ``"haybittle-peto"`` or a spending function,
        ``"spend:obrien-fleming"``.
    looks : int or sequence of float
        Number of equal steps of information, or its fractions.
    alpha : float
        Type I error of one side or, with `sided` 2, of both together.
    sided : int
    parameter : float
        Of the spending functions that have one.
    futility : array_like, shape (looks - 1,), optional
        Stop below these statistics at the interim looks (not binding).

    Raises
    ------
    DataError
        For an unknown kind or another number of futility boundaries.
    PhysicsRangeError
        For impossible errors, sides or fractions.

    Examples
    --------
    >>> boundaries("obrien-fleming", 3).upper.round(4).tolist()
    [3.4711, 2.4544, 2.004]
    """
    check_open("alpha", alpha)
    if sided not in (1, 2):
        raise PhysicsRangeError(f"a test is one-sided or two-sided, not {sided}-sided")
    if alpha / sided >= 0.5:
        raise PhysicsRangeError(f"alpha {alpha:g} of {sided} side(s): below 0.5 on each side")
    t = look_fractions(looks)
    if kind in SHAPES:
        upper = _shaped(t, alpha, sided, SHAPES[kind])
    elif kind == HAYBITTLE_PETO:
        early = np.full(t.size - 1, EARLY_Z)
        upper = _by_spending(t, np.full(t.size, alpha), sided, early)
    elif kind.startswith("spend:"):
        cumulative = sided * spent(kind.removeprefix("spend:"), t, alpha / sided, parameter)
        upper = _by_spending(t, cumulative, sided, np.zeros(0))
    else:
        raise DataError(f"no boundary is called '{kind}'; there are {', '.join(KINDS)}")
    lower = -upper if sided == 2 else np.full(t.size, -np.inf)
    error = np.add(*crossing(t, upper, lower)).cumsum()
    return Boundaries(
        kind,
        alpha,
        sided,
        frozen(t, "information"),
        frozen(upper, "boundary"),
        frozen(_futility(futility, upper), "futility boundary", finite=False),
        frozen(error, "alpha spent"),
    )


def _futility(given: ArrayLike | None, upper: Floats) -> Floats:
    out = np.full(upper.size, -np.inf)
    if given is None:
        return out
    early = np.asarray(given, dtype=float)
    if early.shape != (upper.size - 1,):
        raise DataError(
            f"{early.size} futility boundaries for {upper.size} looks: give one for every look but "
            "the last"
        )
    if np.any(early >= upper[:-1]):
        raise DataError("a futility boundary lies at or above its boundary for rejection")
    out[:-1] = early
    return out


def _shaped(t: Floats, alpha: float, sided: int, delta: float) -> Floats:
    """Boundaries c t^(delta - 1/2) of the size wanted."""
    shape = t ** (delta - 0.5)
    lower = np.full(t.size, -np.inf)

    def off(c: float) -> float:
        bound = c * shape
        return float(np.add(*crossing(t, bound, -bound if sided == 2 else lower)).sum()) - alpha

    return shape * root(off, 0.0, _LARGEST_Z)


def _by_spending(t: Floats, cumulative: Floats, sided: int, known: Floats) -> Floats:
    """Boundaries, look by look, that spend what is given; those `known` stay."""
    upper = np.zeros(t.size)
    path, used = Path.start(), 0.0
    for k in range(t.size):

        def leaves(z: float, at: Path = path, now: float = float(t[k])) -> float:
            return at.above(now, z) + (at.below(now, -z) if sided == 2 else 0.0)

        allowed = float(cumulative[k]) - used
        if k < known.size:
            upper[k] = known[k]
        elif allowed > max(_FIRST_SPENT, leaves(_LARGEST_Z)):
            # a statistic of 0 or more is asked: the error of a side stays below one half
            upper[k] = _spends(leaves, allowed)
        else:
            raise PhysicsRangeError(
                f"look {k + 1} at {t[k]:g} of the information may spend {max(allowed, 0.0):.1e} of "
                "alpha, which is nothing; look later or leave it out"
            )
        used += leaves(float(upper[k]))
        if k + 1 < t.size:
            low = -upper[k] if sided == 2 else -np.inf
            path = path.between(float(t[k]), float(low), float(upper[k]), float(t[k + 1]))
    return upper


def _spends(leaves: Callable[[float], float], allowed: float) -> float:
    """Boundary that leaves the probability allowed; in logarithms, since it may be tiny."""
    return root(lambda z: np.log(max(leaves(z), _TINY) / allowed), 0.0, _LARGEST_Z)


def drift_for_power(bounds: Boundaries, power: float) -> float:
    """Mean of the statistic at full information with which a test has a power.

    Raises
    ------
    PhysicsRangeError
        If the power is not above alpha and below 1, or futility boundaries forbid it.

    Examples
    --------
    >>> round(drift_for_power(boundaries("pocock", 1), 0.8), 4)
    2.8016
    """
    check_open("power", power)
    if power <= bounds.alpha:
        raise PhysicsRangeError(f"power {power:g} is not above alpha, {bounds.alpha:g}")
    return root(lambda drift: bounds.power(drift) - power, 0.0, _LARGEST_DRIFT)
