"""Population fit of one region's time-activity data: which curve, and draws of it.

Subjects measured several times follow one or two falling exponentials, or uptake and washout,
with log-normal parameters. The candidates are compared by Akaike's criterion with its correction
for few observations.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import quantity
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import ConvergenceError, DataError, PdcraftWarning
from pdcraft.kinetics.averaging import akaike_weights
from pdcraft.kinetics.observed import Observed
from pdcraft.kinetics.population.estimate_draws import draw_estimates
from pdcraft.kinetics.population.fit import fit
from pdcraft.kinetics.population.omega import Covariance
from pdcraft.kinetics.population.parameters import Parameter
from pdcraft.kinetics.population.records import Records, from_observations
from pdcraft.kinetics.population.residual import Residual
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.starts import exponential_guesses, pooled
from pdcraft.kinetics.population.structure import Exponentials, StructuralModel, UptakeWashout
from pdcraft.numerics.inputs import stream

__all__ = ["RegionPopulation", "fit_region_population"]

FEWEST_SUBJECTS = 3
# Spread is sought where it decides the integral: sizes and the rate that outlasts the others.
RANDOM: Mapping[str, tuple[str, ...]] = {
    "monoexponential": ("A1", "k1"),
    "biexponential": ("A1", "A2", "k2"),
    "uptake and washout": ("A", "k1"),
}


@dataclass(frozen=True, slots=True, eq=False)
class RegionPopulation:
    """The population fit of one region.

    Parameters
    ----------
    region, quantity : str
    fit : PopulationFit
        The candidate with the lowest corrected criterion.
    weights : mapping of model to float
        Akaike weights of the candidates that could be fitted.
    bic : mapping of model to float
    last_h : float
        Last time with a quantified value.
    refused : mapping of model to str
        Candidates that could not be fitted, and why.
    notes : tuple of str
    """

    region: str
    quantity: str
    fit: PopulationFit
    weights: Mapping[str, float]
    bic: Mapping[str, float]
    last_h: float
    refused: Mapping[str, str]
    notes: tuple[str, ...]

    def time_courses(
        self, n_draws: int, n_subjects: int, seed: int, draws: str
    ) -> tuple[TimeCourse, TimeCourse]:
        """Draws of the typical subject's curve and of new subjects' curves, without decay.

        The estimates are drawn from their covariance (knowledge). A subject keeps its place in
        the population over all draws, so that means over draws spread as subjects do.

        Parameters
        ----------
        n_draws, n_subjects : int
        seed : int
        draws : str
            Identity of the draw set.

        Returns
        -------
        tuple of TimeCourse
            Axes (n_draws, 1, 1, term) and (n_draws, n_subjects, 1, term).
        """
        rng = stream(seed, f"population/{self.region}/estimates")
        vectors = draw_estimates(self.fit, n_draws, rng)
        rng = stream(seed, f"population/{self.region}/subjects")
        statement = self.fit.statement
        values = statement.values(vectors)
        noise = rng.standard_normal((n_subjects, len(statement.random)))
        if n_subjects > 2:  # as spread as the population itself, not as a small sample of it
            noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
        eta = np.einsum("brc,sc->bsr", values.factor, noise)
        log = values.effect[:, None, :]
        typical = np.exp(log)
        deviation = np.zeros((n_draws, n_subjects, log.shape[-1]))
        deviation[..., statement.random] = eta
        return self._course(typical, draws), self._course(np.exp(log + deviation), draws)

    def _course(self, natural: Floats, draws: str) -> TimeCourse:
        coefficients, rates = _terms(self.fit.statement.model, natural)
        return TimeCourse(
            (self.region,),
            quantity(self.quantity),
            draws,
            coefficients=coefficients[:, :, None, :],
            rates_per_h=rates[:, :, None, :],
        )


def fit_region_population(
    curves: Sequence[Observed],
    *,
    covariance: Covariance = "diagonal",
    error: Residual = "proportional",
) -> RegionPopulation:
    """Fit the candidates to all subjects of a region and keep the best.

    Parameters
    ----------
    curves : sequence of Observed
        One per subject, design ``serial``. Values below quantification enter by their probability.
    covariance : {"diagonal", "full"}
    error : {"additive", "proportional", "combined"}

    Raises
    ------
    DataError
        For fewer than three subjects, or animals measured once each.
    ConvergenceError
        If no candidate could be fitted; every reason is named.
    """
    region, kind = curves[0].region, curves[0].quantity
    if len(curves) < FEWEST_SUBJECTS or curves[0].design != "serial":
        raise DataError(
            f"{region}: {len(curves)} subject(s) measured as {curves[0].design}; a population fit "
            f"needs {FEWEST_SUBJECTS} subjects, each measured several times; fit without it"
        )
    if all(c.censored.all() for c in curves):
        raise DataError(f"{region}: every value is below quantification; nothing to fit")
    records = from_observations(
        [c.subject for c in curves for _ in c.time_h],
        np.concatenate([c.time_h for c in curves]),
        np.concatenate([c.value for c in curves]),
        censored=np.concatenate([c.censored for c in curves]),
    )
    notes: dict[str, list[str]] = {}
    found: dict[str, PopulationFit] = {}
    refused: dict[str, str] = {}
    for model, guesses in _candidates(records):
        try:
            found[model.name], notes[model.name] = _fitted(
                model, guesses, records, covariance, error
            )
        except (ConvergenceError, DataError) as fault:
            refused[model.name] = str(fault)
    finite = {n: f for n, f in found.items() if np.isfinite(f.aicc)}
    if not finite:
        said = "; ".join(f"{n}: {why}" for n, why in refused.items())
        raise ConvergenceError(f"{region}: no population model could be fitted ({said})")
    weights = akaike_weights({n: f.aicc for n, f in finite.items()})
    best = max(weights, key=lambda n: weights[n])
    return RegionPopulation(
        region,
        kind,
        finite[best],
        weights,
        {n: f.bic for n, f in finite.items()},
        float(records.time_h[records.quantified].max()),
        refused,
        tuple(notes[best] + _remarks(records)),
    )


def _candidates(
    records: Records,
) -> list[tuple[StructuralModel, list[dict[str, float]]]]:
    early, late, fast, slow, top_h = exponential_guesses(records)
    hump = [
        {"A": 1.3 * (early + late), "k1": slow, "k2": rate}
        for rate in (fast, 3 / max(top_h, 0.1 / fast))
    ]
    two = [
        {"A1": early, "k1": fast * f, "A2": late, "k2": slow * s}
        for f in (1.0, 5.0)
        for s in (0.5, 1.0)
    ]
    return [
        (Exponentials(1), [{"A1": early + late, "k1": slow}, {"A1": late, "k1": slow}]),
        (Exponentials(2), two),
        (UptakeWashout(), hump),
    ]


def _fitted(
    model: StructuralModel,
    guesses: Sequence[Mapping[str, float]],
    records: Records,
    covariance: Covariance,
    error: Residual,
) -> tuple[PopulationFit, list[str]]:
    start = pooled(model, guesses, records)
    parameters = [Parameter(n, start[n], random=n in RANDOM[model.name]) for n in model.parameters]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PdcraftWarning)
        method = "laplace" if records.below.any() else "foce"
        out = fit(model, parameters, records, covariance=covariance, error=error, method=method)
    return out, [f"{model.name}: {w.message}" for w in caught]


def _remarks(records: Records) -> list[str]:
    if not records.below.any():
        return []
    return ["censored: values below quantification entered by their probability"]


def _terms(model: StructuralModel, natural: Floats) -> tuple[Floats, Floats]:
    """Coefficients and rates of the curve, shape (..., term)."""
    if isinstance(model, Exponentials):
        return natural[..., 0::2], natural[..., 1::2]
    size, washout, more = (natural[..., i] for i in range(3))
    return np.stack([size, -size], axis=-1), np.stack([washout, washout + more], axis=-1)
