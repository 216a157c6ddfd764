r"""Linear compartments: amounts over time and their integrals, for whole populations at once.

.. math:: \dot x = A x - \lambda x, \qquad x(0) = x_0

Amounts in any unit, times in h, rates in 1/h. Batch axes come first and are (draw, subject) by
convention; they broadcast. The integral to infinity is one linear solve,
:math:`(\lambda - A)^{-1} x_0`, with no time stepping; curves are sums of exponentials.
Matter is conserved but for elimination. Physical decay is no part of the system: it enters only
where ``decay_per_h`` is given.

References
----------
.. [J96] J. A. Jacquez, Compartmental Analysis in Biology and Medicine, 3rd ed., BioMedware 1996
.. [GP82] M. Gibaldi, D. Perrier, Pharmacokinetics, 2nd ed., Marcel Dekker 1982
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.modes import decompose
from pdcraft.numerics.propagation import Input, respond
from pdcraft.numerics.reduced import Reduced
from pdcraft.numerics.transfers import Transfer, check_states, find_state, rate_matrix, rates_of

__all__ = ["LinearSystem", "Transfer"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearSystem:
    """Compartments with first-order transfers between them.

    Make one with `from_transfers` or `from_matrix`.

    Parameters
    ----------
    states : tuple of str, length n
    links : tuple of (source, target), length k
        Positions in ``states``; target -1 leaves the system.
    rates_per_h : ndarray, shape (..., k)
    matrix_per_h : ndarray, shape (..., n, n)

    Examples
    --------
    >>> plasma = LinearSystem.from_transfers(["plasma"], [Transfer("plasma", None, 0.1)])
    >>> plasma.integrals({"plasma": 1.0}).round(9).tolist()
    [10.0]
    """

    states: tuple[str, ...]
    links: tuple[tuple[int, int], ...]
    rates_per_h: Floats
    matrix_per_h: Floats

    @classmethod
    def from_transfers(cls, states: Sequence[str], transfers: Sequence[Transfer]) -> LinearSystem:
        """Build from named transfers.

        Parameters
        ----------
        states : sequence of str
        transfers : sequence of Transfer
            Two between the same states add up.

        Raises
        ------
        DataError
            Naming every unknown state, self transfer, negative or non-finite rate.
        """
        names = check_states(states)
        rates = rates_of(names, transfers)
        links = tuple(
            (names.index(t.source), -1 if t.target is None else names.index(t.target))
            for t in transfers
        )
        matrix = rate_matrix(links, rates, len(names))
        return cls(names, links, frozen(rates, "rates (1/h)"), frozen(matrix, "rate matrix (1/h)"))

    @classmethod
    def from_matrix(
        cls, matrix_per_h: ArrayLike, states: Sequence[str] | None = None
    ) -> LinearSystem:
        """Build from rate matrices.

        Parameters
        ----------
        matrix_per_h : array_like, shape (..., n, n)
            ``[..., j, i]``: rate from state i to state j; the diagonal holds minus the sum of
            all ways out. What the column lacks to zero is elimination; less than rounding is none.
        states : sequence of str, optional
            Default ``"0"``, ``"1"`` and so on.

        Raises
        ------
        DataError
            If the matrix is not square or finite, has a negative transfer, or makes matter.
        """
        matrix = frozen(matrix_per_h, "rate matrix (1/h)")
        if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
            raise DataError(f"rate matrix has shape {matrix.shape}; the last two axes must match")
        n = matrix.shape[-1]
        names = check_states(states if states is not None else [str(i) for i in range(n)])
        if len(names) != n:
            raise DataError(f"{len(names)} state names for a rate matrix of {n} states")
        moving = matrix * ~np.eye(n, dtype=bool)
        out = -matrix.sum(axis=-2)
        rounding = 4 * n * np.finfo(float).eps * np.abs(matrix).max(axis=-2)
        for faulty, what in ((moving < 0, "a negative transfer"), (out < -rounding, "a gain")):
            if faulty.any():
                where = tuple(int(i) for i in np.argwhere(faulty)[0])
                raise DataError(
                    f"rate matrix: {what} at index {where}, from state '{names[where[-1]]}'; "
                    "off-diagonal rates are zero or more and no column sums to more than zero"
                )
        flows = np.concatenate([moving, np.where(out > rounding, out, 0.0)[..., None, :]], axis=-2)
        used = np.argwhere((flows > 0).any(axis=tuple(range(matrix.ndim - 2))).T)
        links = tuple((int(i), int(j) if j < n else -1) for i, j in used)
        rates = flows[..., used[:, 1], used[:, 0]]
        return cls(names, links, frozen(rates, "transfer rates (1/h)"), matrix)

    def with_rates(self, rates_per_h: ArrayLike) -> LinearSystem:
        """Return the same network with other rates, such as those of a population.

        Parameters
        ----------
        rates_per_h : array_like, shape (..., k)
            In the order of ``links``.

        Raises
        ------
        DataError
            If the last axis is not k, or a rate is negative or not finite.
        """
        rates = np.asarray(rates_per_h, dtype=float)
        if rates.ndim == 0 or rates.shape[-1] != len(self.links):
            raise DataError(
                f"rates have shape {rates.shape}; the last axis must be {len(self.links)} transfers"
            )
        return LinearSystem.from_transfers(
            self.states,
            [
                Transfer(self.states[s], None if t < 0 else self.states[t], rates[..., k])
                for k, (s, t) in enumerate(self.links)
            ],
        )

    @property
    def batch(self) -> tuple[int, ...]:
        """Shape of the batch axes."""
        return self.matrix_per_h.shape[:-2]

    @property
    def elimination_per_h(self) -> Floats:
        """Rate out of the system from every state, shape (..., n)."""
        out = np.zeros((*self.batch, len(self.states)))
        for k, (source, target) in enumerate(self.links):
            if target < 0:
                out[..., source] += self.rates_per_h[..., k]
        return out

    def index(self, state: str) -> int:
        """Position of a state; DataError with the nearest name if there is none."""
        return find_state(self.states, state)

    def amounts(self, amounts: ArrayLike | Mapping[str, ArrayLike]) -> Floats:
        """Amounts in every state, shape (..., n), from an array of that shape or by name.

        Raises
        ------
        DataError
            If a state is unknown, an amount is not finite, or the last axis is not n.
        """
        n = len(self.states)
        if isinstance(amounts, Mapping):
            named = {self.index(str(s)): np.asarray(a, dtype=float) for s, a in amounts.items()}
            shape = np.broadcast_shapes(*(a.shape for a in named.values()))
            values = np.zeros((*shape, n))
            for position, amount in named.items():
                values[..., position] = amount
        else:
            values = np.asarray(amounts, dtype=float)
        if values.ndim == 0 or values.shape[-1] != n:
            raise DataError(f"amounts have shape {values.shape}; the last axis must be {n} states")
        return frozen(values, "amounts")

    def curves(
        self,
        initial: ArrayLike | Mapping[str, ArrayLike],
        time_h: ArrayLike,
        *,
        decay_per_h: ArrayLike = 0.0,
    ) -> Floats:
        """Amounts over time after an amount at time 0.

        Parameters
        ----------
        initial : array_like of shape (..., n), or mapping of state to amount
        time_h : array_like, shape (..., m)
            Zero or more.
        decay_per_h : array_like, shape (...)
            Physical decay on top of the transfers; 0 keeps the matter.

        Returns
        -------
        ndarray, shape (..., n, m)
            Off by about 2e-16 x fastest rate x time of each state's largest value, at the
            most: 1e-10 for 2000/h over 240 h.

        Raises
        ------
        PhysicsRangeError
            If a time or the decay is negative.
        """
        return self._since_zero(initial, time_h, decay_per_h, integrated=False)

    def exponentials(self, initial: ArrayLike | Mapping[str, ArrayLike]) -> tuple[Floats, Floats]:
        r"""Amounts as sums of exponentials, :math:`\sum_k c_k e^{-r_k t}`.

        Parameters
        ----------
        initial : array_like of shape (..., n), or mapping of state to amount

        Returns
        -------
        coefficients : ndarray, shape (..., n, n)
            Last axis the terms.
        rates_per_h : ndarray, shape (..., n)
            Zero where matter stays.

        Raises
        ------
        PhysicsRangeError
            If the amounts are no such sum: rates that are equal, or a circulation that
            oscillates. `curves` and the integrals hold for every system.
        """
        n = len(self.states)
        modes = decompose(self.matrix_per_h.reshape(-1, n, n))
        oscillates = np.iscomplexobj(modes.values_per_h) and np.any(modes.values_per_h.imag)
        if oscillates or not modes.sound.all():
            why = "it oscillates" if oscillates else "two of its rates are (nearly) equal"
            raise PhysicsRangeError(
                f"system of {', '.join(self.states)}: no sum of exponentials, because {why}; "
                "sample it with curves and take the integrals from the system"
            )
        vectors, inverse = (
            m.real.reshape(*self.batch, n, n) for m in (modes.vectors, modes.inverse)
        )
        share = (inverse @ self.amounts(initial)[..., None]).swapaxes(-1, -2)
        rates = np.maximum(-modes.values_per_h.real, 0.0).reshape(*self.batch, n)
        return vectors * share, rates

    def integrals_until(
        self,
        initial: ArrayLike | Mapping[str, ArrayLike],
        time_h: ArrayLike,
        *,
        decay_per_h: ArrayLike = 0.0,
    ) -> Floats:
        """Integrals of the amounts from 0 to given times, shape (..., n, m); as `curves`.

        They exist for every state, also for one that does not empty.
        """
        return self._since_zero(initial, time_h, decay_per_h, integrated=True)

    def integrals(
        self,
        initial: ArrayLike | Mapping[str, ArrayLike],
        *,
        decay_per_h: ArrayLike = 0.0,
        of: Sequence[str] | None = None,
    ) -> Floats:
        """Integrals of the amounts from 0 to infinity: one linear solve.

        Parameters
        ----------
        initial : array_like of shape (..., n), or mapping of state to amount
        decay_per_h : array_like, shape (...)
            Physical decay on top of the transfers.
        of : sequence of str, optional
            Only these states, in this order. Default all.

        Returns
        -------
        ndarray, shape (..., n or len(of))
            Amount times h.

        Raises
        ------
        PhysicsRangeError
            If one of these states receives matter and never empties: it is named.
        ConvergenceError
            If the rates span too many orders of magnitude for the solve to balance.
        """
        amounts = self.amounts(initial)
        wanted = range(len(self.states)) if of is None else [self.index(s) for s in of]
        reduced = self.emptying_part(amounts, decay_per_h)
        reduced.refuse_trapped(self.states, wanted)
        return reduced.solve()[..., wanted]

    def emptying_part(self, initial: Floats, decay_per_h: ArrayLike = 0.0) -> Reduced:
        """Cut out what never empties: the part whose integrals to infinity exist."""
        leak = self.elimination_per_h + np.asarray(decay_per_h, dtype=float)[..., None]
        return Reduced.of(-self.with_decay(decay_per_h), leak, initial)

    def with_decay(self, decay_per_h: ArrayLike) -> Floats:
        """Rate matrices with physical decay in every state, shape (..., n, n).

        Raises
        ------
        PhysicsRangeError
            If the decay is negative or not finite.
        """
        decay = np.asarray(decay_per_h, dtype=float)
        if not np.all(np.isfinite(decay) & (decay >= 0)):
            raise PhysicsRangeError(
                f"decay_per_h is {decay[~(np.isfinite(decay) & (decay >= 0))][0]:g}; a decay "
                "constant is finite and zero or more: ln 2 / half-life in h"
            )
        if not decay.any():
            return self.matrix_per_h
        return self.matrix_per_h - decay[..., None, None] * np.eye(len(self.states))

    def _since_zero(
        self,
        initial: ArrayLike | Mapping[str, ArrayLike],
        time_h: ArrayLike,
        decay_per_h: ArrayLike,
        *,
        integrated: bool,
    ) -> Floats:
        times = np.atleast_1d(frozen(time_h, "times (h)"))
        if times.size and times.min() < 0:
            raise PhysicsRangeError(f"time {times.min():g} h is before the amounts are there (0 h)")
        amounts = self.amounts(initial)
        entered = Input(amounts, np.zeros(()))
        out = respond(self.with_decay(decay_per_h), [entered], times, integrated=integrated)
        if np.all(amounts >= 0):  # then so is every amount; what is not is rounding
            np.maximum(out, 0.0, out=out)
        return out
