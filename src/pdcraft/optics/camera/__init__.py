"""Cameras: from radiance at the scene to expected electrons, and from those to noisy readings."""

from pdcraft.optics.camera.blur import lens_mtf
from pdcraft.optics.camera.build import camera
from pdcraft.optics.camera.expose import Exposure, ambient_electrons, expected_electrons
from pdcraft.optics.camera.filters import Filter, require_apart
from pdcraft.optics.camera.lens import Lens
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.camera.readout import (
    FixedPattern,
    dark_subtracted,
    fixed_pattern,
    fixed_sd_electrons,
    noise_sd_electrons,
    sample_counts,
    saturated,
)
from pdcraft.optics.camera.response import (
    electron_response,
    etendue_map_cm2_sr,
    mean_electrons,
    radiance_of_electrons,
    scalar_electrons,
)
from pdcraft.optics.camera.sensor import Sensor

__all__ = [
    "Camera",
    "Exposure",
    "Filter",
    "FixedPattern",
    "Lens",
    "Sensor",
    "ambient_electrons",
    "camera",
    "dark_subtracted",
    "electron_response",
    "etendue_map_cm2_sr",
    "expected_electrons",
    "fixed_pattern",
    "fixed_sd_electrons",
    "lens_mtf",
    "mean_electrons",
    "noise_sd_electrons",
    "radiance_of_electrons",
    "require_apart",
    "sample_counts",
    "saturated",
    "scalar_electrons",
]
