"""A result made by hand that resembles examples/clr131, so that the page is tested alone."""

from __future__ import annotations

import numpy as np
import pytest

from pdcraft.chemistry import catalogue_agent
from pdcraft.core.estimate import summarize
from pdcraft.core.quantity import quantity
from pdcraft.core.run import (
    Assumption,
    Citation,
    ResultRow,
    Run,
    RunWarning,
    Series,
    Subject,
    drivers_of,
)
from pdcraft.study.result import MeasuredPoints, StudyResult

AGENT, HOST, DRAWS = "CLR 131", "human", 400
ARMS = {
    "12.5 mCi per m2": 832.5,
    "25 mCi per m2": 1665.0,
    "37.5 mCi per m2": 2497.5,
}  # MBq on 1.8 m2
COEFFICIENTS = {"red_marrow": 0.7, "liver": 1.1, "total_body": 0.2, "lesion:index": 2.4}  # mGy/MBq


def row(stage, key, values, region=None, arm=None, origin="computed", inputs=None, **more):
    draws = np.atleast_1d(np.asarray(values, dtype=float))
    return ResultRow(
        stage,
        quantity(key),
        Subject(AGENT, HOST, arm, region),
        origin,
        summarize(draws),
        drivers=drivers_of(draws, inputs or {}),
        **more,
    )


def kinetics(rng, inputs):
    times = np.concatenate([[0.0], np.geomspace(0.5, 1008, 60)])
    shapes = {
        "plasma": ("activity_fraction_per_mL", 2e-4 * np.exp(-0.0045 * times)),
        "lesion:index": ("activity_fraction_per_g", 1e-5 * (1 - np.exp(-times / 12))),
        "liver": ("activity_fraction_per_g", 4e-5 * np.exp(-0.006 * times)),
        "total_body": ("activity_fraction", np.exp(-0.005 * times)),
    }
    rows, series = [], []
    for region, (key, curve) in shapes.items():
        end = {"activity_fraction": "", "activity_fraction_per_g": "_per_g"}.get(key, "_per_mL")
        integral = np.trapezoid(curve, times) * inputs["kinetics.plasma.auc"]
        kind = f"time_integrated_activity_coefficient{end}"
        rows.append(row("kinetics", kind, integral, region, inputs=inputs))
        subject = Subject(AGENT, HOST, None, region)
        file = f"tables/{key}.csv"
        series.append(
            Series("kinetics", quantity(key), subject, file, times, curve, 0.6 * curve, 1.6 * curve)
        )
    return rows, series


def make_result(title="CLR 131: first dose estimate in man", **changes):
    rng = np.random.default_rng(20261121)
    inputs = {
        "kinetics.plasma.auc": rng.lognormal(0, 0.3, DRAWS),
        "kinetics.lesion.species_factor": rng.lognormal(0, 0.7, DRAWS),
    }
    rows, series = kinetics(rng, inputs)
    for region, value in COEFFICIENTS.items():
        scale = inputs["kinetics.plasma.auc"] * rng.lognormal(0, 0.2, DRAWS)
        if region.startswith("lesion"):
            scale = inputs["kinetics.lesion.species_factor"] * scale
        coefficient = value * scale
        rows.append(
            row("dosimetry", "absorbed_dose_coefficient", coefficient, region, inputs=inputs)
        )
        for arm, activity in ARMS.items():
            dose = coefficient * activity / 1000
            rows.append(row("dosimetry", "absorbed_dose", dose, region, arm, inputs=inputs))
    for arm, activity in ARMS.items():
        given = row("dosimetry", "administered_activity", activity, arm=arm, origin="assumed")
        rows.append(given)
    marrow = f"dosimetry/absorbed_dose_coefficient/red_marrow/{AGENT}/{HOST}/-"
    rows.append(
        row(
            "dosimetry",
            "equivalent_dose_coefficient",
            0.54,
            "red_marrow",
            origin="published",
            sources=("grudzinski2014",),
            compare_with=(marrow,),
            flags=("about 740 MBq to 400 mSv; photons and betas weigh 1",),
        )
    )
    rows.append(
        row(
            "kinetics",
            "half_life",
            822.0,
            "plasma",
            origin="published",
            sources=("grudzinski2014",),
        )
    )
    run = Run(
        name="clr131",
        file="study.toml",
        sha256="0f" * 32,
        seed=20261121,
        n_draws=DRAWS,
        interval=0.95,
        stages=("chemistry", "kinetics", "dosimetry"),
        results=tuple(rows),
        series=tuple(series),
        assumptions=(
            Assumption(
                "kinetics.lesion.species_factor",
                "mouse to man: concentrations scaled by body mass",
                "1, 95 % within a factor 4",
                ("grudzinski2014",),
            ),
            Assumption("chemistry.carrier_free", "every molecule carries I-131", "carrier-free"),
        ),
        warnings=(RunWarning("extrapolation", "kinetics", "The tail is <extrapolated> by 31 %."),),
        citations=(
            Citation(
                "grudzinski2014", "Grudzinski JJ et al., PLoS ONE 2014", "10.1371/journal.pone.0"
            ),
        ),
        inputs=inputs,
    )
    points = MeasuredPoints(
        "plasma",
        "activity_fraction_per_mL",
        np.array([1.0, 24.0, 168.0]),
        np.array([2e-4, 1.7e-4, 9e-5]),
        np.array([2e-5, 2e-5, np.nan]),
        "SEM",
    )
    values = {
        "run": run,
        "title": title,
        "summary": None,
        "conjugate": catalogue_agent(AGENT),
        "points": (points,),
        "arms": {arm: f"{arm} at 0 h over 0.5 h" for arm in ARMS},
        "inputs": {"study.toml": '# a study\nname = "clr131"\n'},
    }
    return StudyResult(**(values | changes))


@pytest.fixture(scope="session")
def result():
    return make_result()


@pytest.fixture(scope="session")
def make():
    return make_result
