r"""The channelized Hotelling observer: how well a known signal is told from a varying background.

.. math:: d'^2 = \Delta\bar v^T S^{-1} \Delta\bar v, \quad AUC = \Phi(d'/\sqrt2), \quad
    P_{det} = \Phi(d' - \Phi^{-1}(1 - FPR))

for channel outputs v of two classes with the pooled covariance S, normally distributed.

References
----------
.. [Bar04] H. H. Barrett, K. J. Myers, Foundations of Image Science, Wiley 2004, chapter 13
.. [And03] T. W. Anderson, An Introduction to Multivariate Statistical Analysis, 3rd ed., 2003,
   5.2: Hotelling's T² is a noncentral F, from which unbiased values and exact limits follow
.. [DeL88] E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44, 837 (1988)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = [
    "FALSE_POSITIVES",
    "FEWEST_IMAGES",
    "Detection",
    "Interval",
    "auc_of",
    "background_known",
    "channel_outputs",
    "judge",
    "observe",
    "p_detect_of",
    "wilcoxon_auc",
]

FALSE_POSITIVES = 0.05
FEWEST_IMAGES = 200  # of each class


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with 95% limits."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Detection:
    """How well a signal is found.

    Parameters
    ----------
    d_prime, auc, p_detect_at_fpr05 : Interval
        Of the observer who knows the channels' covariance; limits from the number of images.
    held_out_auc, held_out_std_err : float
        Of an observer trained on one half and tried on the other, both ways; no distribution is
        assumed. It trails `auc` by what training on half the images costs.
    images : int
        Of each class.
    """

    d_prime: Interval
    auc: Interval
    p_detect_at_fpr05: Interval
    held_out_auc: float
    held_out_std_err: float
    images: int


def channel_outputs(images: Floats, channels: Floats) -> Floats:
    """Take the outputs (n, p) of channels (p, ny, nx) on images (n, ny, nx)."""
    return np.tensordot(images, channels, axes=([1, 2], [1, 2]))


def observe(absent: Floats, present: Floats, channels: Floats) -> Detection:
    """Let the observer look at images without and with a signal.

    Parameters
    ----------
    absent, present : ndarray, shape (n, ny, nx)
        As many of each, 200 or more, all independent.
    channels : ndarray, shape (p, ny, nx)

    Raises
    ------
    DataError
        For fewer images, or another number of the two.
    """
    return judge(channel_outputs(absent, channels), channel_outputs(present, channels))


def judge(without: Floats, with_: Floats) -> Detection:
    """Judge by the channels' outputs (n, p) on images without and with a signal; see `observe`."""
    if len(without) != len(with_) or len(without) < FEWEST_IMAGES:
        raise DataError(
            f"an observer of {len(without)} and {len(with_)} images; {FEWEST_IMAGES} or more of "
            "each are wanted, as many with as without signal"
        )
    d_prime = _d_prime(without, with_)
    auc, detected = _carried(d_prime, auc_of), _carried(d_prime, p_detect_of)
    held, err = _held_out(without, with_)
    return Detection(d_prime, auc, detected, held, err, len(without))


def auc_of(d_prime: Floats | float) -> Floats:
    """Area under the ROC curve by d'."""
    from scipy.special import ndtr

    return np.asarray(ndtr(d_prime / np.sqrt(2.0)))


def p_detect_of(d_prime: Floats | float) -> Floats:
    """Probability of detection at 5% false positives by d'."""
    from scipy.special import ndtr, ndtri

    return np.asarray(ndtr(d_prime - ndtri(1.0 - FALSE_POSITIVES)))


def _carried(interval: Interval, rule: Callable[[float], Floats]) -> Interval:
    return Interval(*(float(rule(v)) for v in (interval.value, interval.low, interval.high)))


def _template(without: Floats, with_: Floats) -> Floats:
    pooled = 0.5 * (np.cov(without.T) + np.cov(with_.T))
    return np.linalg.solve(np.atleast_2d(pooled), with_.mean(axis=0) - without.mean(axis=0))


def _d_prime(without: Floats, with_: Floats) -> Interval:
    """Unbiased in the square, with exact limits from the noncentral F [And03]_."""
    from scipy.optimize import brentq
    from scipy.stats import f as central_f
    from scipy.stats import ncf

    n, p = without.shape
    free = 2 * n - 2
    pairs = n / 2.0  # n·n/(n+n)
    square = float((with_.mean(axis=0) - without.mean(axis=0)) @ _template(without, with_))
    unbiased = (free - p - 1) / free * square - p / pairs
    ratio = (free - p + 1) / (free * p) * pairs * square
    below = free - p + 1

    def limit(tail: float) -> float:
        if central_f.cdf(ratio, p, below) <= tail:  # even no signal at all is not refuted
            return 0.0
        top = pairs * (square + 1.0)
        while ncf.cdf(ratio, p, below, top) > tail:
            top *= 2.0
        shift: Any = brentq(lambda nc: ncf.cdf(ratio, p, below, nc) - tail, 0.0, top, xtol=1e-9)
        return float(np.sqrt(float(shift) / pairs))

    return Interval(float(np.sqrt(max(unbiased, 0.0))), limit(0.975), limit(0.025))


def wilcoxon_auc(without: Floats, with_: Floats) -> tuple[float, float]:
    """Share of pairs in the right order, and its standard error [DeL88]_.

    Parameters
    ----------
    without, with_ : ndarray, shape (n,), (m,)
        Scores. Ties count half.
    """
    won = (with_[:, None] > without[None, :]) + 0.5 * (with_[:, None] == without[None, :])
    by_with, by_without = won.mean(axis=1), won.mean(axis=0)
    variance = by_with.var(ddof=1) / with_.size + by_without.var(ddof=1) / without.size
    return float(won.mean()), float(np.sqrt(variance))


def _held_out(without: Floats, with_: Floats) -> tuple[float, float]:
    half = len(without) // 2
    parts = (slice(0, half), slice(half, None))
    both: list[tuple[float, float]] = []
    for trained, tried in (parts, parts[::-1]):
        look = _template(without[trained], with_[trained])
        both.append(wilcoxon_auc(without[tried] @ look, with_[tried] @ look))
    mean = 0.5 * (both[0][0] + both[1][0])
    return mean, 0.5 * float(np.hypot(both[0][1], both[1][1]))


def background_known(
    background_e: Floats, signal_e: Floats, noise_variance_e2: float
) -> tuple[float, float]:
    """Find d' and AUC if the background were known, only the camera's noise in the way.

    Parameters
    ----------
    background_e, signal_e : ndarray, shape (ny, nx)
        Expected electrons, and what the signal adds.
    noise_variance_e2 : float
        Of a pixel in the dark: dark current, read noise, rounding.

    Notes
    -----
    The matched filter in independent pixels; its variance is the mean of both classes'.
    """
    signal = np.asarray(signal_e, dtype=np.float64)
    variance = np.asarray(background_e) + 0.5 * signal + noise_variance_e2
    d_prime = float(np.sqrt((signal**2 / variance).sum()))
    return d_prime, float(auc_of(d_prime))
