r"""Elastic scattering of electrons and positrons by atoms: Born with Mott's spin correction.

Angles as :math:`\mu = (1 - \cos\theta)/2 = \sin^2(\theta/2)`, energies in keV, cross sections in
barn per atom and unit of mu.

References
----------
.. [MF48] W.A. McKinley, H. Feshbach, Phys. Rev. 74, 1759 (1948), doi:10.1103/PhysRev.74.1759
.. [Mott29] N.F. Mott, Proc. R. Soc. A 124, 425 (1929), doi:10.1098/rspa.1929.0127
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import (
    FINE_STRUCTURE,
    CLASSICAL_ELECTRON_RADIUS_2_b,
    ELECTRON_REST_keV,
)

__all__ = ["angle_grid", "mckinley_feshbach", "rutherford_b", "screened_b", "screening_unit"]

Floats = NDArray[np.float64]


def screening_unit(energy_keV: ArrayLike) -> Floats:
    r"""Give the mu of a momentum transfer of 1/bohr: :math:`(\alpha mc^2/2pc)^2`."""
    energy = np.asarray(energy_keV, dtype=np.float64)
    p2 = energy * (energy + 2.0 * ELECTRON_REST_keV)
    return np.square(FINE_STRUCTURE * ELECTRON_REST_keV) / (4.0 * p2)


def angle_grid(energy_keV: ArrayLike, u: ArrayLike) -> Floats:
    r"""Angles :math:`\mu = a[(1 + 1/a)^u - 1]`, a = `screening_unit`; 0 at u = 0, 1 at u = 1.

    Even in ln mu beyond the angles that screening flattens. Energies and u broadcast.
    """
    a = screening_unit(energy_keV)
    return np.clip(a * np.expm1(np.asarray(u) * np.log1p(1.0 / a)), 0.0, 1.0)


def rutherford_b(energy_keV: ArrayLike, mu: ArrayLike) -> Floats:
    r"""Cross section of a bare nucleus without spin, over Z².

    .. math:: \frac{d\sigma}{d\mu} = \frac{\pi r_e^2}{\beta^4\gamma^2\mu^2}
    """
    tau = np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    beta2_gamma = tau * (tau + 2.0) / (tau + 1.0)
    return np.pi * CLASSICAL_ELECTRON_RADIUS_2_b / (beta2_gamma * np.asarray(mu)) ** 2


def screened_b(energy_keV: ArrayLike, mu: ArrayLike, z: int, charge: int = 0) -> Floats:
    """Wentzel-like cross section that the exact ones are stored as ratios to.

    Rutherford's with mu + `screening_unit` for mu, times Z² and `mckinley_feshbach`.
    """
    mu = np.asarray(mu, dtype=np.float64)
    wide = rutherford_b(energy_keV, mu + screening_unit(energy_keV))
    return z**2 * wide * mckinley_feshbach(energy_keV, mu, z, charge)


def mckinley_feshbach(energy_keV: ArrayLike, mu: ArrayLike, z: int, charge: int = 0) -> Floats:
    r"""Ratio to Rutherford's cross section by spin, to second order in Z alpha [MF48]_.

    .. math:: 1 - \beta^2\mu \pm \pi\alpha Z\beta \sqrt\mu (1 - \sqrt\mu)

    The upper sign holds for electrons (charge 0), the lower for positrons (charge 1).
    """
    tau = np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    beta2 = tau * (tau + 2.0) / (tau + 1.0) ** 2
    mu = np.asarray(mu, dtype=np.float64)
    sine = np.sqrt(mu)
    sign = 1.0 if charge == 0 else -1.0
    second = sign * np.pi * FINE_STRUCTURE * z * np.sqrt(beta2) * sine * (1.0 - sine)
    return 1.0 - beta2 * mu + second
