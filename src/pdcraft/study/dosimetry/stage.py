"""The dosimetry stage: dose coefficients of regions, doses and dose rates of arms."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import ApproximationWarning, DataError, StudyError
from pdcraft.study.activity import administered_activity_MBq, body_surface_m2
from pdcraft.study.dosimetry.host_body import missing_body
from pdcraft.study.dosimetry.sphere_doses import sphere_doses

if TYPE_CHECKING:
    from pdcraft.study.dosimetry.organ_doses import Organs
    from pdcraft.study.dosimetry.organ_rows import OrganResult
    from pdcraft.study.dosimetry.region_dose import Doses, RegionDose
    from pdcraft.study.kinetics.curves import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import Administration, StudyFile

__all__ = ["dosimetry_stage"]

FITTED = "kinetics fitted to a published dose"
PREDICTED = (
    "from draws refitted without these subjects; typical subject by this dosimetry, so without the "
    "errors of the published figure: its own prediction and verdict stand in carrier.html"
)
BOLUS_SHARE = 0.05  # of the physical half-life: a longer infusion is no bolus


def dosimetry_stage(
    study: StudyFile, folder: Path, conjugate: Conjugate, curves: Curves, ledger: Ledger
) -> OrganResult | None:
    """Compute dose coefficients per region, and doses per region and arm.

    Returns
    -------
    OrganResult or None
        Of the host's body; None where regions are spheres.
    """
    payload = conjugate.payload
    if conjugate.half_life_h is None or payload is None or study.dosimetry is None:
        raise DataError(f"{conjugate.name} carries no radionuclide: there is no dose to compute")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ApproximationWarning)
        organs = _organs(study, folder, payload.name, curves, ledger)

        def method(found: Curves) -> Doses:
            if organs is not None:
                return organs.doses(found, ledger)
            return sphere_doses(study, folder, payload.name, found, ledger)

        doses = method(curves)
    for message in dict.fromkeys(str(w.message) for w in caught):
        ledger.warn("approximation", "dosimetry", message)
    _cite_nuclide(payload.name, ledger)
    for region, dose in doses.regions.items():
        ledger.number(
            "dosimetry",
            "absorbed_dose_coefficient",
            dose.mGy_per_MBq,
            origin=curves.origin(region),
            region=region,
            sources=dose.sources,
            flags=(*dose.flags, FITTED) if region in curves.fitted else dose.flags,
            std_err=dose.std_err,
        )
    if any(row.origin == "fitted" for row in ledger.rows if row.stage == "dosimetry"):
        ledger.warn(
            "fitted_dose",
            "dosimetry",
            "Doses marked fitted use kinetics that were fitted to a published dose: they test "
            "nothing. carrier.html compares the figure like with like.",
        )
    _predict(curves, method, ledger)
    arms = study.given
    _arm_doses(study, arms, doses.regions, curves, conjugate.half_life_h, ledger)
    if organs is None or doses.organs is None:
        return None
    from pdcraft.study.dosimetry.organ_rows import organ_rows

    return organ_rows(organs, doses, curves, arms, ledger)


def _organs(
    study: StudyFile, folder: Path, nuclide: str, curves: Curves, ledger: Ledger
) -> Organs | None:
    """Organs in the host's body; None for spheres, or where there is no body."""
    said = study.dosimetry.method if study.dosimetry else None
    if said == "spheres":
        return None
    missing = missing_body(study)
    if said == "organs" and missing is not None:
        raise StudyError(f"dosimetry.method: 'organs' needs the host's body: {missing}")
    if missing is not None:
        message = f"Every region is a sphere alone, without dose from the others: {missing}"
        ledger.warn("no_body", "dosimetry", message)
        return None
    from pdcraft.study.dosimetry.organ_doses import organs_of

    return organs_of(study, folder, nuclide, curves, ledger)


def _predict(curves: Curves, method: Callable[[Curves], Doses], ledger: Ledger) -> None:
    """Dose coefficients from draws that never saw the subjects published beside them."""
    for left in (one for one in curves.left_out if one.regions):
        found = method(left.curves).regions
        for region in left.regions:
            if region in found:
                ledger.number(
                    "dosimetry",
                    "absorbed_dose_coefficient",
                    found[region].mGy_per_MBq,
                    origin="predicted",
                    region=region,
                    arm=f"without {left.subjects}",
                    sources=found[region].sources,
                    flags=(*found[region].flags, PREDICTED),
                    std_err=found[region].std_err,
                )


def _cite_nuclide(name: str, ledger: Ledger) -> None:
    from pdcraft.data.nuclides import nuclide

    for i, text in enumerate(nuclide(name).sources):
        ledger.cite((Citation(f"nuclide-{name}-{i + 1}", text),))


def _arm_doses(
    study: StudyFile,
    arms: Mapping[str | None, Sequence[Administration]],
    doses: Mapping[str, RegionDose],
    curves: Curves,
    half_life_h: float,
    ledger: Ledger,
) -> None:
    """Doses of each arm: coefficient times activity."""
    surface = body_surface_m2(study.host)
    if surface is not None:
        how = (
            "as the study file says"
            if study.host.body_surface
            else "Mosteller, from height and mass"
        )
        text = f"One body surface for all arms, {how}; patients differ."
        ledger.assume(Assumption("host.body_surface", text, f"{surface:.4g} m2"))
    for arm, administrations in arms.items():
        _bolus(administrations, half_life_h, ledger)
        activity = administered_activity_MBq(administrations, study.host)
        ledger.number("dosimetry", "administered_activity", activity, origin="computed", arm=arm)
        for region, dose in doses.items():
            error = None if dose.std_err is None else dose.std_err * activity / 1000.0
            ledger.number(
                "dosimetry",
                "absorbed_dose",
                np.asarray(dose.mGy_per_MBq * activity / 1000.0),
                origin=curves.origin(region),
                region=region,
                arm=arm,
                std_err=error,
            )


def _bolus(administrations: Sequence[Administration], half_life_h: float, ledger: Ledger) -> None:
    """Refuse an infusion so long that the decay within it matters; note a short one."""
    longest = max(a.duration for a in administrations)
    if longest > BOLUS_SHARE * half_life_h:
        raise StudyError(
            f"administration.duration: {longest:g} h is more than {BOLUS_SHARE:.0%} of the "
            f"physical half-life ({half_life_h:.4g} h); this version takes a bolus of that activity"
        )
    if longest > 0:
        lost = longest / half_life_h * np.log(2) / 2
        ledger.assume(
            Assumption(
                "dosimetry.bolus",
                "An infusion counts as a bolus of its activity at its start; the decay within it "
                "is left out.",
                f"at most {lost:.1e} of the activity",
            )
        )
