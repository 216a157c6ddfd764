"""From an event table to the records of a population."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, Problem
from pdcraft.io.event_table import EventTable, expanded, number_text
from pdcraft.kinetics.population.records import Doses, Records, padded
from pdcraft.kinetics.population.structure import Compartments

__all__ = ["from_events"]

Places = NDArray[np.intp]


def from_events(table: EventTable, model: Compartments, *, file: str | None = None) -> Records:
    """Group an event table by subject, with doses written out.

    Observations are the rows with EVID 0 and MDV 0. A dose goes into the compartment CMT (default
    1), an infusion only into the central one; a reset (EVID 3 or 4) empties the system. At equal
    times the rows act in the file's order; an additional dose (ADDL) comes before all others.

    Parameters
    ----------
    table : EventTable
    model : Compartments
        Says which number the depot and the central compartment have.
    file : str, optional
        Name used in errors.

    Raises
    ------
    DataError
        For a compartment that the model does not have or observe, an infusion into the depot, a
        subject without observations, or a covariate that is missing or changes in a subject.
    """
    rows = expanded(table)
    ids, time_h, kind = (rows.columns[n] for n in ("ID", "TIME", "EVID"))
    dose = (kind == 1) | (kind == 4)
    seen = (kind == 0) & (rows.columns["MDV"] == 0)
    into = rows.column("CMT", 1.0)
    into = np.where(into == 0, 1.0, into)
    watched = np.where(rows.column("CMT", 0.0) == 0, model.central, rows.column("CMT", 0.0))
    length = rows.duration_h
    depot = np.asarray(model.oral & (into == 1))
    problems: list[Problem] = []
    for i in np.flatnonzero(dose & ~depot & (into != model.central)):
        hint = f"model {model.name} takes doses into {_places(model)}"
        problems.append(_fault(rows, int(i), "CMT", f"dose into compartment {into[i]:g}", hint))
    for i in np.flatnonzero(dose & depot & (length > 0)):
        hint = f"an infusion goes into compartment {model.central}"
        problems.append(_fault(rows, int(i), "CMT", "infusion into the depot", hint))
    for i in np.flatnonzero(seen & (watched != model.central)):
        hint = f"model {model.name} observes compartment {model.central}; set MDV 1 on others"
        problems.append(_fault(rows, int(i), "CMT", f"observes compartment {watched[i]:g}", hint))
    subjects = list(dict.fromkeys(ids.tolist()))
    own = [np.flatnonzero(ids == subject) for subject in subjects]
    for subject, at in zip(subjects, own, strict=True):
        if not seen[at].any():
            hint = "leave the subject out"
            problems.append(
                Problem(f"subject {number_text(subject)} has no observation", hint=hint)
            )
    covariates = {n: _constant(rows, n, own, problems) for n in rows.covariates}
    if problems:
        raise DataError(problems, file=file)
    resets = np.cumsum((kind == 3) | (kind == 4))
    given, watch = [at[dose[at]] for at in own], [at[seen[at]] for at in own]

    def stack(column: Floats, places: Sequence[Places], what: str) -> Floats:
        return padded([column[at].tolist() for at in places], what)[0]

    amount, value = (
        stack(rows.column("AMT", 0.0), given, "AMT"),
        stack(rows.column("DV", 0.0), watch, "DV"),
    )
    acts = np.zeros((len(own), value.shape[1], amount.shape[1]), dtype=bool)
    for i, (d, w) in enumerate(zip(given, watch, strict=True)):
        before = d[None, :] < w[:, None]  # rows are in time order: ties go as the file has them
        acts[i, : w.size, : d.size] = before & (resets[d][None, :] == resets[w][:, None])
    acts.flags.writeable = False
    start_h, duration_h = stack(time_h, given, "TIME"), stack(length, given, "DUR")
    doses = Doses(amount, start_h, duration_h, stack(1.0 * depot, given, "CMT") > 0, acts)
    used = padded([[1.0] * at.size for at in watch], "DV")[1]
    names = tuple(number_text(subject) for subject in subjects)
    return Records(names, stack(time_h, watch, "TIME"), value, used, covariates, doses)


def _places(model: Compartments) -> str:
    return "1 (depot) or 2 (central)" if model.oral else "1 (central)"


def _fault(rows: EventTable, i: int, column: str, said: str, hint: str) -> Problem:
    where = (
        f"subject {number_text(float(rows.columns['ID'][i]))} at {rows.columns['TIME'][i]:g} h: "
    )
    return Problem(where + said, key=column, hint=hint)


def _constant(
    rows: EventTable, name: str, own: Sequence[Places], problems: list[Problem]
) -> Floats:
    """Value of a covariate per subject; missing in some rows is fine, in all or changing not."""
    out: list[float] = []
    for at in own:
        values = np.unique(rows.columns[name][at])
        values = values[~np.isnan(values)]
        if values.size != 1:
            what = "is missing" if values.size == 0 else "changes within the subject"
            hint = "a covariate here has one value per subject"
            problems.append(_fault(rows, int(at[0]), name, f"{name} {what}", hint))
        out.append(float(values[0]) if values.size else 1.0)
    return frozen(out, name)
