"""The dosimetry stage: dose coefficients of regions and doses of arms, organs as spheres."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import ApproximationWarning, DataError, StudyError
from pdcraft.study.activity import administered_activity_MBq, body_surface_m2
from pdcraft.study.region_dose import region_doses

if TYPE_CHECKING:
    from pdcraft.study.kinetics import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import Administration, StudyFile

__all__ = ["dosimetry_stage"]

FITTED = "kinetics fitted to a published dose through its own dose factor, not this dosimetry"
PREDICTED = (
    "from draws refitted without these subjects; typical subject by this dosimetry, so without the "
    "errors of the published figure: its own prediction and verdict stand in carrier.html"
)
BOLUS_SHARE = 0.05  # of the physical half-life: a longer infusion is no bolus


def dosimetry_stage(
    study: StudyFile, folder: Path, conjugate: Conjugate, curves: Curves, ledger: Ledger
) -> None:
    """Compute dose coefficients per region, and doses per region and arm."""
    payload = conjugate.payload
    if conjugate.half_life_h is None or payload is None or study.dosimetry is None:
        raise DataError(f"{conjugate.name} carries no radionuclide: there is no dose to compute")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ApproximationWarning)
        doses = region_doses(study, folder, payload.name, curves, ledger)
    for message in dict.fromkeys(str(w.message) for w in caught):
        ledger.warn("approximation", "dosimetry", message)
    _cite_nuclide(payload.name, ledger)
    for region, dose in doses.items():
        ledger.number(
            "dosimetry",
            "absorbed_dose_coefficient",
            dose.mGy_per_MBq,
            origin="fitted" if region in curves.fitted else "computed",
            region=region,
            sources=dose.sources,
            flags=(*dose.flags, FITTED) if region in curves.fitted else dose.flags,
        )
    if any(row.origin == "fitted" for row in ledger.rows if row.stage == "dosimetry"):
        ledger.warn(
            "fitted_dose",
            "dosimetry",
            "Doses marked fitted use kinetics that were fitted to a published dose through that "
            "source's own dose factor; this dosimetry counts photons by itself and can differ from "
            "it, in man upwards. carrier.html compares the figure like with like.",
        )
    _predict(study, folder, payload.name, curves, ledger)
    coefficients = {region: dose.mGy_per_MBq for region, dose in doses.items()}
    _arms(study, coefficients, curves.fitted, conjugate.half_life_h, ledger)


def _predict(study: StudyFile, folder: Path, nuclide: str, curves: Curves, ledger: Ledger) -> None:
    """Dose coefficients from draws that never saw the subjects published beside them."""
    for left in (one for one in curves.left_out if one.regions):
        found = region_doses(study, folder, nuclide, left.curves, ledger)
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
                )


def _cite_nuclide(name: str, ledger: Ledger) -> None:
    from pdcraft.data.nuclides import nuclide

    for i, text in enumerate(nuclide(name).sources):
        ledger.cite((Citation(f"nuclide-{name}-{i + 1}", text),))


def _arms(
    study: StudyFile,
    coefficients: Mapping[str, Floats],
    fitted: frozenset[str],
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
    arms = [(arm.name, arm.administration) for arm in study.arm]
    if study.administration:
        arms.append(("-", study.administration))
    for name, administrations in arms:
        _bolus(administrations, half_life_h, ledger)
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
