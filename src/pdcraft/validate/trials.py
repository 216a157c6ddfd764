"""Simulated trials of CLR 131 beside what was published of them; the engine against exact results.

Regimens are those of cited sources; definitions of toxicity, visits and hazards are assumed and not
tuned. Clinical figures count as neither pass nor fail: each says whether the published figure lies
inside the 95 % predictive interval, and shows its exact (Clopper-Pearson) interval beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.numerics.inputs import stream
from pdcraft.response.ctcae import grade
from pdcraft.response.marrow.draws import marrow_draws
from pdcraft.response.marrow.parameters import LINEAGES
from pdcraft.response.patient_counts import binomial_mixture_pmf, central_interval
from pdcraft.response.population.patients import virtual_patients
from pdcraft.study.recipes.population import Regimen
from pdcraft.study.recipes.trial_patients import Ending, Protocol, TreatedPatients, treated_patients
from pdcraft.study.recipes.trial_phase2 import Phase2Plan, simulate_phase2
from pdcraft.trial.dlt import parse_expression
from pdcraft.trial.estimand import EVENTS, Estimand
from pdcraft.trial.observed import Visits
from pdcraft.trial.phase2.intervals import clopper_pearson
from pdcraft.trial.phase2.simon import TwoStage
from pdcraft.trial.pool import PatientPool
from pdcraft.trial.simulate import Plan, run_trials
from pdcraft.trial.three_plus_three import FULL, ThreePlusThree, exact
from pdcraft.validate.case import Case
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "trials"
SEED = 20261121
PEOPLE, DRAWS = 200, 25
TRIALS = 20_000
MBq_PER_mCi = 37.0
WINDOW_d = 56.0  # of NCT01495663
TOXIC = "platelets grade >= 4 for 7 d or neutrophils grade >= 4 for 7 d"
ERRORS = 4.0  # 1 in 16,000 for each comparison
LEAST = 0.025  # chance below which what happened lies outside

#: Population, mCi/m2 of each infusion, its days, and the study that the draws must not have seen.
REGIMENS: Mapping[str, tuple[str, tuple[float, ...], tuple[float, ...], str | None]] = {
    "NCT04105543": ("head-neck", (15.6, 15.6), (0.0, 7.0), None),
    "CLOVER-1": ("clover1", (25.0,), (0.0,), "clover1"),
}
#: Population and levels, mCi/m2, of the escalations.
LEVELS: Mapping[str, tuple[str, tuple[float, ...]]] = {
    "NCT02278315": ("clover1", (12.5, 18.75, 25.0, 31.25)),
    "NCT01495663": ("head-neck", (12.5, 25.0, 37.5)),
}


def cases() -> Iterator[Case]:
    """Yield the engine's cases, then the clinical ones."""
    yield from _patients_against_exact()
    rows = {row["id"]: row for row in reference_rows("trials", "clinical.csv")}
    for row in rows.values():
        if row["kind"] == "grade":
            yield _grade(row)
        elif row["kind"] == "nadir_day":
            yield _nadir_day(row)
    yield _cleared(rows["mm-cleared"])
    yield _enrolled(rows["solid-enrolled"])
    yield _response(rows["clover1-response"])


def _patients_against_exact() -> Iterator[Case]:
    """3+3 on patients of a pool, against the recursion at the pool's rates."""
    rate = np.array([0.05, 0.15, 0.3, 0.45])
    tolerance = stream(SEED, "validate.trials.pool").random((1, 5_000, 1))
    day = np.where(tolerance < rate, 14.0, np.inf)
    pool = PatientPool(day, np.full(day.shape, np.inf), WINDOW_d)
    true = pool.rates()[0]
    for variant in ("simple", "confirm"):
        design = ThreePlusThree(rate.size, variant)
        plan = Plan(FULL * rate.size)
        outcomes = pool.sampled(np.zeros(TRIALS, dtype=np.intp), plan.patients, seed=SEED)
        runs = run_trials(design, outcomes, plan)
        want = exact(true, variant)
        wanted = np.append(want.select, want.select_none)
        got = np.array([(runs.selected == k).mean() for k in (*range(rate.size), -1)])
        error = np.sqrt(np.maximum(wanted * (1 - wanted), 1e-6) / TRIALS)
        worst = float((np.abs(got - wanted) / error).max())
        yield Case(
            SUITE,
            f"3+3 ({variant}) on patients of a pool: largest difference of selection, in errors",
            worst,
            0.0,
            f"{ERRORS:g} Monte Carlo errors of {TRIALS} trials: 1 in 3,000 over all five",
            "exact recursion at the pool's own rates",
            worst <= ERRORS,
        )


def _estimand() -> Estimand:
    """Count everybody, as they would be without support."""
    strategies = dict.fromkeys(EVENTS, "hypothetical")
    return Estimand("DLT", "treated", "as published", "grade of counts", "proportion", strategies)


def _protocol() -> Protocol:
    return Protocol(
        parse_expression(TOXIC, LINEAGES), _estimand(), Visits(7, 112, 1, 0.1), {}, Ending()
    )


def _treat(population: str, levels: tuple[Regimen, ...], without: str | None) -> TreatedPatients:
    people = virtual_patients(PEOPLE, population, seed=SEED).cohort
    marrow = marrow_draws().averaged(DRAWS, without=without, seed=SEED)
    return treated_patients(people, levels, _protocol(), draws=DRAWS, seed=SEED, marrow=marrow)


@cache
def _trial(name: str) -> TreatedPatients:
    population, per_m2, at_d, without = REGIMENS[name]
    given = tuple(MBq_PER_mCi * a for a in per_m2)
    return _treat(population, (Regimen(given, at_d),), without)


@cache
def _escalation(name: str) -> PatientPool:
    population, levels = LEVELS[name]
    regimens = tuple(Regimen((MBq_PER_mCi * a,), (0.0,)) for a in levels)
    found = _treat(population, regimens, None)
    return PatientPool(found.dlt_day, found.end_day, WINDOW_d)


def _grade(row: Mapping[str, str]) -> Case:
    k, n = int(row["k"]), int(row["n"])
    lowest = _trial(row["trial"]).lowest_seen_1e9_per_L[row["lineage"]][:, :, 0]
    rate = (grade(row["lineage"], lowest) >= int(row["grade"])).mean(axis=1)
    return _count(row, k, n, rate)


def _count(row: Mapping[str, str], k: int, n: int, rate: Floats) -> Case:
    pmf = binomial_mixture_pmf(n, rate)
    low, high = central_interval(pmf)
    return Case(
        SUITE,
        f"{row['trial']}: {row['words']}, of {n}; mean predicted",
        float(n * rate.mean()),
        float(k),
        f"information: {_verdict(low <= k <= high)}; predicted 95% {low} to {high} of {n}; "
        f"published {_exact(k, n)}",
        row["source"],
        None,
    )


def _exact(k: int, n: int) -> str:
    low, high = clopper_pearson(k, n)
    return f"{k}/{n}, exact 95% {100 * low:.0f} to {100 * high:.0f}%"


def _verdict(inside: bool) -> str:
    return "inside" if inside else "OUTSIDE"


def _nadir_day(row: Mapping[str, str]) -> Case:
    """Mean day of the platelet nadir of a trial of n patients."""
    n, value = int(row["n"]), float(row["value"])
    days = _trial(row["trial"]).nadir_day[:, :, 0]
    rng = stream(SEED, f"validate.trials.{row['id']}")
    scatter = rng.standard_normal((400, DRAWS)) * days.std(axis=1, ddof=1) / np.sqrt(n)
    low, high = np.percentile(days.mean(axis=1) + scatter, [2.5, 97.5])
    return Case(
        SUITE,
        f"{row['trial']}: {row['words']}",
        float(days.mean()),
        value,
        f"information: {_verdict(bool(low <= value <= high))}; predicted 95% of the mean of {n} "
        f"patients {low:.0f} to {high:.0f}",
        row["source"],
        None,
    )


def _runs(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Dose selected and patients treated in trials over all draws."""
    pool = _escalation(name)
    design, plan = ThreePlusThree(pool.doses, "simple"), Plan(FULL * pool.doses)
    draw = (np.arange(TRIALS) % pool.draws).astype(np.intp)
    runs = run_trials(design, pool.sampled(draw, plan.patients, seed=SEED), plan)
    return runs.selected, runs.n.sum(axis=1)


def _cleared(row: Mapping[str, str]) -> Case:
    selected, _ = _runs(row["trial"])
    top = len(LEVELS[row["trial"]][1]) - 1
    chance = float((selected == top).mean())
    return Case(
        SUITE,
        f"{row['trial']}: {row['words']}; chance of it by 3+3",
        chance,
        1.0,
        f"information: {_verdict(chance >= LEAST)} (it happened; outside below {LEAST:g}); design "
        "and definition of the toxicity not printed, assumed",
        row["source"],
        None,
    )


def _enrolled(row: Mapping[str, str]) -> Case:
    _, treated = _runs(row["trial"])
    low, high = np.percentile(treated, [2.5, 97.5])
    n = int(row["n"])
    return Case(
        SUITE,
        f"{row['trial']}: {row['words']}; mean by 3+3",
        float(treated.mean()),
        float(n),
        f"information: {_verdict(bool(low <= n <= high))}; predicted 95% {low:.0f} to {high:.0f}; "
        "design, definition of the toxicity and tumors assumed",
        row["source"],
        None,
    )


def _response(row: Mapping[str, str]) -> Case:
    """Response over all treated; the link was fitted on another trial."""
    activity = float(row["value"]) * MBq_PER_mCi
    plan = Phase2Plan(
        "multiple-myeloma", (activity, activity), (0.0,), "PR", TwoStage(1, 10, 5, 29),
        28.0, 28.0, 0.0, 400, SEED,
    )  # fmt: skip
    strategies = dict.fromkeys(EVENTS, "hypothetical") | {
        "progression-before-assessability": "composite"
    }
    one = Estimand("response", "treated", "as published", "PR or better", "proportion", strategies)
    return _count(row, int(row["k"]), int(row["n"]), simulate_phase2(plan, one).treated)
