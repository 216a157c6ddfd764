r"""Share of a membrane that is raft, from its cholesterol and sphingolipid.

Cholesterol and sphingolipid join one to one in complexes, in balance with the free lipids, as in
the condensed complexes of [RM00]_:

.. math:: (c - x)(s - x) = K x, \qquad \text{raft share} = 2x

with :math:`c, s` the mole fractions of the membrane's lipids. Without either lipid there is no
raft, and the scarcer one sets the limit. The constant and the tumor's contents are assumed
(``raft.toml``): only shares relative to the calibrated membrane enter the kinetics.

References
----------
.. [RM00] A. Radhakrishnan, H. M. McConnell, PNAS 97, 1073 (2000), doi:10.1073/pnas.97.3.1073
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import PhysicsRangeError

__all__ = ["UNCHANGED", "Membrane", "RaftChange", "membrane", "raft_citations", "raft_share"]


@dataclass(frozen=True, slots=True)
class Membrane:
    """Lipids of a plasma membrane, mole fractions of all its lipids."""

    cholesterol: float
    sphingolipid: float

    @property
    def raft_share(self) -> float:
        """Share of its lipids that is raft."""
        return float(raft_share(self.cholesterol, self.sphingolipid))


@dataclass(frozen=True, slots=True)
class RaftChange:
    """Factors on the lipids of membranes in an experiment.

    Parameters
    ----------
    cholesterol, sphingolipid : float
        1 leaves a membrane as it is, 0.5 takes half of the lipid away, 0 all of it.
    where : {"all", "tumor"}
        In all membranes, or in those of tumor only. Where normal tissue is depleted too, it
        holds less of the carrier and leaves more of it in plasma.
    """

    cholesterol: float = 1.0
    sphingolipid: float = 1.0
    where: Literal["all", "tumor"] = "all"

    def share(self, kind: Literal["normal", "tumor"]) -> float:
        """Raft share of the changed membrane."""
        before = membrane(kind)
        if kind == "normal" and self.where == "tumor":
            return before.raft_share
        return float(
            raft_share(
                self.cholesterol * before.cholesterol, self.sphingolipid * before.sphingolipid
            )
        )


UNCHANGED = RaftChange()


def raft_share(cholesterol: ArrayLike, sphingolipid: ArrayLike) -> Floats:
    """Share of the membrane's lipids that is raft.

    Parameters
    ----------
    cholesterol, sphingolipid : array_like, any shape that broadcasts
        Mole fractions, zero or more and together at most 1.

    Returns
    -------
    ndarray

    Raises
    ------
    PhysicsRangeError
        If a fraction is negative or the two exceed the membrane.

    Examples
    --------
    >>> float(raft_share(0.0, 0.2))
    0.0
    """
    c, s = np.asarray(cholesterol, dtype=float), np.asarray(sphingolipid, dtype=float)
    if np.any(c < 0) or np.any(s < 0) or np.any(c + s > 1):
        raise PhysicsRangeError(
            f"cholesterol {c} and sphingolipid {s} are mole fractions of a membrane: zero or more, "
            "together at most 1; take a smaller change"
        )
    dissociation = float(_table()["complex"]["dissociation"])
    total = c + s + dissociation
    # the smaller root in the form that does not cancel
    return np.asarray(4 * c * s / (total + np.sqrt(total**2 - 4 * c * s)))


@cache
def membrane(kind: Literal["normal", "tumor"]) -> Membrane:
    """Membrane of normal or tumor cells in ``raft.toml``."""
    row = _table()["membrane"][kind]
    return Membrane(row["cholesterol"], row["sphingolipid"])


def raft_citations() -> tuple[Citation, ...]:
    """Return the sources of ``raft.toml``."""
    return tuple(
        Citation(key, row["text"], row.get("doi")) for key, row in _table()["source"].items()
    )


@cache
def _table() -> dict[str, Any]:
    return load_toml("carrier", "raft.toml")
