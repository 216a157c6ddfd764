"""Read structures with RDKit and say what is wrong with them; formula and masses.

Atomic weights are RDKit's (IUPAC; sulfur 32.067), isotope masses its table (AME). An isotopic label
such as ``[131I]`` counts with its own nuclide's mass in both the average and the monoisotopic mass.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pdcraft.errors import DataError

if TYPE_CHECKING:
    from rdkit.Chem import Mol

__all__ = [
    "Formula",
    "attachment_points",
    "formula_of",
    "longest_chain",
    "molar_mass",
    "read_smiles",
]


@dataclass(frozen=True, slots=True)
class Formula:
    """Hill formula with and without isotopes, and the two masses."""

    hill: str
    isotopic: str
    molar_mass_g_per_mol: float
    monoisotopic_mass_Da: float


def _syntax_hint(smiles: str) -> str:
    for left, right, what in (("(", ")", "parentheses"), ("[", "]", "brackets")):
        opened, closed = smiles.count(left), smiles.count(right)
        if opened != closed:
            return f"{opened} '{left}' but {closed} '{right}': close the {what}"
    if not smiles.strip():
        return "it is empty"
    return "check ring numbers, and atoms outside B C N O P S F Cl Br I, which need brackets"


def read_smiles(smiles: str, what: str) -> Mol:
    """Read a SMILES to a checked molecule; RDKit's own messages are silenced.

    Parameters
    ----------
    smiles : str
    what : str
        Name used in the error: ``"payload 'X'"``.

    Raises
    ------
    DataError
        For a syntax error, a wrong valence, a ring that cannot be aromatic, or an isotope of
        unknown mass; all chemical problems at once.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        raw = cast("Mol | None", Chem.MolFromSmiles(smiles, sanitize=False))
        if raw is None or raw.GetNumAtoms() == 0:
            raise DataError(f"{what}: '{smiles}' is not a SMILES: {_syntax_hint(smiles)}")
        problems = [problem.Message() for problem in Chem.DetectChemistryProblems(raw)]
        molecule = None if problems else Chem.MolFromSmiles(smiles)
    if molecule is None:
        faults = "; ".join(problems) or "RDKit cannot make a molecule of it"
        raise DataError(
            f"{what}: '{smiles}' is no possible molecule: {faults}; "
            "mind charges, as in [N+] and [O-], and explicit hydrogens in brackets"
        )
    table = Chem.GetPeriodicTable()
    for atom in molecule.GetAtoms():
        number, mass = atom.GetAtomicNum(), atom.GetIsotope()
        if number and mass and table.GetMassForIsotope(number, mass) <= 0.0:
            raise DataError(
                f"{what}: the mass of [{mass}{atom.GetSymbol()}] is not known; check the label, "
                f"which is the mass number, as in [131I]"
            )
    return molecule


def attachment_points(molecule: Mol) -> tuple[int, ...]:
    """Map numbers of the dummy atoms ``[*:n]``, in rising order; 0 for a bare ``*``."""
    dummies = (atom for atom in molecule.GetAtoms() if atom.GetAtomicNum() == 0)
    return tuple(sorted(atom.GetAtomMapNum() for atom in dummies))


def formula_of(molecule: Mol) -> Formula:
    """Hill formula, isotopic formula, molar mass and monoisotopic mass."""
    from rdkit.Chem import rdMolDescriptors

    return Formula(
        rdMolDescriptors.CalcMolFormula(molecule),
        rdMolDescriptors.CalcMolFormula(molecule, True, False),
        molar_mass(molecule),
        float(rdMolDescriptors.CalcExactMolWt(molecule)),
    )


def molar_mass(molecule: Mol, atoms: Collection[int] | None = None) -> float:
    """Mass in g/mol of the molecule, or of some of its atoms, with their hydrogens.

    A labeled atom counts with its nuclide's mass, any other with the standard atomic weight.
    """
    from rdkit import Chem

    hydrogen = Chem.GetPeriodicTable().GetAtomicWeight(1)
    chosen = [a for a in molecule.GetAtoms() if atoms is None or a.GetIdx() in atoms]
    return math.fsum(atom.GetMass() + hydrogen * atom.GetTotalNumHs() for atom in chosen)


def longest_chain(molecule: Mol) -> tuple[int, ...]:
    """Atoms of the longest path over saturated carbons outside rings, end to end.

    Outside rings the carbons form a forest, so two depth-first walks find the longest path.
    """
    from rdkit.Chem import HybridizationType

    chain = {
        atom.GetIdx()
        for atom in molecule.GetAtoms()
        if atom.GetAtomicNum() == 6
        and not atom.IsInRing()
        and atom.GetHybridization() == HybridizationType.SP3
    }

    def farthest(start: int) -> tuple[int, ...]:
        best: tuple[int, ...] = ()
        stack: list[tuple[int, ...]] = [(start,)]
        while stack:
            path = stack.pop()
            if len(path) > len(best):
                best = path
            for neighbor in molecule.GetAtomWithIdx(path[-1]).GetNeighbors():
                index = neighbor.GetIdx()
                if index in chain and index not in path[-2:]:
                    stack.append((*path, index))
        return best

    paths = (farthest(farthest(start)[-1]) for start in sorted(chain))
    return max(paths, key=len, default=())
