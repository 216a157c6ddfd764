"""Tumors against another integrator and 30-digit arithmetic; responses of patients, predicted.

A count of patients is predicted by a link that one other trial fitted. Whether it lies inside the
95 % limits is shown and decides nothing: a miss is a finding about the model, kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from pdcraft.core.dose_rate import DoseRate
from pdcraft.response.concentration import DrugExposure
from pdcraft.response.patient_evidence import links
from pdcraft.response.patient_link import CountPrediction, fitted_link, predict_counts
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.response.tumor_growth import TumorCells, TumorGrowth, grow
from pdcraft.response.tumor_simeoni import paclitaxel_a2780, simeoni
from pdcraft.validate.case import Case, compare
from pdcraft.validate.decide import show
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "response"
LSODA = "LSODA at 1e-12 of the same equations (own run); kinetics and first mass illustrative"
DIGITS = "30-digit arithmetic (own computation)"
ALPHA_per_Gy = 0.02  # small, so that survival keeps its digits; BED does not depend on it
HALF_LIVES = 30.0  # until all but 1e-9 is given
EVERY = 97  # rows of the table of BED: no period of its columns


def cases() -> Iterator[Case]:
    """Yield curves, effects by dose rate, and counts of patients."""
    yield from _simeoni()
    yield _effect_of_dose_rate()
    for indication in links():
        yield from _patients(indication)


def _simeoni() -> Iterator[Case]:
    parameters = paclitaxel_a2780()
    rows = reference_rows("response", "simeoni_paclitaxel_lsoda.csv")
    for start, group in groupby(rows, key=lambda r: r["C0_ng_mL"]):
        table = list(group)
        exposure = DrugExposure.bolus(
            parameters.tag,
            float(start),
            float(table[0]["ke_per_d"]) / 24.0,
            [24.0 * float(d) for d in table[0]["dose_days"].split(";")],
        )
        time_d, want = (np.array([float(r[k]) for r in table]) for k in ("time_d", "w_g"))
        got = simeoni(parameters, exposure, time_d).mass_g
        yield compare(
            SUITE,
            f"Simeoni, paclitaxel, doses of {start} ng/mL, {time_d.size} days: largest relative "
            "difference of mass",
            float(np.abs(got / want - 1.0).max()),
            0.0,
            LSODA,
            absolute=1e-5,
            why="both integrators control their errors",
        )


def _effect_of_dose_rate() -> Case:
    """BED from cells killed as the dose comes, with repair as an equation of its own."""
    rows = reference_rows("response", "bed_monoexp.csv")[::EVERY]
    worst = 0.0
    for row in rows:
        effective, repair, ratio, dose, bed = (
            float(row[k]) for k in ("T_eff_h", "T_rep_h", "alpha_beta_Gy", "D_Gy", "BED_Gy")
        )
        loss = float(np.log(2.0)) / effective
        curve = grow(
            TumorGrowth.of(1.0, 0.0),
            [TumorCells(sensitivity=Sensitivity.of(ALPHA_per_Gy, ratio, Repair.of(repair)))],
            [0.0, HALF_LIVES * effective / 24.0],
            dose_rate=DoseRate.of_terms(dose * loss, loss),
        )
        found = -float(np.log(curve.part_g("bulk")[-1])) / ALPHA_per_Gy
        worst = max(worst, abs(found / bed - 1.0))
    return compare(
        SUITE,
        f"BED of cells killed by {len(rows)} dose rates, largest relative difference",
        worst,
        0.0,
        DIGITS,
        absolute=1e-6,
        why="the integrator's 1e-9 a step, over hundreds of steps",
    )


def _patients(indication: str) -> Iterator[Case]:
    middle, low, high = fitted_link(indication).median_of_link()
    for row in predict_counts(indication):
        yield _count(row)
    unit = "per Gy" if fitted_link(indication).who.lesion_Gy_per_GBq is not None else "per GBq"
    yield show(
        SUITE,
        f"{indication}: effect {unit} of the typical patient after the fit; reference: its prior",
        middle,
        float(np.median(fitted_link(indication).who.link_median)),
        f"95% {low:.2g} to {high:.2g}; fitted on {links()[indication].fit}: "
        f"{links()[indication].reason}",
        "prior assumed",
    )


def _count(row: CountPrediction) -> Case:
    k, n = row.item.counts
    where = "inside" if row.inside else "MISS"
    words = (
        f"information: {row.label}, {where}; 95% {row.low} to {row.high} of {n} (two-sided p "
        f"{row.p:.2f}); before any fit {row.assumed_low} to {row.assumed_high}"
    )
    if row.same_rate_low is not None:
        words += f"; at the fitted trial's rate {row.same_rate_low} to {row.same_rate_high}"
    month = row.item.month
    what = f"{row.item.outcome} or better" if month is None else f"{row.item.outcome}, {month:g} mo"
    return Case(
        SUITE,
        f"{row.item.id}: of {n} patients {what}; median predicted",
        float(np.searchsorted(np.cumsum(row.pmf), 0.5)),
        float(k),
        words,
        f"{row.item.citation.text} ({row.item.reason})",
        None,
    )
