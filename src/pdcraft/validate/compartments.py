"""The linear compartment engine against stored matrix exponentials of a 30-state body.

Five whole-body systems (12 organs of vascular and tissue space, lung, arterial and venous blood,
tumor with a retained pool, excreta; physical decay of I-131 within), a unit amount in state 0 at
time 0. Own computation by matrix exponential: independent of the eigenvectors used here, not of
the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.numerics.compartments import LinearSystem
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["Body30", "body30", "cases"]

SOURCE = "pbpk30_reference.csv: matrix exponential, 5 patients (own computation)"


@dataclass(frozen=True, slots=True, eq=False)
class Body30:
    """The stored systems and their solutions.

    Parameters
    ----------
    matrix_per_h : ndarray, shape (5, 30, 30)
    time_h : ndarray, shape (24,)
    amount : ndarray, shape (5, 30, 24)
        Per unit amount in state 0 at time 0.
    integral_h : ndarray, shape (5, 30)
    """

    matrix_per_h: Floats
    time_h: Floats
    amount: Floats
    integral_h: Floats

    @property
    def initial(self) -> Floats:
        """Unit amount in state 0, shape (30,)."""
        return np.eye(30)[0]


def body30() -> Body30:
    """Read the stored reference."""
    matrix = np.zeros((5, 30, 30))
    for row in reference_rows("kinetics", "pbpk30_rate_matrices.csv"):
        matrix[int(row["patient"]), int(row["row"]), int(row["col"])] = float(row["rate_per_h"])
    rows = reference_rows("kinetics", "pbpk30_reference.csv")
    columns = [name for name in rows[0] if name.startswith("t_")]
    amount = np.zeros((5, 30, len(columns)))
    integral_h = np.zeros((5, 30))
    for row in rows:
        at = int(row["patient"]), int(row["state"])
        amount[at] = [float(row[name]) for name in columns]
        integral_h[at] = float(row["tia_h"])
    time_h = np.array([float(name.removeprefix("t_")) for name in columns])
    return Body30(matrix, time_h, amount, integral_h)


def cases() -> Iterator[Case]:
    """Yield the largest deviations of curves and integrals."""
    body = body30()
    system = LinearSystem.from_matrix(body.matrix_per_h)
    amount = system.curves(body.initial, body.time_h)
    off = np.abs(amount - body.amount) / body.amount.max(axis=-1, keepdims=True)
    yield compare(
        "kinetics",
        "30-state curves, largest deviation / largest value of the state",
        float(off.max()),
        0.0,
        SOURCE,
        absolute=1e-9,
        why="rounding of the fastest rate (2000/h x 2e-16) over 240 h is 1e-10",
    )
    integral_h = system.integrals(body.initial)
    yield compare(
        "kinetics",
        "30-state integrals, largest relative deviation",
        float(np.abs(integral_h / body.integral_h - 1).max()),
        0.0,
        SOURCE,
        absolute=1e-9,
        why="rounding of the fastest rate against the slowest (5e5 x 2e-16) is 1e-10",
    )
