"""Other Auger and conversion electrons of a decay, for the spread of doses at the scale of cells.

Cascades of one atom agree in energy within some per cent and differ by half in the number of the
softest electrons; evaluations differ in conversion coefficients. Two alternatives stand for that:
the energies of ICRP 107 (each kind's numbers scaled, `pdcraft.data.auger_sums`), and all Auger
electrons below 1 keV left where they start, whatever their number.
"""

from __future__ import annotations

from dataclasses import replace

from pdcraft.data.auger_sums import other_sums_keV
from pdcraft.data.emissions import energy_by_kind_keV
from pdcraft.data.radiation import Line, Nuclide

__all__ = ["auger_models"]

SOFT_BELOW_keV = 1.0
AUGER, CONVERSION = "Auger electron", "conversion electron"


def auger_models(source: Nuclide) -> dict[str, Nuclide]:
    """Return the alternatives of a decay's electrons, by name; none where it has no such.

    Parameters
    ----------
    source : Nuclide
        With or without progeny; the energies of ICRP 107 need them for each nuclide in it, and are
        left out for spectra that are those of ICRP 107 already.
    """
    if not any(x.kind in (AUGER, CONVERSION) for x in source.electrons):
        return {}
    out: dict[str, Nuclide] = {}
    soft = [x for x in source.electrons if x.kind == AUGER and x.energy_keV < SOFT_BELOW_keV]
    if soft:
        out["soft Auger electrons on the spot"] = replace(
            source,
            electrons=tuple(x for x in source.electrons if x not in soft),
            soft_keV=source.soft_keV + sum(x.energy_keV * x.per_decay for x in soft),
        )
    known = other_sums_keV()
    if len(source.includes) == 1 and source.name in known and not source.notice:
        conversion, auger = known[source.name]
        own = energy_by_kind_keV(source)
        factors = {
            CONVERSION: conversion / own[CONVERSION] if own[CONVERSION] else 1.0,
            AUGER: auger / own[AUGER] if own[AUGER] else 1.0,
        }
        out["energies of ICRP 107"] = replace(
            source,
            electrons=tuple(_times(x, factors[x.kind]) for x in source.electrons),
            soft_keV=source.soft_keV * factors[AUGER],
        )
    return out


def _times(line: Line, factor: float) -> Line:
    return replace(line, per_decay=line.per_decay * factor)
