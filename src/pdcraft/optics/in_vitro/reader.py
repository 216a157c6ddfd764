"""The detector and the vessel of a plate or dish scene, with what stands in where it says nothing.

A scene without ``[camera]`` is read by a fluorometer whose numbers are assumed; each is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.camera import Camera, camera
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.vessel import Vessel, dish, plate_well
from pdcraft.optics.in_vitro.well import NODES_OUT, Reading, well_electrons
from pdcraft.optics.scene import Scene
from pdcraft.optics.spectra import Line, Spectrum

__all__ = ["default_camera", "default_reading", "detail", "reading_of", "unsaturated", "vessel_of"]

FLAT_deg = 90.0
GAP_nm, BELOW_PEAK_nm, BAND_nm = 12.0, 10.0, 40.0  # of the default band; half of it above the peak
LAMP_mW_per_cm2 = 1.0  # of the default reading; assumed
FULL_SHARE = 0.5  # of the full well: how far a reader that chooses its exposure goes
DETECTOR: Mapping[str, Any] = {  # assumed: a reader's photon-counting range, no maker's figures
    "projection": "telecentric",
    "focal_length_mm": 25.0,
    "f_number": 1.4,
    "working_distance_mm": 50.0,
    "transmission": 0.4,
    "out_of_band_od": 6.0,
    "qe": 0.3,
    "read_noise_e": 5.0,
    "dark_current_e_per_s": 100.0,
    "full_well_e": 1e8,
    "bits": 24,
    "exposure_s": 0.1,
    "diffraction": False,
}


def detail(scene: Scene, name: str, default: float) -> float:
    """Return a number of a scene's domain, or what stands in for it."""
    return float((scene.domain.details or {}).get(name, default))


def default_camera(
    scene: Scene, pixels: tuple[int, int] = (1, 1), field_mm: tuple[float, float] = (1.0, 1.0)
) -> Camera:
    """Make the detector of a scene that names none; its `assumed` tells every number.

    The band begins beyond the lamp's light and spans the peak of the dye's emission.
    """
    return _detector(scene.dye, scene.illumination.band_nm[1], pixels, field_mm)


def default_reading(dye: Dye) -> Reading:
    """Read a whole well from above, excited at the dye's peak, by the default detector."""
    peak = float(dye.absorption.wavelength_nm[int(np.argmax(dye.absorption.value))])
    made = _detector(dye, peak, (1, 1), (1.0, 1.0))
    return Reading(Line(peak), LAMP_mW_per_cm2, None, "top", made)


def _detector(
    dye: Dye, lamp_nm: float, pixels: tuple[int, int], field_mm: tuple[float, float]
) -> Camera:
    emission = dye.emission
    if isinstance(emission, Line):
        peak = emission.wavelength_nm
    else:
        peak = float(emission.wavelength_nm[int(np.argmax(emission.value))])
    low = max(lamp_nm + GAP_nm, peak - BELOW_PEAK_nm)
    if isinstance(emission, Line):
        low = min(low, 0.5 * (lamp_nm + peak)) if peak > lamp_nm else low
    band = (round(low, 1), round(max(peak, low) + BAND_nm - BELOW_PEAK_nm, 1))
    if not emission.integral(*band) > 0.0:
        raise DataError(
            f"no camera is named, and {dye.name} emits nothing from {band[0]:g} to {band[1]:g} nm, "
            "beyond its lamp: state [camera] with a band"
        )
    made = camera(**DETECTOR, band_nm=band, pixels=pixels, field_of_view_mm=field_mm)
    told = {**DETECTOR, "band_nm": f"{band[0]:g} to {band[1]:g}"}
    return replace(
        made, name="default reader", assumed=tuple(f"{k} = {v}" for k, v in told.items())
    )


def vessel_of(scene: Scene) -> Vessel:
    """Return the well or dish of a scene, filled.

    Raises
    ------
    PhysicsRangeError
        If the volume does not fit or does not cover the bottom.
    """
    volume = detail(scene, "volume_uL", 0.0)
    contact = detail(scene, "meniscus_deg", FLAT_deg)
    if scene.domain.kind == "plate":
        return plate_well(int(detail(scene, "format", 96)), volume, contact)
    return dish(detail(scene, "diameter_mm", 35.0), volume, contact)


def reading_of(scene: Scene, detector: Camera) -> Reading:
    """How the scene's wells are lit and read.

    Raises
    ------
    PhysicsRangeError
        For light that does not come straight, or a medium that scatters.
    """
    lamp = scene.illumination
    if lamp.incidence_deg != 0.0 or lamp.distance_mm is not None or lamp.center_mm != (0.0, 0.0):
        raise PhysicsRangeError(
            f"scene '{scene.name}': wells and dishes are computed for parallel light straight down "
            "their axis; remove incidence, distance and centre"
        )
    side = str((scene.domain.details or {}).get("read", "top"))
    return Reading(
        lamp.light,
        lamp.irradiance_mW_per_cm2,
        lamp.diameter_mm,
        "bottom" if side == "bottom" else "top",
        detector,
        _medium(scene),
    )


def _medium(scene: Scene) -> Spectrum | None:
    """Absorption of the liquid, from a material called ``medium``."""
    found = scene.materials.get("medium")
    if found is None:
        return None
    low = min(scene.illumination.light.range_nm[0], scene.dye.emission.range_nm[0])
    high = max(scene.illumination.light.range_nm[1], scene.dye.emission.range_nm[1])
    nm = np.linspace(low, max(high, low + 1.0), NODES_OUT)
    rows = [found.optics(float(v)) for v in nm]
    if any(row.mus_per_mm > 0.0 for row in rows):
        raise PhysicsRangeError(
            "material 'medium' scatters: wells are computed for clear liquids; state mus = "
            '"0 /mm", or take a slab scene for a turbid one'
        )
    return Spectrum(nm, np.array([row.mua_per_mm for row in rows]), "medium")


def unsaturated(scene: Scene, reading: Reading, vessel: Vessel, highest_nM: float) -> Reading:
    """Return the reading with an exposure at which the brightest well does not fill the detector.

    For a default reader only: as a reader's automatic gain does.
    """
    brightest = float(well_electrons(scene.dye, np.array([highest_nM]), vessel, reading)[0])
    room = FULL_SHARE * reading.camera.sensor.full_well_e
    if brightest <= room:
        return reading
    made = reading.camera
    shorter = float(f"{made.exposure_s * room / brightest:.3g}")
    assumed = tuple(
        f"exposure_s = {shorter:g}" if text.startswith("exposure_s") else text
        for text in made.assumed
    )
    return replace(reading, camera=replace(made, exposure_s=shorter, assumed=assumed))
