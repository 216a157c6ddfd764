"""Fitted curves between the times measured, for drawing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.kinetics.population.disposition import Array
from pdcraft.kinetics.population.records import Doses, Records
from pdcraft.kinetics.population.result import PopulationFit

__all__ = ["smooth_curves"]


def smooth_curves(result: PopulationFit, points: int = 200) -> tuple[Floats, Floats, Floats]:
    """Predict on a fine grid, from the first dose or value of a subject to its last value.

    Parameters
    ----------
    result : PopulationFit
    points : int
        Evenly spaced; starts and ends of doses are added, so that no peak is cut off.

    Returns
    -------
    tuple of ndarray, shape (subject, time)
        Times, h; each subject's own curve; that of the typical subject with its covariates and
        doses. Between a reset and the value after it curves count as reset already.
    """
    statement = result.statement
    records = _on_grid(statement.records, points)
    nobody = np.zeros_like(result.eta)[None]
    typical = statement.individual(result.values, nobody)[0][0]
    own = statement.model.predict(result.individual, records)
    return records.time_h, own, statement.model.predict(typical, records)


def _on_grid(records: Records, points: int) -> Records:
    """Replace the times measured by a fine grid for each subject."""
    doses = records.doses
    rows: list[Floats] = []
    for i in range(records.n_subjects):
        measured = records.time_h[i, records.observed[i]]
        given = _dose_times(records, i)
        first = min(measured[0], given.min(initial=np.inf))
        grid = np.linspace(first, measured[-1], points)
        rows.append(np.concatenate([grid, given[given <= measured[-1]]]))
    width = max(row.size for row in rows)
    rows = [np.sort(np.append(row, np.full(width - row.size, row.max()))) for row in rows]
    time_h = frozen(np.stack(rows), "time_h")
    if doses is not None:
        acts = np.stack([_acts(records, doses, i, row) for i, row in enumerate(rows)])
        doses = replace(doses, acts=acts)
    everywhere = np.ones(time_h.shape, dtype=bool)
    return Records(
        records.ids, time_h, np.zeros(time_h.shape), everywhere, records.covariates, doses
    )


def _dose_times(records: Records, subject: int) -> Floats:
    """List when a subject's doses start and end, h."""
    doses = records.doses
    if doses is None:
        return np.zeros(0)
    real = doses.amount[subject] > 0
    start = doses.start_h[subject, real]
    return np.unique(np.concatenate([start, start + doses.duration_h[subject, real]]))


def _acts(records: Records, doses: Doses, subject: int, time_h: Floats) -> Array:
    """Which dose acts at each time: begun, and among those of the next value measured."""
    measured = records.time_h[subject, records.observed[subject]]
    following = np.minimum(np.searchsorted(measured, time_h), measured.size - 1)
    begun = doses.start_h[subject] <= time_h[:, None]
    acts = doses.acts[subject, following] & begun
    # a value taken at the moment of a dose stands before it; the curve shows what follows
    late = doses.acts[subject, np.minimum(following + 1, measured.size - 1)] & begun
    same = doses.start_h[subject] == time_h[:, None]
    return np.where(same, late, acts)
