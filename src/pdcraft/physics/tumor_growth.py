r"""Growth of a tumor without treatment.

References
----------
.. [S04] M. Simeoni et al., Cancer Res. 64, 1094 (2004), doi:10.1158/0008-5472.CAN-03-2524
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["exponential_linear_per_d"]


def exponential_linear_per_d(
    mass_g: ArrayLike, lambda0_per_d: ArrayLike, lambda1_g_per_d: ArrayLike, psi: ArrayLike
) -> NDArray[np.float64]:
    r"""Specific growth rate that is exponential in small and linear in large tumors [S04]_.

    :math:`\lambda_0 / [1 + (\lambda_0 w / \lambda_1)^\psi]^{1/\psi}`: times the mass it is
    :math:`\lambda_0 w` far below and :math:`\lambda_1` far above :math:`w = \lambda_1/\lambda_0`.

    Parameters
    ----------
    mass_g : array_like, shape (...)
        Zero or more.
    lambda0_per_d, lambda1_g_per_d : array_like, shape (...)
        Rate of exponential growth, and mass per day of linear growth; infinite for none.
    psi : array_like, shape (...)
        Sharpness of the change; 20 makes it nearly a switch.

    Returns
    -------
    ndarray, shape (...)
        1/d.

    Examples
    --------
    >>> exponential_linear_per_d([0.0, 100.0], 0.273, 0.814, 20.0).round(5).tolist()
    [0.273, 0.00814]
    """
    rate = np.asarray(lambda0_per_d, dtype=float)
    ratio = rate * np.asarray(mass_g, dtype=float) / lambda1_g_per_d
    power = np.asarray(psi, dtype=float)
    big = np.maximum(ratio, 1.0)  # pulled out, so that no power overflows
    slowing = big * (big**-power + (ratio / big) ** power) ** (1.0 / power)
    return np.asarray(rate / slowing, dtype=np.float64)
