"""Composing: the parts come back whole, nothing is lost, wrong parts are named."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdcraft.chemistry import aryl_carrier, catalogue_agent, compose, conjugate_from_smiles
from pdcraft.core.conjugate import Carrier, Payload
from pdcraft.errors import DataError
from pdcraft.validate.chemistry import atoms_in


@pytest.mark.parametrize(("agent", "payload"), [("CLR 131", "I-131"), ("CLR 124", "I-124")])
def test_parts_give_the_published_structure(agent, payload):
    made = compose("CLR1404", None, payload)
    assert made.smiles == catalogue_agent(agent).smiles  # both canonical
    assert made.payload == catalogue_agent(agent).payload


def test_linker_sits_between_carrier_and_payload():
    """Anisole-type ether written by hand: carrier-O-CH2... in the order given, not reversed."""
    made = compose(Carrier("phenyl", "c1ccccc1[*:1]"), "[*:1]OC[*:2]", "CC(=O)N[*:1]", kind="drug")
    assert made.smiles == conjugate_from_smiles("CC(=O)NCOc1ccccc1").smiles


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 30),
    st.sampled_from(["ortho", "meta", "para"]),
    st.sampled_from([None, "ether", "succinyl", "PEG2-amine"]),
    st.sampled_from(["I-131", "paclitaxel", "BODIPY FL"]),
)
def test_joining_conserves_atoms(length, position, linker, payload):
    """Heavy atoms add up; a bond adds none and loses none."""
    from pdcraft.data.catalogue import linkers, payloads

    def heavy(smiles):
        letters = re.sub(r"\[\*:\d\]|\[|\]|H\d*|@|\d|[+\-=#()/\\]", "", smiles)
        return len(re.findall(r"Cl|Br|[A-Z]|[cnos]", letters))

    carrier = aryl_carrier(length, position)
    parts = [carrier.smiles, payloads()[payload].smiles]
    parts += [linkers()[linker].smiles] if linker else []
    made = compose(carrier, linker, payload)
    counts = atoms_in(made.formula.rstrip("+-"))
    assert sum(n for symbol, n in counts.items() if symbol != "H") == sum(map(heavy, parts))


def test_stereocenters_survive_joining():
    """Paclitaxel has 11 stereocenters; the 2'-carbon keeps its hand when its oxygen is joined."""
    from rdkit import Chem

    made = compose("octadecyl-PC", "carbonyl", "paclitaxel")
    molecule = Chem.MolFromSmiles(made.smiles)
    query = Chem.MolFromSmiles(catalogue_agent("paclitaxel").smiles)
    assert molecule.HasSubstructMatch(query, useChirality=True)
    assert len(Chem.FindMolChiralCenters(molecule, useLegacyImplementation=False)) == 11


@pytest.mark.parametrize(
    ("payload", "ion", "half_life_d"),
    [
        ("Lu-177", "[177Lu+3]", 6.647),
        ("Tb-161", "[161Tb+3]", 6.963),
        ("Ac-225", "[225Ac+3]", 10.0),
        ("Pb-212", "[212Pb+2]", 10.64 / 24),
    ],
)
def test_metal_stays_an_ion_in_its_chelator(payload, ion, half_life_d):
    made = compose("CLR1404", "DOTA", payload)
    assert made.smiles.endswith("." + ion)
    # evaluations of Tb-161 differ by 1%: 6.89 to 6.96 d
    assert made.half_life_h == pytest.approx(half_life_d * 24, rel=0.015, abs=0)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("CLR1405", None, "I-131"), r"no carrier is called 'CLR1405'; did you mean 'CLR1404'"),
        (("CLR1404", None, "I-132"), r"no payload is called 'I-132'; did you mean .*'I-131'"),
        (
            ("CLR1404", "estr", "I-131"),
            r"no linker is called 'estr'; did you mean 'carbonyl' or 'ether'",
        ),
        (("CLR1404", None, "Lu-177"), r"is a metal ion and cannot be bonded .* DOTA-amide"),
        (("CLR1404", "DOTA", "I-131"), r"is a chelator .* but 'I-131' bonds"),
        (("C[*:2]", None, "I-131"), r"needs the attachment points \[\*:1\], it has \[\*:2\]"),
        (("C*", None, "I-131"), r"it has \* without a number"),
        (("[*:1]C[*:1]", None, "I-131"), r"it has \[\*:1\], \[\*:1\]"),
        (("CN(C)(C)(C)[*:1]", None, "I-131"), r"valence for atom # 1 N, 5, .*mind charges"),
        (("C(C[*:1]", None, "I-131"), r"1 '\(' but 0 '\)': close the parentheses"),
        ((Carrier("secret", None), None, "I-131"), r"'secret': its structure is not disclosed"),
    ],
)
def test_wrong_parts_are_named_with_a_way_out(parts, message):
    with pytest.raises(DataError, match=message):
        compose(*parts)


@pytest.mark.parametrize(
    ("smiles", "message"),
    [
        ("", "it is empty"),
        ("C[*:1]", "open attachment point"),
        ("c1cccc1", "Can't kekulize"),
        ("[200I]C", r"the mass of \[200I\] is not known"),
        ("[131I]C[125I]", r"2 radioactive atoms \(I-131, I-125\)"),
    ],
)
def test_wrong_molecules_are_refused(smiles, message):
    with pytest.raises(DataError, match=message):
        conjugate_from_smiles(smiles)


def test_rdkit_is_silent(capfd):
    with pytest.raises(DataError):
        conjugate_from_smiles("CN(C)(C)(C)C")
    with pytest.raises(DataError, match="the joined molecule"):
        compose("CLR1404", None, "C=[*:1]")  # a double bond to an aromatic ring
    assert capfd.readouterr() == ("", "")


def test_label_and_kind_must_agree():
    assert conjugate_from_smiles("C[131I]").payload.name == "I-131"
    assert conjugate_from_smiles("[13CH4]").payload is None  # stable: no payload
    assert conjugate_from_smiles("CCO", kind="drug").payload == Payload("drug", "user molecule")
    with pytest.raises(DataError, match="holds I-131 but was said to be a drug"):
        conjugate_from_smiles("C[131I]", kind="drug")
    with pytest.raises(DataError, match="no radioactive atom"):
        conjugate_from_smiles("CCO", kind="radionuclide")


def test_unknown_nuclide_has_no_half_life():
    made = conjugate_from_smiles("C[211At]")
    assert made.payload == Payload("radionuclide", "At-211")
    assert made.molar_activity_MBq_per_nmol is None
