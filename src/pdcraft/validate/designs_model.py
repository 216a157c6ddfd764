"""Designs by models of toxicity, against outputs of the R package dfcrm and other figures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import hypot, sqrt
from typing import cast

import numpy as np

from pdcraft.trial.characteristics import OperatingCharacteristics
from pdcraft.trial.models.blrm import Blrm
from pdcraft.trial.models.blrm_prior import EWOC, BlrmPrior
from pdcraft.trial.models.crm import SCALE, CrmFit, Method, fit_crm
from pdcraft.trial.models.crm_design import CrmDesign
from pdcraft.trial.models.curves import Curve
from pdcraft.trial.models.followup import Scheme, followup_weights
from pdcraft.trial.models.sample_size import crm_sample_size
from pdcraft.trial.models.skeleton import ModelName, indifference_skeleton
from pdcraft.trial.models.utility import Boin12
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import simulate
from pdcraft.validate.case import Case, compare
from pdcraft.validate.designs_interval import RATES
from pdcraft.validate.tables import reference_rows

__all__ = ["cases", "help_fit"]

SUITE = "designs"
DFCRM = "R package dfcrm 0.2-2.1"
GRID = "a grid of 1601 x 1601 of ours, no independent anchor; its prior was typed from memory"
LZY20 = (
    "Lin et al., JCO Precis. Oncol. 4, 1393 (2020), Table 3, as transcribed in the tests of the R "
    "package escalation"
)
#: Designs of ``boin12_decisions.csv`` by set.
BOIN12 = {
    "1": Boin12(5, 0.35, 0.25),
    "2": Boin12(5, 0.15, 0.40, 50.0, 30.0, tox_certainty=0.9, eff_certainty=0.8),
}
DECISIONS = (
    "published example and the authors' application (Lin et al. 2020), as transcribed in the tests "
    "of the R package escalation"
)
#: Posterior means of the DLT rates of Neuenschwander's trial by bcrm (rjags), in order of dose.
BCRM_MEANS = (
    0.01276366, 0.03170250, 0.06454400, 0.13103260, 0.19505604,
    0.25486603, 0.30990977, 0.36015142, 0.44716663, 0.51852928,
    0.64632144, 0.72710146, 0.81804596, 0.86567496, 0.89421686,
)  # fmt: skip
BCRM = (
    "R package bcrm (rjags), the example of its manual after Neuenschwander et al. 2008, as "
    "transcribed with its prior in the tests of the R package escalation"
)
HELP_SKELETON = (0.05, 0.10, 0.20, 0.35, 0.50, 0.70)
HELP_TARGET = 0.2
#: Patients of the help pages of crm() and titecrm(): levels from 1, DLTs, days of follow-up.
CRM_LEVEL = (3, 4, 4, 3, 3, 4, 3, 2, 2, 2)
CRM_TOX = (0, 0, 1, 0, 0, 1, 1, 0, 0, 0)
TITE_LEVEL = (3, 3, 3, 4, 4, 3, 2, 2, 2, 3)
TITE_TOX = (0, 0, 1, 0, 1, 0, 0, 0, 0, 0)
TITE_DAYS = (178, 181, 168, 181, 24, 181, 179, 102, 42, 3)
TITE_WINDOW_d = 180.0
R_TRIALS = 500  # of each scenario of the CRM's stored operating characteristics
TRIALS = 100_000
#: Rank-based desirability scores of BOIN12 by patients, toxicities, responses; None: eliminated.
SCORES = {
    (0, 0, 0): 60.0,
    (3, 0, 3): 91.0,
    (6, 1, 5): 87.0,
    (6, 5, 1): None,
    (9, 0, 8): 99.0,
    (9, 2, 3): 32.5,
    (9, 5, 5): 32.5,
    (9, 3, 1): 7.0,
    (9, 4, 0): None,
    (9, 6, 9): None,
}
NO_REFERENCE = (
    ("EWOC decisions in a trial", "a second, naive implementation in the tests"),
    ("TITE-CRM operating characteristics", "a second, naive simulation in the tests"),
    ("BOIN12 operating characteristics", "a second, naive one in the tests"),
    ("two randomized doses", "sums over every outcome, written out in the tests"),
)


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield _skeletons()
    yield _sample_sizes()
    yield from _weights()
    yield from _fits()
    yield from _characteristics()
    yield from _blrm()
    yield _scores()
    yield from _decisions()
    for what, instead in NO_REFERENCE:
        text = f"no independent reference; checked by {instead}"
        yield Case(SUITE, what, None, None, "not decided", text, None)


def _skeletons() -> Case:
    rows = reference_rows("trials", "dfcrm_getprior.csv")
    worst = 0.0
    for r in rows:
        made = indifference_skeleton(
            float(r["halfwidth"]),
            float(r["target"]),
            int(r["nu"]),
            int(r["nlevel"]),
            "logistic" if r["model"] == "logistic" else "empiric",
        )
        worst = max(worst, abs(made[int(r["level"]) - 1] / float(r["prior"]) - 1))
    name = f"CRM skeletons from indifference intervals, {len(rows)} rates: largest relative error"
    why = "printed to 15 digits, and recursions of several steps"
    return compare(SUITE, name, worst, 0.0, DFCRM, absolute=2e-14, why=why)


def _sample_sizes() -> Case:
    rows = reference_rows("trials", "dfcrm_getn.csv")
    differ = 0
    for r in rows:
        n = crm_sample_size(float(r["apcs"]), float(r["target"]), int(r["nlevel"]), float(r["psi"]))
        differ += n != int(r["n"])
    name = f"CRM sample sizes that differ, of {len(rows)}"
    return Case(SUITE, name, float(differ), 0.0, "identical in every row", DFCRM, differ == 0)


def _weights() -> Iterator[Case]:
    rows = reference_rows("trials", "dfcrm_titecrm_weights.csv")
    schemes: tuple[Scheme, ...] = ("linear", "adaptive")
    for scheme in schemes:
        days = [float(r["followup"]) for r in rows]
        got = followup_weights(days, [int(r["tox"]) for r in rows], TITE_WINDOW_d, scheme)
        want = np.array([float(r[f"w_{scheme}"]) for r in rows])
        name = f"TITE-CRM weights, {scheme}: largest error of {len(rows)}"
        worst = float(np.max(np.abs(got - want)))
        why = "printed to 15 digits"
        yield compare(SUITE, name, worst, 0.0, DFCRM, absolute=1e-14, why=why)


def help_fit(case: str) -> CrmFit:
    """Fit what a case of the stored fits says, for instance ``crm_help_logistic_mle``."""
    model: ModelName = "logistic" if "logistic" in case else "empiric"
    curve = Curve(np.array(HELP_SKELETON), model)
    if case.startswith("titecrm"):
        scheme: Scheme = "adaptive" if "adaptive" in case else "linear"
        weight = followup_weights(TITE_DAYS, TITE_TOX, TITE_WINDOW_d, scheme)
        return fit_crm(curve, HELP_TARGET, np.subtract(TITE_LEVEL, 1), TITE_TOX, weight)
    method: Method = "mle" if case.endswith("mle") else "bayes"
    _, given, text = case.partition("scale_")
    # 1.1576 is the default, printed to four digits
    scale = SCALE if not given or text == "1.1576" else float(text)
    level = np.subtract(CRM_LEVEL, 1)
    return fit_crm(curve, HELP_TARGET, level, CRM_TOX, method=method, scale=scale)


def _fits() -> Iterator[Case]:
    rows = reference_rows("trials", "dfcrm_crm_titecrm_fits.csv")
    differ = 0
    for case, group in groupby(rows, lambda r: r["case"]):
        fit = help_fit(case)
        worst = 0.0
        for r in group:
            k = int(r["dose"]) - 1
            pairs = (
                (fit.estimate, "estimate"),
                (fit.post_var, "post_var"),
                (fit.rates[k], "ptox"),
                (fit.lower[k], "ptoxL"),
                (fit.upper[k], "ptoxU"),
            )
            worst = max(worst, *(abs(got - float(r[key])) for got, key in pairs))
            differ += fit.dose + 1 != int(r["mtd"])
        name = f"{case}: estimate, variance, rates and limits, largest error"
        why = "the project's requirement; quadratures of R stop at 1e-4 but do better"
        yield compare(SUITE, name, worst, 0.0, DFCRM, absolute=1e-6, why=why)
    name = f"CRM and TITE-CRM: recommended doses that differ, of {len(rows)} rows"
    yield Case(SUITE, name, float(differ), 0.0, "identical in every row", DFCRM, differ == 0)


def _errors_apart(share: float, percent: float) -> float:
    """Difference of two shares in errors, from Fisher's exact test: some are of 2 trials in 500."""
    from scipy.special import ndtri
    from scipy.stats import fisher_exact

    ours, theirs = round(share * TRIALS), round(percent / 100 * R_TRIALS)
    table = [[ours, TRIALS - ours], [theirs, R_TRIALS - theirs]]
    chance = cast("float", fisher_exact(table)[1])
    return float(-ndtri(min(chance, 1.0) / 2))


def _worst_apart(found: OperatingCharacteristics, rows: list[dict[str, str]]) -> float:
    out = 0.0
    for r in rows:
        k = int(r["dose"]) - 1
        out = max(out, _errors_apart(found.select[k].value, float(r["sel_pct"])))
        out = max(out, _errors_apart(found.select_none.value, float(r["early_stop_pct"])))
        pairs = ((found.mean_n[k], "mean_n"), (found.mean_tox[k], "mean_tox"))
        for figure, key in (*pairs, (found.total_n, "total_n")):
            sd = figure.std_err * sqrt(TRIALS)
            error = hypot(figure.std_err, sd / sqrt(R_TRIALS))
            apart = abs(figure.value - float(r[key]))
            # 30 patients in every trial: no error, and no difference
            out = max(out, apart / error if error else np.inf if apart else 0.0)
    return out


def _characteristics() -> Iterator[Case]:
    curve = Curve(indifference_skeleton(0.05, 0.25, 3, 6))
    design = CrmDesign(curve, 0.25, tried_only=False)
    rows = reference_rows("trials", "oc_R_boin_keyboard_crm.csv")
    for scenario, rates in RATES.items():
        held = [r for r in rows if r["design"].startswith("CRM") and r["scenario"] == scenario]
        found = simulate(design, Scenario.of(scenario, rates), 0.25, trials=TRIALS, seed=3)
        worst = _worst_apart(found, held)
        name = (
            f"CRM, scenario {scenario}: selection, stops, patients and DLTs of {len(held)} doses, "
            "worst, in errors of the difference"
        )
        why = "Monte Carlo errors (shares: exact test); 500 trials of R, 100,000 of ours"
        yield compare(SUITE, name, worst, 0.0, DFCRM, absolute=3.0, why=why)


def _blrm() -> Iterator[Case]:
    rows = reference_rows("trials", "blrm_neuenschwander_quadrature.csv")
    first = rows[0]
    sd = float(first["prior_sd1"]), float(first["prior_sd2"])
    mean = float(first["prior_mu1"]), float(first["prior_mu2"])
    prior = BlrmPrior(mean, sd, float(first["prior_cov"]) / (sd[0] * sd[1]))
    doses = np.array([float(r["dose"]) for r in rows])
    model = Blrm(doses, float(first["ref_dose"]), prior)
    found = model.posterior([[int(r["n"]) for r in rows]], [[int(r["tox"]) for r in rows]])

    def column(key: str) -> np.ndarray:
        return np.array([float(r[key]) for r in rows])

    for what, got, key in (("means", found.mean, "mean"), ("SDs", found.sd, "sd")):
        worst = float(np.max(np.abs(got[0] - column(key))))
        why = "two quadratures of smooth functions, each converged"
        name = f"BLRM: posterior {what} of {len(rows)} rates, largest error"
        yield compare(SUITE, name, worst, 0.0, GRID, absolute=1e-9, why=why)
    worst = float(np.max(np.abs(found.mean[0] - BCRM_MEANS)))
    name = f"BLRM: posterior means of {len(rows)} rates by another sampler, largest error"
    why = "Monte Carlo of a chain of unknown length; its transcribers allow 0.04"
    yield compare(SUITE, name, worst, 0.0, BCRM, absolute=0.005, why=why)
    keys = ("p_under_0_20", "p_target_20_35", "p_excess_35_60", "p_unacc_60")
    worst = max(
        float(np.max(np.abs(found.intervals[0, :, k] - column(v)))) for k, v in enumerate(keys)
    )
    name = f"BLRM: interval probabilities at {len(rows)} doses, largest error"
    why = "grid points of the reference lie on one side of a limit or the other, about 2e-4"
    yield compare(SUITE, name, worst, 0.0, GRID, absolute=4e-4, why=why)
    ok = found.overdose[0] < EWOC
    differ = sum(bool(o) != (r["ewoc_ok_25"] == "TRUE") for o, r in zip(ok, rows, strict=True))
    name = f"BLRM: admissions by overdose control that differ, of {len(rows)}"
    yield Case(SUITE, name, float(differ), 0.0, "identical at every dose", GRID, differ == 0)


def _scores() -> Case:
    held = {(s.n, s.tox, s.eff): s.rank for s in Boin12(5, 0.35, 0.25).table((0, 3, 6, 9))}
    differ = sum(held[cell] != want for cell, want in SCORES.items())
    name = f"BOIN12: rank-based desirability scores that differ, of {len(SCORES)}"
    return Case(SUITE, name, float(differ), 0.0, "identical", LZY20, differ == 0)


def next_dose(design: Boin12, outcomes: str) -> int:
    """Next dose of BOIN12, from 1, after cohorts like ``1NNN 2NEB``; 0 if the trial stops."""
    n, tox, eff, both = (np.zeros((1, design.doses), dtype=np.intp) for _ in range(4))
    at = 0
    for cohort in outcomes.split():
        at = int(cohort[0]) - 1
        for patient in cohort[1:]:
            n[0, at] += 1
            tox[0, at] += patient in "TB"
            eff[0, at] += patient in "EB"
            both[0, at] += patient == "B"
    return int(design.decide(n, tox, eff, both, np.array([at], dtype=np.intp))[0]) + 1


def _decisions() -> Iterator[Case]:
    rows = reference_rows("trials", "boin12_decisions.csv")
    same = [r for r in rows if r["differs"] == "no"]
    wrong = sum(next_dose(BOIN12[r["set"]], r["outcomes"]) != int(r["next_dose"]) for r in same)
    name = f"BOIN12: next doses that differ, of {len(same)}"
    yield Case(SUITE, name, float(wrong), 0.0, "identical", DECISIONS, wrong == 0)
    rest = [r for r in rows if r["differs"] == "yes"]
    stops = sum(next_dose(BOIN12[r["set"]], r["outcomes"]) == 0 for r in rest)
    name = f"BOIN12: trials that stop here and go on at dose 1 there, of {len(rest)}"
    why = (
        "two of three toxic, dose 1 not admissible (P = 0.988 above 0.9): the published rule stops"
    )
    yield Case(SUITE, name, float(stops), None, why, DECISIONS, None)
