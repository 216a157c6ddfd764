"""Effectiveness of radiation types relative to fast electrons, with end point and source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import PhysicsRangeError

__all__ = ["RadiationEffect", "alpha_effect", "radiation_effect", "radiation_effects"]


@dataclass(frozen=True, slots=True)
class RadiationEffect:
    """Relative effectiveness of one type of radiation for one end point."""

    name: str
    radiation: str
    end_point: str
    factor: float
    low: float
    high: float
    grade: str
    source: str
    text: str


@cache
def radiation_effects() -> dict[str, RadiationEffect]:
    """All types by name."""
    return {name: _effect(name, row) for name, row in _table().items()}


def _effect(name: str, row: dict[str, str | float]) -> RadiationEffect:
    return RadiationEffect(
        name=name,
        radiation=str(row["radiation"]),
        end_point=str(row["end_point"]),
        factor=float(row["factor"]),
        low=float(row["low"]),
        high=float(row["high"]),
        grade=str(row["grade"]),
        source=str(row["source"]),
        text=str(row["text"]),
    )


@cache
def _table() -> dict[str, dict[str, str | float]]:
    return load_toml("response", "radiation_effects.toml")["effect"]


def radiation_effect(name: str) -> RadiationEffect:
    """Look a type up: ``electrons``, ``alpha``, ``auger``, ``auger_in_dna``.

    Examples
    --------
    >>> radiation_effect("electrons").factor
    1.0
    """
    effects = radiation_effects()
    way_out = f"there are {', '.join(effects)}"
    return effects[look_up("radiation", name, index_of((n, ()) for n in effects), way_out)]


def alpha_effect(energy_MeV: float) -> float:
    """Relative effectiveness of alpha particles of an energy, 3 to 9 MeV (spermatogonia of mice).

    Examples
    --------
    >>> round(alpha_effect(5.3), 2)
    6.44
    """
    row = _table()["alpha"]
    low, high = float(row["energy_low_MeV"]), float(row["energy_high_MeV"])
    if not low <= energy_MeV <= high:
        raise PhysicsRangeError(
            f"alpha particles of {energy_MeV:g} MeV: their effectiveness was measured from "
            f"{low:g} to {high:g} MeV; give a factor of your own"
        )
    return float(row["energy_intercept"]) + float(row["energy_slope_per_MeV"]) * energy_MeV
