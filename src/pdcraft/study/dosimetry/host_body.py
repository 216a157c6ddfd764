"""The host's body and its masses, where transport has made absorbed fractions of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pdcraft.core.body import Body
from pdcraft.core.body_fractions import BodyFractions
from pdcraft.core.regions import regions
from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import DataError, StudyError

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["MASS_CV", "HostBody", "host_body", "missing_body"]

HUMAN, REFERENCE_MOUSE = "adult-male", "mouse-30g"  # without a phantom
MOUSE_g = 30.0
MASS_CV = 0.10  # of an organ's mass in a subject of this body: assumed
MASS_RATIO = 1.4  # of the host's to the body's mass, beyond which a reader is warned
BODY = "body"  # key of the citation


@dataclass(frozen=True, slots=True)
class HostBody:
    """A body, its absorbed fractions, and masses of regions without a solid.

    Parameters
    ----------
    body : Body
        Its default mass table is the study's.
    fractions : BodyFractions
    extra_g : mapping of str to float
        Masses of regions that the body has no solid for.
    sd_g : mapping of str to float
        Standard deviations that the study states; of others the spread is assumed.
    stated : frozenset of str
        Regions whose mass the study states.
    source : str
        Key of the body's citation.
    """

    body: Body
    fractions: BodyFractions
    extra_g: Mapping[str, float]
    sd_g: Mapping[str, float]
    stated: frozenset[str]
    source: str

    def mass_g(self, region: str) -> float | None:
        """Mass of a region, or of the one that stands for it; None if it is not known."""
        table = self.body.mass_table().region_g
        name = self.body.stands_for.get(region, region)
        return table.get(name, self.extra_g.get(region))

    def has(self, region: str) -> bool:
        """Whether a region has a solid, or another that stands for it, or is a group."""
        name = self.body.stands_for.get(region, region)
        known = {*self.body.regions, *self.body.groups, *self.fractions.sources}
        return name in known


def missing_body(study: StudyFile) -> str | None:
    """Say why there is no body for the host; None if there is one."""
    try:
        _tables(study)
    except DataError as error:
        return str(error)
    return None


def _tables(study: StudyFile) -> tuple[Body, BodyFractions]:
    from pdcraft.dosimetry.phantom import MOUSE, phantom

    host = study.host
    if host.species == "mouse":
        return phantom(MOUSE, MOUSE_g if host.body_mass is None else host.body_mass)
    return phantom(host.phantom or HUMAN)


def host_body(study: StudyFile, folder: Path, ledger: Ledger) -> HostBody:
    """Choose the body, put the study's own masses into it, and note both.

    Raises
    ------
    DataError
        If no absorbed fractions of it are shipped.
    StudyError
        For own masses that leave nothing of the rest of the body.
    """
    from pdcraft.anatomy.masses import with_masses
    from pdcraft.io.masses import read_masses_with_sd

    body, fractions = _tables(study)
    stated: Mapping[str, float] = {}
    stated_sd: Mapping[str, float] = {}
    if study.host.masses is not None:
        path = folder / study.host.masses
        stated, stated_sd = read_masses_with_sd(path, study.host.species)
    known = {*body.regions, *body.groups, "red_marrow"} - {"total_body"}
    table = body.mass_table()
    changes = {
        name: mass
        for name, mass in stated.items()
        if name in known and (name != "red_marrow" or name in table.region_g)
    }
    changes |= _rest(study, body, changes, ledger)
    if changes:
        body = with_masses(body, changes, study.host.masses or "mass of the host")
    extra = _reference_g(study, body) | {
        name: mass for name, mass in stated.items() if name not in changes
    }
    extra |= {f"lesion:{one.name}": one.mass for one in study.lesion}
    sd = dict(stated_sd)
    sd |= {f"lesion:{x.name}": x.mass_sd for x in study.lesion if x.mass_sd is not None}
    _note(study, body, ledger)
    text = f"{body.mass_table().source}; {fractions.made_by}"
    keys = ledger.cite((Citation(BODY, f"Body '{body.name}' in analytic surfaces: {text}"),))
    own = frozenset({*stated, *(f"lesion:{one.name}" for one in study.lesion)})
    return HostBody(body, fractions, MappingProxyType(extra), MappingProxyType(sd), own, keys[0])


def _rest(
    study: StudyFile, body: Body, changes: Mapping[str, float], ledger: Ledger
) -> dict[str, float]:
    """Mass of the tissue of no organ, if the study states the whole body's."""
    total = study.host.body_mass
    table = body.mass_table()
    if total is None or study.host.species == "mouse":
        return {}
    own = table.mass_g("total_body")
    if abs(total / own - 1) < 1e-6 and not changes:
        return {}
    if not 1 / MASS_RATIO < total / own < MASS_RATIO:
        ledger.warn(
            "body_mass",
            "dosimetry",
            f"The host weighs {total / 1000:g} kg, the body {body.name} {own / 1000:g} kg: its "
            "size and the masses of its organs are not the host's; give masses in a masses file.",
        )
    organs = sum(changes.get(r, table.region_g[r]) for r in body.regions if r not in ("remainder",))
    if total <= organs:
        raise StudyError(
            f"host.body_mass: organs of {body.name} weigh {organs / 1000:.4g} kg, which leaves "
            f"nothing of {total / 1000:g} kg; take another phantom or a masses file"
        )
    return {"remainder": total - organs}


def _reference_g(study: StudyFile, body: Body) -> dict[str, float]:
    """Masses of regions without a solid from the table of reference masses, where it has them."""
    from pdcraft.data.masses import reference_masses

    name = study.host.phantom or (HUMAN if study.host.species == "human" else REFERENCE_MOUSE)
    try:
        reference = reference_masses(name).region_g
    except DataError:  # children have none
        return {}
    share = 1.0
    if study.host.species == "mouse":
        share = body.mass_table().mass_g("total_body") / MOUSE_g
    known = {*body.regions, *body.groups}  # of what another region stands for: its own mass
    return {r: m * share for r, m in reference.items() if r not in known and r in regions()}


def _note(study: StudyFile, body: Body, ledger: Ledger) -> None:
    table = body.mass_table()
    if study.is_calibrated and body.name.startswith("child"):
        message = (
            f"The carrier's kinetics are an adult's; nothing is known of them in a {body.name}."
        )
        ledger.warn("adult_kinetics", "dosimetry", message)
    ledger.warn("body", "dosimetry", f"The body '{body.name}': {'; '.join(body.remarks)}.")
    ledger.assume(
        Assumption(
            "dosimetry.body",
            f"The host is the body '{body.name}': organs in analytic surfaces, from which "
            "transport made the dose of every source to every target.",
            f"{table.mass_g('total_body'):.5g} g, masses: {table.name}",
            (BODY,),
        )
    )
