r"""Exposure limits for lamps and LEDs: skin, cornea, and the retina under blue light.

Irradiance limits in mW/cm², radiance limits in mW/(cm² sr), durations in s. A transcription: the
standard decides, not this file.

References
----------
.. [IEC62471] IEC 62471:2006: 4.3.3 and table 4.2 (blue light), 4.3.7 (infrared, eye), 4.3.8 (skin).
   Transcribed from ISETCam (humanUVSafety.m), luxpy (table of B) and Lighting Toolbox (cieblh.m),
   which agree where they overlap; the infrared limit from ICNIRP 2013 (incoherent), equations 20
   and 21, as quoted in public safety analyses. The standard itself was not opened.
"""

from __future__ import annotations

import numpy as np

from pdcraft.errors import PhysicsRangeError

__all__ = [
    "blue_light_limit_mW_per_cm2_sr",
    "blue_light_weight",
    "infrared_eye_limit_mW_per_cm2",
    "lamp_skin_limit_mW_per_cm2",
]

SHORTEST_s = 1e-3
BLUE_nm = (380.0, 700.0)
INFRARED_nm = (780.0, 3000.0)
_MW_PER_CM2 = 0.1  # of one W/m²
_B_NM = np.array([*range(380, 505, 5)], dtype=np.float64)
# [IEC62471]_ table 4.2, 380 to 500 nm by 5 nm
_B = np.fromstring(
    "0.01 0.013 0.025 0.05 0.1 0.2 0.4 0.8 0.9 0.95 0.98 1 1 "
    "0.97 0.94 0.9 0.8 0.7 0.62 0.55 0.45 0.4 0.22 0.16 0.1",
    sep=" ",
)


def _check(duration_s: float) -> None:
    if not duration_s >= SHORTEST_s:
        raise PhysicsRangeError(f"a lamp's exposure of {duration_s:g} s; 1 ms or more is covered")


def blue_light_weight(wavelength_nm: float) -> float:
    r"""Weight B of the blue-light hazard.

    A table to 500 nm, :math:`10^{(450-\lambda)/50}` to 600 nm, then 0.001 [IEC62471]_.

    Examples
    --------
    >>> blue_light_weight(440.0), blue_light_weight(650.0)
    (1.0, 0.001)
    """
    if not BLUE_nm[0] <= wavelength_nm <= BLUE_nm[1]:
        raise PhysicsRangeError(
            f"blue light is weighted from {BLUE_nm[0]:g} to {BLUE_nm[1]:g} nm, got "
            f"{wavelength_nm:g} nm"
        )
    if wavelength_nm <= 500.0:
        return float(np.interp(wavelength_nm, _B_NM, _B))
    return 10.0 ** ((450.0 - wavelength_nm) / 50.0) if wavelength_nm <= 600.0 else 1e-3


def blue_light_limit_mW_per_cm2_sr(wavelength_nm: float, duration_s: float) -> float:
    """Radiance of one wavelength that the blue-light hazard allows a wide source [IEC62471]_.

    Weighted: 1e6 J/(m² sr) up to 10 000 s, then 100 W/(m² sr).
    """
    _check(duration_s)
    weighted = max(1e6 / duration_s, 100.0)
    return weighted / blue_light_weight(wavelength_nm) * _MW_PER_CM2


def infrared_eye_limit_mW_per_cm2(duration_s: float) -> float:
    """Irradiance of cornea and lens, 780 to 3000 nm: 18 000 t^-0.75 W/m² to 1000 s, then 100."""
    _check(duration_s)
    return max(1.8e4 * duration_s**-0.75, 100.0) * _MW_PER_CM2


def lamp_skin_limit_mW_per_cm2(duration_s: float) -> float | None:
    """Skin, 380 to 3000 nm [IEC62471]_: 20 000 t^0.25 J/m² up to 10 s; None beyond.

    Beyond 10 s the standard trusts in pain, which an anesthetized patient does not feel.
    """
    _check(duration_s)
    return None if duration_s > 10.0 else 2e4 * duration_s**-0.75 * _MW_PER_CM2
