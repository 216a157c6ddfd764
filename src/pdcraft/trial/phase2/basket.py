r"""Baskets: response in several diseases, with and without borrowing between them.

.. math:: y_k \sim \mathrm{Bin}(n_k, p_k), \qquad
          \theta_k = \mathrm{logit}\,p_k - \mathrm{logit}\,p_{0k}

========================  =======================================================================
independent               :math:`\theta_k \sim N(m, v^2)`, each for itself
hierarchical [B13]_       :math:`\theta_k \sim N(\mu, \tau^2)`, :math:`\mu \sim N(m_\mu, s_\mu^2)`,
                          :math:`\tau \sim` half-normal
exnex [N16]_              hierarchical with probability w, else independent, basket by basket
pooled                    one rate for all, relative to their :math:`p_{0k}`
========================  =======================================================================

Posteriors are by quadrature: given :math:`(\mu, \tau)` the baskets are independent, and the mixture
of exnex multiplies out basket by basket, so no configuration is left to chance. The half-normal
prior is that of [N16]_; [B13]_ had an inverse gamma for :math:`\tau^2`.

References
----------
.. [B13] S. M. Berry et al., Clin. Trials 10, 720 (2013), doi:10.1177/1740774513497539
.. [N16] B. Neuenschwander et al., Pharm. Stat. 15, 123 (2016), doi:10.1002/pst.1730
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.quadrature import gauss_legendre
from pdcraft.trial.checks import check_count, check_open, check_probability

__all__ = ["MODELS", "BasketModel", "BasketTables", "Posterior", "tables"]

MODELS = ("independent", "hierarchical", "exnex", "pooled")

#: Per side of mu = 0, of tau, per side of theta = 0: posteriors are good to 1e-4.
MU_NODES, TAU_NODES, THETA_NODES = 64, 20, 32
FEW, MANY = 40, 240  # patients, of one basket and of all, to which these nodes suffice
AT_ONCE = 400  # outcomes in memory
CELLS = 4_000_000  # values of the likelihood in memory
WIDTH = 5.0  # standard deviations of a prior that are integrated: 6e-7 lie outside
LARGEST_TAU = 4.0  # of the half-normal's scale: 6e-5 lie outside


@dataclass(frozen=True, slots=True)
class BasketModel:
    """Model of the baskets' response rates.

    Parameters
    ----------
    kind : str
        Of `MODELS`.
    mu_mean, mu_sd : float
        Prior of the common mean of theta: 0 is the rate p0.
    tau_scale : float
        Scale of the half-normal prior of the spread between baskets.
    own_mean, own_sd : float
        Prior of a basket by itself.
    exchangeable : float
        Of exnex: probability that a basket is exchangeable with others.
    """

    kind: str = "exnex"
    mu_mean: float = 0.0
    mu_sd: float = 2.0
    tau_scale: float = 1.0
    own_mean: float = 0.0
    own_sd: float = 2.5
    exchangeable: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in MODELS:
            raise DataError(
                f"no basket model is called '{self.kind}'; there are {', '.join(MODELS)}"
            )
        for name in ("mu_sd", "tau_scale", "own_sd"):
            if not getattr(self, name) > 0:
                raise PhysicsRangeError(f"basket model: {name} is {getattr(self, name):g}; above 0")
        check_probability("probability of exchangeability", self.exchangeable)

    @property
    def weight(self) -> float:
        """Share of exchangeable baskets in the prior."""
        return {"independent": 0.0, "exnex": self.exchangeable}.get(self.kind, 1.0)

    def hyper(self, mu_nodes: int = MU_NODES) -> tuple[Floats, Floats, Floats]:
        """Nodes of mu and tau and their prior weights, of sum 1."""
        x, w = gauss_legendre(mu_nodes)
        low, high = (self.mu_mean + side * WIDTH * self.mu_sd for side in (-1.0, 1.0))
        cut = min(max(0.0, low), high)  # the rate p0 itself, where a pooled posterior is cut
        ends = ((low, cut), (cut, high))
        mu = np.concatenate([a + 0.5 * (b - a) * (x + 1.0) for a, b in ends])
        mu_weight = np.concatenate([0.5 * (b - a) * w for a, b in ends])
        mu_weight = mu_weight * np.exp(-0.5 * ((mu - self.mu_mean) / self.mu_sd) ** 2)
        if self.kind == "pooled":
            tau, tau_weight = np.zeros(1), np.ones(1)
        else:
            y, v = gauss_legendre(TAU_NODES)
            scaled = 0.5 * LARGEST_TAU * (y + 1.0)
            tau, tau_weight = self.tau_scale * scaled, v * np.exp(-0.5 * scaled**2)
        if self.kind == "independent":
            mu, mu_weight, tau, tau_weight = (np.zeros(1), np.ones(1)) * 2
        weight = np.outer(mu_weight, tau_weight)
        grid = np.broadcast_to(mu[:, None], weight.shape), np.broadcast_to(tau, weight.shape)
        return grid[0].ravel(), grid[1].ravel(), (weight / weight.sum()).ravel()


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the data say of every basket; arrays of shape (trials, baskets).

    Parameters
    ----------
    above : ndarray
        P(rate > p0).
    mean : ndarray
        Posterior mean of the rate.
    exchangeable : ndarray
        Posterior probability that the basket is exchangeable.
    """

    above: Floats
    mean: Floats
    exchangeable: Floats


@dataclass(frozen=True, slots=True)
class _Basket:
    """For every count of one basket and every hyper node, shape (n + 1, hyper).

    The evidence is kept as its logarithm, since that of many patients is below any number.
    """

    log_evidence: Floats
    above: Floats  # share with rate > p0
    rate: Floats  # mean rate
    shared: Floats  # exchangeable share


@dataclass(frozen=True, slots=True)
class BasketTables:
    """Everything that posteriors need for baskets of given sizes.

    Parameters
    ----------
    model : BasketModel
    p0 : tuple of float
    n : tuple of int
        Patients of every basket; 0 for one without.
    """

    model: BasketModel
    p0: tuple[float, ...]
    n: tuple[int, ...]
    prior: Floats
    baskets: tuple[_Basket, ...]

    def posterior(self, responses: ArrayLike) -> Posterior:
        """Posterior of trials.

        Parameters
        ----------
        responses : array_like of int, shape (baskets,) or (trials, baskets)

        Raises
        ------
        DataError
            For another number of baskets.
        PhysicsRangeError
            For more responses than patients.
        """
        y = np.atleast_2d(np.asarray(responses, dtype=int))
        if y.shape[1] != len(self.n):
            raise DataError(f"responses of {y.shape[1]} baskets; there are {len(self.n)}")
        for k, n in enumerate(self.n):
            if n:
                check_count(f"basket {k + 1}", int(y[:, k].max()), n)
                check_count(f"basket {k + 1}", int(y[:, k].min()), n)
            elif y[:, k].any():
                raise PhysicsRangeError(f"basket {k + 1}: responses, but no patients")
        different, back = np.unique(y, axis=0, return_inverse=True)
        found = self._of(different)
        return Posterior(*(part[back.ravel()] for part in found))

    def _of(self, y: NDArray[np.int_]) -> tuple[Floats, Floats, Floats]:
        out = np.empty((3, *y.shape))
        for begin in range(0, y.shape[0], AT_ONCE):
            some = y[begin : begin + AT_ONCE]
            log_weight = np.log(self.prior)[None, :] + sum(
                basket.log_evidence[some[:, k]] for k, basket in enumerate(self.baskets)
            )
            weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
            weight /= weight.sum(axis=1, keepdims=True)
            for k, basket in enumerate(self.baskets):
                parts = (basket.above, basket.rate, basket.shared)
                out[:, begin : begin + AT_ONCE, k] = [
                    (weight * part[some[:, k]]).sum(axis=1) for part in parts
                ]
        return out[0], out[1], out[2]


def tables(model: BasketModel, p0: ArrayLike, n: ArrayLike) -> BasketTables:
    """Prepare the posteriors of baskets.

    Parameters
    ----------
    model : BasketModel
    p0 : array_like, shape (baskets,)
        Rate that is not worth pursuing, of every basket.
    n : array_like of int, shape (baskets,)

    Raises
    ------
    PhysicsRangeError
        For rates outside (0, 1) or negative sizes.
    DataError
        If the lists differ in length or are empty.

    Examples
    --------
    >>> found = tables(BasketModel("exnex"), [0.2, 0.2, 0.2], [12, 12, 12]).posterior([6, 5, 1])
    >>> found.above.round(3).tolist()
    [[0.985, 0.948, 0.177]]
    """
    rates, sizes = np.asarray(p0, dtype=float), np.asarray(n, dtype=int)
    if rates.ndim != 1 or rates.shape != sizes.shape or rates.size == 0:
        raise DataError(f"baskets: {rates.size} rates p0 and {sizes.size} sizes; one of each")
    for rate in rates:
        check_open("p0 of a basket", float(rate))
    if sizes.min() < 0 or sizes.max() < 1:
        raise PhysicsRangeError(
            f"baskets of {sizes.tolist()} patients: not negative, and not all 0"
        )
    mu_nodes = _finer(MU_NODES, int(sizes.sum()), MANY)
    prior = model.hyper(mu_nodes)[2]
    both = list(zip(rates.tolist(), sizes.tolist(), strict=True))
    baskets = tuple(_basket(model, rate, size, mu_nodes) for rate, size in both)
    return BasketTables(model, tuple(rates.tolist()), tuple(sizes.tolist()), prior, baskets)


def _finer(nodes: int, patients: int, enough_for: int) -> int:
    """Nodes for a likelihood that grows narrower with the root of its patients."""
    return round(nodes * max(1.0, (patients / enough_for) ** 0.5))


@lru_cache(maxsize=64)
def _basket(model: BasketModel, p0: float, n: int, mu_nodes: int) -> _Basket:
    mu, tau, _ = model.hyper(mu_nodes)
    offset = np.log(p0 / (1.0 - p0))
    shared = _parts(n, offset, mu, tau)
    own = _parts(n, offset, np.array([model.own_mean]), np.array([model.own_sd]))
    with np.errstate(divide="ignore"):
        of_shared, of_own = np.log(model.weight) + shared[0], np.log1p(-model.weight) + own[0]
    log_evidence = np.logaddexp(of_shared, of_own)
    share = np.exp(of_shared - log_evidence)
    above, rate = (share * a + (1.0 - share) * b for a, b in zip(shared[1:], own[1:], strict=True))
    return _Basket(log_evidence, above, rate, share)


def _parts(n: int, offset: float, mean: Floats, sd: Floats) -> tuple[Floats, Floats, Floats]:
    """Logarithm of the evidence, share of it above p0, and mean rate, shape (n + 1, nodes)."""
    from scipy.special import expit, gammaln, log_expit

    y = np.arange(n + 1)
    ways = (gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1))[:, None]
    if np.all(sd == 0.0):  # pooled: no spread to integrate over
        eta = offset + mean
        log_like = ways + y[:, None] * log_expit(eta) + (n - y)[:, None] * log_expit(-eta)
        flat = np.ones_like(log_like)
        return log_like, flat * (mean > 0.0), flat * expit(eta)
    theta, log_weight = _nodes(n, mean, sd)
    eta = offset + theta
    up, down, rate = log_expit(eta), log_expit(-eta), expit(eta)
    out = np.empty((3, n + 1, mean.size))
    step = max(1, CELLS // theta.size)
    for first in range(0, n + 1, step):
        k = y[first : first + step, None, None]
        log_part = k * up + (n - k) * down + log_weight
        most = log_part.max(axis=2, keepdims=True)
        part = np.exp(log_part - most)
        total = part.sum(axis=2)
        out[0, first : first + step] = np.log(total) + most[..., 0]
        out[1, first : first + step] = part[..., theta.shape[1] // 2 :].sum(axis=2) / total
        out[2, first : first + step] = (part * rate).sum(axis=2) / total
    return out[0] + ways, out[1], out[2]


def _nodes(n: int, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Values of theta and the logarithms of their prior weights, shape (nodes, points).

    The line is cut at p0, theta of 0: the first half of the points lies below, the second above.
    """
    x, w = gauss_legendre(_finer(THETA_NODES, n, FEW))
    spread = np.maximum(sd, 1e-9)
    low, high = mean - WIDTH * sd, mean + WIDTH * sd
    cut = np.clip(0.0, low, high)
    theta, weight = [], []
    for left, right in ((low, cut), (cut, high)):
        half = 0.5 * (right - left)[:, None]
        theta.append(left[:, None] + half * (x + 1.0))
        weight.append(half * w)
    points = np.concatenate(theta, axis=1)
    z = (points - mean[:, None]) / spread[:, None]
    with np.errstate(divide="ignore"):  # a side that is empty
        log_weight = np.log(np.concatenate(weight, axis=1))
    return points, log_weight - 0.5 * z**2 - np.log(spread * np.sqrt(2.0 * np.pi))[:, None]
