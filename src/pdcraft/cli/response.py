"""``pdcraft response``: each model of what dose rates and drug exposures do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pdcraft.cli.common import JsonFlag, SeedOption
from pdcraft.cli.response_document import emit_response
from pdcraft.cli.response_drug import friberg, simeoni
from pdcraft.cli.response_options import (
    AlphaBetaOption,
    AlphaOption,
    AtOption,
    CompleteOption,
    DoseOption,
    DoublingOption,
    DrawsOption,
    FirstFractionOption,
    FractionDoseOption,
    FractionsOption,
    HalfLifeOption,
    IndicationOption,
    Irradiation,
    KickOffOption,
    PerWeekOption,
    RateOption,
    RepairOption,
    RepairShareOption,
    RepairSlowOption,
    Tissue,
    UntilOption,
    UptakeOption,
    days,
    gray,
    tissue_of,
)
from pdcraft.cli.response_tumor import patients, tumor

__all__ = ["response"]

response = typer.Typer(
    name="response",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Models of response: bed, eud, tcp, ntcp, friberg, simeoni, tumor, patients.",
)
DvhArgument = Annotated[
    Path, typer.Option("--dvh", help="Differential histogram, CSV dose_Gy,volume_fraction.")
]


@response.command()
def bed(
    dose: DoseOption = None,
    half_life: HalfLifeOption = None,
    uptake_half_life: UptakeOption = None,
    at: AtOption = None,
    rate: RateOption = None,
    alpha_beta: AlphaBetaOption = None,
    alpha: AlphaOption = None,
    repair: RepairOption = None,
    repair_slow: RepairSlowOption = None,
    repair_share: RepairShareOption = None,
    doubling: DoublingOption = None,
    kick_off: KickOffOption = None,
    until: UntilOption = None,
    fractions: FractionsOption = None,
    fraction_dose: FractionDoseOption = "2 Gy",
    first_fraction: FirstFractionOption = "0 d",
    per_week: PerWeekOption = 5,
    complete_to: CompleteOption = None,
    indication: IndicationOption = None,
    draws: DrawsOption = 0,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Biologically effective dose of a radionuclide, of external beam, or of both."""
    from pdcraft.response.bed import biologically_effective_dose, lea_catcheside_G

    tissue = Tissue(
        alpha, alpha_beta, repair, repair_slow, repair_share, doubling, kick_off, indication,
        draws, seed,
    )  # fmt: skip
    source = Irradiation(
        dose, half_life, uptake_half_life, at, rate, fractions, fraction_dose, first_fraction,
        per_week, complete_to,
    )  # fmt: skip
    sensitivity = tissue.sensitivity(needs_alpha=False)
    course, beam = source.make()
    found = biologically_effective_dose(sensitivity, course, beam, days(until))
    known_alpha = tissue.parameters["alpha_per_Gy"] is not None
    end = float(found.until_d)
    result: dict[str, float | None] = {
        "absorbed_dose_Gy": None if course is None else float(course.total_Gy),
        "external_beam_dose_Gy": None if beam is None else float(beam.total_Gy),
        "lea_catcheside_G": (
            None if course is None else float(lea_catcheside_G(course, sensitivity.repair))
        ),
        "BED_Gy": float(found.total_Gy),
        "EQD2_Gy": float(found.eqd2_Gy),
        "alpha_beta_Gy": float(found.alpha_beta_Gy),
        "linear_Gy": float(found.linear_Gy),
        "quadratic_Gy": float(found.quadratic_Gy),
        "external_beam_BED_Gy": float(found.external_Gy),
        "interplay_Gy": float(found.interplay_Gy),
        "repopulation_Gy": float(found.repopulation_Gy),
        "until_d": None if end == float("inf") else end,
        "surviving_fraction": float(found.surviving_fraction) if known_alpha else None,
    }
    parameters = tissue.parameters | source.parameters | {"until_d": days(until)}
    spread = None
    if draws:
        drawn = biologically_effective_dose(
            tissue_of(tissue.drawn_values()), course, beam, days(until)
        )
        spread = {
            "BED_Gy": drawn.total_Gy,
            "EQD2_Gy": drawn.eqd2_Gy,
            "surviving_fraction": drawn.surviving_fraction,
        }
    emit_response(json, "bed", parameters, result, tissue.assumed, spread=spread)


@response.command()
def eud(
    dvh: DvhArgument,
    a: Annotated[float, typer.Option("--a", help="1: mean; large: maximum; negative: tumors.")],
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Generalized equivalent uniform dose of a dose-volume histogram."""
    from pdcraft.io.dose_tables import read_dvh
    from pdcraft.physics.control_probability import generalized_eud_Gy

    dose, volume = read_dvh(dvh)
    result = {
        "EUD_Gy": float(generalized_eud_Gy(dose, volume, a)),
        "mean_Gy": float((dose * volume).sum()),
        "lowest_Gy": float(dose[volume > 0].min()),
        "highest_Gy": float(dose[volume > 0].max()),
    }
    emit_response(json, "eud", {"dvh": dvh.name, "a": a}, result)


@response.command()
def ntcp(
    dvh: DvhArgument,
    n: Annotated[float, typer.Option("--n", help="Volume parameter; 1 for the mean dose.")],
    m: Annotated[float, typer.Option("--m", help="Slope.")],
    td50: Annotated[str, typer.Option("--td50", help='Dose of 50% complications, "28 Gy".')],
    alpha_beta: Annotated[
        str | None, typer.Option("--alpha-beta", help="Convert doses to 2-Gy fractions with it.")
    ] = None,
    g: Annotated[
        float | None, typer.Option("--G", help="Lea-Catcheside factor of the course, with it.")
    ] = None,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Complication probability of Lyman, Kutcher and Burman."""
    from pdcraft.errors import DataError
    from pdcraft.io.dose_tables import read_dvh
    from pdcraft.physics.control_probability import generalized_eud_Gy, lkb_ntcp
    from pdcraft.physics.linear_quadratic import bed_Gy, eqd2_Gy

    dose, volume = read_dvh(dvh)
    tolerance, ratio = gray(td50) or 0.0, gray(alpha_beta)
    if (ratio is None) != (g is None):
        raise DataError("--alpha-beta and --G convert doses together; give both or neither")
    if ratio is not None and g is not None:
        dose = eqd2_Gy(bed_Gy(dose, g, ratio), ratio)
    probability = float(lkb_ntcp(dose, volume, n, m, tolerance))
    result = {"NTCP": probability, "EUD_Gy": float(generalized_eud_Gy(dose, volume, 1.0 / n))}
    parameters = {
        "dvh": dvh.name, "n": n, "m": m, "td50_Gy": tolerance, "alpha_beta_Gy": ratio,
        "lea_catcheside_G": g,
    }  # fmt: skip
    emit_response(json, "ntcp", parameters, result)


@response.command()
def tcp(
    clonogens: Annotated[
        float | None, typer.Option("--clonogens", help="Number before treatment.")
    ] = None,
    mass: Annotated[
        str | None, typer.Option("--mass", help="Or the lesion's mass, with a density.")
    ] = None,
    clonogens_per_g: Annotated[
        float | None, typer.Option("--clonogens-per-g", help="Clonogen density.")
    ] = None,
    dvh: Annotated[
        Path | None,
        typer.Option("--dvh", help="Histogram: of relative dose, or with --per-fraction of dose."),
    ] = None,
    per_fraction: Annotated[
        str | None,
        typer.Option("--per-fraction", help="The histogram is of a dose in such fractions."),
    ] = None,
    alpha_spread: Annotated[
        float, typer.Option("--alpha-spread", help="SD of ln alpha between patients.")
    ] = 0.0,
    dose: DoseOption = None,
    half_life: HalfLifeOption = None,
    uptake_half_life: UptakeOption = None,
    at: AtOption = None,
    rate: RateOption = None,
    alpha_beta: AlphaBetaOption = None,
    alpha: AlphaOption = None,
    repair: RepairOption = None,
    repair_slow: RepairSlowOption = None,
    repair_share: RepairShareOption = None,
    doubling: DoublingOption = None,
    kick_off: KickOffOption = None,
    until: UntilOption = None,
    fractions: FractionsOption = None,
    fraction_dose: FractionDoseOption = "2 Gy",
    first_fraction: FirstFractionOption = "0 d",
    per_week: PerWeekOption = 5,
    complete_to: CompleteOption = None,
    indication: IndicationOption = None,
    draws: DrawsOption = 0,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Tumor control probability (Poisson), with a dose distribution and patients who differ."""
    from math import log

    from pdcraft.cli.response_control import (
        clonogen_number,
        course_bed,
        drawn_course,
        histogram_bed,
    )
    from pdcraft.response.control import control_probability, expected_survivors

    tissue = Tissue(
        alpha, alpha_beta, repair, repair_slow, repair_share, doubling, kick_off, indication,
        draws, seed,
    )  # fmt: skip
    source = Irradiation(
        dose, half_life, uptake_half_life, at, rate, fractions, fraction_dose, first_fraction,
        per_week, complete_to,
    )  # fmt: skip
    if per_fraction is not None:
        found, distribution = histogram_bed(tissue, source, dvh, per_fraction)
    else:
        found, distribution = course_bed(tissue, source, dvh, days(until))
    number = clonogen_number(tissue, clonogens, mass, clonogens_per_g)
    survivors = float(expected_survivors(found, number, distribution))
    probability = float(control_probability(found, number, distribution, alpha_spread))
    result: dict[str, float | None] = {
        "TCP": probability,
        "log10_TCP": -survivors / log(10.0) if alpha_spread == 0 else None,
        "expected_survivors": survivors,
        "clonogens": number,
        "BED_of_mean_dose_Gy": float(found.total_Gy),
    }
    parameters: dict[str, Any] = tissue.parameters | source.parameters
    parameters |= {
        "dvh": dvh.name if dvh else None,
        "per_fraction_Gy": gray(per_fraction),
        "alpha_spread": alpha_spread,
        "until_d": days(until),
    }
    spread = None
    if draws:
        drawn, numbers = drawn_course(tissue, source, days(until), number)
        spread = {"TCP": control_probability(drawn, numbers, distribution, alpha_spread)}
    emit_response(json, "tcp", parameters, result, tissue.assumed, spread=spread)


response.command()(friberg)
response.command()(simeoni)
response.command()(tumor)
response.command()(patients)
