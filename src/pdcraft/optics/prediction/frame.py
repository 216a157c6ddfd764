"""One frame of a scene: its inputs at a time, and its numbers with errors and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera import Camera
from pdcraft.optics.prediction.numbers import (
    PAIR_KEYS,
    ROI_KEYS,
    FrameInput,
    frame_numbers,
    pair_column,
    roi_column,
)
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.signal import SceneSignals
from pdcraft.optics.roi import Mask, Roi
from pdcraft.optics.scene import Scene

__all__ = ["UNKNOWN", "Frame", "Number", "frame_input", "frame_of", "number", "roi_entry"]


class Number(TypedDict):
    """A value with the simulation's error and the limits of its draws; None where unknown."""

    value: float | None
    std_err: float | None
    interval95: list[float] | None


UNKNOWN: Number = {"value": None, "std_err": None, "interval95": None}


@dataclass(frozen=True, slots=True)
class Frame:
    """Numbers of a frame.

    Parameters
    ----------
    time_h : float or None
    conc_nM : mapping of region to nM
    values, std_err : ndarray
        In the order of `numbers.frame_numbers`.
    draws : ndarray, shape (draws, numbers), or None
    """

    time_h: float | None
    conc_nM: Mapping[str, float]
    values: Floats
    std_err: Floats
    draws: Floats | None = None

    def roi(self, index: int) -> dict[str, Number]:
        """Numbers of a region of the image."""
        return self._some(roi_column(index, ROI_KEYS[0]), ROI_KEYS)

    def pair(self, index: int, rois: int) -> dict[str, Number]:
        """Contrast numbers of a target against a background."""
        return self._some(pair_column(rois, index, PAIR_KEYS[0]), PAIR_KEYS)

    def _some(self, first: int, keys: tuple[str, ...]) -> dict[str, Number]:
        out: dict[str, Number] = {}
        for i, key in enumerate(keys, start=first):
            drawn = None if self.draws is None else self.draws[:, i]
            out[key] = number(self.values[i], self.std_err[i], drawn)
        return out


def roi_entry(camera: Camera, roi: Roi, mask: Mask, frame: Frame, index: int) -> dict[str, Any]:
    """Entry of a region of the image in the document.

    All of it counts as saturated where its mean pixel is full; images refine that.
    """
    numbers: dict[str, Any] = dict(frame.roi(index))
    light = numbers["electrons_per_pixel"]["value"]
    full = light is not None and light >= camera.light_capacity_e
    return {
        "role": roi.role,
        "pixels": int(mask.sum()),
        "rule": roi.rule,
        "offset_e": camera.sensor.offset * camera.sensor.gain,
        **numbers,
        "sd_electrons": numbers["sd_electrons"]["value"],
        "saturated_fraction": float(full),
    }


def number(value: float, std_err: float | None, drawn: Floats | None = None) -> Number:
    """Value, error and equal-tailed 95 % limits; what is no number becomes None."""
    limits = None
    if drawn is not None and np.all(np.isfinite(drawn)) and drawn.size > 1:
        low, high = np.quantile(drawn, [0.025, 0.975])
        limits = [float(low), float(high)]
    known = std_err is not None and bool(np.isfinite(std_err) and np.isfinite(value))
    return {
        "value": float(value) if np.isfinite(value) else None,
        "std_err": float(std_err) if known and std_err is not None else None,
        "interval95": limits,
    }


def frame_input(
    setup: Setup,
    scene: Scene,
    signals: SceneSignals,
    conc_nM: Mapping[str, float],
    spread: Floats | None = None,
) -> FrameInput:
    """Gather a frame's inputs: dye, autofluorescence, bleaching by the light so far, leak.

    Parameters
    ----------
    scene : Scene
        Nominal or drawn.
    spread : ndarray, shape (rois,), optional
        Relative spread of light within regions; 0 where no image was made.
    """
    lamp = scene.illumination
    share = setup.nodes.excitation.weight
    fluence = (
        lamp.irradiance_mW_per_cm2 * 1e-3 * lamp.lit_before_s * (share @ signals.region_fluence)
    )
    own = {
        region.name: scene.materials[region.material].autofluorescence_nM
        for region in scene.regions
        if region.material in scene.materials
    }
    # budgets are shares of the power that falls in: the cosine of the irradiance across the beam
    slant = np.cos(np.radians(lamp.incidence_deg))
    reflected = slant * np.array([budget.reflected_diffuse for budget in signals.budgets])
    return FrameInput(
        scene.dye,
        setup.labels_of(conc_nM),
        setup.labels_of(own),
        np.asarray(scene.dye.left_after(fluence)),
        reflected,
        np.zeros(len(setup.masks)) if spread is None else spread,
    )


def frame_of(
    setup: Setup,
    signals: SceneSignals,
    time_h: float | None,
    conc_nM: Mapping[str, float],
    factor: Floats | None = None,
    spread: Floats | None = None,
) -> Frame:
    """Compute a frame's numbers from the signals.

    Parameters
    ----------
    factor : ndarray, shape (rois, labels), optional
        Signals of this frame's absorption over those of the nominal one.
    """
    given = frame_input(setup, setup.scene, signals, conc_nM, spread)
    gain = np.ones(1) if factor is None else factor

    def numbers(mean: Floats) -> Floats:
        return frame_numbers(setup, mean * gain, given)

    values = numbers(signals.mean)
    return Frame(time_h, conc_nM, values, signals.signals.std_err_of(numbers))
