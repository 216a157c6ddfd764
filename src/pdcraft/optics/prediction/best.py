r"""Best of several times: the largest detectability among those that the rules admit.

The observer takes :math:`\bar T - \bar B`, the difference of two regions' means, in a background
that varies as its tissue's prior says:

.. math:: d' = \frac{t - b}{\sqrt{\sigma_t^2/N_t + \sigma_b^2/N_b
   + \sum_k (s_k b_k)^2\, w^\mathsf{T} K(\ell_k)\, w}}

with electrons a pixel *t* and *b*, temporal noise :math:`\sigma` of a pixel, the part :math:`b_k`
of the background that varies by :math:`s_k` over the length :math:`\ell_k` (uptake,
autofluorescence, blood), *w* the weights of the pixels (:math:`1/N_t` and :math:`-1/N_b`) and
:math:`K = \exp(-r^2/2\ell^2)`. Unlike CNR it knows how large the regions are and that background
varies smoothly; the observer of `pdcraft.optics.detection` is trained on images instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.best_time import BestChoice, best_choice
from pdcraft.optics.camera.readout import noise_sd_electrons
from pdcraft.optics.prediction.detect import background_of
from pdcraft.optics.prediction.frame import Frame
from pdcraft.optics.prediction.numbers import ROI_KEYS, pair_column
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.target import find_target
from pdcraft.optics.roi import Mask
from pdcraft.optics.safety import LightSafety

__all__ = ["best_time", "d_prime", "difference_variance"]

MOST_POINTS = 600  # pixels of a region that stand for all of it
ELECTRONS, OWN = ROI_KEYS.index("electrons_per_pixel"), ROI_KEYS.index("electrons_autofluorescence")
LEAK, ROOM = ROI_KEYS.index("electrons_leak"), ROI_KEYS.index("electrons_ambient")


def best_time(setup: Setup, frames: Sequence[Frame], safety: LightSafety) -> BestChoice | None:
    """Time of the largest d' of the first pair, TBR at least 1.5, light not above its limit.

    Returns
    -------
    BestChoice or None
        None for one time, or without a target and a background.
    """
    timed = [f for f in frames if f.time_h is not None]
    if len(timed) < 2 or not setup.pairs:
        return None
    rows = [f.values[None] if f.draws is None else f.draws for f in timed]
    at = pair_column(len(setup.masks), 0, "tbr")
    around = _around(setup, timed[0].conc_nM)
    score = np.array([d_prime(setup, values, around) for values in rows]).T
    times = [float(f.time_h) for f in timed if f.time_h is not None]
    ratio = np.array([values[:, at] for values in rows]).T
    return best_choice(times, score, ratio, safety.status != "above", criterion="d_prime")


def d_prime(setup: Setup, values: Floats, around: int) -> Floats:
    """Compute the detectability of the first target against the first background.

    Parameters
    ----------
    values : ndarray, shape (n, numbers)
        In the order of `numbers.frame_numbers`.
    around : int
        Label of the tissue by whose prior the background varies.

    Returns
    -------
    ndarray, shape (n,)
    """
    target, background = setup.pairs[0]
    each = values[:, : len(ROI_KEYS) * len(setup.masks)].reshape(len(values), -1, len(ROI_KEYS))
    t, b = each[:, target, ELECTRONS], each[:, background, ELECTRONS]
    own = each[:, background, OWN]
    dye = b - own - each[:, background, LEAK] - each[:, background, ROOM]
    masks = setup.masks[target], setup.masks[background]
    noise = sum(
        np.asarray(noise_sd_electrons(setup.camera, light)) ** 2 / mask.sum()
        for light, mask in zip((t, b), masks, strict=True)
    )
    _, prior = background_of(setup, around)
    blood = prior.blood_exponent * prior.blood_sd
    variance = noise
    for part, sd, length in (
        (dye, prior.uptake_sd, prior.uptake_mm),
        (own, prior.autofluorescence_sd, prior.autofluorescence_mm),
        (dye + own, blood, prior.blood_mm),
    ):
        variance = variance + (sd * part) ** 2 * difference_variance(setup, *masks, length)
    return np.where(variance > 0.0, (t - b) / np.sqrt(np.where(variance > 0.0, variance, 1.0)), 0.0)


def difference_variance(setup: Setup, target: Mask, background: Mask, length_mm: float) -> float:
    """Variance of the difference of two regions' means in a field of variance 1.

    Parameters
    ----------
    length_mm : float
        Length l of the field's correlation exp(-r²/(2 l²)).
    """
    points, weights = [], []
    x, y = setup.camera.centers_mm()
    for mask, sign in ((target, 1.0), (background, -1.0)):
        row, column = np.nonzero(mask)
        some = np.unique(np.linspace(0, row.size - 1, min(row.size, MOST_POINTS)).astype(int))
        points.append(np.stack([x[column[some]], y[row[some]]], axis=1))
        weights.append(np.full(some.size, sign / some.size))
    at, w = np.concatenate(points), np.concatenate(weights)
    r2 = np.sum((at[:, None] - at[None]) ** 2, axis=2)
    return float(max(w @ np.exp(-0.5 * r2 / length_mm**2) @ w, 0.0))


def _around(setup: Setup, conc_nM: Mapping[str, float]) -> int:
    """Label around the target; without a target the largest region."""
    target = find_target(setup, conc_nM)
    if target is not None:
        return target.around
    return int(np.argmax(np.bincount(setup.domain.labels.ravel())[1:])) + 1
