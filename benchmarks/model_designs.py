"""Simulated trials of designs with a model: CPU seconds per 10,000 trials of 30 patients.

R's figures are those stored with the reference tables (another machine, under load): quoted, not
measured here. Every design starts with an empty cache of states.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from pdcraft.trial.calendar import Calendar
from pdcraft.trial.models.blrm import Blrm
from pdcraft.trial.models.blrm_design import BlrmDesign
from pdcraft.trial.models.blrm_prior import BlrmPrior
from pdcraft.trial.models.crm_design import CrmDesign
from pdcraft.trial.models.curves import Curve
from pdcraft.trial.models.efficacy_trials import run_efficacy_trials
from pdcraft.trial.models.skeleton import indifference_skeleton
from pdcraft.trial.models.tite_crm import TiteCrm
from pdcraft.trial.models.utility import Boin12
from pdcraft.trial.outcomes import draw_outcomes
from pdcraft.trial.simulate import Plan, run_trials
from pdcraft.trial.timed import run_timed
from pdcraft.validate.tables import reference_rows

RATES = (0.05, 0.10, 0.20, 0.30, 0.45, 0.60)
TARGET = 0.25
TRIALS = 10_000


def _crm() -> CrmDesign:
    return CrmDesign(Curve(indifference_skeleton(0.05, TARGET, 3, 6)), TARGET)


def _blrm() -> BlrmDesign:
    doses, prior = np.arange(1.0, 7.0), BlrmPrior((-1.0, 0.0), (2.0, 1.0))
    return BlrmDesign(Blrm(doses, 4.0, prior, (0.16, 0.33, 0.60), 61))


def _r_seconds(function: str) -> str:
    rows = reference_rows("trials", "timing_R_trial_sims.csv")
    found = [float(r["s_per_10000"]) for r in rows if r["fun"] == function]
    return f"{min(found):.0f} to {max(found):.0f}"


def main() -> None:
    """Print the figures."""
    outcomes = draw_outcomes(RATES, TRIALS, 30, seed=1)
    timed = draw_outcomes(RATES, 1_000, 30, seed=1, late=0.5)
    plan = Plan(30, 3, calendar=Calendar(2.0, 3.0))
    gaps = plan.calendar.gaps_months(1_000, 30, 1) if plan.calendar else np.empty(0)
    runs: list[tuple[str, int, Callable[[], object], str]] = [
        ("CRM", TRIALS, lambda: run_trials(_crm(), outcomes, Plan(30, 3)), "dfcrm::crmsim"),
        (
            "CRM, one by one",
            TRIALS,
            lambda: run_trials(_crm(), outcomes, Plan(30, 1)),
            "dfcrm::crmsim",
        ),
        (
            "TITE-CRM",
            1_000,
            lambda: run_timed(TiteCrm(_crm()), timed, plan, gaps),
            "dfcrm::titesim",
        ),
        ("BLRM", TRIALS, lambda: run_trials(_blrm(), outcomes, Plan(30, 3)), ""),
        (
            "BOIN12",
            TRIALS,
            lambda: run_efficacy_trials(
                Boin12(6, 0.35, 0.25), RATES, (0.1, 0.2, 0.4, 0.5, 0.55, 0.55), Plan(30, 3)
            ),
            "",
        ),
    ]
    print(f"{'design':>16} {'CPU s per 10,000':>17} {'R, s per 10,000':>16}")
    for name, trials, run, peer in runs:
        best = np.inf
        for _ in range(3):
            before = time.process_time()
            run()
            best = min(best, time.process_time() - before)
        quoted = _r_seconds(peer) if peer else "-"
        print(f"{name:>16} {best * TRIALS / trials:17.2f} {quoted:>16}")
