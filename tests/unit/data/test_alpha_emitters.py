"""Alpha emitters and their chains, against Q values, other evaluations and balance of momentum."""

import numpy as np
import pytest

from pdcraft.data.chains import chain, decays_per_parent_decay, uncounted_alpha_words
from pdcraft.data.emissions import electron_keV, energy_by_kind_keV, photon_keV
from pdcraft.data.nuclide_tables import relaxation_of
from pdcraft.data.nuclides import nuclide, nuclide_names, usual_progeny
from pdcraft.errors import DataError


# Energy of a decay: Q value of the evaluation. For alpha decay to the ground state or an excited
# level all of Q reaches matter; rel: how well the levels' feeding and the lines balance.
@pytest.mark.parametrize(
    ("name", "q_keV", "rel"),
    [
        # Ac-225: lines below 50 keV known to 10-20%, alpha branches to 0.99957
        ("Ac-225", 5935.1, 1.5e-3),
        ("Fr-221", 6457.8, 1.5e-3),
        ("At-217", 7201.3, 5e-4),
        ("Po-213", 8536.1, 5e-4),
        ("Po-212", 8954.12, 1e-4),
        ("Po-211", 7594.5, 5e-4),
    ],
)
def test_alpha_decay_releases_its_Q_value(name, q_keV, rel):
    assert sum(energy_by_kind_keV(nuclide(name, "none")).values()) == pytest.approx(
        q_keV, rel=rel, abs=0
    )


def test_recoils_balance_the_momentum_of_the_alpha_particle():
    # Po-212 emits one line to stable Pb-208: Q = E (1 + m_alpha/M), atomic masses of AME 2020
    alpha_u, lead_u = 4.001506179, 207.976652
    source = nuclide("Po-212")
    expected = source.alpha_keV * alpha_u / lead_u
    assert source.recoil_keV == pytest.approx(expected, rel=2e-4, abs=0)  # mass number for mass
    assert source.alpha_keV + source.recoil_keV == pytest.approx(8954.12, rel=1e-4, abs=0)


def test_all_decays_are_alpha_or_beta():
    for name, alpha, beta in (("Bi-212", 0.3593, 0.6407), ("Bi-213", 0.0209, 0.9791)):
        source = nuclide(name, "none")
        # branching of the evaluation; alpha lines sum to it within 0.3%
        assert sum(x.per_decay for x in source.alpha) == pytest.approx(alpha, rel=3e-3, abs=0)
        assert sum(b.per_decay for b in source.beta) == pytest.approx(beta, rel=1e-3, abs=0)


def test_an_atom_left_by_alpha_decay_has_its_own_cascade():
    # the 39.858 keV transition of Tl-208 (0.2512 of Bi-212's decays, total coefficient 23.3)
    # converts in L and above: no thallium K electrons, but L X-rays and Auger electrons
    source = nuclide("Bi-212", "none")
    converted = [
        x.per_decay
        for x in source.electrons
        if x.kind == "conversion electron" and 20.0 < x.energy_keV < 40.0
    ]
    assert sum(converted) == pytest.approx(0.0107 * 23.3, rel=0.01, abs=0)
    auger = relaxation_of("Bi-212", after_alpha=True).electrons
    assert sum(g.energy_keV * g.number for g in auger) > 1.0
    assert relaxation_of("Bi-212").electrons != auger


def test_chain_of_actinium():
    names = [m.name for m in chain("Ac-225")]
    assert names == ["Ac-225", "Fr-221", "At-217", "Bi-213", "Po-213", "Pb-209", "Tl-209"]
    # radioactivedecay 0.6.1 (high-precision mode, ICRP 107): cumulative decays in 24 h from one
    # atom of Ac-225, over its own 0.06696700846; half-life of Pb-209 0.7% longer here, Fr-221 2%
    # shorter (0.1% of 24 h)
    decays = decays_per_parent_decay("Ac-225", 24.0)
    for name, cumulative, rel in (
        ("At-217", 0.06664937510591756, 1e-3),
        ("Bi-213", 0.0636773857107938, 1e-3),
        ("Tl-209", 0.001327920566643715, 2e-3),
        ("Pb-209", 0.050921186168939855, 3e-3),
    ):
        expected = cumulative / 0.06696700846319259
        assert float(decays[name]) == pytest.approx(expected, rel=rel, abs=0)


def test_alpha_energy_of_the_chains():
    # ICRP 107 per decay of the parent: 5787.2 + 6303.6 + 7068 x (1) + 122.2 + 0.9791 x 8376.5 keV
    expected = 5787.18 + 6303.61 + 7068.0 + 122.183 + 0.9791 * 8376.54
    assert nuclide("Ac-225", "equilibrium").alpha_keV == pytest.approx(expected, rel=1e-3, abs=0)
    assert nuclide("Ac-225", "prompt").includes == ("Ac-225", "Fr-221", "At-217")
    assert nuclide("At-211").alpha_keV == pytest.approx(2452.39 + 0.5822 * 7442.14, rel=1e-3, abs=0)
    assert nuclide("Pb-212", "prompt").alpha == ()
    expected = 2174.51 + 0.6406 * 8785.08
    assert nuclide("Pb-212", "equilibrium").alpha_keV == pytest.approx(expected, rel=2e-3, abs=0)


def test_bismuth_207_is_in_equilibrium_with_nothing():
    assert nuclide("At-211", "equilibrium").includes == ("At-211", "Po-211")


def test_each_daughter_counts_once_whatever_ways_lead_to_it():
    source = nuclide("Ac-225", "equilibrium")
    assert len(set(source.includes)) == len(source.includes) == 7
    beta = sum(b.per_decay for b in source.beta if b.end_point_keV == 644.0)
    # Pb-209 by both ways: all but the 4.8e-5 + 6.7e-5 that leave the chain by other branches
    assert beta == pytest.approx(1.0, rel=2e-4, abs=0)


def test_what_leaves_takes_its_progeny_with_it():
    whole = nuclide("Ac-225", "equilibrium")
    gone = nuclide("Ac-225", "equilibrium", stay={"Fr-221": 0.0})
    alone = nuclide("Ac-225", "none")
    for energy in (electron_keV, photon_keV, lambda n: n.alpha_keV, lambda n: n.recoil_keV):
        assert energy(gone) == pytest.approx(energy(alone), rel=1e-12, abs=0)
        half = nuclide("Ac-225", "equilibrium", stay={"fr221": 0.5})
        expected = 0.5 * (energy(whole) + energy(alone))
        assert energy(half) == pytest.approx(expected, rel=1e-12, abs=0)
    each = nuclide("Pb-212", "equilibrium", stay=0.5)
    # Bi-212 half of its decays here, Po-212 a quarter of them
    expected = 0.5 * nuclide("Bi-212", "none").alpha_keV + 0.25 * 0.6407 * 8785.17
    assert each.alpha_keV == pytest.approx(expected, rel=1e-6, abs=0)
    assert nuclide("Ac-225", "equilibrium", stay=1.0) is whole


def test_shares_that_stay_are_checked():
    with pytest.raises(DataError, match=r"'Bi-213' is no daughter that Ac-225 counts.*Fr-221"):
        nuclide("Ac-225", "prompt", stay={"Bi-213": 0.5})
    with pytest.raises(DataError, match=r"share of Bi-213 must be 0 to 1, got 1\.5"):
        nuclide("Ac-225", "equilibrium", stay={"Bi-213": 1.5})


def test_chains_count_whole_where_later_daughters_emit_alphas():
    usual = {name: usual_progeny(name) for name in nuclide_names()}
    whole = {name for name, progeny in usual.items() if progeny == "equilibrium"}
    assert whole == {"Ac-225", "Fr-221", "At-217", "Pb-212"}
    assert set(usual.values()) == {"prompt", "equilibrium"}
    for name in whole:
        assert uncounted_alpha_words(nuclide(name)) == ()
        assert nuclide(name).alpha_keV == nuclide(name, "equilibrium").alpha_keV
    assert usual_progeny("225Ac", "icrp107") == "prompt"  # without chains


def test_uncounted_alphas_are_said():
    (words,) = uncounted_alpha_words(nuclide("Pb-212", "prompt"))
    assert "Bi-212, Po-212 emit 100%" in words
    assert uncounted_alpha_words(nuclide("Pb-212", "equilibrium")) == ()
    assert uncounted_alpha_words(nuclide("At-211")) == ()
    assert uncounted_alpha_words(nuclide("I-131")) == ()


def test_local_energy_is_what_runs_less_than_a_tenth_of_a_millimeter():
    source = nuclide("At-211")
    parts = (source.soft_keV, source.alpha_keV, source.recoil_keV)
    assert source.local_keV == pytest.approx(float(np.sum(parts)), rel=1e-12, abs=0)
