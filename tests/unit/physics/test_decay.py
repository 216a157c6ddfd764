"""What must be true of decay: the law, the count of atoms, the carrier-free amounts."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants, integrate

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import decay

half_lives = st.floats(0.05, 1e5)  # h: minutes to a decade


def test_avogadro_matches_codata():
    # identities cannot see a wrong constant: it scales both sides; the SI value is exact
    assert decay.AVOGADRO_per_nmol == pytest.approx(constants.Avogadro * 1e-9, rel=1e-15, abs=0)


@given(half_lives)
def test_half_is_left_after_one_half_life(half_life_h):
    # exp and log each lose a few units in the last place
    assert decay.decay_factor(half_life_h, half_life_h) == pytest.approx(0.5, rel=1e-14, abs=0)


@given(half_lives)
def test_all_atoms_decay_once(half_life_h):
    """The atoms in 1 MBq are the integral of its activity over all time."""

    def per_h(time_h):
        return 1e6 * 3600.0 * decay.decay_factor(time_h, half_life_h)

    # 60 half-lives leave 1e-18; the quadrature is asked for 1e-10
    span = np.linspace(0, 60 * half_life_h, 13)
    parts = [
        integrate.quad(per_h, a, b, epsrel=1e-10, epsabs=0)[0] for a, b in itertools.pairwise(span)
    ]
    assert decay.atoms_per_MBq(half_life_h) == pytest.approx(sum(parts), rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("half_life_d", "bq_per_mol"),
    [
        # A = N_A ln2 / T, by hand with four digits a factor: 6.022e23 x 0.6931 / (T x 86400 s)
        (8.0233, 6.021e17),
        (59.388, 8.135e16),
        (6.647, 7.268e17),
    ],
)
def test_molar_activity_by_hand(half_life_d, bq_per_mol):
    got_MBq_per_nmol = decay.molar_activity_MBq_per_nmol(24 * half_life_d)
    # 1 MBq/nmol = 1e15 Bq/mol; four digits
    assert got_MBq_per_nmol * 1e15 == pytest.approx(bq_per_mol, rel=2e-4, abs=0)


def test_carrier_free_iodine_131_conjugate():
    """1.66e-12 mol and 1.07 ng in 1 MBq of 131I on a molecule of 641.63 g/mol (three digits)."""
    half_life_h = 8.0207 * 24  # ICRP 107
    assert decay.carrier_free_pmol_per_MBq(half_life_h) == pytest.approx(1.66, abs=0.005)
    assert decay.carrier_free_ng_per_MBq(half_life_h, 641.63) == pytest.approx(1.07, abs=0.005)


@given(half_lives, st.floats(1.0, 1e5))
def test_mass_amount_and_activity_agree(half_life_h, molar_mass):
    ng = decay.carrier_free_ng_per_MBq(half_life_h, molar_mass)
    pmol = decay.carrier_free_pmol_per_MBq(half_life_h)
    assert ng == pytest.approx(pmol * 1e-3 * molar_mass, rel=1e-13, abs=0)  # 1 nmol = M ng


@given(half_lives, half_lives)
def test_effective_half_life_is_the_harmonic_sum(physical_h, biological_h):
    want = physical_h * biological_h / (physical_h + biological_h)
    got = decay.effective_half_life_h(physical_h, biological_h)
    assert got == pytest.approx(want, rel=1e-13, abs=0)


def test_plasma_half_life_of_the_dosimetry_trial():
    # 822 h biological (NCT00925275) and 131I give 156 h effective, printed to a whole hour
    assert decay.effective_half_life_h(192.5, 822.0) == pytest.approx(156, abs=0.5)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.inf, np.nan])
def test_refuses_a_half_life_that_is_none(wrong):
    with pytest.raises(PhysicsRangeError, match=r"above 0 h and finite, got .*; a stable nuclide"):
        decay.decay_constant_per_h([192.5, wrong])


def test_refuses_a_mass_that_is_none():
    with pytest.raises(PhysicsRangeError, match="above 0 g/mol, got 0 g/mol"):
        decay.specific_activity_MBq_per_ng(192.5, 0.0)
