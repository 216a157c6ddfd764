r"""What electrons set free by photons radiate: the share g between energy transfer and absorption.

References
----------
.. [Sel93] S.M. Seltzer, Radiat. Res. 136, 147 (1993), doi:10.2307/3578607: g of NIST's mu_en.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.material import Material
from pdcraft.data.electron_elements import electron_element
from pdcraft.data.photons import HIGHEST_keV, LOWEST_keV, photon_coefficients
from pdcraft.physics import collision, density_effect
from pdcraft.physics.pair import THRESHOLD_keV
from pdcraft.transport.electron_data import electrons_mol_per_g, oscillators_of

__all__ = ["radiated_share"]

GRID_keV = np.geomspace(LOWEST_keV, HIGHEST_keV, 241)
SPLITS = (np.arange(16) + 0.5) / 16  # shares of a pair's energy, uniform


def _radiated_keV(material: Material) -> Floats:
    """Energy that an electron radiates while it slows down, on the grid; none below 1 keV."""
    matter = oscillators_of(material)
    delta = density_effect.delta(collision.momentum2(GRID_keV), matter)
    lost = collision.stopping_MeV_cm2_per_g(
        GRID_keV, electrons_mol_per_g(material), material.mean_excitation_eV, delta
    )
    radiative = sum(w * electron_element(z).radiative(GRID_keV) for z, w in material.mass_fractions)
    share = radiative / (radiative + lost)
    steps = 0.5 * (share[1:] + share[:-1]) * np.diff(GRID_keV)
    return np.concatenate(([0.0], np.cumsum(steps)))


@lru_cache(maxsize=32)
def _table(material: Material) -> Floats:
    radiated = _radiated_keV(material)

    def of(electron_keV: Floats) -> Floats:
        return np.interp(electron_keV, GRID_keV, radiated)

    photons = photon_coefficients(material.mass_fractions, GRID_keV)
    recoil_keV = GRID_keV[:, None] * (1.0 - photons.scatter.kept)
    compton = np.sum(photons.scatter.probability * of(recoil_keV), axis=1)
    kinetic = np.maximum(GRID_keV - THRESHOLD_keV, 0.0)[:, None]
    pairs = 2.0 * np.mean(of(kinetic * SPLITS), axis=1)
    total = photons.photo * of(GRID_keV) + photons.compton * compton + photons.pair * pairs
    return total / (GRID_keV * photons.energy_transfer)


def radiated_share(material: Material) -> Callable[[Floats], Floats]:
    r"""Share of the energy given to electrons that they radiate, as a function of photon energy.

    .. math:: 1 - \mu_{en}/\mu_{tr} = g = \frac{\sum_i \mu_i \overline{T Y(T)}_i}{E \mu_{tr}},
        \quad T\,Y(T) = \int_0^T \frac{S_{rad}}{S_{rad} + S_{col}} dT'

    Parameters
    ----------
    material : Material

    Returns
    -------
    callable
        From photon energies in keV, 1 to 3000, to g. Positrons are taken as electrons; their
        annihilation in flight is left out. NIST's mu_en [Sel93]_ is met within 0.2% to 3 MeV.

    Raises
    ------
    DataError
        For an element without electron data.
    """
    table = _table(material)

    def share(energy_keV: Floats) -> Floats:
        return np.interp(np.log(energy_keV), np.log(GRID_keV), table)

    return share
