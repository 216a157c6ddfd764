"""One comparison of pdcraft with something outside it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Case", "compare"]


@dataclass(frozen=True, slots=True)
class Case:
    """A value beside its reference.

    Parameters
    ----------
    suite : str
        chemistry, kinetics, organs ...
    name : str
        What is compared, with its unit.
    value, reference : float or None
    tolerance : str
        The rule in words, with the reason of its size.
    source : str
        Where the reference comes from.
    passed : bool or None
        None means 'not decided': shown as information, counts as neither.
    """

    suite: str
    name: str
    value: float | None
    reference: float | None
    tolerance: str
    source: str
    passed: bool | None


def compare(
    suite: str,
    name: str,
    value: float,
    reference: float,
    source: str,
    *,
    rel: float = 0.0,
    absolute: float = 0.0,
    why: str,
) -> Case:
    """Judge ``|value - reference| <= rel * |reference| + absolute``; `why` says why this size."""
    allowed = rel * abs(reference) + absolute
    parts = [f"{rel:.2g} relative"] if rel else []
    parts += [f"{absolute:.2g} absolute"] if absolute or not rel else []
    rule = " and ".join(parts)
    passed = bool(abs(value - reference) <= allowed)  # numpy has a bool of its own
    return Case(suite, name, float(value), float(reference), f"{rule}: {why}", source, passed)
