r"""Figures of an assay: standard curve, limits, precision, and how well two states part.

The line is fitted by least squares weighted with :math:`1/\mathrm{SD}^2`. Limits follow the
blank: the detected concentration is that of the blank's mean plus 3 SD over the slope, the
quantified one plus 10 SD [IUPAC95]_. :math:`Z' = 1 - 3(s_p + s_n)/|m_p - m_n|` [Zhang99]_.

References
----------
.. [IUPAC95] L.A. Currie, Pure Appl Chem 67, 1699 (1995), doi:10.1351/pac199567101699
.. [Zhang99] J.H. Zhang, T.D.Y. Chung, K.R. Oldenburg, J Biomol Screen 4, 67 (1999),
   doi:10.1177/108705719900400206
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["Assay", "StandardCurve", "assay_figures", "fit_line", "z_prime"]

LOD_SD, LLOQ_SD = 3.0, 10.0
LINEAR_SHARE = 0.95  # a standard belongs to the line while its inner filter keeps this share


@dataclass(frozen=True, slots=True)
class StandardCurve:
    """A fitted line."""

    slope: float
    intercept: float
    r2: float
    points: int


@dataclass(frozen=True, slots=True)
class Assay:
    """Figures of a plate; None where the plate does not hold what they need."""

    lod_nM: float | None
    lloq_nM: float | None
    slope_rfu_per_nM: float | None
    r2: float | None
    z_prime: float | None
    cv_percent: Floats
    curve: StandardCurve | None


def fit_line(conc_nM: Floats, rfu: Floats, sd_rfu: Floats) -> StandardCurve:
    """Fit signal against concentration.

    Parameters
    ----------
    conc_nM, rfu, sd_rfu : ndarray, shape (n,)
        SDs above 0.

    Raises
    ------
    DataError
        With fewer than two different concentrations, or an SD of 0.
    """
    if np.unique(conc_nM).size < 2:
        raise DataError("a standard curve needs two or more concentrations within the linear range")
    if np.any(sd_rfu <= 0.0):
        raise DataError("a standard curve weighs points by 1/SD^2: every SD must be above 0")
    weight = 1.0 / sd_rfu**2
    mean_x, mean_y = np.average(conc_nM, weights=weight), np.average(rfu, weights=weight)
    spread = np.sum(weight * (conc_nM - mean_x) ** 2)
    slope = float(np.sum(weight * (conc_nM - mean_x) * (rfu - mean_y)) / spread)
    intercept = float(mean_y - slope * mean_x)
    left = np.sum(weight * (rfu - slope * conc_nM - intercept) ** 2)
    whole = np.sum(weight * (rfu - mean_y) ** 2)
    return StandardCurve(slope, intercept, float(1.0 - left / whole), int(conc_nM.size))


def z_prime(positive: Floats, negative: Floats) -> float:
    """Z' of replicates of two controls, each of two or more wells.

    Raises
    ------
    DataError
        With fewer than two wells of one, or equal means.
    """
    if positive.size < 2 or negative.size < 2:
        raise DataError("Z' needs two or more wells of each control")
    apart = abs(float(positive.mean() - negative.mean()))
    if apart == 0.0:
        raise DataError("Z' of controls with equal means is not defined")
    return 1.0 - 3.0 * float(positive.std(ddof=1) + negative.std(ddof=1)) / apart


def assay_figures(
    conc_nM: Floats, rfu: Floats, keeps: Floats, saturated: NDArray[np.bool_]
) -> Assay:
    """Figures of a plate of standards.

    Parameters
    ----------
    conc_nM : ndarray, shape (wells,)
    rfu : ndarray, shape (wells, replicates)
    keeps : ndarray, shape (wells,)
        Share of signal that the inner filter leaves.
    saturated : ndarray of bool, shape (wells,)
        Wells whose reading is full.

    Returns
    -------
    Assay
        Z' compares the highest standard of the linear range with the blanks.
    """
    mean = rfu.mean(axis=1)
    sd = rfu.std(axis=1, ddof=1) if rfu.shape[1] > 1 else np.zeros(conc_nM.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(mean != 0.0, 100.0 * sd / np.abs(mean), np.nan)
    linear = (keeps >= LINEAR_SHARE) & ~saturated & (sd > 0.0)
    blank = conc_nM == 0.0
    curve = None
    if np.unique(conc_nM[linear]).size >= 2:
        curve = fit_line(conc_nM[linear], mean[linear], sd[linear])
    lod = lloq = parted = None
    if curve is not None and curve.slope > 0.0 and np.any(blank):
        values = rfu[blank].ravel()
        if values.size > 1:
            noise = float(values.std(ddof=1))
            lod, lloq = LOD_SD * noise / curve.slope, LLOQ_SD * noise / curve.slope
            top = conc_nM == conc_nM[linear].max()
            if rfu[top].size > 1 and conc_nM[linear].max() > 0.0:
                parted = z_prime(rfu[top].ravel(), values)
    return Assay(
        lod,
        lloq,
        None if curve is None else curve.slope,
        None if curve is None else curve.r2,
        parted,
        cv,
        curve,
    )
