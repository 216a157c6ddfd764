r"""Frames of a microscope: a field of cells, its intensities by part of the cell.

Cells lie in a square grid, alike. Light of the lamp passes cells unattenuated (their absorbance is
below 1e-3 at 100 uM), so a pixel's electrons are proportional to the dye along the axis:

.. math:: N = E_0\,t\,a\,\ln 10\,\varepsilon\,Q \,\frac{1-\sqrt{1-(NA/n)^2}}{2}
   \int f(\lambda)\,T\,F\,\mathrm{QE}\,d\lambda \int C\,dz

with :math:`E_0` photons per area and time, *t* the exposure, *a* the pixel's area in the object.
Concentration in a pixel is a sum of parts (membrane, cytosol, nucleus, medium), whose pictures are
made once each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera import Camera, fixed_sd_electrons, noise_sd_electrons
from pdcraft.optics.camera.curve import curve_at
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.document import blank_frame, camera_words, times_of
from pdcraft.optics.in_vitro.draws import drawn_scenes, uncertainty
from pdcraft.optics.in_vitro.microscope import CellImage, Objective, cell_image, collected_share
from pdcraft.optics.in_vitro.reader import default_camera, detail
from pdcraft.optics.prediction.frame import UNKNOWN, number
from pdcraft.optics.prediction.numbers import ROI_KEYS, pair_numbers
from pdcraft.optics.scene import Scene
from pdcraft.optics.spectra import Line
from pdcraft.physics.optics import dye_absorption_per_mm
from pdcraft.physics.radiometry import photons_per_J

__all__ = ["MicroscopeField", "cell_parts", "microscope_field", "microscope_picture"]

PARTS = ("membrane", "cytosol", "nucleus", "medium")
SHOWN = ("membrane", "cytosol", "medium", "cell")  # measured on the image
DEFAULTS: Mapping[str, float] = {  # assumed where a scene is silent
    "magnification": 40.0,
    "immersion": 1.0,
    "cell_radius_um": 7.5,
    "membrane_um": 0.01,
    "cells": 9.0,
}
PIXEL_um = 6.5  # of the default sensor; assumed
NUCLEUS_SHARE = 0.5  # of the cell's radius; assumed
SPACING = 2.6  # between centers, in radii
STEPS = 257  # of the emission within the band


@dataclass(frozen=True, slots=True)
class MicroscopeField:
    """A field of cells ready to be seen.

    Parameters
    ----------
    basis_um : ndarray, shape (parts, rows, columns)
        Path of each part of `PARTS` along the axis, blurred.
    masks : mapping of str to ndarray of bool
        Pixels of each of `SHOWN`.
    numbered : ndarray of int, shape (rows, columns)
        Number of the cell that covers a pixel, 0 outside.
    """

    scene: Scene
    camera: Camera
    objective: Objective
    basis_um: Floats
    masks: Mapping[str, NDArray[np.bool_]]
    numbered: NDArray[np.int64]
    pixel_um: float

    def electrons_per_nM_um(self, dye: Dye, conc_nM: Floats) -> Floats:
        """Electrons of a pixel for 1 nM over 1 um, at the yield that concentrations have."""
        lamp = self.scene.illumination
        light = lamp.light
        if isinstance(light, Line):
            nm, share = np.array([light.wavelength_nm]), np.ones(1)
        else:
            nm = light.wavelength_nm
            share = light.value * np.gradient(nm)
            share = share / share.sum()
        # photons of the lamp per cm2 in the exposure, and of them absorbed per um and nM
        photons = 1e-3 * lamp.irradiance_mW_per_cm2 * share * photons_per_J(nm)
        per_um = 1e-3 * np.array(
            [dye_absorption_per_mm(float(dye.epsilon_at(float(v))), 1.0) for v in nm]
        )
        absorbed = float(np.sum(photons * per_um)) * self.camera.exposure_s
        area_cm2 = (self.pixel_um * 1e-4) ** 2
        seen = collected_share(self.objective) * self._detected(dye)
        return absorbed * area_cm2 * seen * np.asarray(dye.yield_at(conc_nM))

    def _detected(self, dye: Dye) -> float:
        """Electrons per photon that the objective collects."""
        camera = self.camera
        if isinstance(dye.emission, Line):
            nm, photons = np.array([dye.emission.wavelength_nm]), np.ones(1)
        else:
            nm = np.linspace(*dye.emission.range_nm, STEPS)
            photons = dye.emission.at(nm)
            photons = photons / photons.sum()
        glass = curve_at(camera.lens.transmission, nm, "transmission")
        qe = curve_at(camera.sensor.qe, nm, "qe")
        return float(np.sum(photons * camera.filter.at(nm) * glass * qe))

    def electrons(self, dye: Dye, conc_nM: Mapping[str, float]) -> Floats:
        """Image in electrons, dark subtracted, shape (rows, columns)."""
        conc = np.array([conc_nM.get(part, 0.0) for part in PARTS])
        return np.tensordot(self.electrons_per_nM_um(dye, conc) * conc, self.basis_um, axes=1)

    def numbers(self, dye: Dye, conc_nM: Mapping[str, float]) -> Floats:
        """Mean electrons of each of `SHOWN`, then ratios of membrane and cell to medium."""
        image = self.electrons(dye, conc_nM)
        mean = [float(image[self.masks[part]].mean()) for part in SHOWN]
        medium = mean[SHOWN.index("medium")]
        ratios = [m / medium if medium > 0.0 else math.nan for m in (mean[0], mean[3])]
        return np.array([*mean, *ratios])


def microscope_field(scene: Scene) -> MicroscopeField:
    """Lay out the cells and make the pictures of their parts.

    Raises
    ------
    PhysicsRangeError
        If the aperture does not fit the immersion.
    """
    values = {key: detail(scene, key, default) for key, default in DEFAULTS.items()}
    objective = Objective(detail(scene, "na", 0.75), values["magnification"], values["immersion"])
    radius, cells = values["cell_radius_um"], int(values["cells"])
    side = math.ceil(math.sqrt(cells))
    grid = (np.arange(side) - 0.5 * (side - 1)) * SPACING * radius
    centers = np.array([(x, y) for y in grid for x in grid])[:cells]
    made = scene.camera
    pixel = PIXEL_um / objective.magnification
    if made is not None:
        pixel = 1e3 * made.field_of_view_mm[0] / made.pixels[0]
    count = math.ceil((side * SPACING + 0.6) * radius / pixel)
    if made is not None:
        count = min(made.pixels)
    else:
        field_mm = count * pixel * 1e-3
        made = default_camera(scene, (count, count), (field_mm, field_mm))
    light = scene.dye.emission.mean_nm
    nucleus = NUCLEUS_SHARE * radius if "nucleus" in scene.concentration.regions else 0.0

    def picture(part: str) -> CellImage:
        return cell_image(
            objective,
            light,
            centers_um=centers,
            radius_um=radius,
            membrane_um=values["membrane_um"],
            membrane_nM=np.full(cells, float(part == "membrane")),
            cytosol_nM=np.full(cells, float(part == "cytosol")),
            medium_nM=float(part == "medium"),
            field_um=count * pixel,
            pixel_um=pixel,
            medium_um=light * 1e-3 * objective.immersion_n / objective.na**2,
            nucleus_um=nucleus,
            nucleus_nM=float(part == "nucleus"),
        )

    pictures = [picture(part) for part in PARTS]
    masks, numbered = _masks(pictures[0], centers, radius, objective.blur_um(light))
    basis = np.array([one.nM_um for one in pictures])
    return MicroscopeField(scene, made, objective, basis, masks, numbered, pixel)


def _masks(
    image: CellImage, centers_um: Floats, radius_um: float, blur_um: float
) -> tuple[dict[str, NDArray[np.bool_]], NDArray[np.int64]]:
    """Pixels of the rim, the inside and the outside of cells, apart from each other's blur."""
    n = image.nM_um.shape[0]
    axis = (np.arange(n) - 0.5 * (n - 1)) * image.pixel_um
    x, y = np.meshgrid(axis, axis)
    nearest = np.min([np.hypot(x - cx, y - cy) for cx, cy in centers_um], axis=0)
    width = max(2.0 * blur_um, image.pixel_um)
    return {
        "membrane": np.abs(nearest - radius_um) <= 0.5 * width,
        "cytosol": nearest <= radius_um - 2.0 * width,
        "medium": nearest >= radius_um + 2.0 * width,
        "cell": nearest <= radius_um,
    }, image.masks


def microscope_picture(scene: Scene, time_h: float | None = None) -> tuple[Floats, float]:
    """Return the expected image in electrons and the size of its pixels in the object, um."""
    field = microscope_field(scene)
    return field.electrons(scene.dye, scene.concentrations(time_h)), field.pixel_um


def cell_parts(scene: Scene, seed: int, draws: int) -> dict[str, Any]:
    """Frames and cells of a microscope scene."""
    field = microscope_field(scene)
    scenes = drawn_scenes(scene, draws, seed)
    frames: list[dict[str, Any]] = []
    warnings: list[str] = []
    first: Floats | None = None
    for time in times_of(scene):
        conc = scene.concentrations(time)
        values = field.numbers(scene.dye, conc)
        rows = [field.numbers(d.scene.dye, d.concentrations(time)) for d in scenes]
        drawn = np.array(rows) if rows else None
        frames.append(_frame(field, time, conc, values, drawn))
        if first is None and drawn is not None:
            first = drawn[:, SHOWN.index("cell")]
        image = field.electrons(scene.dye, conc)
        if image.max() >= field.camera.light_capacity_e:
            warnings.append("saturated: shorten the exposure or lower the lamp")
    return {
        "frames": frames,
        "cells": frames[0]["cells"],
        "uncertainty": uncertainty(scenes, first),
        "assumed": _assumed(field),
        "warnings": list(dict.fromkeys(warnings)),
    }


def _frame(
    field: MicroscopeField,
    time_h: float | None,
    conc_nM: Mapping[str, float],
    values: Floats,
    drawn: Floats | None,
) -> dict[str, Any]:
    def entry(i: int) -> Any:
        return number(values[i], None, None if drawn is None else drawn[:, i])

    frame = blank_frame(time_h)
    rate = field.scene.illumination.irradiance_mW_per_cm2
    frame["regions"] = {
        part: {"conc_nM": conc_nM[part], "mean_fluence_rate_mW_per_cm2": number(rate, None)}
        for part in conc_nM
    }
    image = field.electrons(field.scene.dye, conc_nM)
    full = field.camera.light_capacity_e
    for i, part in enumerate(SHOWN):
        mask = field.masks[part]
        noise = noise_sd_electrons(field.camera, image[mask])
        fixed = fixed_sd_electrons(field.camera, image[mask])
        spread = float(np.sqrt(np.var(image[mask]) + np.mean(noise**2 + fixed**2)))
        frame["rois"][part] = {
            "role": "background" if part == "medium" else "target",
            "pixels": int(mask.sum()),
            "rule": f"pixels of {part}",
            "offset_e": field.camera.sensor.offset * field.camera.sensor.gain,
            **dict.fromkeys(ROI_KEYS, UNKNOWN),
            "electrons_per_pixel": entry(i),
            "sd_electrons": spread,
            "saturated_fraction": float(np.mean(image[mask] >= full)),
        }
    frame["metrics"] = [_metric(field, frame["rois"], "membrane", entry(4))]
    frame["metrics"].append(_metric(field, frame["rois"], "cell", entry(5)))
    means = [float(image[field.numbered == k].mean()) for k in range(1, field.numbered.max() + 1)]
    frame["cells"] = {
        "mean_electrons": means,
        "pixel_um": field.pixel_um,
        "blur_um": field.objective.blur_um(field.scene.dye.emission.mean_nm),
        "collected_share": collected_share(field.objective),
    }
    return frame


def _metric(
    field: MicroscopeField, rois: Mapping[str, Any], target: str, tbr: Any
) -> dict[str, Any]:
    t = float(rois[target]["electrons_per_pixel"]["value"])
    b = float(rois["medium"]["electrons_per_pixel"]["value"])
    noise = float(noise_sd_electrons(field.camera, np.array(t)))
    _, _, cnr, snr = pair_numbers(t, b, float(rois["medium"]["sd_electrons"]), noise)
    limits = tbr["interval95"]
    less = None if limits is None else [limits[0] - 1.0, limits[1] - 1.0]
    value = None if tbr["value"] is None else tbr["value"] - 1.0
    return {
        "target": target,
        "background": "medium",
        "tbr": tbr,
        "contrast": {"value": value, "std_err": None, "interval95": less},
        "cnr": number(cnr, None),
        "snr": number(snr, None),
    }


def _assumed(field: MicroscopeField) -> list[str]:
    said = field.scene.domain.details or {}
    out = [f"microscope: {k} = {v:g}" for k, v in DEFAULTS.items() if k not in said]
    out.append("microscope: cells alike, on a square grid; no autofluorescence, no leak")
    out.append("microscope: medium is seen over the depth of field, wavelength n/NA^2")
    if "nucleus" in field.scene.concentration.regions:
        out.append(f"microscope: the nucleus has {NUCLEUS_SHARE:g} of the cell's radius")
    if field.scene.camera is None:
        out.append(f"microscope: sensor pixels of {PIXEL_um:g} um")
        out += camera_words(field.camera)
    return out
