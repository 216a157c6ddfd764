"""Tissue weighting factors of effective dose (ICRP 103) and the targets that have each tissue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from pdcraft.data.files import load_toml

__all__ = ["Sex", "Tissue", "tissue_source", "tissues"]

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Tissue:
    """A tissue of one sex: weight, the targets that it is, and whether they only stand for it."""

    name: str
    weight: float
    targets: tuple[str, ...]
    surrogate: bool


@cache
def tissues(sex: Sex) -> tuple[Tissue, ...]:
    """All tissues of a sex; weights sum to 1.

    Examples
    --------
    >>> round(sum(t.weight for t in tissues("female")), 12)
    1.0
    """
    table = load_toml("tissue_weights.toml")
    rest = {n: row for n, row in table["rest"]["tissue"].items() if "targets" in row or sex in row}
    rows = {name: (row, float(row["weight"])) for name, row in table["tissue"].items()}
    rows |= {name: (row, table["rest"]["weight"] / len(rest)) for name, row in rest.items()}
    return tuple(
        Tissue(
            name,
            weight,
            tuple(row.get(sex) or row["targets"]),
            sex in row.get("surrogate", ()),
        )
        for name, (row, weight) in rows.items()
    )


def tissue_source() -> str:
    """Where the weights come from."""
    return str(load_toml("tissue_weights.toml")["source"])
