"""A cohort: attributes and outcomes of subjects, in draws; what response gives and trial takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.notebook import Shown, Table, number
from pdcraft.errors import DataError

__all__ = ["Cohort"]


@dataclass(frozen=True, slots=True, repr=False)
class Cohort(Shown):
    """Named columns over subjects: attributes known at entry, outcomes that depend on the draw.

    Parameters
    ----------
    subjects : tuple of str
        Identifiers, distinct.
    attributes : mapping of str to ndarray, shape (subject,)
        Names carry units, e.g. ``body_mass_kg``.
    outcomes : mapping of str to ndarray, shape (draw, subject)
    draws : str
        Identity of the draw set of the outcomes.
    """

    subjects: tuple[str, ...]
    attributes: Mapping[str, Floats]
    outcomes: Mapping[str, Floats]
    draws: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "subjects", tuple(self.subjects))
        n = len(self.subjects)
        if len(set(self.subjects)) != n:
            raise DataError("subjects of a cohort must have distinct names")
        for group, ndim in (("attributes", 1), ("outcomes", 2)):
            columns = {k: frozen(v, k) for k, v in getattr(self, group).items()}
            for name, column in columns.items():
                if column.ndim != ndim or column.shape[-1] != n:
                    axes = "(subject,)" if ndim == 1 else "(draw, subject)"
                    raise DataError(
                        f"cohort {name}: shape {column.shape} for {n} subjects; wanted {axes}"
                    )
            object.__setattr__(self, group, MappingProxyType(columns))
        if len({c.shape[0] for c in self.outcomes.values()}) > 1:
            raise DataError("all outcomes of a cohort must have the same draws")

    def _table(self) -> Table:
        columns = {**self.attributes, **self.outcomes}
        rows = [
            (name, *(number(float(np.quantile(column, q))) for q in (0.025, 0.5, 0.975)))
            for name, column in columns.items()
        ]
        title = f"cohort of {len(self.subjects)} subjects"
        return Table(title, ("column", "2.5 %", "median", "97.5 %"), rows)
