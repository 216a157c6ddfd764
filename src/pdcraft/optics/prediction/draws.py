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
from pdcraft.optics.prediction.frame import Frame, frame_input
from pdcraft.optics.prediction.numbers import frame_numbers, pair_column
from pdcraft.optics.prediction.progress import part_of
from pdcraft.optics.prediction.served import RUN_HISTORIES, served_factors
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.signal import SceneSignals
from pdcraft.optics.prior import Prior
from pdcraft.optics.scene_draws import EDGE, drawn_values, scene_priors, scene_with
from pdcraft.transport.optical.run import Progress
from pdcraft.transport.optical.signals import region_signals

__all__ = ["Contributor", "Drawn", "FrameBase", "draw_frames"]

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
    rounds : int
        Sets of paths that the draws' absorption took; 1 where the stored ones served all.
    """

    frames: tuple[Frame, ...]
    contributors: tuple[Contributor, ...]
    surface_error: float | None
    rounds: int


@dataclass(frozen=True, slots=True)
class FrameBase:
    """A frame's nominal numbers and what its draws start from.

    Parameters
    ----------
    frame : Frame
    signals : SceneSignals
        Walks with the dye of `reference_nM`.
    reference_nM : mapping of region to nM
    factor : ndarray, optional
        Signals of this frame's absorption over those of the walks.
    spread : ndarray, shape (rois,), optional
        Relative spread of light within regions.
    """

    frame: Frame
    signals: SceneSignals
    reference_nM: Mapping[str, float]
    factor: Floats | None
    spread: Floats | None


def draw_frames(
    setup: Setup,
    bases: Sequence[FrameBase],
    *,
    linear: bool,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Drawn:
    """Draw everything uncertain and compute each frame's numbers anew.

    Parameters
    ----------
    bases : sequence of FrameBase
        Of every frame, in order of time.
    linear : bool
        Whether the dye's own absorption is negligible in all frames: one change of absorption a
        draw then serves them all.

    Raises
    ------
    DataError
        For a draw whose absorption neither stored nor new paths serve.
    """
    priors = scene_priors(setup.scene)
    count = setup.scene.run.draws
    unit, values = drawn_values(priors, count, np.random.default_rng([seed, 0xD7]))
    still = {p.name: p.nominal for p in priors if p.kind == "scattering"}
    scenes = [scene_with(setup.scene, {**row, **still}) for row in values]
    concs = [
        [scene.concentrations(base.frame.time_h, i) for base in bases]
        for i, scene in enumerate(scenes)
    ]
    scattering = [i for i, p in enumerate(priors) if p.kind == "scattering"]
    more, surface_error = np.ones((count, len(bases), 1)), None
    if scattering:
        more, surface_error = _scattering_gain(
            setup, bases, priors, scattering, unit, seed, threads, progress
        )
    shared: Floats | None = None
    rounds = 1
    done: list[Frame] = []
    for f, base in enumerate(bases):
        if linear and shared is not None:
            gain = shared
        else:
            held = [base.reference_nM if linear else row[f] for row in concs]
            first = base.reference_nM if linear else base.frame.conc_nM
            found, used = served_factors(
                setup, base.reference_nM, [(setup.scene, first), *zip(scenes, held, strict=True)],
                by_node=not linear, seed=seed, threads=threads,
                progress=part_of(progress, f / len(bases), 1 / len(bases)), max_time_s=max_time_s,
            )  # fmt: skip
            rounds = max(rounds, used)
            gain = shared = found[1:] / found[0]  # over the frame's nominal signal, on like paths
        own = np.ones(1) if base.factor is None else base.factor
        rows: list[Floats] = []
        for i, scene in enumerate(scenes):
            given = frame_input(setup, scene, base.signals, concs[i][f], base.spread)
            mean = base.signals.mean * own * gain[i] * more[i, f][:, None]
            rows.append(frame_numbers(setup, mean, given))
        done.append(replace(base.frame, draws=np.array(rows)))
    which = pair_column(len(setup.masks), 0, "contrast") if setup.pairs else 0
    drivers = _contributors(priors, unit, done[0].draws, which) if done else ()
    return Drawn(tuple(done), drivers, surface_error, rounds)


def _scattering_gain(
    setup: Setup,
    bases: Sequence[FrameBase],
    priors: Sequence[Prior],
    which: Sequence[int],
    unit: Floats,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> tuple[Floats, float]:
    """Factors on signals, (draws, frames, rois), from designed runs and a surface.

    Designed runs hold the dye of the first frame's reference; each frame has its own surface, as
    its dye is shared otherwise among the scene's regions.
    """
    inputs = len(which)
    runs = max(LEAST_RUNS, 2 * (inputs + 1))
    points = np.clip(design(runs, inputs, seed), EDGE, 1.0 - EDGE)
    conc_nM = bases[0].reference_nM
    held = np.array([setup.labels_of(base.frame.conc_nM) for base in bases])
    amount = held * np.asarray(setup.scene.dye.yield_at(held))
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
        signal = np.einsum("rl,fl->fr", found.mean[0, 0], amount)
        logs.append(np.log(np.maximum(signal.ravel(), 1e-300)))
        if progress:
            progress(k / runs, f"scattering: run {k + 1} of {runs}")
    surface = fit_surface(points, np.array(logs))
    middle = np.full((1, inputs), 0.5)
    change = surface.predict(unit[:, list(which)]) - surface.predict(middle)
    miss = np.asarray(surface.leave_one_out)
    rng = np.random.default_rng([seed, 0x5C])
    change = change + miss * rng.standard_normal(change.shape)
    factor = np.exp(change).reshape(len(change), len(bases), -1)
    return factor, float(np.max(miss))


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
