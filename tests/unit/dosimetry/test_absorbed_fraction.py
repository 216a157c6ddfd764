"""Absorbed fractions in water spheres, against EGSnrc (cases/dosimetry, I = 75 eV)."""

import numpy as np
import pytest

from pdcraft.dosimetry.absorbed_fraction import (
    electron_absorbed_fraction,
    photon_absorbed_fraction,
)
from pdcraft.errors import PhysicsRangeError
from pdcraft.validate.tables import reference_rows

ROWS = reference_rows("dosimetry", "absorbed_fractions_spheres.csv")


def _spheres(particle, lightest_g, heaviest_g=1000.0):
    return [
        pytest.param(
            1e3 * float(r["E_MeV"]),
            10 * float(r["radius_cm"]),
            float(r["phi_self"]),
            id=f"{r['E_MeV']}MeV-{r['mass_g']}g",
        )
        for r in ROWS
        if r["particle"] == particle and lightest_g <= float(r["mass_g"]) <= heaviest_g
    ]


@pytest.mark.parametrize(("energy", "radius", "phi"), _spheres("photon", 0.01))
def test_photons_in_lesions(energy, radius, phi):
    # the kernel's short form: 1.6% at 27 keV, 1% above; secondary electrons 2.5% at 10 mg;
    # statistics 0.1-0.4%. Escape without scattering back would be 38% low at 80 keV, 1 kg
    got = photon_absorbed_fraction(energy, radius, "range", 75.0)
    assert got == pytest.approx(phi, rel=0.027, abs=0)


@pytest.mark.parametrize(("energy", "radius", "phi"), _spheres("photon", 1e-4, 0.005))
def test_photons_in_small_spheres(energy, radius, phi):
    # straight isotropic secondaries: 8% at 364 keV in 0.5 mg
    got = photon_absorbed_fraction(energy, radius, "range", 75.0)
    assert got == pytest.approx(phi, rel=0.09, abs=0)


@pytest.mark.parametrize(("energy", "radius", "phi"), _spheres("photon", 1.0))
def test_local_secondaries_are_nearly_right_in_grams(energy, radius, phi):
    got = photon_absorbed_fraction(energy, radius, "local")
    assert got == pytest.approx(phi, rel=0.03, abs=0)


@pytest.mark.parametrize(("energy", "radius", "phi"), _spheres("electron", 0.0))
def test_running_electrons(energy, radius, phi):
    got = electron_absorbed_fraction(energy, radius, "range", 75.0)
    if phi > 0.8:
        rel = 0.006  # bremsstrahlung and winding
    elif phi > 0.45:
        rel = 0.04
    else:  # stated in the docstring: too high, up to 71%
        rel = 0.71
        assert got > 0.95 * phi
    assert got == pytest.approx(phi, rel=rel, abs=0)


def test_local_electrons_stay():
    assert np.all(electron_absorbed_fraction([1.0, 2000.0], 0.001, "local") == 1.0)


def test_density_counts_as_depth():
    light = photon_absorbed_fraction(364.5, 20.0, density_g_per_mL=0.5)
    assert light == pytest.approx(float(photon_absorbed_fraction(364.5, 10.0)), rel=1e-12, abs=0)
    light = electron_absorbed_fraction(500.0, 2.0, density_g_per_mL=0.5)
    assert light == pytest.approx(float(electron_absorbed_fraction(500.0, 1.0)), rel=1e-12, abs=0)


def test_grows_with_the_sphere_and_ends_at_one():
    radii = np.geomspace(0.01, 5000.0, 40)
    for energy in (5.0, 35.0, 364.5, 1691.0):
        phi = np.array([photon_absorbed_fraction(energy, r) for r in radii])
        assert np.all(np.diff(phi) > 0)
        assert 0.85 < phi[-1] <= 1.0


def test_very_soft_photons_stay_and_hard_ones_are_refused():
    assert photon_absorbed_fraction(0.5, 1e-3) == 1.0
    with pytest.raises(PhysicsRangeError, match="reach to 3000 keV, got 3500 keV"):
        photon_absorbed_fraction(3500.0, 1.0)


@pytest.mark.parametrize(
    ("energy", "mu_en"), [(100.0, 0.02546), (600.0, 0.03284), (1500.0, 0.02833), (2000.0, 0.02608)]
)
def test_small_spheres_see_nists_energy_absorption(energy, mu_en):
    # mean way out 3R/4; NISTIR 5632 subtracts 0.3% of radiated energy at 2 MeV. Pairs whose
    # annihilation photons stayed would add 0.8%
    got = photon_absorbed_fraction(energy, 0.01, "local")
    assert got == pytest.approx(0.75e-3 * mu_en, rel=4.5e-3, abs=0)
