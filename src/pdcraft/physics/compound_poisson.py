r"""Sums of a Poisson number of equal random parts: what many independent events leave together.

With a mean number :math:`\lambda` of events, each of density :math:`f_1`, the characteristic
function of the sum is :math:`\exp(\lambda(\varphi_1 - 1))`, which the fast Fourier transform turns
into the density. Values, any one unit, stand on a grid from 0 in equal steps.

References
----------
.. [Kel85] A.M. Kellerer, Fundamentals of microdosimetry, in: The Dosimetry of Ionizing Radiation
   vol. 1, Academic Press (1985).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from pdcraft.errors import PhysicsRangeError

__all__ = ["compound_poisson"]

Floats = NDArray[np.float64]

SIGMAS, MORE_EVENTS = 12.0, 8  # beyond its mean that the grid holds, so that nothing wraps around
MOST_NODES = 1 << 24


def compound_poisson(single: Floats, mean_events: float) -> Floats:
    r"""Probabilities of the sum of a Poisson number of events on the grid of the single ones.

    Parameters
    ----------
    single : ndarray, shape (n,)
        Probability of each grid value ``0, h, 2h, ...`` of one event, sum 1.
    mean_events : float
        Above 0.

    Returns
    -------
    ndarray, shape (m,)
        Probability of ``0, h, 2h, ...`` of the sum, right to 1e-16 each; :math:`m` reaches 12
        standard deviations and eight of the largest events above the mean. The first holds
        :math:`e^{-\lambda}` of no event at all.

    Raises
    ------
    PhysicsRangeError
        For a mean that is not above 0, or so large that the grid would have more than 16 million
        nodes.

    Examples
    --------
    >>> p = compound_poisson(np.array([0.0, 1.0]), 2.0)  # Poisson itself
    >>> [round(float(x), 4) for x in p[:3]]
    [0.1353, 0.2707, 0.2707]
    """
    if not (np.isfinite(mean_events) and mean_events > 0.0):
        raise PhysicsRangeError(f"the mean number of events is above 0, got {mean_events:g}")
    steps = np.arange(single.size)
    mean = mean_events * float(single @ steps)
    spread = np.sqrt(mean_events * float(single @ steps**2))
    size = int(mean + SIGMAS * spread) + MORE_EVENTS * single.size
    if size > MOST_NODES:
        raise PhysicsRangeError(
            f"{mean_events:.3g} events need {size:,} nodes, above {MOST_NODES:,}; take a coarser "
            "grid of single events, or the normal law of so many"
        )
    size = next_fast_len(size, real=True)
    transform = np.fft.rfft(single, size)
    out = np.fft.irfft(np.exp(mean_events * (transform - 1.0)), size)
    return np.maximum(out, 0.0)
