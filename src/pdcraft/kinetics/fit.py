"""Fit a file of time-activity data: every region, one draw set, coefficients of any payload."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.estimate import summarize
from pdcraft.core.notebook import Shown, Table, number
from pdcraft.core.quantity import quantity
from pdcraft.core.timecourse import TimeCourse
from pdcraft.data.nuclides import half_life_h, nuclide_name
from pdcraft.errors import DataError, Problem
from pdcraft.io.biodist import Biodistribution
from pdcraft.kinetics.document import TIAC_KEYS, document, region_entry
from pdcraft.kinetics.observed import Observed
from pdcraft.kinetics.read_curves import measured_nuclide, read_curves
from pdcraft.kinetics.region_fit import FitOptions, RegionFit, above_limit, fit_region
from pdcraft.kinetics.single_fit import ModelFit

__all__ = ["FitResult", "fit_biodistribution"]

_TYPICAL = 7  # spawn key of the draws over subjects, apart from those of the fits


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FitResult(Shown):
    """Fits of all regions.

    Parameters
    ----------
    payload, measured_with : str
        Nuclide of the coefficients, and nuclide that was measured.
    half_life_h : float
        Of the payload.
    options : FitOptions
    regions : tuple of RegionFit
        Regions whose models were all refused are among them, without draws.
    draws : str
        Identity of the draw set.
    """

    payload: str
    measured_with: str
    half_life_h: float
    options: FitOptions
    regions: tuple[RegionFit, ...]
    draws: str

    def _table(self) -> Table:
        rows: list[tuple[str, ...]] = []
        for one in self.regions:
            unit = TIAC_KEYS[one.quantity].removeprefix("tiac_").replace("_per_", "/")
            fitted = summarize(self.typical_tiac_h(one)) if one.model else {}
            numbers = (number(fitted.get(key)) for key in ("value", "low", "high"))
            beyond = number(one.extrapolated_share)
            rows.append((one.region, one.model or "none", *numbers, unit, beyond))
        columns = ("region", "model", "mean", "2.5 %", "97.5 %", "unit", "extrapolated share")
        return Table(f"{self.payload}: time-integrated activity coefficients", columns, rows)

    def region(self, name: str) -> RegionFit:
        """Find one region's fit."""
        for one in self.regions:
            if one.region == name:
                return one
        raise DataError(
            f"no region '{name}'; there are {', '.join(r.region for r in self.regions)}"
        )

    def typical_tiac_h(self, region: RegionFit) -> Floats:
        """Draws of the typical integral of a region, the same ones at every call."""
        return region.typical_tiac_h(_generator(self.options.seed, region.region, _TYPICAL))

    def time_courses(self) -> tuple[TimeCourse, ...]:
        """Give the carrier's curves, one time course per kind of number and number of subjects.

        Model-averaged draws of exponential terms (draw, subject, region, term) without decay;
        regions that could not be fitted are not in it. Their integral to infinity is that of the
        tail rule 'fitted'.
        """
        groups: dict[tuple[str, int], list[RegionFit]] = {}
        for one in self.regions:
            if one.model is not None:
                groups.setdefault((one.quantity, len(one.curves)), []).append(one)
        return tuple(
            TimeCourse(
                tuple(r.region for r in members),
                quantity(key),
                self.draws,
                coefficients=np.stack([r.coefficients for r in members], axis=2),
                rates_per_h=np.stack([r.rates_per_h for r in members], axis=2),
            )
            for (key, _), members in groups.items()
        )

    def for_payload(self, payload: str) -> FitResult:
        """Give another nuclide's coefficients of the same biology: the same curves and draws."""
        half_life = half_life_h(payload)
        regions = tuple(r.integrated(half_life, self.options.tail) for r in self.regions)
        return replace(self, payload=nuclide_name(payload), half_life_h=half_life, regions=regions)

    def document(self) -> dict[str, Any]:
        """Give the JSON document ``pdcraft.fit/1``."""
        return document(
            payload=self.payload,
            measured_with=self.measured_with,
            half_life_h=self.half_life_h,
            tail=self.options.tail,
            draws=self.options.draws,
            method=self.options.method,
            regions={r.region: self._entry(r) for r in self.regions},
        )

    def _entry(self, region: RegionFit) -> dict[str, Any]:
        integral: dict[str, Any] = {}
        if region.model is not None:
            integral[TIAC_KEYS[region.quantity]] = summarize(self.typical_tiac_h(region))
        pairs = list(zip(region.curves, region.best, strict=True)) if region.best else []
        error = next((one.likelihood.error for one in region.best), None)
        subjects = (
            region.tiac_h.mean(axis=0) if region.tiac_h.shape[1] > 1 and region.best else None
        )
        return region_entry(
            **integral,
            model=region.model,
            aicc=region.aicc,
            weights=dict(region.weights),
            refused=dict(region.refused),
            extrapolated_share=region.extrapolated_share,
            design=region.curves[0].design,
            error_model=error,
            n=sum(c.value.size for c in region.curves),
            n_aicc=sum(one.likelihood.n_for_aicc for one in region.best) or None,
            n_censored=int(sum(c.censored.sum() for c in region.curves)),
            n_subjects=len(region.curves),
            subjects=None if subjects is None else summarize(subjects),
            last_time_h=max(c.last_h for c in region.curves),
            terms=[_terms(data, fit) for data, fit in pairs],
            nca=[
                {
                    "subject": one.subject or None,
                    "value": one.tiac_h,
                    "terminal_rate_per_h": one.terminal_rate_per_h,
                    "terminal_times_h": list(one.terminal_times_h),
                    "r2_adjusted": one.r2_adjusted,
                    "extrapolated_share": one.extrapolated_share,
                    "tail": one.tail,
                }
                for one in region.nca
            ],
            flags=list(region.flags),
        )


def _terms(data: Observed, fit: ModelFit) -> dict[str, Any]:
    coefficients, rates = fit.terms
    return {
        "subject": data.subject or None,
        "coefficients": coefficients.tolist(),
        "rates_per_h": np.maximum(rates, 0.0).tolist(),
    }


def _generator(seed: int, *meaning: str | int) -> np.random.Generator:
    """Random numbers keyed by what they are for, not by the order of calls."""
    key = [zlib.crc32(m.encode()) if isinstance(m, str) else m for m in meaning]
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def fit_biodistribution(
    data: Biodistribution,
    payload: str,
    *,
    measured_with: str | None = None,
    body_mass_g: float | None = None,
    administered_MBq: float | None = None,
    options: FitOptions | None = None,
    draws: str | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> FitResult:
    """Fit every region of a file.

    Parameters
    ----------
    data : Biodistribution
        From `pdcraft.io.biodist.read_biodist`.
    payload : str
        Nuclide whose coefficients are wanted.
    measured_with : str, optional
        Nuclide that was measured, where the file does not say it; default: the payload.
    body_mass_g, administered_MBq : float, optional
        Needed for SUV, and for MBq and MBq/mL.
    options : FitOptions, optional
    draws : str, optional
        Identity of the draw set that these draws belong to; default: file and seed.
    progress : callable, optional
        ``progress(fraction_done, words)``.

    Returns
    -------
    FitResult

    Raises
    ------
    DataError
        For an unknown nuclide, a unit that needs what is not given (all of them at once), values
        or integrals above what was administered, or if no region could be fitted.
    """
    options = options or FitOptions()
    name, half_life = nuclide_name(payload), half_life_h(payload)
    told = measured_with or payload
    curves = read_curves(data, told, body_mass_g, administered_MBq)
    found: list[RegionFit] = []
    for i, each in enumerate(curves):
        if progress:
            progress(i / len(curves), each[0].region)
        rng = _generator(options.seed, each[0].region)
        found.append(fit_region(each, half_life, options, rng))
    if all(r.model is None for r in found):
        why = [Problem("; ".join(r.notes), data.file, key=r.region) for r in found]
        raise DataError(why)
    impossible = [problem for r in found for problem in above_limit(r, data.file)]
    if impossible:
        raise DataError(impossible)
    measured = measured_nuclide(data, told)
    identity = draws or f"{data.file}/{options.seed}/{options.draws}"
    return FitResult(name, measured, half_life, options, tuple(found), identity)
