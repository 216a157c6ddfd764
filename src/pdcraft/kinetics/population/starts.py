"""Starting values from the data: rough guesses, then one curve through all subjects together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.kinetics.population.parameters import Covariate, Parameter, allometry
from pdcraft.kinetics.population.records import Records
from pdcraft.kinetics.population.structure import Compartments, StructuralModel, jacobian

__all__ = ["compartment_parameters", "dose_guesses", "exponential_guesses", "pooled"]

NOISE = 0.1  # weight of a value against the largest one, where values may be 0
VOLUMES = ("V", "V2", "V3")


def pooled(
    model: StructuralModel,
    guesses: Sequence[Mapping[str, float]],
    records: Records,
) -> dict[str, float]:
    """Best positive parameters of one curve through all subjects, over several guesses.

    Residuals are weighted by the value and a tenth of the largest: between absolute and relative.

    Raises
    ------
    DataError
        If no guess gives a finite curve.
    """
    from scipy.optimize import least_squares

    used, value = records.quantified, records.value
    weight = 1 / (np.abs(value) + NOISE * np.abs(value).max() + 1e-300)

    def residuals(log: Floats) -> Floats:
        natural = np.tile(np.exp(log), (records.n_subjects, 1))
        with np.errstate(all="ignore"):
            off = ((model.predict(natural, records) - value) * weight)[used]
        return np.where(np.isfinite(off), np.clip(off, -1e6, 1e6), 1e6)

    def slopes(log: Floats) -> Floats:
        natural = np.tile(np.exp(log), (records.n_subjects, 1))
        with np.errstate(all="ignore"):
            _, by = jacobian(model, natural, records)
        out = (by * natural[:, None, :] * weight[..., None])[used]
        return np.where(np.isfinite(out), out, 0.0)

    best, lowest = None, np.inf
    for guess in guesses:
        start = np.log([guess[name] for name in model.parameters])
        limits = (start - 7.0, start + 7.0)  # a factor of 1000 either way
        found = least_squares(
            residuals,
            start,
            jac=slopes,  # pyright: ignore[reportArgumentType]  # scipy takes a function too
            bounds=limits,
            max_nfev=200,
        )
        if found.cost < lowest:
            best, lowest = found.x, found.cost
    if best is None or lowest >= 0.5 * 1e12:
        raise DataError(f"model {model.name} gives no finite curve near the data; give starts")
    return dict(zip(model.parameters, np.exp(best).tolist(), strict=True))


def exponential_guesses(records: Records) -> tuple[float, float, float, float, float]:
    """Early size, late size, early and late rate (1/h), and time of the largest mean value."""
    used = records.quantified
    time, value = records.time_h[used], records.value[used]
    grid, place = np.unique(time, return_inverse=True)
    mean = np.bincount(place, value) / np.bincount(place)
    top = int(mean.argmax())
    positive = mean > 0
    span = max(float(grid[-1] - grid[top]), float(grid[-1]) / 10, 1e-6)
    late = positive & (grid >= grid[-1] - span / 2)
    late_rate = 1 / span
    if late.sum() > 1:
        late_rate = max(-float(np.polyfit(grid[late], np.log(mean[late]), 1)[0]), 0.05 / span)
    late_size = float(mean[positive][-1]) * float(np.exp(min(late_rate * grid[-1], 20.0)))
    early = max(float(mean.max()) - late_size, 0.3 * float(mean.max()))
    return early, late_size, max(5 * late_rate, 5 / span), late_rate, float(grid[top])


def dose_guesses(model: Compartments, records: Records) -> list[dict[str, float]]:
    """Guesses from the area under the mean curve and the largest value per dose.

    Raises
    ------
    DataError
        If there are no doses or no positive values.
    """
    doses = records.doses
    if doses is None or not doses.amount.any() or not np.any(records.value > 0):
        raise DataError(f"model {model.name}: needs doses and values above 0 to start from")
    amount = float(doses.amount.sum(axis=1).mean())
    area = float(np.mean([_area(t, y) for t, y in zip(records.time_h, records.value, strict=True)]))
    first = float(np.median(doses.amount[:, 0]))
    volume = first / float(np.median(records.value.max(axis=1)))
    clearance = amount / max(area, 1e-3 * amount / volume)
    out: list[dict[str, float]] = []
    for fast in (1.0, 5.0):
        for share in (0.3, 1.0):
            rate = clearance / volume
            out.append(
                {
                    "ka": 3 * fast * rate,
                    "ke": rate,
                    "CL": clearance,
                    "V": volume * share,
                    "Q": clearance * fast,
                    "V2": volume,
                    "Q2": clearance / 3,
                    "V3": 3 * volume,
                }
            )
    return out


def _area(time: Floats, value: Floats) -> float:
    order = np.argsort(time, kind="stable")
    return float(np.trapezoid(np.maximum(value[order], 0), time[order]))


def compartment_parameters(
    model: Compartments,
    start: Mapping[str, float],
    records: Records,
    *,
    random: Sequence[str] | None = None,
    mass: Literal["none", "fixed", "estimated"] = "none",
    reference_mass: float = 70.0,
) -> tuple[Parameter, ...]:
    """Log-normal parameters of a compartment model, with allometry on flows and volumes.

    Parameters
    ----------
    model : Compartments
    start : mapping of parameter to value
        Typical values at the records' own body masses.
    records : Records
        With a covariate ``WT`` where ``mass`` is not ``none``.
    random : sequence of str, optional
        Parameters that differ between subjects. Default: all.
    mass : {"none", "fixed", "estimated"}
        Exponents 0.75 and 1 as they are, or as the search's start.
    reference_mass : float
        In the unit of ``WT``; 70 kg for people.
    """
    unknown = [n for n in (random or ()) if n not in model.parameters]
    if unknown:
        raise DataError(
            f"random effects: model {model.name} has no {', '.join(unknown)}; it has "
            f"{', '.join(model.parameters)}"
        )
    out: list[Parameter] = []
    for name in model.parameters:
        effects: tuple[Covariate, ...] = ()
        value = start[name]
        if mass != "none" and name not in ("ka", "ke"):
            kind = "volume" if name in VOLUMES else "flow"
            effects = (allometry(kind, reference_mass, estimate=mass == "estimated"),)
            here = records.covariates.get("WT")
            if here is not None and np.all(here > 0):
                value *= float((reference_mass / np.median(here)) ** effects[0].exponent)
        is_random = random is None or name in random
        out.append(Parameter(name, value, random=is_random, covariates=effects))
    return tuple(out)
