"""Coefficients, reference volumes and marrow shares of the stylised bodies.

References
----------
.. [CE87] M. Cristy, K.F. Eckerman, Specific absorbed fractions of energy at various ages from
   internal photon sources, ORNL/TM-8381 (1987).
.. [C81] M. Cristy, Phys. Med. Biol. 26, 389 (1981): active marrow by bone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pdcraft.data.files import csv_rows
from pdcraft.errors import DataError

__all__ = [
    "COLUMNS",
    "Column",
    "ReferenceVolume",
    "column",
    "red_marrow_shares",
    "reference_volumes",
    "unverified_entries",
]

#: Columns of the family: ages 5 and 10, 15 and adult female, adult male.
COLUMNS = ("05", "10", "15AF", "AM")
ADULT = "AM"


@dataclass(frozen=True, slots=True)
class Column:
    """Coefficients of one body of the family, cm, and the adult's for what it lacks.

    ``stretch`` are the ratios of its trunk to the adult's along x, y, z.
    """

    name: str
    own: Mapping[tuple[str, str], float]
    adult: Mapping[tuple[str, str], float]
    stretch: tuple[float, float, float]

    def has(self, region: str, parameter: str) -> bool:
        """Whether the family's table has this entry for this body."""
        return (region, parameter) in self.own

    def value(self, region: str, parameter: str, axis: int | None = None) -> float:
        """Coefficient of a region.

        Parameters
        ----------
        region, parameter : str
        axis : int, optional
            Where the table has none: the adult's, scaled along this axis as the trunk is.

        Raises
        ------
        DataError
            If there is none and no axis is given.
        """
        key = (region, parameter)
        if key in self.own:
            return self.own[key]
        if axis is None or key not in self.adult:
            raise DataError(
                f"column {self.name} of the stylised bodies has no {region} {parameter}"
            )
        return self.adult[key] * self.stretch[axis]


def _numbers(rows: list[dict[str, str]], name: str) -> Mapping[tuple[str, str], float]:
    found = {(r["region"], r["parameter"]): float(r[name]) for r in rows if r[name]}
    return MappingProxyType(found)


@cache
def column(name: str) -> Column:
    """Coefficients of one body of the family [CE87]_.

    Raises
    ------
    DataError
        For a name that is not in `COLUMNS`.
    """
    if name not in COLUMNS:
        raise DataError(f"no column '{name}' of stylised bodies; there are {', '.join(COLUMNS)}")
    rows = csv_rows("bodies", "coefficients.csv")
    own, adult = _numbers(rows, name), _numbers(rows, ADULT)
    x, y, z = (own["exterior", p] / adult["exterior", p] for p in ("A_T", "B_T", "C_T"))
    return Column(name, own, adult, (x, y, z))


def unverified_entries(name: str) -> Mapping[str, tuple[str, ...]]:
    """Parameters of a column that nothing independent supports, by region."""
    found: dict[str, tuple[str, ...]] = {}
    for r in csv_rows("bodies", "coefficients.csv"):
        if r[name] and name not in r["verified"].split():
            found[r["region"]] = (*found.get(r["region"], ()), r["parameter"])
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class ReferenceVolume:
    """Volume of a region by its equation and by the report's mass, cm³; None if not printed."""

    region: str
    equation_cm3: float
    reference_cm3: float | None
    reference_mass_g: float | None
    verified: bool
    note: str


@cache
def reference_volumes(name: str) -> tuple[ReferenceVolume, ...]:
    """Volumes of a column's regions, with the masses of the reports."""
    return tuple(
        ReferenceVolume(
            r["region"],
            float(r["equation_cm3"]),
            float(r["reference_cm3"]) if r["reference_cm3"] else None,
            float(r["reference_mass_g"]) if r["reference_mass_g"] else None,
            r["status"].startswith("verified"),
            r["note"],
        )
        for r in csv_rows("bodies", "reference_volumes.csv")
        if r["column"] == name
    )


@cache
def red_marrow_shares() -> Mapping[str, float]:
    """Share of the adult's red marrow by region of the stylised body; sums to 1 [C81]_."""
    shares: dict[str, float] = {}
    for row in csv_rows("bodies", "red_marrow.csv"):
        shares[row["region"]] = shares.get(row["region"], 0.0) + float(row["percent"])
    total = sum(shares.values())
    return MappingProxyType({region: share / total for region, share in shares.items()})
