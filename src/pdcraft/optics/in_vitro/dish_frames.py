"""Frames of a dish under a camera: an image of clear liquid, brighter where it stands higher."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.bands import Nodes, emission_nodes
from pdcraft.optics.camera import (
    Camera,
    ambient_electrons,
    expected_electrons,
    fixed_sd_electrons,
    noise_sd_electrons,
)
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.document import blank_frame, camera_words, times_of
from pdcraft.optics.in_vitro.draws import drawn_scenes, uncertainty
from pdcraft.optics.in_vitro.reader import default_camera, detail, reading_of, vessel_of
from pdcraft.optics.in_vitro.vessel import Vessel
from pdcraft.optics.in_vitro.well import Reading, mean_fluence_rate, photon_radiance, reflected
from pdcraft.optics.prediction.frame import Frame, number, roi_entry
from pdcraft.optics.prediction.numbers import pair_numbers
from pdcraft.optics.roi import Mask, Roi, pairs_of, pixels_of
from pdcraft.optics.scene import Scene
from pdcraft.physics.radiometry import diffuse_radiance, photon_energy_J, photons_per_J

__all__ = ["dish_parts"]

PIXELS, MARGIN = 64, 1.1  # of the default camera: a square field this much wider than the dish
RADII = 33


@dataclass(frozen=True, slots=True)
class _Setup:
    """A dish ready to be seen."""

    scene: Scene
    vessel: Vessel
    reading: Reading
    camera: Camera
    rois: tuple[Roi, ...]
    masks: tuple[Mask, ...]
    own_nM: float

    def numbers(self, dye: Dye, conc_nM: float) -> Floats:
        """`ROI_KEYS` of each region, then `PAIR_KEYS` of each pair, in one row."""
        nodes = emission_nodes(dye.emission, *self.camera.filter.band_nm)
        energy_uJ = 1e6 * photon_energy_J(nodes.wavelength_nm)[:, None, None]
        photons = self._photons(dye, conc_nM, nodes)
        own = energy_uJ * self._photons(dye, self.own_nM, nodes)
        total = self._photon_irradiance()
        maps = [
            expected_electrons(self.camera, nodes.wavelength_nm, energy_uJ * photons),
            expected_electrons(self.camera, nodes.wavelength_nm, own) if self.own_nM else 0.0,
            self._leak(),
            ambient_electrons(self.camera),
        ]
        maps = [np.broadcast_to(m, self.camera.shape) for m in maps]
        all_e = maps[0] + maps[1] + maps[2] + maps[3]
        temporal = noise_sd_electrons(self.camera, all_e)
        fixed = fixed_sd_electrons(self.camera, all_e)
        rows: list[list[float]] = []
        masks = self.masks
        for mask in masks:
            out = photons[:, mask].sum(axis=0).mean()
            power = (energy_uJ * photons)[:, mask].sum(axis=0).mean()
            spread = np.var(all_e[mask]) + np.mean(temporal[mask] ** 2 + fixed[mask] ** 2)
            parts = [all_e[mask].mean(), *(float(m[mask].mean()) for m in maps[1:])]
            rows.append([power, out, out / total, *parts, math.sqrt(float(spread))])
        pairs = [
            pair_numbers(
                rows[t][3], rows[b][3], rows[b][7], float(np.sqrt(np.mean(temporal[masks[t]] ** 2)))
            )
            for t, b in pairs_of(self.rois)
        ]
        return np.concatenate([np.array(rows).ravel(), np.array(pairs).ravel()])

    def _photon_irradiance(self) -> float:
        nm, share = self.reading.lamp_nodes()
        watts = 1e-3 * self.reading.irradiance_mW_per_cm2 * share
        return float(np.sum(watts * photons_per_J(nm)))

    def _photons(self, dye: Dye, conc_nM: float, nodes: Nodes) -> Floats:
        """Photon radiance by node and pixel, its weight included."""
        radii = np.linspace(0.0, self.reading.lit_radius_mm(self.vessel), RADII)
        heights = self.vessel.height_mm(radii)
        found = photon_radiance(dye, conc_nM, heights, self.reading, nodes.wavelength_nm)
        away = self.camera.off_axis_mm()
        rows = [np.interp(away, radii, column, right=0.0) for column in found.T]
        return nodes.weight[:, None, None] * np.array(rows)

    def _leak(self) -> Floats:
        nm, share = self.reading.lamp_nodes()
        power_uW = 1e3 * self.reading.irradiance_mW_per_cm2 * share
        radiance = diffuse_radiance(power_uW, np.full(nm.size, reflected(self.reading.side)))
        lit = self.camera.off_axis_mm() <= self.reading.lit_radius_mm(self.vessel)
        return expected_electrons(self.camera, nm, radiance[:, None, None] * lit)


def dish_parts(scene: Scene, seed: int, draws: int) -> dict[str, Any]:
    """Frames of a dish scene."""
    setup, assumed = _setup(scene)
    scenes = drawn_scenes(scene, draws, seed)
    frames: list[dict[str, Any]] = []
    first: Floats | None = None
    for time in times_of(scene):
        conc = scene.concentrations(time)
        values = setup.numbers(scene.dye, conc["medium"])
        rows = [setup.numbers(d.scene.dye, d.concentrations(time)["medium"]) for d in scenes]
        drawn = np.array(rows) if rows else None
        frames.append(_frame(setup, time, conc, values, drawn))
        if first is None and drawn is not None:
            first = drawn[:, 0]
    return {"frames": frames, "uncertainty": uncertainty(scenes, first), "assumed": assumed}


def _setup(scene: Scene) -> tuple[_Setup, list[str]]:
    vessel = vessel_of(scene)
    field = 2.0 * vessel.radius_mm * MARGIN
    made = scene.camera or default_camera(scene, (PIXELS, PIXELS), (field, field))
    whole = Roi("dish", "target", "disc", (0.0, 0.0), vessel.radius_mm)
    rois = scene.rois or (whole,)
    own = detail(scene, "plate_autofluorescence_nM", 0.0)
    reading = reading_of(scene, made)
    masks = tuple(pixels_of(roi, made) for roi in rois)
    assumed = ["dish: light that surfaces reflect leaves evenly to all sides"]
    if "medium" not in scene.materials:
        assumed.append("dish: the medium absorbs nothing")
    if not scene.rois:
        assumed.append("dish: one region of the image, the whole dish")
    if scene.camera is None:
        assumed += camera_words(made)
    return _Setup(scene, vessel, reading, made, rois, masks, own), assumed


def _frame(
    setup: _Setup,
    time_h: float | None,
    conc_nM: Mapping[str, float],
    values: Floats,
    drawn: Floats | None,
) -> dict[str, Any]:
    numbers = Frame(time_h, conc_nM, values, np.full_like(values, np.nan), drawn)
    frame = blank_frame(time_h)
    medium = conc_nM["medium"]
    rate = mean_fluence_rate(setup.scene.dye, medium, setup.vessel, setup.reading)
    frame["regions"] = {
        "medium": {"conc_nM": medium, "mean_fluence_rate_mW_per_cm2": number(rate, None)}
    }
    for r, (roi, mask) in enumerate(zip(setup.rois, setup.masks, strict=True)):
        frame["rois"][roi.name] = roi_entry(setup.camera, roi, mask, numbers, r)
    for p, (t, b) in enumerate(pairs_of(setup.rois)):
        names = {"target": setup.rois[t].name, "background": setup.rois[b].name}
        frame["metrics"].append(names | numbers.pair(p, len(setup.rois)))
    return frame
