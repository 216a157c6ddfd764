"""Cost of the xenograft bench: 80 models, 3 groups of 10 animals, 200 draws; and ten times less.

No peer is known that follows dose, growth, calipers and removal together; the cost of the same
tumors by controlled integration stands for one.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

MODELS, GROUPS, ANIMALS, DRAWS = 80, 3, 10, 200
STUDY = """
schema = "pdcraft.study/1"
name = "cost"
draws = {draws}
[bench]
models = {models}
[bench.design]
per_group = {animals}
[[bench.group]]
name = "vehicle"
[[bench.group]]
name = "one dose"
agent = "CLR 131"
[[bench.group.administration]]
amount = "7.4 MBq"
[[bench.group]]
name = "two doses"
agent = "CLR 131"
[[bench.group.administration]]
amount = "7.4 MBq"
[[bench.group.administration]]
amount = "7.4 MBq"
at = "42 d"
"""


def main() -> None:
    """Print the table."""
    from pdcraft.data.xenografts import members
    from pdcraft.study.recipes.bench import run_bench

    names = list(members())[:MODELS]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.toml")
        for models, draws in ((8, DRAWS), (MODELS, DRAWS // 10), (MODELS, DRAWS)):
            chosen = "[" + ", ".join(f'"{n}"' for n in names[:models]) + "]"
            text = STUDY.format(draws=draws, models=chosen, animals=ANIMALS)
            path.write_text(text, encoding="utf-8")
            wall, cpu = time.perf_counter(), time.process_time()
            run_bench(path)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            animals = models * draws * GROUPS * ANIMALS
            print(
                f"{models:3d} models x {GROUPS} groups x {ANIMALS} animals x {draws:3d} draws: "
                f"{wall:6.1f} s wall, {cpu:6.1f} s CPU, {animals / cpu:9.0f} animals per CPU s"
            )
    print(_peer())


def _peer() -> str:
    """Cost of one irradiated tumor by controlled integration."""
    from pdcraft.core.dose_rate import DoseRate
    from pdcraft.response.sensitivity import Repair, Sensitivity
    from pdcraft.response.tumor_growth import TumorCells, TumorGrowth, grow

    n = 16
    rate = DoseRate.of_terms(np.full((n, 1), 0.05), np.full((n, 1), 0.006))
    cells = [TumorCells(sensitivity=Sensitivity.of(0.2, 10.0, Repair.of(1.2)))]
    growth = TumorGrowth.of(np.full(n, 0.15), 0.13, 0.06, 20.0, 0.5)
    cpu = time.process_time()
    grow(growth, cells, np.arange(0.0, 120.5, 7.0), dose_rate=rate)
    cpu = time.process_time() - cpu
    return f"controlled integration (response.tumor_growth.grow): {n / cpu:.0f} animals per CPU s"
