r"""Doses of a radionuclide and of external beam, and the products that incomplete repair leaves.

Independent of α/β: with the absorbed doses D of both and the double integrals S of the
radionuclide, S of the fractions and C between them (Gy²), the effect is
:math:`\alpha (D_r + D_x) + \beta (S_r + S_x + 2 C)`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError
from pdcraft.physics.incomplete_repair import (
    integral_of_samples_decaying_Gy,
    square_of_samples_Gy2,
    square_of_terms_Gy2,
    square_until_Gy2,
    unrepaired_after_terms_Gy,
    unrepaired_before_samples_Gy,
    unrepaired_before_terms_Gy,
)
from pdcraft.response.external_beam import Fractions
from pdcraft.response.sensitivity import Repair

__all__ = ["Products", "products", "products_at_knots", "single_terms", "unrepaired_fractions_Gy"]


@dataclass(frozen=True, slots=True)
class Products:
    """Doses, Gy, and their double integrals, Gy², up to a time; shapes (...)."""

    radionuclide_Gy: Floats
    radionuclide_Gy2: Floats
    external_Gy: Floats
    external_Gy2: Floats
    cross_Gy2: Floats

    @property
    def lea_catcheside_G(self) -> Floats:
        """Factor G of the radionuclide alone; 0 without dose."""
        square = np.asarray(self.radionuclide_Gy**2 + 0.0 * self.radionuclide_Gy2)
        return np.divide(self.radionuclide_Gy2, square, out=np.zeros_like(square), where=square > 0)


def products(
    repair: Repair,
    rate: DoseRate | None = None,
    beam: Fractions | None = None,
    until_h: Floats | None = None,
) -> Products:
    """Doses and double integrals of a radionuclide, of fractions and between both.

    Parameters
    ----------
    repair : Repair
    rate : DoseRate, optional
    beam : Fractions, optional
        One of the two at least.
    until_h : ndarray, shape (...), optional
        What comes later does not count; all does if not given.

    Raises
    ------
    DataError
        Without any irradiation.
    """
    if rate is None and beam is None:
        raise DataError("no irradiation: give a dose rate, external-beam fractions, or both")
    if rate is not None and rate.is_sampled:
        return _of_samples(repair, rate, beam, until_h)
    return _of_terms(repair, rate, beam, until_h)


def unrepaired_fractions_Gy(dose_Gy: Floats, at_h: Floats, repair_per_h: Floats) -> Floats:
    """Dose of former fractions that waits for repair at each fraction, shape (..., fractions)."""
    shape = np.broadcast_shapes(dose_Gy.shape[:-1], np.shape(repair_per_h))
    out = np.zeros((*shape, at_h.size))
    for k, pause in enumerate(np.diff(at_h)):
        kept = np.exp(-repair_per_h * pause)
        out[..., k + 1] = kept * (out[..., k] + dose_Gy[..., k])
    return out


def single_terms(rate: DoseRate) -> tuple[Floats, Floats, Floats]:
    """Amplitudes, rates and starts of every term of every administration, shape (..., terms)."""
    a, r, at, m = rate.terms
    amplitude = m[..., :, None] * a[..., None, :]
    rates = np.broadcast_to(r[..., None, :], amplitude.shape)
    starts = np.broadcast_to(at[..., :, None], amplitude.shape)
    flat = (*amplitude.shape[:-2], amplitude.shape[-2] * amplitude.shape[-1])
    return amplitude.reshape(flat), rates.reshape(flat), starts.reshape(flat)


# -- terms ---------------------------------------------------------------------------------------


def _of_terms(
    repair: Repair, rate: DoseRate | None, beam: Fractions | None, until_h: Floats | None
) -> Products:
    zero = np.zeros(())
    end = np.inf if until_h is None else until_h
    terms = None if rate is None else single_terms(rate)
    given = None if beam is None else _given(beam, end)
    square, external, cross = zero, zero, zero
    for mu, share in repair.parts():
        if terms is not None and until_h is None:
            square = square + share * square_of_terms_Gy2(*terms, mu)
        elif terms is not None:
            square = square + share * square_until_Gy2(*terms, mu, end)
        if beam is not None and given is not None:
            waiting = unrepaired_fractions_Gy(given, beam.at_h, mu)
            external = external + share * (given * (given + 2.0 * waiting)).sum(axis=-1)
            if terms is not None:
                around = _around(terms, beam.at_h, mu, until_h)
                cross = cross + share * (given * around).sum(axis=-1)
    return Products(
        zero if terms is None else _dose_until(terms, end),
        np.asarray(square),
        zero if given is None else given.sum(axis=-1),
        np.asarray(external),
        np.asarray(cross),
    )


def _dose_until(terms: tuple[Floats, Floats, Floats], until_h: Floats | float) -> Floats:
    a, r, s = terms
    given = np.maximum(np.asarray(until_h)[..., None] - s, 0.0)
    return (a / r * -np.expm1(-r * given)).sum(axis=-1)


def _given(beam: Fractions, until_h: Floats | float) -> Floats:
    return np.where(beam.at_h <= np.asarray(until_h)[..., None], beam.dose_Gy, 0.0)


def _around(
    terms: tuple[Floats, Floats, Floats], at_h: Floats, mu: Floats, until_h: Floats | None
) -> Floats:
    """Radionuclide dose before and after each fraction, as far as repair leaves it."""
    a, r, s = (v[..., None, :] for v in terms)
    kept = np.asarray(mu)[..., None]
    before = unrepaired_before_terms_Gy(a, r, s, kept, at_h)
    after = unrepaired_after_terms_Gy(a, r, s, kept, at_h)
    if until_h is not None:
        end = np.asarray(until_h)[..., None]
        beyond = unrepaired_after_terms_Gy(a, r, s, kept, end)
        after = after - np.exp(-kept * np.maximum(end - at_h, 0.0)) * beyond
    return before + after


# -- samples -------------------------------------------------------------------------------------


def products_at_knots(
    repair: Repair, rate: DoseRate, beam: Fractions | None = None, extra_h: Floats | None = None
) -> tuple[Floats, Products]:
    """Doses and double integrals until each sample, fraction and further time.

    Parameters
    ----------
    repair : Repair
    rate : DoseRate
        Sampled.
    beam : Fractions, optional
    extra_h : ndarray, shape (times,), optional

    Returns
    -------
    time_h : ndarray, shape (knots,)
    products : Products
        Of shape (..., knots).
    """
    time, _ = rate.samples
    extra = np.zeros(0) if extra_h is None else extra_h
    fractions = np.zeros(0) if beam is None else beam.at_h
    knots = np.unique(np.concatenate([time, fractions, extra]))
    value, dose = rate.at(knots), rate.over(knots)
    zero = np.zeros(knots.size)
    square, external, cross, given = zero, zero, zero, zero
    jumps = zero
    if beam is not None:
        jumps = np.zeros((*beam.dose_Gy.shape[:-1], knots.size))
        jumps[..., np.searchsorted(knots, beam.at_h)] = beam.dose_Gy
        given = jumps.cumsum(axis=-1)
    for mu, share in repair.parts():
        part = share[..., None]
        square = square + part * square_of_samples_Gy2(knots, value, mu)
        if beam is not None:
            waiting = unrepaired_fractions_Gy(jumps, knots, mu)
            external = external + part * (jumps * (jumps + 2.0 * waiting)).cumsum(axis=-1)
            before = unrepaired_before_samples_Gy(knots, value, mu)
            meets = integral_of_samples_decaying_Gy(knots, value, mu)
            later = np.zeros(np.broadcast_shapes(meets.shape, (waiting + jumps).shape))
            later[..., 1:] = ((waiting + jumps)[..., :-1] * meets[..., 1:]).cumsum(axis=-1)
            cross = cross + part * ((jumps * before).cumsum(axis=-1) + later)
    return knots, Products(dose, square, given, external, cross)


def _of_samples(
    repair: Repair, rate: DoseRate, beam: Fractions | None, until_h: Floats | None
) -> Products:
    if until_h is None:
        _, whole = products_at_knots(repair, rate, beam)
        return Products(*(getattr(whole, f.name)[..., -1] for f in fields(Products)))
    times, courses = products_at_knots(repair, rate, beam, np.unique(until_h))
    index = np.asarray(np.searchsorted(times, until_h))
    return Products(*(_pick(getattr(courses, f.name), index) for f in fields(Products)))


def _pick(course: Floats, index: NDArray[np.intp]) -> Floats:
    """Value of each subject at its own knot."""
    if index.ndim == 0:
        return course[..., int(index)]
    shape = np.broadcast_shapes(course.shape[:-1], index.shape)
    whole = np.broadcast_to(course, (*shape, course.shape[-1]))
    return np.take_along_axis(whole, np.broadcast_to(index, shape)[..., None], axis=-1)[..., 0]
