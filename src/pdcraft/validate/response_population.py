"""Virtual patients: body mass indices against the survey's, a trial's patients against its table.

Height and mass have marginals of their own; their correlation is one number a sex for all ages. The
survey's body mass indices by decade are what they say together, and were not used for it but in the
spread over all ages.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.populations import population
from pdcraft.response.population.copula import draw_attributes
from pdcraft.response.population.patients import virtual_patients
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "response"
SURVEY = "Vital Health Stat 3 no. 50 (2025), table 10, doi:10.15620/cdc/174595"
CLOVER1 = "Oncology Times, 2019-12-16: 20 patients, median age 71 (52-82), 7 women"
PERCENT = (5, 10, 15, 25, 50, 75, 85, 90, 95)
PEOPLE = 40_000
TRIALS, OF = 500, 20
MEDIAN_REL, ENDS_REL = 0.03, 0.06
SEED = 20261121


def cases() -> Iterator[Case]:
    """Yield body mass indices of both sexes, and CLOVER-1's patients."""
    for sex, word in ((0, "men"), (1, "women")):
        off = np.array([_off(row) for row in _rows(sex)])
        middle = PERCENT.index(50)
        yield compare(
            SUITE,
            f"body mass index of {word}, seven decades: largest relative difference of medians",
            float(np.abs(off[:, middle]).max()),
            0.0,
            SURVEY,
            absolute=MEDIAN_REL,
            why="printed medians of 150 to 810 people are known to 1 to 2 %",
        )
        yield compare(
            SUITE,
            f"body mass index of {word}, 5th to 95th percentile: largest relative difference",
            float(np.abs(off).max()),
            0.0,
            SURVEY,
            absolute=ENDS_REL,
            why="printed percentiles at the ends of a decade are known to 3 to 4 %",
        )
    yield from _clover1()


def _rows(sex: int) -> list[dict[str, str]]:
    rows = reference_rows("response", "body_mass_index.csv")
    return [row for row in rows if int(row["female"]) == sex]


def _off(row: dict[str, str]) -> Floats:
    """Relative differences of the percentiles of one decade."""
    sex, age = np.full(PEOPLE, float(row["female"])), np.full(PEOPLE, float(row["from_age"]) + 5.0)
    rng = np.random.default_rng(SEED)
    made = draw_attributes(population("adults"), sex, age, rng)
    index = made["body_mass_kg"] / (made["height_cm"] / 100.0) ** 2
    want = np.array([float(row[f"p{p}"]) for p in PERCENT])
    return np.percentile(index, PERCENT) / want - 1.0


def _clover1() -> Iterator[Case]:
    made = virtual_patients(TRIALS * OF, "clover1", seed=SEED).cohort.attributes
    age = made["age_years"].reshape(TRIALS, OF)
    figures = (
        ("median age, years", np.median(age), 71.0, 0.5, "4 standard errors"),
        ("share of women", made["female"].mean(), 7 / 20, 0.02, "4 standard errors"),
        ("least age of 20, mean, years", age.min(axis=1).mean(), 52.0, 1.5, "the tails are cut"),
        ("largest age of 20, mean, years", age.max(axis=1).mean(), 82.0, 1.0, "the tails are cut"),
    )
    for name, value, want, absolute, why in figures:
        yield compare(
            SUITE,
            f"patients made for CLOVER-1, {name}",
            float(value),
            want,
            CLOVER1,
            absolute=absolute,
            why=f"{why}; matched to the table, so this checks the rejection alone",
        )
