"""Judge a simulated value by a simulated reference: both have statistical errors."""

from __future__ import annotations

from pdcraft.validate.case import Case

__all__ = ["decide", "show"]


def decide(
    suite: str,
    name: str,
    value: tuple[float, float],
    reference: tuple[float, float],
    source: str,
    *,
    rel: float,
    why: str,
) -> Case:
    """Pass if the difference is at most the tolerance and two combined standard errors.

    Not decided where the reference's standard error is half the tolerance or more, or pdcraft's own
    above a quarter of it, or where nothing was scored.

    Parameters
    ----------
    value, reference : (float, float)
        Number and standard error.
    rel : float
        Tolerance, relative to the reference.
    """
    (got, own), (want, other) = value, reference
    allowed = rel * abs(want) + 2.0 * (own**2 + other**2) ** 0.5
    words = (
        f"{rel:.2g} relative and 2 σ (σ here {own / abs(want):.2%}, of the reference "
        f"{other / abs(want):.2%}): {why}"
    )
    passed: bool | None = bool(abs(got - want) <= allowed)
    if other >= 0.5 * rel * abs(want):
        passed, words = None, f"{words}; not decided: the reference's own error is too large"
    elif own == 0.0 and got == 0.0:
        passed, words = None, f"{words}; not decided: nothing was scored, use --full"
    elif own > 0.25 * rel * abs(want):
        passed, words = None, f"{words}; not decided: pdcraft's own error too large, use --full"
    return Case(suite, name, float(got), float(want), words, source, passed)


def show(suite: str, name: str, value: float, reference: float, why: str, source: str) -> Case:
    """Return a case that is information only."""
    return Case(suite, name, float(value), float(reference), f"information: {why}", source, None)
