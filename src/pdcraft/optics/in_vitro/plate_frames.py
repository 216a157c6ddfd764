"""Frames of a plate: wells with their readings, and the figures of the assay.

Readings (`rfu`) are expected values, without noise; what noise and pipetting do stands in the
assay's figures, which are taken from simulated replicates as an experimenter would take them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.assay import Assay, assay_figures
from pdcraft.optics.in_vitro.document import blank_frame, camera_words, times_of
from pdcraft.optics.in_vitro.draws import drawn_scenes, uncertainty
from pdcraft.optics.in_vitro.plate import PlateReading, read_plate
from pdcraft.optics.in_vitro.reader import (
    default_camera,
    detail,
    reading_of,
    unsaturated,
    vessel_of,
)
from pdcraft.optics.in_vitro.vessel import Vessel
from pdcraft.optics.in_vitro.well import Reading, mean_fluence_rate
from pdcraft.optics.prediction.frame import Number, number
from pdcraft.optics.scene import Scene

__all__ = ["plate_parts"]

ASSUMED = {  # what a plate scene may leave out
    "replicates": 3.0,
    "plate_autofluorescence_nM": 0.0,
    "crosstalk": 0.0,
    "pipetting_cv": 0.0,
}
ASSAY_KEYS = ("lod_nM", "lloq_nM", "slope_rfu_per_nM", "z_prime")


@dataclass(frozen=True, slots=True)
class _Setup:
    """A plate ready to be read."""

    scene: Scene
    vessel: Vessel
    reading: Reading
    details: Mapping[str, float]
    gain_rfu_per_e: float | None
    seed: int

    def read(self, dye: Dye, conc_nM: Mapping[str, float]) -> tuple[PlateReading, Assay]:
        """Read the plate and take its figures."""
        found = read_plate(
            dye,
            conc_nM,
            int(detail(self.scene, "format", 96)),
            self.vessel,
            self.reading,
            seed=self.seed,
            replicates=int(self.details["replicates"]),
            plate_autofluorescence_nM=self.details["plate_autofluorescence_nM"],
            crosstalk=self.details["crosstalk"],
            pipetting_cv=self.details["pipetting_cv"],
            gain_rfu_per_e=self.gain_rfu_per_e,
            leak=True,
        )
        return found, assay_figures(found.conc_nM, found.rfu, found.inner_filter, found.saturated)

    def region(self, conc_nM: float) -> dict[str, Any]:
        """Tell of a well as a region of the document."""
        rate = mean_fluence_rate(self.scene.dye, conc_nM, self.vessel, self.reading)
        return {"conc_nM": conc_nM, "mean_fluence_rate_mW_per_cm2": number(rate, None)}

    @property
    def full_rfu(self) -> float:
        """Reading of a full detector."""
        camera = self.reading.camera
        return camera.light_capacity_e * (self.gain_rfu_per_e or 1.0 / camera.sensor.gain)


def plate_parts(scene: Scene, seed: int, draws: int) -> dict[str, Any]:
    """Frames, wells and assay of a plate scene."""
    setup, assumed = _setup(scene, seed)
    scenes = drawn_scenes(scene, draws, seed)
    frames: list[dict[str, Any]] = []
    warnings: list[str] = []
    first: Floats | None = None
    for time in times_of(scene):
        conc = scene.concentrations(time)
        read, assay = setup.read(scene.dye, conc)
        others = [setup.read(one.scene.dye, one.concentrations(time)) for one in scenes]
        wells = _wells(setup, read, assay, [o[0] for o in others])
        frame = blank_frame(time)
        frame["regions"] = {w: setup.region(c) for w, c in conc.items()}
        frame["wells"] = wells
        frame["assay"] = _assay(assay, [o[1] for o in others])
        frames.append(frame)
        warnings += _warnings(setup, read, time)
        if first is None and others:
            brightest = int(np.argmax(read.expected_rfu))
            first = np.array([o[0].expected_rfu[brightest] for o in others])
    if not any(c == 0.0 for c in scene.concentrations(times_of(scene)[0]).values()):
        assumed.append("no blank well (0 nM): nothing is subtracted, and there is no LOD")
    return {
        "frames": frames,
        "wells": frames[0]["wells"],
        "assay": frames[0]["assay"],
        "uncertainty": uncertainty(scenes, first),
        "assumed": assumed,
        "warnings": warnings,
    }


def _setup(scene: Scene, seed: int) -> tuple[_Setup, list[str]]:
    made = scene.camera or default_camera(scene)
    vessel, reading = vessel_of(scene), reading_of(scene, made)
    if scene.camera is None:
        highest = float(np.max(scene.concentration.conc_nM))
        reading = unsaturated(scene, reading, vessel, highest)
    said = scene.domain.details or {}
    details = {name: float(said.get(name, value)) for name, value in ASSUMED.items()}
    gain = float(said["gain"]) if "gain" in said else None
    assumed = [f"plate: {k} = {v:g}" for k, v in details.items() if k not in said]
    if "meniscus_deg" not in said:
        assumed.append("plate: flat liquid surface (contact angle 90 deg)")
    assumed.append("plate: light that surfaces reflect leaves evenly to all sides")
    if "medium" not in scene.materials:
        assumed.append("plate: the medium absorbs nothing")
    if scene.camera is None:
        assumed += camera_words(reading.camera)
    return _Setup(scene, vessel, reading, details, gain, seed), assumed


def _shown(setup: _Setup, read: PlateReading) -> Floats:
    """Return the readings that the detector can show."""
    return np.minimum(read.expected_rfu, setup.full_rfu)


def _less_blank(read: PlateReading, rfu: Floats) -> Floats:
    blank = read.conc_nM == 0.0
    return rfu - rfu[blank].mean() if np.any(blank) else rfu


def _wells(
    setup: _Setup, read: PlateReading, assay: Assay, others: list[PlateReading]
) -> list[dict[str, Any]]:
    rfu = _shown(setup, read)
    net = _less_blank(read, rfu)
    drawn = np.array([_shown(setup, o) for o in others]) if others else None
    less = None
    if drawn is not None:
        less = np.array([_less_blank(o, r) for o, r in zip(others, drawn, strict=True)])
    return [
        {
            "well": well,
            "conc_nM": float(read.conc_nM[i]),
            "rfu": number(rfu[i], None, None if drawn is None else drawn[:, i]),
            "blank_subtracted": number(net[i], None, None if less is None else less[:, i]),
            "inner_filter_factor": float(read.inner_filter[i]),
            "cv_percent": float(assay.cv_percent[i]) if _known(setup, assay, i) else None,
            "saturated": bool(read.expected_rfu[i] >= setup.full_rfu or read.saturated[i]),
        }
        for i, well in enumerate(read.wells)
    ]


def _known(setup: _Setup, assay: Assay, i: int) -> bool:
    return setup.details["replicates"] > 1 and bool(np.isfinite(assay.cv_percent[i]))


def _assay(assay: Assay, others: list[Assay]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key in ASSAY_KEYS:
        value = getattr(assay, key)
        drawn = [getattr(o, key) for o in others]
        whole = np.array(drawn, dtype=float) if drawn and None not in drawn else None
        found: Number = number(math.nan if value is None else value, None, whole)
        out[key] = found
        if key == "slope_rfu_per_nM":
            out["r2"] = assay.r2
    return out


def _warnings(setup: _Setup, read: PlateReading, time_h: float | None) -> list[str]:
    out: list[str] = []
    when = "" if time_h is None else f" at {time_h:g} h"
    full = read.expected_rfu >= setup.full_rfu
    wells = [w for w, s in zip(read.wells, full | read.saturated, strict=True) if s]
    if wells:
        out.append(
            f"saturated{when}: {', '.join(wells)}; shorten the exposure or lower the lamp: their "
            "readings are the detector's limit"
        )
    rolled = [w for w, k in zip(read.wells, read.inner_filter, strict=True) if k < 0.95]
    if rolled:
        out.append(
            f"inner filter takes more than 5 %{when}: {', '.join(rolled)}; they are left out of "
            "the standard curve"
        )
    return out
