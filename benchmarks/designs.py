"""Simulated trials: six doses, 30 patients in cohorts of three, target 0.25, scenario A.

Ours is CPU seconds on one core here and now, outcomes drawn and characteristics made included. The
peers' are elapsed seconds of the R packages for 10,000 trials, as stored beside the reference
outputs, on another machine under load: read the ratio of orders of magnitude, not its digits.
"""

from __future__ import annotations

import time

from pdcraft.trial.boin import BoinRule, boin
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.i3plus3 import i3plus3
from pdcraft.trial.keyboard import keyboard, mtpi2
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import Plan, simulate
from pdcraft.trial.three_plus_three import ThreePlusThree, exact
from pdcraft.trial.timed import simulate_timed
from pdcraft.trial.tite_boin import TiteBoin
from pdcraft.validate.designs_interval import RATES
from pdcraft.validate.tables import reference_rows

TARGET = 0.25
VARIANTS = ("simple", "confirm")
SIZES = (10_000, 100_000, 1_000_000)
PEERS = {
    "BOIN": "BOIN::get.oc",
    "Keyboard": "Keyboard::get.oc.kb",
    "3+3 (confirm)": "UBCRM::ssim3p3",
}


def cpu_s(work) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def peer_s(name: str) -> str:
    """Elapsed seconds of the R package for 10,000 trials of scenario A; '-' without one."""
    for row in reference_rows("trials", "timing_R_trial_sims.csv"):
        if row["fun"] == PEERS.get(name) and row["scenario"] == "A":
            return f"{float(row['s_per_10000']):.1f}"
    return "-"


def main() -> None:
    """Print the table."""
    scenario = Scenario.of("A", RATES["A"])
    designs = [make(6, TARGET, max_n=30) for make in (boin, keyboard, mtpi2, i3plus3)]
    designs.append(ThreePlusThree(6))
    simulate(designs[0], scenario, TARGET, trials=100)  # imports
    heads = "".join(f"{f'{size:,}':>12}" for size in SIZES)
    print(f"{'CPU s for trials':18}{heads}{'R, 10,000':>12}")
    for design in designs:
        plan = Plan(max_n=36) if isinstance(design, ThreePlusThree) else Plan()
        spent = [
            cpu_s(lambda d=design, p=plan, n=n: simulate(d, scenario, TARGET, plan=p, trials=n))
            for n in SIZES
        ]
        print(f"{design.name:18}{''.join(f'{s:12.3f}' for s in spent)}{peer_s(design.name):>12}")
    plan = Plan(calendar=Calendar(2, 2))
    timed = TiteBoin(6, BoinRule(TARGET))
    spent = [
        cpu_s(lambda n=n: simulate_timed(timed, scenario, TARGET, plan=plan, trials=n))
        for n in SIZES[:2]
    ]
    print(f"{'TITE-BOIN':18}{''.join(f'{s:12.3f}' for s in spent)}{'-':>12}{'-':>12}")
    print(
        f"3+3 exact, both variants: {cpu_s(lambda: [exact(RATES['A'], v) for v in VARIANTS]):.5f}"
    )


if __name__ == "__main__":
    main()
