"""Optical properties of every region at one wavelength."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import frozen
from pdcraft.errors import PhysicsRangeError

__all__ = ["OpticalMedium"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OpticalMedium:
    """Absorption, scattering, anisotropy and refractive index by region label.

    Parameters
    ----------
    mua_per_mm : array_like, shape (labels,)
        Total absorption with that of the dye, 0 or more.
    mus_per_mm : array_like, shape (labels,)
        Scattering (not reduced), 0 or more.
    g : array_like, shape (labels,)
        Mean cosine, -1 < g < 1 (Henyey-Greenstein).
    n : array_like, shape (labels,)
        Refractive index, 1 or more.

    Entry 0 is the outside of curved scenes; its values are not used there.

    Raises
    ------
    PhysicsRangeError
        For values out of range.
    """

    mua_per_mm: Floats
    mus_per_mm: Floats
    g: Floats
    n: Floats

    def __post_init__(self) -> None:
        for name in ("mua_per_mm", "mus_per_mm", "g", "n"):
            values = np.atleast_1d(frozen(getattr(self, name), f"optical medium: {name}"))
            object.__setattr__(self, name, values)
        shapes = {self.mua_per_mm.shape, self.mus_per_mm.shape, self.g.shape, self.n.shape}
        if len(shapes) != 1 or self.mua_per_mm.ndim != 1:
            raise PhysicsRangeError(
                f"optical medium: properties have shapes {sorted(shapes)}; give one value of each "
                "for every label"
            )
        rules = (
            ("mua_per_mm", self.mua_per_mm >= 0.0, "0 or more"),
            ("mus_per_mm", self.mus_per_mm >= 0.0, "0 or more"),
            ("g", np.abs(self.g) < 1.0, "above -1 and below 1"),
            ("n", self.n >= 1.0, "1 or more"),
        )
        for name, good, rule in rules:
            if not np.all(good):
                label = int(np.argmin(good))
                value = getattr(self, name)[label]
                raise PhysicsRangeError(
                    f"optical medium: {name} of label {label} is {value:g}; it must be {rule}"
                )

    @property
    def labels(self) -> int:
        """Number of labels, the outside (0) included."""
        return len(self.mua_per_mm)

    def with_absorption(self, mua_per_mm: ArrayLike) -> OpticalMedium:
        """Return the same medium with other absorption."""
        return replace(self, mua_per_mm=np.asarray(mua_per_mm, dtype=np.float64))
