r"""The emission filter: pass band, leak beside it, shift of the band with the angle of the light.

References
----------
.. [Mac10] H. A. Macleod, Thin-Film Optical Filters, 4th ed., CRC 2010: the band of an interference
   filter moves by :math:`\sqrt{1 - \sin^2\theta / n_e^2}` with its effective index
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["Filter", "require_apart"]

EFFECTIVE_INDEX = 2.0  # assumed: between the films of common coatings (1.45 and 2.3)


@dataclass(frozen=True, slots=True)
class Filter:
    """A band-pass filter.

    Parameters
    ----------
    band_nm : tuple of two float
        Lowest and highest wavelength that pass at right incidence.
    out_of_band_od : float
        Optical density beside the band: 6 lets 1e-6 through.
    edge_nm : float
        Width over which the density rises beside the band, evenly in density.
    effective_index : float
        Of the coating, for the shift with angle; infinity for an absorbing filter.
    """

    band_nm: tuple[float, float]
    out_of_band_od: float
    edge_nm: float = 0.0
    effective_index: float = EFFECTIVE_INDEX

    def __post_init__(self) -> None:
        low, high = self.band_nm
        if not 0 < low < high:
            raise DataError(f"filter band {low:g} to {high:g} nm; the first is the lower, above 0")
        if not self.out_of_band_od >= 0 or not self.edge_nm >= 0:
            raise DataError(
                f"filter out_of_band_od {self.out_of_band_od:g}, edge_nm {self.edge_nm:g}; both "
                "are 0 or above"
            )
        if not self.effective_index > 1:
            raise DataError(
                f"filter effective_index is {self.effective_index:g}; it must be above 1"
            )

    @property
    def center_nm(self) -> float:
        """Middle of the band, nm."""
        return 0.5 * sum(self.band_nm)

    def at(self, wavelength_nm: Floats, sin_angle: Floats | float = 0.0) -> Floats:
        r"""Transmission relative to that inside the band.

        Parameters
        ----------
        wavelength_nm, sin_angle : ndarray
            Wavelength and sine of the angle of incidence in air; they broadcast.

        Notes
        -----
        At an angle the filter does at :math:`\lambda` what it does at right incidence at
        :math:`\lambda / \sqrt{1 - \sin^2\theta/n_e^2}` [Mac10]_: bands move to the blue.
        """
        shift = np.sqrt(1.0 - np.square(np.asarray(sin_angle) / self.effective_index))
        nm = np.asarray(wavelength_nm, dtype=np.float64) / shift
        low, high = self.band_nm
        outside = np.maximum(np.maximum(low - nm, nm - high), 0.0)
        share = np.minimum(outside / self.edge_nm, 1.0) if self.edge_nm else 1.0 * (outside > 0)
        return np.power(10.0, -self.out_of_band_od * share, dtype=np.float64)


def require_apart(filter_: Filter, low_nm: float, high_nm: float) -> None:
    """Refuse a filter that passes the light that excites.

    Parameters
    ----------
    filter_ : Filter
    low_nm, high_nm : float
        Band of the lamp (where it has power worth blocking).

    Raises
    ------
    DataError
        If the bands overlap.
    """
    low, high = filter_.band_nm
    if low <= high_nm and high >= low_nm:
        raise DataError(
            f"the camera's band {low:g} to {high:g} nm passes the excitation at {low_nm:g} to "
            f"{high_nm:g} nm: the image would be the lamp's; begin the band above {high_nm:g} nm"
        )
