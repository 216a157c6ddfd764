"""What is not known, carried to every number of a frame.

Dye, uptake and autofluorescence act on the source and need no transport; absorption is changed on
stored paths; scattering, anisotropy and index take designed full runs, between which a response
surface interpolates the logarithms of signals. The surface's leave-one-out error is added to the
draws. Statistical errors stay apart: all draws share the nominal walks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.numerics.response_surface import LEAST_RUNS, design, fit_surface
from pdcraft.optics.prediction.absorption import OtherScene, absorption_changes
from pdcraft.optics.prediction.frame import Frame, frame_input
from pdcraft.optics.prediction.numbers import frame_numbers
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.signal import SceneSignals
from pdcraft.optics.prior import Prior
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_draws import scene_priors, scene_with
from pdcraft.transport.optical.run import Progress
from pdcraft.transport.optical.signals import region_signals

__all__ = ["Contributor", "Drawn", "draw_frames"]

EDGE = 1e-4  # quantiles this near to 0 and 1 are not drawn: no run is designed for them
RUN_HISTORIES = (60_000, 30_000)  # of each designed run, forward and from each region
MOST_CONTRIBUTORS = 8


@dataclass(frozen=True, slots=True)
class Contributor:
    """An input and its share of a number's variance, by squared rank correlation."""

    input: str
    share: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """Frames with their draws.

    Parameters
    ----------
    frames : tuple of Frame
    contributors : tuple of Contributor
        To the first contrast (or signal) of the first frame, largest first.
    surface_error : float or None
        Leave-one-out error of the response surface, relative; None without scattering priors.
    unserved : int
        Draws whose absorption the stored paths did not serve; they keep the nominal factor.
    """

    frames: tuple[Frame, ...]
    contributors: tuple[Contributor, ...]
    surface_error: float | None
    unserved: int


def draw_frames(
    setup: Setup,
    signals: SceneSignals,
    conc_nM: Mapping[str, float],
    frames: Sequence[Frame],
    factors: Sequence[Floats | None],
    spreads: Sequence[Floats | None],
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Drawn:
    """Draw everything uncertain and compute each frame's numbers anew.

    Parameters
    ----------
    conc_nM : mapping of region to nM
        Of the nominal walks.
    frames, factors, spreads : sequences of one entry a frame
        Nominal numbers, change of signals by the frame's absorption, spread within regions.
    """
    priors = scene_priors(setup.scene)
    count = setup.scene.run.draws
    unit = _stratified(count, len(priors), seed)
    values = [
        {p.name: p.quantile(float(u)) for p, u in zip(priors, row, strict=True)} for row in unit
    ]
    still = {p.name: p.nominal for p in priors if p.kind == "scattering"}
    scenes = [scene_with(setup.scene, {**row, **still}) for row in values]
    gain, unserved = _absorption_gain(
        setup, conc_nM, scenes, seed=seed, threads=threads, progress=progress,
        max_time_s=max_time_s,
    )  # fmt: skip
    scattering = [i for i, p in enumerate(priors) if p.kind == "scattering"]
    surface_error = None
    if scattering:
        more, surface_error = _scattering_gain(
            setup, conc_nM, priors, scattering, unit, seed, threads, progress
        )
        gain = gain * more[:, :, None]
    done: list[Frame] = []
    for f, frame in enumerate(frames):
        base = np.ones(1) if factors[f] is None else factors[f]
        rows: list[Floats] = []
        for i, scene in enumerate(scenes):
            conc = scene.concentrations(frame.time_h, _table_draw(scene, i))
            given = frame_input(setup, scene, signals, conc, spreads[f])
            rows.append(frame_numbers(setup, signals.mean * (base * gain[i]), given))
        done.append(replace(frame, draws=np.array(rows)))
    which = 8 * len(setup.masks) + 1 if setup.pairs else 0
    found = _contributors(priors, unit, done[0].draws, which) if done else ()
    return Drawn(tuple(done), found, surface_error, unserved)


def _table_draw(scene: Scene, index: int) -> int | None:
    """Draw of the concentration table that belongs to a draw of the scene."""
    number = scene.concentration.draws
    return None if number <= 1 else index % number


def _stratified(count: int, inputs: int, seed: int) -> Floats:
    from scipy.stats import qmc

    if inputs == 0:
        return np.zeros((count, 0))
    sampler = qmc.LatinHypercube(inputs, rng=np.random.default_rng([seed, 0xD7]))
    return np.clip(sampler.random(count), EDGE, 1.0 - EDGE)


def _absorption_gain(
    setup: Setup,
    conc_nM: Mapping[str, float],
    scenes: Sequence[Scene],
    *,
    seed: int,
    threads: int | None,
    progress: Progress | None,
    max_time_s: float | None,
) -> tuple[Floats, int]:
    """Factors on the signals, (draws, rois, labels), and how many draws were not served."""
    others: list[OtherScene] = []
    for i, scene in enumerate(scenes):
        times = setup.scene.run.times_h
        conc = scene.concentrations(times[0] if times else None, _table_draw(scene, i))
        others.append((scene, conc))
    changed = absorption_changes(
        setup, conc_nM, others, seed=seed, threads=threads, progress=progress,
        max_time_s=max_time_s,
    )  # fmt: skip
    gain = np.where(changed.serves[:, None, None], changed.factor, 1.0)
    return gain, int((~changed.serves).sum())


def _scattering_gain(
    setup: Setup,
    conc_nM: Mapping[str, float],
    priors: Sequence[Prior],
    which: Sequence[int],
    unit: Floats,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> tuple[Floats, float]:
    """Factors on each region's signal, (draws, rois), from designed runs and a surface."""
    inputs = len(which)
    runs = max(LEAST_RUNS, 2 * (inputs + 1))
    points = np.clip(design(runs, inputs, seed), EDGE, 1.0 - EDGE)
    amount = setup.labels_of(conc_nM)
    logs: list[Floats] = []
    for k, point in enumerate(points):
        drawn = {
            priors[i].name: priors[i].quantile(float(u)) for i, u in zip(which, point, strict=True)
        }
        scene = scene_with(setup.scene, drawn)
        lit, glow = setup.media(scene, conc_nM)
        x, m = setup.middle
        found = region_signals(
            setup.domain, (lit[x],), (glow[m],), setup.beam, setup.view, setup.roi_weights,
            histories=RUN_HISTORIES, seed=seed, threads=threads,
        )  # fmt: skip
        logs.append(np.log(np.maximum(found.mean[0, 0] @ amount, 1e-300)))
        if progress:
            progress(k / runs, f"scattering: run {k + 1} of {runs}")
    surface = fit_surface(points, np.array(logs))
    middle = np.full((1, inputs), 0.5)
    change = surface.predict(unit[:, list(which)]) - surface.predict(middle)
    miss = np.asarray(surface.leave_one_out)
    rng = np.random.default_rng([seed, 0x5C])
    change = change + miss * rng.standard_normal(change.shape)
    return np.exp(change), float(np.max(miss))


def _contributors(
    priors: Sequence[Prior], unit: Floats, draws: Floats | None, which: int
) -> tuple[Contributor, ...]:
    from scipy.stats import rankdata

    if draws is None or len(draws) < 10 or not priors:
        return ()
    outcome = draws[:, which]
    if not np.all(np.isfinite(outcome)) or np.ptp(outcome) == 0.0:
        return ()
    rank = rankdata(outcome)
    found = [
        Contributor(p.name, float(np.corrcoef(rankdata(unit[:, i]), rank)[0, 1] ** 2))
        for i, p in enumerate(priors)
        if np.ptp(unit[:, i]) > 0.0
    ]
    return tuple(sorted(found, key=lambda c: -c.share)[:MOST_CONTRIBUTORS])
