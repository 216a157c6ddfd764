"""Samplers of single interactions against the densities of `pdcraft.physics`, by chi-square.

Seeds are fixed. A test rejects at P < 1e-6; over the 30 comparisons of this file a right sampler
would fail for 3 seeds in 100,000. With 60,000 draws on 30 bins they see a density that is wrong by
3.5% in root mean square, or a clip of a hundredth of the draws.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chisquare

from pdcraft.data.materials import material
from pdcraft.physics import annihilation, bhabha, compton, moller
from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.transport import sampling
from pdcraft.transport.electron import hard_deflection, pack, photon_keV
from pdcraft.transport.electron_data import ENERGY_keV, electron_data
from pdcraft.transport.electron_elastic import scattering
from pdcraft.transport.electron_radiation import radiation
from pdcraft.transport.rng import key_of
from pdcraft.transport.settings import Settings

DRAWS = 60_000
ALARM = 1e-6
M = ELECTRON_REST_keV
BONE = material("cortical bone")


@pytest.fixture
def rng():
    return np.array([key_of(20261121), 0], dtype=np.uint64)


def agrees(draws, density, edges):
    """Chi-square of draws against a density, over all of its range."""
    draws = np.asarray(draws)
    assert edges[0] <= draws.min()
    assert draws.max() <= edges[-1]
    # tables make laws of straight pieces: 1e-5 is all that quadrature promises, and enough
    parts = np.array(
        [quad(density, a, b, epsabs=0, epsrel=1e-5, limit=500)[0] for a, b in pairwise(edges)]
    )
    want = parts / parts.sum() * len(draws)
    while want[0] < 10:  # too few for chi-square
        edges, want = edges[1:], np.concatenate([[want[0] + want[1]], want[2:]])
        edges = np.concatenate([[draws.min() - 1], edges[1:]])
    while want[-1] < 10:
        edges, want = edges[:-1], np.concatenate([want[:-2], [want[-2] + want[-1]]])
        edges = np.concatenate([edges[:-1], [draws.max() + 1]])
    got = np.histogram(draws, edges)[0]
    assert got.sum() == len(draws)
    return chisquare(got, want).pvalue > ALARM


COSINES = np.linspace(-1.0, 1.0, 31)


def test_directions_are_isotropic(rng):
    u, v, w = np.array([sampling.isotropic(rng) for _ in range(DRAWS)]).T
    np.testing.assert_allclose(u * u + v * v + w * w, 1.0, rtol=1e-12, atol=0)
    for axis in (u, v, w):
        assert agrees(axis, lambda _: 0.5, COSINES)


def turn(axis, cosine, phi):
    return sampling.deflect(*axis, cosine, math.cos(phi), math.sin(phi))


@pytest.mark.parametrize("axis", [(0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (0.36, -0.48, 0.8)])
def test_deflect_turns_by_the_angle_and_keeps_the_length(axis):
    for cosine in (-1.0, -0.3, 0.0, 0.999999, 1.0):
        turned = np.array([turn(axis, cosine, phi) for phi in np.arange(0, 6.3, 0.5)])
        np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1.0, rtol=1e-12, atol=0)
        # rounding of a cosine near 1
        np.testing.assert_allclose(turned @ axis, cosine, rtol=0, atol=1e-12)
    across = np.array([turn(axis, 0.0, phi) for phi in np.arange(8) * np.pi / 4])
    np.testing.assert_allclose(across.sum(axis=0), 0.0, rtol=0, atol=1e-12)  # all round the axis


@pytest.mark.parametrize("energy", [20.0, 364.0, 2000.0])
def test_klein_nishina(energy, rng):
    kept, cosine = np.array([sampling.klein_nishina(energy, rng) for _ in range(DRAWS)]).T
    np.testing.assert_allclose(kept, compton.scattered_fraction(energy, cosine), rtol=1e-9, atol=0)
    assert agrees(cosine, lambda c: compton.differential_b_per_sr(energy, c), COSINES)


@pytest.mark.parametrize("energy", [20.0, 364.0, 2000.0])
def test_compton_conserves_momentum(energy):
    for cosine in (-1.0, -0.2, 0.5, 0.9999):
        kept = float(compton.scattered_fraction(energy, cosine))
        recoil = sampling.compton_electron_cosine(energy, kept, cosine)
        freed = energy * (1.0 - kept)
        p = math.sqrt(freed * (freed + 2.0 * M))
        along = energy * kept * cosine + p * recoil
        across = energy * kept * math.sqrt(1 - cosine**2) - p * math.sqrt(1 - recoil**2)
        assert along == pytest.approx(energy, rel=1e-12, abs=0)
        assert across == pytest.approx(0.0, abs=1e-6 * energy)  # a sine's rounding near 0


@pytest.mark.parametrize("energy", [5.0, 100.0, 1000.0])
def test_sauter(energy, rng):
    gamma = 1.0 + energy / M
    beta = math.sqrt(1.0 - gamma**-2)

    def law(c):  # F. Sauter, Ann. Phys. 403, 454 (1931), as in PENELOPE-2018, equation 2.9
        near = 1.0 - beta * c
        return (1 - c * c) / near**4 * (1 + 0.5 * gamma * (gamma - 1) * (gamma - 2) * near)

    draws = [sampling.sauter_cosine(energy, rng) for _ in range(DRAWS)]
    assert agrees(draws, law, COSINES)


@pytest.mark.parametrize("energy", [5.0, 500.0, 3000.0])
def test_moller(energy, rng):
    edges = np.geomspace(1.0, 0.5 * energy, 31)
    draws = [sampling.moller_loss_keV(energy, 1.0, rng) for _ in range(DRAWS)]
    assert agrees(draws, lambda w: float(moller.differential_b_per_keV(energy, w)), edges)


@pytest.mark.parametrize("energy", [5.0, 500.0, 3000.0])
def test_bhabha(energy, rng):
    edges = np.geomspace(1.0, energy, 31)
    draws = [sampling.bhabha_loss_keV(energy, 1.0, rng) for _ in range(DRAWS)]
    assert agrees(draws, lambda w: float(bhabha.differential_b_per_keV(energy, w)), edges)


@pytest.mark.parametrize(("energy", "loss"), [(5.0, 2.0), (500.0, 3.0), (3000.0, 1499.0)])
def test_collisions_conserve_momentum(energy, loss):
    def momentum(e):
        return math.sqrt(e * (e + 2.0 * M))

    fast, slow = sampling.moller_cosines(energy, loss)
    p, q = momentum(energy - loss), momentum(loss)
    assert p * fast + q * slow == pytest.approx(momentum(energy), rel=1e-12, abs=0)
    # the two leave on opposite sides; 1e-7 of the momentum: rounding of sines near 0
    across = p * math.sqrt(1 - fast**2) - q * math.sqrt(1 - slow**2)
    assert across == pytest.approx(0.0, abs=1e-7 * momentum(energy))


@pytest.mark.parametrize("energy", [50.0, 500.0, 2000.0])
def test_annihilation_in_flight(energy, rng):
    found = np.array([sampling.annihilation_in_flight(energy, rng) for _ in range(DRAWS)])
    whole = energy + 2.0 * M
    np.testing.assert_allclose(found[:, 0] + found[:, 2], whole, rtol=1e-12, atol=0)
    momentum = math.sqrt(energy * (energy + 2.0 * M))
    along = found[:, 0] * found[:, 1] + found[:, 2] * found[:, 3]
    np.testing.assert_allclose(along, momentum, rtol=1e-9, atol=0)
    share = found[:, 0] / whole
    # of differences of numbers some hundred times as large
    for photon in (0, 2):
        cosine = annihilation.photon_cosine(energy, found[:, photon] / whole)
        np.testing.assert_allclose(found[:, photon + 1], cosine, rtol=0, atol=1e-9)
    least = float(annihilation.least_share(energy))
    # the first photon is the softer one: the density of one photon folded on half of the range
    edges = np.linspace(least * (1 - 1e-12), 0.5, 31)
    assert agrees(share, lambda z: float(annihilation.differential_b(energy, z)), edges)


@pytest.mark.parametrize("energy", [10.0, 500.0])
def test_bremsstrahlung_angles_are_a_boosted_dipole(energy, rng):
    beta = math.sqrt(1.0 - (1.0 + energy / M) ** -2)

    def law(c):
        rest = (c - beta) / (1.0 - beta * c)
        return (1.0 + rest * rest) * (1.0 - beta * beta) / (1.0 - beta * c) ** 2

    draws = [sampling.dipole_cosine(energy, rng) for _ in range(DRAWS)]
    assert agrees(draws, law, COSINES)


@pytest.mark.parametrize(("first", "second"), [(0.001, 0.0029), (0.05, 0.13), (0.4, 0.9)])
def test_soft_deflections_have_their_two_moments(first, second, rng):
    # Goudsmit and Saunderson: the mean of P1 is exp(-s/lambda1), of P2 exp(-s/lambda2)
    c = np.array([sampling.soft_deflection(first, second, rng) for _ in range(DRAWS)])
    for moment, want in ((c, math.exp(-first)), (1.5 * c * c - 0.5, math.exp(-second))):
        # 5 standard errors: 6e-7 by chance
        assert abs(moment.mean() - want) < 5.0 * moment.std() / math.sqrt(DRAWS)


def test_very_many_soft_deflections_leave_no_direction(rng):
    c = [sampling.soft_deflection(9.0, 20.0, rng) for _ in range(DRAWS)]
    assert agrees(c, lambda _: 0.5, COSINES)


@pytest.fixture(scope="module")
def tables():
    return electron_data((material("water"), BONE), Settings())


@pytest.mark.parametrize(("charge", "energy"), [(0, 5.0), (0, 100.0), (1, 100.0), (0, 2000.0)])
def test_hard_elastic_deflections(charge, energy, tables, rng):
    node = round(math.log(energy / tables.lowest_keV) * tables.nodes_per_log / tables.coarse)
    at = node * tables.coarse
    keV = tables.lowest_keV * math.exp(at / tables.nodes_per_log)
    sums = scattering(BONE, charge, np.array([keV]))
    cut = float(tables.cut[charge, 1, at])
    data = pack(tables)
    cosine = np.array([hard_deflection(data, charge, 1, at, 0.0, rng) for _ in range(DRAWS)])
    mu = 0.5 * (1.0 - cosine)
    assert mu.min() >= cut * (1.0 - 1e-6)

    def law(log_mu):
        x = math.exp(log_mu)
        return x * math.exp(np.interp(x, sums.mu[0], np.log(sums.density[0])))

    edges = np.linspace(math.log(cut), 0.0, 31)
    edges[0] -= 1e-5  # rounding of 1 - 2 mu
    assert agrees(np.log(mu), law, edges)


@pytest.mark.parametrize("energy", [100.0, 1000.0])
def test_bremsstrahlung_photons_carry_the_radiative_stopping_power(energy, tables, rng):
    """Rate times mean photon energy is what the radiative stopping power has above the limit."""
    limit = tables.hard_photon_keV
    table = radiation(BONE, ENERGY_keV, limit, 2)
    node = int(np.argmin(abs(ENERGY_keV[:: tables.coarse] - energy))) * tables.coarse
    k = np.array([photon_keV(pack(tables), 1, float(ENERGY_keV[node]), rng) for _ in range(5000)])
    assert limit <= k.min() <= k.max() <= ENERGY_keV[node] * (1 + 1e-9)
    want = table.stopping[0, node] - table.soft_stopping[0, node]
    rate = tables.radiation[0, 1, node]
    # 5 standard errors (6e-7 by chance; 0.9 to 1.5% each), and the table's straight pieces
    error = rate * k.std() / math.sqrt(k.size)
    assert abs(rate * k.mean() - want) < 5.0 * error + 0.003 * want
