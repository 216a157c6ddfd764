"""Non-compartmental analysis: trapezoids and a terminal slope, with its points stated.

No model is chosen here: what the fits say can be held against it. Linear trapezoids where values
rise, logarithmic ones where they fall; before the first time its value holds. The terminal slope is
a log-linear regression through the last three or more quantified values after the peak, the number
with the best adjusted R² (the larger one within 0.0001).

References
----------
.. [GW00] J. Gabrielsson, D. Weiner, Pharmacokinetic and Pharmacodynamic Data Analysis, 3rd ed.,
   Swedish Pharmaceutical Press 2000, chapter 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.timecourse import Tail
from pdcraft.kinetics.observed import Observed
from pdcraft.physics.decay import decay_constant_per_h

__all__ = ["NonCompartmental", "noncompartmental", "trapezoids"]

_FEWEST_POINTS = 3
_TIE = 1e-4  # of adjusted R²


@dataclass(frozen=True, slots=True)
class NonCompartmental:
    """Integral without a model.

    Parameters
    ----------
    subject : str
        Empty for a curve through several animals.
    tiac_h : float
        In h, or h per g or mL where the data are concentrations.
    terminal_rate_per_h : float or None
        Of the carrier, without decay; None if fewer than three values follow the peak, or if they
        do not fall (the tail is then physical).
    terminal_times_h : tuple of float
        The points of the terminal slope.
    r2_adjusted : float or None
    extrapolated_share : float
    tail : str
        The rule that was used.
    """

    subject: str
    tiac_h: float
    terminal_rate_per_h: float | None
    terminal_times_h: tuple[float, ...]
    r2_adjusted: float | None
    extrapolated_share: float
    tail: Tail


def trapezoids(time_h: Floats, value: Floats) -> float:
    """Integral by linear trapezoids where values rise, logarithmic where they fall.

    Examples
    --------
    >>> t = np.array([0.0, 1.0])
    >>> round(trapezoids(t, np.exp(-t)), 6)  # exact for an exponential: 1 - 1/e
    0.632121
    """
    a, b, width = value[:-1], value[1:], np.diff(time_h)
    falls = (b < a) & (b > 0)
    ratio = np.log(np.where(falls, a, np.e) / np.where(falls, b, 1.0))
    # nearly equal values: the logarithmic form loses digits, the linear one is exact enough
    falls &= ratio > 1e-6
    area = np.where(falls, (a - b) / np.where(falls, ratio, 1.0), 0.5 * (a + b))
    return float((area * width).sum())


def noncompartmental(data: Observed, half_life_h: float, tail: Tail) -> NonCompartmental | None:
    """Analyze the mean values per time; None if fewer than two times are quantified.

    Parameters
    ----------
    data : Observed
    half_life_h : float
        Of the payload.
    tail : {"fitted", "physical", "none"}
    """
    known = ~data.censored
    times = np.unique(data.time_h[known])
    if times.size < 2:
        return None
    means = np.array([data.value[known & (data.time_h == t)].mean() for t in times])
    decay = float(decay_constant_per_h(half_life_h))
    activity = means * np.exp(-decay * times)
    area = trapezoids(times, activity)
    if times[0] > 0:
        area += float(activity[0] * times[0])
    rate, points, r2 = _terminal(times, means)
    used: Tail = tail
    if tail == "fitted" and (rate is None or rate <= 0):
        rate, used = None, "physical"
    beyond = 0.0
    if used == "fitted" and rate is not None:
        beyond = float(activity[-1] / (rate + decay))
    elif used == "physical":
        beyond = float(activity[-1] / decay)
    total = area + beyond
    share = beyond / total if total > 0 else 0.0
    return NonCompartmental(data.subject, total, rate, points, r2, share, used)


def _terminal(times: Floats, means: Floats) -> tuple[float | None, tuple[float, ...], float | None]:
    """Rate (1/h), its points and adjusted R² of the best terminal regression."""
    usable = (np.arange(times.size) > int(np.argmax(means))) & (means > 0)
    t, y = times[usable], means[usable]
    found: list[tuple[float, tuple[float, ...], float]] = []
    for n in range(_FEWEST_POINTS, t.size + 1):
        x, log = t[-n:], np.log(y[-n:])
        slope, offset = np.polyfit(x - x.mean(), log, 1)
        spread = float(np.square(log - log.mean()).sum())
        left = float(np.square(log - offset - slope * (x - x.mean())).sum())
        r2 = 1 - left / spread if spread > 0 else 0.0
        adjusted = 1 - (1 - r2) * (n - 1) / (n - 2)
        found.append((-float(slope), tuple(float(v) for v in x), adjusted))
    if not found:
        return None, (), None
    highest = max(adjusted for *_, adjusted in found)
    return [one for one in found if one[2] >= highest - _TIE][-1]  # of these, the most points
