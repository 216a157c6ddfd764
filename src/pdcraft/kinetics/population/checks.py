"""Diagnostics of a fit as documents and tables carry them: short summaries, one row per value."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ConvergenceError
from pdcraft.io.event_table import number_text
from pdcraft.kinetics.population.diagnostics import (
    cwres,
    epsilon_shrinkage,
    eta_shrinkage,
    iwres,
    npde,
)
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.uncertainty import standard_errors

__all__ = ["diagnostics", "fixed_effects", "npde_studies", "residual_table", "shrinkage"]

SIMULATED = 1000  # studies behind NPDE: their smallest probability is 1 in 2000
FEWEST = 3  # values for a test of normality
Z95 = 1.959963984540054  # standard normal quantile of 97.5 %
COLUMNS = ("ID", "TIME", "DV", "PRED", "IPRED", "IWRES", "CWRES", "NPDE")


def shrinkage(result: PopulationFit) -> dict[str, float | None]:
    """Shrinkage of every random effect; None where there is no spread to shrink from."""
    found = eta_shrinkage(result)
    return {n: v if np.isfinite(v) else None for n, v in found.items()}


def diagnostics(result: PopulationFit, *, seed: int = 1) -> dict[str, Any]:
    """Summarize what the residuals say of the model.

    Returns
    -------
    dict
        ``cwres`` and ``npde`` with ``n``, ``mean``, ``variance`` and ``normality_p`` (Shapiro and
        Wilk), which are 0, 1 and not small for a right model; both shrinkages. None for what
        these data do not give.
    """
    return {
        "cwres": _summary(cwres(result)),
        "npde": _summary(_npde(result, seed)),
        "eta_shrinkage": shrinkage(result),
        "epsilon_shrinkage": epsilon_shrinkage(result),
    }


def npde_studies(result: PopulationFit) -> int:
    """Count the simulated studies that NPDE needs: ten for each value of a subject, or more."""
    return max(SIMULATED, 10 * result.statement.records.value.shape[1])


def _npde(result: PopulationFit, seed: int) -> Floats:
    """NPDE from enough studies; all NaN where the simulated values have no covariance."""
    try:
        return npde(result, n=npde_studies(result), seed=seed)
    except np.linalg.LinAlgError:
        return np.full(result.statement.records.value.shape, np.nan)


def _summary(values: Floats) -> dict[str, Any]:
    from scipy.stats import shapiro

    known = values[np.isfinite(values)]
    out: dict[str, Any] = {"n": known.size, "mean": None, "variance": None, "normality_p": None}
    if known.size >= FEWEST:
        out |= {"mean": float(known.mean()), "variance": float(known.var(ddof=1))}
        if np.ptp(known) > 0:
            out["normality_p"] = float(shapiro(known[:5000]).pvalue)  # its approximation ends there
    return out


def fixed_effects(result: PopulationFit) -> dict[str, dict[str, Any]]:
    """Estimates with the scale that they are on, and the typical value that they mean.

    ``value``, ``std_err`` and ``std_err_hessian`` are on ``scale``: ``log`` is the natural
    logarithm. ``typical`` with its standard error (by the slope) and 95 % limits is natural.
    """
    errors = standard_errors(result)
    try:
        curved: Mapping[str, float | None] = standard_errors(result, from_hessian=True)
    except (ConvergenceError, np.linalg.LinAlgError):
        curved = dict.fromkeys(errors)
    logarithmic = {p.name for p in result.statement.parameters if p.logarithmic}
    out: dict[str, dict[str, Any]] = {}
    for name, value in result.fixed_effects.items():
        error, is_log = errors[name], name in logarithmic
        limits = [value - Z95 * error, value + Z95 * error]
        low, high = np.exp(np.clip(limits, -700, 700)) if is_log else limits
        typical = float(np.exp(value)) if is_log else value
        out[name] = {
            "scale": "log" if is_log else "natural",
            "value": value,
            "std_err": error,
            "std_err_hessian": curved[name],
            "typical": typical,
            "typical_std_err": error * typical if is_log else error,
            "typical_low": float(low),
            "typical_high": float(high),
        }
    return out


def residual_table(
    results: Mapping[str, PopulationFit], *, label: str | None = None, seed: int = 1
) -> str:
    """CSV text with a row per observation: ID, TIME, DV, predictions and residuals.

    Parameters
    ----------
    results : mapping of str to PopulationFit
    label : str, optional
        First column, which holds the keys of ``results``. Default: none.
    seed : int
        Of the studies behind NPDE.

    Returns
    -------
    str
        A value below quantification has its limit as DV, and ``.`` for residuals.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([*([label] if label else []), *COLUMNS])
    for name, result in results.items():
        records = result.statement.records
        columns = (
            records.time_h,
            records.value,
            result.population_prediction,
            result.individual_prediction,
            iwres(result),
            cwres(result),
            _npde(result, seed),
        )
        for i, j in np.argwhere(records.observed):
            numbers = [number_text(float(c[i, j])) for c in columns]
            rows.writerow([*([name] if label else []), records.ids[i], *numbers])
    return out.getvalue()
