"""Carrier + Linker + Payload = Conjugate, joined at attachment points.

A dummy atom with a map number is an open bond: ``[*:1]`` on a carrier and on a payload, ``[*:1]``
(to the carrier) and ``[*:2]`` (to the payload) on a linker. A chelator linker has only ``[*:1]``
and holds a metal ion, which is written beside it without a bond.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pdcraft.chemistry.molecule import attachment_points, formula_of, read_smiles
from pdcraft.core.conjugate import NOT_DISCLOSED, Carrier, Conjugate, Linker, Payload, PayloadKind
from pdcraft.data.catalogue import find_carrier, find_linker, find_payload, payloads
from pdcraft.errors import DataError

if TYPE_CHECKING:
    from rdkit.Chem import Mol

__all__ = ["compose", "conjugate_from_smiles"]


def _is_smiles(text: str) -> bool:
    """Tell a structure from a name: it has a dummy atom, and no part is named with ``*``."""
    return "*" in text


def _carrier(given: Carrier | str) -> Carrier:
    if isinstance(given, Carrier):
        return given
    return Carrier("user carrier", given) if _is_smiles(given) else find_carrier(given)


def _linker(given: Linker | str | None) -> Linker:
    if isinstance(given, Linker):
        return given
    if given is not None and _is_smiles(given):
        return Linker("user linker", given)
    return find_linker(given or "direct")


def _payload(given: Payload | str, kind: PayloadKind | None) -> Payload:
    if isinstance(given, Payload):
        return given
    if not _is_smiles(given):
        return find_payload(given)
    nuclide = _nuclide(read_smiles(given, "payload"), "payload")
    if nuclide is None:
        return Payload(kind, "user payload", given)
    if kind not in (None, "radionuclide"):
        raise DataError(
            f"payload '{given}' holds {nuclide.name} but was said to be a {kind}; "
            "leave the kind out, or the label"
        )
    return Payload("radionuclide", nuclide.name, given, nuclide.half_life_h)


def _read_part(role: str, name: str, smiles: str | None, points: Sequence[tuple[int, ...]]) -> Mol:
    if smiles is None:
        raise DataError(
            f"{role} '{name}': its structure is {NOT_DISCLOSED}, so nothing can be composed from "
            "it; give your own SMILES with attachment points"
        )
    molecule = read_smiles(smiles, f"{role} '{name}'")
    found = attachment_points(molecule)
    if found not in points:
        has = ", ".join(f"[*:{n}]" if n else "* without a number" for n in found) or "none"
        needs = " or ".join(
            " and ".join(f"[*:{n}]" for n in choice) if choice else "none (a metal ion)"
            for choice in points
        )
        raise DataError(
            f"{role} '{name}' needs the attachment points {needs}, it has {has}; mark the open "
            "bond with a dummy atom, as in [131I][*:1]"
        )
    return molecule


def _renumbered(molecule: Mol, number: int) -> Mol:
    from rdkit import Chem

    out = Chem.Mol(molecule)
    for atom in out.GetAtoms():
        if atom.GetAtomicNum() == 0:
            atom.SetAtomMapNum(number)
    return out


def _join(parts: Sequence[Mol]) -> Mol:
    from functools import reduce

    from rdkit import Chem

    rule = Chem.MolzipParams()
    rule.label = Chem.MolzipLabel.AtomMapNumber
    joined = Chem.molzip(reduce(Chem.CombineMols, parts), rule)
    return read_smiles(Chem.MolToSmiles(joined), "the joined molecule")


def _pieces(carrier: Carrier, linker: Linker, payload: Payload) -> list[Mol]:
    """Molecules to join: a metal needs a chelator, everything else a two-ended linker."""
    first = _read_part("carrier", carrier.name, carrier.smiles, [(1,)])
    last = _read_part("payload", payload.name, payload.smiles, [(1,), ()])
    metal = not attachment_points(last)
    if linker.smiles is None:
        middle = None
    else:
        middle = _read_part("linker", linker.name, linker.smiles, [(1, 2), (1,)])
    chelator = middle is not None and attachment_points(middle) == (1,)
    if metal and not chelator:
        raise DataError(
            f"payload '{payload.name}' is a metal ion and cannot be bonded by the linker "
            f"'{linker.name}'; use a chelator such as --linker DOTA-amide"
        )
    if chelator and not metal:
        raise DataError(
            f"linker '{linker.name}' is a chelator (it has no [*:2]) and holds metal ions only, "
            f"but '{payload.name}' bonds; use a linker with [*:1] and [*:2], or direct"
        )
    if middle is None:
        return [first, last]
    return [first, middle, last if metal else _renumbered(last, 2)]


def compose(
    carrier: Carrier | str,
    linker: Linker | str | None,
    payload: Payload | str,
    *,
    name: str | None = None,
    kind: PayloadKind | None = None,
) -> Conjugate:
    """Join carrier, linker and payload.

    Parameters
    ----------
    carrier, linker, payload : part, name of a catalogued part, or SMILES with attachment points
        A linker of None is a direct bond.
    name : str, optional
        Default: the names of the parts.
    kind : {"radionuclide", "fluorophore", "drug"}, optional
        What a payload given as SMILES is; a radioactive label says it by itself.

    Returns
    -------
    Conjugate
        With canonical SMILES, formula and masses.

    Raises
    ------
    DataError
        For an unknown name (with near matches), a structure that is not disclosed, a missing or
        extra attachment point, a metal without chelator, or a valence that does not fit.

    Examples
    --------
    >>> compose("CLR1404", None, "I-131").formula
    'C29H53INO4P'
    """
    first, middle, last = _carrier(carrier), _linker(linker), _payload(payload, kind)
    molecule = _join(_pieces(first, middle, last))
    joint = "" if middle.smiles is None else f" + {middle.name}"
    label = name or f"{first.name}{joint} + {last.name}"
    return _built(label, molecule, last, first, middle)


def conjugate_from_smiles(
    smiles: str, *, name: str = "user molecule", kind: PayloadKind | None = None
) -> Conjugate:
    """Take a whole molecule as it is; a radioactive label such as ``[131I]`` is its payload.

    Parameters
    ----------
    smiles : str
        Without attachment points; salts are written with a dot.
    name : str
    kind : {"radionuclide", "fluorophore", "drug"}, optional
        What a molecule without radioactive label is: then it is its own payload.

    Raises
    ------
    DataError
        For an impossible structure, an open attachment point, two radioactive atoms, or a kind
        that the label contradicts.

    Examples
    --------
    >>> conjugate_from_smiles("CCCCCCCCCCCCCCCCOP(=O)([O-])OCC[N+](C)(C)C").formula
    'C21H46NO4P'
    """
    molecule = read_smiles(smiles, name)
    if attachment_points(molecule):
        raise DataError(
            f"{name}: '{smiles}' has an open attachment point (*); it is a part, not a molecule: "
            "use --carrier and --payload to compose it"
        )
    payload = _nuclide(molecule, name)
    if payload is None and kind == "radionuclide":
        raise DataError(
            f"{name}: '{smiles}' has no radioactive atom; label one, as in [131I], or leave the "
            "kind out"
        )
    if payload is not None and kind not in (None, "radionuclide"):
        raise DataError(
            f"{name}: '{smiles}' holds {payload.name} but was said to be a {kind}; leave the kind "
            "out, or the label"
        )
    if payload is None and kind is not None:
        payload = Payload(kind, name)
    return _built(name, molecule, payload)


def _built(
    name: str,
    molecule: Mol,
    payload: Payload | None,
    carrier: Carrier | None = None,
    linker: Linker | None = None,
) -> Conjugate:
    from rdkit import Chem

    formula = formula_of(molecule)
    return Conjugate(
        name=name,
        payload=payload,
        carrier=carrier,
        linker=linker,
        smiles=Chem.MolToSmiles(molecule),
        formula=formula.hill,
        molar_mass_g_per_mol=formula.molar_mass_g_per_mol,
        monoisotopic_mass_Da=formula.monoisotopic_mass_Da,
    )


def _nuclide(molecule: Mol, what: str) -> Payload | None:
    """Radionuclide among the labeled atoms; stable labels (no decay) are left alone."""
    from rdkit import Chem

    table = Chem.GetPeriodicTable()
    found = [
        f"{atom.GetSymbol()}-{atom.GetIsotope()}"
        for atom in molecule.GetAtoms()
        if atom.GetIsotope()
        and atom.GetAtomicNum()
        and table.GetAbundanceForIsotope(atom.GetAtomicNum(), atom.GetIsotope()) == 0.0
    ]
    if not found:
        return None
    if len(found) > 1:
        raise DataError(
            f"{what}: {len(found)} radioactive atoms ({', '.join(found)}); molar activity is "
            "defined here for one label a molecule: keep one"
        )
    known = payloads()
    if found[0] in known:
        return known[found[0]]
    return Payload("radionuclide", found[0])
