"""The part of a linear system that empties, and its integrals to infinity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import ConvergenceError, PhysicsRangeError
from pdcraft.numerics.emptying import trapped

__all__ = ["Reduced"]

BALANCE_LIMIT = 1e-8  # share of the matter that may be unaccounted for after a solve
_UNBALANCED = (
    "integrals: what leaves the system does not balance what was put in to "
    f"{BALANCE_LIMIT:g}; the slowest way out is lost in the rounding of the fastest exchange: "
    "merge states that exchange that fast, or slow the exchange"
)


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    r"""A system without the states that never empty.

    Parameters
    ----------
    loss_per_h : ndarray, shape (..., n, n)
        :math:`\lambda - A`, with the trapped states cut out (1 on their diagonal).
    initial : ndarray, shape (..., n)
        Amounts at time 0, none in trapped states.
    out_per_h : ndarray, shape (..., n)
        Rate at which a state loses matter out of this part.
    trapped : ndarray of bool, shape (..., n)
        States that never empty.
    filled : ndarray of bool, shape (..., n)
        Those of them that something reaches.
    """

    loss_per_h: Floats
    initial: Floats
    out_per_h: Floats
    trapped: NDArray[np.bool_]
    filled: NDArray[np.bool_]

    @classmethod
    def of(cls, loss_per_h: Floats, leak_per_h: Floats, initial: Floats) -> Reduced:
        r"""Cut the trapped states out.

        Parameters
        ----------
        loss_per_h : ndarray, shape (..., n, n)
            :math:`\lambda - A`.
        leak_per_h : ndarray, shape (..., n)
            Elimination and decay of every state, known without subtraction.
        initial : ndarray, shape (..., n)
        """
        n = initial.shape[-1]
        batch = np.broadcast_shapes(loss_per_h.shape[:-2], leak_per_h.shape[:-1])
        loss = np.broadcast_to(loss_per_h, (*batch, n, n))
        leak = np.broadcast_to(leak_per_h, (*batch, n))
        moving = np.where(np.eye(n, dtype=bool), 0.0, -loss)
        traps, feeds = trapped(moving > 0, leak > 0)
        filled = np.asarray((feeds & np.expand_dims(initial != 0, -2)).any(axis=-1))
        if traps.any():
            leak = leak + (moving * traps[..., None]).sum(axis=-2)
            cut = np.expand_dims(traps, -1) | np.expand_dims(traps, -2)
            loss = np.where(cut, np.eye(n), loss)
            initial = np.where(traps, 0.0, initial)
        everyone = np.broadcast_shapes(batch, initial.shape[:-1])
        return cls(loss, np.broadcast_to(initial, (*everyone, n)), leak, traps, filled)

    def refuse_trapped(
        self, states: Sequence[str], wanted: Sequence[int], *, even_empty: bool = False
    ) -> None:
        """Raise PhysicsRangeError if the integral of a wanted state does not exist.

        Parameters
        ----------
        states : sequence of str
        wanted : sequence of int
        even_empty : bool
            Refuse also a trapped state that nothing reaches, whose integral is 0.
        """
        refused = self.trapped if even_empty else self.filled
        full = np.flatnonzero(refused.reshape(-1, len(states)).any(axis=0))
        names = [f"'{states[i]}'" for i in wanted if i in full]
        if names:
            one = len(names) == 1
            raise PhysicsRangeError(
                f"state{'' if one else 's'} {', '.join(names)} "
                f"{'does' if one else 'do'} not empty (no way out of the system and no decay), so "
                "the integral to infinity does not exist; name the other states in of=, give "
                "decay_per_h, or integrate to a time with integrals_until"
            )

    def solve(self) -> Floats:
        """Integrals of every state, shape (..., n); trapped states 0.

        Raises
        ------
        ConvergenceError
            If what leaves does not balance what was put in.
        """
        try:
            solved = np.linalg.solve(self.loss_per_h, self.initial[..., None])[..., 0]
        except np.linalg.LinAlgError:
            raise ConvergenceError(_UNBALANCED) from None
        out = np.asarray(solved, dtype=np.float64)
        left = (self.out_per_h * out * ~self.trapped).sum(axis=-1)
        put = self.initial.sum(axis=-1)
        allowed = BALANCE_LIMIT * np.abs(self.initial).sum(axis=-1) + np.finfo(float).tiny
        if np.any(np.abs(left - put) > allowed):
            raise ConvergenceError(_UNBALANCED)
        return out
