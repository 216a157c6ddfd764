"""Fits of single subjects against R's nls, and time integrals against closed forms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.nuclides import half_life_h
from pdcraft.kinetics.models import MODELS
from pdcraft.kinetics.nca import noncompartmental
from pdcraft.kinetics.observed import Observed
from pdcraft.kinetics.single_fit import ModelFit, fit_model, likelihood_of
from pdcraft.kinetics.tiac import integrals
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["cases", "indometh", "indometh_fit"]

SUITE = "kinetics"
NLS_SOURCE = "R nls with SSbiexp on Indometh (Kwan 1976); own run of R"
EXACT_SOURCE = "closed form"


def cases() -> Iterator[Case]:
    """Yield integrals, then fits."""
    yield from _exact_integrals()
    yield from _indometh()


def indometh() -> dict[str, tuple[Floats, Floats]]:
    """Give times (h) and plasma concentrations (ug/mL) of each subject of Indometh."""
    rows = reference_rows("kinetics", "indometh.csv")
    out: dict[str, tuple[Floats, Floats]] = {}
    for subject in dict.fromkeys(row["subject"] for row in rows):
        mine = [row for row in rows if row["subject"] == subject]
        time_h = np.array([float(row["time_h"]) for row in mine])
        out[subject] = time_h, np.array([float(row["value"]) for row in mine])
    return out


def indometh_fit(time_h: Floats, value: Floats) -> ModelFit:
    """Fit two exponentials with a constant error, as nls does."""
    data = observed_alone(time_h, value)
    fit = fit_model(MODELS["exp2"], likelihood_of(data, "constant"))
    assert fit is not None  # 11 values for 5 parameters
    return fit


def observed_alone(time_h: Floats, value: Floats) -> Observed:
    """Wrap one subject's values, whatever their unit, as a curve."""
    unknown = np.full(time_h.size, np.nan)
    known = np.zeros(time_h.size, dtype=np.bool_)
    kind = "amount_fraction_per_mL"
    return Observed("plasma", "", kind, "single", time_h, value, unknown, known, value.size)


def _indometh() -> Iterator[Case]:
    data = indometh()
    for row in reference_rows("kinetics", "nls_indometh.csv"):
        time_h, value = data[row["subject"]]
        fit = indometh_fit(time_h, value)
        c, r = fit.terms
        fast, slow = (float(np.exp(float(row[name]))) for name in ("lrc1", "lrc2"))
        a1, a2 = float(row["A1"]), float(row["A2"])
        nls = a1 * np.exp(-fast * time_h) + a2 * np.exp(-slow * time_h)
        subject = f"Indometh subject {row['subject']}"
        yield compare(
            SUITE,
            f"{subject}: area under the fitted curve, ug·h/mL",
            float((c / r).sum()),
            a1 / fast + a2 / slow,
            NLS_SOURCE,
            rel=1e-5,
            why="nls stops at a relative offset of 1e-5",
        )
        yield compare(
            SUITE,
            f"{subject}: residual standard error, ug/mL",
            float(np.sqrt(np.square(value - fit.at(time_h)).sum() / fit.degrees_of_freedom)),
            float(row["sigma"]),
            NLS_SOURCE,
            rel=1e-6,
            why="flat at the minimum: second order in nls's offset",
        )
        # R's AIC counts the error as a parameter, as AICc does here
        n, k = value.size, 5
        yield compare(
            SUITE,
            f"{subject}: AIC",
            fit.aicc - 2 * k * (k + 1) / (n - k - 1),
            float(row["AIC"]),
            NLS_SOURCE,
            absolute=1e-5,
            why="deviance to 1e-6",
        )
        yield compare(
            SUITE,
            f"{subject}: largest difference of the curves / largest value",
            float(np.abs(fit.at(time_h) - nls).max() / value.max()),
            0.0,
            NLS_SOURCE,
            absolute=1e-5,
            why="nls stops at a relative offset of 1e-5",
        )


def _exact_integrals() -> Iterator[Case]:
    iodine = half_life_h("I-131")
    retained = np.ones(1), np.zeros(1)
    measured, beyond = integrals(*retained, iodine, 48.0, "fitted")
    yield compare(
        SUITE,
        "I-131 that never leaves: coefficient, h",
        float(measured + beyond),
        iodine / float(np.log(2)),
        EXACT_SOURCE,
        rel=1e-12,
        why="rounding",
    )
    # 0.3 (e^-0.01t - e^-0.5t) sampled without error: the fit gives its integral back
    time_h = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0, 96.0])
    c, r = np.array([0.3, -0.3]), np.array([0.01, 0.5])
    value = np.exp(-np.outer(time_h, r)) @ c
    data = observed_alone(time_h, value)
    fit = fit_model(MODELS["uptake_exp1"], likelihood_of(data, "constant"))
    assert fit is not None  # 8 values for 4 parameters
    measured, beyond = integrals(*fit.terms, iodine, 96.0, "fitted")
    decay = float(np.log(2)) / iodine
    yield compare(
        SUITE,
        "uptake and washout from eight exact values: coefficient, h",
        float(measured + beyond),
        float((c / (r + decay)).sum()),
        EXACT_SOURCE,
        rel=1e-6,
        why="the fit stops at a cost change of 1e-11",
    )
    single = noncompartmental(observed_alone(time_h, np.exp(-0.05 * time_h)), iodine, "fitted")
    assert single is not None
    start = float(np.exp(-(0.05 + decay) * 0.5))  # before the first time its value holds
    yield compare(
        SUITE,
        "non-compartmental integral of one exponential from 0.5 h on: h",
        single.tiac_h,
        start / (0.05 + decay) + start_area(decay),
        EXACT_SOURCE,
        rel=1e-10,
        why="logarithmic trapezoids are exact; rounding",
    )


def start_area(decay_per_h: float) -> float:
    """Area before 0.5 h when the first value holds there."""
    return 0.5 * float(np.exp(-(0.05 + decay_per_h) * 0.5))
