"""Reference masses of organs: the adult man and woman of ICRP 89 and the 30-g mouse of RADAR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pdcraft.core.regions import region_name
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, did_you_mean

__all__ = ["ReferenceMasses", "reference_mass_g", "reference_masses"]


@dataclass(frozen=True, slots=True)
class ReferenceMasses:
    """Masses in g of the regions of one reference body, with their source and a note."""

    body: str
    region_g: Mapping[str, float]
    source: str
    note: str


@cache
def _bodies() -> Mapping[str, ReferenceMasses]:
    table = load_toml("reference_masses.toml")
    return MappingProxyType(
        {
            body: ReferenceMasses(
                body,
                MappingProxyType({region: float(g) for region, g in row["region_g"].items()}),
                row["source"],
                row["note"],
            )
            for body, row in table.items()
        }
    )


def reference_masses(body: str) -> ReferenceMasses:
    """Masses of a reference body: ``adult-male``, ``adult-female`` or ``mouse-30g``.

    Raises
    ------
    DataError
        For another name, with near matches.
    """
    bodies = _bodies()
    if body in bodies:
        return bodies[body]
    hint = did_you_mean(body, bodies, most=2, cutoff=0.5) or "there are"
    raise DataError(f"no reference body is called '{body}'; {hint} ({', '.join(bodies)})")


def reference_mass_g(body: str, region: str) -> float:
    """Mass of one region in g; the region in any spelling of `region_name`.

    Raises
    ------
    DataError
        If the body or region is unknown, or the table has no mass for it.

    Examples
    --------
    >>> reference_mass_g("adult-male", "Liver")
    1800.0
    """
    masses = reference_masses(body)
    name = region_name(region)
    if name not in masses.region_g:
        raise DataError(
            f"{body}: no reference mass of '{name}'; give the mass, or one of "
            f"{', '.join(masses.region_g)}"
        )
    return masses.region_g[name]
