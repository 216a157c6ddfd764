"""From activity or dose to the share of patients who respond: assumed, or fitted on one trial.

The priors of the link are assumed. One trial of an indication weighs the draws by the binomial
chance of its count; with these weights the others are predicted, exactly, as mixtures of binomials.
Which trial fits was written down before (``[link]`` in ``data/response/patient_evidence.toml``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import ConvergenceError
from pdcraft.response.patient_counts import (
    beta_binomial_pmf,
    binomial_mixture_pmf,
    central_interval,
    shifted_pmf,
    two_sided_p,
)
from pdcraft.response.patient_draws import PatientDraws, patient_draws, patient_indication
from pdcraft.response.patient_evidence import ResponseItem, item, links, response_items
from pdcraft.response.patient_hazards import chance_alive, chance_progression_free, hazard_draws
from pdcraft.response.patient_simulate import Regimen, best_responses, regimen_of

__all__ = ["CountPrediction", "Link", "fitted_link", "predict_counts", "response_probability"]

Label = Literal["assumed", "fitted", "predicted"]
LEAST_ESS = 50.0  # draws that a fit must leave


@dataclass(frozen=True, slots=True)
class Link:
    """Draws of one indication with the weights that its trial gives them.

    Parameters
    ----------
    who : PatientDraws
    item : ResponseItem
        That fitted it.
    codes : ndarray of int, shape (draw, subject)
        Best responses under the fitted trial's regimen.
    weight : ndarray, shape (draw,)
        Sum to 1.
    """

    who: PatientDraws
    item: ResponseItem
    codes: NDArray[np.intp]
    weight: Floats

    @property
    def effective_draws(self) -> float:
        """Draws that carry the weight."""
        return float(1.0 / np.square(self.weight).sum())

    def median_of_link(self, level: float = 0.95) -> tuple[float, float, float]:
        """Median and limits of the typical patient's link, after the fit."""
        order = np.argsort(self.who.link_median)
        below = np.cumsum(self.weight[order])
        tail = (1 - level) / 2
        low, middle, high = np.interp(
            [tail, 0.5, 1 - tail], below, self.who.link_median[order]
        ).tolist()
        return middle, low, high


@dataclass(frozen=True, slots=True)
class CountPrediction:
    """One published count beside its prediction.

    Parameters
    ----------
    item : ResponseItem
    label : {"fitted", "predicted", "assumed"}
        ``assumed`` where the outcome hangs on hazards that no trial has fitted.
    pmf : ndarray, shape (n + 1,)
        Of the count.
    low, high : int
        95 % limits.
    assumed_low, assumed_high : int
        The same before the fit.
    same_rate_low, same_rate_high : int or None
        If these patients respond as often as the fitted ones, without any model.
    p : float
        Two-sided chance of a count as far out.
    """

    item: ResponseItem
    label: Label
    pmf: Floats
    low: int
    high: int
    assumed_low: int
    assumed_high: int
    same_rate_low: int | None
    same_rate_high: int | None
    p: float

    @property
    def inside(self) -> bool:
        """Whether the published count lies within the limits."""
        return self.low <= self.item.counts[0] <= self.high


@cache
def fitted_link(indication: str, draws: int = 2000, subjects: int = 128, seed: int = 1) -> Link:
    """Fit the link of an indication on its one chosen trial.

    Raises
    ------
    DataError
        If no trial of this indication gave a count.
    ConvergenceError
        If the trial leaves too few draws: the priors do not reach it.
    """
    name = patient_indication(indication)
    row = item(links()[name].fit)
    who = patient_draws(name, draws, subjects, seed)
    codes = best_responses(who, regimen_of(row))
    k, n = row.counts
    chance = _likelihood(k, n, _share(who, codes, row.outcome))
    link = Link(who, row, codes, frozen(chance / chance.sum(), "weight"))
    if link.effective_draws < LEAST_ESS:
        raise ConvergenceError(
            f"{name}: {k} of {n} leaves {link.effective_draws:.0f} of {draws} draws; take more"
        )
    return link


def response_probability(
    indication: str, regimen: Regimen, category: str, *, fitted: bool = True
) -> tuple[Floats, Floats, Label]:
    """Chance that a patient's best response is a category or better, by draw.

    Parameters
    ----------
    indication : str
    regimen : Regimen
    category : str
    fitted : bool
        Weigh the draws by the indication's trial; otherwise the priors speak alone.

    Returns
    -------
    probability, weight : ndarray, shape (draw,)
    label : {"assumed", "predicted"}
    """
    link = fitted_link(indication)
    p = _share(link.who, best_responses(link.who, regimen), category)
    if not fitted:
        return p, np.full(p.size, 1.0 / p.size), "assumed"
    return p, link.weight, "predicted"


@cache
def predict_counts(
    indication: str, draws: int = 2000, subjects: int = 128, seed: int = 1
) -> tuple[CountPrediction, ...]:
    """Predict every usable count of an indication; the first is the fitted one itself."""
    link = fitted_link(indication, draws, subjects, seed)
    rows = [r for r in response_items() if r.indication == link.who.indication]
    out = [_predict(link, link.item)]
    out += [_predict(link, r) for r in rows if r.use == "predict"]
    return tuple(out)


def _predict(link: Link, row: ResponseItem) -> CountPrediction:
    even = np.full(link.weight.size, 1.0 / link.weight.size)
    pmf, before = (_pmf(link, row, w) for w in (link.weight, even))
    low, high = central_interval(pmf)
    assumed = central_interval(before)
    label: Label = "fitted" if row.use == "fit" else "predicted"
    same: tuple[int | None, int | None] = (None, None)
    if row.month is not None:
        label = "assumed"
    elif row.use == "predict" and row.outcome == link.item.outcome:
        same = central_interval(beta_binomial_pmf(row.counts[1], *link.item.counts))
    return CountPrediction(
        row, label, pmf, low, high, *assumed, *same, two_sided_p(pmf, row.counts[0])
    )


def _pmf(link: Link, row: ResponseItem, weight: Floats) -> Floats:
    """Chance of every count; what the fitted patients already told is not asked again."""
    _, n = row.counts
    codes = (
        link.codes
        if regimen_of(row) == regimen_of(link.item)
        else best_responses(link.who, regimen_of(row))
    )
    if row.month is not None:
        return binomial_mixture_pmf(n, _alive(link.who, codes, row), weight)
    p = _share(link.who, codes, row.outcome)
    if row.within is None or row.nested == "other":
        return binomial_mixture_pmf(n, p, weight)
    known, of = link.item.counts
    first = _share(link.who, link.codes, link.item.outcome)
    if row.nested == "subset":  # of those who have the fitted outcome, this many
        inside = np.divide(p, first, out=np.zeros_like(p), where=first > 0)
        return shifted_pmf(binomial_mixture_pmf(known, np.minimum(inside, 1.0), weight), 0, n)
    rest = 1.0 - first  # superset: all who have the fitted outcome, and some of the others
    outside = np.divide(p - first, rest, out=np.ones_like(p), where=rest > 0)
    return shifted_pmf(binomial_mixture_pmf(of - known, np.clip(outside, 0, 1), weight), known, n)


def _alive(who: PatientDraws, codes: NDArray[np.intp], row: ResponseItem) -> Floats:
    hazards = hazard_draws(who.rules.categories, who.draws)
    how = chance_alive if row.outcome == "alive" else chance_progression_free
    assert row.month is not None  # asked before
    by_category = how(hazards, row.month)
    return np.take_along_axis(by_category, codes, axis=1).mean(axis=1)


def _share(who: PatientDraws, codes: NDArray[np.intp], category: str) -> Floats:
    return (codes >= who.rules.code(category)).mean(axis=1)


def _likelihood(k: int, n: int, p: Floats) -> Floats:
    from scipy.stats import binom

    return np.asarray(binom.pmf(k, n, p))
