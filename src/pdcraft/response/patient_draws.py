"""Draws of the patient model: what is not known is in draws, how patients differ in subjects.

References
----------
.. [R18] M. Roberts, The unreasonable effectiveness of quasirandom sequences (2018), a web page
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.patient_criteria import Criteria, criteria

__all__ = ["PatientDraws", "patient_draws", "patient_indication", "patient_priors"]

DIMENSIONS = 6  # that are unknown, and in which patients differ
SMALLEST = 1e-9


@cache
def patient_priors() -> Mapping[str, Any]:
    """Table of priors, ``data/response/patient_priors.toml``."""
    return load_toml("response", "patient_priors.toml")


def patient_indication(text: str) -> str:
    """Return the name of an indication that has a patient model.

    Raises
    ------
    DataError
        If there is none.

    Examples
    --------
    >>> patient_indication("lpl_wm")
    'waldenstrom'
    """
    rows = patient_priors()["indication"]
    return look_up(
        "indication with a model of patients",
        text,
        index_of((k, r.get("also", ())) for k, r in rows.items()),
        f"there are {', '.join(rows)}; elsewhere a response of patients would be a guess",
    )


@dataclass(frozen=True, slots=True)
class PatientDraws:
    """Parameters in draws and subjects; shapes (draw, subject), (draw, 1) or (1, subject).

    Parameters
    ----------
    indication : str
    rules : Criteria
    link : ndarray
        Effect per GBq, or per Gy where the trial prescribes a dose.
    link_median : ndarray, shape (draw,)
        Of the typical patient: what a fit learns.
    growth_per_d : ndarray
        Of living cells.
    effective_half_life_h : ndarray
        Of the dose rate in disease.
    showing_d : ndarray
        Half-life of the marker protein, or of killed cells in a lesion.
    by_protein : bool
    baseline, not_found_below : ndarray
        In the criteria's unit.
    lesion_Gy_per_GBq : ndarray or None
    assessed_d : ndarray, shape (assessments,)
        The first is 0.
    uniform : ndarray, shape (1, subject)
        For what lies between two limits.
    """

    indication: str
    rules: Criteria
    link: Floats
    link_median: Floats
    growth_per_d: Floats
    effective_half_life_h: Floats
    showing_d: Floats
    by_protein: bool
    baseline: Floats
    not_found_below: Floats
    lesion_Gy_per_GBq: Floats | None
    assessed_d: Floats
    uniform: Floats

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.link_median.size

    def taken(self, rows: slice | NDArray[np.intp]) -> PatientDraws:
        """Take some of the draws, in any order; what all draws share stays."""
        by_draw = (
            "link",
            "link_median",
            "growth_per_d",
            "effective_half_life_h",
            "showing_d",
            "lesion_Gy_per_GBq",
        )
        parts = {name: getattr(self, name) for name in by_draw}
        return replace(self, **{k: v if v is None else v[rows] for k, v in parts.items()})


def patient_draws(
    indication: str, draws: int = 2000, subjects: int = 128, seed: int = 1
) -> PatientDraws:
    """Draw from the priors.

    The same subjects, as places in their distributions, serve every draw and every regimen.

    Parameters
    ----------
    indication : str
        multiple-myeloma, waldenstrom, head-and-neck.
    draws, subjects : int
        Two or more.
    seed : int

    Raises
    ------
    DataError
        For an indication without priors.
    """
    if draws < 2 or subjects < 2:
        raise PhysicsRangeError(f"{draws} draws of {subjects} patients: two or more of each")
    table = patient_priors()
    name = patient_indication(indication)
    row = table["indication"][name]
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(name.encode())))
    unknown, differing = (iter(_even(rng, n, DIMENSIONS)) for n in (draws, subjects))
    uniform = next(differing)

    def known(entry: Mapping[str, Any]) -> Floats:
        log = entry["log_sd"] * _normal(next(unknown)) if "log_sd" in entry else np.zeros(draws)
        return entry["median"] * np.exp(log)[:, None]

    def spread(entry: Mapping[str, Any], sd: Floats | float | None = None) -> Floats:
        size = entry.get("between_log_sd", 0.0) if sd is None else sd
        return np.exp(size * _normal(next(differing))[None, :])

    link = row["link"]
    between = link["between_log_sd"] * np.exp(link["between_spread"] * _normal(next(unknown)))
    median = known(link)
    growth = np.log(2.0) / (known(row["doubling_d"]) * spread(row["doubling_d"]))
    by_protein = "marker_half_life_d" in row
    showing = row["marker_half_life_d"] if by_protein else row["clearance_half_life_d"]
    lesion = row.get("lesion_Gy_per_GBq")
    return PatientDraws(
        indication=name,
        rules=criteria(row["criteria"]),
        link=median * spread(link, between[:, None]),
        link_median=median[:, 0],
        growth_per_d=growth,
        effective_half_life_h=known(table["common"]["effective_half_life_h"]),
        showing_d=known(showing) * spread(showing),
        by_protein=by_protein,
        baseline=np.maximum(
            known(row["baseline"])[:1] * spread(row["baseline"]),
            2.0 * row["not_found_below"]["value"],
        ),
        not_found_below=np.full((1, 1), row["not_found_below"]["value"]),
        lesion_Gy_per_GBq=None if lesion is None else known(lesion) * spread(lesion),
        assessed_d=_assessments(row["assessed_d"]),
        uniform=uniform[None, :],
    )


def _even(rng: np.random.Generator, n: int, dimensions: int) -> Floats:
    """Fill the unit cube evenly, shape (dimensions, n), by multiples of irrational numbers [R18]_.

    With a random shift: another seed is another set of patients, and each set stands for all.
    """
    golden = 2.0
    for _ in range(60):  # the root of x^(d+1) = x + 1
        golden = (1.0 + golden) ** (1.0 / (dimensions + 1))
    steps = golden ** -np.arange(1.0, dimensions + 1)
    return (rng.uniform(size=(dimensions, 1)) + steps[:, None] * np.arange(n)) % 1.0


def _normal(uniform: Floats) -> Floats:
    from scipy.special import ndtri

    return ndtri(np.clip(uniform, SMALLEST, 1.0 - SMALLEST))


def _assessments(entry: Mapping[str, Any]) -> Floats:
    every, until = float(entry["every"]), float(entry["until"])
    if not 0 < every <= until:
        raise DataError(f"assessments every {every:g} d until {until:g} d: above 0 and in order")
    return np.arange(0.0, until + 0.5 * every, every)
