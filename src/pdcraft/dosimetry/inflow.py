r"""What flows into a hollow organ: urine into the bladder, bile into the small intestine.

.. math:: u(t) = \sum_k c_k e^{-r_k t}

is the fraction of the administered carrier that enters per hour, without physical decay; decay is
added where the organ's activity is computed. Draws come first; times in h, rates in 1/h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError, KindError, PhysicsRangeError

__all__ = ["Inflow", "check_axes", "inflow_of_exponentials", "inflow_of_losses", "inflow_of_total"]

ROUNDING = 1e-7  # of the terms' sum: what cancellation leaves in sums of exponentials
PROBES = 160  # times at which a sum with negative terms is looked at


@dataclass(frozen=True, slots=True)
class Inflow:
    """Rate of entry as a sum of exponentials.

    Parameters
    ----------
    coefficients_per_h : ndarray, shape (..., terms)
        Fraction of the administered carrier per hour; single terms may be negative.
    rates_per_h : ndarray, shape (..., terms)
        Above zero wherever the coefficient is not zero.
    what : str
        Name for errors, for instance ``"urine"``.

    Raises
    ------
    PhysicsRangeError
        If something flows back, more than all is excreted, or a term never ends.
    """

    coefficients_per_h: Floats
    rates_per_h: Floats
    what: str = "excretion"

    def __post_init__(self) -> None:
        c, r = np.broadcast_arrays(
            np.atleast_1d(np.asarray(self.coefficients_per_h, dtype=float)),
            np.atleast_1d(np.asarray(self.rates_per_h, dtype=float)),
        )
        object.__setattr__(self, "coefficients_per_h", frozen(c, f"{self.what}: coefficients"))
        object.__setattr__(self, "rates_per_h", frozen(r, f"{self.what}: rates"))
        endless = (r <= 0) & (c != 0)
        if np.any(endless):
            raise PhysicsRangeError(
                f"{self.what}: an inflow of {c[endless][0]:g} per h that does not fall (rate "
                f"{r[endless][0]:g} per h); give every term a biological half-life"
            )
        total = self.fraction
        if np.any(total > 1 + ROUNDING):
            raise PhysicsRangeError(
                f"{self.what}: fractions sum to {total.max():.6g}; no more than 1 of what is "
                "administered can leave this way. Are they percent?"
            )
        self._refuse_backflow()

    def _refuse_backflow(self) -> None:
        c, r = self.coefficients_per_h, self.rates_per_h
        if np.all(c >= 0):
            return
        lowest, highest = r[c != 0].min(), r[c != 0].max()
        scale = np.abs(c).sum(axis=-1)
        for time in [0.0, *np.geomspace(1e-3 / highest, 40.0 / lowest, PROBES)]:
            rate = (c * np.exp(-r * time)).sum(axis=-1)
            if np.any(rate < -ROUNDING * scale):
                raise PhysicsRangeError(
                    f"{self.what}: {rate.min():.3g} of the carrier flows in per h at {time:.3g} h; "
                    "what was excreted does not come back: a cumulative curve must rise"
                )

    @property
    def fraction(self) -> Floats:
        """Fraction of the administered carrier that enters in the end, shape (...)."""
        flows = self.coefficients_per_h != 0
        safe = np.where(flows, self.rates_per_h, 1.0)
        return (self.coefficients_per_h / safe).sum(axis=-1)

    def entered_activity(self, decay_per_h: ArrayLike) -> Floats:
        """Fraction of the administered activity that is still there when it enters, shape (...)."""
        return (
            self.coefficients_per_h / (self.rates_per_h + np.asarray(decay_per_h)[..., None])
        ).sum(axis=-1)


def check_axes(what: str, shape: tuple[int, ...], inflow: Inflow) -> None:
    """Refuse values per draw beside an inflow per draw and subject: they would not match.

    Raises
    ------
    DataError
        If the numbers of axes differ and none is a single value.
    """
    flow = inflow.coefficients_per_h.shape[:-1]
    if len(shape) != len(flow) and np.prod(shape) > 1 and np.prod(flow) > 1:
        raise DataError(
            f"{what} has the axes {shape}, {inflow.what} has {flow}; give both (draw, subject), "
            "for instance values[:, None]"
        )


def inflow_of_exponentials(
    fraction: ArrayLike, half_life_h: ArrayLike, what: str = "excretion"
) -> Inflow:
    r"""Inflow of fractions that leave the body with biological half-lives.

    .. math:: u(t) = \sum_k f_k \frac{\ln 2}{T_k} e^{-\ln 2\, t / T_k}

    Parameters
    ----------
    fraction : array_like, shape (..., terms)
        Of the administered carrier, 0 to 1 each and together.
    half_life_h : array_like, shape (..., terms)
        Biological half-lives: without physical decay.
    what : str
        Name for errors.

    Raises
    ------
    PhysicsRangeError
        For negative fractions, a sum above 1, or half-lives that are not above zero.

    Examples
    --------
    >>> inflow_of_exponentials([0.06, 0.18], [0.2, 1.5]).fraction.round(12).tolist()
    0.24
    """
    f, half_life = np.asarray(fraction, dtype=float), np.asarray(half_life_h, dtype=float)
    some, ends = f >= 0, (half_life > 0) & np.isfinite(half_life)
    if not np.all(some):
        raise PhysicsRangeError(f"{what}: a fraction of {f[~some][0]:g}; give zero or more")
    if not np.all(ends):
        raise PhysicsRangeError(
            f"{what}: a biological half-life of {half_life[~ends][0]:g} h; it must be finite and "
            "above 0 h"
        )
    rate = np.log(2) / half_life
    return Inflow(np.atleast_1d(f * rate), np.atleast_1d(rate), what)


def inflow_of_losses(
    course: TimeCourse, region: str = "total_body", share: ArrayLike = 1.0
) -> Inflow:
    """Inflow of a share of all that leaves a region for good, from its retention curve.

    Parameters
    ----------
    course : TimeCourse
        Amount fraction without decay, as terms, with ``region`` in it.
    region : str
        Retention that falls only by this excretion; by default the whole body.
    share : array_like, shape (draw, subject) or less
        Share of the loss that goes this way, 0 to 1: urine and feces sum to 1.

    Returns
    -------
    Inflow
        Axes (draw, subject, term).

    Raises
    ------
    KindError
        If decay has entered or the course is sampled.
    PhysicsRangeError
        If the share is not from 0 to 1 or the retention rises.
    """
    c, r = _terms(course, region)
    part = np.asarray(share, dtype=float)
    if not np.all((part >= 0) & (part <= 1)):
        raise PhysicsRangeError(
            f"share of the loss of '{region}': {part.min():g} to {part.max():g}; give 0 to 1"
        )
    return Inflow(c * r * part[..., None], r, f"loss of '{region}'")


def inflow_of_total(course: TimeCourse, region: str) -> Inflow:
    """Inflow behind a cumulative curve, for instance of what a model has in its urine state.

    Parameters
    ----------
    course : TimeCourse
        Amount fraction without decay, as terms; ``region`` only gains.
    region : str

    Returns
    -------
    Inflow
        Axes (draw, subject, term).

    Raises
    ------
    KindError
        If decay has entered or the course is sampled.
    PhysicsRangeError
        If the curve falls.
    """
    c, r = _terms(course, region)
    return Inflow(-c * r, r, f"gain of '{region}'")


def _terms(course: TimeCourse, region: str) -> tuple[Floats, Floats]:
    if course.quantity.key != "amount_fraction":
        raise KindError(
            f"excretion takes an amount fraction without decay, not {course.quantity.name}; "
            "physical decay enters in the bladder or the bowel"
        )
    if course.coefficients is None or course.rates_per_h is None:
        raise KindError(
            "excretion takes a time course of exponential terms; for measured urine use collections"
        )
    index = index_of((name, ()) for name in course.regions)
    way_out = f"the time course has {', '.join(course.regions)}"
    i = course.regions.index(look_up("region of the time course", region, index, way_out))
    return course.coefficients[:, :, i], course.rates_per_h[:, :, i]
