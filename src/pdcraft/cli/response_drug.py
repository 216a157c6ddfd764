"""``pdcraft response friberg`` and ``simeoni``: blood counts and xenografts under a drug."""

from __future__ import annotations

from typing import Annotated

import typer

from pdcraft.cli.common import JsonFlag, SeedOption
from pdcraft.cli.response_document import emit_response
from pdcraft.cli.response_options import curve_times, days, hours

__all__ = ["friberg", "simeoni"]

HOURS = 24.0
nmol_PER_umol = 1000.0


def friberg(
    drug: Annotated[str, typer.Option("--drug", help="A shipped set, paclitaxel.")] = "paclitaxel",
    dose: Annotated[str, typer.Option("--dose", help='Amount given, "350 umol".')] = "350 umol",
    infusion: Annotated[str, typer.Option("--infusion", help="Its duration.")] = "3 h",
    until: Annotated[str, typer.Option("--until", help="End of the curve.")] = "28 d",
    step: Annotated[str, typer.Option("--step", help="Steps of the curve.")] = "6 h",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Blood counts under a drug (Friberg), with the kinetics that its parameters belong to."""
    from pdcraft.io.units import parse
    from pdcraft.response.friberg import friberg as counts_of
    from pdcraft.response.friberg import friberg_set, shipped_exposure

    time = curve_times(hours(until) or 0.0, hours(step) or 0.0, "h")
    parameters = friberg_set(drug)
    amount, duration = parse(dose, "amount") / nmol_PER_umol, hours(infusion) or 0.0
    exposure = shipped_exposure(drug, amount, duration)
    counts = counts_of(parameters, exposure, time)
    lowest = int(counts.argmin())
    said = {
        "drug": drug,
        "cells": parameters.cells,
        "concentration": None if parameters.tag is None else parameters.tag.text,
        "dose_umol": amount,
        "infusion_h": duration,
        "baseline_1e9_per_L": float(parameters.baseline_1e9_per_L),
        "transit_h": float(parameters.transit_h),
        "feedback": float(parameters.feedback),
        "slope": None if parameters.slope is None else float(parameters.slope),
    }
    result = {
        "nadir_1e9_per_L": float(counts[lowest]),
        "nadir_at_d": float(time[lowest]) / HOURS,
        "last_1e9_per_L": float(counts[-1]),
    }
    curve = {
        "time_h": time.tolist(),
        "concentration": exposure.at(time).tolist(),
        "count_1e9_per_L": counts.tolist(),
    }
    emit_response(json, "friberg", said, result, curve=curve)


def simeoni(
    concentration: Annotated[
        str, typer.Option("--concentration", help='After each dose, "5000 ng/mL"; 0 for control.')
    ],
    half_life: Annotated[str, typer.Option("--half-life", help="Of the drug in plasma.")] = "2.5 h",
    at: Annotated[
        list[str] | None, typer.Option("--at", help='Doses, "8 d"; repeat the option.')
    ] = None,
    mass: Annotated[
        str | None, typer.Option("--mass", help="At the start; of the set if absent.")
    ] = None,
    until: Annotated[str, typer.Option("--until", help="End of the curve.")] = "30 d",
    step: Annotated[str, typer.Option("--step", help="Steps of the curve.")] = "1 d",
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """Mass of A2780 xenografts under paclitaxel (Simeoni), total concentration in plasma."""
    import numpy as np

    from pdcraft.errors import PhysicsRangeError
    from pdcraft.io.units import parse
    from pdcraft.response.concentration import DrugExposure
    from pdcraft.response.tumor_simeoni import paclitaxel_a2780
    from pdcraft.response.tumor_simeoni import simeoni as mass_of

    time = curve_times(days(until) or 0.0, days(step) or 0.0, "d")
    life = hours(half_life) or 0.0
    if not life > 0:
        raise PhysicsRangeError(f"half-life {life:g} h: it is above 0 h")
    peak = parse(concentration, "mass_concentration")
    doses = [hours(text) or 0.0 for text in at or ["0 d"]]
    model = paclitaxel_a2780(None if mass is None else parse(mass, "mass"))
    exposure = DrugExposure.bolus(model.tag, peak, np.log(2.0) / life, doses)
    grown = mass_of(model, exposure if peak > 0 else None, time)
    said = {
        "drug": model.tag.drug,
        "concentration": model.tag.text,
        "peak": peak,
        "half_life_h": life,
        "at_h": doses,
        "mass_g": float(model.mass_g),
        "lambda0_per_d": float(model.lambda0_per_d),
        "lambda1_g_per_d": float(model.lambda1_g_per_d),
        "psi": float(model.psi),
        "k1_per_d": float(model.k1_per_d),
        "k2": float(model.k2),
    }
    whole = grown.mass_g
    lowest = int(whole.argmin())
    result = {
        "lowest_g": float(whole[lowest]),
        "lowest_at_d": float(time[lowest]),
        "last_g": float(whole[-1]),
    }
    curve = {"time_d": time.tolist(), "mass_g": whole.tolist()}
    emit_response(json, "simeoni", said, result, curve=curve)
