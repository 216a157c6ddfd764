"""How much is given: administrations of an arm in MBq, with the body surface named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pdcraft.errors import StudyError
from pdcraft.physics.body import mosteller_body_surface_m2

if TYPE_CHECKING:
    from pdcraft.study.model import Administration, Host

__all__ = ["activities_MBq", "administered_activity_MBq", "body_surface_m2", "words"]


def body_surface_m2(host: Host) -> float | None:
    """Body surface of the host: as given, or by Mosteller from height and mass; None if unknown."""
    if host.body_surface is not None:
        return host.body_surface
    if host.height is not None and host.body_mass is not None:
        return float(mosteller_body_surface_m2(host.height / 10.0, host.body_mass / 1000.0))
    return None


def administered_activity_MBq(administrations: Sequence[Administration], host: Host) -> float:
    """Sum the activities of an arm, MBq; as `activities_MBq`."""
    return sum(activities_MBq(administrations, host)[1])


def activities_MBq(
    administrations: Sequence[Administration], host: Host
) -> tuple[list[float], list[float]]:
    """Return times, h, and activities, MBq, of an arm's administrations.

    Raises
    ------
    StudyError
        If an amount is not an activity.
    """
    starts, given = list[float](), list[float]()
    for administration in administrations:
        amount = administration.amount
        if amount.field == "activity":
            one = amount.value
        elif amount.field == "activity_per_surface":
            one = amount.value * (body_surface_m2(host) or float("nan"))
        elif amount.field == "activity_per_mass":
            one = amount.value * (host.body_mass or float("nan")) / 1000.0
        else:
            raise StudyError(
                f"administration.amount: '{amount.text}' is not an activity; dose needs one, "
                'e.g. "7.4 GBq"'
            )
        starts.append(administration.at)
        given.append(one)
    return starts, given


def words(administrations: Sequence[Administration]) -> str:
    """Say an arm's administrations in words."""
    parts: list[str] = []
    for a in administrations:
        over = f" over {a.duration:g} h" if a.duration else ""
        parts.append(f"{a.amount.text} at {a.at:g} h{over}")
    return "; ".join(parts)
