"""Free drug from conjugates: draws per second, cost at 10 and 100 times, the design map, a peer.

Seconds are CPU seconds of this process, so that a busy machine does not flatter or blame.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from pdcraft.exposure.chain import LinearChain, conjugate_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.linker import FirstOrder, Linker, Saturable
from pdcraft.exposure.numeric import simulate
from pdcraft.exposure.paclitaxel import paclitaxel
from pdcraft.response.tumor_simeoni import paclitaxel_a2780, simeoni
from pdcraft.study.exposure.drug_effect import equivalent_exposure
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters
from pdcraft.study.exposure.therapeutic_index import Goal, dose_for_nadir, dose_for_tumor

SEED = 20261121
TIMES_h = np.concatenate([[0.0], np.geomspace(0.05, 500.0, 120)])
DOSES = [DrugDose(773.0)]
LINKER = Linker.of_half_lives(24.0, 240.0, 24.0)


def chain_of(species: str, draws: int, linker: Linker = LINKER) -> tuple[Any, LinearChain]:
    """Return a species' drug and its chain."""
    kind: Any = species
    carrier, _ = carrier_parameters(kind, draws, SEED)
    drug = paclitaxel(kind, draws, SEED)
    network = carrier_network(kind, carrier, tumor_g=0.3 if species == "mouse" else None)
    return drug, conjugate_chain(network, linker, drug.free, drug.tumor, drug.marrow)


def run() -> list[dict[str, Any]]:
    """Measure, and return one row per engine and number of draws."""
    rows: list[dict[str, Any]] = []

    def measure(name: str, draws: int, solve: Callable[[], Any]) -> Any:
        before = time.process_time()
        found = solve()
        cpu_s = time.process_time() - before
        rows.append({"name": name, "draws": draws, "cpu_s": cpu_s, "per_cpu_s": draws / cpu_s})
        return found

    chain_of("mouse", 10)[1].course(DOSES, TIMES_h)  # load LAPACK and tables outside the clock
    for draws in (1_000, 10_000, 100_000):
        drug, chain = chain_of("mouse", draws)
        measure("chain, 121 times, areas, balance", draws, lambda c=chain: c.course(DOSES, TIMES_h))
        if draws == 1_000:
            few = drug, chain
    parameters = paclitaxel_a2780()

    def effect() -> Any:
        given = equivalent_exposure(few[1], DOSES, parameters.tag, few[0].plain, 336.0)
        return simeoni(parameters, given, [0.0, 14.0], step_d=0.25)

    measure("and the tumor's mass over 14 d", 1_000, effect)
    grid = np.geomspace(2.0, 500.0, 7)
    plasma, tumor = (g.ravel()[:, None] for g in np.meshgrid(grid, grid, indexing="ij"))
    linkers = Linker.of_half_lives(plasma, 10.0 * tumor, tumor)
    goal = Goal.shipped()
    mouse, man = chain_of("mouse", 40, linkers), chain_of("human", 40, linkers)
    measure(
        "map of 49 linkers, mouse doses",
        49 * 40,
        lambda: dose_for_tumor(mouse[1], mouse[0].plain, goal),
    )
    measure(
        "map of 49 linkers, human doses",
        49 * 40,
        lambda: dose_for_nadir(man[1], man[0].plain, goal),
    )
    carrier, _ = carrier_parameters("mouse", 100, SEED)
    network = carrier_network("mouse", carrier, tumor_g=0.3)
    some = paclitaxel("mouse", 100, SEED)
    enzyme = Linker("enzyme", (Saturable(5.0, 200.0),), (FirstOrder(240.0),), (FirstOrder(24.0),))
    measure(
        "esterase that saturates, 48 h by steps",
        100,
        lambda: simulate(
            some.free, some.tumor, some.marrow, DOSES, np.linspace(0.0, 48.0, 49),
            network=network, linker=enzyme,
        ),
    )  # fmt: skip
    matrices = few[1].system.matrix_per_h[:20]
    start = np.zeros(matrices.shape[-1])
    start[0] = 773.0

    def peer() -> None:
        for matrix in matrices:
            solve_ivp(
                lambda _, y, m=matrix: m @ y, (0.0, 500.0), start, "LSODA", TIMES_h,
                rtol=1e-6, atol=1e-9,
            )  # fmt: skip

    measure("peer: scipy LSODA 1e-6, same chain", 20, peer)
    return rows


def main() -> None:
    """Print the table."""
    print("Free drug: conjugate in the carrier's compartments, release, tumor; one core")
    print(f"{'what':40}{'draws':>9}{'CPU s':>9}{'draws per CPU s':>17}")
    for row in run():
        print(f"{row['name']:40}{row['draws']:>9,}{row['cpu_s']:>9.3f}{row['per_cpu_s']:>17,.0f}")


if __name__ == "__main__":
    main()
