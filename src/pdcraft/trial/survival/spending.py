r"""Alpha spending: how much of the type I error may be used by an information fraction.

.. math:: \text{O'Brien-Fleming type: } 2 - 2\Phi(z_{1-\alpha/2}/\sqrt t), \quad
          \text{Pocock type: } \alpha\ln(1 + (e - 1)t)

.. math:: \text{Hwang-Shih-DeCani: } \alpha\frac{1 - e^{-\gamma t}}{1 - e^{-\gamma}}, \quad
          \text{Kim-DeMets: } \alpha t^{\rho}

References
----------
.. [LD83] K. K. G. Lan, D. L. DeMets, Biometrika 70, 659 (1983), doi:10.1093/biomet/70.3.659
.. [HSD90] I. K. Hwang, W. J. Shih, J. S. DeCani, Stat. Med. 9, 1439 (1990),
   doi:10.1002/sim.4780091207
.. [KD87] K. Kim, D. L. DeMets, Biometrika 74, 149 (1987), doi:10.1093/biomet/74.1.149
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["SPENDING", "spent"]

LARGEST_GAMMA = 40.0  # -4 is late, 1 is early


def _obrien_fleming(t: Floats, alpha: float, _: float) -> Floats:
    from scipy.special import ndtr, ndtri

    return 2.0 * ndtr(ndtri(0.5 * alpha) / np.sqrt(t))


def _pocock(t: Floats, alpha: float, _: float) -> Floats:
    return alpha * np.log1p((np.e - 1.0) * t)


def _hwang_shih_decani(t: Floats, alpha: float, gamma: float) -> Floats:
    if not abs(gamma) <= LARGEST_GAMMA:
        raise PhysicsRangeError(
            f"Hwang-Shih-DeCani spending: gamma is {gamma:g}; it lies from {-LARGEST_GAMMA:g} to "
            f"{LARGEST_GAMMA:g}"
        )
    if gamma == 0.0:
        return alpha * t
    return alpha * np.expm1(-gamma * t) / np.expm1(-gamma)


def _kim_demets(t: Floats, alpha: float, rho: float) -> Floats:
    if not rho > 0:
        raise PhysicsRangeError(f"Kim-DeMets spending: rho is {rho:g}; it must be above 0")
    return alpha * t**rho


#: Spending functions by name; the last argument is the parameter of those that have one.
SPENDING: dict[str, Callable[[Floats, float, float], Floats]] = {
    "obrien-fleming": _obrien_fleming,
    "pocock": _pocock,
    "hwang-shih-decani": _hwang_shih_decani,
    "kim-demets": _kim_demets,
}


def spent(kind: str, information: ArrayLike, alpha: float, parameter: float = 0.0) -> Floats:
    """One-sided type I error that may be spent by information fractions.

    Parameters
    ----------
    kind : str
        Of `SPENDING`.
    information : array_like
        Fractions of the planned information, above 0; beyond 1 nothing is added.
    alpha : float
        One-sided.
    parameter : float
        gamma of Hwang-Shih-DeCani (-4: late, as O'Brien-Fleming; 1: early, as Pocock), rho of
        Kim-DeMets.

    Raises
    ------
    DataError
        For an unknown function.

    Examples
    --------
    >>> spent("obrien-fleming", [0.5, 1.0], 0.025).round(6).tolist()
    [0.001525, 0.025]
    """
    if kind not in SPENDING:
        raise DataError(f"no spending function is called '{kind}'; there are {', '.join(SPENDING)}")
    return SPENDING[kind](np.minimum(np.asarray(information, dtype=float), 1.0), alpha, parameter)
