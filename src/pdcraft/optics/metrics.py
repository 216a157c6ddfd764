"""Contrast of a target against its background, in vivo and ex vivo, which are never compared.

After the dark level is taken off: target-to-background ratio TBR = mean(T)/mean(B); contrast =
TBR - 1; contrast-to-noise ratio CNR = (mean(T) - mean(B)) / SD of the pixels in B; limits of
detection and quantitation at CNR 3 and 10.

References
----------
.. [Pog18] B. W. Pogue et al., Mol Imaging Biol 21, 25 (2019): the choice of the background decides
   on a contrast; so the regions' rules stay with the numbers
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, KindError
from pdcraft.optics.roi import RegionSignal

__all__ = [
    "CNR_DETECTED",
    "CNR_QUANTIFIED",
    "DetectionLimits",
    "ExVivoRatio",
    "InVivoContrast",
    "detection_limits",
    "ex_vivo_ratio",
    "in_vivo_contrast",
    "ratio_of",
]

CNR_DETECTED = 3.0
CNR_QUANTIFIED = 10.0
SATURATED_AT_MOST = 0.01  # of a region's pixels: a hot pixel is forgiven, a clipped region is not


@dataclass(frozen=True, slots=True)
class InVivoContrast:
    """A target in the scene against a background of the same image.

    Parameters
    ----------
    target, background : RegionSignal
    tbr, contrast, cnr : float or None
        None where the background has no signal, or no spread.
    """

    target: RegionSignal
    background: RegionSignal
    tbr: float | None
    contrast: float | None
    cnr: float | None


@dataclass(frozen=True, slots=True)
class ExVivoRatio:
    """Tumor against normal tissue, both excised and laid out: no tissue over or around them."""

    tumor: RegionSignal
    normal: RegionSignal
    tumor_to_normal: float | None


def _usable(*regions: RegionSignal) -> None:
    for region in regions:
        if region.saturated_fraction > SATURATED_AT_MOST:
            raise DataError(
                f"region '{region.name}': {region.saturated_fraction:.0%} of its pixels are "
                f"saturated, at most {SATURATED_AT_MOST:.0%} may be; shorten the exposure or widen "
                "the f-number"
            )


def _ratio(above: float, below: float) -> float | None:
    return above / below if below > 0 else None


def in_vivo_contrast(target: RegionSignal, background: RegionSignal) -> InVivoContrast:
    """Compare a target with its background.

    Raises
    ------
    DataError
        If more than 1% of a region's pixels are saturated, or the roles are not those of a target
        and a background.
    """
    _usable(target, background)
    if (target.role, background.role) != ("target", "background"):
        raise DataError(
            f"contrast of '{target.name}' ({target.role}) against '{background.name}' "
            f"({background.role}); it takes a target and a background"
        )
    tbr = _ratio(target.mean_e, background.mean_e)
    contrast = None if tbr is None else (target.mean_e - background.mean_e) / background.mean_e
    cnr = _ratio(target.mean_e - background.mean_e, background.sd_e)
    return InVivoContrast(target, background, tbr, contrast, cnr)


def ex_vivo_ratio(tumor: RegionSignal, normal: RegionSignal) -> ExVivoRatio:
    """Compare excised tumor with excised normal tissue.

    Raises
    ------
    DataError
        If more than 1% of a region's pixels are saturated.
    """
    _usable(tumor, normal)
    return ExVivoRatio(tumor, normal, _ratio(tumor.mean_e, normal.mean_e))


def ratio_of(
    first: InVivoContrast | ExVivoRatio, second: InVivoContrast | ExVivoRatio
) -> float | None:
    """Ratio of two contrasts of one kind.

    Raises
    ------
    KindError
        For a ratio of excised tissue against one in the body.
    """
    if isinstance(first, InVivoContrast) and isinstance(second, InVivoContrast):
        pair = first.tbr, second.tbr
    elif isinstance(first, ExVivoRatio) and isinstance(second, ExVivoRatio):
        pair = first.tumor_to_normal, second.tumor_to_normal
    else:
        raise KindError(
            "a tumor-to-normal ratio of excised tissue is no target-to-background ratio in the "
            "body: tissue above and around the target is missing from it; compute both one way"
        )
    return None if pair[0] is None or pair[1] is None else _ratio(pair[0], pair[1])


@dataclass(frozen=True, slots=True)
class DetectionLimits:
    """Concentrations that a background's spread allows to detect and to quantify.

    Parameters
    ----------
    slope_e_per_nM, intercept_e : float
        Of the straight line through the signals.
    lod_nM, loq_nM : float
        At CNR 3 and 10.
    lod_std_err_nM, loq_std_err_nM : float
        From the scatter about the line; None with two points only.
    r2 : float
    """

    slope_e_per_nM: float
    intercept_e: float
    lod_nM: float
    loq_nM: float
    lod_std_err_nM: float | None
    loq_std_err_nM: float | None
    r2: float


def detection_limits(
    conc_nM: Sequence[float] | Floats, mean_e: Sequence[float] | Floats, background_sd_e: float
) -> DetectionLimits:
    """Limits of detection (CNR 3) and quantitation (CNR 10) of a dilution series.

    Parameters
    ----------
    conc_nM, mean_e : array_like, shape (n,)
        Concentrations and mean signals, two or more, in the linear range.
    background_sd_e : float
        SD of the background's pixels.

    Raises
    ------
    DataError
        For one point, equal concentrations, or a signal that does not rise.
    """
    x, y = np.asarray(conc_nM, dtype=np.float64), np.asarray(mean_e, dtype=np.float64)
    if x.shape != y.shape or x.size < 2 or np.ptp(x) == 0:
        raise DataError(
            f"limits need signals at two concentrations or more, got {x.size} and {y.size} values"
        )
    spread = float(np.square(x - x.mean()).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    if slope <= 0:
        raise DataError(f"the signal does not rise with concentration ({slope:g} e/nM): no limit")
    intercept = float(y.mean() - slope * x.mean())
    left = float(np.square(y - intercept - slope * x).sum())
    rel = None if x.size < 3 else float(np.sqrt(left / (x.size - 2) / spread)) / slope
    lod, loq = (cnr * background_sd_e / slope for cnr in (CNR_DETECTED, CNR_QUANTIFIED))
    return DetectionLimits(
        slope_e_per_nM=slope,
        intercept_e=intercept,
        lod_nM=lod,
        loq_nM=loq,
        lod_std_err_nM=None if rel is None else lod * rel,
        loq_std_err_nM=None if rel is None else loq * rel,
        r2=1.0 - left / float(np.square(y - y.mean()).sum()),
    )
