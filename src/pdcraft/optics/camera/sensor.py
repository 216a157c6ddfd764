"""The sensor: efficiency, noise, well and converter."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pdcraft.errors import DataError
from pdcraft.optics.camera.curve import Curve

__all__ = ["Sensor"]

OFFSET_SD = 6.0  # default offset of the converter, in read noise: no reading falls below 0


@dataclass(frozen=True, slots=True)
class Sensor:
    """A pixel array and its converter.

    Parameters
    ----------
    qe : float or curve
        Electrons per photon that reaches it, 0 to 1.
    read_noise_e : float
        Standard deviation, electrons.
    dark_current_e_per_s : float
        Mean over pixels.
    full_well_e : float
        Electrons at which a pixel is full.
    bits : int
        Of the converter, 1 to 32.
    prnu : float
        Relative standard deviation of the pixels' response.
    dark_pattern : float
        Relative standard deviation of the pixels' dark current (lognormal).
    offset_dn : int, optional
        Reading without charge; by default the read noise six times.
    gain_e_per_dn : float, optional
        Electrons per step; by default such that a full well is the highest reading.
    """

    qe: Curve
    read_noise_e: float
    dark_current_e_per_s: float
    full_well_e: float
    bits: int
    prnu: float = 0.0
    dark_pattern: float = 0.0
    offset_dn: int | None = None
    gain_e_per_dn: float | None = None

    def __post_init__(self) -> None:
        for name in ("read_noise_e", "dark_current_e_per_s", "prnu", "dark_pattern"):
            value = float(getattr(self, name))
            if not 0 <= value < math.inf:
                raise DataError(f"sensor {name} is {value:g}; it must be 0 or above")
        if not 0 < self.full_well_e < math.inf:
            raise DataError(f"sensor full_well_e is {self.full_well_e:g}; it must be above 0")
        if not 1 <= self.bits <= 32:
            raise DataError(f"sensor bits is {self.bits}; converters have 1 to 32")
        if self.gain_e_per_dn is not None and not self.gain_e_per_dn > 0:
            raise DataError(f"sensor gain_e_per_dn is {self.gain_e_per_dn:g}; it must be above 0")
        if self.offset_dn is not None and not 0 <= self.offset_dn <= self.highest_dn:
            raise DataError(
                f"sensor offset_dn is {self.offset_dn}; it lies from 0 to {self.highest_dn}"
            )

    @property
    def highest_dn(self) -> int:
        """Highest reading of the converter."""
        return 2**self.bits - 1

    @property
    def capacity_e(self) -> float:
        """Electrons at which a pixel is full or its reading at the highest step."""
        return min(self.full_well_e, (self.highest_dn - self.offset) * self.gain)

    @property
    def gain(self) -> float:
        """Electrons per step of the converter."""
        if self.gain_e_per_dn is not None:
            return self.gain_e_per_dn
        taken = self.offset_dn if self.offset_dn is not None else 0
        room = self.highest_dn - taken
        span = self.full_well_e if self.offset_dn is not None else self.full_well_e + self._margin_e
        return span / max(room, 1)

    @property
    def offset(self) -> int:
        """Reading without charge."""
        if self.offset_dn is not None:
            return self.offset_dn
        return min(math.ceil(self._margin_e / self.gain), self.highest_dn)

    @property
    def _margin_e(self) -> float:
        return OFFSET_SD * self.read_noise_e
