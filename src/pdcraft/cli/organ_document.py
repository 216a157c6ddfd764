"""Documents and tables of ``pdcraft organ-dose``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.cli.common import table

if TYPE_CHECKING:
    from rich.console import Console

    from pdcraft.core.body import Body, BodyMasses
    from pdcraft.dosimetry.effective_dose import EffectiveDose
    from pdcraft.dosimetry.organ_dose import OrganDose
    from pdcraft.dosimetry.organ_s import OrganS

__all__ = ["Asked", "dose_document", "render_dose", "render_s_values", "s_values_document"]

MAIN_SOURCES = 3  # of a target, in the table for people
LEAST_SHARE = 0.01
mGy_PER_Gy = 1000.0
REMAINDER = "remainder"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was given, as far as the document tells it."""

    draws: int
    seed: int
    activity_MBq: float | None
    body: Body
    mass_table: BodyMasses
    made_by: str


def _about(S: OrganS, asked: Asked) -> dict[str, Any]:
    from pdcraft.data.chains import progeny_words
    from pdcraft.data.nuclides import nuclide

    source = nuclide(S.nuclide, S.progeny, S.spectra)  # pyright: ignore[reportArgumentType]
    return {
        "phantom_masses_g": _with_stand_ins(S, dict(zip(S.targets, S.target_mass_g, strict=True))),
        "mass_table": S.masses,
        "masses_that_are_not_the_tables_own": dict(asked.mass_table.scaled),
        "stands_for": dict(S.stands_for),
        "red_marrow_method": S.red_marrow_method or None,
        "convention": S.convention,
        "lesions": _lesions(asked.body),
        "includes": list(source.includes),
        "progeny": S.progeny,
        "progeny_note": progeny_words(source),
        "spectra": S.spectra,
        "remarks": list(S.remarks),
        "sources": [*source.sources, asked.mass_table.source, asked.made_by],
        "notice": source.notice or None,
        "seed": asked.seed,
        "warnings": [],
    }


def _with_stand_ins(S: OrganS, by_target: Mapping[str, Any]) -> dict[str, Any]:
    """Add regions that the body does not have, as what stands for them."""
    return {**by_target, **{new: by_target[there] for new, there in S.stands_for.items()}}


def _lesions(body: Body) -> list[dict[str, Any]]:
    """Name, mass and center of the spheres that were put into the body."""
    out: list[dict[str, Any]] = []
    for i, name in enumerate(body.regions):
        if name.startswith("lesion:") or name == "tumor":
            box = body.solids.box_cm[body.solids.region == i][0]
            mass = float(body.own_mass_g[i])
            out.append({"name": name, "mass_g": mass, "center_cm": box.mean(axis=0).tolist()})
    return out


def _soft_tissue(S: OrganS) -> str:
    """Name, among S values, of the soft tissue of no organ: there it is no remainder of a list."""
    return next((new for new, there in S.stands_for.items() if there == REMAINDER), REMAINDER)


def _soft_tissue_note(S: OrganS) -> str:
    return (
        f"{_soft_tissue(S)} is here the soft tissue of no organ, as target and as source; the "
        f"{REMAINDER} of a --tiac file is everything that is not listed, organs and bone with it"
    )


def s_values_document(S: OrganS, asked: Asked) -> dict[str, Any]:
    """Document ``pdcraft.s-values/1``."""
    at = {name: j for j, name in enumerate(S.sources)}
    at |= {new: at[there] for new, there in S.stands_for.items()}
    soft, about = _soft_tissue(S), _about(S, asked)
    hidden = {REMAINDER} - {soft}

    def shown(by_target: Mapping[str, Any]) -> dict[str, Any]:
        both = _with_stand_ins(S, by_target)
        return {name: value for name, value in both.items() if name not in hidden}

    at = {name: j for name, j in at.items() if name not in hidden}
    rows = {
        target: {
            name: {"value": S.total[i, j], "std_err": S.std_err[i, j]} for name, j in at.items()
        }
        for i, target in enumerate(S.targets)
    }
    return {
        "schema": "pdcraft.s-values/1",
        "phantom": S.body,
        "nuclide": S.nuclide,
        "S_mGy_per_MBq_s": shown(rows),
        "electron_mGy_per_MBq_s": shown(
            {
                target: {name: S.electron[i, j] for name, j in at.items()}
                for i, target in enumerate(S.targets)
            },
        ),
        **about,
        "phantom_masses_g": {k: g for k, g in about["phantom_masses_g"].items() if k not in hidden},
        "remarks": [_soft_tissue_note(S), *about["remarks"]],
    }


def dose_document(dose: OrganDose, asked: Asked, effective: EffectiveDose | None) -> dict[str, Any]:
    """Document ``pdcraft.organ-dose/1``."""
    from pdcraft.core.estimate import summarize
    from pdcraft.dosimetry.organ_dose import uncertainty_shares

    S, values = dose.S, dose.coefficient_mGy_per_MBq
    from_source = {name: one.mean(axis=0) for name, one in dose.by_source.items()}
    shares = uncertainty_shares(dose)
    coefficient = {
        target: {
            **summarize(values[:, i], float(dose.std_err[i])),
            "by_source": {name: one[i] for name, one in from_source.items()},
        }
        for i, target in enumerate(S.targets)
    }
    scale = None if asked.activity_MBq is None else asked.activity_MBq / mGy_PER_Gy
    in_Gy = {
        target: summarize(scale * values[:, i], scale * float(dose.std_err[i]))
        for i, target in enumerate(S.targets)
        if scale is not None
    }
    parts = {
        target: {
            name: float(one[i]) if np.isfinite(one[i]) else None for name, one in shares.items()
        }
        for i, target in enumerate(S.targets)
    }
    return {
        "schema": "pdcraft.organ-dose/1",
        "phantom": S.body,
        "nuclide": S.nuclide,
        "absorbed_dose_coefficient_mGy_per_MBq": _with_stand_ins(S, coefficient),
        "effective_dose_coefficient_mSv_per_MBq": effective
        and summarize(effective.coefficient_mSv_per_MBq, effective.std_err),
        "effective_dose": effective
        and {
            "label": effective.label,
            "by_tissue_mSv_per_MBq": dict(effective.by_tissue),
            "surrogates": list(effective.surrogates),
            "source": effective.source,
        },
        "activity_MBq": asked.activity_MBq,
        "absorbed_dose_Gy": _with_stand_ins(S, in_Gy) if in_Gy else None,
        "tiac_h": {name: summarize(one) for name, one in dose.tiac_h.items()},
        "uncertainty_shares": _with_stand_ins(S, parts),
        "draws": len(values),
        **_about(S, asked),
    }


def _shown(S: OrganS) -> list[int]:
    """Targets of the table for people: no single bones, no contents but those that stand in."""
    bones = S.groups.get("skeleton", ())
    return [
        i
        for i, t in enumerate(S.targets)
        if t not in bones and (not t.endswith("_contents") or t in S.stands_for.values())
    ]


def render_dose(console: Console, dose: OrganDose, document: Mapping[str, Any]) -> None:
    """Write doses for people."""
    S = dose.S
    coefficient = document["absorbed_dose_coefficient_mGy_per_MBq"]
    in_Gy = document["absorbed_dose_Gy"]
    rows: list[tuple[Any, ...]] = []
    for i in _shown(S):
        one = coefficient[S.targets[i]]
        spread = "" if one["low"] is None else f"{one['low']:.3g} to {one['high']:.3g}"
        main = sorted(one["by_source"].items(), key=lambda pair: -pair[1])[:MAIN_SOURCES]
        whole = one["value"] or 1.0
        words = ", ".join(f"{n} {v / whole:.0%}" for n, v in main if v > LEAST_SHARE * whole)
        row = (S.targets[i], one["value"], spread, one["std_err"], words)
        rows.append(row if in_Gy is None else (*row[:-1], in_Gy[S.targets[i]]["value"], words))
    columns = ["target", "mGy/MBq", "95 % interval", "± Monte Carlo", "mainly from"]
    if in_Gy is not None:
        columns.insert(4, "Gy")
    console.print(table(f"{S.nuclide} in {S.body}", columns, rows))
    total = document["effective_dose_coefficient_mSv_per_MBq"]
    if total is not None:
        about = document["effective_dose"]
        console.print(
            f"effective dose: {total['value']:.4g} mSv/MBq ({about['label']}; of a reference "
            "person, never an individual's risk)"
        )
        stand_ins: dict[str, list[str]] = {}
        for pair in about["surrogates"]:
            tissue, region = pair.split(": ")
            stand_ins.setdefault(region, []).append(tissue)
        for region, tissues in stand_ins.items():
            console.print(f"  {region} stands for {', '.join(tissues)}")
    _render_about(console, S, document)


def render_s_values(console: Console, S: OrganS, document: Mapping[str, Any]) -> None:
    """Write S values for people: self-dose and the greatest from elsewhere; JSON has all."""
    soft = {REMAINDER: _soft_tissue(S)}
    rows: list[tuple[Any, ...]] = []
    for i in _shown(S):
        own = S.sources.index(S.targets[i]) if S.targets[i] in S.sources else None
        others = [j for j, s in enumerate(S.sources) if j != own and s != "total_body"]
        top = max(others, key=lambda j: S.total[i, j])
        rows.append(
            (
                soft.get(S.targets[i], S.targets[i]),
                S.target_mass_g[i],
                None if own is None else S.total[i, own],
                None if own is None else S.std_err[i, own],
                S.total[i, S.sources.index("total_body")],
                f"{S.total[i, top]:.3g} {soft.get(S.sources[top], S.sources[top])}",
            )
        )
    title = f"{S.nuclide} in {S.body}: S in mGy/(MBq·s); --json has all {len(S.sources)} sources"
    columns = ["target", "g", "from itself", "± Monte Carlo", "from total_body", "greatest other"]
    console.print(table(title, columns, rows))
    _render_about(console, S, document)


def _render_about(console: Console, S: OrganS, document: Mapping[str, Any]) -> None:
    console.print(f"masses: {S.masses}; contents to wall: {S.convention}")
    for new, there in S.stands_for.items():
        if there in document["phantom_masses_g"]:  # by which name S values have no remainder
            console.print(f"{new}: {there} stands for it")
    if S.red_marrow_method:
        console.print(f"red marrow: {S.red_marrow_method}")
    console.print(f"progeny ({S.progeny}): {document['progeny_note']}")
    for remark in document["remarks"]:
        console.print(f"note: {remark}", style="dim")
