"""Vary the carrier and compare: chain length, aryl position, headgroup.

The template is the p-iodophenyl alkyl phosphocholine of CLR1404 (18 carbons, para); a series
changes one of its three features and keeps the other two and the payload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pdcraft.chemistry.compose import compose
from pdcraft.chemistry.descriptors import Descriptors, descriptors
from pdcraft.core.conjugate import Carrier, Conjugate, Payload
from pdcraft.errors import DataError

__all__ = ["HEADGROUPS", "ISOMER_CAVEAT", "POSITIONS", "Member", "Vary", "aryl_carrier", "series"]

Vary = Literal["chain", "position", "headgroup"]
HEADGROUPS = {
    "phosphocholine": "C[N+](C)(C)CCOP(=O)([O-])O",
    "homophosphocholine": "C[N+](C)(C)CCCOP(=O)([O-])O",
    "phosphoethanolamine": "[NH3+]CCOP(=O)([O-])O",
    "dimethylpiperidinyl phosphate": "C[N+]1(C)CCC(CC1)OP(=O)([O-])O",
    "2-O-methylglycerophosphocholine": "C[N+](C)(C)CCOP(=O)([O-])OCC(OC)CO",
}
_RING = {"ortho": "c1ccccc1[*:1]", "meta": "c1cccc([*:1])c1", "para": "c1ccc([*:1])cc1"}
POSITIONS = tuple(_RING)
_LONGEST = 40
ISOMER_CAVEAT = (
    "ortho, meta and para are isomers: formula, mass and additive descriptors are the same by "
    "construction and say nothing about which one tumors keep"
)


@dataclass(frozen=True, slots=True)
class Member:
    """One molecule of a series: what was varied, the conjugate, its descriptors."""

    label: str
    conjugate: Conjugate
    descriptors: Descriptors

    def row(self) -> dict[str, Any]:
        """One row of the table, plain values."""
        numbers = asdict(self.descriptors)
        del numbers["caveats"]
        return {
            "label": self.label,
            "smiles": self.conjugate.smiles,
            **numbers,
            "carrier_free_ng_per_MBq": self.conjugate.carrier_free_ng_per_MBq,
        }


def aryl_carrier(
    chain_length: int = 18, position: str = "para", headgroup: str = "phosphocholine"
) -> Carrier:
    """Make the carrier headgroup-(CH2)n-C6H4-, open at the aryl ring.

    Parameters
    ----------
    chain_length : int
        Carbons between headgroup and ring, 1 to 40.
    position : {"ortho", "meta", "para"}
        Where the payload sits, seen from the chain.
    headgroup : str
        One of ``HEADGROUPS``.

    Raises
    ------
    DataError
        For a length outside 1 to 40, an unknown position or headgroup.

    Examples
    --------
    >>> aryl_carrier(12, "meta").smiles
    'C[N+](C)(C)CCOP(=O)([O-])OCCCCCCCCCCCCc1cccc([*:1])c1'
    """
    if not 1 <= chain_length <= _LONGEST:
        raise DataError(
            f"chain length {chain_length}: a chain has 1 to {_LONGEST} carbons here; "
            "give a SMILES for anything else"
        )
    if position not in _RING:
        raise DataError(f"aryl position '{position}' is none of {', '.join(POSITIONS)}")
    if headgroup not in HEADGROUPS:
        raise DataError(f"headgroup '{headgroup}' is none of {', '.join(HEADGROUPS)}")
    name = f"{headgroup} C{chain_length} {position}"
    return Carrier(name, HEADGROUPS[headgroup] + "C" * chain_length + _RING[position])


def series(
    vary: Vary,
    values: Sequence[int] | Sequence[str] | None = None,
    *,
    payload: Payload | str = "I-131",
    chain_length: int = 18,
    position: str = "para",
    headgroup: str = "phosphocholine",
) -> tuple[Member, ...]:
    """Make a series and describe every member.

    Parameters
    ----------
    vary : {"chain", "position", "headgroup"}
    values : sequence, optional
        Chain lengths, positions or headgroups; default: even lengths 10 to 22, or all there are.
    payload : Payload, name or SMILES
    chain_length, position, headgroup
        What is kept.

    Raises
    ------
    DataError
        For an unknown feature or value, or an empty series.

    Examples
    --------
    >>> [m.descriptors.chain_length for m in series("chain", [10, 12])]
    [10, 12]
    """
    if vary == "chain":
        lengths = [int(value) for value in (range(10, 23, 2) if values is None else values)]
        rows = [(f"C{n}", aryl_carrier(n, position, headgroup)) for n in lengths]
    elif vary == "position":
        places = [str(value) for value in (POSITIONS if values is None else values)]
        rows = [(place, aryl_carrier(chain_length, place, headgroup)) for place in places]
    elif vary == "headgroup":
        heads = [str(value) for value in (HEADGROUPS if values is None else values)]
        rows = [(head, aryl_carrier(chain_length, position, head)) for head in heads]
    else:
        raise DataError(f"series '{vary}': vary chain, position or headgroup")
    if not rows:
        raise DataError(f"series '{vary}' has no values; give at least one, as in 10 to 22")
    return tuple(_member(label, carrier, payload) for label, carrier in rows)


def _member(label: str, carrier: Carrier, payload: Payload | str) -> Member:
    conjugate = compose(carrier, None, payload)
    return Member(label, conjugate, descriptors(conjugate))
