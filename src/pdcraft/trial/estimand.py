"""Estimands after ICH E9(R1): what a trial's endpoint is meant to measure.

References
----------
.. [E9R1] ICH E9(R1), Addendum on estimands and sensitivity analysis in clinical trials, 2019
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["EVENTS", "STRATEGIES", "Estimand", "followed"]

#: Intercurrent events, in words.
EVENTS: Final[Mapping[str, str]] = {
    "transfusion": "platelet transfusion",
    "g-csf": "G-CSF",
    "stem-cell-rescue": "infusion of stored stem cells",
    "infusion-withheld": "second or later infusion withheld",
    "new-therapy": "start of another therapy",
    "death-before-nadir": "death before the counts' nadir",
    "progression-before-assessability": "progression before the endpoint can be assessed",
}
#: Strategies, and what each does to the data of the endpoint.
STRATEGIES: Final[Mapping[str, str]] = {
    "treatment-policy": "data are used as they are, whatever the event did to them",
    "hypothetical": "data are those that there would be without the event",
    "composite": "the event is itself the endpoint's event",
    "while-on-treatment": "data until the event are used, none after it",
}
STRATUM = "principal-stratum"
DEATH = "death-before-nadir"


@dataclass(frozen=True, slots=True)
class Estimand:
    """One endpoint's estimand.

    Parameters
    ----------
    endpoint : str
    population, treatment, variable, summary : str
        In words.
    strategies : mapping of str to str
        One of `STRATEGIES` for each of `EVENTS`.

    Raises
    ------
    DataError
        For an event without strategy, unknown words, or a strategy that cannot be.
    """

    endpoint: str
    population: str
    treatment: str
    variable: str
    summary: str
    strategies: Mapping[str, str]

    def __post_init__(self) -> None:
        what = f"estimand of {self.endpoint}"
        for name in ("population", "treatment", "variable", "summary"):
            if not getattr(self, name).strip():
                raise DataError(f"{what}: says no {name}")
        odd = [event for event in self.strategies if event not in EVENTS]
        if odd:
            raise DataError(f"{what}: '{odd[0]}' is no event; there are {', '.join(EVENTS)}")
        missing = [event for event in EVENTS if event not in self.strategies]
        if missing:
            raise DataError(f"{what}: no strategy for {', '.join(missing)}; state one for each")
        for event, strategy in self.strategies.items():
            self._check(what, event, strategy)

    @staticmethod
    def _check(what: str, event: str, strategy: str) -> None:
        if strategy == STRATUM:
            raise DataError(
                f"{what}: {event}: no patient of a trial shows whether he belongs to a principal "
                f"stratum, so it is not simulated; use one of {', '.join(STRATEGIES)}"
            )
        if strategy not in STRATEGIES:
            raise DataError(f"{what}: {event}: '{strategy}' is not one of {', '.join(STRATEGIES)}")
        if event == DEATH and strategy == "treatment-policy":
            raise DataError(
                f"{what}: {event}: there are no data after death, so treatment policy means "
                "nothing; use composite, while-on-treatment or hypothetical"
            )

    def document(self) -> dict[str, object]:
        """Return it as in the JSON documents."""
        words = ("endpoint", "population", "treatment", "variable", "summary")
        out: dict[str, object] = {name: getattr(self, name) for name in words}
        return {**out, "strategies": dict(self.strategies)}


def followed(
    estimand: Estimand, endpoint_day: Floats, event_day: Mapping[str, Floats]
) -> tuple[Floats, Floats]:
    """Day of the endpoint, and day on which follow-up for it ends, under the strategies.

    Parameters
    ----------
    estimand : Estimand
    endpoint_day : ndarray, shape (...)
        Of data that treatment policy or the hypothetical strategy were applied to already;
        infinite for none.
    event_day : mapping of str to ndarray, shape (...)
        Infinite where the event does not come.

    Returns
    -------
    (ndarray, ndarray), each of shape (...)
    """
    day, end = endpoint_day, np.full(np.shape(endpoint_day), np.inf)
    for event, when in event_day.items():
        strategy = estimand.strategies[event]
        if strategy == "composite":
            day = np.minimum(day, when)
        elif strategy == "while-on-treatment":
            end = np.minimum(end, when)
    return np.where(day <= end, day, np.inf), end
