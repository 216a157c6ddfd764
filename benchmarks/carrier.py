"""The calibrated carrier: draws to curves of all regions at 200 times."""

from __future__ import annotations

import time

import numpy as np

from pdcraft.kinetics.carrier.courses import time_courses
from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.kinetics.carrier.parameters import host

TIMES_h = np.linspace(0.0, 1008.0, 200)


def main() -> None:
    """Print the table."""
    print(f"{'species':>8} {'draws':>6} {'CPU s':>8} {'draws per CPU s':>16}")
    for species in ("mouse", "human"):
        named = carrier_draws(species).named()
        n = next(iter(named.values())).size
        for share in (n // 100, n // 10, n):
            some = {name: values[:share] for name, values in named.items()}
            start = time.process_time()
            for course in time_courses(host(species), some, draws="bench"):
                course.at(TIMES_h)
            cpu = time.process_time() - start
            print(f"{species:>8} {share:6d} {cpu:8.3f} {share / cpu:16.0f}")
