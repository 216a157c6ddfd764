"""S values for the carrier's evidence: what kinetics may not compute itself, as rows of a table.

The sources of a row are its target, the other regions that the carrier model tells apart and that
the body has, and the remainder of the body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.anatomy.masses import with_masses
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.dosimetry.phantom import MOUSE, phantom
from pdcraft.dosimetry.sphere_regions import SphereRegion, with_spheres
from pdcraft.dosimetry.tiac import REMAINDER, source_weights
from pdcraft.kinetics.carrier.parameters import Host, Species, host
from pdcraft.kinetics.carrier.predict import fitted_items

__all__ = ["COMMAND", "CarrierS", "carrier_s_values", "table_text"]

COMMAND = "python -m pdcraft.study carrier-s-values --out FILE"
HUMAN = "adult-male"
TUMOR_g = 0.3  # mass of the mice's tumors, not said by any source: assumed
SOFT = "remainder"  # the tissue that a region without a solid lies in
SPECIES: tuple[Species, ...] = ("mouse", "human")
HEADER = f"""\
# S values behind the doses of evidence.toml, computed by pdcraft: mGy/(MBq s) of a target by
# source, Monte Carlo errors alike, and masses of the sources in g. remainder: the body without
# the other sources. A region without a solid (tumor, the mouse's marrow) is a sphere of its
# mass (tumor: {TUMOR_g:g} g, assumed) that photons reach as they reach soft tissue.
# command: {COMMAND}
# source: computed by pdcraft; licence: Apache-2.0.
version = "1"\
"""


@dataclass(frozen=True, slots=True)
class CarrierS:
    """A row: S values of a target by source, mGy/(MBq s), their errors, masses of sources in g."""

    species: str
    nuclide: str
    target: str
    body: str
    S: Mapping[str, float]
    std_err: Mapping[str, float]
    mass_g: Mapping[str, float]


def carrier_s_values() -> Iterator[CarrierS]:
    """Compute the S values of every dose in the carrier's evidence."""
    for species in SPECIES:
        doses = [i for i in fitted_items(species) if i.quantity == "dose_per_activity"]
        for nuclide, target in dict.fromkeys((i.nuclide or "", i.region) for i in doses):
            yield _row(species, nuclide, target)


def _row(species: Species, nuclide: str, target: str) -> CarrierS:
    model = host(species)
    if species == "mouse":
        body, fractions = phantom(MOUSE, model.body_mass_g)
    else:
        body, fractions = phantom(HUMAN)
    known = {*body.regions, *fractions.sources}
    own = {r: m for r, m in _masses_g(model).items() if r in known}
    body = with_masses(body, own, "reference body of the carrier model")
    spheres = [] if target in known else [SphereRegion(target, _masses_g(model)[target], SOFT)]
    S = with_spheres(organ_S(body, fractions, nuclide), spheres)
    others = [r for r in model.region_g if r in known and r != target]
    names = (target, *others, REMAINDER)
    weight, row = source_weights(S, names), S.targets.index(target)
    values = weight @ S.total[row]
    errors = np.sqrt(weight**2 @ S.std_err[row] ** 2)
    return CarrierS(
        species,
        nuclide,
        target,
        f"{body.name}, {body.mass_table().mass_g('total_body'):g} g",
        dict(zip(names, values.tolist(), strict=True)),
        dict(zip(names, errors.tolist(), strict=True)),
        {name: _masses_g(model)[name] for name in names[:-1]},
    )


def _masses_g(model: Host) -> dict[str, float]:
    return {**model.region_g, "tumor": TUMOR_g}


def table_text() -> str:
    """Make the text of ``data/carrier/s_values.toml``."""

    def numbers(values: Mapping[str, float]) -> str:
        return "{ " + ", ".join(f"{k} = {v:.5g}" for k, v in values.items()) + " }"

    lines = [HEADER]
    for row in carrier_s_values():
        lines += [
            "",
            "[[value]]",
            f'species = "{row.species}"',
            f'nuclide = "{row.nuclide}"',
            f'target = "{row.target}"',
            f'body = "{row.body}"',
            f"S_mGy_per_MBq_s = {numbers(row.S)}",
            f"std_err_mGy_per_MBq_s = {numbers(row.std_err)}",
            f"mass_g = {numbers(row.mass_g)}",
        ]
    return "\n".join(lines) + "\n"
