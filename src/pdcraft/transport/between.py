"""Tables of the kernels between their nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import inlined

__all__ = ["between"]


@inlined
def between(table: NDArray[np.float64], node: int, frac: float, column: int) -> float:
    """Value in a column of a table (nodes, columns), ``frac`` of the way to the next node."""
    low = table[node, column]
    return float(low + frac * (table[node + 1, column] - low))
