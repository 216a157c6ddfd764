r"""Collisions of electrons with free electrons at rest (Møller).

Energies in keV, cross sections in barn per electron. Of two electrons that leave a collision the
slower counts as the secondary: losses reach half the energy.

References
----------
.. [Mol32] C. Møller, Ann. Phys. 406, 531 (1932), doi:10.1002/andp.19324060506
.. [ICRU37] ICRU Report 37, Stopping Powers for Electrons and Positrons (1984).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import CLASSICAL_ELECTRON_RADIUS_2_b, ELECTRON_REST_keV

__all__ = ["differential_b_per_keV", "moments", "scattering_cosine"]

Floats = NDArray[np.float64]


def front_b_keV(energy_keV: ArrayLike) -> Floats:
    r""":math:`2\pi r_e^2 mc^2 / \beta^2`."""
    tau = np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    beta2 = tau * (tau + 2.0) / (tau + 1.0) ** 2
    return 2.0 * np.pi * CLASSICAL_ELECTRON_RADIUS_2_b * ELECTRON_REST_keV / beta2


def differential_b_per_keV(energy_keV: ArrayLike, loss_keV: ArrayLike) -> Floats:
    r"""Cross section per energy loss W [Mol32]_, for 0 < W <= E/2.

    .. math:: \frac{d\sigma}{dW} = \frac{2\pi r_e^2 mc^2}{\beta^2 W^2} \left[1 +
        \frac{W^2}{(E-W)^2} + \left(\frac{\gamma-1}{\gamma}\right)^2 \frac{W^2}{E^2} -
        \frac{2\gamma-1}{\gamma^2} \frac{W}{E-W}\right]
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    loss = np.asarray(loss_keV, dtype=np.float64)
    gamma = 1.0 + energy / ELECTRON_REST_keV
    other = loss / (energy - loss)
    shape = (
        1.0
        + other**2
        + ((gamma - 1.0) / gamma * loss / energy) ** 2
        - (2.0 * gamma - 1.0) / gamma**2 * other
    )
    return front_b_keV(energy) / loss**2 * shape


def moments(energy_keV: ArrayLike, least_loss_keV: float) -> tuple[Floats, Floats, Floats]:
    r"""Integrals :math:`\int W^n d\sigma` from a least loss to E/2, n = 0, 1, 2; zero where none.

    Returns
    -------
    cross section, ndarray
        Barn per electron.
    loss : ndarray
        Barn keV.
    variance : ndarray
        Barn keV².
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    gamma = 1.0 + energy / ELECTRON_REST_keV
    a = ((gamma - 1.0) / gamma) ** 2
    b = (2.0 * gamma - 1.0) / gamma**2

    def primitives(e: Floats) -> tuple[Floats, Floats, Floats]:
        u = 1.0 - e
        return (
            -1.0 / e + 1.0 / u + a * e - b * np.log(e / u),
            np.log(e) + 1.0 / u + np.log(u) + a * e**2 / 2.0 + b * np.log(u),
            e + 1.0 / u + 2.0 * np.log(u) - u + a * e**3 / 3.0 + b * (e + np.log(u)),
        )

    low = primitives(np.minimum(least_loss_keV / energy, 0.5))
    high = primitives(np.full_like(energy, 0.5))
    front = front_b_keV(energy)
    none, first, second = (front * (h - c) for h, c in zip(high, low, strict=True))
    return none / energy, first, second * energy


def scattering_cosine(energy_keV: ArrayLike, kept_keV: ArrayLike) -> Floats:
    r"""Cosine of the direction of an electron of ``kept_keV`` after a free collision of one of E.

    .. math:: \cos^2\theta = \frac{E'}{E}\,\frac{E + 2mc^2}{E' + 2mc^2}

    Holds for both electrons, and for positrons: momentum is conserved.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    kept = np.asarray(kept_keV, dtype=np.float64)
    twice = 2.0 * ELECTRON_REST_keV
    return np.sqrt(kept * (energy + twice) / (energy * (kept + twice)))
