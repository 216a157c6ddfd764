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


def test_two_members_by_hand():
    # 1 - (L2 exp(-L1 t) - L1 exp(-L2 t)) / (L2 - L1); t = one parent half-life, L2 = 4 L1:
    # 1 - (4/2 - 1/16) / 3 = 17/48
    assert decay.chain_decays([8.0, 2.0], 8.0) == pytest.approx(17 / 48, rel=1e-14, abs=0)


# radioactivedecay 0.6.1 in its high-precision mode, with the half-lives (h) that it holds: decays
# until 24 h per atom of Ac-225; branchings 0.99988 (At-217) and 0.9791 (Bi-213) divided out
AC_225_h = [240.0, 0.08166666666666667, 8.972222222222223e-06, 0.7598333333333334]


@pytest.mark.parametrize(
    ("half_life_h", "time_h", "decays"),
    [
        (AC_225_h[:1], 24.0, 0.06696700846319259),
        (AC_225_h[:2], 24.0, 0.06664940999853931),
        (AC_225_h[:3], 24.0, 0.06664937510591756),
        (AC_225_h, 24.0, 0.0636773857107938 / 0.99988),
        ([*AC_225_h, 1.1666666666666666e-09], 24.0, 0.06234652834498233 / (0.99988 * 0.9791)),
        ([192.4968, 284.16], 240.0, 0.0018652506024281052 / 0.011759),
        ([6.015, 1850463082.08], 6.0, 6.250002659642347e-10 / 0.99996),
    ],
)
def test_chains_of_another_program(half_life_h, time_h, decays):
    # double precision against 15 digits: the widest range of half-lives loses 1e-9 by cancellation
    assert decay.chain_decays(half_life_h, time_h) == pytest.approx(decays, rel=1e-8, abs=0)


@given(st.lists(half_lives, min_size=2, max_size=4, unique_by=lambda h: round(np.log(h), 2)))
def test_every_atom_passes_through_every_member(half_life_h):
    assert decay.chain_decays(half_life_h, np.inf) == pytest.approx(1.0, rel=1e-5, abs=0)
    counts = [
        float(decay.chain_decays(half_life_h[:n], max(half_life_h)))
        for n in range(1, len(half_life_h) + 1)
    ]
    # a daughter never decays more often than what feeds it; 1e-5 is lost to close half-lives
    assert all(b <= a + 1e-5 for a, b in itertools.pairwise(counts))


def test_refuses_equal_half_lives_and_times_before_the_start():
    with pytest.raises(PhysicsRangeError, match=r"the same half-life.*change one"):
        decay.chain_decays([8.0, 2.0, 8.0], 1.0)
    with pytest.raises(PhysicsRangeError, match="0 h or later, got -1 h"):
        decay.chain_decays([8.0, 2.0], -1.0)
