"""Compute the elastic scattering table that the package ships: ``python -m`` this module.

Atomic densities: Slater shells that reproduce xraylib's form factors (Hubbell et al. 1975).
Potential: their electrostatic one, with Furness-McCarthy exchange for electrons. Cross sections:
partial waves of the Dirac equation, numerically for the lowest, to first order along a straight
path for the others. Kept is the logarithm of their ratio to `pdcraft.physics.elastic.screened_b`.
Takes some minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pdcraft.data.elastic_ratios import SCALE, ENERGY_keV, U
from pdcraft.data.electron_elements import electron_elements
from pdcraft.physics import dirac, elastic
from pdcraft.physics.atomic_density import SlaterAtom, furness_mccarthy, shell_form_factor

__all__ = ["atom_like", "cross_sections_b", "main"]

Floats = NDArray[np.float64]

BOHR_angstrom = 0.529177210544  # CODATA 2022
HARTREE_keV = 0.0272113862460
BOHR2_b = BOHR_angstrom**2 * 1e8
OUTER_bohr = 22.0
LOW_WAVES = 120
FAST_keV = 60.0  # beyond, the path is numerical only out to FAST_OUTER_bohr
FAST_OUTER_bohr = 4.0


def atom_like(z: int) -> SlaterAtom:
    """Fit an atom's density to its form factor, with no negative shell."""
    import xraylib
    from scipy.optimize import nnls

    x = np.geomspace(0.01, 60.0, 140)  # 1/angstrom
    q = 4.0 * np.pi * x * BOHR_angstrom
    want = np.array([xraylib.FF_Rayl(z, float(v)) for v in x])
    alpha = np.tile(np.geomspace(1.0, 6.0 * z, 50), 4)
    power = np.repeat([0, 1, 2, 4], 50)
    shells = np.array(
        [shell_form_factor(int(m), float(a), q) for m, a in zip(power, alpha, strict=True)]
    ).T
    weight = 1.0 / (0.02 * z + np.minimum(want, z - want))
    matrix = np.vstack([shells * weight[:, None], np.full(alpha.size, 1e4)])
    n, _ = nnls(matrix, np.append(want * weight, 1e4 * z))
    used = n > 0.0
    return SlaterAtom(power[used].astype(float), alpha[used], n[used] * z / n.sum())


def cross_sections_b(atoms: list[SlaterAtom], energy_keV: float, mu: Floats) -> Floats:
    """Cross sections per unit of mu, barn, shape (atoms, 2 charges, angles)."""
    energy = energy_keV / HARTREE_keV
    k = dirac.wavenumber(energy)

    def potential(radius: Floats) -> Floats:
        columns: list[Floats] = []
        for atom in atoms:
            static = -atom.unscreened_charge(radius) / radius
            exchange = furness_mccarthy(energy, static, atom.density(radius))
            columns += [static + exchange, -static]
        return np.array(columns).T

    waves = int(k * OUTER_bohr)
    numerical = OUTER_bohr if energy_keV < FAST_keV else FAST_OUTER_bohr
    low = min(LOW_WAVES, int(0.6 * k * numerical))
    kappa = np.concatenate([-np.arange(1.0, low + 1.0), np.arange(1.0, low)])
    charges = np.array([sign * atom.z for atom in atoms for sign in (1.0, -1.0)])
    phases = dirac.phase_shifts(energy, potential, charges, kappa, numerical)
    if numerical < OUTER_bohr:
        orbital = np.where(kappa < 0, -kappa - 1.0, kappa)
        phases += dirac.eikonal_tail(energy, potential, orbital, numerical, OUTER_bohr)
    aligned = phases[:, :low]
    opposed = np.concatenate([np.zeros((len(charges), 1)), phases[:, low:]], axis=1)
    some = np.arange(low // 2, low)
    high = np.arange(low // 2, waves + 1.0)
    mean, split = _high_phases(energy, potential, high)
    exact = np.stack([aligned[:, some], opposed[:, some]])
    exact -= np.pi * np.round(exact / np.pi)
    l_part = np.stack([-high, high + 1.0])[:, None] / (2.0 * high + 1.0)
    straight = mean + split * l_part
    tail = _joined(exact, straight, some.size)
    aligned = np.concatenate([aligned, tail[0]], axis=1)
    opposed = np.concatenate([opposed, tail[1]], axis=1)
    per_sr = dirac.cross_section(energy, aligned, opposed, mu)
    return 4.0 * np.pi * BOHR2_b * per_sr.reshape(len(atoms), 2, -1)


def _high_phases(energy: float, potential: dirac.Potential, waves: Floats) -> tuple[Floats, Floats]:
    """Interpolate the phases of many waves between some, in logarithms."""
    from scipy.interpolate import CubicSpline

    some = np.geomspace(waves[0] + 0.5, waves[-1] + 0.5, 250) - 0.5
    out: list[Floats] = []
    for phases in dirac.eikonal_phases(energy, potential, some):
        spline = CubicSpline(np.log(some + 0.5), np.log(np.abs(phases)), axis=1)
        out.append(np.sign(phases[:, :1]) * np.exp(spline(np.log(waves + 0.5))))
    return out[0], out[1]


def _joined(exact: Floats, straight: Floats, overlap: int) -> Floats:
    """Waves past the overlap, to first order plus what that order lacks, as it dies out.

    A step in the phases would show at large angles, where all waves nearly cancel.
    """
    first, last = exact[..., 0], exact[..., -1]
    lack0 = first - straight[..., 0]
    lack1 = last - straight[..., overlap - 1]
    wave = np.arange(straight.shape[-1]) + overlap + 0.5
    steep = np.log(np.maximum(np.abs(lack0), 1e-15) / np.maximum(np.abs(lack1), 1e-15))
    power = np.clip(steep / np.log((2 * overlap - 0.5) / (overlap + 0.5)), 2.5, 20.0)
    fall = (wave[overlap:] / (2 * overlap - 0.5)) ** -power[..., None]
    return straight[..., overlap:] + lack1[..., None] * fall


def main(path: Path) -> None:
    """Write the table."""
    elements = sorted(electron_elements())
    atoms = [atom_like(z) for z in elements]
    table = np.empty((len(elements), 2, ENERGY_keV.size, U.size), dtype=np.int16)
    for i, energy in enumerate(ENERGY_keV):
        mu = elastic.angle_grid(energy, U)
        sections = cross_sections_b(atoms, float(energy), mu)
        for j, z in enumerate(elements):
            for charge in (0, 1):
                smooth = elastic.screened_b(energy, mu, z, charge)
                log = np.log(sections[j, charge] / smooth)
                table[j, charge, i] = np.round(log / SCALE).astype(np.int16)
        sys.stderr.write(f"{energy:g} keV\n")
    np.savez_compressed(path, elements=np.array(elements, dtype=np.int16), log_ratio=table)


if __name__ == "__main__":
    main(Path(__file__).parents[1] / "data" / "elastic_ratios.npz")
