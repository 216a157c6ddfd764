"""Scattering tables and their samplers, against direct integration of xraylib's cross sections.

Chi-square tests have fixed seeds and reject at P < 1e-4: a new seed would fail once in 10,000.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chisquare

from pdcraft.data.materials import material
from pdcraft.physics.compton import HC_keV_angstrom
from pdcraft.transport.photon_data import photon_data
from pdcraft.transport.photon_interaction import bound_compton, rayleigh_cosine
from pdcraft.transport.rng import key_of

BONE = material("cortical bone")
DATA = photon_data((material("water"), BONE))
DRAWS = 20_000
EDGES = np.linspace(-1.0, 1.0, 21)


def per_angle(function, energy_keV):
    """Cross section of bone by cosine, from xraylib, as a function to integrate."""
    import xraylib

    call = getattr(xraylib, function)

    def of(cosine):
        theta = math.acos(min(1.0, max(-1.0, cosine)))
        return sum(w * call(z, energy_keV, theta) for z, w in BONE.mass_fractions)

    return of


def expected_counts(function, energy_keV):
    of = per_angle(function, energy_keV)
    parts = [quad(of, a, b, epsrel=1e-6, limit=200)[0] for a, b in pairwise(EDGES)]
    return DRAWS * np.array(parts) / sum(parts)


@pytest.mark.parametrize("energy", [3.0, 30.0, 100.0])
def test_compton_angles(energy):
    rng = np.array([key_of(11), 0], dtype=np.uint64)
    draws = [bound_compton(DATA, 1, energy, rng) for _ in range(DRAWS)]
    kept, cosine = np.array(draws).T
    np.testing.assert_allclose(kept, 1 / (1 + energy / 510.99895 * (1 - cosine)), rtol=1e-9, atol=0)
    counts = np.histogram(cosine, EDGES)[0]
    # free electrons would fail at 3 and 30 keV
    assert chisquare(counts, expected_counts("DCS_Compt", energy)).pvalue > 1e-4


@pytest.mark.parametrize("energy", [3.0, 30.0])
def test_rayleigh_angles(energy):
    rng = np.array([key_of(12), 0], dtype=np.uint64)
    cosine = np.array([rayleigh_cosine(DATA, 1, energy, rng) for _ in range(DRAWS)])
    counts = np.histogram(cosine, EDGES)[0]
    # without the form factor, or without Thomson's factor, it fails
    assert chisquare(counts, expected_counts("DCS_Rayl", energy)).pvalue > 1e-4


def test_form_factors_are_integrated():
    import xraylib

    # water, up to x = 1/angstrom, per mole of atoms
    moles = {z: w / a for (z, w), a in zip(material("water").mass_fractions, (1.00794, 15.9994),
                                           strict=True)}  # fmt: skip

    def square(x):
        return sum(n * xraylib.FF_Rayl(z, x) ** 2 for z, n in moles.items()) * 2.0 * x

    direct = quad(square, 1e-9, 1.0, epsrel=1e-8, limit=500)[0] / sum(moles.values())
    table = np.interp(1.0, DATA.x2_nodes, DATA.form_factor_cumulative[0])
    # nodes 2% apart in x: 1e-4
    assert table == pytest.approx(direct, rel=3e-4, abs=0)
    assert DATA.x2_nodes[-1] > (3000.0 / HC_keV_angstrom) ** 2


def test_scattering_functions_begin_at_0_and_end_at_1():
    import xraylib

    x = (np.arange(DATA.incoherent.shape[1]) * DATA.sqrt_x_step) ** 2
    assert np.all(DATA.incoherent[:, 0] == 0)
    assert np.all(np.diff(DATA.incoherent, axis=1) > -1e-8)
    # S/Z is 1 beyond the grid, to xraylib's rounding
    np.testing.assert_allclose(DATA.incoherent[:, -1], 1.0, rtol=1e-6, atol=0)
    node = 1000
    water = {1: 0.111894 / 1.00794, 8: 0.888106 / 15.9994}
    direct = sum(n * xraylib.SF_Compt(z, x[node]) for z, n in water.items())
    electrons = sum(n * z for z, n in water.items())
    assert DATA.incoherent[0, node] == pytest.approx(direct / electrons, rel=1e-4, abs=0)
