r"""Electrons as the MIRD cellular convention has them: straight tracks, Cole's range and energy.

Ranges in micrometers of water of 1 g/mL, energies in keV. Above 0.4 keV Cole's relation

.. math:: E = 5.9 (R + 0.007)^{0.565} + 0.00413 R^{1.33} - 0.367

and its derivative; at the end of a track, below 0.02 um, fits to his measured losses instead, and
below 0.6 keV fits of the range. The loss at the remaining range and the range do not come from one
function, so that the energy of a whole track differs from E by up to 2% above 1 keV.

References
----------
.. [Cole69] A. Cole, Radiat. Res. 38, 7 (1969), doi:10.2307/3572630: electrons of 20 eV to 50 keV in
   air and plastic.
.. [MIRDcell] The public source of MIRDcell 3 (jw526/MIRDcellV3, commit 7bf977c): coefficients of
   the relation and of the fits.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = ["energy_keV", "loss_keV_per_um", "range_um", "track_energy_keV"]

Floats = NDArray[np.float64]

HIGHEST_um = 2.0e4
POLYNOMIAL_um, LINE_um = 0.0038, 0.02
POLYNOMIAL = (10.5, 1126.05, -9.251137e5, 2.59298e8, 4.96439e10)  # keV/um, in powers of um
LINE = (29.5, -666.67)
SOFT_keV, SOFTEST_keV = 0.6, 0.06
SOFT = (1.523805e-3, 0.038154, -7.01803e-4, 0.036283)  # um, in powers of keV
SOFTEST = (0.0, 0.01233, 2.25, -23.333)


def energy_keV(range_um: ArrayLike) -> Floats:
    """Energy of an electron of a range of 0.02 um or more [Cole69]_."""
    r = np.asarray(range_um, dtype=np.float64)
    return 5.9 * (r + 0.007) ** 0.565 + 0.00413 * r**1.33 - 0.367


@lru_cache(maxsize=1)
def _grid() -> tuple[Floats, Floats]:
    r = np.geomspace(LINE_um, HIGHEST_um, 20_001)
    return np.log(energy_keV(r)), np.log(r)


def range_um(energy: ArrayLike) -> Floats:
    """Range of an electron.

    Parameters
    ----------
    energy : array_like, any shape
        keV, 0 to 1 MeV and beyond, where the relation was never measured: up to its 20 mm.

    Raises
    ------
    PhysicsRangeError
        Below zero, or beyond 20 mm of range.

    Examples
    --------
    >>> round(float(range_um(10.0)), 2)
    2.7
    """
    e = np.asarray(energy, dtype=np.float64)
    log_energy, log_range = _grid()
    if np.any(e < 0.0) or np.any(e > np.exp(log_energy[-1])):
        raise PhysicsRangeError(
            f"Cole's ranges hold from 0 to {np.exp(log_energy[-1]):.0f} keV here, got "
            f"{e.min():g} to {e.max():g} keV"
        )
    inside = np.maximum(e, SOFT_keV)
    out = np.exp(np.interp(np.log(inside), log_energy, log_range))
    # one step of Newton's method: linear interpolation of the grid is good to 1e-7 already
    out = out - (energy_keV(out) - inside) / _cole(out)
    soft = np.polynomial.polynomial.polyval(e, SOFT)
    softest = np.polynomial.polynomial.polyval(e, SOFTEST)
    return np.where(e > SOFT_keV, out, np.where(e > SOFTEST_keV, soft, softest))


def _cole(z: Floats) -> Floats:
    return 3.3335 * (z + 0.007) ** -0.435 + 0.0055 * z**0.33


def loss_keV_per_um(remaining_um: ArrayLike) -> Floats:
    """Energy loss per path at a remaining range; zero past the end.

    Parameters
    ----------
    remaining_um : array_like, any shape
    """
    z = np.asarray(remaining_um, dtype=np.float64)
    at = np.maximum(z, 0.0)
    end = np.polynomial.polynomial.polyval(np.minimum(at, POLYNOMIAL_um), POLYNOMIAL)
    line = np.polynomial.polynomial.polyval(np.minimum(at, LINE_um), LINE)
    out = np.where(at >= LINE_um, _cole(np.maximum(at, LINE_um)), line)
    out = np.where(at <= POLYNOMIAL_um, end, out)
    return np.where(z > 0.0, out, 0.0)


def track_energy_keV(remaining_um: ArrayLike) -> Floats:
    """Energy left on the rest of a track: the integral of `loss_keV_per_um` from its end.

    Parameters
    ----------
    remaining_um : array_like, any shape
        Zero or more.
    """
    z = np.maximum(np.asarray(remaining_um, dtype=np.float64), 0.0)
    end = _antiderivative(np.minimum(z, POLYNOMIAL_um), POLYNOMIAL)
    line = np.clip(z, POLYNOMIAL_um, LINE_um)
    line = _antiderivative(line, LINE) - _antiderivative(np.array(POLYNOMIAL_um), LINE)
    far = np.maximum(z, LINE_um)
    cole = _antiderivative_cole(far) - _antiderivative_cole(np.array(LINE_um))
    return end + line + cole


def _antiderivative(z: Floats, coefficients: tuple[float, ...]) -> Floats:
    whole = np.polynomial.polynomial.polyint(coefficients)
    return np.asarray(np.polynomial.polynomial.polyval(z, whole), dtype=np.float64)


def _antiderivative_cole(z: Floats) -> Floats:
    return 3.3335 / 0.565 * (z + 0.007) ** 0.565 + 0.0055 / 1.33 * z**1.33
