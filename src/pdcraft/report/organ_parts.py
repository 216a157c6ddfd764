"""Organ doses as the report shows them: which targets, and from where their dose comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.organ_dose import OrganDose
from pdcraft.dosimetry.organ_s import OrganS
from pdcraft.report.body_figure import OrganValues
from pdcraft.report.tissue_colors import organ_key

__all__ = ["ORIGINS", "TargetDose", "organ_values", "shown_targets", "target_doses"]

SELF, CONTENTS, CROSS, REMAINDER = "itself", "its own contents", "other organs", "rest of the body"
ORIGINS: tuple[str, ...] = (SELF, CONTENTS, CROSS, REMAINDER)
LIMITS_percent = (2.5, 97.5)
IN_BONE = ("skeleton", "bone_surface")  # whose contents are the marrow
LAST = ("skeleton", "red_marrow", "bone_surface", "remainder", "total_body")


@dataclass(frozen=True, slots=True)
class TargetDose:
    """Dose of one target, mGy/MBq: mean and limits over the draws, and its parts by origin.

    ``sources`` holds the mean from each source, the largest first.
    """

    target: str
    mean: float
    low: float
    high: float
    std_err: float
    by_origin: dict[str, float]
    sources: tuple[tuple[str, float], ...]


def shown_targets(S: OrganS) -> tuple[str, ...]:
    """Targets in the order of tables: organs by name, then skeleton and whole body.

    Left out: single bones, and contents of what has a wall.
    """
    bones = set(S.groups.get("skeleton", ())) if "skeleton" in S.targets else set[str]()
    walls = {t for t in S.targets if t.endswith("_wall")}
    shown = [
        t
        for t in S.targets
        if t not in bones and not (t.endswith("_contents") and f"{organ_key(t)}_wall" in walls)
    ]
    return tuple(sorted(shown, key=lambda t: (LAST.index(t) + 1 if t in LAST else 0, t)))


def _origin(S: OrganS, target: str, source: str) -> str:
    if source == "remainder" and source != target:
        return REMAINDER
    if source in S.sources and S.own[S.targets.index(target), S.sources.index(source)]:
        return SELF
    if source == target:
        return SELF
    inside = source == "red_marrow" and target in IN_BONE
    inside |= source.endswith("_contents") and organ_key(source) == organ_key(target)
    return CONTENTS if inside else CROSS


def target_doses(dose: OrganDose) -> tuple[TargetDose, ...]:
    """Doses of the targets that are shown."""
    S, draws = dose.S, dose.coefficient_mGy_per_MBq
    low, high = np.percentile(draws, LIMITS_percent, axis=0)
    parts: dict[str, Floats] = {s: v.mean(axis=0) for s, v in dose.by_source.items()}
    out: list[TargetDose] = []
    for target in shown_targets(S):
        t = S.targets.index(target)
        origins: dict[str, float] = dict.fromkeys(ORIGINS, 0.0)
        for source, values in parts.items():
            origins[_origin(S, target, source)] += float(values[t])
        ranked = sorted(((s, float(v[t])) for s, v in parts.items()), key=lambda x: (-x[1], x[0]))
        out.append(
            TargetDose(
                target,
                float(draws[:, t].mean()),
                float(low[t]),
                float(high[t]),
                float(dose.std_err[t]),
                origins,
                tuple(ranked),
            )
        )
    return tuple(out)


def organ_values(dose: OrganDose) -> OrganValues:
    """Dose coefficients for a picture: means and 95% limits over the draws.

    Of the shown targets and single bones; contents are no tissue.
    """
    draws = dose.coefficient_mGy_per_MBq
    low, high = np.percentile(draws, LIMITS_percent, axis=0)
    kept = {*shown_targets(dose.S), *dose.S.groups.get("skeleton", ())}
    value, lowest, highest = (
        {t: v for t, v in zip(dose.targets, column.tolist(), strict=True) if t in kept}
        for column in (draws.mean(axis=0), low, high)
    )
    return OrganValues("mean absorbed dose per activity", "mGy/MBq", value, lowest, highest)
