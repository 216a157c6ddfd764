"""The exposure stage: free drug and conjugate over time, beside plain and albumin-bound drug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate
from pdcraft.errors import StudyError
from pdcraft.exposure.chain import LinearChain
from pdcraft.exposure.course import DrugCourse, DrugDose
from pdcraft.exposure.delivery import clr1603, delivery_ratios, resampled
from pdcraft.exposure.numeric import simulate
from pdcraft.exposure.paclitaxel import paclitaxel_citations
from pdcraft.study.exposure.drug_effect import knots_h
from pdcraft.study.exposure.effect import Given, effect_rows, goal_of, index_rows
from pdcraft.study.exposure.notes import note_assumptions
from pdcraft.study.exposure.setup import Side, doses_of, side_of

if TYPE_CHECKING:
    from pdcraft.study.exposure.table import Exposure
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["exposure_stage"]

STAGE = "exposure"
GRID = 140
PLACES = {"plasma": "plasma", "tumor": None, "marrow": "red_marrow"}
#: Rows by place: quantity of the area, of the largest value, and the concentration.
ROWS = (
    ("unbound_drug_integral", "largest_unbound_drug", "plasma", "plasma_unbound"),
    ("total_drug_integral", "largest_total_drug", "plasma", "plasma_total"),
    ("conjugate_integral", "largest_conjugate", "plasma", "plasma_conjugate"),
    ("unbound_drug_integral", "largest_unbound_drug", "tumor", "tumor_free"),
    ("total_drug_integral", "largest_total_drug", "tumor", "tumor_total"),
    ("conjugate_integral", "largest_conjugate", "tumor", "tumor_conjugate"),
    ("unbound_drug_integral", "largest_unbound_drug", "marrow", "marrow_free"),
    ("conjugate_integral", "largest_conjugate", "marrow", "marrow_conjugate"),
)
DRAWN = (
    ("unbound_drug", "plasma", "plasma_unbound"),
    ("conjugate_concentration", "plasma", "plasma_conjugate"),
    ("unbound_drug", "tumor", "tumor_free"),
    ("conjugate_concentration", "tumor", "tumor_conjugate"),
    ("unbound_drug", "marrow", "marrow_free"),
)
RELEASED = {"plasma": "plasma", "tissue": "remainder", "tumor": None}
LEAST_EFFECTIVE = 50.0


@dataclass(frozen=True, slots=True)
class _Arm:
    """An arm of the comparison: what was given and what came of it."""

    name: str
    course: DrugCourse
    given: Given
    total_known: bool = True  # whether what binds in plasma is that of the amount given


def exposure_stage(study: StudyFile, conjugate: Conjugate, ledger: Ledger) -> None:
    """Run the stage: rows and series of every arm and comparison.

    Raises
    ------
    StudyError, DataError
        For an amount that is none of a drug, or rates out of reach.
    """
    said = study.exposure
    assert said is not None
    payload = conjugate.payload
    if payload is None or payload.kind != "drug":
        kind = "nothing" if payload is None else f"a {payload.kind}, {payload.name}"
        raise StudyError(
            f"exposure: {conjugate.name} carries {kind}; free drug needs a drug as payload, such "
            'as CLR 1602-PTX, or [agent] with a carrier and payload = "paclitaxel"'
        )
    side = side_of(study, said, study.host.species)
    lesion = f"lesion:{study.lesion[0].name}"
    mass = side.drug.free.molar_mass_g_per_mol
    each = {a: doses_of(given, mass, said.drug_per_carrier) for a, given in study.given.items()}
    side, kept = _constrained(study, said, side, next(iter(each.values())), ledger)
    ledger.inputs.update(side.inputs)
    ledger.cite(paclitaxel_citations() if said.drug is None else ())
    note_assumptions(said, conjugate, side, ledger)
    for arm, doses in each.items():
        compared = _arms(side, said, doses, "" if arm is None else f"{arm}, ")
        for one in compared:
            _rows(one, lesion, ledger)
            effect_rows(one.name, side, one.given, said, lesion, ledger)
        _against(compared, lesion, ledger)
    if said.index and said.drug is None:
        index_rows(study, said, kept, ledger)


def _constrained(
    study: StudyFile, said: Exposure, side: Side, doses: Sequence[DrugDose], ledger: Ledger
) -> tuple[Side, NDArray[np.intp] | None]:
    """Draw again by the published delivery ratio, which is of mice; the draws kept, or None."""
    mouse = side if side.species == "mouse" else side_of(study, said, "mouse")
    one = (DrugDose(doses[0].payload_nmol),)
    times = np.concatenate([[0.0], np.geomspace(0.1, 240.0, 80)])
    linear = mouse.linker.is_linear
    if linear:
        conj = mouse.conjugate().course(one, times)
        ratios = delivery_ratios(conj, mouse.plain().course(one, times))
    else:
        ratios = {}
    figure = clr1603()
    keep = None
    if said.constraint == "CLR 1603" and ratios:
        keep, effective = resampled(ratios, figure, study.seed)
        side = side.taken(keep)
        ratios = {name: values[keep] for name, values in ratios.items()}
        if effective < LEAST_EFFECTIVE:
            ledger.warn(
                "few_effective_draws",
                STAGE,
                f"The published delivery ratio leaves {effective:.0f} effective draws of "
                f"{study.draws}: limits are rough. Take more draws or wider ranges of the linker.",
            )
    sources = ledger.cite((figure.citation,)) if ratios and said.drug is None else ()
    for name, values in ratios.items():
        ledger.number(
            STAGE,
            "delivery_ratio",
            values,
            origin="computed",
            region=f"tumor:{name}",
            arm="mouse, same amount of drug",
            inputs=side.inputs,
        )
    if sources:
        for end in ("low", "high"):
            ledger.number(
                STAGE,
                "delivery_ratio",
                getattr(figure, end),
                origin="published",
                region=f"tumor:published, {end} end",
                sources=sources,
                flags=("CLR 1603 in one xenograft; time, dose and kind of drug not told",),
            )
    return side, keep


def _arms(side: Side, said: Exposure, doses: Sequence[DrugDose], lead: str) -> list[_Arm]:
    """Follow the conjugate, and the compared forms at equal amounts and at equal marrow effect."""
    until = max(said.until, doses[-1].at_h + 24.0, 24.0 * goal_of(said).tumor_day)
    times = knots_h(until, doses, GRID)
    linker = side.linker
    drug = side.drug
    if linker.is_linear:
        chain: LinearChain | None = side.conjugate()
        course = chain.course(doses, times)
    else:
        chain = None
        course = simulate(
            drug.free, drug.tumor, drug.marrow, doses, times, network=side.network, linker=linker
        )
    one = np.ones(course.auc("plasma_unbound").size)
    out = [_Arm(f"{lead}conjugate", course, Given(chain, course, doses, one))]
    for form in said.compare:
        words = f"{form} {drug.free.name}"
        own = side.plain() if form == "plain" else side.albumin_bound()
        if form == "plain" and drug.vehicle is not None:
            got = simulate(drug.plain, drug.tumor, drug.marrow, doses, times, vehicle=drug.vehicle)
        else:
            got = own.course(doses, times)
        one_of_it = own.course(doses, times).auc("marrow_equivalent")
        if np.isfinite(course.area_to_h):  # stepped in time: areas to the same hour
            one_of_it = own.area_until("marrow_equivalent", doses, [course.area_to_h])[:, 0]
        equal = course.auc("marrow_equivalent") / one_of_it
        out.append(_Arm(f"{lead}{words}, equimolar", got, Given(own, got, doses, one)))
        if not np.all(equal > 0):
            continue  # nothing is set free: no dose is as toxic
        out.append(
            _Arm(
                f"{lead}{words}, equitoxic",
                _scaled(own.course(doses, times), equal),
                Given(own, got, doses, equal),
                form != "plain" or drug.vehicle is None,  # a vehicle's binding is not in proportion
            )
        )
    return out


def _scaled(course: DrugCourse, factor: Floats) -> DrugCourse:
    """Return the course of as many times the dose, in a linear system."""
    return replace(
        course,
        curves={k: v * factor[:, None] for k, v in course.curves.items()},
        areas={k: v * factor for k, v in course.areas.items()},
    )


def _rows(arm: _Arm, lesion: str, ledger: Ledger) -> None:
    course, plain = arm.course, not bool(np.any(arm.course.curve("plasma_conjugate")))
    for area, largest, place, name in ROWS:
        if plain and name.endswith("_conjugate"):
            continue
        if name == "plasma_total" and not arm.total_known:
            continue
        region = PLACES[place] or lesion
        _number(ledger, area, course.auc(name), region, arm.name)
        _number(ledger, largest, course.cmax(name), region, arm.name)
    if arm.total_known and np.all(course.auc("plasma_total") > 0):  # no release, no ratio
        _number(ledger, "tumor_to_plasma", course.tumor_to_plasma(), lesion, arm.name)
    given = sum(d.payload_nmol for d in arm.given.doses) * arm.given.factor
    _number(ledger, "drug_amount", given, None, arm.name)
    if not plain:
        for site, region in RELEASED.items():
            share = course.shares[f"released in {site}"]
            _number(ledger, "released_share", share, region or lesion, arm.name)
        _number(
            ledger, "released_share", course.shares["lost on the conjugate"], "excreta", arm.name
        )
    _series(arm, lesion, plain, ledger)


def _number(ledger: Ledger, kind: str, values: Floats, region: str | None, arm: str) -> None:
    flat = np.atleast_1d(values)
    shown: Floats | float = float(flat[0]) if not np.ptp(flat) > 0 else flat
    ledger.number(STAGE, kind, shown, origin="computed", region=region, arm=arm)


def _series(arm: _Arm, lesion: str, plain: bool, ledger: Ledger) -> None:
    for key, place, name in DRAWN:
        if plain and name.endswith("_conjugate"):
            continue
        ledger.curve(
            STAGE, key, arm.course.times_h, arm.course.curve(name),
            region=PLACES[place] or lesion, arm=arm.name, middle="median",
        )  # fmt: skip


def _against(arms: Sequence[_Arm], lesion: str, ledger: Ledger) -> None:
    """Note the conjugate's free drug in tumor over that of the others."""
    first = arms[0]
    for other in arms[1:]:
        ratio = first.course.auc("tumor_free") / other.course.auc("tumor_free")
        ledger.number(
            STAGE,
            "ratio",
            ratio,
            origin="computed",
            region=lesion,
            arm=f"free drug in tumor, over {other.name}",
        )
