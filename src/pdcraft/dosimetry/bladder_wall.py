r"""How the dose to the bladder wall depends on the volume of its contents.

The contents are a sphere of volume V, the wall a shell around it of constant volume, thinner the
fuller the bladder [MIRD14]_. S values wall <- contents at a reference volume are scaled:

* photons: weakly attenuated, the mean over the shell of

  .. math:: \frac{1}{V} \int_V \frac{dV'}{4\pi s^2}
     = \frac{1}{2V}\left[R + \frac{R^2-r^2}{2r} \ln\frac{r+R}{r-R}\right]

  at distance r from the center of a sphere of radius R; at its surface :math:`R/2V`, so
  :math:`V^{-2/3}`;
* electrons, ``half-contents`` (the dose at the inner surface is half that in the contents):
  :math:`1/V`;
* electrons, ``transported`` (mean over the wall): what leaves a sphere much larger than the range
  is proportional to its surface times the concentration: :math:`V^{-1/3}`, in a wall of constant
  mass.

Range: electrons of a range below the wall's thickness and the sphere's radius (beta particles of
I-131 or Lu-177, not of Y-90 in a full bladder). Photons above about 50 keV; softer ones are
attenuated in the contents and fall off faster, toward :math:`1/V` at the surface.

References
----------
.. [MIRD14] S.R. Thomas et al., MIRD Pamphlet No. 14 revised, J. Nucl. Med. 40, 102S (1999)
.. [MIRD5] W.S. Snyder et al., MIRD Pamphlet No. 5 revised (1978): half the contents' dose
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["ELECTRON_POWER", "Convention", "WallS"]

Convention = Literal["transported", "half-contents"]
ELECTRON_POWER = {"transported": -1 / 3, "half-contents": -1.0}
NODES = 24  # Gauss points across the wall; the logarithm at its inner surface is integrable


@dataclass(frozen=True, slots=True)
class WallS:
    """S values of the bladder wall from its contents, at one volume and by scaling at any other.

    Parameters
    ----------
    electron_mGy_per_MBq_s, photon_mGy_per_MBq_s : array_like, shape (...)
        At the reference volume, zero or more.
    reference_volume_mL : float
        Of the contents for which they hold.
    wall_volume_mL : float
        Constant.
    convention : {"transported", "half-contents"}
        What the electron value is.

    Raises
    ------
    PhysicsRangeError
        For negative S values or volumes that are not above zero.
    DataError
        For another convention.
    """

    electron_mGy_per_MBq_s: ArrayLike
    photon_mGy_per_MBq_s: ArrayLike
    reference_volume_mL: float
    wall_volume_mL: float
    convention: Convention = "transported"

    def __post_init__(self) -> None:
        if self.convention not in ELECTRON_POWER:
            raise DataError(
                f"bladder wall: convention '{self.convention}'; there are "
                f"{' and '.join(map(repr, ELECTRON_POWER))}"
            )
        for name in ("electron_mGy_per_MBq_s", "photon_mGy_per_MBq_s"):
            value = frozen(getattr(self, name), f"bladder wall: {name}")
            if np.any(value < 0):
                raise PhysicsRangeError(
                    f"bladder wall: {name} is {value.min():g}; give zero or more"
                )
            object.__setattr__(self, name, value)
        for name in ("reference_volume_mL", "wall_volume_mL"):
            if not 0 < getattr(self, name) < np.inf:
                raise PhysicsRangeError(
                    f"bladder wall: {name} is {getattr(self, name):g}; it must be above 0 mL"
                )

    def at(self, volume_mL: ArrayLike) -> Floats:
        """S values at other volumes of the contents, mGy/(MBq s); broadcasts.

        Parameters
        ----------
        volume_mL : array_like
            Above zero.
        """
        volume = np.asarray(volume_mL, dtype=float)
        if not np.all(volume > 0):
            raise PhysicsRangeError(
                f"bladder of {volume.min():g} mL: S values need contents, give a volume above 0 mL"
            )
        electron = (volume / self.reference_volume_mL) ** ELECTRON_POWER[self.convention]
        photon = _shell_mean(volume, self.wall_volume_mL) / _shell_mean(
            np.asarray(self.reference_volume_mL), self.wall_volume_mL
        )
        return (
            np.asarray(self.electron_mGy_per_MBq_s) * electron
            + np.asarray(self.photon_mGy_per_MBq_s) * photon
        )


@cache
def _gauss() -> tuple[Floats, Floats]:
    x, w = np.polynomial.legendre.leggauss(NODES)
    return 0.5 * (x + 1.0), 0.5 * w


def _shell_mean(volume_mL: Floats, wall_mL: float) -> Floats:
    """Mean over the wall of the inverse-square kernel of the contents, per unit of activity."""
    sphere = 4 * np.pi / 3
    radius = np.cbrt(volume_mL / sphere)
    x, w = _gauss()
    total = np.zeros(np.shape(volume_mL))
    for share, weight in zip(x**2, 2 * x * w, strict=True):  # share of the wall's volume inside
        r = np.cbrt((volume_mL + share * wall_mL) / sphere)
        inside = (radius**2 - r**2) / (2 * r) * np.log((r + radius) / (r - radius))
        total += weight * (radius + inside)
    return total / (2 * volume_mL)
