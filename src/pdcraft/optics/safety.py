"""Is the light allowed? The standard, its limit and the margin; or why nobody can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics import lamp_limits, light_limits

__all__ = ["Exposed", "LightSafety", "Status", "light_safety"]

Exposed = Literal["skin", "eye", "brain", "organ", "none"]
Status = Literal["below", "above", "no limit exists", "not assessed"]
LASER = "ICNIRP 2013 (laser), Health Phys. 105, 271"
LAMP = "IEC 62471:2006 (lamps)"
TRANSCRIBED = "limit transcribed from public programs that cite the standard: check it against it"


@dataclass(frozen=True, slots=True)
class LightSafety:
    """An irradiance beside its limit.

    Parameters
    ----------
    standard : str or None
    irradiance_mW_per_cm2 : float
    limit_mW_per_cm2 : float or None
    margin : float or None
        Limit over irradiance; above 1 is allowed.
    status : {"below", "above", "no limit exists", "not assessed"}
    reason : str
        What was compared, or why nothing could be.
    """

    standard: str | None
    irradiance_mW_per_cm2: float
    limit_mW_per_cm2: float | None
    margin: float | None
    status: Status
    reason: str


def light_safety(
    exposed: Exposed,
    wavelength_nm: float,
    irradiance_mW_per_cm2: float,
    duration_s: float,
    area_cm2: float = 0.0,
    *,
    laser: bool = True,
    source_mrad: float = 0.0,
    radiance_mW_per_cm2_sr: float | None = None,
) -> LightSafety:
    """Compare the light with what the standards allow.

    Parameters
    ----------
    exposed : {"skin", "eye", "brain", "organ", "none"}
        What the light falls on. Organs laid open have no limit in any standard.
    wavelength_nm : float
    irradiance_mW_per_cm2 : float
        Largest, averaged over 3.5 mm (skin) or 7 mm (eye).
    duration_s : float
        Of the whole exposure.
    area_cm2 : float
        Lit area.
    laser : bool
        False for lamps and LEDs.
    source_mrad : float
        Angle that the source subtends at the eye.
    radiance_mW_per_cm2_sr : float, optional
        Of what the eye looks at, needed for visible lamps; the limit is then the irradiance at
        which that radiance would be the allowed one.

    Returns
    -------
    LightSafety
        Never a word that means safe: "below" speaks of this limit only.
    """

    def found(
        status: Status, standard: str | None, limit: float | None, reason: str
    ) -> LightSafety:
        margin = None
        if limit is not None and irradiance_mW_per_cm2 > 0:
            margin = limit / irradiance_mW_per_cm2
        return LightSafety(standard, irradiance_mW_per_cm2, limit, margin, status, reason)

    if irradiance_mW_per_cm2 < 0 or not duration_s > 0:
        raise DataError(
            f"light of {irradiance_mW_per_cm2:g} mW/cm2 for {duration_s:g} s; neither is below 0"
        )
    if exposed == "none":
        return found("not assessed", None, None, "no person is exposed")
    if exposed in ("brain", "organ"):
        return found(
            "no limit exists",
            None,
            None,
            f"no standard limits light on an exposed {exposed}; limits for skin are not carried "
            "over: blood flow and heat conduction differ",
        )
    try:
        if exposed == "skin" and not laser:
            limit = lamp_limits.lamp_skin_limit_mW_per_cm2(duration_s)
            standard, what = LAMP, "skin, 4.3.8"
            if limit is None:
                other = light_limits.laser_skin_limit_mW_per_cm2(wavelength_nm, duration_s)
                return found(
                    "no limit exists",
                    standard,
                    None,
                    "for lamps beyond 10 s the standard trusts in pain, which anesthesia takes "
                    f"away; a laser would be allowed {other:.4g} mW/cm2 (ICNIRP 2013)",
                )
        elif exposed == "skin":
            limit = light_limits.laser_skin_limit_mW_per_cm2(wavelength_nm, duration_s)
            standard, what = LASER, "skin, table 7"
            large = light_limits.large_area_limit_mW_per_cm2(area_cm2)
            if large is not None:
                what += (
                    f"; the reduction for large areas (to {large:.4g} mW/cm2 for {area_cm2:.4g} "
                    "cm2) holds above 1400 nm only and was not applied"
                )
        elif not laser and wavelength_nm >= lamp_limits.INFRARED_nm[0]:
            limit = lamp_limits.infrared_eye_limit_mW_per_cm2(duration_s)
            standard, what = LAMP, "eye, 4.3.7, cornea and lens; the retina is not assessed"
        elif not laser:
            if radiance_mW_per_cm2_sr is None or not radiance_mW_per_cm2_sr > 0:
                return found(
                    "not assessed",
                    None,
                    None,
                    "limits of lamps for the eye are radiances: state the source's radiance",
                )
            allowed = lamp_limits.blue_light_limit_mW_per_cm2_sr(wavelength_nm, duration_s)
            limit = irradiance_mW_per_cm2 * allowed / radiance_mW_per_cm2_sr
            standard, what = LAMP, "eye, 4.3.3, blue light; heat of the retina is not assessed"
        else:
            limits = light_limits.laser_eye_limits_mW_per_cm2(
                wavelength_nm, duration_s, source_mrad
            )
            kind = min(limits, key=lambda name: limits[name])
            limit, standard, what = limits[kind], LASER, f"eye, table 5, {kind}"
    except PhysicsRangeError as error:
        return found("not assessed", None, None, str(error))
    above = light_limits.crosses(limit, irradiance_mW_per_cm2)
    return found("above" if above else "below", standard, limit, f"{what}; {TRANSCRIBED}")
