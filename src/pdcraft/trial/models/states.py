"""What a model says of states of a trial, computed once for each that is met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.trial.design import Ints

__all__ = ["StateCache"]

MOST = 4_000_000  # states kept; beyond, the memory of old ones is dropped


@dataclass(slots=True)
class StateCache:
    """Answers by counts of patients and toxicities; many simulated trials share their states.

    Parameters
    ----------
    solve : callable
        From n and tox, shape (states, doses), to answers, shape (states, answers).
    """

    solve: Callable[[Ints, Ints], Floats]
    _index: dict[bytes, int] = field(default_factory=dict[bytes, int])
    _held: Floats | None = None

    def __len__(self) -> int:
        return len(self._index)

    def answers(self, n: Ints, tox: Ints) -> Floats:
        """Answers for every row, shape (rows, answers).

        Parameters
        ----------
        n, tox : ndarray of int, shape (rows, doses)
        """
        rows, where = _distinct(n, tox)
        states = np.concatenate([n[rows], tox[rows]], axis=1).astype(np.uint16)
        keys = [state.tobytes() for state in states]
        if len(self._index) > MOST:
            self._index, self._held = {}, None
        new = [i for i, key in enumerate(keys) if key not in self._index]
        if new:
            found = self.solve(n[rows[new]], tox[rows[new]])
            first = len(self._index)
            self._index.update((keys[i], first + j) for j, i in enumerate(new))
            held = self._held
            self._held = found if held is None else np.concatenate([held, found])
        assert self._held is not None
        return self._held[[self._index[key] for key in keys]][where]


def _distinct(n: Ints, tox: Ints) -> tuple[Ints, Ints]:
    """First row of each distinct state, and the state of each row."""
    most = int(n.max(initial=0)) + 1
    code = np.zeros(len(n), dtype=np.int64)
    bound = 1
    for k in range(n.shape[1]):
        if bound * most * most >= 2**62:  # what was seen so far is numbered anew
            code = np.unique(code, return_inverse=True)[1]
            bound = len(n)
        code = (code * most + n[:, k]) * most + tox[:, k]
        bound *= most * most
    _, first, where = np.unique(code, return_index=True, return_inverse=True)
    return first, where
