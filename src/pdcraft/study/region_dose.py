"""Dose coefficients of regions: self-dose as spheres, marrow from plasma, body photons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pdcraft.core.arrays import Floats
from pdcraft.core.names import index_of, look_up
from pdcraft.core.regions import regions
from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import DataError, StudyError
from pdcraft.numerics.inputs import log_normal

if TYPE_CHECKING:
    from pdcraft.study.kinetics import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["RegionDose", "region_doses"]

SGOUROS = Citation("sgouros1993", "Sgouros G, J Nucl Med 1993;34:689-694: marrow dose from blood")
RMECFF_CV = 0.2  # spread of the marrow's extracellular fraction: assumed
BODY_PHOTON_CV = 0.15  # spread of the photon dose of activity spread over the body: assumed
PHANTOMS = {"human": "adult-male", "mouse": "mouse-30g"}
FLUIDS = ("blood", "plasma")  # their own dose is not asked for
MASS_RATIO = 1.4  # of the host's to the reference body's mass, beyond which a reader is warned


@dataclass(frozen=True, slots=True)
class RegionDose:
    """Dose coefficient of a region in draws, mGy/MBq, what is in it and its sources."""

    mGy_per_MBq: Floats
    flags: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the dose of every region needs."""

    nuclide: str
    electrons: str
    masses_g: Mapping[str, float]
    body_tiac_h: Floats | None
    body_mass_g: float
    photon_factor: Floats | None
    photon_source: tuple[str, ...]


def region_doses(
    study: StudyFile, folder: Path, nuclide: str, curves: Curves, ledger: Ledger
) -> dict[str, RegionDose]:
    """Compute the dose coefficient of every region that was asked for.

    Raises
    ------
    StudyError
        For a region that has no curve, with near matches.
    """
    wanted = _wanted(study, curves)
    setting = _setting(study, folder, nuclide, curves, ledger)
    out: dict[str, RegionDose] = {}
    for region in wanted:
        if region == "red_marrow" and region not in curves.tiac:
            out[region] = _marrow(study, curves.tiac["plasma"].draws, setting, ledger)
            continue
        mass = setting.masses_g.get(region)
        if mass is None:
            message = f"{region}: no mass is known, so no dose; give it in a masses file"
            ledger.warn("no_mass", "dosimetry", message)
            continue
        tiac = curves.tiac[region].in_organ_h(mass)
        out[region] = _organ(region, tiac, mass, setting)
    return out


def _wanted(study: StudyFile, curves: Curves) -> tuple[str, ...]:
    known = [region for region in curves.tiac if region not in FLUIDS]
    if study.host.species == "human" and "plasma" in curves.tiac and "red_marrow" not in known:
        known.insert(0, "red_marrow")  # from plasma, by the blood method
    asked = study.dosimetry.regions if study.dosimetry else None
    if asked is None:
        return tuple(known)
    index = index_of((name, ()) for name in known)
    way_out = f"regions with a curve: {', '.join(known)}"
    try:
        return tuple(dict.fromkeys(look_up("dose region", text, index, way_out) for text in asked))
    except DataError as error:
        raise StudyError(error.problems) from None


def _setting(
    study: StudyFile, folder: Path, nuclide: str, curves: Curves, ledger: Ledger
) -> _Setting:
    assert study.dosimetry is not None
    masses = _masses(study, folder, ledger)
    body = curves.tiac.get("total_body")
    if body is not None and study.host.species != "human":
        message = "Photons of the rest of the body are known for adults only, and left out here."
        ledger.warn("body_photons", "dosimetry", message)
        body = None
    factor, source = None, ()
    if body is not None:
        factor, source = _body_photon_factor(study, body.draws.size, ledger)
    return _Setting(
        nuclide=nuclide,
        electrons=study.dosimetry.electrons,
        masses_g=masses,
        body_tiac_h=None if body is None else body.draws,
        body_mass_g=masses.get("total_body", 0.0),
        photon_factor=factor,
        photon_source=source,
    )


def _organ(region: str, tiac_h: Floats, mass_g: float, setting: _Setting) -> RegionDose:
    from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR, self_dose_mGy_per_MBq
    from pdcraft.dosimetry.spheres import sphere_S

    if region == "total_body" and setting.photon_factor is not None:
        electron = sphere_S(setting.nuclide, mass_g=mass_g).electron * SECONDS_PER_HOUR * tiac_h
        photon = _from_body(region, tiac_h, setting)
        return RegionDose(
            electron + photon, ("electrons absorbed in the body, photons of the body",)
        )
    parts = regions()[region].parts if region in regions() else 1
    dose = self_dose_mGy_per_MBq(
        setting.nuclide,
        tiac_h,
        mass_g,
        parts=parts,
        electrons=setting.electrons,  # pyright: ignore[reportArgumentType]  # checked by the file
    )
    if setting.body_tiac_h is None:
        return RegionDose(dose, ("self-dose only",))
    dose = dose + _from_body(region, setting.body_tiac_h - tiac_h, setting)
    return RegionDose(
        dose, ("self-dose, and photons of the rest of the body",), setting.photon_source
    )


def _from_body(region: str, rest_tiac_h: Floats, setting: _Setting) -> Floats:
    from pdcraft.dosimetry.body_photons import body_photon_dose_mGy_per_MBq

    dose = body_photon_dose_mGy_per_MBq(setting.nuclide, rest_tiac_h, setting.body_mass_g, region)
    return dose if setting.photon_factor is None else dose * setting.photon_factor


def _body_photon_factor(study: StudyFile, n: int, ledger: Ledger) -> tuple[Floats, tuple[str, ...]]:
    from pdcraft.data.body_photons import body_photons

    factor = log_normal("dosimetry.body_photons", 1.0, cv=BODY_PHOTON_CV)
    ledger.inputs[factor.name] = factor.draw(study.seed, n)
    sources = ledger.cite((Citation("cristy1987", body_photons().source),))
    text = (
        "Photons of the rest of the body reach a region as from activity spread evenly over the "
        "stylized adult male; where the activity really lies is not in it."
    )
    value = f"factor 1, CV {100 * BODY_PHOTON_CV:g} %"
    ledger.assume(Assumption(factor.name, text, value, sources))
    return ledger.inputs[factor.name], sources


def _marrow(
    study: StudyFile, plasma_h_per_mL: Floats, setting: _Setting, ledger: Ledger
) -> RegionDose:
    from pdcraft.dosimetry.blood_marrow import RMECFF, marrow_self_dose_mGy_per_MBq

    share = log_normal("dosimetry.marrow_extracellular_fraction", RMECFF, cv=RMECFF_CV)
    draws = share.draw(study.seed, plasma_h_per_mL.size)
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
    dose = marrow_self_dose_mGy_per_MBq(setting.nuclide, plasma_h_per_mL, rmecff=draws)
    if setting.body_tiac_h is None:
        return RegionDose(dose, ("blood method, electrons only",), sources)
    dose = dose + _from_body("red_marrow", setting.body_tiac_h, setting)
    flags = ("blood method for its electrons, and photons of the body",)
    return RegionDose(dose, flags, (*sources, *setting.photon_source))


def _masses(study: StudyFile, folder: Path, ledger: Ledger) -> Mapping[str, float]:
    """Masses of the regions: the study's own table first, then the reference body."""
    from pdcraft.data.masses import reference_masses
    from pdcraft.io.masses import read_masses

    body = reference_masses(study.host.phantom or PHANTOMS[study.host.species])
    masses = dict(body.region_g)
    if study.host.body_mass is not None:
        reference = masses.get("total_body")
        if reference and not 1 / MASS_RATIO < study.host.body_mass / reference < MASS_RATIO:
            ledger.warn(
                "body_mass",
                "dosimetry",
                f"The host weighs {study.host.body_mass / 1000:g} kg, organ masses are those of "
                f"{body.body} ({reference / 1000:g} kg); give them in a masses file.",
            )
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
            "sphere of its mass, uniformly filled.",
            "fixed",
        )
    )
    return masses
