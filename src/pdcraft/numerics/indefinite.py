r"""Integrals up to a limit of functions sampled on a uniform grid, by sinc interpolation.

For a function that decays at both ends and is smooth on the scale of the step h,

.. math:: \int_{-\infty}^{t} f(x)\,dx \approx h \sum_j f(x_j)
    \left[\tfrac12 + \tfrac1\pi \mathrm{Si}\!\left(\frac{\pi (t - x_j)}{h}\right)\right],

as exact as the trapezoid sum of the whole, which is exponentially so in 1/h [S93]_. The weights do
not depend on f, so that one matrix serves many functions.

References
----------
.. [S93] F. Stenger, Numerical Methods Based on Sinc and Analytic Functions, Springer 1993
   (recalled, not verified; the tests compare with adaptive quadrature)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats

__all__ = ["weights_below"]


def weights_below(nodes: Floats, limit: ArrayLike) -> Floats:
    """Weights of the integral up to each limit, shape (limits..., nodes).

    Parameters
    ----------
    nodes : ndarray, shape (nodes,)
        Uniform and rising.
    limit : array_like, any shape
        Infinite limits are allowed.

    Examples
    --------
    >>> x = np.linspace(-8, 8, 81)
    >>> density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    >>> round(float(weights_below(x, 1.0) @ density), 12)
    0.841344746069
    """
    from scipy.special import sici

    step = nodes[1] - nodes[0]
    far = np.clip(np.asarray(limit, dtype=float), nodes[0] - 1e9 * step, nodes[-1] + 1e9 * step)
    z = np.pi * (far[..., None] - nodes) / step
    return step * (0.5 + sici(z)[0] / np.pi)
