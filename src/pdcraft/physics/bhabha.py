r"""Collisions of positrons with free electrons at rest (Bhabha).

Energies in keV, cross sections in barn per electron. A positron may lose all its energy.

References
----------
.. [Bha36] H.J. Bhabha, Proc. R. Soc. A 154, 195 (1936), doi:10.1098/rspa.1936.0046
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.physics.moller import front_b_keV

__all__ = ["coefficients", "differential_b_per_keV", "moments"]

Floats = NDArray[np.float64]


def coefficients(energy_keV: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    r"""Give b1 to b4 of :math:`1 - b_1 x + b_2 x^2 - b_3 x^3 + b_4 x^4`, x = W/E [Bha36]_."""
    gamma = 1.0 + np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    y = 1.0 / (gamma + 1.0)
    c = 1.0 - 2.0 * y
    beta2 = 1.0 - gamma**-2
    return beta2 * (2.0 - y**2), beta2 * c * (3.0 + y**2), beta2 * c**2 * (1.0 + c), beta2 * c**3


def differential_b_per_keV(energy_keV: ArrayLike, loss_keV: ArrayLike) -> Floats:
    r"""Cross section per energy loss W [Bha36]_, for 0 < W <= E.

    .. math:: \frac{d\sigma}{dW} = \frac{2\pi r_e^2 mc^2}{\beta^2 W^2}
        \left[1 - b_1 x + b_2 x^2 - b_3 x^3 + b_4 x^4\right]
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    loss = np.asarray(loss_keV, dtype=np.float64)
    b1, b2, b3, b4 = coefficients(energy)
    x = loss / energy
    return front_b_keV(energy) / loss**2 * (1.0 - x * (b1 - x * (b2 - x * (b3 - x * b4))))


def moments(energy_keV: ArrayLike, least_loss_keV: float) -> tuple[Floats, Floats, Floats]:
    r"""Integrals :math:`\int W^n d\sigma` from a least loss to E, n = 0, 1, 2; zero where none.

    Returns
    -------
    cross section, loss, variance : ndarray
        Barn, barn keV, barn keV² per electron.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    b1, b2, b3, b4 = coefficients(energy)
    c = np.minimum(least_loss_keV / energy, 1.0)
    log = -np.log(c)

    def power(n: int) -> Floats:
        return (1.0 - c**n) / n

    none = 1.0 / c - 1.0 - b1 * log + b2 * power(1) - b3 * power(2) + b4 * power(3)
    first = log - b1 * power(1) + b2 * power(2) - b3 * power(3) + b4 * power(4)
    second = power(1) - b1 * power(2) + b2 * power(3) - b3 * power(4) + b4 * power(5)
    front = front_b_keV(energy)
    return front * none / energy, front * first, front * second * energy
