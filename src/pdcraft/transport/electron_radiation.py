"""Bremsstrahlung tables: spectra of one shape per element, scaled to the radiative stopping power.

Energies in keV; stopping in keV/mm and rates in 1/mm, per g/mL.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.data.electron_elements import electron_element
from pdcraft.physics import bremsstrahlung

__all__ = ["Radiation", "radiation"]

Floats = NDArray[np.float64]
STEPS = 96  # of each spectrum, uniform in ln k
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
    soft = np.zeros((2, n))
    rate = np.zeros((2, n))
    above = np.zeros((n, STEPS + 1))
    hard = energy_keV > limit_keV
    for z, w in material.mass_fractions:
        spectrum = _spectrum(z, tuple(energy_keV.tolist()), limit_keV)
        electron = w * MeV_cm2_per_g * electron_element(z).radiative(energy_keV)
        share = bremsstrahlung.positron_share(energy_keV, z)
        for charge, loss in enumerate((electron, electron * share)):
            stopping[charge] += loss
            soft[charge] += loss * np.where(hard, spectrum.soft_share, 1.0)
            rate[charge] += np.where(hard, loss * spectrum.number, 0.0)
        above += electron[:, None] * spectrum.shape
    return Radiation(stopping, soft, rate, _quantiles(above, n_q))


class _Spectrum(NamedTuple):
    """Photons of an electron in an element, per keV lost to radiation; energies as rows."""

    soft_share: Floats  # (energies,): of the loss, by photons below the limit
    number: Floats  # (energies,): photons above the limit per keV
    shape: Floats  # (energies, STEPS + 1): k dn/dk on a uniform grid of ln k above the limit


@lru_cache(maxsize=64)
def _spectrum(z: int, energies_keV: tuple[float, ...], limit_keV: float) -> _Spectrum:
    energy = np.array(energies_keV)[:, None]
    bottom = np.where(energy > limit_keV, limit_keV, energy * 0.5)
    part = np.linspace(0.0, 1.0, STEPS + 1)
    k = bottom * (energy * TIP / bottom) ** part
    least = energy * LEAST_PHOTON
    k_soft = least * np.maximum(bottom / least, 1.0) ** part

    def shape(photon: Floats) -> Floats:
        born = bremsstrahlung.koch_motz_3bn_b(energy, photon)
        screened = born - bremsstrahlung.screening_loss_b(energy, photon, z)
        return np.maximum(screened, 0.0) * bremsstrahlung.elwert_factor(energy, photon, z)

    hard, soft = shape(k), shape(k_soft)
    lost_hard = np.trapezoid(hard, k, axis=1)
    lost_soft = np.trapezoid(soft, k_soft, axis=1) + soft[:, 0] * least[:, 0]
    lost = lost_hard + lost_soft
    number = np.trapezoid(hard, np.log(k), axis=1) / lost
    return _Spectrum(lost_soft / lost, number, hard / lost[:, None])


def _quantiles(shape: Floats, n_q: int) -> Floats:
    """Invert the cumulative spectra, given on a uniform grid of ln k."""
    part = np.linspace(0.0, 1.0, shape.shape[1])
    steps = 0.5 * (shape[:, 1:] + shape[:, :-1])
    cumulative = np.concatenate((np.zeros((len(shape), 1)), np.cumsum(steps, axis=1)), axis=1)
    want = np.linspace(0.0, 1.0, n_q)
    return np.array([np.interp(want, row / row[-1], part) for row in cumulative])
