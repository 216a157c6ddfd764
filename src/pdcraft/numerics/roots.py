"""Where a function of one number is zero."""

from __future__ import annotations

from collections.abc import Callable

from pdcraft.errors import ConvergenceError

__all__ = ["root"]


def root(function: Callable[[float], float], low: float, high: float, xtol: float = 1e-12) -> float:
    """Find a zero between two points where the function has different signs (Brent).

    Parameters
    ----------
    function : callable
        Continuous.
    low, high : float
    xtol : float
        Absolute, in the unit of the argument; 4 eps relative besides.

    Raises
    ------
    ConvergenceError
        If the signs do not differ.

    Examples
    --------
    >>> round(root(lambda x: x**2 - 2, 0.0, 2.0), 10)
    1.4142135624
    """
    from scipy.optimize import brentq

    below, above = function(low), function(high)
    if below == 0.0:
        return low
    if above == 0.0:
        return high
    if (below > 0.0) == (above > 0.0):
        raise ConvergenceError(
            f"no zero between {low:g} and {high:g}: the values there are {below:g} and {above:g}"
        )
    found = brentq(function, low, high, xtol=xtol)
    return float(found)  # pyright: ignore[reportArgumentType]  # a float without full_output
