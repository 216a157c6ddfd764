"""Suite chemistry: structures against published formulas, masses and keys; carrier-free amounts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pdcraft.chemistry import catalogue_agent, compose
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_toml

__all__ = ["atoms_in", "cases", "mass_of", "tables"]

_SUITE = "chemistry"


@cache
def tables() -> Mapping[str, Any]:
    """Transcribed formulas, masses and weights."""
    return reference_toml("chemistry.toml")


def atoms_in(formula: str) -> dict[str, int]:
    """Count the atoms of a formula.

    Examples
    --------
    >>> atoms_in("C2H6O")
    {'C': 2, 'H': 6, 'O': 1}
    """
    return {symbol: int(n or 1) for symbol, n in re.findall(r"([A-Z][a-z]?)(\d*)", formula)}


def mass_of(formula: str, masses: Mapping[str, float], label: str | None = None) -> float:
    """Sum atomic masses over a formula; ``label`` replaces one atom of its element.

    Examples
    --------
    >>> mass_of("HI", {"H": 1.0, "I": 127.0, "I-131": 131.0}, "I-131")
    132.0
    """
    total = math.fsum(n * masses[symbol] for symbol, n in atoms_in(formula).items())
    return total if label is None else total - masses[label.split("-")[0]] + masses[label]


def cases() -> Iterator[Case]:
    """Yield every comparison of the suite."""
    for row in tables()["molecules"]:
        yield from _molecule(row)
    yield from _composed()
    yield from _carrier_free()


def _molecule(row: Mapping[str, Any]) -> Iterator[Case]:
    agent = catalogue_agent(row["agent"])
    name, formula, label = row["agent"], row["formula"], row.get("label")
    assert agent.formula is not None
    assert agent.molar_mass_g_per_mol is not None
    assert agent.monoisotopic_mass_Da is not None
    found, wanted = atoms_in(agent.formula), atoms_in(formula)
    differ = sum(abs(found.get(s, 0) - wanted.get(s, 0)) for s in found | wanted)
    why = "a formula is exact"
    yield _exact(f"{name}: atoms that differ from {formula}", differ, 0, row["source"], why)
    weights, nuclides = tables()["weights"], tables()["nuclides"]
    average = mass_of(formula, {**nuclides, **weights}, label)
    yield compare(
        _SUITE, f"{name}: molar mass, g/mol", agent.molar_mass_g_per_mol, average,
        weights["source"], rel=2e-5, why="weights abridged to 3 decimals, sulfur 32.06 or 32.067",
    )  # fmt: skip
    light = mass_of(formula, nuclides, label)
    rounding = 5e-6 * sum(wanted.values())
    yield compare(
        _SUITE, f"{name}: monoisotopic mass, Da", agent.monoisotopic_mass_Da, light,
        nuclides["source"], absolute=rounding, why="5e-6 u rounding an atom",
    )  # fmt: skip
    if "molar_mass" in row:
        yield compare(
            _SUITE, f"{name}: molar mass as printed, g/mol", agent.molar_mass_g_per_mol,
            row["molar_mass"], row["source"], absolute=0.006, why="printed to 0.01",
        )  # fmt: skip
    if "inchikey" in row:
        same = int(_inchikey(agent.smiles or "") == row["inchikey"])
        why = "the InChIKey names the stereoisomer"
        yield _exact(f"{name}: InChIKey is {row['inchikey']}", same, 1, row["source"], why)


def _composed() -> Iterator[Case]:
    for agent, payload in (("CLR 131", "I-131"), ("CLR 125", "I-125"), ("CLR 124", "I-124")):
        same = int(compose("CLR1404", None, payload).smiles == catalogue_agent(agent).smiles)
        name = f"CLR1404 + {payload} gives the structure of {agent}"
        yield _exact(name, same, 1, "catalogue", "canonical SMILES are equal or not")


def _carrier_free() -> Iterator[Case]:
    agent = catalogue_agent("CLR 131")
    assert agent.carrier_free_pmol_per_MBq is not None
    assert agent.carrier_free_ng_per_MBq is not None
    source = "N = A T½ / ln 2 by hand, with T½ = 8.0207 d (ICRP 107)"
    why = "3 digits; half-lives of DDEP and ICRP 107 differ by 0.03%"
    yield compare(
        _SUITE, "CLR 131, carrier-free: pmol/MBq", agent.carrier_free_pmol_per_MBq, 1.66,
        source, rel=4e-3, why=why,
    )  # fmt: skip
    yield compare(
        _SUITE, "CLR 131, carrier-free: ng/MBq", agent.carrier_free_ng_per_MBq, 1.07,
        source, rel=5e-3, why=why,
    )  # fmt: skip


def _exact(name: str, value: float, reference: float, source: str, why: str) -> Case:
    return Case(
        _SUITE, name, float(value), float(reference), f"equal: {why}", source, value == reference
    )


def _inchikey(smiles: str) -> str:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        return str(Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)))
