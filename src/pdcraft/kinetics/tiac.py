r"""Time-integrated activity coefficients of fitted curves, with the tail said out loud.

A curve of the carrier, :math:`f(t) = \sum c_i e^{-r_i t}`, becomes activity by
:math:`e^{-\lambda t}`. Up to the last measurement the integral is that of the fitted curve; after
it the tail rule decides:

- ``fitted``: the fitted curve goes on.
- ``physical``: the carrier stays where it is and only decays. An upper bound where it washes out.
- ``none``: the integral ends at the last measurement.

References
----------
.. [MIRD21] W. E. Bolch et al., J. Nucl. Med. 50, 477 (2009), doi:10.2967/jnumed.108.056036
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.timecourse import Tail
from pdcraft.physics.decay import decay_constant_per_h

__all__ = ["EXTRAPOLATED_WARNING", "extrapolated_share", "integrals"]

EXTRAPOLATED_WARNING = 0.2  # share beyond the last measurement above which the reader is told


def integrals(
    coefficients: Floats, rates_per_h: Floats, half_life_h: float, last_h: float, tail: Tail
) -> tuple[Floats, Floats]:
    r"""Integrate up to the last measurement and beyond it.

    Parameters
    ----------
    coefficients, rates_per_h : ndarray, shape (..., terms)
        Of the carrier, without decay; rates zero or more.
    half_life_h : float
        Of the payload.
    last_h : float
        Time of the last quantified value.
    tail : {"fitted", "physical", "none"}

    Returns
    -------
    measured, beyond : ndarray, shape (...)
        Parts of the integral in h (per g, per mL where the curve is).

    Examples
    --------
    >>> retained = np.array([1.0]), np.array([0.0])  # a carrier that never leaves
    >>> measured, beyond = integrals(*retained, half_life_h=np.log(2), last_h=1.0, tail="fitted")
    >>> round(float(measured + beyond), 12)
    1.0
    """
    decay = float(decay_constant_per_h(half_life_h))
    rates = rates_per_h + decay
    left = np.exp(-rates * last_h)
    measured = (coefficients * -np.expm1(-rates * last_h) / rates).sum(axis=-1)
    if tail == "none":
        return measured, np.zeros_like(measured)
    if tail == "physical":
        return measured, (coefficients * left).sum(axis=-1) / decay
    return measured, (coefficients * left / rates).sum(axis=-1)


def extrapolated_share(measured: Floats, beyond: Floats) -> float:
    """Share of the mean integral that lies beyond the last measurement."""
    total = float(np.mean(measured) + np.mean(beyond))
    return float(np.mean(beyond)) / total if total > 0 else 0.0
