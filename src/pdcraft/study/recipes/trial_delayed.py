"""What a short assessment window misses of late toxicity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.study.recipes.trial_patients import TreatedPatients
from pdcraft.trial.pool import PatientPool

__all__ = ["Delayed", "delayed_toxicity"]

CYCLE_D = 28.0  # the usual window
PERCENT = (5.0, 25.0, 50.0, 75.0, 95.0)


@dataclass(frozen=True, slots=True, eq=False)
class Delayed:
    """DLTs by the window they are looked for in, averaged over draws.

    Parameters
    ----------
    window_d : ndarray, shape (windows,)
        The longest last.
    rate, missed : ndarray, shape (window, dose)
        DLT rate within each window; share missed of those in the longest one.
    rate_std_err : ndarray, shape (window, dose)
    day : ndarray, shape (days,)
    by_day : ndarray, shape (dose, days)
        Share of the patients with a DLT until each day, of those followed.
    nadir_day : ndarray, shape (dose, 5)
        5th, 25th, 50th, 75th and 95th percentile of the day of the platelet nadir.
    median_dlt_day : ndarray, shape (dose,)
        NaN without any DLT.
    """

    window_d: Floats
    rate: Floats
    missed: Floats
    rate_std_err: Floats
    day: Floats
    by_day: Floats
    nadir_day: Floats
    median_dlt_day: Floats

    def document(self) -> dict[str, Any]:
        """Return it as in the JSON documents; null for what is not there."""

        def plain(values: Floats) -> Any:
            if values.ndim > 1:
                return [plain(row) for row in values]
            return [None if np.isnan(v) else float(v) for v in values]

        return {
            "window_d": plain(self.window_d),
            "rate": plain(self.rate),
            "missed": plain(self.missed),
            "mcse": {"rate": plain(self.rate_std_err)},
            "nadir_day_percentiles": list(PERCENT),
            "nadir_day": plain(self.nadir_day),
            "median_dlt_day": plain(self.median_dlt_day),
        }


def delayed_toxicity(
    pool: PatientPool, treated: TreatedPatients, windows_d: tuple[float, ...], last_d: float
) -> Delayed:
    """Look for the same patients' DLTs in windows of several lengths.

    Parameters
    ----------
    pool : PatientPool
    treated : TreatedPatients
    windows_d : tuple of float
        Beside 28 d, the trial's window, and all visits.
    last_d : float
        Last planned visit.
    """
    windows = np.array(sorted({CYCLE_D, pool.window_d, last_d, *windows_d}))
    windows = windows[windows <= last_d]
    first = pool.dlt_day
    toxic = first[None] <= windows[:, None, None, None]
    by_draw = toxic.mean(axis=2)  # of all treated: the same patients in every window
    longest = by_draw[-1].mean(axis=0)
    rate = by_draw.mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        missed = np.where(longest > 0, 1.0 - rate / longest, np.nan)
    of_draws = by_draw.var(axis=1, ddof=1) / pool.draws
    of_patients = toxic.mean(axis=1).var(axis=1, ddof=1) / first.shape[1]
    day = np.arange(last_d + 1.0)
    ordered = np.sort(first.reshape(-1, pool.doses), axis=0)
    by_day = np.array([np.searchsorted(row, day, side="right") for row in ordered.T])
    dlt_day = [row[np.isfinite(row)] for row in ordered.T]
    nadir = np.percentile(treated.nadir_day.reshape(-1, pool.doses), PERCENT, axis=0).T
    return Delayed(
        windows,
        rate,
        missed,
        np.sqrt(of_draws + of_patients),
        day,
        by_day / len(ordered),
        nadir,
        np.array([np.median(row) if row.size else np.nan for row in dlt_day]),
    )
