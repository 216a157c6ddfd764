r"""How liquid water takes up energy at rest: its optical energy-loss function, as many oscillators.

Valence electrons: the imaginary part of :math:`-1/\varepsilon` from a sum of Drude terms
(ionizations) and their derivatives (excitations). The set is the one of amorphous ice, the
condensed phase nearest to the liquid; its strength is scaled to the eight valence electrons at
1 g/mL. The oxygen K shell is one more oscillator, placed so that the mean excitation energy is the
wanted one.

Energies in eV.

References
----------
.. [Emf07] D. Emfietzoglou et al.: optical model and amplitudes of amorphous ice, as transcribed in
   the public code Geant4-IcyMoons/dnaphysics-ice-ions (commit dc0cae9, `epsilon_optical`); the
   article itself was not read.
.. [FV05] J.M. Fernandez-Varea, F. Salvat, M. Dingfelder, D. Liljequist, Nucl. Instrum. Methods B
   229, 187 (2005), doi:10.1016/j.nimb.2004.12.002: stopping from optical data by oscillators.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.density_effect import plasma_energy_eV
from pdcraft.physics.electron import WATER_Z_OVER_A_mol_per_g

__all__ = ["K_SHARE", "PLASMA_eV", "energy_loss_function", "optical_oscillators"]

Floats = NDArray[np.float64]

PLASMA_eV = plasma_energy_eV(WATER_Z_OVER_A_mol_per_g, 1.0)  # all electrons of water as free
K_SHARE = 0.1788  # of the oscillator strength: two electrons of ten, less what Pauli forbids
GAP_eV = 7.0
# resonance, width in eV, strength, threshold [Emf07]_
EXCITATIONS = (
    (8.65, 1.6, 0.0090),
    (10.50, 2.5, 0.0096),
    (12.60, 3.5, 0.0210),
    (14.10, 3.0, 0.0040),
    (14.50, 2.5, 0.0030),
)
IONIZATIONS = (
    (15.40, 5.7, 0.1250, 10.0),
    (18.60, 7.1, 0.1300, 13.0),
    (24.50, 15.0, 0.1100, 17.0),
    (38.00, 30.0, 0.4110, 32.0),
)
OSCILLATORS = 40
SPECTRUM_eV = (GAP_eV, 3000.0)
LOSSES_eV = np.geomspace(1.0, 3.0e4, 20_001)


def energy_loss_function(loss_eV: ArrayLike) -> Floats:
    r"""Optical energy-loss function of the valence electrons, :math:`\mathrm{Im}[-1/\varepsilon]`.

    Parameters
    ----------
    loss_eV : array_like, any shape

    Returns
    -------
    ndarray, same shape
        Of the Drude set at the strengths of its source, at 1 g/mL.
    """
    w = np.asarray(loss_eV, dtype=np.float64)
    real, imaginary = np.ones_like(w), np.zeros_like(w)
    for resonance, width, strength in EXCITATIONS:
        gap, damping = resonance**2 - w**2, width * w
        bottom = np.square(gap**2 + damping**2)
        imaginary += np.where(w >= GAP_eV, 2.0 * strength * damping**3 / bottom, 0.0)
        real += strength * gap * (gap**2 + 3.0 * damping**2) / bottom * PLASMA_eV**2
    real_ions = np.zeros_like(w)
    ions = np.zeros_like(w)
    for resonance, width, strength, threshold in IONIZATIONS:
        gap, damping = resonance**2 - w**2, width * w
        bottom = gap**2 + damping**2
        ions += np.where(w >= threshold, strength * damping / bottom, 0.0)
        real_ions += strength * gap / bottom
    imaginary = (imaginary + ions) * PLASMA_eV**2
    real = real + real_ions * PLASMA_eV**2
    return imaginary / (real**2 + imaginary**2)


@lru_cache(maxsize=4)
def optical_oscillators(mean_excitation_eV: float = 78.0) -> tuple[Floats, Floats]:
    r"""Oscillators that stand for all electrons of water, the K shell last.

    Each covers a slice of the valence spectrum: its strength is the slice's, its resonance the
    slice's logarithmic mean, so that :math:`\sum f = 1` and :math:`\sum f \ln W = \ln I` hold.

    Parameters
    ----------
    mean_excitation_eV : float
        70 to 85.

    Returns
    -------
    resonance_eV, strength : ndarray, shape (41,)
    """
    if not 70.0 <= mean_excitation_eV <= 85.0:
        raise PhysicsRangeError(
            f"the mean excitation energy of water is {mean_excitation_eV:g} eV here; give one of "
            "70 to 85 eV (ICRU 90: 78)"
        )
    density = LOSSES_eV * energy_loss_function(LOSSES_eV)
    rising = 0.5 * (density[1:] + density[:-1]) * np.diff(LOSSES_eV)
    middle = np.sqrt(LOSSES_eV[1:] * LOSSES_eV[:-1])
    edges = np.geomspace(*SPECTRUM_eV, OSCILLATORS + 1)
    slot = np.clip(np.searchsorted(edges, middle) - 1, 0, OSCILLATORS - 1)
    strength = np.bincount(slot, rising, OSCILLATORS)
    logarithm = np.bincount(slot, rising * np.log(middle), OSCILLATORS) / strength
    strength *= (1.0 - K_SHARE) / strength.sum()
    k_shell = (np.log(mean_excitation_eV) - np.sum(strength * logarithm)) / K_SHARE
    resonance = np.exp(np.append(logarithm, k_shell))
    strength = np.append(strength, K_SHARE)
    for array in (resonance, strength):
        array.flags.writeable = False
    return resonance, strength
