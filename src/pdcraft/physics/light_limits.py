r"""Exposure limits for continuous laser light, 380 to 1050 nm: skin and eye.

Irradiance limits in mW/cm². Durations in s. A transcription: the standard decides, not this file.

References
----------
.. [ICNIRP13] ICNIRP, Guidelines on limits of exposure to laser radiation of wavelengths between
   180 nm and 1,000 µm, Health Phys. 105(3), 271-295 (2013), doi:10.1097/HP.0b013e3182983fd4:
   table 3 (C_A, C_B, C_C), tables 2 and 4 (C_E, T_2), table 5 (eye), table 7 with note c (skin).
   Transcribed from three public programs that cite its tables (one the package laser_mpe) and
   agree with each other where they overlap; the guideline itself was not opened.
.. [EU06] Directive 2006/25/EC, annex II, tables 2.2, 2.4 and 2.5, as enacted in the French labor
   code (article annexe II): the same figures for skin, C_A, C_B, T_2 and, below 10 s, the retina
   at 18 t^0.75 C_A C_E J/m².
"""

from __future__ import annotations

import math

from pdcraft.errors import PhysicsRangeError

__all__ = [
    "LONGEST_s",
    "c_a",
    "c_b",
    "c_e",
    "crosses",
    "large_area_limit_mW_per_cm2",
    "laser_eye_limits_mW_per_cm2",
    "laser_skin_limit_mW_per_cm2",
    "t_2_s",
]

RANGE_nm = (380.0, 1050.0)
SHORTEST_s, LONGEST_s = 1e-3, 3e4
ALPHA_MIN_mrad, ALPHA_MAX_mrad = 1.5, 100.0
_MW_PER_CM2 = 0.1  # of one W/m²


def _check(wavelength_nm: float, duration_s: float) -> None:
    if not RANGE_nm[0] <= wavelength_nm < RANGE_nm[1]:
        raise PhysicsRangeError(
            f"exposure limits are transcribed from {RANGE_nm[0]:g} to below {RANGE_nm[1]:g} nm, "
            f"got {wavelength_nm:g} nm; read the standard"
        )
    if not SHORTEST_s <= duration_s <= LONGEST_s:
        raise PhysicsRangeError(
            f"exposure limits are transcribed from {SHORTEST_s:g} to {LONGEST_s:g} s, got "
            f"{duration_s:g} s; shorter pulses and longer days have rules of their own"
        )


def c_a(wavelength_nm: float) -> float:
    r"""Correction C_A: 1 below 700 nm, then :math:`10^{0.002(\lambda-700)}` to 1050 nm."""
    return 1.0 if wavelength_nm < 700.0 else 10.0 ** (0.002 * (wavelength_nm - 700.0))


def c_b(wavelength_nm: float) -> float:
    r"""Correction C_B: 1 below 450 nm, then :math:`10^{0.02(\lambda-450)}` to 600 nm."""
    return 1.0 if wavelength_nm < 450.0 else 10.0 ** (0.02 * (wavelength_nm - 450.0))


def c_e(source_mrad: float) -> float:
    """Correction C_E for the angle a source subtends, exposures of 0.25 s or more."""
    if source_mrad <= ALPHA_MIN_mrad:
        return 1.0
    if source_mrad <= ALPHA_MAX_mrad:
        return source_mrad / ALPHA_MIN_mrad
    return source_mrad**2 / (ALPHA_MIN_mrad * ALPHA_MAX_mrad)


def t_2_s(source_mrad: float) -> float:
    """Duration T_2 from which the retina's thermal limit is an irradiance, s."""
    angle = min(max(source_mrad, ALPHA_MIN_mrad), ALPHA_MAX_mrad)
    return 10.0 * 10.0 ** ((angle - ALPHA_MIN_mrad) / (ALPHA_MAX_mrad - ALPHA_MIN_mrad))


def laser_skin_limit_mW_per_cm2(wavelength_nm: float, duration_s: float) -> float:
    r"""Skin, laser: :math:`2 C_A` kW/m² from 10 s on; :math:`11 C_A t^{0.25}` kJ/m² below.

    From 380 to 400 nm 10 kJ/m² from 10 s on and :math:`5.6\,t^{0.25}` kJ/m² below [ICNIRP13]_.

    Examples
    --------
    >>> laser_skin_limit_mW_per_cm2(500.0, 100.0)
    200.0
    """
    _check(wavelength_nm, duration_s)
    if wavelength_nm < 400.0:
        dose = 1e4 if duration_s >= 10.0 else 5.6e3 * duration_s**0.25
        return dose / duration_s * _MW_PER_CM2
    if duration_s >= 10.0:
        return 2e3 * c_a(wavelength_nm) * _MW_PER_CM2
    return 1.1e4 * c_a(wavelength_nm) * duration_s**-0.75 * _MW_PER_CM2


def large_area_limit_mW_per_cm2(area_cm2: float) -> float | None:
    """Skin, large beams, 10 s or more: 10 000/area from 100 to 1000 cm², then 10; below, None.

    [ICNIRP13]_ table 7, note c, applies it above 1400 nm only: in tissue optics' range it is no
    limit, but what the same body allows for light that heats the same area from its surface.
    """
    if area_cm2 < 100.0:
        return None
    return max(1e4 / area_cm2, 10.0)


def laser_eye_limits_mW_per_cm2(
    wavelength_nm: float, duration_s: float, source_mrad: float = 0.0
) -> dict[str, float]:
    """Eye in the beam, laser: ``thermal`` and, to 600 nm from 10 s on, ``photochemical``.

    Parameters
    ----------
    wavelength_nm : float
        400 nm or above.
    duration_s : float
        0.25 s or more.
    source_mrad : float
        Angle that the source subtends; up to 1.5 mrad it is a point. The photochemical limit is
        that of a source within 11 mrad.
    """
    _check(wavelength_nm, duration_s)
    if wavelength_nm < 400.0 or duration_s < 0.25:
        raise PhysicsRangeError(
            f"limits of the eye are transcribed from 400 nm and 0.25 s up, got {wavelength_nm:g} "
            f"nm, {duration_s:g} s; read the standard"
        )
    scale = 18.0 * c_a(wavelength_nm) * c_e(source_mrad) * _MW_PER_CM2
    t_2 = t_2_s(source_mrad)
    thermal = scale * min(duration_s, t_2) ** -0.25
    if source_mrad <= ALPHA_MIN_mrad and duration_s >= 10.0:
        thermal = 10.0 * c_a(wavelength_nm) * _MW_PER_CM2  # the table's round figure for a point
    limits = {"thermal": thermal}
    if wavelength_nm < 600.0 and duration_s >= 10.0:
        limits["photochemical"] = 100.0 / min(duration_s, 100.0) * c_b(wavelength_nm) * _MW_PER_CM2
    return limits


def crosses(limit: float, value: float) -> bool:
    """Whether a value is above a limit, exactly at it not, within rounding."""
    return value > limit and not math.isclose(value, limit, rel_tol=1e-12, abs_tol=0.0)
