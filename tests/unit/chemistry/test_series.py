"""Series: what is varied varies, what is kept stays, wrong values are named."""

import pytest

from pdcraft.chemistry import catalogue_agent, series
from pdcraft.chemistry.series import HEADGROUPS, POSITIONS
from pdcraft.errors import DataError


def test_the_template_is_clr131():
    (member,) = series("chain", [18])
    assert member.conjugate.smiles == catalogue_agent("CLR 131").smiles


def test_known_relatives_are_in_their_series():
    """NM324 is C12 meta phosphocholine, NM294 C12 meta 2-O-methylglycerophosphocholine."""
    stable = "I[*:1]"
    (nm324,) = series("chain", [12], position="meta", payload=stable)
    assert nm324.conjugate.smiles == catalogue_agent("NM324").smiles
    head = "2-O-methylglycerophosphocholine"
    (nm294,) = series("headgroup", [head], chain_length=12, position="meta", payload=stable)
    assert nm294.conjugate.smiles == catalogue_agent("NM294").smiles


def test_positions_are_three_isomers():
    members = series("position")
    assert [m.label for m in members] == list(POSITIONS)
    assert len({m.conjugate.smiles for m in members}) == 3
    assert len({m.conjugate.formula for m in members}) == 1


def test_every_headgroup_is_a_neutral_zwitterion():
    members = series("headgroup")
    assert [m.label for m in members] == list(HEADGROUPS)
    assert {m.descriptors.net_charge for m in members} == {0}
    assert all(m.descriptors.hlb_griffin is not None for m in members)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("chain", [0]), "chain length 0: a chain has 1 to 40"),
        (("chain", []), "has no values"),
        (("position", ["next"]), "'next' is none of ortho, meta, para"),
        (("headgroup", ["choline"]), "headgroup 'choline' is none of phosphocholine"),
        (("color", None), "vary chain, position or headgroup"),
    ],
)
def test_wrong_series_are_named(arguments, message):
    with pytest.raises(DataError, match=message):
        series(*arguments)
