"""Structural models: the curve that a set of individual parameters gives.

A model is one method, `StructuralModel.predict`, over a batch ``(..., subject)``, and the names of
its parameters. It works on complex parameters too: `jacobian` takes derivatives by a complex step,
which has no difference of close numbers and so no step to choose [ST98]_.

References
----------
.. [ST98] W. Squire, G. Trapp, SIAM Rev. 40, 110 (1998), doi:10.1137/S003614459631241X
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.kinetics.population import disposition
from pdcraft.kinetics.population.disposition import Array
from pdcraft.kinetics.population.records import Records

__all__ = ["Compartments", "Exponentials", "StructuralModel", "UptakeWashout", "jacobian"]

STEP = 1e-30  # of the complex step: its square vanishes beside 1


class StructuralModel(ABC):
    """Predicts observations from individual parameters."""

    __slots__ = ()

    @property
    @abstractmethod
    def name(self) -> str:
        """Name in tables."""

    @property
    @abstractmethod
    def parameters(self) -> tuple[str, ...]:
        """Names: rates in 1/h, ``CL`` and ``Q`` in volume per h, ``V`` in volume."""

    @abstractmethod
    def predict(self, values: Array, records: Records) -> Array:
        """Predictions at the times of the records.

        Parameters
        ----------
        values : ndarray, shape (..., subject, parameter)
            Natural scale, real or complex.
        records : Records

        Returns
        -------
        ndarray, shape (..., subject, observation)
        """


def jacobian(model: StructuralModel, values: Floats, records: Records) -> tuple[Floats, Floats]:
    """Predictions and their derivatives to every individual parameter.

    Returns
    -------
    tuple of ndarray, shapes (..., subject, observation) and (..., subject, observation, parameter)
    """
    n = values.shape[-1]
    stepped = values + 1j * STEP * np.eye(n).reshape((n,) + (1,) * (values.ndim - 1) + (n,))
    curves = model.predict(stepped, records)
    slopes: Floats = np.imag(curves)
    return np.real(curves[0]), np.moveaxis(slopes, 0, -1) / STEP


@final
@dataclass(frozen=True, slots=True)
class Exponentials(StructuralModel):
    """Sum of falling exponentials ``A1 exp(-k1 t) + A2 exp(-k2 t) + ...``, given at time 0.

    Parameters
    ----------
    terms : int
        One to three; parameters ``A1, k1, A2, k2, ...``.
    """

    terms: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.terms <= 3:
            raise DataError(f"exponentials: {self.terms} terms; give 1 to 3")

    @property
    def name(self) -> str:
        """Name in tables."""
        return ("mono", "bi", "tri")[self.terms - 1] + "exponential"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Coefficients and rates (1/h) in turn."""
        return tuple(f"{s}{i + 1}" for i in range(self.terms) for s in ("A", "k"))

    def predict(self, values: Array, records: Records) -> Array:
        """Sum of the terms; see `StructuralModel.predict`."""
        coefficient, rate = values[..., 0::2], values[..., 1::2]
        decay = np.exp(-rate[..., None, :] * records.time_h[..., None])
        return (coefficient[..., None, :] * decay).sum(axis=-1)


@final
@dataclass(frozen=True, slots=True)
class UptakeWashout(StructuralModel):
    """Uptake and washout ``A (exp(-k1 t) - exp(-(k1 + k2) t))``: zero at time 0, then a hump."""

    @property
    def name(self) -> str:
        """Name in tables."""
        return "uptake and washout"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Size, rate of washout and what uptake is faster (1/h)."""
        return "A", "k1", "k2"

    def predict(self, values: Array, records: Records) -> Array:
        """Difference of two exponentials; see `StructuralModel.predict`."""
        a, k1, k2 = (values[..., None, i] for i in range(3))
        return -a * np.exp(-k1 * records.time_h) * np.expm1(-k2 * records.time_h)


_DISPOSITION = {
    1: (("CL", "V"), disposition.one_term),
    2: (("CL", "V", "Q", "V2"), disposition.two_terms),
    3: (("CL", "V", "Q", "V2", "Q2", "V3"), disposition.three_terms),
}


@final
@dataclass(frozen=True, slots=True)
class Compartments(StructuralModel):
    """Concentration in the central compartment after doses, one to three compartments.

    Parameters
    ----------
    number : int
        Compartments beside a depot, 1 to 3.
    oral : bool
        A depot (compartment 1) with first-order absorption ``ka``; central is then 2.
    rates : bool
        One compartment by its rates ``ke, ka, CL`` (volume is CL/ke) instead of ``ka, CL, V``.
    """

    number: int = 1
    oral: bool = False
    rates: bool = False

    def __post_init__(self) -> None:
        if self.number not in _DISPOSITION:
            raise DataError(f"compartments: {self.number}; give 1 to 3")
        if self.rates and not (self.oral and self.number == 1):
            raise DataError("rates ke, ka, CL describe one compartment with a depot only")

    @property
    def name(self) -> str:
        """Name as the command line takes it."""
        way = "oral" if self.oral else "iv"
        return f"{way}-{self.number}cpt" + ("-rates" if self.rates else "")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Absorption rate (oral) and disposition."""
        if self.rates:
            return "ke", "ka", "CL"
        return (("ka",) if self.oral else ()) + _DISPOSITION[self.number][0]

    @property
    def central(self) -> int:
        """Number of the central compartment, as CMT counts."""
        return 2 if self.oral else 1

    def predict(self, values: Array, records: Records) -> Array:
        """Superpose all doses since the last reset; see `StructuralModel.predict`."""
        doses = records.doses
        if doses is None:
            raise DataError(f"model {self.name} needs doses; read them from an event table")
        parts = [values[..., i] for i in range(values.shape[-1])]
        absorption = parts.pop(1 if self.rates else 0) if self.oral else None
        if self.rates:
            parts = [parts[1], parts[1] / parts[0]]
        size, rate = _DISPOSITION[self.number][1](*parts)
        after = records.time_h[:, :, None] - doses.start_h[:, None, :]
        after = np.where(doses.acts, after, 0.0)
        amount = np.where(doses.acts, doses.amount[:, None, :], 0.0)
        length = doses.duration_h[:, None, :]
        total = np.zeros((), dtype=values.dtype)
        for k in range(self.number):
            c, r = size[..., None, None, k], rate[..., None, None, k]
            unit = np.exp(-r * after)
            if length.any():
                slow = disposition.infused(r, np.where(length > 0, length, 1.0), after)
                unit = np.where(length > 0, slow, unit)
            if absorption is not None:
                through = disposition.absorbed(r, absorption[..., None, None], after)
                unit = np.where(doses.depot[:, None, :], through, unit)
            total = total + (c * amount * unit).sum(axis=-1)
        return total
