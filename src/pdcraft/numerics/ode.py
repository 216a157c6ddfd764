r"""Ordinary differential equations of many independent systems at once, on arrays.

State arrays have shape (states, systems): what one numpy call does, it does for every system.

`rk4` takes fixed steps and is for populations: classical Runge-Kutta of order 4 [HNW93]_, exact
about jumps when they are given as `breaks`. `dormand_prince` chooses its steps, the same for all
systems, by the embedded error of order 4 [DP80]_, and is for reference curves.

Neither is for stiff systems: explicit methods need `step * fastest rate < 2.7`.

References
----------
.. [HNW93] E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed.,
   Springer 1993, sections II.1, II.4 and table II.5.2
.. [DP80] J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6, 19 (1980),
   doi:10.1016/0771-050X(80)90013-3
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import ConvergenceError, PhysicsRangeError

__all__ = ["Rates", "dormand_prince", "rk4", "step_times"]

#: ``rates(time, state, out)`` writes d(state)/d(time) to `out`; both have shape (states, systems).
#: At a break, `time` lies a hair within the step that is being taken, so ``time >= at`` is right.
Rates = Callable[[float, Floats, Floats], None]

WITHIN = 1e-12  # of a step: how far inside it the ends of a step are taken
SAFETY, SHRINK, GROW = 0.9, 0.2, 5.0  # of step control, [HNW93]_ equation 4.13
LEAST_STEP = 1e-12  # of the time span

# nodes, stages and weights of Dormand and Prince's pair of orders 5 and 4
NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
STAGES: tuple[tuple[float, ...], ...] = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
ERRORS = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)


def step_times(times: ArrayLike, step: float, breaks: ArrayLike = ()) -> Floats:
    """Return ends of equal steps of at most `step` that land on every output time and break.

    Parameters
    ----------
    times : array_like, shape (times,)
        Increasing; the first is the start.
    step : float
        Same unit as `times`.
    breaks : array_like, shape (breaks,)
        Where a rate jumps; those outside the times do not matter.
    """
    t = _checked(times)
    if not 0 < step < np.inf:
        raise PhysicsRangeError(f"step {step}: a step is positive and finite")
    inside = np.ravel(np.asarray(breaks, dtype=float))
    inside = inside[(inside > t[0]) & (inside < t[-1])]
    knots = np.unique(np.concatenate([t, inside]))
    pieces = [
        np.linspace(a, b, max(1, int(np.ceil((b - a) / step - 1e-9))), endpoint=False)
        for a, b in pairwise(knots)
    ]
    return np.concatenate([*pieces, knots[-1:]])


def rk4(
    rates: Rates, start: Floats, times: ArrayLike, *, step: float, breaks: ArrayLike = ()
) -> Floats:
    """Integrate with fixed steps.

    Parameters
    ----------
    rates : callable
        See `Rates`.
    start : ndarray, shape (states, systems)
        At ``times[0]``.
    times : array_like, shape (times,)
        Increasing.
    step : float
        Longest step. The error falls with its fourth power.
    breaks : array_like
        Times at which a rate jumps: no step crosses one.

    Returns
    -------
    ndarray, shape (times, states, systems)

    Examples
    --------
    >>> def decay(time, state, out):
    ...     np.negative(state, out=out)
    >>> rk4(decay, np.ones((1, 1)), [0.0, 1.0], step=0.1)[-1].round(6).item()
    0.36788
    """
    wanted = _checked(times)
    ends = step_times(wanted, step, breaks)
    state = np.array(start, dtype=float)
    found = np.empty((wanted.size, *state.shape))
    found[0] = state
    k1, k2, k3, k4, trial = (np.empty_like(state) for _ in range(5))
    row = 1
    for a, b in pairwise(ends):
        h = b - a
        first, last = a + WITHIN * h, b - WITHIN * h
        rates(first, state, k1)
        rates(0.5 * (a + b), _moved(state, 0.5 * h, k1, trial), k2)
        rates(0.5 * (a + b), _moved(state, 0.5 * h, k2, trial), k3)
        rates(last, _moved(state, h, k3, trial), k4)
        k2 += k3
        k2 *= 2.0
        k1 += k2
        k1 += k4
        k1 *= h / 6.0
        state += k1
        if b == wanted[row]:
            found[row] = state
            row += 1
    return _finite(found, wanted)


def dormand_prince(
    rates: Rates,
    start: Floats,
    times: ArrayLike,
    *,
    rtol: float = 1e-8,
    atol: float = 1e-12,
    breaks: ArrayLike = (),
) -> Floats:
    """Integrate with steps that keep the local error of every system within bounds.

    Parameters
    ----------
    rates, start, times, breaks
        As for `rk4`.
    rtol, atol : float
        Local error allowed, relative and in the state's own unit.

    Returns
    -------
    ndarray, shape (times, states, systems)

    Raises
    ------
    ConvergenceError
        If a step would have to be too small: the system is stiff or runs away.
    """
    wanted = _checked(times)
    state = np.array(start, dtype=float)
    found = np.empty((wanted.size, *state.shape))
    found[0] = state
    row, step = 1, 0.0
    for a, b in _pieces(wanted, breaks):
        state, step = _across(rates, state, a, b, step, rtol, atol)
        if b == wanted[row]:
            found[row] = state
            row += 1
    return _finite(found, wanted)


def _pieces(times: Floats, breaks: ArrayLike) -> Iterator[tuple[float, float]]:
    ends = step_times(times, float(times[-1] - times[0]), breaks)
    return pairwise(ends.tolist())


def _across(
    rates: Rates, state: Floats, a: float, b: float, step: float, rtol: float, atol: float
) -> tuple[Floats, float]:
    """Integrate across a piece without jumps; also the step that the next piece may begin with."""
    hair = WITHIN * (b - a)
    stages = [np.empty_like(state) for _ in NODES]
    rates(a + hair, state, stages[0])
    h = min(step or 0.01 * (b - a), b - a)
    t, tried = a, h
    while t < b:
        h = min(h, b - t)
        if h < LEAST_STEP * (b - a):
            raise ConvergenceError(
                f"step of {h:.1e} at time {t:g}: the system is stiff or runs away; use looser "
                "tolerances or check its rates"
            )
        tried, end = h, state
        for i in range(1, len(NODES)):
            end = state + h * _weighted(stages, STAGES[i])
            rates(min(max(t + NODES[i] * h, a + hair), b - hair), end, stages[i])
        allowed = atol + rtol * np.maximum(np.abs(state), np.abs(end))
        worst = float(np.max(np.abs(h * _weighted(stages, ERRORS)) / allowed))
        if worst <= 1.0:
            t = b if h >= b - t else t + h
            state = end
            stages[0], stages[-1] = stages[-1], stages[0]
        factor = GROW if worst == 0.0 else SAFETY * worst**-0.2
        h *= min(GROW, max(SHRINK, factor)) if np.isfinite(factor) else SHRINK
    return state, max(tried, h)


def _weighted(stages: list[Floats], weights: tuple[float, ...]) -> Floats:
    out = weights[0] * stages[0]
    for weight, stage in zip(weights[1:], stages[1:], strict=False):
        if weight:
            out += weight * stage
    return out


def _moved(state: Floats, h: float, rate: Floats, out: Floats) -> Floats:
    np.multiply(rate, h, out=out)
    out += state
    return out


def _checked(times: ArrayLike) -> Floats:
    t = np.asarray(times, dtype=float)
    if t.ndim != 1 or t.size < 2 or not np.all(np.isfinite(t)) or np.any(np.diff(t) <= 0):
        raise PhysicsRangeError(
            f"times of shape {t.shape}: give two or more finite times, each above the one before"
        )
    return t


def _finite(found: Floats, times: Floats) -> Floats:
    if not np.all(np.isfinite(found)):
        row = int(np.argwhere(~np.isfinite(found))[0][0])
        raise ConvergenceError(
            f"a state is not finite at time {times[row]:g}: the system runs away or the step is "
            "too long; shorten the step or check its rates"
        )
    return found
