"""Population fit of a biodistribution file, as ``pdcraft fit --population`` prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from pdcraft.core.estimate import summarize
from pdcraft.data.nuclides import half_life_h, nuclide_name
from pdcraft.errors import ConvergenceError, DataError, Problem
from pdcraft.io.biodist import Biodistribution
from pdcraft.kinetics.document import TIAC_KEYS, document, region_entry
from pdcraft.kinetics.options import one_of
from pdcraft.kinetics.population.checks import diagnostics, fixed_effects, shrinkage
from pdcraft.kinetics.population.diagnostics import epsilon_shrinkage
from pdcraft.kinetics.population.omega import Covariance
from pdcraft.kinetics.population.regions import RegionPopulation, fit_region_population
from pdcraft.kinetics.population.residual import Residual
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.read_curves import measured_nuclide, read_curves
from pdcraft.kinetics.tiac import extrapolated_share, integrals

__all__ = ["BiodistPopulation", "fit_biodist", "fit_regions"]

NEW_SUBJECTS = 200  # per draw: the 2.5 % point of the spread rests on five of them


@dataclass(frozen=True, slots=True, eq=False)
class BiodistPopulation:
    """Population fits of all regions of a file.

    Parameters
    ----------
    payload, measured_with : str
        Nuclide of the coefficients, and nuclide that was measured.
    half_life_h : float
        Of the payload.
    covariance, error : str
    regions : tuple of RegionPopulation
    """

    payload: str
    measured_with: str
    half_life_h: float
    covariance: Covariance
    error: Residual
    regions: tuple[RegionPopulation, ...]

    @property
    def fits(self) -> dict[str, PopulationFit]:
        """Fits by region."""
        return {r.region: r.fit for r in self.regions}

    def document(self, *, seed: int = 1, draws: int = 1000) -> dict[str, Any]:
        """Give the JSON document ``pdcraft.fit/1``.

        ``tiac_*`` is the typical subject's, with the spread of what is not known; ``population``
        is the spread between subjects and ``predictive`` both, for one new subject.
        """
        methods = {r.fit.method for r in self.regions}
        return document(
            payload=self.payload,
            measured_with=self.measured_with,
            half_life_h=self.half_life_h,
            tail="fitted",
            draws=draws,
            method="population/" + "+".join(sorted(methods)),
            covariance=self.covariance,
            error_model=self.error,
            regions={r.region: _entry(r, self.half_life_h, seed, draws) for r in self.regions},
        )


def fit_biodist(
    data: Biodistribution, payload: str, *, seed: int = 1, draws: int = 1000, **options: Any
) -> dict[str, Any]:
    """Fit every region over all subjects and give the document; options as in `fit_regions`."""
    return fit_regions(data, payload, **options).document(seed=seed, draws=draws)


def fit_regions(
    data: Biodistribution,
    payload: str,
    *,
    measured_with: str | None = None,
    body_mass_g: float | None = None,
    administered_MBq: float | None = None,
    covariance: Covariance = "diagonal",
    error: Residual = "proportional",
) -> BiodistPopulation:
    """Fit every region over all subjects.

    Parameters
    ----------
    data : Biodistribution
    payload : str
        Nuclide whose coefficients are wanted.
    measured_with : str, optional
        Nuclide that was measured, where the file does not say it; default: the payload.
    body_mass_g, administered_MBq : float, optional
        Needed for SUV, and for MBq and MBq/mL.
    covariance : {"diagonal", "full"}
    error : {"additive", "proportional", "combined"}

    Raises
    ------
    DataError
        With every region that cannot be read or fitted.
    """
    one_of("covariance", covariance, get_args(Covariance))
    one_of("error", error, get_args(Residual))
    name, half_life = nuclide_name(payload), half_life_h(payload)
    told = measured_with or payload
    curves = read_curves(data, told, body_mass_g, administered_MBq)
    faults: list[Problem] = []
    regions: list[RegionPopulation] = []
    for each in curves:
        try:
            regions.append(fit_region_population(each, covariance=covariance, error=error))
        except (DataError, ConvergenceError) as fault:
            faults.append(Problem(str(fault), data.file, key=each[0].region))
    if faults:
        raise DataError(faults)
    measured = measured_nuclide(data, told)
    return BiodistPopulation(name, measured, half_life, covariance, error, tuple(regions))


def _entry(found: RegionPopulation, half_life: float, seed: int, draws: int) -> dict[str, Any]:
    identity = f"population/{seed}/{draws}"
    typical, people = found.time_courses(draws, NEW_SUBJECTS, seed, identity)
    middle = typical.activity(half_life).integral().values[:, 0, 0]
    spread = people.activity(half_life).integral().region(found.region)
    if typical.coefficients is None or typical.rates_per_h is None:
        raise DataError(f"{found.region}: a population fit gives terms")
    beyond = integrals(
        typical.coefficients[:, 0, 0],
        typical.rates_per_h[:, 0, 0],
        half_life,
        found.last_h,
        "fitted",
    )
    result = found.fit
    records = result.statement.records
    integral: dict[str, Any] = {TIAC_KEYS[found.quantity]: summarize(middle)}
    return region_entry(
        **integral,
        population=spread.summary("population"),
        predictive=spread.summary("predictive"),
        model=result.statement.model.name,
        aicc=result.aicc,
        bic=dict(found.bic),
        weights=dict(found.weights),
        refused=dict(found.refused),
        extrapolated_share=extrapolated_share(*beyond),
        design="serial",
        error_model=result.statement.error,
        n=records.n_observations,
        n_aicc=records.n_observations,
        n_censored=int(records.below.sum()),
        n_subjects=records.n_subjects,
        typical=result.typical,
        fixed_effects=fixed_effects(result),
        omega=result.omega.tolist(),
        random=list(result.statement.random_names),
        residual_sd=result.residual_sd,
        eta_shrinkage=shrinkage(result),
        epsilon_shrinkage=epsilon_shrinkage(result),
        diagnostics=diagnostics(result, seed=seed),
        last_time_h=found.last_h,
        flags=list(found.notes),
    )
