"""What a design makes of one trial: next dose, recommended dose, and the DLT rate there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.design import NONE, STOP, Design, counts_of_doses
from pdcraft.trial.isotonic import rates_rising
from pdcraft.trial.phase2.intervals import clopper_pearson

__all__ = ["Recommendation", "recommend"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """State of one trial; doses count from 0.

    Parameters
    ----------
    next_dose : int or None
        None if the trial stops.
    recommended : int or None
        None if no dose is.
    observed, rising : float or None
        Observed DLT rate at the recommended dose, and the rate made to rise with dose.
    low, high : float or None
        Exact limits (Clopper and Pearson) of the observed rate. The dose was chosen by the same
        data, which the limits do not know of.
    rates : ndarray, shape (doses,)
        Rising estimates at every dose with patients; NaN elsewhere.
    """

    next_dose: int | None
    recommended: int | None
    observed: float | None
    low: float | None
    high: float | None
    rising: float | None
    rates: Floats


def recommend(
    design: Design,
    n: Sequence[int],
    tox: Sequence[int],
    at: int | None = None,
    confidence: float = 0.95,
) -> Recommendation:
    """Ask a design about one trial.

    Parameters
    ----------
    design : Design
    n, tox : sequence of int
        Patients assessed at each dose, and those of them with a DLT.
    at : int, optional
        Dose of the last cohort; the highest with patients without it.
    confidence : float
        Of the limits.

    Raises
    ------
    DataError
        For counts that cannot be, or a last dose without patients.
    """
    held_n, held_tox = counts_of_doses(n, tox, design.doses)
    if not held_n.any():
        raise DataError("no patient was treated yet: the next cohort gets the first dose planned")
    last = int(np.flatnonzero(held_n)[-1]) if at is None else at
    if not 0 <= last < design.doses or not held_n[last]:
        raise DataError(f"last cohort at dose {last + 1}: no patient was treated there")
    row_n, row_tox = held_n[None, :], held_tox[None, :]
    going = int(design.decide(row_n, row_tox, np.array([last], dtype=np.intp))[0])
    chosen = int(design.select(row_n, row_tox)[0])
    rates = rates_rising(row_n, row_tox, row_n > 0)[0]
    next_dose = None if going == STOP else going
    if chosen == NONE or not held_n[chosen]:
        return Recommendation(next_dose, None, None, None, None, None, rates)
    low, high = clopper_pearson(int(held_tox[chosen]), int(held_n[chosen]), confidence)
    observed = float(held_tox[chosen] / held_n[chosen])
    return Recommendation(next_dose, chosen, observed, low, high, float(rates[chosen]), rates)
