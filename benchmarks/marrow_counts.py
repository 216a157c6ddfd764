"""Blood counts of a population: three lineages over 100 days, weekly counts.

Seconds are CPU seconds of this process, so that a busy machine does not flatter or blame.
"""

from __future__ import annotations

import time

import numpy as np

from pdcraft.core.dose_rate import DoseRate
from pdcraft.response.marrow.draws import marrow_draws
from pdcraft.response.marrow.simulate import simulate_counts

PATIENTS = 100_000
HALF_LIFE_h = 156.0
DAYS = np.arange(0.0, 101.0, 7.0)


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(20261121)
    dose_Gy = np.exp(rng.normal(0.0, 0.3, (100, PATIENTS // 100, 1)))
    rate = np.full_like(dose_Gy, np.log(2.0) / HALF_LIFE_h)
    dose_rate = DoseRate.of_terms(dose_Gy * rate, rate, [0.0, 168.0], [0.5, 0.5])
    before = time.process_time()
    parameters = marrow_draws().parameters(100, PATIENTS // 100)
    drawn = time.process_time()
    counts = simulate_counts(parameters, dose_rate, DAYS)
    done = time.process_time()
    print(
        f"{PATIENTS:,} patients: draws {drawn - before:.1f} s, counts {done - drawn:.1f} s of CPU"
    )
    print(f"median platelet nadir {np.median(counts[:, :, 0].min(axis=-1)):.0f} x 10^9/L")


if __name__ == "__main__":
    main()
