"""Descriptors against published formulas, weights summed by hand, and counting."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdcraft.chemistry import (
    agents,
    catalogue_agent,
    compose,
    conjugate_from_smiles,
    descriptors,
    series,
)
from pdcraft.errors import DataError
from pdcraft.validate import chemistry as suite


def test_every_case_of_the_validate_suite_passes():
    cases = list(suite.cases())
    assert len(cases) > 40
    assert [case.name for case in cases if case.passed is not True] == []


def test_a_label_moves_both_masses_by_the_same_amount():
    """131I replaces natural iodine, which is all 127I: average and monoisotopic move alike."""
    cold, hot = catalogue_agent("CLR1404"), catalogue_agent("CLR 131")
    average = hot.molar_mass_g_per_mol - cold.molar_mass_g_per_mol
    light = hot.monoisotopic_mass_Da - cold.monoisotopic_mass_Da
    # AME: 130.90613 - 126.90447; the atomic weight used for iodine is rounded to 0.0005
    assert light == pytest.approx(4.00166, abs=2e-5)
    assert average == pytest.approx(light, abs=6e-4)


@settings(deadline=None, max_examples=15)
@given(st.integers(6, 30))
def test_one_more_methylene(length):
    """CH2 adds 14.027 g/mol, no polar surface, one to the chain, and lowers HLB."""
    short, long = (member.descriptors for member in series("chain", [length, length + 1]))
    step = long.molar_mass_g_per_mol - short.molar_mass_g_per_mol
    assert step == pytest.approx(12.011 + 2 * 1.008, rel=1e-9, abs=0)
    assert long.chain_length - short.chain_length == 1
    assert short.chain_length == length
    assert long.tpsa_A2 == short.tpsa_A2
    assert long.hlb_griffin < short.hlb_griffin
    assert long.logp_crippen > short.logp_crippen


def test_hlb_of_miltefosine_by_hand():
    """Head O4P and C5H13N: 94.970 + 87.166 of 407.576 g/mol, twentyfold."""
    head = (30.974 + 4 * 15.999) + (5 * 12.011 + 13 * 1.008 + 14.007)
    got = descriptors(catalogue_agent("miltefosine")).hlb_griffin
    assert got == pytest.approx(20 * head / 407.576, rel=1e-5, abs=0)  # weights to 3 decimals


@pytest.mark.parametrize(
    ("agent", "carbons"),
    [("CLR 131", 18), ("NM324", 12), ("NM294", 12), ("miltefosine", 16), ("perifosine", 18)],
)
def test_chain_length_is_that_of_the_name(agent, carbons):
    assert descriptors(catalogue_agent(agent)).chain_length == carbons


def test_published_logp_order():
    """Crippen's values as computed elsewhere with RDKit, two decimals: CLR1404, miltefosine ..."""
    got = [descriptors(catalogue_agent(n)) for n in ("CLR1404", "miltefosine", "perifosine")]
    assert [round(d.logp_crippen, 2) for d in got] == [8.28, 5.68, 6.99]


def test_zwitterions_carry_the_caveat_and_others_do_not():
    assert "misjudge zwitterions" in descriptors(catalogue_agent("CLR 131")).caveats[0]
    plain = descriptors(catalogue_agent("paclitaxel"))
    assert plain.caveats == ()
    assert plain.hlb_griffin is None  # no phosphate head


def test_charge_and_isotopic_formula():
    salt = descriptors(conjugate_from_smiles("[Na+].CC(=O)[O-]"))
    assert (salt.net_charge, salt.formula) == (0, "C2H3NaO2")
    assert descriptors(conjugate_from_smiles("C[N+](C)(C)C")).net_charge == 1
    assert descriptors(catalogue_agent("CLR 131")).isotopic_formula == "C29H53NO4P[131I]"
    assert descriptors(compose("CLR1404", "DOTA", "Y-90")).net_charge == 0


def test_a_structure_that_is_not_public_has_no_numbers():
    secret = [a for a in agents() if a.smiles is None]
    hidden = {"CLR 1501", "CLR 1502", "CLR 1602-PTX", "CLR 1603-PTX", "177Lu-NM600", "90Y-NM600"}
    assert {a.name for a in secret} == hidden
    for agent in secret:
        assert agent.structure == "not disclosed"
        assert agent.formula is None
        assert agent.molar_mass_g_per_mol is None
        with pytest.raises(DataError, match="its structure is not disclosed, so it has no"):
            descriptors(agent)
