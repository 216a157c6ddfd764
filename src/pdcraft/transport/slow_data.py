"""Tables of single collisions of slow electrons in liquid water, for `transport.slow_electron`."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.data.electron_elements import electron_element
from pdcraft.data.materials import material
from pdcraft.physics import elastic, slow_electron, water_response
from pdcraft.physics.atomic_density import SlaterAtom
from pdcraft.physics.quadrature import cumulative_simpson
from pdcraft.physics.slow_electron import SlowModel
from pdcraft.transport.elastic_table import atom_like, cross_sections_b
from pdcraft.transport.electron_elastic import PER_GRAM, atom_b

__all__ = ["CUTOFF_keV", "HIGHEST_keV", "SlowData", "slow_data"]

Floats = NDArray[np.float64]

CUTOFF_keV, HIGHEST_keV = 0.05, 45.0
NODES = 240
ENERGY_keV = np.geomspace(CUTOFF_keV, HIGHEST_keV, NODES)
QUANTILES = 513
TAIL = 3
FINE_U = np.linspace(0.0, 1.0, 513)
PARTIAL_WAVES_keV = 0.5  # below, where the shipped table ends, partial waves are summed here
SLOW_NODES = 13


class SlowData(NamedTuple):
    """Collisions of electrons in water of 1 g/mL, on nodes even in the logarithm of the energy."""

    log_lowest: float
    nodes_per_log: float
    elastic: Floats  # (nodes,): 1/mm
    mu: Floats  # (nodes, quantiles): (1 - cos)/2 at probabilities 1 - (1 - t)³, t uniform: dense
    # at large angles, which are rare and turn most
    inelastic: Floats  # (nodes,): 1/mm
    chosen: Floats  # (nodes, channels): cumulative share; channels are oscillators, or their
    # distant collisions, then their close ones
    resonance_keV: Floats  # (oscillators,), the K shell last
    split: int  # 1: distant and close collisions apart; 0: losses with their recoils as one
    outer_keV: float  # binding of the electrons set free, but of the K shell
    k_shell_keV: float


@lru_cache(maxsize=8)
def slow_data(
    model: SlowModel = "oscillator", mean_excitation_eV: float = 78.0, elastic_factor: float = 1.0
) -> SlowData:
    """Make the tables of one model (some seconds).

    Parameters
    ----------
    model : {"oscillator", "dielectric"}
        Of the stopping power, and of single losses: distant or close ones of each oscillator, or
        resonance and recoil together. Their number is scaled to the model's stopping power, which
        changes it by some per cent at most.
    mean_excitation_eV : float
    elastic_factor : float
        On the elastic cross section below 1 keV, which for molecules in a liquid is not known
        well; goes over into 1 between 1 and 3 keV.
    """
    energy = ENERGY_keV
    split = model == "oscillator"
    collisions = slow_electron.split_b if split else slow_electron.inelastic_b
    number, loss = collisions(energy, mean_excitation_eV)
    wanted = slow_electron.stopping_MeV_cm2_per_g(energy, model, mean_excitation_eV)
    scale = wanted / (slow_electron.PER_GRAM_MeV_cm2 * loss.sum(axis=1))
    total = number.sum(axis=1)
    per_mm = PER_GRAM * slow_electron.WATER_Z_OVER_A_mol_per_g * total * scale
    elastic_per_mm, mu = _elastic()
    blend = np.clip(np.log(energy / 1.0) / np.log(3.0), 0.0, 1.0)
    resonance, _ = water_response.optical_oscillators(mean_excitation_eV)
    return SlowData(
        log_lowest=float(np.log(CUTOFF_keV)),
        nodes_per_log=(NODES - 1) / float(np.log(HIGHEST_keV / CUTOFF_keV)),
        elastic=np.ascontiguousarray(elastic_per_mm * (elastic_factor * (1 - blend) + blend)),
        mu=np.ascontiguousarray(mu),
        inelastic=np.ascontiguousarray(per_mm),
        chosen=np.ascontiguousarray(np.cumsum(number, axis=1) / total[:, None]),
        resonance_keV=np.ascontiguousarray(1e-3 * resonance),
        split=int(split),
        outer_keV=0.0126,  # first ionization energy of the molecule, 12.6 eV
        k_shell_keV=1e-3 * float(electron_element(8).binding_eV[0]),
    )


@cache
def _elastic() -> tuple[Floats, Floats]:
    """Macroscopic cross section, 1/mm, and quantiles of mu; molecules as their free atoms."""
    log_total, quantile = [], []
    coarse = np.concatenate(
        [
            np.geomspace(CUTOFF_keV, PARTIAL_WAVES_keV, SLOW_NODES)[:-1],
            np.geomspace(PARTIAL_WAVES_keV, HIGHEST_keV, 27),
        ]
    )
    want = 1.0 - (1.0 - np.linspace(0.0, 1.0, QUANTILES)) ** TAIL
    for e in coarse:
        mu = elastic.angle_grid(e, FINE_U)
        density = _molecule(float(e), mu)
        unit = elastic.screening_unit(e)
        per_u = density * (mu + unit) * np.log1p(1.0 / unit)
        total = cumulative_simpson(per_u[None, :], float(FINE_U[1]))[0]
        log_total.append(np.log(total[-1]))
        quantile.append(np.interp(want, total / total[-1], FINE_U))  # in u: smooth over energies
    log_energy = np.log(ENERGY_keV)
    at = np.interp(log_energy, np.log(coarse), np.arange(coarse.size))
    i = np.minimum(at.astype(int), coarse.size - 2)
    f = (at - i)[:, None]
    u = np.array(quantile)
    between = u[i] * (1.0 - f) + u[i + 1] * f
    total_per_mm = np.exp(np.interp(log_energy, np.log(coarse), log_total))
    return total_per_mm, elastic.angle_grid(ENERGY_keV[:, None], between)


def _molecule(energy_keV: float, mu: Floats) -> Floats:
    """Elastic cross section of water per gram and unit of mu, 1/mm per g/mL."""
    fractions = material("water").mass_fractions
    if energy_keV >= PARTIAL_WAVES_keV:
        atoms = {z: atom_b(z, np.array([energy_keV]))[0, 0] for z, _ in fractions}
    else:
        zs = [z for z, _ in fractions]
        sections = cross_sections_b([_atom(z) for z in zs], energy_keV, mu)[:, 0]
        atoms = dict(zip(zs, sections, strict=True))
    out = np.zeros_like(mu)
    for z, w in fractions:
        out += PER_GRAM * w / electron_element(z).atomic_weight * atoms[z]
    return out


@cache
def _atom(z: int) -> SlaterAtom:
    return atom_like(z)
