r"""When a treated tumor has the fewest clonogens: the time up to which its BED counts.

While dose rate :math:`R` kills faster than clonogens grow, the BED less repopulation rises; its
slope is :math:`R\,(1 + 2q/(\alpha/\beta)) - \ln 2/(\alpha T_d)`, with the unrepaired dose q. The
time of its maximum is when control is decided [Dale96]_.

References
----------
.. [Dale96] R. G. Dale, Phys Med Biol 41, 1871 (1996), doi:10.1088/0031-9155/41/10/001
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError
from pdcraft.physics.incomplete_repair import unrepaired_before_terms_Gy
from pdcraft.physics.quadrature import gauss_legendre
from pdcraft.response.external_beam import Fractions
from pdcraft.response.irradiation import (
    products_at_knots,
    single_terms,
    unrepaired_fractions_Gy,
)
from pdcraft.response.sensitivity import Sensitivity

__all__ = ["fewest_cells_h"]

HOURS = 24.0
GRID = 80  # intervals after each start, longer with time
EARLIEST_SHARE = 1e-3  # of the longest mean life: the first interval's length
MEAN_LIVES = 25.0  # of the slowest term: e^-25 of its dose comes later
MOST_STARTS = 64
NODES = 2
BISECTIONS = 40


def fewest_cells_h(
    tissue: Sensitivity, rate: DoseRate | None = None, beam: Fractions | None = None
) -> Floats:
    """Time of the fewest clonogens, h, shape (...).

    Of exponential terms found between the points of a grid and refined by bisection; with a
    sampled dose rate one of its times. Without repopulation it is the end of what is looked at.

    Parameters
    ----------
    tissue : Sensitivity
    rate : DoseRate, optional
    beam : Fractions, optional
    """
    if rate is None:
        if beam is None:
            raise DataError("no irradiation: give a dose rate, external-beam fractions, or both")
        return _at_a_fraction(tissue, beam)
    if rate.is_sampled:
        return _at_a_sample(tissue, rate, beam)
    return _between(tissue, rate, beam)


def _growth(tissue: Sensitivity, times_h: Floats) -> Floats:
    """BED that repopulation has taken, shape (..., times)."""
    growing = np.maximum(times_h - HOURS * tissue.kick_off_d[..., None], 0.0)
    return (tissue.growth_per_h / tissue.alpha_per_Gy)[..., None] * growing


def _best(times_h: Floats, effect: Floats) -> Floats:
    return times_h[np.argmax(effect, axis=-1)]


def _at_a_fraction(tissue: Sensitivity, beam: Fractions) -> Floats:
    effect = np.zeros(())
    for mu, share in tissue.repair.parts():
        waiting = unrepaired_fractions_Gy(beam.dose_Gy, beam.at_h, mu)
        product = (beam.dose_Gy * (beam.dose_Gy + 2.0 * waiting)).cumsum(axis=-1)
        effect = effect + share[..., None] * product
    bed = beam.dose_Gy.cumsum(axis=-1) + effect / tissue.alpha_beta_Gy[..., None]
    return _best(beam.at_h, bed - _growth(tissue, beam.at_h))


def _at_a_sample(tissue: Sensitivity, rate: DoseRate, beam: Fractions | None) -> Floats:
    times, part = products_at_knots(tissue.repair, rate, beam)
    square = part.radionuclide_Gy2 + part.external_Gy2 + 2.0 * part.cross_Gy2
    bed = part.radionuclide_Gy + part.external_Gy + square / tissue.alpha_beta_Gy[..., None]
    return _best(times, bed - _growth(tissue, times))


def _between(tissue: Sensitivity, rate: DoseRate, beam: Fractions | None) -> Floats:
    times = _grid(rate, beam)
    slope = _Slope(tissue, rate, beam)
    nodes, weights = gauss_legendre(NODES)
    value = slope.jump(0.0)
    best, where = value, np.zeros(np.shape(value))
    for left, right in pairwise(times):
        half = 0.5 * (right - left)
        for node, weight in zip(nodes, weights, strict=True):
            value = value + half * weight * slope.at(left + half * (1.0 + node))
        value = value + slope.jump(right)
        better = value > best
        best, where = np.where(better, value, best), np.where(better, right, where)
    index = np.searchsorted(times, where)
    # the maximum lies beside the best point; at a fraction, which is a jump, not before it
    jumps = np.zeros(0) if beam is None else beam.at_h
    low = np.where(np.isin(where, jumps), where, times[np.maximum(index - 1, 0)])
    high = times[np.minimum(index + 1, times.size - 1)]
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        rising = slope.at(middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return low


def _grid(rate: DoseRate, beam: Fractions | None) -> Floats:
    _, r, at, _ = rate.terms
    life = 1.0 / float(r.min())
    since = np.geomspace(EARLIEST_SHARE * life, MEAN_LIVES * life, GRID)
    points = [np.zeros(1), np.zeros(0) if beam is None else beam.at_h]
    for start in np.unique(at)[:MOST_STARTS]:
        points.append(start + np.append(0.0, since))
    return np.unique(np.concatenate(points))


class _Slope:
    """Slope of BED less repopulation, Gy/h, and its jumps at fractions, Gy."""

    def __init__(self, tissue: Sensitivity, rate: DoseRate, beam: Fractions | None) -> None:
        self.tissue, self.beam = tissue, beam
        self.terms = single_terms(rate)
        self.growth = tissue.growth_per_h / tissue.alpha_per_Gy
        self.kick_off_h = HOURS * tissue.kick_off_d

    def at(self, time_h: Floats | float) -> Floats:
        """Slope at a time, shape (...), between fractions."""
        t = np.asarray(time_h, dtype=float)
        a, r, s = self.terms
        late = np.maximum(t[..., None] - s, 0.0)
        rate = np.where(t[..., None] >= s, a * np.exp(-r * late), 0.0).sum(axis=-1)
        kill = rate * (1.0 + 2.0 * self._unrepaired(t) / self.tissue.alpha_beta_Gy)
        return kill - np.where(t > self.kick_off_h, self.growth, 0.0)

    def jump(self, time_h: float) -> Floats:
        """Return what a fraction at exactly this time adds, shape (...)."""
        none = 0.0 * self.at(time_h)
        if self.beam is None or time_h not in self.beam.at_h:
            return none
        dose = self.beam.dose_Gy[..., int(np.searchsorted(self.beam.at_h, time_h))]
        waiting = self._unrepaired(np.asarray(time_h)) - dose
        return none + dose * (1.0 + (dose + 2.0 * waiting) / self.tissue.alpha_beta_Gy)

    def _unrepaired(self, t: Floats) -> Floats:
        """Dose that waits for repair just after a time, over the repair components."""
        out = np.zeros(())
        for mu, share in self.tissue.repair.parts():
            waiting = unrepaired_before_terms_Gy(*self.terms, mu, t)
            if self.beam is not None:
                since = t[..., None] - self.beam.at_h
                kept = np.exp(-mu[..., None] * np.maximum(since, 0.0))
                fractions = np.where(since >= 0, self.beam.dose_Gy * kept, 0.0)
                waiting = waiting + fractions.sum(axis=-1)
            out = out + share * waiting
        return out
