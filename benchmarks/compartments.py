"""The linear compartment engine: 30-state bodies, 24 times, beside scipy in the same run.

Seconds are CPU seconds of this process, so that a busy machine does not flatter or blame.
Every patient is a stored body with all its rates varied by 30 % (log-normal).
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate, linalg

from pdcraft.numerics import schedule
from pdcraft.numerics.compartments import LinearSystem
from pdcraft.numerics.propagation import Input, respond
from pdcraft.numerics.schedule import Dose, repeated
from pdcraft.numerics.sensitivity import integral_gradient
from pdcraft.validate.compartments import body30

SPREAD = 0.3
SEED = 20261121


def run() -> list[dict[str, Any]]:
    """Measure, and return one row per engine and number of patients."""
    body = body30()
    start = body.initial
    everyone = population(10_000)
    rows: list[dict[str, Any]] = []

    def measure(name: str, patients: int, solve: Callable[[], Any], tries: int = 1) -> Any:
        found, cpu_s = None, np.inf
        for _ in range(tries):
            before = time.process_time()
            found = solve()
            cpu_s = min(cpu_s, time.process_time() - before)
        rows.append(
            {
                "name": name,
                "patients": patients,
                "cpu_s": cpu_s,
                "patients_per_cpu_s": patients / cpu_s,
                "cpu_s_per_10000": cpu_s / patients * 10_000,
                "deviation": None,
            }
        )
        return found

    some = first(everyone, 100)
    some.curves(start, body.time_h)  # load LAPACK outside the clock
    for patients in (100, 1_000, 10_000):
        system = first(everyone, patients)
        curves = measure("curves", patients, lambda s=system: s.curves(start, body.time_h))
    areas = measure("integrals to infinity", 10_000, lambda: everyone.integrals(start))
    thousand = first(everyone, 1_000)
    measure("integrals, all 30 x 86 gradients", 1_000, lambda: integral_gradient(thousand, start))
    one_sum = np.ones((1, 30))
    measure(
        "one weighted sum, its 86 gradients",
        10_000,
        lambda: integral_gradient(everyone, start, one_sum),
    )
    doses = repeated(Dose(1.0, "0", duration_h=0.25), every_h=24.0, count=6)
    measure("curves of 6 infusions", 1_000, lambda: schedule.curves(thousand, doses, body.time_h))
    entered = [Input(start, np.zeros(()))]
    slow = measure(
        "curves by own exponential",
        100,
        lambda: respond(some.matrix_per_h, entered, body.time_h, condition_limit=0.0),
    )
    rows[-1]["deviation"] = deviation(slow, curves[:100])
    # best of five: idle threads of the linear algebra library count in its CPU time
    peer = measure(
        "peer: scipy expm",
        3,
        lambda: by_scipy_expm(some.matrix_per_h[:3], body.time_h, start),
        tries=5,
    )
    rows[-1]["deviation"] = deviation(peer, curves[:3])
    peer = measure(
        "peer: scipy solve_ivp LSODA 1e-6",
        10,
        lambda: by_lsoda(some.matrix_per_h[:10], body.time_h, start),
        tries=5,
    )
    rows[-1]["deviation"] = deviation(peer, curves[:10])
    assert areas.shape == (10_000, 30)
    return rows


def population(patients: int) -> LinearSystem:
    """Return bodies with log-normally varied rates."""
    body = LinearSystem.from_matrix(body30().matrix_per_h[0])
    spread = np.random.default_rng(SEED).lognormal(0.0, SPREAD, (patients, len(body.links)))
    return body.with_rates(body.rates_per_h * spread)


def first(system: LinearSystem, patients: int) -> LinearSystem:
    """Return the first patients of a population."""
    return system.with_rates(system.rates_per_h[:patients])


def by_scipy_expm(matrices: np.ndarray, time_h: np.ndarray, start: np.ndarray) -> np.ndarray:
    """One matrix exponential per patient and time."""
    grown = [[linalg.expm(matrix * t) @ start for t in time_h] for matrix in matrices]
    return np.swapaxes(np.array(grown), 1, 2)


def by_lsoda(matrices: np.ndarray, time_h: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Time stepping at the tolerance that pharmacokinetic tools use, with the Jacobian given."""
    span = (0.0, float(time_h[-1]))
    return np.array(
        [
            integrate.solve_ivp(
                lambda _, x, a=matrix: a @ x,
                span,
                start,
                "LSODA",
                time_h,
                jac=lambda _, x, a=matrix: a,
                rtol=1e-6,
                atol=1e-9,
            ).y
            for matrix in matrices
        ]
    )


def deviation(found: np.ndarray, ours: np.ndarray) -> float:
    """Largest difference as a share of each state's largest value."""
    return float((np.abs(found - ours) / ours.max(axis=-1, keepdims=True)).max())


def main() -> None:
    """Print the table."""
    print("Linear compartments: 30 states, 24 times to 240 h, one core")
    titles = f"{'patients':>9}{'CPU s':>9}{'per CPU s':>11}{'s/10,000':>10}{'deviation':>11}"
    print(f"{'engine':36}{titles}")
    for row in run():
        off = "" if row["deviation"] is None else f"{row['deviation']:.1e}"
        print(
            f"{row['name']:36}{row['patients']:>9,}{row['cpu_s']:>9.3f}"
            f"{row['patients_per_cpu_s']:>11,.0f}{row['cpu_s_per_10000']:>10.2f}{off:>11}"
        )
    peak_MB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak_MB:,.0f} MB; deviation: from the curves, share of a state's largest")


if __name__ == "__main__":
    main()
