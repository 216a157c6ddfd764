r"""Patients from marginal tables and an explicit correlation assumption: a Gaussian copula.

Every attribute *k* of a patient is :math:`x_k = Q_k(\Phi(z_k) \mid \text{sex}, \text{age})`, with
its marginal's quantile function and scores :math:`z \sim N(0, R)`; R is one matrix a sex, read from
``populations.toml``, which says of every pair where it comes from; pairs that it does not list are
independent (assumed). Height, mass and kidneys depend on age through their tables alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.populations import (
    Anthropometry,
    PopulationTable,
    anthropometry,
    correlations,
    plausible,
    renal_by_age,
)
from pdcraft.response.population.attributes import DRAWN

__all__ = ["draw_attributes", "propose", "quantile"]

FURTHEST = 4.0  # scores beyond are drawn back: 6 in 100,000
OUTER = (2, -3)  # places of the percentiles whose distance to the last ones sets the tails' slope


def propose(said: PopulationTable, n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Draw `n` patients of a population before matching, columns of shape (n,)."""
    female = (rng.random(n) < said.female_share).astype(float)
    low, high = said.age_years
    age = low + (high - low) * rng.random(n)
    return draw_attributes(said, female, age, rng)


def draw_attributes(
    said: PopulationTable, female: ArrayLike, age_years: ArrayLike, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw everything else of patients whose sex and age are known.

    Returns
    -------
    dict of str to ndarray
        ``female``, ``age_years``, `DRAWN` and ``pretreated``. Attributes without a marginal in the
        population (infiltration, burden) are zero.
    """
    woman = np.asarray(female, dtype=float)
    age = np.asarray(age_years, dtype=float)
    scores = rng.standard_normal((woman.size, len(DRAWN)))
    male_R, female_R = correlations(DRAWN)
    root = {s: np.linalg.cholesky(R) for s, R in ((0.0, male_R), (1.0, female_R))}
    for sex, matrix in root.items():
        mine = woman == sex
        scores[mine] = scores[mine] @ matrix.T
    np.clip(scores, -FURTHEST, FURTHEST, out=scores)
    out = {"female": woman, "age_years": age}
    for i, name in enumerate(DRAWN):
        out[name] = _attribute(said, name, woman, age, scores[:, i])
    out["pretreated"] = np.full(woman.size, float(said.pretreated))
    return out


def quantile(table: Anthropometry, female: Floats, age_years: Floats, score: Floats) -> Floats:
    """Value at a normal score, of tabulated percentiles.

    Between percentiles the logarithm is linear in the score; beyond them it goes on with the slope
    between the outer ones.
    """
    out = np.empty(score.size)
    band = np.maximum(np.searchsorted(table.from_age, age_years, side="right") - 1, 0)
    for sex in (0, 1):
        for b in range(table.from_age.size):
            mine = (female == sex) & (band == b)
            if mine.any():
                out[mine] = _interpolated(table.percent[sex][b], table.value[sex][b], score[mine])
    return out


def _interpolated(percent: Floats, value: Floats, score: Floats) -> Floats:
    from scipy.special import ndtri

    z, logs = ndtri(percent / 100.0), np.log(value)
    inner = np.interp(score, z, logs)
    low, high = OUTER
    down = (logs[low] - logs[0]) / (z[low] - z[0])
    up = (logs[-1] - logs[high]) / (z[-1] - z[high])
    below, above = np.minimum(score - z[0], 0.0), np.maximum(score - z[-1], 0.0)
    return np.exp(inner + down * below + up * above)


def _attribute(
    said: PopulationTable, name: str, female: Floats, age: Floats, score: Floats
) -> Floats:
    if name in ("height_cm", "body_mass_kg"):
        value = quantile(anthropometry(name), female, age, score)
    elif name.startswith("egfr"):
        from_age, mean, log_sd = renal_by_age()
        band = np.maximum(np.searchsorted(from_age, age, side="right") - 1, 0)
        value = mean[band] * np.exp(log_sd * score - 0.5 * log_sd**2)
    elif name.endswith("_score"):
        return score
    elif name not in said.marginals:
        return np.zeros(score.size)
    else:
        row = said.marginals[name]
        median = row.median * np.where(female > 0, row.female_ratio, 1.0)
        if row.is_share:
            odds = median / (1.0 - median) * np.exp(row.sd * score)
            value = odds / (1.0 + odds)
        else:
            value = median * np.exp(row.sd * score)
    low, high = plausible()[name]
    return np.clip(value, low, high)
