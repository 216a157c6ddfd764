r"""Bayesian monitoring of one arm: go or no-go by posterior and predictive probability, toxicity.

Response and toxicity rates have beta priors. At the end the treatment is worth pursuing (go) if
:math:`P(p > p_0 \mid x) \ge \theta`. On the way, the predictive probability of that end
[LL08]_ stops a trial that is nearly decided, and the posterior probability of a toxicity rate
above a limit stops one that is not safe [TSE95]_.

References
----------
.. [LL08] J. J. Lee, D. D. Liu, Clin. Trials 5, 93 (2008), doi:10.1177/1740774508089279
.. [TSE95] P. F. Thall, R. M. Simon, E. H. Estey, Stat. Med. 14, 357 (1995),
   doi:10.1002/sim.4780140404
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.checks import check_count, check_open, check_probability

__all__ = ["BayesPhase2", "Beta", "Toxicity", "predictive_probability"]


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta distribution of a rate: a prior of `a + b` patients, `a` of them with the event.

    Parameters
    ----------
    a, b : float
        Above 0.
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (self.a > 0 and self.b > 0):
            raise PhysicsRangeError(
                f"beta prior ({self.a:g}, {self.b:g}): both numbers are above 0"
            )

    def above(self, rate: float, events: int, n: int) -> float:
        """Posterior probability of a rate above a limit, after `events` in `n`.

        Examples
        --------
        >>> round(Beta(1, 1).above(0.5, 3, 5), 6)  # 6 coins, at most 3 heads
        0.65625
        """
        from scipy.special import betainc

        return float(betainc(self.b + n - events, self.a + events, 1.0 - rate))

    def interval(self, events: int, n: int, probability: float = 0.95) -> tuple[float, float]:
        """Equal-tailed limits of the rate, after `events` in `n`."""
        from scipy.special import betaincinv

        tail = 0.5 * (1.0 - probability)
        a, b = self.a + events, self.b + n - events
        return float(betaincinv(a, b, tail)), float(betaincinv(a, b, 1.0 - tail))

    def predictive(self, events: int, n: int, more: int) -> Floats:
        """Chances of 0 to `more` events in `more` further patients (beta-binomial)."""
        from scipy.special import betaln, gammaln

        k = np.arange(more + 1)
        a, b = self.a + events, self.b + n - events
        ways = gammaln(more + 1) - gammaln(k + 1) - gammaln(more - k + 1)
        return np.exp(ways + betaln(a + k, b + more - k) - betaln(a, b))


@dataclass(frozen=True, slots=True)
class Toxicity:
    """Rule that stops for toxicity: P(rate > limit | data) above a cut-off.

    Parameters
    ----------
    limit : float
        Highest acceptable rate.
    cutoff : float
    prior : Beta
    """

    limit: float
    cutoff: float
    prior: Beta

    def __post_init__(self) -> None:
        check_open("toxicity limit", self.limit)
        check_open("toxicity cut-off", self.cutoff)

    def stops(self, events: int, n: int) -> bool:
        """Whether so many toxicities stop the trial."""
        return self.prior.above(self.limit, events, n) > self.cutoff

    def boundary(self, n: int) -> int | None:
        """Fewest toxicities of `n` patients that stop; None if not even all do."""
        return next((k for k in range(n + 1) if self.stops(k, n)), None)


@dataclass(frozen=True, slots=True)
class BayesPhase2:
    """A one-arm trial with looks.

    Parameters
    ----------
    p0 : float
        Rate that is not worth pursuing.
    n : int
        Patients in all.
    looks : tuple of int
        Numbers of patients at the interim looks, rising, below n.
    go : float
        Posterior probability of a rate above p0 that the end needs.
    futility : float
        Stop at an interim look if the predictive probability of go is below; 0: never.
    efficacy : float
        Stop, and go, if it is above; 1: never.
    prior : Beta
    toxicity : Toxicity, optional

    Raises
    ------
    PhysicsRangeError
        For rules that make no trial.
    """

    p0: float
    n: int
    looks: tuple[int, ...]
    go: float
    futility: float
    efficacy: float
    prior: Beta
    toxicity: Toxicity | None = None

    def __post_init__(self) -> None:
        check_open("p0", self.p0)
        check_open("posterior probability for go", self.go)
        check_probability("predictive probability for futility", self.futility)
        check_probability("predictive probability for efficacy", self.efficacy)
        if self.futility >= self.efficacy:
            raise PhysicsRangeError(
                f"futility below {self.futility:g} and efficacy above {self.efficacy:g}: the first "
                "must be the smaller, or every trial stops at its first look"
            )
        rising = all(a < b for a, b in zip((0, *self.looks), (*self.looks, self.n), strict=True))
        if not rising:
            raise PhysicsRangeError(
                f"looks at {list(self.looks)} of {self.n} patients: they rise from above 0 and "
                "stay below the end"
            )
        if self.needed is None:
            raise PhysicsRangeError(
                f"not even {self.n} responses of {self.n} give P(rate > {self.p0:g}) of "
                f"{self.go:g}: the trial cannot end with go; take more patients"
            )

    @property
    def needed(self) -> int | None:
        """Fewest responses that end with go."""
        found = (k for k in range(self.n + 1) if self.prior.above(self.p0, k, self.n) >= self.go)
        return next(found, None)

    def predictive(self, responses: int, n: int) -> float:
        """Predictive probability of go after `responses` of `n` patients."""
        return predictive_probability(self, responses, n)

    def decide(self, responses: int, n: int) -> str:
        """``go``, ``no-go`` or ``on`` by responses, at an interim look or the end."""
        if n == self.n:
            return "go" if responses >= (self.needed or 0) else "no-go"
        chance = self.predictive(responses, n)
        if chance < self.futility:
            return "no-go"
        return "go" if chance > self.efficacy else "on"

    def boundaries(self, n: int) -> tuple[int | None, int | None]:
        """Most responses that stop for futility and fewest that stop for efficacy, at a look."""
        decisions = [self.decide(k, n) for k in range(n + 1)]
        low = [k for k, d in enumerate(decisions) if d == "no-go"]
        high = [k for k, d in enumerate(decisions) if d == "go"]
        return (low[-1] if low else None), (high[0] if high else None)


def predictive_probability(design: BayesPhase2, responses: int, n: int) -> float:
    """Chance, given the data so far, that the trial would end with go.

    Examples
    --------
    >>> design = BayesPhase2(0.6, 40, (10, 23), 0.9, 0.05, 0.9, Beta(0.6, 0.4))
    >>> round(design.predictive(16, 23), 4)
    0.5656
    """
    check_count("responses", responses, n)
    more = design.n - n
    if more < 0:
        raise PhysicsRangeError(f"{n} patients: the trial has {design.n}")
    still = max((design.needed or 0) - responses, 0)
    return min(float(design.prior.predictive(responses, n, more)[still:].sum()), 1.0)
