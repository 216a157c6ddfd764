"""Organ doses of draws: all sources of the adult male to all targets, with drawn masses.

The tables are read and folded once; the sizes are a tenth, one, ten and a hundred times the draws
of a usual study.
"""

from __future__ import annotations

import resource
import time

import numpy as np

from pdcraft.dosimetry.organ_dose import organ_dose, uncertainty_shares
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.dosimetry.phantom import phantom

NUCLIDE = "I-131"
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def main() -> None:
    """Print the table."""
    start = time.process_time()
    body, fractions = phantom("adult-male")
    read = time.process_time() - start
    start = time.process_time()
    S = organ_S(body, fractions, NUCLIDE)
    folded = time.process_time() - start
    print(f"body and tables {read:.2f} s, S values of {NUCLIDE} {folded:.2f} s CPU")
    sources = (*(s for s in S.parts if s != "remainder"), "red_marrow", "remainder")
    print(f"{len(sources)} sources, {len(S.targets)} targets, masses of all organs drawn")
    print(
        f"{'draws':>9} {'doses, s':>9} {'by source, s':>13} {'shares, s':>10} "
        f"{'draws per CPU s':>16} {'peak GB':>8}"
    )
    rng = np.random.default_rng(1)
    for n in SIZES:
        tiac = {s: rng.lognormal(-2.0, 0.3, n) for s in sources}
        masses = {
            t: m * rng.lognormal(0.0, 0.1, n)
            for t, m in zip(S.targets, S.target_mass_g, strict=True)
            if t in S.sources and t not in ("total_body", "remainder")
        }
        start = time.process_time()
        dose = organ_dose(S, tiac, masses)
        doses = time.process_time() - start
        start = time.process_time()
        for values in dose.by_source.values():
            values.mean(axis=0)
        split = time.process_time() - start
        start = time.process_time()
        uncertainty_shares(dose)
        shares = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{n:9d} {doses:9.3f} {split:13.3f} {shares:10.3f} {n / doses:16.0f} {peak:8.2f}")
        del dose, tiac, masses
