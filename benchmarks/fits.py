"""Fits of time-activity curves: all models, choice, averaging and draws, beside one scipy fit.

A curve here is six group means with standard errors. pdcraft fits six models from many starts,
weighs them and draws 1,000 curves; the peer fits one bi-exponential from one start and draws
nothing. Read the ratio with that in mind.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
from scipy.optimize import curve_fit

from pdcraft.io.biodist import Biodistribution, RegionData
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.region_fit import FitOptions

TIMES_h = np.array([0.5, 2.0, 6.0, 24.0, 48.0, 96.0])


def curves(n: int, seed: int) -> Biodistribution:
    """Simulate `n` regions: a fast and a slow phase, 8 % errors of the means."""
    rng = np.random.default_rng(seed)
    regions = []
    for i in range(n):
        fast, slow = rng.uniform(0.1, 0.5), rng.uniform(0.005, 0.03)
        truth = 6 * np.exp(-fast * TIMES_h) + 4 * np.exp(-slow * TIMES_h)
        value = truth * np.exp(0.08 * rng.standard_normal(TIMES_h.size))
        regions.append(
            RegionData(
                region=f"lesion:{i}",
                unit="%IA/g",
                decay_corrected=True,
                nuclide=None,
                subject=("",) * TIMES_h.size,
                time_h=TIMES_h,
                value=value,
                sd=0.08 * truth * np.sqrt(5),
                animals=np.full(TIMES_h.size, 5),
                censored=np.zeros(TIMES_h.size, dtype=bool),
                lines=tuple(range(TIMES_h.size)),
            )
        )
    return Biodistribution("simulated", tuple(regions))


def peer(data: Biodistribution) -> None:
    """Fit one bi-exponential by scipy, from one start."""

    def model(t, a, fast, b, slow):
        return a * np.exp(-fast * t) + b * np.exp(-slow * t)

    for region in data.regions:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                curve_fit(model, region.time_h, region.value, [5, 0.3, 5, 0.01], maxfev=2000)
            except RuntimeError:
                continue


def cpu_s(work) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    fit_biodistribution(curves(1, 1), "I-131", options=FitOptions(draws=100))  # imports and caches
    print(
        f"{'regions':>8} {'draws':>6} {'CPU s':>8} {'regions per CPU s':>18} {'scipy, one fit':>15}"
    )
    for n, draws in ((1, 1000), (10, 1000), (100, 1000), (10, 100), (10, 10_000)):
        data = curves(n, 2)
        options = FitOptions(draws=draws)
        ours = cpu_s(lambda d=data, o=options: fit_biodistribution(d, "I-131", options=o))
        theirs = cpu_s(lambda d=data: peer(d))
        print(f"{n:8d} {draws:6d} {ours:8.2f} {n / ours:18.1f} {theirs:13.3f} s")
