"""What is sampled: priors of the parameters, the model's predictions, and the likelihood."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.evidence import EvidenceItem
from pdcraft.errors import ConvergenceError, DataError, Problem
from pdcraft.kinetics.carrier.likelihood import Likelihood
from pdcraft.numerics.sampling import Chains, sample

__all__ = ["Posterior", "Target", "refuse_priors_that_exclude"]

BANK = 4096  # prior draws that starts are chosen from
SUPPORT = 5.0  # prior SDs; beyond lie 6e-7 of the prior, and models too stiff to solve
START_TEMPER = 0.3  # starts follow the likelihood to this power: near it, and wider


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A posterior density over log-normal priors.

    Parameters
    ----------
    names : tuple of str
    log_median, log_sd : ndarray, shape (parameters,)
        Of the priors; they are independent.
    predict : callable
        Parameters of shape (n, parameters) to predictions of shape (n, items), in base units.
    likelihood : Likelihood
        Of the rows that enter, in the order of the predictions.
    observed : ndarray, shape (items, 2)
    """

    names: tuple[str, ...]
    log_median: Floats
    log_sd: Floats
    predict: Callable[[Floats], Floats]
    likelihood: Likelihood
    observed: Floats

    @property
    def items(self) -> tuple[EvidenceItem, ...]:
        """The rows that enter."""
        return self.likelihood.items

    def parameters(self, unit: Floats) -> Floats:
        """Parameters of points in units of the prior: standard normal there."""
        return np.exp(self.log_median + self.log_sd * unit)

    def prior(self, n: int, rng: np.random.Generator) -> Floats:
        """Points of the prior, shape (n, parameters), in its units."""
        return rng.standard_normal((n, len(self.names)))

    def log_likelihood(self, unit: Floats) -> Floats:
        """Log likelihood at points in units of the prior, shape (n,)."""
        return self.likelihood.log_likelihood(self.predict(self.parameters(unit)), self.observed)

    def log_density(self, unit: Floats) -> Floats:
        """Log posterior density but for a constant; the priors end at `SUPPORT` SDs."""
        inside = np.all(np.abs(unit) <= SUPPORT, axis=-1)
        out = np.full(len(unit), -np.inf)
        if inside.any():
            out[inside] = self.log_likelihood(unit[inside]) - 0.5 * (unit[inside] ** 2).sum(axis=-1)
        return out

    def without(self, subjects: Collection[str]) -> Target:
        """Leave out every row of these subjects."""
        keep = [i for i, item in enumerate(self.items) if item.subjects not in subjects]
        predict = self.predict
        return replace(
            self,
            predict=lambda parameters: predict(parameters)[:, keep],
            likelihood=Likelihood(tuple(self.items[i] for i in keep), self.likelihood.sizes),
            observed=self.observed[keep],
        )

    def starts(self, ensembles: int, walkers: int, rng: np.random.Generator) -> Floats:
        """Different starts around where the likelihood is, shape (ensembles, walkers, ...)."""
        bank = self.prior(BANK, rng)
        weight = self.log_likelihood(bank) * START_TEMPER
        noise = rng.gumbel(size=BANK)  # the largest of weight + Gumbel noise: without replacement
        order = np.argsort(-(weight + noise))[: ensembles * walkers]
        return bank[rng.permutation(order)].reshape(ensembles, walkers, -1)

    def sample(
        self, *, seed: int, steps: int, burn_in: int, walkers: int = 32, ensembles: int = 4
    ) -> Posterior:
        """Sample; `Posterior.refuse_unconverged` tells whether it may be used."""
        rng = np.random.default_rng(seed)
        start = self.starts(ensembles, walkers, rng)
        chains = sample(self.log_density, start, steps=steps, burn_in=burn_in, seed=seed)
        return Posterior(self, chains)


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Chains of a target, in units of its prior."""

    target: Target
    chains: Chains

    @property
    def contraction(self) -> Floats:
        """One minus the variance of the logarithm over that of the prior, per parameter."""
        unit = self.chains.values
        return 1.0 - unit.reshape(-1, unit.shape[-1]).var(axis=0)

    @property
    def shift(self) -> Floats:
        """Mean of the logarithm less that of the prior, in the prior's SDs, per parameter."""
        unit = self.chains.values
        return unit.reshape(-1, unit.shape[-1]).mean(axis=0)

    @property
    def correlations(self) -> Floats:
        """Correlations of the logarithms, shape (parameters, parameters)."""
        unit = self.chains.values
        return np.asarray(np.corrcoef(unit.reshape(-1, unit.shape[-1]).T), dtype=float)

    def draws(self, n: int) -> Floats:
        """Parameters of `n` draws, shape (n, parameters)."""
        return self.target.parameters(self.chains.thinned(n))

    def refuse_unconverged(self, rhat: float = 1.05, effective: float = 400.0) -> None:
        """Raise ConvergenceError where the chains disagree or hold too few independent draws."""
        for name, r, size in zip(
            self.target.names, self.chains.split_rhat, self.chains.effective_size, strict=True
        ):
            if not (r < rhat and size > effective):
                raise ConvergenceError(
                    f"parameter '{name}': split R-hat {r:.3f} (below {rhat}) and {size:.0f} "
                    f"independent draws (above {effective:.0f}); sample more steps"
                )


def refuse_priors_that_exclude(target: Target, rng: np.random.Generator, n: int = 2000) -> None:
    """Refuse priors under which a row that they are to be fitted to cannot occur.

    Raises
    ------
    DataError
        Naming every row of which a figure lies outside all of `n` prior-predictive ones, or whose
        statement in words none of them bears out.
    """
    predicted = target.predict(target.parameters(target.prior(n, rng)))
    drawn = target.likelihood.simulate(predicted, rng)
    faults = [
        Problem(f"item '{item.id}': the priors exclude it: {why}; mend the prior or the row")
        for i, item in enumerate(target.items)
        if (why := _excluded(item, target.observed[i], drawn[:, i]))
    ]
    if faults:
        raise DataError(faults)


def _excluded(item: EvidenceItem, seen: Floats, drawn: Floats) -> str | None:
    """Say how a row, shape (2,), differs from all draws of it, shape (n, 2)."""
    if item.statistic in ("below", "above"):
        if seen[0] in drawn[:, 0]:
            return None
        words = f"'{item.statistic} {item.value:g} {item.unit}'"
        return f"{words} is true of none of {len(drawn)} prior predictions"
    ends = ("low end ", "high end ") if item.statistic == "range" else ("",)
    for k, end in enumerate(ends):
        low, high = drawn[:, k].min(), drawn[:, k].max()
        if not low <= seen[k] <= high:
            return (
                f"{end}{np.exp(seen[k]):.3g} is outside all of {len(drawn)} prior predictions, "
                f"{np.exp(low):.3g} to {np.exp(high):.3g}"
            )
    return None
