"""Doses of regions as spheres: each region's own activity alone, no body around it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pdcraft.core.arrays import Floats
from pdcraft.core.regions import regions
from pdcraft.core.run import Assumption, Citation
from pdcraft.data.nuclides import usual_progeny
from pdcraft.numerics.inputs import log_normal
from pdcraft.study.dosimetry.region_dose import (
    FLUIDS,
    Doses,
    RegionDose,
    note_progeny,
    wanted_regions,
)

if TYPE_CHECKING:
    from pdcraft.study.kinetics.curves import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["marrow_share", "sphere_doses"]

SGOUROS = Citation("sgouros1993", "Sgouros G, J Nucl Med 1993;34:689-694: marrow dose from blood")
RMECFF_CV = 0.2  # spread of the marrow's extracellular fraction: assumed
REFERENCE = {"human": "adult-male", "mouse": "mouse-30g"}


def sphere_doses(
    study: StudyFile, folder: Path, nuclide: str, curves: Curves, ledger: Ledger
) -> Doses:
    """Compute the self-dose of every region that was asked for.

    Raises
    ------
    StudyError
        For a region that has no curve, with near matches.
    """
    assert study.dosimetry is not None
    known = [region for region in curves.tiac if region not in FLUIDS]
    if study.host.species == "human" and "plasma" in curves.tiac and "red_marrow" not in known:
        known.insert(0, "red_marrow")  # from plasma, by the blood method
    masses = _masses(study, folder, ledger)
    note_progeny(nuclide, usual_progeny(nuclide), ledger)
    out: dict[str, RegionDose] = {}
    for region in wanted_regions(study, known):
        if region == "red_marrow" and region not in curves.tiac:
            out[region] = _marrow(study, nuclide, curves.tiac["plasma"].draws, ledger)
            continue
        mass = masses.get(region)
        if mass is None:
            message = f"{region}: no mass is known, so no dose; give it in a masses file"
            ledger.warn("no_mass", "dosimetry", message)
            continue
        tiac = curves.tiac[region].in_organ_h(mass)
        out[region] = _sphere(region, nuclide, tiac, mass, study.dosimetry.electrons)
    return Doses(out)


def _sphere(region: str, nuclide: str, tiac_h: Floats, mass_g: float, how: str) -> RegionDose:
    from pdcraft.dosimetry.self_dose import self_dose_mGy_per_MBq

    parts = regions()[region].parts if region in regions() else 1
    dose = self_dose_mGy_per_MBq(
        nuclide,
        tiac_h,
        mass_g,
        parts=parts,
        electrons=how,  # pyright: ignore[reportArgumentType]  # checked by the file
    )
    return RegionDose(dose, ("self-dose of a sphere only",))


def marrow_share(study: StudyFile, n: int, ledger: Ledger) -> tuple[Floats, tuple[str, ...]]:
    """Draw the share of marrow that holds plasma's concentration, and note what that assumes."""
    from pdcraft.dosimetry.blood_marrow import RMECFF

    share = log_normal("dosimetry.marrow_extracellular_fraction", RMECFF, cv=RMECFF_CV)
    draws = share.draw(study.seed, n)
    ledger.inputs[share.name] = draws
    sources = ledger.cite((SGOUROS,))
    ledger.assume(
        Assumption(
            share.name,
            "Red marrow holds the plasma's concentration in its extracellular fluid: the agent "
            "stays out of marrow cells and red cells, and no tumor lies in the marrow. The "
            "fraction is published, its spread is assumed.",
            f"{RMECFF:g}, CV {100 * RMECFF_CV:g} %",
            sources,
        )
    )
    return draws, sources


def _marrow(study: StudyFile, nuclide: str, plasma: Floats, ledger: Ledger) -> RegionDose:
    from pdcraft.dosimetry.blood_marrow import marrow_self_dose_mGy_per_MBq

    draws, sources = marrow_share(study, plasma.size, ledger)
    dose = marrow_self_dose_mGy_per_MBq(nuclide, plasma, rmecff=draws)
    return RegionDose(dose, ("blood method, electrons only",), sources)


def _masses(study: StudyFile, folder: Path, ledger: Ledger) -> Mapping[str, float]:
    """Masses of the regions: the study's own table first, then the reference body."""
    from pdcraft.data.masses import reference_masses
    from pdcraft.io.masses import read_masses

    body = reference_masses(study.host.phantom or REFERENCE[study.host.species])
    masses = dict(body.region_g)
    if study.host.body_mass is not None:
        masses["total_body"] = study.host.body_mass
    own: Mapping[str, float] = {}
    if study.host.masses is not None:
        own = read_masses(folder / study.host.masses, study.host.species)
        masses.update(own)
    for lesion in study.lesion:
        masses[f"lesion:{lesion.name}"] = lesion.mass
        text = f"Mass of the lesion '{lesion.name}', a sphere, as the study file says."
        ledger.assume(Assumption(f"lesion.{lesion.name}.mass", text, f"{lesion.mass:g} g"))
    where = f"{study.host.masses}, else " if own else ""
    ledger.assume(
        Assumption(
            "dosimetry.masses",
            f"Organ masses: {where}{body.body} ({body.source}), taken as known; an organ is a "
            "sphere of its mass, uniformly filled, alone.",
            "fixed",
        )
    )
    return masses
