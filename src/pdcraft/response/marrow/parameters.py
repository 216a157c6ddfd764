"""Parameters of the marrow model for draws and subjects, and their priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, PhysicsRangeError, Problem

__all__ = ["FORMS", "LINEAGES", "Form", "MarrowParameters", "Prior", "fixed", "priors"]

Form = Literal["chain", "stem"]
FORMS: tuple[Form, ...] = ("chain", "stem")
LINEAGES = ("platelets", "neutrophils", "lymphocytes")
NAMES = (
    "radiosensitivity_per_Gy",
    "transit_d",
    "feedback",
    "baseline_1e9_per_L",
    "stem_share",
    "stem_per_d",
    "pretreatment",
)


@dataclass(frozen=True, slots=True, eq=False)
class MarrowParameters:
    """Parameters of the chains of all lineages, leading axes (draw, subject) or none.

    Parameters
    ----------
    radiosensitivity_per_Gy, transit_d, feedback, baseline_1e9_per_L : ndarray, (..., lineage)
    stem_share, stem_per_d, pretreatment : ndarray, shape (...)
        `stem_share` 0 is the model form of one chain. `pretreatment` multiplies the effect of dose.
    lineages : tuple of str
    circulating_killed : ndarray, shape (lineage,)
    """

    radiosensitivity_per_Gy: Floats
    transit_d: Floats
    feedback: Floats
    baseline_1e9_per_L: Floats
    stem_share: Floats
    stem_per_d: Floats
    pretreatment: Floats
    lineages: tuple[str, ...]
    circulating_killed: Floats

    @classmethod
    def of(
        cls,
        radiosensitivity_per_Gy: ArrayLike,
        transit_d: ArrayLike,
        feedback: ArrayLike,
        baseline_1e9_per_L: ArrayLike,
        *,
        stem_share: ArrayLike = 0.0,
        stem_per_d: ArrayLike = 0.0,
        pretreatment: ArrayLike = 1.0,
        lineages: tuple[str, ...] = LINEAGES,
        circulating_killed: ArrayLike | None = None,
    ) -> MarrowParameters:
        """Broadcast and check.

        Raises
        ------
        PhysicsRangeError
            For a negative value, a transit time or baseline of zero, a stem share above 1.
        """
        if circulating_killed is None:
            row = fixed("circulating_killed")
            circulating_killed = [row[name] for name in lineages]
        per_lineage = np.broadcast_arrays(
            *(np.asarray(v, dtype=float) for v in
              (radiosensitivity_per_Gy, transit_d, feedback, baseline_1e9_per_L)),
            np.ones(len(lineages)),
        )[:4]  # fmt: skip
        shared = [np.asarray(v, dtype=float) for v in (stem_share, stem_per_d, pretreatment)]
        lead = np.broadcast_shapes(per_lineage[0].shape[:-1], *(v.shape for v in shared))
        values = [np.broadcast_to(v, (*lead, len(lineages))) for v in per_lineage]
        values += [np.broadcast_to(v, lead) for v in shared]
        for name, value in zip(NAMES, values, strict=True):
            positive = name in ("transit_d", "baseline_1e9_per_L")
            if np.any(value < 0) or (positive and np.any(value <= 0)):
                rule = "above zero" if positive else "zero or more"
                raise PhysicsRangeError(f"marrow: {name} {value.min():g}; it is {rule}")
        if np.any(shared[0] > 1):
            raise PhysicsRangeError(f"marrow: stem_share {shared[0].max():g}; it is at most 1")
        a, t, f, b, share, per_d, pre = (
            frozen(v, f"marrow {name}") for name, v in zip(NAMES, values, strict=True)
        )
        kill = frozen(circulating_killed, "circulating_killed")
        return cls(a, t, f, b, share, per_d, pre, tuple(lineages), kill)

    @property
    def shape(self) -> tuple[int, ...]:
        """The leading axes."""
        return self.pretreatment.shape

    def with_baseline(self, baseline_1e9_per_L: ArrayLike) -> MarrowParameters:
        """Return the same parameters with other counts before treatment, (..., lineage)."""
        return MarrowParameters.of(
            self.radiosensitivity_per_Gy,
            self.transit_d,
            self.feedback,
            baseline_1e9_per_L,
            stem_share=self.stem_share,
            stem_per_d=self.stem_per_d,
            pretreatment=self.pretreatment,
            lineages=self.lineages,
            circulating_killed=self.circulating_killed,
        )


@dataclass(frozen=True, slots=True)
class Prior:
    """A log-normal prior; the meaning of each part stands at the table's head."""

    name: str
    lineage: str
    form: str
    unit: str
    role: Literal["estimated", "prior", "nuisance"]
    median: float
    log_sd: float
    origin: Literal["derived", "assumed"]
    source: tuple[str, ...]
    text: str
    below: float = np.inf

    @property
    def key(self) -> str:
        """Name with its lineage."""
        return self.name if self.lineage == "all" else f"{self.name}:{self.lineage}"


@cache
def priors(form: Form) -> tuple[Prior, ...]:
    """Priors of a model form, in the table's order.

    Raises
    ------
    DataError
        Naming every row that breaks a rule of the table.
    """
    return read_priors(form, load_toml("response", "marrow_priors.toml"))


def read_priors(form: Form, table: Mapping[str, Any]) -> tuple[Prior, ...]:
    """Check the rows of a table of priors."""
    stated: list[dict[str, Any]] = table["parameter"]
    rows = [replace(Prior(**row), source=tuple(row["source"])) for row in stated]
    faults = [f"{row.key}: {fault}" for row in rows for fault in _faults(row, table)]
    keys = [row.key for row in rows]
    faults += [f"{key}: stated twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
    if faults:
        raise DataError([Problem(fault, file="marrow_priors.toml") for fault in faults])
    return tuple(row for row in rows if row.form in ("both", form))


@cache
def fixed(name: str) -> Mapping[str, Any]:
    """Return a row of what is not sampled, e.g. ``fixed("body_surface_m2")["value"]``."""
    return MappingProxyType(load_toml("response", "marrow_priors.toml")["fixed"][name])


def _faults(row: Prior, table: Mapping[str, Any]) -> list[str]:
    out: list[str] = []
    if not (0 < row.median < np.inf and 0 < row.log_sd < np.inf):
        out.append(f"median {row.median}, log_sd {row.log_sd}; both are positive")
    if row.lineage not in (*LINEAGES, "all"):
        out.append(f"lineage '{row.lineage}'; one of {', '.join(LINEAGES)}, all")
    if row.origin == "derived" and not row.source:
        out.append("derived from nothing; name the source")
    out += [
        f"source '{key}' is not in the table" for key in row.source if key not in table["source"]
    ]
    return out
