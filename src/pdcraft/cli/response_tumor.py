"""``pdcraft response tumor`` and ``patients``: a tumor under a dose rate; responses of patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption, finite
from pdcraft.cli.response_document import emit_response
from pdcraft.cli.response_options import (
    AlphaBetaOption,
    AlphaOption,
    AtOption,
    DoseOption,
    HalfLifeOption,
    IndicationOption,
    Irradiation,
    RateOption,
    RepairOption,
    Tissue,
    UptakeOption,
    curve_times,
    days,
    gray,
)

if TYPE_CHECKING:
    from pdcraft.core.arrays import Floats
    from pdcraft.response.patient_simulate import Regimen

__all__ = ["patients", "tumor"]

MBq_PER_GBq = 1000.0
OF_KILL = ("alpha_per_Gy", "alpha_beta_Gy", "repair_half_life_h")
OF_COURSE = ("dose_Gy", "effective_half_life_h", "uptake_half_life_h", "at_h", "rate")
MONTHS = 12.0  # at which progression and death are said


def tumor(
    mass: Annotated[str, typer.Option("--mass", help="At the start.")] = "0.1 g",
    growth: Annotated[str, typer.Option("--growth", help="Doubling time when small.")] = "3.5 d",
    linear: Annotated[
        str | None, typer.Option("--linear", help='Growth per day when large, "0.4 g".')
    ] = None,
    clearance: Annotated[
        str, typer.Option("--clearance", help="Mean time of killed cells in the tumor.")
    ] = "6 d",
    stem_share: Annotated[
        float, typer.Option("--stem-share", help="Share of stem cells at the start; 0 for none.")
    ] = 0.0,
    stem_alpha: Annotated[
        float | None, typer.Option("--stem-alpha", help="Their alpha, 1/Gy; that of all if absent.")
    ] = None,
    stem_uptake: Annotated[
        float, typer.Option("--stem-uptake", help="Their dose rate over the tumor's.")
    ] = 1.0,
    dose: DoseOption = None,
    half_life: HalfLifeOption = None,
    uptake_half_life: UptakeOption = None,
    at: AtOption = None,
    rate: RateOption = None,
    alpha: AlphaOption = None,
    alpha_beta: AlphaBetaOption = None,
    repair: RepairOption = None,
    indication: IndicationOption = None,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", help='Mass that ends the study, "1 g".')
    ] = None,
    until: Annotated[str, typer.Option("--until", help="End of the curve.")] = "60 d",
    step: Annotated[str, typer.Option("--step", help="Steps of the curve.")] = "1 d",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Mass of a tumor under a dose rate: linear-quadratic kill, incomplete repair, stem cells."""
    import numpy as np

    from pdcraft.errors import PhysicsRangeError
    from pdcraft.io.units import parse
    from pdcraft.response.sensitivity import Sensitivity
    from pdcraft.response.tumor_growth import STAGES, TumorCells, TumorGrowth, grow

    end, every, out = days(until) or 0.0, days(step) or 0.0, days(clearance) or 0.0
    doubling = days(growth) or 0.0
    time = curve_times(end, every, "d")
    if not out > 0 or not doubling > 0:
        raise PhysicsRangeError(f"clearance {out:g} d, doubling {doubling:g} d: both are above 0 d")
    if not 0 <= stem_share < 1:
        raise PhysicsRangeError(f"share of stem cells {stem_share:g}: 0 (none) or more, below 1")
    source = Irradiation(dose, half_life, uptake_half_life, at, rate, None, "2 Gy", "0 d", 5, None)
    course, _ = source.make()
    tissue = Tissue(alpha, alpha_beta, repair, indication=indication)
    given = tissue.sensitivity(needs_alpha=True)
    # an indication's doubling time is of its clonogens in patients: this tumor grows by itself
    bulk = Sensitivity.of(given.alpha_per_Gy, given.alpha_beta_Gy, given.repair)
    cells = [TumorCells("bulk", 1.0 - stem_share, bulk)]
    if stem_share > 0:
        own = given.alpha_per_Gy if stem_alpha is None else stem_alpha
        stem = Sensitivity.of(own, given.alpha_beta_Gy, given.repair)
        cells.append(TumorCells("stem", stem_share, stem, relative_dose=stem_uptake))
    model = TumorGrowth.of(
        parse(mass, "mass"),
        np.log(2.0) / doubling,
        np.inf if linear is None else parse(linear, "mass"),
        transit_per_d=STAGES / out,
    )
    curve = grow(model, cells, time, dose_rate=course)
    limit = None if endpoint is None else parse(endpoint, "mass")
    share, day = curve.nadir()
    living = sum(curve.part_g(c.name) for c in cells)
    result: dict[str, float | None] = {
        "lowest_share": float(share),
        "lowest_at_d": float(day),
        "last_g": float(curve.mass_g[-1]),
        "least_living_g": float(np.min(living)),
        "endpoint_at_d": None if limit is None else finite(float(curve.days_to(limit))),
    }
    said: dict[str, Any] = {
        "mass_g": float(model.mass_g),
        "doubling_d": doubling,
        "linear_g_per_d": None if linear is None else float(model.lambda1_g_per_d),
        "clearance_d": out,
        "stem_share": stem_share,
        "stem_alpha_per_Gy": stem_alpha,
        "stem_uptake": stem_uptake,
        "endpoint_g": limit,
    }
    said |= {k: tissue.parameters[k] for k in (*OF_KILL, "indication")}
    said |= {k: source.parameters[k] for k in OF_COURSE}
    parts = {"time_d": time.tolist(), "mass_g": curve.mass_g.tolist()}
    parts |= {f"{c.name}_g": curve.part_g(c.name).tolist() for c in cells}
    told = [t for t in tissue.assumed if t.split()[0] in OF_KILL]
    emit_response(json, "tumor", said, result, told, curve=parts)


def patients(
    indication: Annotated[
        str, typer.Option("--indication", help="multiple-myeloma, waldenstrom, head-and-neck.")
    ],
    activity: Annotated[str, typer.Option("--activity", help='In all, "2.3 GBq".')],
    at: AtOption = None,
    total_dose: Annotated[
        str | None,
        typer.Option("--total-dose", help="Sum with external beam (head and neck), 64 Gy."),
    ] = None,
    assumed: Annotated[
        bool, typer.Option("--assumed", help="Leave the fitted trial out: priors alone.")
    ] = False,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Best response of patients by administered activity: predicted from one trial, or assumed."""
    import numpy as np

    from pdcraft.io.units import parse
    from pdcraft.response.patient_hazards import (
        chance_alive,
        chance_progression_free,
        hazard_draws,
    )
    from pdcraft.response.patient_link import fitted_link
    from pdcraft.response.patient_outcomes import resampled
    from pdcraft.response.patient_simulate import Regimen, best_responses

    starts = tuple(days(text) or 0.0 for text in at or ["0 d"])
    total = gray(total_dose)
    given = parse(activity, "activity") / MBq_PER_GBq
    link = fitted_link(indication, seed=seed)
    regimen: Regimen = Regimen(given, given, starts, total, total)
    who = link.who if assumed else resampled(link, link.who.draws, seed)
    codes = best_responses(who, regimen)
    names = who.rules.categories
    drawn: dict[str, Floats] = {
        f"{name}_or_better": (codes >= code).mean(axis=1)
        for code, name in enumerate(names)
        if name not in ("PD", "SD")
    }
    hazards = hazard_draws(names, who.draws)
    for label, chance in (
        ("progression_free_12_months", chance_progression_free),
        ("alive_12_months", chance_alive),
    ):
        drawn[label] = np.take_along_axis(chance(hazards, MONTHS), codes, axis=1).mean(axis=1)
    k, n = link.item.counts
    said = {
        "indication": who.indication,
        "criteria": who.rules.name,
        "activity_GBq": given,
        "at_d": list(starts),
        "total_Gy": total,
        "label": "assumed" if assumed else "predicted",
        "fitted_on": None if assumed else f"{link.item.id}, {k} of {n}",
        "draws": who.draws,
        "patients": codes.shape[1],
    }
    told = ["progression and death: hazards by best response, all assumed"]
    if assumed:
        told.append("no trial: the priors alone, most of them without a source")
    else:
        told.append(f"link fitted on {link.item.id} ({link.item.citation.text}); priors assumed")
    told += [f"activity of that trial: {link.item.activity}"] if link.item.activity else []
    emit_response(
        json, "patients", said, {k: float(v.mean()) for k, v in drawn.items()}, told, spread=drawn
    )
