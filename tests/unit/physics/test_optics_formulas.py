"""Formulas of light: limits, integrals, and values from tables outside the package."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import optics as light


def test_fresnel_at_right_incidence_brewster_and_beyond_the_critical_angle():
    assert light.fresnel_reflectance(1.0, 1.0, 1.4) == pytest.approx(
        (0.4 / 2.4) ** 2, rel=1e-12, abs=0
    )
    assert light.specular_reflectance(1.0, 1.4) == pytest.approx((0.4 / 2.4) ** 2, rel=1e-12, abs=0)
    # at Brewster's angle light along the plane is not reflected: half of what crosses it remains
    brewster = math.atan(1.5)
    across = math.sin(2 * brewster - math.pi / 2) ** 2
    got = light.fresnel_reflectance(math.cos(brewster), 1.0, 1.5)
    assert got == pytest.approx(across / 2, rel=1e-12, abs=0)
    critical = math.sqrt(1 - (1 / 1.4) ** 2)
    assert light.fresnel_reflectance(critical * 0.999, 1.4, 1.0) == 1.0
    assert light.fresnel_reflectance(critical * 1.01, 1.4, 1.0) < 1.0


def test_fresnel_is_the_same_from_both_sides():
    for inside in (0.75, 0.9, 0.99):
        outside = math.sqrt(1 - 1.4**2 * (1 - inside**2))
        assert light.fresnel_reflectance(inside, 1.4, 1.0) == pytest.approx(
            light.fresnel_reflectance(outside, 1.0, 1.4), rel=1e-9, abs=0
        )


def test_diffuse_reflectance_inside_agrees_with_the_published_polynomial():
    # Groenhuis et al., Appl. Opt. 22, 2456 (1983): internal reflection of diffuse light,
    # -1.440/n^2 + 0.710/n + 0.668 + 0.0636 n; an approximation good to about a percent
    for n in (1.33, 1.4, 1.5):
        inner, _ = quad(
            lambda c, n=n: 2 * c * light.fresnel_reflectance(c, n, 1.0), 0, 1, limit=200
        )
        fit = -1.440 / n**2 + 0.710 / n + 0.668 + 0.0636 * n
        assert inner == pytest.approx(fit, rel=0.02, abs=0)


def test_dye_absorption_at_one_micromolar():
    # published estimate: 0.046 /mm at 1 uM and 2e5 L/(mol cm), two digits
    assert light.dye_absorption_per_mm(2e5, 1000.0) == pytest.approx(0.046, rel=0.005, abs=0)


@pytest.mark.parametrize(("nm", "per_cm"), [(500, 679), (650, 283), (760, 168), (830, 126)])
def test_melanosome_agrees_with_a_library_of_tissue_spectra(nm, per_cm):
    # figures of the library of simpa 1.0.0, of the same source: three digits, interpolated
    assert 10 * light.melanosome_absorption_per_mm(float(nm)) == pytest.approx(
        per_cm, rel=0.03, abs=0
    )


def test_melanosome_stops_outside_its_range():
    with pytest.raises(PhysicsRangeError, match="holds 380 to 1000 nm"):
        light.melanosome_absorption_per_mm(379.0)


@pytest.mark.parametrize("absorbance", [1e-6, 0.01, 0.5, 3.0])
def test_inner_filter_is_the_mean_of_beer_lambert_over_the_path(absorbance):
    mean, _ = quad(lambda x: 10 ** (-absorbance * x), 0, 1, epsabs=0, epsrel=1e-12)
    assert light.inner_filter_factor(absorbance) == pytest.approx(mean, rel=1e-9, abs=0)


def test_inner_filter_of_arrays_and_of_impossible_absorbances():
    got = light.inner_filter_factor(np.array([0.0, 1.0]))
    np.testing.assert_allclose(got, [1.0, 0.9 / math.log(10)], rtol=1e-12)
    with pytest.raises(PhysicsRangeError, match="at least 0"):
        light.inner_filter_factor(-0.1)


def test_power_law_and_attenuation():
    assert light.power_law_scattering_per_mm(500.0, 2.42, 1.611) == 2.42
    ratio = light.power_law_scattering_per_mm(1000.0, 1.0, 2.0)
    assert ratio == pytest.approx(0.25, rel=1e-12, abs=0)
    # mua 0.01, musp 1: sqrt(3 * 0.01 * 1.01)
    got = light.effective_attenuation_per_mm(0.01, 1.0)
    assert got == pytest.approx(0.174069, rel=1e-5, abs=0)


def test_quenching_and_bleaching():
    assert light.quenched_yield(0.1, 50_000.0, 0.02) == pytest.approx(0.05, rel=1e-12, abs=0)
    assert light.fluence_decay(300.0, 300.0) == pytest.approx(math.exp(-1), rel=1e-12, abs=0)


def test_impossible_indices_are_refused():
    with pytest.raises(PhysicsRangeError, match="indices of 1 or more"):
        light.fresnel_reflectance(0.5, 0.9, 1.0)
