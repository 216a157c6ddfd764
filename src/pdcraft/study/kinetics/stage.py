"""The kinetics stage: time courses of the carrier, and what they integrate to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError, StudyError
from pdcraft.study.kinetics.curves import Curves, tiac_of, with_regions

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["kinetics_stage"]

REJECTED_WARNING = 0.05  # share of joint draws without a solution above which the reader is told
CURVE_POINTS = 160


def kinetics_stage(
    study: StudyFile,
    folder: Path,
    conjugate: Conjugate,
    ledger: Ledger,
    progress: Callable[[float, str], None],
) -> Curves:
    """Run the stage: read or fit, integrate, and note rows, series, assumptions and sources."""
    kinetics = study.kinetics
    if kinetics is None:
        raise StudyError("kinetics: the table is missing")
    half_life = conjugate.half_life_h
    if half_life is None:
        raise StudyError(
            f"agent: {conjugate.name} carries no radionuclide, so it has no activity and no dose; "
            "put [optics], for light, or [exposure], for free drug, in the place of [dosimetry]: "
            "'pdcraft new NAME --example clr1502_glioma_surgery' and '... clr1602_ptx' show how"
        )
    draws = f"{study.name}/{study.seed}/{study.draws}"
    if kinetics.source == "calibrated":
        from pdcraft.study.kinetics.calibrated import calibrated_curves

        progress(0.3, "carrier model")
        curves = calibrated_curves(study, conjugate, ledger)
    elif kinetics.data is None:
        raise StudyError("kinetics: needs data")
    elif kinetics.source == "parameters":
        curves = _from_parameters(study, folder / kinetics.data, half_life, ledger, draws)
    else:
        from pdcraft.study.kinetics.measured import fitted_curves

        curves = fitted_curves(study, folder / kinetics.data, conjugate, ledger, progress)
    for region, tiac in curves.tiac.items():
        ledger.number(
            "kinetics", tiac.kind, tiac.draws, origin=tiac.origin, region=region, flags=tiac.flags
        )
    for course in curves.courses:
        _series(course.activity(half_life), curves.measured_to_h, ledger)
    if kinetics.source == "calibrated" and curves.course("brain") is not None:
        from pdcraft.study.kinetics.beside import ratio_series

        for lesion in (one for one in study.lesion if one.site == "brain"):
            ratio_series(curves, ledger, f"lesion:{lesion.name}", "brain")
    return curves


def _from_parameters(
    study: StudyFile, path: Path, half_life: float, ledger: Ledger, draws: str
) -> Curves:
    from pdcraft.data.nuclides import half_life_h
    from pdcraft.kinetics.carrier_curves import carrier_curves
    from pdcraft.kinetics.carrier_file import read_carrier_file

    carrier = read_carrier_file(path)
    if carrier.host != study.host.species:
        raise DataError(
            f"{path.name} is of the {carrier.host}, the study's host is the {study.host.species}; "
            "take a carrier file of the same host"
        )
    half_lives = {t.mouse_nuclide: half_life_h(t.mouse_nuclide) for t in carrier.tissue}
    found = carrier_curves(
        carrier, half_lives, study.seed, study.draws, draws, study.host.body_mass
    )
    ledger.inputs.update(found.inputs)
    ledger.cite(carrier.citations())
    for assumption in carrier.assumptions():
        ledger.assume(assumption)
    ledger.assume(
        Assumption(
            "kinetics.payload_effect",
            "Every payload shares the carrier's kinetics: an iodine isotope does not change them, "
            "and the mouse data of other labels and of a chelate speak for the same carrier.",
            "factor 1",
        )
    )
    if found.rejected_share > REJECTED_WARNING:
        ledger.warn(
            "draws_rejected",
            "kinetics",
            f"{found.rejected_share:.0%} of the joint draws of Cmax, AUC and half-life have no "
            "bi-exponential curve and were left out.",
        )
    lesions = [f"lesion:{one.name}" for one in study.lesion]
    tissues = with_regions(found.tissues, lambda r: lesions if r == "lesion" else [r])
    courses = (found.plasma, tissues, found.whole_body)
    return Curves(courses, tiac_of(courses, half_life), carrier.plasma.auc_to)


def _series(activity: TimeCourse, measured_to_h: float, ledger: Ledger) -> None:
    times = _time_grid(measured_to_h)
    curve = activity.at(times).mean(axis=1)  # over subjects: the typical curve, per draw
    for i, region in enumerate(activity.regions):
        ledger.curve("kinetics", activity.quantity.key, times, curve[:, i], region=region)


def _time_grid(measured_to_h: float) -> Floats:
    """Hours at which curves are shown: dense at the start, to the end of the measurements."""
    early = min(0.05, measured_to_h / 1000)
    return np.concatenate([[0.0], np.geomspace(early, measured_to_h, CURVE_POINTS)])
