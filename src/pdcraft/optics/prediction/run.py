"""Predict what a camera sees of a scene: nominal walks, frames, draws, best time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, Problem
from pdcraft.io.toml_lines import read_toml
from pdcraft.optics.best_time import BestChoice
from pdcraft.optics.prediction.absorption import absorption_changes, is_linear
from pdcraft.optics.prediction.best import best_time
from pdcraft.optics.prediction.draws import Drawn, FrameBase, draw_frames
from pdcraft.optics.prediction.frame import Frame, frame_of
from pdcraft.optics.prediction.progress import part_of
from pdcraft.optics.prediction.setup import Setup, setup_of
from pdcraft.optics.prediction.signal import SceneSignals, scene_signals
from pdcraft.optics.safety import LightSafety, light_safety
from pdcraft.optics.scene import Scene
from pdcraft.transport.optical.run import Progress

__all__ = ["Prediction", "predict"]

STEADY_s = 10.0  # from here on the limit for skin no longer falls
SIGNAL_SHARE = 0.6  # of the time allowed for the nominal walks


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was found of a scene.

    Parameters
    ----------
    setup : Setup
    signals : SceneSignals
        Of the nominal walks, whose dye is that of `reference_nM`.
    reference_nM : mapping of region to nM
    frames : tuple of Frame
    linear : bool
        Whether the dye's own absorption changes no signal of any frame by 2 %.
    dye_absorption_signal_change : float
        The largest of these changes, relative, of the frames that stored paths serve.
    drawn : Drawn or None
    best : BestChoice or None
        Best time by d' of the first pair, where there are several times.
    safety : LightSafety
    wall_s, cpu_s : float
    rerun : int
        Frames whose absorption the stored paths did not serve and that were run anew.
    """

    setup: Setup
    signals: SceneSignals
    reference_nM: Mapping[str, float]
    frames: tuple[Frame, ...]
    linear: bool
    dye_absorption_signal_change: float
    drawn: Drawn | None
    best: BestChoice | None
    safety: LightSafety
    wall_s: float
    cpu_s: float
    rerun: int


def predict(
    scene: Scene,
    *,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    spread_of: Callable[[Setup, SceneSignals, Mapping[str, float]], Floats] | None = None,
) -> Prediction:
    """Predict the numbers of a slab, height map, label or mouse scene.

    Parameters
    ----------
    scene : Scene
    seed : int, optional
        Instead of the scene's.
    threads : int, optional
        All processors without it; results do not depend on it.
    progress : callable, optional
        Called as ``progress(fraction, words)``.
    spread_of : callable, optional
        Gives the relative spread of light within each region of the image, from an image, for the
        contrast-to-noise ratio; without it only the camera's noise counts.

    Raises
    ------
    DataError
        If the scene's kind or method cannot be served.
    """
    began, cpu = time.monotonic(), time.process_time()
    number = scene.run.seed if seed is None else seed
    setup = setup_of(scene)
    times: tuple[float | None, ...] = scene.run.times_h or (None,)
    concs = [scene.concentrations(t) for t in times]
    middle = _middle_of(concs)
    limit = scene.run.max_time_s
    signals = scene_signals(
        setup, concs[middle], seed=number, threads=threads,
        progress=part_of(progress, 0.0, 0.6, "light"), max_time_s=SIGNAL_SHARE * limit,
    )  # fmt: skip
    changed = absorption_changes(
        setup, (scene, concs[middle]), [(scene, c) for c in concs], by_node=True, seed=number,
        threads=threads, progress=part_of(progress, 0.6, 0.15, "dye absorption"),
        max_time_s=0.2 * limit,
    )  # fmt: skip
    linear = is_linear(changed.by_dye)
    made = [signals] * len(concs)
    factors: list[Floats | None] = []
    rerun = 0
    for f in range(len(concs)):
        if f == middle:
            factors.append(None)
        elif changed.serves[f]:
            factors.append(changed.factor[f])
        else:
            made[f] = scene_signals(setup, concs[f], seed=number, threads=threads, max_time_s=limit)
            factors.append(None)
            rerun += 1
    spreads: list[Floats | None] = [None] * len(concs)

    def frames_now() -> tuple[Frame, ...]:
        return tuple(
            frame_of(setup, made[f], times[f], concs[f], factors[f], spreads[f])
            for f in range(len(concs))
        )

    frames = frames_now()
    if "metrics" in scene.run.outputs:
        _require_unsaturated(setup, frames)
    if spread_of is not None:  # images take long: not before the scene is known to be good
        spreads = [spread_of(setup, made[f], concs[f]) for f in range(len(concs))]
        frames = frames_now()
    drawn = None
    if scene.run.draws:
        bases = [
            FrameBase(
                frames[f], made[f], concs[middle] if made[f] is signals else concs[f], factors[f],
                spreads[f],
            )
            for f in range(len(concs))
        ]  # fmt: skip
        drawn = draw_frames(
            setup, bases, linear=linear, seed=number, threads=threads,
            progress=part_of(progress, 0.75, 0.25, "draws"),
        )  # fmt: skip
        frames = drawn.frames
    safety = _safety(scene, setup)
    return Prediction(
        setup,
        signals,
        concs[middle],
        frames,
        linear,
        float(changed.by_dye.flat[np.nanargmax(np.abs(changed.by_dye))]),
        drawn,
        best_time(setup, frames, safety),
        safety,
        time.monotonic() - began,
        time.process_time() - cpu,
        rerun,
    )


def _middle_of(concs: list[dict[str, float]]) -> int:
    """Frame whose total dye is the median: stored paths serve absorption near their own."""
    totals = [sum(c.values()) for c in concs]
    return int(np.argsort(totals, kind="stable")[len(totals) // 2])


def _require_unsaturated(setup: Setup, frames: tuple[Frame, ...]) -> None:
    """Refuse contrasts of regions whose pixels are full.

    Raises
    ------
    DataError
        Naming the region, its electrons, what a pixel holds, and an exposure that would serve.
    """
    camera = setup.camera
    full = camera.light_capacity_e
    for frame in frames:
        for i, roi in enumerate(setup.rois):
            light = frame.roi(i)["electrons_per_pixel"]["value"]
            if roi.role == "other" or light is None or light < full:
                continue
            at = "" if frame.time_h is None else f" at {frame.time_h:g} h"
            charge = light + camera.dark_e
            serves_ms = 1e3 * camera.exposure_s * 0.8 * camera.sensor.capacity_e / charge
            raise DataError(
                _at_key(
                    setup.scene.path,
                    f"region '{roi.name}' is saturated{at}: {light:.3g} electrons a pixel are "
                    f"expected and a pixel holds {full:.3g}; a saturated region is refused",
                    f"set camera.exposure to {serves_ms:.3g} ms or less, or a larger f_number",
                    f"{1e3 * camera.exposure_s:g} ms",
                )
            )


def _at_key(path: Path | None, message: str, hint: str, value: str) -> Problem:
    """Fault at the camera's exposure, with its line where the scene has a file."""
    if path is None:
        return Problem(message, key="camera.exposure", value=value, hint=hint)
    return read_toml(path).problem(("camera", "exposure"), message, hint, value)


def _safety(scene: Scene, setup: Setup) -> LightSafety:
    """Compare the lamp with its limit, for what the scene says it shines on."""
    lamp = scene.illumination
    seen = {region.material for region in scene.regions}
    nm = setup.nodes.excitation
    mean_nm = float(np.average(nm.wavelength_nm, weights=nm.weight))
    brain = any("brain" in name or "glioma" in name for name in seen)
    exposed = "none" if scene.domain.kind == "mouse" else "brain" if brain else "skin"
    if exposed == "skin" and not any("skin" in name for name in seen):
        exposed = "organ"
    # the lamp of an operation stays lit: never less than the steady limit, from 10 s on
    duration = max(STEADY_s, lamp.lit_before_s + setup.camera.exposure_s)
    return light_safety(exposed, mean_nm, lamp.irradiance_mW_per_cm2, duration)
