"""Light through a round aperture, each claim against geometry or constants from outside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants, integrate

from pdcraft.physics import radiometry


def over_the_aperture(radius, distance, offset):
    """Projected solid angle summed over the aperture: cos cos dA / r², both planes parallel."""

    def part(angle, s):
        x, y = s * np.cos(angle) - offset, s * np.sin(angle)
        r2 = x * x + y * y + distance**2
        return s * distance**2 / r2**2

    return integrate.dblquad(part, 0, radius, 0, 2 * np.pi, epsabs=0, epsrel=1e-9)[0]


@pytest.mark.parametrize("f_number", [0.95, 1.4, 2.8, 8.0])
@pytest.mark.parametrize("distance", [30.0, 200.0, 800.0])
@pytest.mark.parametrize("aside", [0.0, 15.0, 150.0])
def test_disc_is_what_the_sum_over_the_aperture_gives(f_number, distance, aside):
    radius = 0.5 * 25.0 / f_number
    got = radiometry.disc_projected_solid_angle_sr(radius, distance, aside)
    # quadrature 1e-9; rounding 1e-16 (distance/radius)² stays below 1e-10
    assert got == pytest.approx(over_the_aperture(radius, distance, aside), rel=1e-8, abs=0)


def test_a_small_lens_falls_as_the_fourth_power_of_the_cosine():
    angle = np.radians([0.0, 10.0, 30.0, 45.0])
    got = radiometry.disc_projected_solid_angle_sr(0.05, 100.0, 100.0 * np.tan(angle))
    # next order in (radius/distance)² = 2.5e-7; rounding 4e-10
    np.testing.assert_allclose(got / got[0], np.cos(angle) ** 4, rtol=1e-6, atol=0)


@given(st.floats(0.1, 1e3), st.floats(0.1, 1e3), st.floats(0, 1e3))
def test_a_disc_covers_at_most_the_half_space(radius, distance, aside):
    got = float(radiometry.disc_projected_solid_angle_sr(radius, distance, aside))
    assert 0 < got < np.pi


def test_photon_energy_is_codatas():
    want = constants.h * constants.c / 800e-9
    assert radiometry.photon_energy_J(800.0) == pytest.approx(want, rel=1e-14, abs=0)
    assert radiometry.photons_per_J(800.0) * want == pytest.approx(1, rel=1e-14, abs=0)


def test_a_diffuse_surface_sends_all_it_reflects():
    radiance = radiometry.diffuse_radiance(10.0, 0.5)
    total, _ = integrate.quad(
        lambda t: 2 * np.pi * radiance * np.cos(t) * np.sin(t), 0, np.pi / 2, epsabs=0
    )
    assert total == pytest.approx(5.0, rel=1e-12, abs=0)


def test_electrons_of_a_hand_computed_pixel():
    # 1 uW/(cm² sr) into 1e-6 cm² sr for 0.1 s: 1e-13 J, half passes, 40% counted, at 800 nm
    photons = 1e-13 * 0.5 * 800e-9 / (constants.h * constants.c)
    got = radiometry.electrons(1.0, 1e-6, 0.5, 0.4, 0.1, 800.0)
    assert got == pytest.approx(0.4 * photons, rel=1e-13, abs=0)
