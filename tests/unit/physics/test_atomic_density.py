"""Atoms as Slater shells: hydrogen is exact."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.physics.atomic_density import SlaterAtom, furness_mccarthy

HYDROGEN = SlaterAtom(np.array([0.0]), np.array([2.0]), np.array([1.0]))
MIXED = SlaterAtom(np.array([0.0, 1.0, 2.0]), np.array([15.0, 3.0, 4.0]), np.array([2.0, 1.0, 5.0]))
RADII = np.array([0.01, 0.5, 2.0, 8.0])


def test_hydrogen_is_exact():
    # 1s: V = -(1 + 1/r) exp(-2r), F = (1 + q²/4)^-2
    charge = (1.0 + RADII) * np.exp(-2.0 * RADII)
    # the tail is a difference of numbers near 1: 1e-7 of them
    np.testing.assert_allclose(HYDROGEN.unscreened_charge(RADII), charge, rtol=1e-8, atol=1e-15)
    q = np.array([0.1, 2.0, 20.0])
    np.testing.assert_allclose(HYDROGEN.form_factor(q), (1 + q**2 / 4) ** -2.0, rtol=1e-12, atol=0)
    np.testing.assert_allclose(
        HYDROGEN.density(RADII), np.exp(-2 * RADII) / np.pi, rtol=1e-12, atol=0
    )


def test_density_potential_and_form_factor_belong_together():
    def shell(r):
        return 4.0 * np.pi * r**2 * MIXED.density(np.array([r]))[0]

    whole, _ = integrate.quad(shell, 0.0, 40.0, epsabs=0, epsrel=1e-10, limit=300)
    assert whole == pytest.approx(MIXED.z, rel=1e-8, abs=0)
    # Gauss and the shells outside: Z_eff = Z - N(<r) - r int rho 4 pi s ds
    inside, _ = integrate.quad(shell, 0.0, 0.7, epsabs=0, epsrel=1e-10)
    outside, _ = integrate.quad(lambda r: shell(r) / r, 0.7, 40.0, epsabs=0, epsrel=1e-10)
    want = MIXED.z - inside - 0.7 * outside
    assert MIXED.unscreened_charge(np.array([0.7]))[0] == pytest.approx(want, rel=1e-8, abs=0)
    wave, _ = integrate.quad(lambda r: shell(r) * np.sinc(3.0 * r / np.pi), 0, 40.0, limit=300)
    assert MIXED.form_factor(np.array([3.0]))[0] == pytest.approx(wave, rel=1e-6, abs=0)


def test_exchange_attracts_and_fades():
    # first order: -pi rho / (E - V); next order 4 pi rho / 4 (E - V)² less
    density = np.array([1e-3])
    got = furness_mccarthy(30.0, np.array([-2.0]), density)
    assert got == pytest.approx(-np.pi * density / 32.0, rel=1e-4, abs=0)
