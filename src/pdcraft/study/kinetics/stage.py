"""The kinetics stage: time courses of the carrier, and what they integrate to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.run import Assumption, Origin, Series
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError, StudyError

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["Curves", "LeftOut", "RegionTiac", "kinetics_stage"]

REJECTED_WARNING = 0.05  # share of joint draws without a solution above which the reader is told
CURVE_POINTS = 160


@dataclass(frozen=True, slots=True)
class RegionTiac:
    """Time-integrated activity coefficient of a region, in draws of the typical value.

    Parameters
    ----------
    amount : str
        Key of the kind of amount that was integrated: per organ, per g or per mL.
    draws : ndarray, shape (draw,)
        h, h/g or h/mL.
    origin : str
        ``"computed"`` from parameters or ``"fitted"`` to data.
    flags : tuple of str
    """

    amount: str
    draws: Floats
    origin: Origin
    flags: tuple[str, ...] = ()

    def in_organ_h(self, mass_g: float | Floats) -> Floats:
        """Coefficient of the whole region, h; 1 mL counts as 1 g."""
        return self.draws if self.amount == "amount_fraction" else self.draws * mass_g


@dataclass(frozen=True, slots=True)
class Curves:
    """Time courses without physical decay, what they integrate to, and how far they were seen.

    `fitted` regions have published doses that the draws were fitted to. `excretion` holds the flows
    of "urine" and "bile", per h without decay, as sums of exponentials: coefficients and rates,
    each of shape (draw, term).
    """

    courses: tuple[TimeCourse, ...]
    tiac: Mapping[str, RegionTiac]
    measured_to_h: float
    fitted: frozenset[str] = frozenset()
    left_out: tuple[LeftOut, ...] = ()
    excretion: Mapping[str, tuple[Floats, Floats]] = field(
        default_factory=dict[str, tuple[Floats, Floats]]
    )

    def course(self, region: str) -> TimeCourse | None:
        """Find the course that holds a region."""
        return next((course for course in self.courses if region in course.regions), None)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Curves from draws that never saw some published subjects.

    Parameters
    ----------
    subjects : str
    curves : Curves
    regions : tuple of str
        Where a published figure of these subjects stands beside them.
    """

    subjects: str
    curves: Curves
    regions: tuple[str, ...]


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
            f"agent: {conjugate.name} carries no radionuclide; only activity is integrated yet"
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
        kind = tiac.amount.replace("amount_fraction", "time_integrated_activity_coefficient")
        ledger.number(
            "kinetics", kind, tiac.draws, origin=tiac.origin, region=region, flags=tiac.flags
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
    tissues = _per_lesion(found.tissues, study)
    courses = (found.plasma, tissues, found.whole_body)
    tiac: dict[str, RegionTiac] = {}
    for course in courses:
        total = course.activity(half_life).integral().spread_values("knowledge")
        for i, region in enumerate(course.regions):
            tiac[region] = RegionTiac(course.quantity.key, total[:, i], "computed")
    return Curves(courses, tiac, carrier.plasma.auc_to)


def _per_lesion(tissues: TimeCourse, study: StudyFile) -> TimeCourse:
    """Give each lesion of the study the carrier file's 'lesion' curve."""
    names: list[str] = []
    take: list[int] = []
    for i, region in enumerate(tissues.regions):
        wanted = [f"lesion:{one.name}" for one in study.lesion] if region == "lesion" else [region]
        names += wanted
        take += [i] * len(wanted)
    if tissues.coefficients is None or tissues.rates_per_h is None:
        raise DataError("carrier curves are sums of exponentials")
    return TimeCourse(
        tuple(names),
        tissues.quantity,
        tissues.draws,
        coefficients=tissues.coefficients[:, :, take],
        rates_per_h=tissues.rates_per_h[:, :, take],
    )


def _series(activity: TimeCourse, measured_to_h: float, ledger: Ledger) -> None:
    times = _time_grid(measured_to_h)
    curve = activity.at(times).mean(axis=1)  # over subjects: the typical curve, per draw
    low, high = np.quantile(curve, [0.025, 0.975], axis=0)
    for i, region in enumerate(activity.regions):
        ledger.series.append(
            Series(
                stage="kinetics",
                quantity=activity.quantity,
                subject=ledger.subject(region),
                file=f"tables/{activity.quantity.key}.csv",
                times_h=times,
                value=curve[:, i].mean(axis=0),
                low=low[i],
                high=high[i],
            )
        )


def _time_grid(measured_to_h: float) -> Floats:
    """Hours at which curves are shown: dense at the start, to the end of the measurements."""
    early = min(0.05, measured_to_h / 1000)
    return np.concatenate([[0.0], np.geomspace(early, measured_to_h, CURVE_POINTS)])
