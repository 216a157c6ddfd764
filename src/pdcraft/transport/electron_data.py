"""Make the tables of electrons and positrons that the transport kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.data.electron_elements import electron_element
from pdcraft.errors import DataError
from pdcraft.physics import (
    annihilation,
    bhabha,
    collision,
    density_effect,
    elastic,
    moller,
    soft_collisions,
)
from pdcraft.physics.quadrature import cumulative_simpson, spline_matrix
from pdcraft.transport import electron_elastic
from pdcraft.transport.data_types import ElectronData
from pdcraft.transport.electron_elastic import PER_GRAM
from pdcraft.transport.electron_radiation import MeV_cm2_per_g, radiation
from pdcraft.transport.settings import Settings

__all__ = ["COARSE", "ENERGY_keV", "electron_data", "electrons_mol_per_g", "oscillators_of"]

Floats = NDArray[np.float64]

LOWEST_keV, HIGHEST_keV = 0.5, 4000.0
COARSE = 8  # fine nodes per coarse step
ENERGY_keV = np.geomspace(LOWEST_keV, HIGHEST_keV, 48 * COARSE + 1)
SQRT_MU = np.linspace(0.0, 1.0, 129)
N_QUANTILES = 129


class _Losses(NamedTuple):
    """Collisional part of one material, one charge, on the fine nodes."""

    stopping: Floats
    soft_stopping: Floats
    variance: Floats
    hard_rate: Floats
    deflection: tuple[Floats, Floats]


class _Angles(NamedTuple):
    """Elastic part of one material, one charge."""

    scatter: Floats
    hard_mean_K: Floats
    soft_first: Floats
    soft_second: Floats
    cut: Floats
    screening: Floats
    acceptance: Floats  # (coarse nodes, n_mu)


def electrons_mol_per_g(material: Material) -> float:
    """Z/A of a material."""
    return sum(w * z / electron_element(z).atomic_weight for z, w in material.mass_fractions)


def oscillators_of(material: Material) -> density_effect.Oscillators:
    """Shells of all atoms of a material as oscillators, at its nominal density."""
    strength: list[Floats] = []
    binding: list[Floats] = []
    for z, w in material.mass_fractions:
        element = electron_element(z)
        strength.append(w / element.atomic_weight * element.shell_electrons)
        binding.append(element.binding_eV)
    plasma = density_effect.plasma_energy_eV(
        electrons_mol_per_g(material), material.density_g_per_mL
    )
    return density_effect.oscillators(
        np.concatenate(strength), np.concatenate(binding), material.mean_excitation_eV, plasma
    )


def electron_data(materials: tuple[Material, ...], settings: Settings) -> ElectronData:
    """Tables of electrons and positrons in some materials, 0.5 keV to 4 MeV.

    Parameters
    ----------
    materials : tuple of Material
    settings : Settings
        What is simulated one by one: ``deflection``, ``hard_loss_keV``, ``hard_photon_keV``.

    Raises
    ------
    DataError
        If there is no material, or one has an element without data.
    """
    if not materials:
        raise DataError("electron tables need one material or more, got none")
    coarse = ENERGY_keV[::COARSE]
    rows: dict[str, list[list[Floats]]] = {}
    quantiles: list[Floats] = []
    for material in materials:
        photons = radiation(material, ENERGY_keV, settings.hard_photon_keV, N_QUANTILES)
        quantiles.append(photons.quantile[::COARSE])
        for charge in (0, 1):
            losses = _losses(material, charge, settings.hard_loss_keV)
            angles = _angles(material, charge, coarse, losses, settings.deflection)
            full = losses.stopping + photons.stopping[charge]
            rate = annihilation.total_b(ENERGY_keV) * charge
            table = {
                "stopping": losses.soft_stopping + photons.soft_stopping[charge],
                "straggling": losses.variance,
                "csda_mm": _range_mm(full),
                "collision": losses.hard_rate,
                "radiation": photons.rate[charge],
                "annihilation": rate * PER_GRAM * electrons_mol_per_g(material),
                **angles._asdict(),
            }
            for name, values in table.items():
                rows.setdefault(name, [[], []])[charge].append(values)
    return ElectronData(
        lowest_keV=LOWEST_keV,
        log_lowest=float(np.log(LOWEST_keV)),
        nodes_per_log=(ENERGY_keV.size - 1) / float(np.log(HIGHEST_keV / LOWEST_keV)),
        hard_loss_keV=settings.hard_loss_keV,
        hard_photon_keV=settings.hard_photon_keV,
        coarse=COARSE,
        photon_quantile=_read_only(np.array(quantiles)),
        **{name: _read_only(np.array(values)) for name, values in rows.items()},
    )


def _read_only(array: Floats) -> Floats:
    out = np.ascontiguousarray(array, dtype=np.float64)
    out.flags.writeable = False
    return out


def _losses(material: Material, charge: int, limit_keV: float) -> _Losses:
    """Split collision losses at the limit: what is not hard is soft, exactly."""
    matter = oscillators_of(material)
    delta = density_effect.delta(collision.momentum2(ENERGY_keV), matter)
    per_electron = PER_GRAM * electrons_mol_per_g(material)
    stopping = MeV_cm2_per_g * collision.stopping_MeV_cm2_per_g(
        ENERGY_keV, electrons_mol_per_g(material), material.mean_excitation_eV, delta, charge
    )
    hard_b, hard_b_keV, _ = (bhabha if charge else moller).moments(ENERGY_keV, limit_keV)
    variance = soft_collisions.variance_b_keV2(ENERGY_keV, matter, delta, limit_keV)
    first, second = soft_collisions.deflection_moments_b(ENERGY_keV, matter, limit_keV)
    return _Losses(
        stopping,
        stopping - per_electron * hard_b_keV,
        per_electron * variance,
        per_electron * hard_b,
        (per_electron * first, per_electron * second),
    )


def _range_mm(stopping: Floats) -> Floats:
    """Integrate 1/stopping; below the table the range is half of E/stopping, as in ESTAR."""
    log_step = float(np.log(ENERGY_keV[1] / ENERGY_keV[0]))
    return 0.5 * LOWEST_keV / stopping[0] + cumulative_simpson(ENERGY_keV / stopping, log_step)


def _angles(
    material: Material, charge: int, coarse: Floats, losses: _Losses, deflection: float
) -> _Angles:
    """Choose the cut at each energy, and take the moments on both sides of it."""
    sums = electron_elastic.scattering(material, charge, coarse)
    to_fine = spline_matrix(np.log(coarse), np.log(ENERGY_keV))

    def fine(values: Floats) -> Floats:
        return np.exp(to_fine @ np.log(values))

    def fine_sums(cumulative: Floats) -> Floats:
        return np.concatenate((np.zeros((ENERGY_keV.size, 1)), fine(cumulative[:, 1:])), axis=1)

    total, first, second = (fine_sums(s) for s in (sums.total, sums.first, sums.second))
    inelastic1, inelastic2 = losses.deflection
    scatter = first[:, -1] + inelastic1
    u = electron_elastic.cut_at(total, scatter / deflection)
    cut = elastic.angle_grid(ENERGY_keV, u)
    screening = fine(_screening(sums))
    soft1, soft2 = (electron_elastic.at_cut(u, s) for s in (first, second))
    return _Angles(
        scatter=scatter,
        hard_mean_K=scatter / (total[:, -1] - electron_elastic.at_cut(u, total)),
        soft_first=(soft1 + inelastic1) / scatter,
        soft_second=(soft2 + inelastic2) / scatter,
        cut=cut,
        screening=screening,
        acceptance=_acceptance(sums, screening[::COARSE], cut),
    )


def _screening(sums: electron_elastic.Scattering) -> Floats:
    """Find A of the 1/(mu + A)² law that has the same mean of mu as the cross section."""
    log_a = np.linspace(np.log(1e-10), np.log(10.0), 500)
    a = np.exp(log_a)
    mean = a * ((1.0 + a) * np.log1p(1.0 / a) - 1.0)
    want = 0.5 * sums.first[:, -1] / sums.total[:, -1]
    return np.exp(np.interp(np.log(want), np.log(mean), log_a))


def _acceptance(sums: electron_elastic.Scattering, screening: Floats, cut: Floats) -> Floats:
    """DCS over the proposal, over its maximum beyond the smallest cut of the nodes around."""
    out = np.empty((len(screening), SQRT_MU.size))
    for j, a in enumerate(screening):
        log = np.interp(SQRT_MU, np.sqrt(sums.mu[j]), np.log(sums.density[j]))
        density = np.exp(log)
        ratio = density * (SQRT_MU**2 + a) ** 2
        around = cut[max(0, (j - 1) * COARSE) : (j + 1) * COARSE + 1]
        least = np.sqrt(around.min())
        highest = max(float(np.interp(least, SQRT_MU, ratio)), ratio[SQRT_MU >= least].max())
        out[j] = ratio / highest
    return out
