"""Virtual patients: drawn or bootstrapped, matched, and what was rejected on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.cohort import Cohort
from pdcraft.core.run import Citation
from pdcraft.data.populations import Baseline, Eligibility, PopulationTable, population
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.inputs import stream
from pdcraft.physics.body import body_surface_m2
from pdcraft.response.population.attributes import DRAWN, NEEDED, checked_columns
from pdcraft.response.population.copula import draw_attributes, propose
from pdcraft.response.population.matching import Matching, eligible_rows, matched_to

__all__ = ["MATCHING", "VirtualPatients", "virtual_patients"]

BATCH = 200_000  # proposals held at once
PILOT = 20_000  # proposals that the factors of matching are found from
LEAST_KEPT = 1e-3  # share of proposals below which the limits describe other patients
MATCHING = "baseline table"  # what a patient can be rejected by, beside limits


@dataclass(frozen=True, slots=True)
class VirtualPatients:
    """Virtual patients and how they came about.

    Parameters
    ----------
    cohort : Cohort
        Attributes by subject; no outcomes yet.
    proposed : int
    rejected_by : mapping of str to float
        Share of all proposals beyond each limit (a patient may be beyond several), and of those
        within all limits the share rejected for the `MATCHING`.
    rejected_share : float
        Of all proposals.
    assumptions : tuple of str
    citations : tuple of Citation
    """

    cohort: Cohort
    proposed: int
    rejected_by: Mapping[str, float]
    rejected_share: float
    assumptions: tuple[str, ...]
    citations: tuple[Citation, ...]


def virtual_patients(
    n: int,
    of: str | PopulationTable = "adults",
    *,
    seed: int,
    rows: Mapping[str, ArrayLike] | None = None,
    baseline: Sequence[Baseline] | None = None,
    eligible: Sequence[Eligibility] | None = None,
    body_surface: str = "Mosteller",
) -> VirtualPatients:
    """Make `n` patients.

    Parameters
    ----------
    n : int
    of : str or PopulationTable
        Population by name; it also fills columns that `rows` do not have.
    seed : int
    rows : mapping of str to array_like, optional
        A table of patients, as `pdcraft.io.population_table.read_population_table` reads it: its
        rows are drawn with replacement, whole, in place of the population's marginals.
    baseline : sequence of Baseline, optional
        To match; default the population's own. An empty one matches nothing.
    eligible : sequence of Eligibility, optional
        Default the population's own.
    body_surface : str
        Formula of `pdcraft.physics.body.BODY_SURFACES`.

    Returns
    -------
    VirtualPatients

    Raises
    ------
    DataError
        For a table that is no population, or limits and baselines that hardly anyone meets.

    Examples
    --------
    >>> made = virtual_patients(500, "clover1", seed=1)
    >>> bool(abs(np.median(made.cohort.attributes["age_years"]) - 71.0) < 1.5)
    True
    """
    if n < 1:
        raise PhysicsRangeError(f"{n} patients; ask for 1 or more")
    said = population(of) if isinstance(of, str) else of
    table = None if rows is None else checked_columns(rows)
    wanted = said.baseline if baseline is None else tuple(baseline)
    limits = said.eligible if eligible is None else tuple(eligible)
    rng = stream(seed, "response.population")

    def some(size: int) -> dict[str, Floats]:
        return propose(said, size, rng) if table is None else _bootstrap(said, table, size, rng)

    pilot = some(PILOT)
    within, beyond = eligible_rows(pilot, limits)
    _not_hopeless(within.mean(), {k: v.mean() for k, v in beyond.items()})
    matching = matched_to({k: v[within] for k, v in pilot.items()}, wanted)
    expected = float((within * matching.kept_probability(pilot)).mean())
    _not_hopeless(expected, {k: v.mean() for k, v in beyond.items()})
    kept, counted = _until(n, some, limits, matching, expected, rng)
    if "body_surface_m2" not in kept:
        surface = body_surface_m2(kept["height_cm"], kept["body_mass_kg"], body_surface)
        kept["body_surface_m2"] = surface
    proposed = counted.pop("proposed")
    passed, matched = counted.pop("within"), counted.pop("kept")
    rejected = {name: count / proposed for name, count in counted.items()}
    if wanted:
        rejected[MATCHING] = 1.0 - matched / passed
    cohort = Cohort(tuple(str(i + 1) for i in range(n)), kept, {}, "none")
    notes = _assumptions(said, table, wanted, limits, body_surface)
    return VirtualPatients(
        cohort, proposed, rejected, 1.0 - matched / proposed, notes, said.citations
    )


def _bootstrap(
    said: PopulationTable, table: Mapping[str, Floats], n: int, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw whole rows with replacement; what they do not say comes from the population."""
    size = table["age_years"].size
    pick = rng.integers(0, size, n)
    mine = {name: values[pick] for name, values in table.items()}
    return {**draw_attributes(said, mine["female"], mine["age_years"], rng), **mine}


def _until(
    n: int,
    some: Callable[[int], dict[str, Floats]],
    limits: Sequence[Eligibility],
    matching: Matching,
    expected: float,
    rng: np.random.Generator,
) -> tuple[dict[str, Floats], dict[str, int]]:
    """Propose until `n` are kept, and count what happened to all proposals."""
    parts: list[dict[str, Floats]] = []
    counted = {"proposed": 0, "within": 0, "kept": 0, **{row.name: 0 for row in limits}}
    while counted["kept"] < n:
        size = min(BATCH, int(1.05 * (n - counted["kept"]) / expected) + 50)
        batch = some(size)
        within, beyond = eligible_rows(batch, limits)
        kept = within & (rng.random(size) < matching.kept_probability(batch))
        counted["proposed"] += size
        counted["within"] += int(within.sum())
        counted["kept"] += int(kept.sum())
        for name, lost in beyond.items():
            counted[name] += int(lost.sum())
        parts.append({name: values[kept] for name, values in batch.items()})
    columns = {name: np.concatenate([p[name] for p in parts])[:n] for name in parts[0]}
    return columns, counted


def _not_hopeless(share: float, beyond: Mapping[str, float]) -> None:
    if share < LEAST_KEPT:
        most = max(beyond, key=lambda k: beyond[k]) if beyond else MATCHING
        raise DataError(
            f"only {share:.2%} of the proposals are kept; most are lost to {most}: these limits "
            "are not of this population"
        )


def _assumptions(
    said: PopulationTable,
    table: Mapping[str, Floats] | None,
    baseline: Sequence[Baseline],
    limits: Sequence[Eligibility],
    body_surface: str,
) -> tuple[str, ...]:
    out = [f"body surface after {body_surface}"]
    if table is None:
        out.append(
            "marginals joined by a Gaussian copula; pairs without a stated correlation independent"
        )
        out += [f"{m.name}: {m.text}" for m in said.marginals.values() if m.origin == "assumed"]
    else:
        lacking = [name for name in DRAWN if name not in table]
        if lacking:
            out.append(
                f"the table does not say {', '.join(lacking)}: drawn from '{said.name}' given sex "
                f"and age, apart from the rest of the row ({', '.join(NEEDED[2:])})"
            )
    out += [
        f"{row.name}: limit or baseline {row.origin}"
        for row in (*baseline, *limits)
        if row.origin == "assumed"
    ]
    return tuple(out)
