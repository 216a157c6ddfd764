"""The phospholipid drug conjugate: one carrier, perhaps a linker, one payload.

The carrier decides where the molecule goes, the payload what it does there. A structure that is
not public is ``None`` and reads 'not disclosed'; then formula and masses are ``None`` too.
SMILES are plain text here: ``pdcraft.chemistry`` reads, joins and draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pdcraft.core.notebook import Shown, Table, number
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics import decay

__all__ = ["NOT_DISCLOSED", "Carrier", "Conjugate", "Linker", "Payload", "PayloadKind"]

PayloadKind = Literal["radionuclide", "fluorophore", "drug"]
NOT_DISCLOSED = "not disclosed"


def _need_name(what: str, name: str) -> None:
    if not name.strip():
        raise DataError(f"a {what} needs a name, got {name!r}; give one that tables can print")


@dataclass(frozen=True, slots=True)
class Carrier:
    """What takes the payload to the tumor.

    Attributes
    ----------
    name : str
    smiles : str or None
        Structure with one attachment point, written ``[*:1]``; None if not disclosed.
    """

    name: str
    smiles: str | None

    def __post_init__(self) -> None:
        _need_name("carrier", self.name)


@dataclass(frozen=True, slots=True)
class Linker:
    """What joins carrier and payload.

    Attributes
    ----------
    name : str
    smiles : str or None
        Structure with ``[*:1]`` towards the carrier and ``[*:2]`` towards the payload; a chelator
        has only ``[*:1]`` and holds a metal without a drawn bond. None is a direct bond.
    """

    name: str
    smiles: str | None

    def __post_init__(self) -> None:
        _need_name("linker", self.name)


@dataclass(frozen=True, slots=True)
class Payload:
    """What works or shines at the tumor.

    Attributes
    ----------
    kind : {"radionuclide", "fluorophore", "drug"} or None
        None for a user's molecule whose kind was not said.
    name : str
        A nuclide is named as ``I-131``.
    smiles : str or None
        Structure with one ``[*:1]``; a metal ion has none. None if not disclosed.
    half_life_h : float or None
        Physical half-life of a radionuclide.
    """

    kind: PayloadKind | None
    name: str
    smiles: str | None = None
    half_life_h: float | None = None

    def __post_init__(self) -> None:
        _need_name("payload", self.name)
        if self.half_life_h is None:
            return
        if self.kind != "radionuclide":
            raise DataError(
                f"payload '{self.name}' is a {self.kind or 'molecule of unsaid kind'} with a "
                f"half-life of {self.half_life_h:g} h; only a radionuclide decays: leave it out"
            )
        if not self.half_life_h > 0:
            raise PhysicsRangeError(
                f"payload '{self.name}': a half-life must be above 0 h, got {self.half_life_h:g} h"
            )


@dataclass(frozen=True, slots=True)
class Conjugate(Shown):
    """A whole molecule with what its structure fixes.

    Attributes
    ----------
    name : str
    payload : Payload or None
        None for a bare carrier.
    carrier, linker : optional
        None for a molecule that was not composed from parts.
    smiles : str or None
        Canonical structure with isotopic labels such as ``[131I]``; None if not disclosed.
    formula : str or None
        Hill formula without isotopes, such as ``C29H53INO4P``.
    molar_mass_g_per_mol : float or None
        Standard atomic weights; a labeled atom counts with its own nuclide's mass.
    monoisotopic_mass_Da : float or None
        Most abundant isotopes; a labeled atom counts with its own nuclide's mass.
    """

    name: str
    payload: Payload | None
    carrier: Carrier | None = None
    linker: Linker | None = None
    smiles: str | None = None
    formula: str | None = None
    molar_mass_g_per_mol: float | None = None
    monoisotopic_mass_Da: float | None = None

    def __post_init__(self) -> None:
        _need_name("conjugate", self.name)
        derived = (self.formula, self.molar_mass_g_per_mol, self.monoisotopic_mass_Da)
        if self.smiles is None and any(value is not None for value in derived):
            raise DataError(
                f"conjugate '{self.name}': its structure is {NOT_DISCLOSED}, so it can have no "
                "formula and no mass; give the SMILES or leave them out"
            )

    def _table(self) -> Table:
        payload = self.payload.name if self.payload else "none"
        mass = number(self.molar_mass_g_per_mol)
        cells = (payload, self.formula or NOT_DISCLOSED, mass, number(self.half_life_h))
        columns = ("payload", "formula", "molar mass, g/mol", "half-life, h")
        return Table(self.name, (*columns, "structure"), [(*cells, self.structure)])

    @property
    def structure(self) -> str:
        """The SMILES, or 'not disclosed'."""
        return self.smiles or NOT_DISCLOSED

    @property
    def half_life_h(self) -> float | None:
        """Physical half-life of the payload; None if it does not decay."""
        return self.payload.half_life_h if self.payload else None

    @property
    def molar_activity_MBq_per_nmol(self) -> float | None:
        """Carrier-free molar activity: every molecule labeled. None without a radionuclide."""
        if self.half_life_h is None:
            return None
        return float(decay.molar_activity_MBq_per_nmol(self.half_life_h))

    @property
    def carrier_free_pmol_per_MBq(self) -> float | None:
        """Least amount of conjugate in 1 MBq; None without a radionuclide."""
        if self.half_life_h is None:
            return None
        return float(decay.carrier_free_pmol_per_MBq(self.half_life_h))

    @property
    def specific_activity_MBq_per_ng(self) -> float | None:
        """Carrier-free specific activity; None without a radionuclide or a structure."""
        if self.half_life_h is None or self.molar_mass_g_per_mol is None:
            return None
        mass = self.molar_mass_g_per_mol
        return float(decay.specific_activity_MBq_per_ng(self.half_life_h, mass))

    @property
    def carrier_free_ng_per_MBq(self) -> float | None:
        """Least mass of conjugate in 1 MBq; None without a radionuclide or a structure."""
        if self.half_life_h is None or self.molar_mass_g_per_mol is None:
            return None
        mass = self.molar_mass_g_per_mol
        return float(decay.carrier_free_ng_per_MBq(self.half_life_h, mass))
