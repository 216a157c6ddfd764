"""Published figures beside what the calibrated carrier says: fitted to them, or predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.conjugate import Conjugate

if TYPE_CHECKING:
    from pdcraft.data.evidence import EvidenceItem
    from pdcraft.study.kinetics.curves import Curves
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import StudyFile

__all__ = ["evidence_beside", "ratio_series"]

mGy_PER_Gy = 1000.0
RATIO_TIMES_h = np.geomspace(0.5, 168.0, 80)


def evidence_beside(study: StudyFile, conjugate: Conjugate, curves: Curves, ledger: Ledger) -> None:
    """Put the agent's own published doses and ratios beside the rows that they compare with.

    A figure that the draws were fitted to stands beside a row of origin 'fitted'; the row of
    origin 'predicted' comes from draws that never saw its subjects.
    """
    from pdcraft.study.kinetics.calibrated import own_evidence, regions_of

    for item in own_evidence(conjugate, study):
        for region in regions_of(item, study):
            if item.quantity == "dose_per_activity":
                _dose(item, region, ledger)
            elif item.quantity == "concentration_ratio":
                _ratio(item, region, curves, ledger)


def ratio_series(curves: Curves, ledger: Ledger, region: str, reference: str) -> None:
    """Add the curve of a region's concentration over a reference region's."""
    draws = _ratio_of(curves, region, reference, RATIO_TIMES_h)
    ledger.curve("kinetics", "ratio", RATIO_TIMES_h, draws, region=region)


def _dose(item: EvidenceItem, region: str, ledger: Ledger) -> None:
    """Add a published dose per activity; rows that `published.toml` brings are not doubled."""
    from pdcraft.data.published import published_results

    known = {(r.agent, r.host, r.stage, r.region) for r in published_results()}
    if (ledger.agent, ledger.host, "dosimetry", region) in known or item.value is None:
        return
    kind = "absorbed_dose_coefficient"
    beside = [
        row.id
        for row in ledger.rows
        if row.quantity.key == kind
        and row.subject.region == region
        and row.origin in ("fitted", "predicted")
    ]
    if beside:
        ledger.number(
            "dosimetry",
            kind,
            mGy_PER_Gy * item.in_base(item.value),
            origin="published",
            region=region,
            arm=f"published {item.id}",
            sources=ledger.cite((item.citation,)),
            compare_with=tuple(beside),
            flags=_printed(item),
        )


def _ratio(item: EvidenceItem, region: str, curves: Curves, ledger: Ledger) -> None:
    reference = item.reference_region or ""
    sets = [("fitted", None, curves)]
    sets += [
        ("predicted", f"without {left.subjects}", left.curves)
        for left in curves.left_out
        if left.subjects == item.subjects
    ]
    for time_h in item.time_h:
        beside: list[str] = []
        for origin, arm, found in sets:
            row = ledger.number(
                "kinetics",
                "ratio",
                _ratio_of(found, region, reference, np.array([time_h]))[:, 0],
                origin="fitted" if origin == "fitted" else "predicted",
                region=region,
                arm=arm,
                time_h=time_h,
                flags=(f"concentration over that in {reference}",),
            )
            beside.append(row.id)
        if item.value is not None:
            ledger.number(
                "kinetics",
                "ratio",
                item.in_base(item.value),
                origin="published",
                region=region,
                arm=f"published {item.id}",
                time_h=time_h,
                sources=ledger.cite((item.citation,)),
                compare_with=tuple(beside),
                flags=_printed(item),
            )


def _ratio_of(curves: Curves, region: str, reference: str, times_h: Floats) -> Floats:
    """Ratio of two regions' concentrations in draws, shape (draw, time); decay cancels."""
    course = curves.course(region)
    assert course is not None
    at = course.at(times_h)[:, 0]
    return at[:, course.regions.index(region)] / at[:, course.regions.index(reference)]


def _printed(item: EvidenceItem) -> tuple[str, ...]:
    if item.plus_minus is None:
        return (f"no spread printed; {item.unit}",)
    kind = "SD or SEM, not said" if item.spread == "unknown" else item.spread
    return (f"printed as {item.value:g} ± {item.plus_minus:g} {item.unit} ({kind})",)
