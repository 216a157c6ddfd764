"""Lamp, camera and regions of interest of a scene file, and whether lamp, dye, band go together."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pdcraft.errors import DataError
from pdcraft.optics.camera import camera
from pdcraft.optics.camera.filters import require_apart
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.dye import Dye
from pdcraft.optics.roi import Roi, pixels_of
from pdcraft.optics.scene import Illumination
from pdcraft.optics.scene_faults import Faults
from pdcraft.optics.scene_file import (
    CameraTable,
    IlluminationTable,
    RoiTable,
)
from pdcraft.optics.spectra import (
    Line,
    Spectrum,
    band_shape,
    read_spectrum,
    width_in_wavenumbers,
)

__all__ = [
    "band_faults",
    "build_camera",
    "build_illumination",
    "build_rois",
]

CAMERA_KEYS = {
    "field_of_view": "field_of_view_mm",
    "focal_length": "focal_length_mm",
    "working_distance": "working_distance_mm",
    "band": "band_nm",
    "read_noise": "read_noise_e",
    "dark_current": "dark_current_e_per_s",
    "full_well": "full_well_e",
    "exposure": "exposure_s",
    "ambient": "ambient_uW_per_cm2_sr",
    "blur": "blur_mm",
    "offset": "offset_dn",
    "gain_e_per_count": "gain_e_per_dn",
    "edge": "edge_nm",
}
LEAST_IN_BAND = 1e-6  # of the emission


def build_illumination(
    table: IlluminationTable, folder: Path, faults: Faults
) -> Illumination | None:
    """Make the lamp."""
    path = ("illumination",)
    before = len(faults.problems)
    if (table.wavelength is None) == (table.spectrum is None):
        said = "both are given" if table.wavelength is not None else "neither is given"
        faults.add(path, f"wavelength or spectrum: {said}", 'wavelength = "760 nm"')
    if table.fwhm is not None and table.spectrum is not None:
        faults.add((*path, "fwhm"), "a spectrum has its own width", "remove fwhm")
    if table.kind == "spot" and table.diameter is None:
        faults.add(path, "a spot needs a diameter", 'diameter = "10 mm"')
    if table.kind == "plane":
        for key in ("diameter", "centre"):
            if getattr(table, key) is not None:
                faults.add((*path, key), "belongs to a spot", 'kind = "spot"')
    if table.incidence >= 90.0:
        message = f"{table.incidence:g} deg: the lamp would shine from inside the tissue"
        faults.add((*path, "incidence"), message, "0 deg is straight down; stay below 90 deg")
    if table.distance is not None and table.distance <= 0.0:
        message = f"{table.distance:g} mm: the lamp would lie inside the tissue"
        faults.add((*path, "distance"), message, "the distance from the surface is above zero")
    light: Line | Spectrum | None = None
    with faults.at((*path, "spectrum" if table.spectrum else "fwhm")):
        if table.spectrum is not None:
            light = read_spectrum(folder / table.spectrum, "lamp").normalized()
        elif table.wavelength is not None and table.fwhm is not None:
            width = width_in_wavenumbers(table.wavelength, table.fwhm)
            light = band_shape(table.wavelength, width, what="lamp").normalized()
        elif table.wavelength is not None:
            light = Line(table.wavelength)
    if light is None or len(faults.problems) > before:
        return None
    return Illumination(
        table.kind,
        light,
        table.irradiance,
        table.incidence,
        table.distance,
        table.centre or (0.0, 0.0),
        table.diameter,
        table.lit_before,
    )


def build_camera(table: CameraTable, folder: Path, faults: Faults) -> Camera | None:
    """Make the camera."""
    distance = table.working_distance
    if distance is not None and distance <= 0.0:
        message = f"{distance:g} mm: the camera would stand inside the tissue"
        faults.add(("camera", "working_distance"), message, "it is above the surface, e.g. 200 mm")
        return None
    keys = {CAMERA_KEYS.get(k, k): v for k, v in table.model_dump(exclude={"preset"}).items()}
    with faults.at(("camera",)):
        for key in ("qe", "transmission"):
            if isinstance(keys[key], str):
                keys[key] = _share(folder / keys[key], key)
        return camera(table.preset, **keys)
    return None


def _share(path: Path, what: str) -> Spectrum:
    """Curve of a share over wavelength; it is not known outside its file."""
    read = read_spectrum(path, what)
    if float(np.max(read.value)) > 1.0:
        raise DataError(f"{what}: '{path.name}' goes to {np.max(read.value):g}; a share is 0 to 1")
    return Spectrum(read.wavelength_nm, read.value, what, edge="stop")


def band_faults(made: Camera, lamp: Illumination | None, dye: Dye | None, faults: Faults) -> None:
    """Find a pass band over the lamp's light, or beside all of the dye's."""
    low, high = made.filter.band_nm
    if lamp is not None:
        with faults.at(("camera", "band")):
            require_apart(made.filter, *lamp.band_nm)
    if dye is not None and dye.emission.integral(low, high) < LEAST_IN_BAND:
        first, last = dye.emission.range_nm
        faults.add(
            ("camera", "band"),
            f"{low:g} to {high:g} nm passes none of the light of {dye.name}, "
            f"{first:.0f} to {last:.0f} nm",
            "choose the band by the dye's emission",
        )


def build_rois(
    tables: list[RoiTable | None], made: Camera | None, folder: Path, faults: Faults
) -> tuple[Roi, ...]:
    """Make the regions of interest; each must hold pixels."""
    out: list[Roi] = []
    names: set[str] = set()
    keys = {"disc": {"radius"}, "annulus": {"inner", "outer"}, "mask": {"file"}}
    for i, table in enumerate(tables):
        if table is None:
            continue
        path = ("roi", i)
        if table.name in names:
            faults.add((*path, "name"), f"two regions of interest are called '{table.name}'")
        names.add(table.name)
        given = {k for k in ("radius", "inner", "outer", "file") if getattr(table, k) is not None}
        for key in sorted(keys[table.shape] - given):
            faults.add(path, f"{key} is missing", f"a {table.shape} needs it")
        for key in sorted(given - keys[table.shape]):
            faults.add((*path, key), f"does not belong to a {table.shape}", "remove it")
        if given != keys[table.shape]:
            continue
        with faults.at(path):
            mask = None
            if table.file is not None:
                from pdcraft.io.planes import read_plane

                mask = read_plane(folder / table.file, f"mask of '{table.name}'") > 0.0
            roi = Roi(
                table.name,
                table.role,
                table.shape,
                table.centre,
                table.radius,
                table.inner,
                table.outer,
                mask,
            )
            if made is not None:
                pixels_of(roi, made)
            out.append(roi)
    return tuple(out)
