"""Operating characteristics conditional on each draw of what is not known, and averaged over them.

The average over draws of a design's chance is its assurance. One draw, the last or any other, is
one guess at the truth and is never reported as the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.characteristics import OperatingCharacteristics, characteristics
from pdcraft.trial.design import Ints
from pdcraft.trial.runs import TrialRuns
from pdcraft.trial.scenarios import Scenario

__all__ = ["averaged", "by_draw", "part"]

HEAD = ("name", "design", "target", "trials", "true_rate", "mcse")


def part(runs: TrialRuns, rows: Ints) -> TrialRuns:
    """Take some of the trials."""
    months = None if runs.months is None else runs.months[rows]
    return replace(
        runs,
        n=runs.n[rows],
        tox=runs.tox[rows],
        selected=runs.selected[rows],
        stopped=runs.stopped[rows],
        months=months,
    )


def by_draw(
    runs: TrialRuns, draw: Ints, rates: Floats, target: float
) -> tuple[OperatingCharacteristics, ...]:
    """Summarize the trials of each draw against what is true in it.

    Parameters
    ----------
    runs : TrialRuns
    draw : ndarray of int, shape (trials,)
        Every draw has a trial.
    rates : ndarray, shape (draw, dose)
        True DLT rates.
    target : float
    """
    out: list[OperatingCharacteristics] = []
    for number, rate in enumerate(rates):
        rows = np.flatnonzero(draw == number)
        if not rows.size:
            raise DataError(f"draw {number + 1} of {len(rates)} has no trial; simulate more")
        out.append(characteristics(part(runs, rows), Scenario.of("draw", rate), target))
    return tuple(out)


def averaged(name: str, found: Sequence[OperatingCharacteristics]) -> dict[str, Any]:
    """Average over draws, as in the JSON documents, with ``by_draw`` beside.

    Parameters
    ----------
    name : str
    found : sequence of OperatingCharacteristics
        Of as many trials each, one for each draw.

    Returns
    -------
    dict
        Values are means over draws; a value that some draws do not have, over those that do.
        ``mcse`` is the standard deviation between draws over the square root of their number, so
        that it holds both the draws' and the trials' error.
    """
    documents = [one.document() for one in found]
    first = documents[0]
    values: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for key in first:
        if key not in HEAD:
            values[key], errors[key] = _mean([d[key] for d in documents])
    rates, rate_error = _mean([d["true_rate"] for d in documents])
    return {
        "name": name,
        "design": first["design"],
        "target": first["target"],
        "trials": int(sum(d["trials"] for d in documents)),
        "true_rate": rates,
        **values,
        "mcse": {**errors, "true_rate": rate_error},
        "by_draw": {
            key: [d[key] for d in documents]
            for key in ("true_rate", "select", "select_none", "correct", "overdose", "mean_n")
        },
    }


def _mean(values: Sequence[Any]) -> tuple[Any, Any]:
    held = [np.asarray(v, dtype=float) for v in values if v is not None]
    if not held:
        return None, None
    table = np.array(held)
    mean = table.mean(axis=0)
    error = table.std(axis=0, ddof=1) / np.sqrt(len(held)) if len(held) > 1 else 0.0 * mean
    return mean.tolist(), error.tolist()
