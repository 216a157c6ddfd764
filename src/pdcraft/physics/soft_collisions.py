r"""Many small energy losses at once: their variance, and how much they deflect.

Every oscillator of the material (`pdcraft.physics.density_effect`) of resonance W takes part in
distant collisions, which lose W, with recoil energies Q < W, and in close ones with electrons as
if free, which lose Q > W: the generalized oscillator strength of [Lil83]_, whose
sums give back the Bethe stopping power.

Energies in keV; results per electron of the material, in barn times keV² or 1.

References
----------
.. [Lil83] D. Liljequist, J. Phys. D 16, 1567 (1983), doi:10.1088/0022-3727/16/8/023
.. [SFV92] F. Salvat, J.M. Fernandez-Varea, Nucl. Instrum. Methods B 63, 255 (1992),
   doi:10.1016/0168-583X(92)95108-4
.. [Fan54] U. Fano, Phys. Rev. 93, 117 (1954), doi:10.1103/PhysRev.93.117: deflection by electrons.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.physics.density_effect import Oscillators
from pdcraft.physics.moller import front_b_keV

__all__ = ["deflection_moments_b", "distant_logarithms", "least_recoil_keV", "variance_b_keV2"]

Floats = NDArray[np.float64]


def least_recoil_keV(energy: Floats, loss: Floats) -> Floats:
    """Recoil energy of a collision that loses ``loss`` and does not deflect."""
    rest = ELECTRON_REST_keV
    before = np.sqrt(energy * (energy + 2.0 * rest))
    after = np.sqrt((energy - loss) * (energy - loss + 2.0 * rest))
    change2 = (loss * (2.0 * energy - loss + 2.0 * rest) / (before + after)) ** 2
    return change2 / (np.sqrt(change2 + rest**2) + rest)


def distant_logarithms(
    energy_keV: ArrayLike, matter: Oscillators, density_effect: ArrayLike
) -> Floats:
    r"""Give the stopping number of distant collisions with each oscillator, shape (n, oscillators).

    .. math:: L_i = \ln\frac{W_i (Q_- + 2mc^2)}{Q_- (W_i + 2mc^2)} + \ln\gamma^2 - \beta^2 - \delta

    with :math:`Q_-` the least recoil energy [SFV92]_; zero where W is more than the energy.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)[:, None]
    w = matter.resonance_keV[None, :]
    recoil = least_recoil_keV(energy, np.minimum(w, energy))
    twice = 2.0 * ELECTRON_REST_keV
    gamma2 = (1.0 + energy / ELECTRON_REST_keV) ** 2
    longitudinal = np.log(w * (recoil + twice) / (recoil * (w + twice)))
    transverse = np.log(gamma2) - 1.0 + 1.0 / gamma2 - np.asarray(density_effect)[:, None]
    both = np.maximum(longitudinal, 0.0) + np.maximum(transverse, 0.0)
    return np.where(w < energy, both, 0.0)


def variance_b_keV2(
    energy_keV: ArrayLike, matter: Oscillators, density_effect: ArrayLike, most_loss_keV: float
) -> Floats:
    r"""Sum of squared losses in collisions that lose up to a limit :math:`W_c`, barn keV².

    .. math:: \frac{2\pi r_e^2 mc^2}{\beta^2} \sum_i f_i \left[ W_i L_i + \max(W_c - W_i, 0)
        \right]

    Parameters
    ----------
    energy_keV : ndarray, shape (n,)
    matter : Oscillators
    density_effect : array_like, shape (n,)
    most_loss_keV : float
        Close collisions end here, and at half the energy.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    w = matter.resonance_keV[None, :]
    distant = w * distant_logarithms(energy, matter, density_effect)
    close = np.maximum(np.minimum(most_loss_keV, energy / 2.0)[:, None] - w, 0.0)
    return front_b_keV(energy) * ((distant + close) @ matter.strength)


def deflection_moments_b(
    energy_keV: ArrayLike, matter: Oscillators, most_loss_keV: float
) -> tuple[Floats, Floats]:
    r"""Transport cross sections 1 and 2 of collisions that lose up to a limit [Fan54]_.

    Small recoils: the momentum change is :math:`q^2 = Q(Q + 2mc^2)`, the deflection
    :math:`\mu = q_\perp^2 / 4p^2`; distant collisions spread as dQ/Q up to W, close ones as dQ/Q².

    .. math:: \sigma_1 = \frac{2\pi r_e^2 mc^2}{\beta^2} \frac{mc^2}{(pc)^2}
        \sum_i f_i \left[ 1 + \ln(W_c/W_i) \right]

    Returns
    -------
    first, second : ndarray, shape (n,)
        :math:`\int (1 - P_l(\cos\theta)) d\sigma`, barn per electron, l = 1, 2; second is three
        times the first but for the square of the deflection.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)[:, None]
    w = matter.resonance_keV[None, :]
    p2 = energy * (energy + 2.0 * ELECTRON_REST_keV)
    per_loss = ELECTRON_REST_keV / (2.0 * p2)  # mu of a free collision per keV lost
    top = np.minimum(most_loss_keV, energy / 2.0)
    least = least_recoil_keV(energy, np.minimum(w, energy))
    # mean of mu and mu² over the recoils: distant (1/W) int dQ/Q Q^n, close int dQ/Q² Q^n
    distant1 = np.maximum(1.0 - least / w * (1.0 + np.log(w / np.minimum(least, w))), 0.0)
    close1 = np.log(np.maximum(top, w) / w)
    distant2 = w / 2.0
    close2 = np.maximum(top - w, 0.0)
    is_open = w < energy
    mu1 = np.where(is_open, per_loss * (distant1 + close1), 0.0) @ matter.strength
    mu2 = np.where(is_open, per_loss**2 * (distant2 + close2), 0.0) @ matter.strength
    front = front_b_keV(energy[:, 0])
    return 2.0 * front * mu1, 6.0 * front * (mu1 - mu2)
