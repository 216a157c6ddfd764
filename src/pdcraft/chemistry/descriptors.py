r"""Descriptors of a structure, each with its method and what it is worth for this family.

References
----------
.. [WC99] S.A. Wildman, G.M. Crippen, J. Chem. Inf. Comput. Sci. 39, 868 (1999),
   doi:10.1021/ci990307l: additive logP.
.. [ERS00] P. Ertl, B. Rohde, P. Selzer, J. Med. Chem. 43, 3714 (2000), doi:10.1021/jm000942e:
   topological polar surface area (nitrogen and oxygen only).
.. [GR54] W.C. Griffin, J. Soc. Cosmet. Chem. 5, 249 (1954): HLB :math:`= 20\,M_h/M`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pdcraft.chemistry.molecule import formula_of, longest_chain, molar_mass, read_smiles
from pdcraft.core.conjugate import NOT_DISCLOSED, Conjugate
from pdcraft.errors import DataError

if TYPE_CHECKING:
    from rdkit.Chem import Mol

__all__ = ["HLB_METHOD", "ZWITTERION_CAVEAT", "Descriptors", "descriptors"]

ZWITTERION_CAVEAT = (
    "logP: additive contributions misjudge zwitterions and permanent ions; use it to rank "
    "molecules with the same headgroup, never as a partition coefficient"
)
HLB_METHOD = (
    "Griffin (1954), 20 x mass of the headgroup / mass of the molecule; the headgroup is the "
    "phosphate with its ammonium side. Made for non-ionic ethoxylates, so it ranks chain lengths "
    "under one headgroup and is no measured HLB; Davies' group numbers have none for phosphocholine"
)


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What the structure alone says.

    Attributes
    ----------
    formula, isotopic_formula : str
        Hill order; with isotopes named in the second.
    molar_mass_g_per_mol, monoisotopic_mass_Da : float
        A labeled atom counts with its own nuclide's mass in both.
    net_charge : int
        Sum of formal charges, in elementary charges.
    logp_crippen : float
        Octanol/water, additive [WC99]_; see ``caveats``.
    tpsa_A2 : float
        Topological polar surface area, in square ångström [ERS00]_.
    hlb_griffin : float or None
        Hydrophile-lipophile balance, 0 to 20 [GR54]_; None without one phosphate-ammonium head.
    chain_length : int
        Carbons in the longest run of saturated carbon atoms outside rings.
    heavy_atoms, rotatable_bonds, h_bond_donors, h_bond_acceptors : int
    caveats : tuple of str
        What not to do with these numbers.
    """

    formula: str
    isotopic_formula: str
    molar_mass_g_per_mol: float
    monoisotopic_mass_Da: float
    net_charge: int
    logp_crippen: float
    tpsa_A2: float
    hlb_griffin: float | None
    chain_length: int
    heavy_atoms: int
    rotatable_bonds: int
    h_bond_donors: int
    h_bond_acceptors: int
    caveats: tuple[str, ...]


def descriptors(conjugate: Conjugate) -> Descriptors:
    """Compute the descriptors of a conjugate.

    Raises
    ------
    DataError
        If its structure is not disclosed.

    Examples
    --------
    >>> from pdcraft.chemistry import catalogue_agent
    >>> clr131 = descriptors(catalogue_agent("CLR 131"))
    >>> clr131.chain_length, clr131.net_charge, round(clr131.molar_mass_g_per_mol, 2)
    (18, 0, 641.63)
    """
    if conjugate.smiles is None:
        raise DataError(
            f"agent '{conjugate.name}': its structure is {NOT_DISCLOSED}, so it has no "
            "descriptors; give your own SMILES to 'pdcraft compose --smiles'"
        )
    from rdkit.Chem import rdMolDescriptors, rdmolops

    molecule = read_smiles(conjugate.smiles, conjugate.name)
    formula = formula_of(molecule)
    charges = [atom.GetFormalCharge() for atom in molecule.GetAtoms()]
    hlb = _hlb(molecule)
    caveats = [ZWITTERION_CAVEAT] if any(charges) else []
    if hlb is not None:
        caveats.append(f"HLB: {HLB_METHOD}")
    return Descriptors(
        formula=formula.hill,
        isotopic_formula=formula.isotopic,
        molar_mass_g_per_mol=formula.molar_mass_g_per_mol,
        monoisotopic_mass_Da=formula.monoisotopic_mass_Da,
        net_charge=int(rdmolops.GetFormalCharge(molecule)),
        logp_crippen=float(rdMolDescriptors.CalcCrippenDescriptors(molecule)[0]),
        tpsa_A2=float(rdMolDescriptors.CalcTPSA(molecule)),
        hlb_griffin=hlb,
        chain_length=len(longest_chain(molecule)),
        heavy_atoms=int(molecule.GetNumHeavyAtoms()),
        rotatable_bonds=int(rdMolDescriptors.CalcNumRotatableBonds(molecule)),
        h_bond_donors=int(rdMolDescriptors.CalcNumHBD(molecule)),
        h_bond_acceptors=int(rdMolDescriptors.CalcNumHBA(molecule)),
        caveats=tuple(caveats),
    )


def _hlb(molecule: Mol) -> float | None:
    """Griffin's number with the phosphate and its ammonium side as the hydrophilic part."""
    from rdkit import Chem

    matches = molecule.GetSubstructMatches(Chem.MolFromSmarts("P(=O)([OX1-])([OX2][#6])[OX2][#6]"))
    if len(matches) != 1:
        return None
    phosphorus, _, _, *esters = matches[0]
    head_mass, found = 0.0, False
    for oxygen, carbon in (esters[:2], esters[2:]):
        bond = molecule.GetBondBetweenAtoms(oxygen, carbon).GetIdx()
        cut = Chem.FragmentOnBonds(molecule, [bond], addDummies=False)
        for part in Chem.GetMolFrags(cut):
            ammonium = any(
                cut.GetAtomWithIdx(i).GetAtomicNum() == 7
                and cut.GetAtomWithIdx(i).GetFormalCharge() > 0
                for i in part
            )
            if ammonium and phosphorus not in part and carbon in part:
                found = True
                head_mass += molar_mass(molecule, part)
    phosphate = {
        phosphorus,
        *(a.GetIdx() for a in molecule.GetAtomWithIdx(phosphorus).GetNeighbors()),
    }
    if not found:
        return None
    return 20.0 * (head_mass + molar_mass(molecule, phosphate)) / molar_mass(molecule)
