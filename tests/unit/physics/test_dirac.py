"""Partial waves of the Dirac equation: limits, unitarity, published cross sections."""

import numpy as np
import pytest
from scipy import integrate, special

from pdcraft.physics import dirac, elastic

HARTREE_keV = 0.0272113862460


def _phases(energy, strength, waves, outer=22.0):
    """Shift phases of a weak Yukawa potential -strength exp(-r)/r."""

    def potential(r):
        return (-strength * np.exp(-r) / r)[:, None]

    kappa = np.concatenate([-np.arange(1.0, waves + 1.0), np.arange(1.0, waves)])
    shifts = dirac.phase_shifts(energy, potential, np.array([strength]), kappa, outer)
    return shifts[:, :waves], np.concatenate([[[0.0]], shifts[:, waves:]], axis=1)


@pytest.mark.parametrize("energy_keV", [1.0, 30.0])
def test_weak_potential_scatters_as_born(energy_keV):
    # Born: Rutherford with mu + 1/(4k²) for mu, times 1 - beta² mu; second order is
    # strength/beta alpha = 0.01 / 0.06 * 0.007
    energy, strength = energy_keV / HARTREE_keV, 0.01
    k = dirac.wavenumber(energy)
    aligned, opposed = _phases(energy, strength, int(18 * k))
    mu = np.array([1e-3, 0.01, 0.1, 0.5, 0.9])
    bohr2_b = 0.529177210544**2 * 1e8
    got = dirac.cross_section(energy, aligned, opposed, mu)[0] * 4.0 * np.pi * bohr2_b
    tau = energy_keV / 510.99895
    beta2 = tau * (tau + 2.0) / (tau + 1.0) ** 2
    want = strength**2 * elastic.rutherford_b(energy_keV, mu + 0.25 / k**2) * (1 - beta2 * mu)
    assert got == pytest.approx(want, rel=5e-3, abs=0)


def test_flux_is_conserved():
    # the integral of |f|² + |g|² is 4 pi / k² sum of (l+1) sin² + l sin²: it sees a wrong
    # Legendre series, sign or reduction
    energy = 1.0 / HARTREE_keV
    k = dirac.wavenumber(energy)
    aligned, opposed = _phases(energy, 8.0, int(20 * k))
    x, w = np.polynomial.legendre.leggauss(400)
    section = dirac.cross_section(energy, aligned, opposed, (1.0 - x) / 2.0)[0]
    wave = np.arange(aligned.shape[1])
    sines = (wave + 1) * np.sin(aligned[0]) ** 2 + wave * np.sin(opposed[0]) ** 2
    want = 4.0 * np.pi / k**2 * sines.sum()
    assert 2.0 * np.pi * w @ section == pytest.approx(want, rel=1e-9, abs=0)


def test_eikonal_phases_are_those_of_high_waves():
    energy = 30.0 / HARTREE_keV

    def potential(r):
        return (-8.0 * np.exp(-r) / r)[:, None]

    waves = np.array([60.0, 100.0])
    mean, split = dirac.eikonal_phases(energy, potential, waves)
    kappa = np.concatenate([-waves - 1.0, waves])
    exact = dirac.phase_shifts(energy, potential, np.array([8.0]), kappa, 22.0)[0]
    exact = (exact + np.pi / 2) % np.pi - np.pi / 2
    l1 = (waves + 1.0) / (2.0 * waves + 1.0)
    # second order in V/E: a few 1e-3 of the phase at 30 keV; the split is 1e-3 of it
    assert mean[0] == pytest.approx(exact[:2] * l1 + exact[2:] * (1 - l1), rel=5e-3, abs=0)
    assert split[0] == pytest.approx(exact[2:] - exact[:2], rel=5e-2, abs=0)


def test_tail_is_the_phase_beyond_a_radius():
    energy, b_wave, start = 1000.0, 10.0, 4.0
    k = dirac.wavenumber(energy)
    c = dirac.LIGHT_SPEED
    b = (b_wave + 0.5) / k

    def potential(r):
        return (-np.exp(-r) / r)[:, None]

    def integrand(r):
        v = -np.exp(-r) / r
        return (2 * (energy + c**2) * v - v * v) / c**2 / np.sqrt(1 - (b / r) ** 2)

    want = -0.5 / k * integrate.quad(integrand, start, 22.0, epsabs=0, epsrel=1e-10)[0]
    got = dirac.eikonal_tail(energy, potential, np.array([b_wave]), start, 22.0)
    assert got[0, 0] == pytest.approx(want, rel=1e-8, abs=0)


@pytest.mark.parametrize("kappa", [-1.0, 1.0, -4.0])
def test_phase_shifts_are_those_of_an_adaptive_solver(kappa):
    """P'/P at the edge by scipy's DOP853, for a screened calcium-like charge at 5 keV."""
    energy, z, outer = 5.0 / HARTREE_keV, 20.0, 6.0
    c, k = dirac.LIGHT_SPEED, dirac.wavenumber(energy)

    def potential(r):
        return (-z * np.exp(-3.0 * r) / r)[:, None]

    def slope(log_r, state):
        r = np.exp(log_r)
        v = -z * np.exp(-3.0 * r) / r
        p, q = state
        return [
            r * (-kappa / r * p + (energy - v + 2 * c * c) / c * q),
            r * (-(energy - v) / c * p + kappa / r * q),
        ]

    s = np.sqrt(kappa**2 - (z / c) ** 2)
    first = 1e-6
    start = [first**s, first**s * (s + kappa) * c / z]
    solution = integrate.solve_ivp(
        slope, np.log([first, outer]), start, method="DOP853", rtol=1e-11, atol=1e-30
    )
    p, q = solution.y[:, -1]
    derivative = (-kappa / outer + (energy + 2 * c * c) / c * q / p) / k
    wave = int(-kappa - 1 if kappa < 0 else kappa)
    x = k * outer
    j, y = special.spherical_jn(wave, x), special.spherical_yn(wave, x)
    dj = special.spherical_jn(wave, x, True) + j / x
    dy = special.spherical_yn(wave, x, True) + y / x
    want = np.arctan((derivative * j - dj) / (derivative * y - dy))
    got = dirac.phase_shifts(energy, potential, np.array([z]), np.array([kappa]), outer)[0, 0]
    # fourth-order steps of 0.25 in k r: 1e-5; the sine is blind to pi
    assert np.sin(got - want) == pytest.approx(0.0, abs=2e-5)
