r"""From mouse to man: five ways to scale a region's curve, and their average.

A mouse curve :math:`a(t) = \sum_k c_k e^{-r_k t}` is the fraction of what was given in a region.
With body masses :math:`M` and region masses :math:`m`:

========  ====================================  =======================================
method    amplitude                             time runs slower by
========  ====================================  =======================================
direct    1                                     1
mass      :math:`(m_h/M_h)/(m_m/M_m)`           1
time      1                                     :math:`(M_h/M_m)^{0.25}`
both      :math:`(m_h/M_h)/(m_m/M_m)`           :math:`(M_h/M_m)^{0.25}`
organ     :math:`(m_h/M_h)/(m_m/M_m)`           :math:`(m_h/m_m)^{1-0.74}`
========  ====================================  =======================================

The first four are those of [Cicone22]_. For the fifth the exponent is that of clearance over 91
compounds, :math:`0.74 \pm 0.16` [PMC2751218]_, applied to the region's own mass; it is our
reading of organ allometry. For one agent only the third agreed with patients; no method is right
for all, so they are averaged with equal prior weights, which only a human datum may change
(`posterior_weights`).

References
----------
.. [Cicone22] F. Cicone et al., EJNMMI Res 12, 21 (2022), doi:10.1186/s13550-022-00893-z
.. [PMC2751218] Allometric exponents of clearance over 91 xenobiotics, PMC2751218
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = [
    "CLEARANCE_EXPONENT",
    "EQUAL_WEIGHTS",
    "Masses",
    "Method",
    "average",
    "posterior_weights",
    "scale",
    "time_factor",
]

Method = Literal["direct", "mass", "time", "both", "organ"]
TIME_EXPONENT = 0.25
CLEARANCE_EXPONENT = (0.74, 0.16)  # mean and SD over compounds
EQUAL_WEIGHTS: Mapping[Method, float] = {m: 0.2 for m in get_args(Method)}


@dataclass(frozen=True, slots=True)
class Masses:
    """Masses in g of a region and of the body, in mouse and man."""

    mouse_region: float
    mouse_body: float
    human_region: float
    human_body: float

    def __post_init__(self) -> None:
        if not all(m > 0 for m in (self.mouse_region, self.mouse_body)):
            raise PhysicsRangeError(f"masses of the mouse {self} are more than zero")
        if not all(m > 0 for m in (self.human_region, self.human_body)):
            raise PhysicsRangeError(f"masses of man {self} are more than zero")


def time_factor(method: Method, masses: Masses) -> float:
    """How many times slower man is than the mouse.

    Examples
    --------
    >>> round(time_factor("time", Masses(1.0, 25.0, 1000.0, 73000.0)), 2)
    7.35
    """
    if method in ("time", "both"):
        return (masses.human_body / masses.mouse_body) ** TIME_EXPONENT
    if method == "organ":
        return (masses.human_region / masses.mouse_region) ** (1 - CLEARANCE_EXPONENT[0])
    return 1.0


def amplitude_factor(method: Method, masses: Masses) -> float:
    """Fraction in man's region over that in the mouse's."""
    if method in ("direct", "time"):
        return 1.0
    human = masses.human_region / masses.human_body
    return human * masses.mouse_body / masses.mouse_region


def scale(
    coefficients: Floats, rates_per_h: Floats, method: Method, masses: Masses
) -> tuple[Floats, Floats]:
    """Scale the terms of a mouse region's curve to man.

    Parameters
    ----------
    coefficients, rates_per_h : ndarray, any shape
        Of the fraction of the carrier in the region, without physical decay.

    Returns
    -------
    coefficients, rates_per_h : ndarray
        Of the fraction in man's region. Multiply by 1/human_region for a concentration.
    """
    return (
        coefficients * amplitude_factor(method, masses),
        rates_per_h / time_factor(method, masses),
    )


def average(
    by_method: Mapping[Method, Floats],
    weights: Mapping[Method, float],
    rng: np.random.Generator,
) -> Floats:
    """Mix draws of the methods by their weights: each draw follows one method.

    The spread of the mixture holds that within and between methods.

    Parameters
    ----------
    by_method : mapping of method to ndarray, shape (n, ...)
    weights : mapping of method to float
        Need not sum to 1.

    Returns
    -------
    ndarray, shape (n, ...)
    """
    methods = list(by_method)
    share = np.array([weights[m] for m in methods], dtype=float)
    if np.any(share < 0) or not share.sum() > 0:
        raise PhysicsRangeError(f"weights {dict(weights)} are zero or more, and not all zero")
    stacked = np.stack([by_method[m] for m in methods])
    n = stacked.shape[1]
    chosen = rng.choice(len(methods), size=n, p=share / share.sum())
    return stacked[chosen, np.arange(n)]


def posterior_weights(
    by_method: Mapping[Method, Floats],
    prior: Mapping[Method, float],
    observed: float,
    log_sd: ArrayLike,
) -> dict[Method, float]:
    """Score the methods by one human figure: prior weight times the mean likelihood of the draws.

    Parameters
    ----------
    by_method : mapping of method to ndarray, shape (n,)
        Predictions of the figure, positive.
    observed : float
    log_sd : float
        Error of the figure's logarithm.
    """
    sd = float(np.asarray(log_sd))
    score: dict[Method, float] = {}
    for method, draws in by_method.items():
        z = (np.log(observed) - np.log(draws)) / sd
        score[method] = prior[method] * float(np.exp(-0.5 * z**2).mean())
    total = sum(score.values())
    if not total > 0:
        raise PhysicsRangeError(f"no method comes near {observed:g}; the weights stay as they were")
    return {method: value / total for method, value in score.items()}
