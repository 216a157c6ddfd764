"""S values of the stylised mouse against published ones, and its I-131 self absorbed fractions.

The mouse's geometry is an atlas's, its masses are scaled to those of the table: kidneys from 0.66
to 0.37 g, pancreas from 0.06 to 0.38 g. Values between organs belong to another anatomy and are
shown as factors. Part of the organs suite.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from pdcraft.anatomy.mouse import mouse_body
from pdcraft.data.body_fractions import mouse_fractions
from pdcraft.data.nuclides import nuclide
from pdcraft.dosimetry.fraction_folding import emitted
from pdcraft.dosimetry.organ_s import OrganS, organ_S
from pdcraft.errors import ApproximationWarning
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV
from pdcraft.validate.case import Case, compare
from pdcraft.validate.decide import show
from pdcraft.validate.organs import MOUSE_TABLE
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "organs"
KEENAN = "RADAR mouse of 30 g, F-18: Keenan et al., J. Nucl. Med. 51, 471 (2010), second-hand copy"
BALB = "EJNMMI Research 2011;1:29, Table 1, doi:10.1186/2191-219X-1-29 (fractions of electrons)"
PHOTONS = "murine photon S of I-131, copy whose source is not identified"
TABLE_MOUSE_g, BALB_MOUSE_g = 30.0, 20.0
WITHIN, LARGE_g = 0.10, 0.1
CAUSES = {
    "lungs": "air-filled: at less mass more electrons leave, which scaling by mass does not see",
    "urinary_bladder_wall": "one solid organ there, a wall about its contents here",
}
#: I-131's photons, Gy/(Bq s).
I131_PHOTONS = {("liver", "liver"): 5.8e-13, ("spleen", "spleen"): 4.7e-12,
                ("spleen", "liver"): 4.4e-14, ("liver", "spleen"): 4.2e-14}  # fmt: skip
TO_mGy_per_MBq_s = 1e9  # from Gy/(Bq s)


def _values(name: str, mass_g: float) -> OrganS:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ApproximationWarning)
        return organ_S(mouse_body(mass_g), mouse_fractions(mass_g), name)


def cases() -> Iterator[Case]:
    """Yield F-18 by organ, F-18 between organs, then I-131."""
    fluorine = _values("F-18", TABLE_MOUSE_g)
    rows = reference_rows("organs", "mouse_f18.csv")
    for row in rows:
        if row["source"] == row["target"] and row["source"] in fluorine.sources:
            yield _self(fluorine, row["source"], float(row["S_mGy_per_MBq_s"]))
    yield from _between(fluorine, [r for r in rows if r["source"] != r["target"]])
    iodine = _values("I-131", BALB_MOUSE_g)
    yield from _electrons(iodine)
    yield from _photons(iodine)


def _at(values: OrganS, target: str, source: str) -> tuple[int, int]:
    return values.targets.index(target), values.sources.index(source)


def _self(values: OrganS, organ: str, reference: float) -> Case:
    at = _at(values, organ, organ)
    value, mass = float(values.total[at]), float(values.target_mass_g[at[0]])
    name = f"S of F-18 in {organ}, mouse of 30 g, mGy/(MBq s)"
    if mass >= LARGE_g and organ not in CAUSES:
        why = "masses scaled, shapes differ: what leaves an organ is 5% to 15%"
        return compare(SUITE, name, value, reference, KEENAN, rel=WITHIN, why=why)
    cause = CAUSES.get(organ, f"{mass:.3g} g: less than electrons need to stay in")
    return show(SUITE, name, value, reference, f"{value / reference - 1:+.0%}; {cause}", KEENAN)


def _between(values: OrganS, rows: list[dict[str, str]]) -> Iterator[Case]:
    for source in dict.fromkeys(r["source"] for r in rows):
        ratio: dict[str, float] = {}
        for row in rows:
            if row["source"] == source and row["target"] in values.targets:
                value = float(values.total[_at(values, row["target"], source)])
                ratio[row["target"]] = value / float(row["S_mGy_per_MBq_s"])
        low, high = min(ratio, key=lambda t: ratio[t]), max(ratio, key=lambda t: ratio[t])
        yield show(
            SUITE,
            f"S of F-18 from {source} to other organs, mouse of 30 g: median of ratios",
            float(np.median(list(ratio.values()))),
            1.0,
            f"{len(ratio)} organs, from {ratio[low]:.2f} ({low}) to {ratio[high]:.2f} ({high}); "
            "another anatomy, no target",
            KEENAN,
        )


def _electrons(values: OrganS) -> Iterator[Case]:
    energy_keV = emitted(nuclide("I-131"))[1].keV
    for organ in MOUSE_TABLE:
        at = _at(values, organ.name, organ.name)
        per_g = values.electron[at] / (energy_keV * S_UNIT_mGy_g_per_MBq_s_keV)
        table_g = float(values.target_mass_g[at[0]])
        yield show(
            SUITE,
            f"self absorbed fraction of I-131's electrons in {organ.name}, mouse of 20 g",
            float(per_g * table_g),
            organ.absorbed_fraction,
            f"{table_g:.2g} g after scaling, {organ.mass_g:g} g there",
            BALB,
        )


def _photons(values: OrganS) -> Iterator[Case]:
    for (source, target), S in I131_PHOTONS.items():
        yield show(
            SUITE,
            f"S of I-131's photons from {source} to {target}, mouse of 20 g, mGy/(MBq s)",
            float(values.photon[_at(values, target, source)]),
            S * TO_mGy_per_MBq_s,
            "another mouse, masses unknown",
            PHOTONS,
        )
