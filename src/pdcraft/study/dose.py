"""The dosimetry stage: dose coefficients of regions and doses of arms, by the simple method."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.numerics.inputs import log_normal
from pdcraft.study.activity import administered_activity_MBq

if TYPE_CHECKING:
    from pdcraft.study.kinetics import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["dosimetry_stage"]

SGOUROS = Citation("sgouros1993", "Sgouros G, J Nucl Med 1993;34:689-694: marrow dose from blood")
RMECFF_CV = 0.2  # spread of the marrow's extracellular fraction: assumed
PHANTOMS = {"human": "adult-male", "mouse": "mouse-30g"}
FITTED = "kinetics fitted to a published dose through its own dose factor, not this dosimetry"
NO_DOSE = ("blood", "plasma")  # fluids: their dose is not asked for


def dosimetry_stage(
    study: StudyFile, folder: Path, conjugate: Conjugate, curves: Curves, ledger: Ledger
) -> None:
    """Compute dose coefficients per region, and doses per region and arm."""
    payload = conjugate.payload
    if conjugate.half_life_h is None or payload is None or study.dosimetry is None:
        raise DataError(f"{conjugate.name} carries no radionuclide: there is no dose to compute")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ApproximationWarning)
        coefficients = _coefficients(study, folder, payload.name, curves, ledger)
    for message in dict.fromkeys(str(w.message) for w in caught):
        ledger.warn("approximation", "dosimetry", message)
    _cite_nuclide(payload.name, ledger)
    for region, (values, flags, sources) in coefficients.items():
        ledger.number(
            "dosimetry",
            "absorbed_dose_coefficient",
            values,
            origin="fitted" if region in curves.fitted else "computed",
            region=region,
            sources=sources,
            flags=(*flags, FITTED) if region in curves.fitted else flags,
        )
    _predict(study, folder, payload.name, curves, ledger)
    values = {region: draws for region, (draws, _, _) in coefficients.items()}
    _arms(study, values, curves.fitted, ledger)


Coefficients = dict[str, tuple[Floats, tuple[str, ...], tuple[str, ...]]]


def _coefficients(
    study: StudyFile,
    folder: Path,
    nuclide: str,
    curves: Curves,
    ledger: Ledger,
) -> Coefficients:
    """Dose coefficients in mGy/MBq by region, with flags and sources."""
    from pdcraft.core.regions import regions
    from pdcraft.dosimetry.self_dose import self_dose_mGy_per_MBq

    assert study.dosimetry is not None
    electrons = study.dosimetry.electrons
    masses = _masses(study, folder, ledger)
    whole = curves.tiac.get("total_body")
    body = None if whole is None else whole.draws
    out: Coefficients = {}
    blood_method = study.host.species == "human" and "red_marrow" not in curves.tiac
    if blood_method and "plasma" in curves.tiac:
        out["red_marrow"] = _marrow(study, nuclide, curves.tiac["plasma"].draws, ledger)
    for region, integral in curves.tiac.items():
        wanted = study.dosimetry.regions is None or region in study.dosimetry.regions
        if region in NO_DOSE or not wanted:
            continue
        mass = masses.get(region)
        if mass is None:
            ledger.warn(
                "no_mass", "dosimetry", f"{region}: no mass is known, so no dose; give it in masses"
            )
            continue
        tiac = integral.in_organ_h(mass)
        parts = regions()[region].parts if region in regions() else 1
        dose = self_dose_mGy_per_MBq(nuclide, tiac, mass, parts=parts, electrons=electrons)
        flags: tuple[str, ...] = ("self-dose only",)
        if body is not None and region != "total_body":
            dose = dose + _from_body(nuclide, body - tiac, study)
            flags = ("self-dose and mean photon dose of the rest of the body",)
        out[region] = (dose, flags, ())
    if body is not None and "red_marrow" in out:
        if blood_method:
            dose, flags, sources = out["red_marrow"]
            dose = dose + _from_body(nuclide, body, study)
            out["red_marrow"] = (dose, (*flags, "and mean photon dose of the body"), sources)
        ledger.warn(
            "body_photons",
            "dosimetry",
            "Photons of the rest of the body are counted as their mean over a body-sized sphere: "
            "the place of organs is not in it.",
        )
    return out


def _predict(study: StudyFile, folder: Path, nuclide: str, curves: Curves, ledger: Ledger) -> None:
    """Dose coefficients from draws that never saw the subjects published beside them."""
    for left in (one for one in curves.left_out if one.regions):
        found = _coefficients(study, folder, nuclide, left.curves, ledger)
        for region in left.regions:
            if region in found:
                values, flags, sources = found[region]
                ledger.number(
                    "dosimetry",
                    "absorbed_dose_coefficient",
                    values,
                    origin="predicted",
                    region=region,
                    arm=f"without {left.subjects}",
                    sources=sources,
                    flags=(*flags, "from draws refitted without these subjects"),
                )


def _from_body(nuclide: str, rest_tiac_h: Floats, study: StudyFile) -> Floats:
    from pdcraft.dosimetry.body_photons import body_photon_dose_mGy_per_MBq

    if study.host.body_mass is None:
        raise DataError("host.body_mass is needed for the photon dose of the body")
    return body_photon_dose_mGy_per_MBq(nuclide, rest_tiac_h, study.host.body_mass)


def _marrow(
    study: StudyFile, nuclide: str, plasma_h_per_mL: Floats, ledger: Ledger
) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
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
    dose = marrow_self_dose_mGy_per_MBq(nuclide, plasma_h_per_mL, rmecff=draws)
    return dose, ("blood method",), sources


def _masses(study: StudyFile, folder: Path, ledger: Ledger) -> Mapping[str, float]:
    """Masses of the regions: the study's own table first, then the reference body."""
    from pdcraft.data.masses import reference_masses
    from pdcraft.io.masses import read_masses

    body = reference_masses(study.host.phantom or PHANTOMS[study.host.species])
    masses = dict(body.region_g)
    if study.host.body_mass is not None:
        masses["total_body"] = study.host.body_mass
    own: Mapping[str, float] = {}
    if study.host.masses is not None:
        own = read_masses(folder / study.host.masses, study.host.species)
        masses.update(own)
    for lesion in study.lesion:
        masses[f"lesion:{lesion.name}"] = lesion.mass
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


def _cite_nuclide(name: str, ledger: Ledger) -> None:
    from pdcraft.data.nuclides import nuclide

    for i, text in enumerate(nuclide(name).sources):
        ledger.cite((Citation(f"nuclide-{name}-{i + 1}", text),))


def _arms(
    study: StudyFile, coefficients: Mapping[str, Floats], fitted: frozenset[str], ledger: Ledger
) -> None:
    """Doses of each arm: coefficient times activity."""
    arms = [(arm.name, arm.administration) for arm in study.arm]
    if study.administration:
        arms.append(("-", study.administration))
    for name, administrations in arms:
        activity = administered_activity_MBq(administrations, study.host)
        arm = None if name == "-" else name
        ledger.number("dosimetry", "administered_activity", activity, origin="computed", arm=arm)
        for region, values in coefficients.items():
            ledger.number(
                "dosimetry",
                "absorbed_dose",
                np.asarray(values * activity / 1000.0),
                origin="fitted" if region in fitted else "computed",
                region=region,
                arm=arm,
            )
