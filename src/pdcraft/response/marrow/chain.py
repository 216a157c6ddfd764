r"""One lineage of blood cells: stem and proliferating cells, three transit stages, circulation.

The chain of [F02]_, relative to baseline, with radiation as a loss :math:`k = \alpha \dot D` of
proliferating and stem cells, and with a pool of stem cells that feeds a share :math:`\rho` of the
proliferation and regrows at its own rate :math:`r`:

.. math::
    \dot S &= r S (1 - S) - k S, \\
    \dot P &= k_{tr} [(\rho S + (1 - \rho) P) (1 - E)\, C^{-\gamma} - P] - k P,
    \qquad k_{tr} = 4 / MTT, \\
    \dot T_i &= k_{tr} (T_{i-1} - T_i), \quad T_0 = P, \qquad
    \dot C = k_{tr} (T_3 - C) - w k C.

With :math:`\rho = 0` this is the one chain of [F02]_; above, a chain with stem cells. A drug acts
by :math:`E`, the share of proliferation that it stops, as there.

The loss is integrated exactly: what is solved are :math:`S e^K, P e^K, C e^{wK}` with
:math:`K = \int k\,dt`, so that a high dose rate needs no short step and no count turns negative.

Feedback speeds proliferation at most tenfold (assumed; a fall to 3 % with feedback 0.6 asks for 8).

Near rest the chain is an integrator behind four lags; it is stable below a feedback of
:math:`\tan u / \cos^4 u`, 0.569, with :math:`u = \pi/8`.

Range: loss is linear in dose, as at the low dose rates of radionuclides, where sublethal damage is
repaired as it arises. Cells are numbers, not clones: long-term injury is not described.

References
----------
.. [F02] L. E. Friberg et al., J. Clin. Oncol. 20, 4713 (2002), doi:10.1200/JCO.2002.02.140
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.ode import Rates, dormand_prince, rk4

__all__ = ["STAGES", "Chain", "relative_counts"]

STAGES = 4  # proliferating cells and three stages of transit share the transit time
STEM, PROLIFERATING, FIRST, LAST, CIRCULATING = 0, 1, 2, 4, 5  # rows of the state
NAMES = ("transit_d", "feedback", "stem_share", "stem_per_d", "circulating_killed")
FASTEST = 10.0  # proliferation over its steady rate that feedback can call for: assumed
LEAST = 1e-9  # count over baseline that feedback can tell from none
MOST_FEEDBACK = 0.5685  # tan(u) / cos(u)**4 at u = pi/8: an integrator and four lags turn by pi
MOST_KILLED = 50.0  # logarithm: 2e-22 of the cells are none
STABLE = 0.75  # step times transit rate; Runge-Kutta of order 4 is unstable from 2.7
LONGEST_STEP_d = 0.5

#: Time in days to the logarithm, without its sign, of what radiation has left of proliferating
#: cells until then; or to the share of proliferation that a drug stops. Shape (systems,).
OfTime = Callable[[float], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Parameters of many chains, each of shape (systems,).

    Parameters
    ----------
    transit_d : ndarray
        Mean time from proliferation to the circulation.
    feedback : ndarray
        Exponent by which a low count speeds proliferation, zero or more.
    stem_share : ndarray
        Share of proliferation that comes from stem cells, 0 to 1.
    stem_per_d : ndarray
        Rate of regrowth of the stem pool, zero or more.
    circulating_killed : ndarray
        Radiosensitivity of circulating cells over that of proliferating ones.
    """

    transit_d: Floats
    feedback: Floats
    stem_share: Floats
    stem_per_d: Floats
    circulating_killed: Floats

    @classmethod
    def of(
        cls,
        transit_d: ArrayLike,
        feedback: ArrayLike,
        stem_share: ArrayLike = 0.0,
        stem_per_d: ArrayLike = 0.0,
        circulating_killed: ArrayLike = 0.0,
    ) -> Chain:
        """Make chains of values that broadcast to (systems,).

        Raises
        ------
        PhysicsRangeError
            For a value out of range.
        """
        values = (transit_d, feedback, stem_share, stem_per_d, circulating_killed)
        arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in values))
        chain = cls(*(frozen(a, name) for a, name in zip(arrays, NAMES, strict=True)))
        if np.any(chain.transit_d <= 0):
            raise PhysicsRangeError(f"transit time {chain.transit_d.min():g} d; it is above zero")
        if np.any(chain.stem_share > 1):
            raise PhysicsRangeError(f"stem share {chain.stem_share.max():g}; it is at most 1")
        restless = (chain.stem_share == 0) & (chain.feedback >= MOST_FEEDBACK)
        if np.any(restless):
            raise PhysicsRangeError(
                f"feedback {chain.feedback[restless].max():g}: from {MOST_FEEDBACK} on one chain "
                "oscillates for ever; take less, or a share of stem cells"
            )
        for name in NAMES[1:]:
            if np.any(getattr(chain, name) < 0):
                raise PhysicsRangeError(
                    f"{name} {getattr(chain, name).min():g}; it is zero or more"
                )
        return chain

    @property
    def step_d(self) -> float:
        """Step that is stable for every system: transit time of the fastest decides."""
        return float(min(LONGEST_STEP_d, STABLE * self.transit_d.min() / STAGES))


def relative_counts(
    chain: Chain,
    killed: OfTime | None,
    time_d: ArrayLike,
    *,
    inhibited: OfTime | None = None,
    breaks_d: ArrayLike = (),
    step_d: float | None = None,
    rtol: float | None = None,
) -> Floats:
    """Solve for circulating cells relative to baseline.

    Parameters
    ----------
    chain : Chain
    killed : callable or None
        Radiosensitivity times absorbed dose until a time, not falling.
    time_d : array_like, shape (times,)
        Increasing; the first is when all is at baseline.
    inhibited : callable, optional
        Share of proliferation that a drug stops; above 1 it kills.
    breaks_d : array_like
        Times at which the drug's effect turns.
    step_d : float, optional
        Longest fixed step; default: the chain's `step_d`, with errors below 1 % of a count.
    rtol : float, optional
        Choose steps by this local error instead: for single curves.

    Returns
    -------
    ndarray, shape (times, systems)

    Examples
    --------
    >>> chain = Chain.of(10.0, 0.3)
    >>> counts = relative_counts(chain, lambda t: np.array([2.0 * min(t, 1.0)]), [0, 9, 60])
    >>> bool(counts[1, 0] < 0.8), round(counts[2, 0].item(), 1)
    (True, 0.8)
    """
    times = np.asarray(time_d, dtype=float)
    start = np.ones((6, chain.transit_d.size))
    rates = _rates(chain, killed, inhibited)
    if rtol is None:
        found = rk4(rates, start, times, step=step_d or chain.step_d, breaks=breaks_d)
    else:
        found = dormand_prince(rates, start, times, rtol=rtol, breaks=breaks_d)
    counts = found[:, CIRCULATING]
    if killed is None or not np.any(chain.circulating_killed):
        return counts
    left = [np.exp(-chain.circulating_killed * _capped(killed(float(t)))) for t in times]
    return counts * np.stack(left)


def _capped(killed: Floats) -> Floats:
    return np.minimum(killed, MOST_KILLED)


def _rates(chain: Chain, killed: OfTime | None, inhibited: OfTime | None) -> Rates:
    """Rates of the six states of every system."""
    transit = STAGES / chain.transit_d
    minus_feedback = -chain.feedback
    stem, chained = chain.stem_share, 1.0 - chain.stem_share
    has_stem = bool(np.any(stem))
    in_blood = killed is not None and bool(np.any(chain.circulating_killed))
    all_left = np.ones(transit.size), None
    known: dict[float, tuple[Floats, Floats | None]] = {}

    def survival(time: float) -> tuple[Floats, Floats | None]:
        if killed is None:
            return all_left
        key = round(time, 9)  # the ends of neighboring steps lie a hair apart
        if key not in known:
            loss = _capped(killed(key))
            blood = np.exp(-chain.circulating_killed * loss) if in_blood else None
            if len(known) > 2:
                known.clear()
            known[key] = np.exp(-loss), blood
        return known[key]

    def rates(time: float, state: Floats, out: Floats) -> None:
        left, blood = survival(time)
        cells = state[PROLIFERATING]
        count = state[CIRCULATING] if blood is None else state[CIRCULATING] * blood
        demand = np.log(np.maximum(count, LEAST))
        demand *= minus_feedback
        np.exp(demand, out=demand)
        np.minimum(demand, FASTEST, out=demand)
        if inhibited is not None:
            demand *= 1.0 - inhibited(time)
        if has_stem:
            pool = state[STEM]
            np.multiply(chain.stem_per_d * pool, 1.0 - pool * left, out=out[STEM])
            demand *= stem * pool + chained * cells
        else:
            out[STEM] = 0.0
            demand *= cells
        demand -= cells
        np.multiply(demand, transit, out=out[PROLIFERATING])
        np.multiply(cells, left, out=out[FIRST])
        out[FIRST] -= state[FIRST]
        np.subtract(
            state[FIRST:LAST], state[FIRST + 1 : CIRCULATING], out=out[FIRST + 1 : CIRCULATING]
        )
        arriving = state[LAST] if blood is None else state[LAST] / blood
        np.subtract(arriving, state[CIRCULATING], out=out[CIRCULATING])
        out[FIRST:] *= transit

    return rates
