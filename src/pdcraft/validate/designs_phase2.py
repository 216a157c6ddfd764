"""Phase II and survival against the R packages clinfun, rpact and survival, and base R.

Operating characteristics by simulation are judged at 3 Monte Carlo errors; seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.trial.phase2.basket import BasketModel
from pdcraft.trial.phase2.basket_characteristics import BasketTrial, cutoff_for, simulate_baskets
from pdcraft.trial.phase2.inference import two_stage_inference
from pdcraft.trial.phase2.intervals import clopper_pearson, wilson
from pdcraft.trial.phase2.simon import TwoStage, simon_designs
from pdcraft.trial.survival.arms import TwoArmPopulation
from pdcraft.trial.survival.boundaries import Boundaries, boundaries
from pdcraft.trial.survival.cox import cox
from pdcraft.trial.survival.events import Accrual, events_needed, patients_needed
from pdcraft.trial.survival.hazard import Hazard
from pdcraft.trial.survival.kaplan_meier import kaplan_meier
from pdcraft.trial.survival.log_rank import log_rank
from pdcraft.trial.survival.simulate import simulate_pfs
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["BOUNDARY_KINDS", "boundary_differences", "cases", "lung"]

SUITE = "designs"
CLINFUN = "clinfun 1.1.5 in R 4.2.2 (own run)"
RPACT = "rpact 3.3.4 in R 4.2.2 (own run)"
SURVIVAL = "survival 3.5-3 in R 4.2.2 (own run), its data set lung"
BASE_R = "binom.test and prop.test of R 4.2.2 (own run)"

BOUNDARY_KINDS = {
    "OF": "obrien-fleming",
    "P": "pocock",
    "HP": "haybittle-peto",
    "asOF": "spend:obrien-fleming",
    "asP": "spend:pocock",
}
TRIALS = 4000
ERRORS = 3.0


def cases() -> Iterator[Case]:
    """Yield the cases of Phase II and survival."""
    yield from _simon()
    yield from _inference()
    yield from _intervals()
    yield from _boundaries()
    yield from _sample_size()
    yield from _curves()
    yield from _models()
    yield from _simulated_errors()


def _simon() -> Iterator[Case]:
    rows = reference_rows("trials", "simon_two_stage.csv")
    differ, worst = 0, 0.0
    for row in rows:
        p0, p1, alpha, beta = (float(row[key]) for key in ("p0", "p1", "alpha", "beta"))
        found = getattr(simon_designs(p0, p1, alpha, beta), row["type"])
        want = TwoStage(*(int(row[key]) for key in ("r1", "n1", "r", "n")))
        differ += found != want
        worst = max(
            worst,
            abs(found.EN(p0) / float(row["EN_p0"]) - 1.0),
            abs(found.PET(p0) / float(row["PET_p0"]) - 1.0),
        )
    name = f"Simon: designs that differ in r1, n1, r or n, of {len(rows)}"
    why = "whole numbers: every design must be the same"
    yield compare(SUITE, name, differ, 0, CLINFUN, absolute=0.0, why=why)
    name = "Simon: EN and PET at p0, largest relative difference"
    why = "rounding of sums of binomials"
    yield compare(SUITE, name, worst, 0.0, CLINFUN, absolute=1e-12, why=why)


def _inference() -> Iterator[Case]:
    for row in reference_rows("trials", "twostage_inference.csv"):
        x, r1, n1, n = (int(row[key]) for key in ("x", "r1", "n1", "n"))
        plan = TwoStage(r1, n1, r1 + 1, n)
        found = two_stage_inference(plan, x, float(row["pu"]), confidence=0.9)
        low, high = found.p_value_limits
        name = f"after two stages, {x} of {n} ({r1}/{n1})"
        why = "exact on both sides; rounding"
        for what, value, key in (
            ("unbiased estimate", found.estimate, "pumvue"),
            ("p-value", found.p_value, "pvalue"),
        ):
            yield compare(
                SUITE, f"{name}: {what}", value, float(row[key]), CLINFUN, rel=1e-11, why=why
            )
        why = "the reference searches in steps of 1e-4 and stays inside"
        for what, value, key in (("lower", low, "lcl90"), ("upper", high, "ucl90")):
            yield compare(
                SUITE,
                f"{name}: {what} limit of the p-value, 90%",
                value,
                float(row[key]),
                CLINFUN,
                absolute=1.01e-4,
                why=why,
            )


def _intervals() -> Iterator[Case]:
    rows = reference_rows("trials", "clopper_pearson.csv")
    methods = (("exact", "cp", clopper_pearson), ("Wilson", "wilson", wilson))
    for name, key, method in methods:
        worst = 0.0
        for row in rows:
            limits = method(int(row["x"]), int(row["n"]), float(row["conf"]))
            want = (float(row[f"{key}_lo"]), float(row[f"{key}_hi"]))
            worst = max(worst, *(abs(a - b) for a, b in zip(limits, want, strict=True)))
        name = f"{name} interval: largest difference of {len(rows)}"
        why = "fifteen digits are printed"
        yield compare(SUITE, name, worst, 0.0, BASE_R, absolute=1e-13, why=why)


def boundary_differences() -> dict[str, tuple[int, Floats]]:
    """Differences from the reference by kind: number of looks, and the largest of three columns.

    The columns: boundary, alpha spent, nominal level.
    """
    made: dict[tuple[str, int, int, float], Boundaries] = {}
    out: dict[str, tuple[int, Floats]] = {}
    for row in reference_rows("trials", "rpact_group_sequential_bounds.csv"):
        kind, looks, sided = row["type"], int(row["kMax"]), int(row["sided"])
        key = (kind, looks, sided, float(row["alpha"]))
        if key not in made:
            made[key] = boundaries(BOUNDARY_KINDS[kind], looks, key[3], sided=sided)
        k = int(row["stage"]) - 1
        own = (made[key].upper[k], made[key].alpha_spent[k], made[key].nominal[k])
        want = (float(row[column]) for column in ("crit", "alphaSpent", "stageLevels"))
        off = np.abs(np.array(own) - np.array(list(want)))
        count, worst = out.get(kind, (0, np.zeros(3)))
        out[kind] = (count + 1, np.maximum(worst, off))
    return out


def _boundaries() -> Iterator[Case]:
    why = (
        "the reference stops its search at 1e-8 of alpha (it prints 0.02499999), which moves a "
        "boundary by up to 6e-8"
    )
    for kind, (count, worst) in boundary_differences().items():
        for what, value, allowed in (
            ("boundary", worst[0], 1e-7),
            ("alpha spent", worst[1], 1.1e-8),
            ("nominal level", worst[2], 2e-9),
        ):
            name = f"{BOUNDARY_KINDS[kind]}: {what}, largest difference of {count} looks"
            yield compare(SUITE, name, float(value), 0.0, RPACT, absolute=allowed, why=why)


def _sample_size() -> Iterator[Case]:
    for row in reference_rows("trials", "rpact_sample_size_survival.csv"):
        control = Hazard.of([0.0], [float(row["lambda2"])])
        ratio = float(row["HR"])
        one_look = boundaries("pocock", 1, float(row["alpha"]))
        events = events_needed(one_look, ratio, 1.0 - float(row["beta"]))
        patients = patients_needed(
            events, control, control.times(ratio), float(row["accrual"]), float(row["followup"])
        )
        why = "closed forms on both sides"
        for what, value in (("events", events), ("n", patients)):
            name = f"log-rank test, hazard ratio {ratio:g}: {what}"
            yield compare(SUITE, name, value, float(row[what]), RPACT, rel=1e-10, why=why)


def lung() -> dict[str, Floats]:
    """Columns of R's lung data as numbers; missing ones are NaN; events coded 0 and 1."""
    rows = reference_rows("trials", "data_lung.csv")
    columns = {
        key: np.array([float(r[key]) if r[key] != "NA" else np.nan for r in rows])
        for key in ("time", "status", "age", "sex", "ph.ecog")
    }
    return columns | {"status": columns["status"] - 1.0}


def _curves() -> Iterator[Case]:
    data = lung()
    curves = {
        f"sex={s}": kaplan_meier(data["time"][data["sex"] == s], data["status"][data["sex"] == s])
        for s in (1, 2)
    }
    rows = reference_rows("trials", "survival_lung_km.csv")
    worst = np.zeros(4)
    for row in rows:
        curve, time = curves[row["strata"]], float(row["time"])
        survival, low, high = curve.at(time)
        own = np.array([survival, curve.std_err(time), low, high], dtype=float)
        want = np.array([float(row[key]) for key in ("surv", "se", "lo", "hi")])
        worst = np.maximum(worst, np.abs(own / want - 1.0))
    for what, value in zip(("survival", "standard error", "lower", "upper"), worst, strict=True):
        name = f"Kaplan-Meier {what}: largest relative difference of {len(rows)}"
        yield compare(
            SUITE, name, float(value), 0.0, SURVIVAL, absolute=1e-12, why="rounding of products"
        )
    for row in reference_rows("trials", "survival_lung_medians.csv"):
        curve, strata = curves[row["strata"]], row["strata"]
        for what, value in zip(("median", "X0.95LCL", "X0.95UCL"), curve.quantile(), strict=True):
            name = f"Kaplan-Meier {strata}: {what.removeprefix('X')}, days"
            yield compare(
                SUITE, name, value or np.nan, float(row[what]), SURVIVAL, absolute=0.0,
                why="a day of the data",
            )  # fmt: skip
        mean, error = curve.restricted_mean(float(data["time"].max()), carry_last=True)
        for what, value in (("rmean", mean), ("se.rmean.", error)):
            name = f"Kaplan-Meier {strata}: {what.rstrip('.')}, days"
            yield compare(
                SUITE, name, value, float(row[what]), SURVIVAL, rel=1e-11, why="rounding of sums"
            )


def _models() -> Iterator[Case]:
    data = lung()
    known = np.isfinite(data["ph.ecog"])
    covariates = {key: data[key][known] for key in ("sex", "age", "ph.ecog")}
    fits = {
        ties: cox(data["time"][known], data["status"][known], covariates, ties=ties)
        for ties in ("efron", "breslow")
    }
    plain = log_rank(data["time"], data["status"], data["sex"] == 1)
    for row in reference_rows("trials", "survival_lung_models.csv"):
        if row["model"] == "logrank_sex":
            name, why = "log-rank of sex: chi-square", "rounding of sums"
            yield compare(
                SUITE, name, plain.chi_square, float(row["est"]), SURVIVAL, rel=1e-11, why=why
            )
        elif row["model"].startswith("cox_"):
            fit = fits[row["model"].removeprefix("cox_")]
            k = fit.names.index(row["par"])
            why = "the reference stops at 1e-9 of the log-likelihood"
            for what, own, key in (("", fit.estimate, "est"), (", error", fit.std_err, "se")):
                name = f"Cox ({fit.ties}) {row['par']}{what}"
                yield compare(
                    SUITE, name, float(own[k]), float(row[key]), SURVIVAL, rel=1e-8, why=why
                )


def _simulated_errors() -> Iterator[Case]:
    why = f"{ERRORS:g} Monte Carlo errors of {TRIALS} trials, 1 false alarm in 370"
    control = Hazard.of_median(6.0)
    for kind, sided in (("spend:obrien-fleming", 1), ("pocock", 2)):
        alpha = 0.025 * sided
        bounds = boundaries(kind, 3, alpha, sided=sided)
        events = ceil(events_needed(bounds, 0.6, 0.8))
        population = TwoArmPopulation(control, control, Accrual.even(2 * events, 12.0))
        found = simulate_pfs(population, bounds, events, TRIALS, seed=20261121)
        value = found.reject + (found.against if sided == 2 else 0.0)
        allowed = ERRORS * (alpha * (1.0 - alpha) / TRIALS) ** 0.5
        name = f"simulated type I error, {kind}, {sided}-sided, {events} events"
        yield compare(SUITE, name, value, alpha, "alpha", absolute=allowed, why=why)
    trial = BasketTrial(BasketModel("independent"), (0.2,) * 3, (20,) * 3, 0.9)
    exact = _exact_error(trial)
    found = simulate_baskets(trial, trial.p0, TRIALS, seed=20261121)
    allowed = ERRORS * (exact * (1.0 - exact) / TRIALS) ** 0.5
    name = "simulated type I error of a basket without borrowing"
    source = "binomial sum over the counts that are called active"
    for k, value in enumerate(found.active):
        yield compare(
            SUITE, f"{name}, {k + 1} of 3", float(value), exact, source, absolute=allowed, why=why
        )
    shared = BasketTrial(BasketModel("exnex"), (0.2,) * 3, (20,) * 3, 0.5)
    level = cutoff_for(shared, 0.1, TRIALS, seed=1)
    shared = BasketTrial(shared.model, shared.p0, shared.n, level)
    found = simulate_baskets(shared, shared.p0, TRIALS, seed=2)
    allowed = ERRORS * (2.0 * 0.1 * 0.9 / TRIALS) ** 0.5
    name = "excess of a basket's simulated type I error over 0.1, exnex with its cut-off"
    excess = max(float(found.active.max()) - 0.1, 0.0)
    yield compare(SUITE, name, excess, 0.0, "alpha", absolute=allowed, why=f"{why}, twice")


def _exact_error(trial: BasketTrial) -> float:
    from pdcraft.trial.phase2.basket import tables
    from pdcraft.trial.phase2.binomial import mass

    n, p0 = trial.n[0], trial.p0[0]
    above = tables(trial.model, (p0,), (n,)).posterior(np.arange(n + 1)[:, None]).above[:, 0]
    return float(mass(n, p0)[above > trial.cutoff].sum())
