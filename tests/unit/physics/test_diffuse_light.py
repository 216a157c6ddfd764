"""Closed forms of diffuse light against their own equations and against integrals of them."""

import numpy as np
import pytest
from scipy.integrate import quad

from pdcraft.physics.diffuse_light import (
    boundary_mm,
    broad_beam_fluence,
    disk_escape,
)

MUA, MUSP = 0.05, 1.3


def farrell(rho, z):
    """Escape per area of a point in depth, equation of Farrell et al. (1992)."""
    k, zb = np.sqrt(3 * MUA * (MUA + MUSP)), float(boundary_mm(MUA, MUSP))
    terms = [(h, np.hypot(rho, h)) for h in (z, z + 2 * zb)]
    return sum(h * (k + 1 / r) * np.exp(-k * r) / r**2 for h, r in terms) / (4 * np.pi)


def test_disk_is_the_points_over_it():
    for depth, radius in ((0.3, 1.0), (2.0, 5.0), (7.0, 400.0)):
        total, _ = quad(lambda r, z=depth: 2 * np.pi * r * farrell(r, z), 0, radius, limit=400)
        assert float(disk_escape(radius, depth, MUA, MUSP)) == pytest.approx(total, rel=1e-6, abs=0)


def test_without_absorption_all_photons_leave():
    assert float(disk_escape(np.inf, 3.0, 0.0, MUSP)) == pytest.approx(1.0, rel=1e-12, abs=0)


def test_fluence_solves_the_equation_and_its_boundary():
    """Second differences of the diffuse part; 1e-4 is their own error at this step."""
    z, h, total = np.array([0.5, 2.0, 6.0]), 1e-3, MUA + MUSP

    def diffuse(at):
        return broad_beam_fluence(at, MUA, MUSP) - np.exp(-total * np.asarray(at))

    second = (diffuse(z + h) - 2 * diffuse(z) + diffuse(z - h)) / h**2
    left = second / (3 * total) - MUA * diffuse(z)
    assert left == pytest.approx(-MUSP * np.exp(-total * z), rel=1e-4, abs=0)
    slope = float((diffuse(1e-6) - diffuse(0.0)) / 1e-6)
    zb = float(boundary_mm(MUA, MUSP))
    assert float(diffuse(0.0)) == pytest.approx(zb * slope, rel=1e-4, abs=0)


def test_energy_balances():
    """What is absorbed and what leaves (flux phi/2A at the boundary) is what entered."""
    absorbed, _ = quad(lambda z: MUA * float(broad_beam_fluence(z, MUA, MUSP)), 0, 200)
    diffuse = float(broad_beam_fluence(0.0, MUA, MUSP)) - 1.0
    leaves = diffuse / (float(boundary_mm(MUA, MUSP)) * 3 * (MUA + MUSP))
    assert absorbed + leaves == pytest.approx(1.0, rel=1e-6, abs=0)


def test_reciprocity_with_walks_of_the_documentation():
    """Fluence of diffusion decays with the effective attenuation far below the surface."""
    a, b = (float(broad_beam_fluence(z, MUA, MUSP)) for z in (10.0, 11.0))
    assert np.log(a / b) == pytest.approx(np.sqrt(3 * MUA * (MUA + MUSP)), rel=1e-4, abs=0)
