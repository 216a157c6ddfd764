r"""Dose rates of an arm in draws, for the models of the response.

The course comes from the regions' time courses, at the masses of the table; its height is set in
every draw so that it integrates to that draw's dose coefficient, which has the spread of masses:

.. math:: R(t) = \sum_n A_n\, d\, \frac{r(t - s_n)}{\int_0^\infty r\,dt}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.study.dosimetry.organ_rows import OrganResult

__all__ = ["BolusRates", "bolus_rates", "height_of", "sampled_h"]

POINTS = 36
EARLIEST_h = 0.5
HALF_LIVES = 12.0  # physical ones after a bolus: less than 3e-4 of the dose is later
JUST_BEFORE_h = 1e-3  # an administration: the curve has a step there
GRAY_PER_mGy = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class BolusRates:
    """Dose rates after one bolus of 1 MBq.

    Parameters
    ----------
    since_h : ndarray, shape (times,)
    Gy_per_h : mapping of str to ndarray, shape (draws, times)
        By region, per MBq.
    """

    since_h: Floats
    Gy_per_h: Mapping[str, Floats]

    def of_arm(
        self, region: str, starts_h: Sequence[float], given_MBq: Sequence[float]
    ) -> DoseRate:
        """Dose rate of a region after several administrations, shape (draws,)."""
        one = DoseRate.sampled(self.since_h, self.Gy_per_h[region])
        steps = [s - JUST_BEFORE_h for s in starts_h if s > JUST_BEFORE_h]
        times = np.unique(np.concatenate([[0.0, *steps], *(s + self.since_h for s in starts_h)]))
        # at(0) stands at the start itself: what rounding moves before it would be lost
        since = [np.where(np.abs(times - s) < 1e-9, 0.0, times - s) for s in starts_h]
        total = sum(a * one.at(t) for a, t in zip(given_MBq, since, strict=True))
        return DoseRate.sampled(times, total)


def sampled_h(half_life_h: float) -> Floats:
    """Hours after a bolus at which a curve with this physical half-life is sampled."""
    end = HALF_LIVES * half_life_h
    return np.append(0.0, np.geomspace(min(EARLIEST_h, end / 1000.0), end, POINTS))


def height_of(since_h: Floats, curve: Floats, wanted: Floats) -> Floats:
    """Return factors that give sampled curves a wanted integral, 0 for curves without any.

    Parameters
    ----------
    since_h : ndarray, shape (times,)
    curve : ndarray, shape (..., times)
    wanted : ndarray, shape (...)
    """
    area = np.sum(0.5 * (curve[..., 1:] + curve[..., :-1]) * np.diff(since_h), axis=-1)
    return np.divide(wanted, area, out=np.zeros_like(area), where=area > 0)


def bolus_rates(organs: OrganResult, regions: Sequence[str], half_life_h: float) -> BolusRates:
    """Take dose rates of some regions, with each draw's dose coefficient as their integral.

    Parameters
    ----------
    organs : OrganResult
    regions : sequence of str
    half_life_h : float
        Physical.
    """
    since = sampled_h(half_life_h)
    raw = organs.rates_mGy_per_MBq_h(regions, since)
    wanted = np.stack([organs.regions[r].mGy_per_MBq for r in regions], axis=1)
    scaled = GRAY_PER_mGy * height_of(since, raw, wanted)[..., None] * raw
    return BolusRates(since, {region: scaled[:, i] for i, region in enumerate(regions)})
