"""Bremsstrahlung tables: spectra of one shape per element, scaled to the radiative stopping power.

Energies in keV; stopping in keV/mm and rates in 1/mm, per g/mL.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.data.electron_elements import electron_element
from pdcraft.physics import bremsstrahlung

__all__ = ["Radiation", "radiation"]

Floats = NDArray[np.float64]
STEPS = 200  # of each spectrum, uniform in ln k
LEAST_PHOTON = 1e-4  # of the electron's energy; softer photons carry k sigma du less than 1e-3
TIP = 1.0 - 1e-9
MeV_cm2_per_g = 100.0  # in keV/mm per g/mL


class Radiation(NamedTuple):
    """Radiative losses of a material at some energies; electrons and positrons, as rows 0, 1."""

    stopping: Floats  # (2, energies): all photons
    soft_stopping: Floats  # (2, energies): photons below the limit
    rate: Floats  # (2, energies): of photons above the limit
    quantile: Floats  # (energies, n_q): ln(k/limit) / ln(E/limit) at uniform probabilities


def radiation(material: Material, energy_keV: Floats, limit_keV: float, n_q: int) -> Radiation:
    """Make the table of one material."""
    n = energy_keV.size
    stopping = np.zeros((2, n))
    spectrum_soft = np.zeros((2, n))
    rate = np.zeros((2, n))
    above = np.zeros((n, STEPS + 1))
    energy = energy_keV[:, None]
    hard = energy_keV > limit_keV
    bottom = np.where(hard, limit_keV, energy_keV * 0.5)[:, None]
    part = np.linspace(0.0, 1.0, STEPS + 1)
    k_hard = bottom * (energy * TIP / bottom) ** part
    least = energy * LEAST_PHOTON
    k_soft = least * (np.maximum(bottom / least, 1.0)) ** part
    base_hard = bremsstrahlung.koch_motz_3bn_b(energy, k_hard)
    base_soft = bremsstrahlung.koch_motz_3bn_b(energy, k_soft)
    for z, w in material.mass_fractions:
        shape_hard = base_hard * bremsstrahlung.elwert_factor(energy, k_hard, z)
        shape_soft = base_soft * bremsstrahlung.elwert_factor(energy, k_soft, z)
        lost_hard = np.trapezoid(shape_hard, k_hard, axis=1)
        lost_soft = np.trapezoid(shape_soft, k_soft, axis=1) + shape_soft[:, 0] * least[:, 0]
        lost = lost_hard + lost_soft
        electron = w * MeV_cm2_per_g * electron_element(z).radiative(energy_keV)
        share = bremsstrahlung.positron_share(energy_keV, z)
        log_k = np.log(k_hard)
        number = np.trapezoid(shape_hard, log_k, axis=1)
        for charge, loss in enumerate((electron, electron * share)):
            stopping[charge] += loss
            spectrum_soft[charge] += loss * np.where(hard, lost_soft / lost, 1.0)
            rate[charge] += np.where(hard, loss * number / lost, 0.0)
        above += (electron / lost)[:, None] * shape_hard
    return Radiation(stopping, spectrum_soft, rate, _quantiles(above, n_q))


def _quantiles(shape: Floats, n_q: int) -> Floats:
    """Invert the cumulative spectra, given on a uniform grid of ln k."""
    part = np.linspace(0.0, 1.0, shape.shape[1])
    steps = 0.5 * (shape[:, 1:] + shape[:, :-1])
    cumulative = np.concatenate((np.zeros((len(shape), 1)), np.cumsum(steps, axis=1)), axis=1)
    want = np.linspace(0.0, 1.0, n_q)
    return np.array([np.interp(want, row / row[-1], part) for row in cumulative])
