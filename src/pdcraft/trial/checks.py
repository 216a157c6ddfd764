"""Refusals of rates and counts that cannot be, for every design and analysis."""

from __future__ import annotations

from pdcraft.errors import PhysicsRangeError

__all__ = ["check_count", "check_open", "check_probability"]


def check_open(name: str, value: float) -> None:
    """Refuse a probability that is not strictly between 0 and 1.

    Raises
    ------
    PhysicsRangeError
        For any other number.
    """
    if not 0.0 < value < 1.0:
        raise PhysicsRangeError(f"{name} is {value:g}; it must lie between 0 and 1, both excluded")


def check_probability(name: str, value: float) -> None:
    """Refuse what is no probability.

    Raises
    ------
    PhysicsRangeError
        Outside 0 to 1.
    """
    if not 0.0 <= value <= 1.0:
        raise PhysicsRangeError(f"{name} is {value:g}; a probability lies from 0 to 1")


def check_count(name: str, count: int, of: int) -> None:
    """Refuse a count that cannot be: `count` of `of` patients.

    Raises
    ------
    PhysicsRangeError
        For no patients, a negative count or more than there are.
    """
    if of < 1:
        raise PhysicsRangeError(f"{name}: {of} patients; there must be at least one")
    if not 0 <= count <= of:
        raise PhysicsRangeError(f"{name}: {count} of {of} patients; a count lies from 0 to {of}")
