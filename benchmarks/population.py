"""Virtual patients through kinetics, marrow dose and blood counts: where the time goes.

The marrow model's draws are of its priors: their values do not change the work.
"""

from __future__ import annotations

import time

import numpy as np

from pdcraft.response.marrow.parameters import priors
from pdcraft.response.population.patients import virtual_patients
from pdcraft.study.recipes.population import Regimen, simulate_population

SIZES = ((1_000, 1), (10_000, 1), (100_000, 1), (1_000, 100))  # patients, draws
REGIMEN = Regimen((578.0, 578.0), (0.0, 7.0), surface_cap_m2=2.5, step_MBq=10.0)


def prior_draws(n: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Draw the marrow model's parameters from its priors."""
    rng = np.random.default_rng(seed)
    return {
        row.key: row.median * np.exp(row.log_sd * np.clip(rng.standard_normal(n), -3, 3))
        for row in priors("stem")
    }


def main() -> None:
    """Print the table."""
    head = ("patients", "draws", "make", "set up", "dose", "counts", "CPU s", "wall s")
    print(" ".join(f"{h:>9}" for h in head))
    for patients, draws in SIZES:
        cpu, wall = time.process_time(), time.perf_counter()
        made = virtual_patients(patients, "clover1", seed=1)
        making = time.process_time() - cpu
        run = simulate_population(
            made.cohort, REGIMEN, draws=draws, seed=1, marrow=prior_draws(draws)
        )
        parts = [
            making,
            *(run.cpu_s[k] for k in ("draws and set-up", "kinetics and dose", "counts")),
        ]
        spent = [*parts, time.process_time() - cpu, time.perf_counter() - wall]
        print(f"{patients:9d} {draws:9d} " + " ".join(f"{s:9.2f}" for s in spent), flush=True)
