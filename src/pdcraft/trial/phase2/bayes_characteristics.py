"""Operating characteristics of a Bayesian one-arm trial, exactly: every outcome, no simulation.

Response and toxicity may be associated: the four outcomes of a patient have the given rates and an
odds ratio (1: independent). The chances of all counts are carried from patient to patient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.checks import check_probability
from pdcraft.trial.phase2.bayes import BayesPhase2

__all__ = ["Characteristics", "characteristics", "joint_rates"]


@dataclass(frozen=True, slots=True)
class Characteristics:
    """What a trial does at true rates; exact.

    Parameters
    ----------
    response, toxicity : float
        True rates.
    go : float
        Type I error at p0, power at a higher rate.
    PET : float
        Probability to stop before the last patient, for whatever reason.
    futile, effective, toxic : float
        Probability to stop early for each; toxicity comes first.
    EN : float
        Expected patients.
    """

    response: float
    toxicity: float
    go: float
    PET: float
    futile: float
    effective: float
    toxic: float
    EN: float


def joint_rates(response: float, toxicity: float, odds_ratio: float = 1.0) -> Floats:
    """Chances of neither, toxicity only, response only and both, shape (2, 2).

    Parameters
    ----------
    response, toxicity : float
    odds_ratio : float
        Above 1: those who respond have toxicity more often.

    Examples
    --------
    >>> joint_rates(0.5, 0.2).round(3).tolist()
    [[0.4, 0.1], [0.4, 0.1]]
    """
    check_probability("response rate", response)
    check_probability("toxicity rate", toxicity)
    if not 0 < odds_ratio < np.inf:
        raise PhysicsRangeError(f"odds ratio {odds_ratio:g}: above 0 and finite")
    if odds_ratio == 1.0:
        both = response * toxicity
    else:  # Plackett
        part = 1.0 + (response + toxicity) * (odds_ratio - 1.0)
        root = np.sqrt(part**2 - 4.0 * odds_ratio * (odds_ratio - 1.0) * response * toxicity)
        both = (part - root) / (2.0 * (odds_ratio - 1.0))
    neither = 1.0 - response - toxicity + both
    return np.array([[neither, toxicity - both], [response - both, both]])


def characteristics(
    design: BayesPhase2, response: float, toxicity: float = 0.0, odds_ratio: float = 1.0
) -> Characteristics:
    """Find what a trial does at true rates.

    Examples
    --------
    >>> from pdcraft.trial.phase2.bayes import Beta
    >>> design = BayesPhase2(0.2, 30, (10, 20), 0.9, 0.05, 1.0, Beta(0.2, 0.8))
    >>> found = characteristics(design, 0.2)
    >>> round(found.go, 4), round(found.PET, 4), round(found.EN, 2)
    (0.0571, 0.6656, 19.59)
    """
    rates = joint_rates(response, toxicity, odds_ratio)
    state = np.ones((1, 1))  # chances of (responses, toxicities) of the trials that go on
    done = 0
    stopped = {"no-go": 0.0, "go": 0.0, "toxic": 0.0}
    size = 0.0
    for look in (*design.looks, design.n):
        for _ in range(look - done):
            state = _one_more(state, rates)
        done = look
        toxic, decisions = _rules(design, look)
        ended = float(state[:, toxic].sum())
        state[:, toxic] = 0.0
        if look == design.n:
            go = stopped["go"] + float(state[decisions == "go"].sum())
            # at the end, toxicity is no early stop, but forbids go
            size += look * (float(state.sum()) + ended)
            early = sum(stopped.values())
            return Characteristics(
                response,
                toxicity,
                go,
                early,
                stopped["no-go"],
                stopped["go"],
                stopped["toxic"],
                size,
            )
        stopped["toxic"] += ended
        for decision in ("no-go", "go"):
            part = float(state[decisions == decision].sum())
            state[decisions == decision] = 0.0
            stopped[decision] += part
            ended += part
        size += look * ended
    raise AssertionError("a trial has an end")  # pragma: no cover


def _one_more(state: Floats, rates: Floats) -> Floats:
    out = np.zeros((state.shape[0] + 1, state.shape[1] + 1))
    out[:-1, :-1] += rates[0, 0] * state
    out[:-1, 1:] += rates[0, 1] * state
    out[1:, :-1] += rates[1, 0] * state
    out[1:, 1:] += rates[1, 1] * state
    return out


def _rules(design: BayesPhase2, n: int) -> tuple[np.ndarray, np.ndarray]:
    counts = range(n + 1)
    rule = design.toxicity
    toxic = np.array([rule is not None and rule.stops(k, n) for k in counts])
    return toxic, np.array([design.decide(k, n) for k in counts])
