"""How the background of a fluorescence image varies: assumed priors by tissue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

__all__ = ["BackgroundPrior", "background_prior"]


@dataclass(frozen=True, slots=True)
class BackgroundPrior:
    """Spread of a background within a field of view; relative standard deviations and mm.

    Parameters
    ----------
    uptake_sd, uptake_mm : float
        Of the dye's concentration; mm is the length l of the correlation exp(-r²/(2 l²)).
    autofluorescence_sd, autofluorescence_mm : float
    blood_sd, blood_mm : float
    blood_exponent : float
        The signal goes as the blood volume to minus this power.
    light_fall : float
        Share of the light that is missing at the image's corner.
    light_shift : float
        SD of the light's center along x and y, in half diagonals of the image.
    assumed : bool
        Whether the numbers are assumed, not measured.
    """

    uptake_sd: float
    uptake_mm: float
    autofluorescence_sd: float
    autofluorescence_mm: float
    blood_sd: float
    blood_mm: float
    blood_exponent: float
    light_fall: float
    light_shift: float
    assumed: bool = True

    def __post_init__(self) -> None:
        for name in ("uptake", "autofluorescence", "blood"):
            sd, length = float(getattr(self, f"{name}_sd")), float(getattr(self, f"{name}_mm"))
            if sd < 0 or not length > 0:
                raise DataError(
                    f"background {name}: SD {sd:g} is 0 or above, length {length:g} mm above 0"
                )
        if not 0 <= self.light_fall < 1 or self.light_shift < 0:
            raise DataError(
                f"background light_fall {self.light_fall:g} lies from 0 to below 1, light_shift "
                f"{self.light_shift:g} is 0 or above"
            )


@cache
def _table() -> dict[str, dict[str, Any]]:
    return load_toml("optics", "background_variability.toml")["tissue"]


def background_prior(tissue: str) -> BackgroundPrior:
    """Look a tissue's prior up; all of it is assumed."""
    table = _table()
    name = look_up("background", tissue, index_of((n, ()) for n in table), "state the numbers")
    return BackgroundPrior(**table[name])
