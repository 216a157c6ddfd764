"""A detection experiment: backgrounds, camera and observer put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.background_variability import BackgroundPrior
from pdcraft.errors import DataError
from pdcraft.optics.camera.expose import Exposure
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.camera.readout import (
    dark_subtracted,
    fixed_pattern,
    noise_sd_electrons,
    sample_counts,
)
from pdcraft.optics.detection.channels import laguerre_gauss, signal_width, sparse_dog
from pdcraft.optics.detection.lumpy import Backgrounds, sample_backgrounds
from pdcraft.optics.detection.observer import (
    FALSE_POSITIVES,
    FEWEST_IMAGES,
    Detection,
    background_known,
    channel_outputs,
    judge,
)

__all__ = [
    "Crossing",
    "DetectionTrial",
    "TrialResult",
    "crossing",
    "crossing_of",
    "make_trial",
]

DETECTED = 0.8  # probability of detection that a limit of size or depth asks for


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What the observer finds, beside what shot noise alone would claim.

    Parameters
    ----------
    detection : Detection
    background_known_d_prime, background_known_auc : float
    """

    detection: Detection
    background_known_d_prime: float
    background_known_auc: float


@dataclass(frozen=True, slots=True)
class DetectionTrial:
    """Backgrounds of one scene, drawn once, on which signals are tried.

    Parameters
    ----------
    camera : Camera
    mean : Exposure
    absent, present : Backgrounds
        For images without and with a signal.
    seed : int
    """

    camera: Camera
    mean: Exposure
    absent: Backgrounds
    present: Backgrounds
    seed: int

    def detect(self, signal_e: Floats, *, human: bool = False) -> TrialResult:
        """Try a signal.

        Parameters
        ----------
        signal_e : ndarray, shape (ny, nx)
            Expected electrons that the tumor adds to the mean background (below 0 where it takes
            light away). The observer knows its shape and place.
        human : bool
            Through three octave-wide channels, as people look, instead of six Laguerre-Gauss
            channels as wide as the signal.
        """
        camera = self.camera
        width, center = signal_width(signal_e)
        if human:
            channels = sparse_dog(camera.shape, center)
        else:
            channels = laguerre_gauss(camera.shape, float(np.sqrt(2.0 * np.pi)) * width, center)
        rng = np.random.default_rng([self.seed, 0xDE])
        without = self._seen(self.absent, np.zeros(camera.shape), channels, rng)
        with_ = self._seen(self.present, signal_e, channels, rng)
        dark = float(noise_sd_electrons(camera, np.zeros(()))) ** 2
        known = background_known(self.mean.light, signal_e, dark)
        return TrialResult(judge(without, with_), *known)

    def _seen(
        self, drawn: Backgrounds, signal_e: Floats, channels: Floats, rng: np.random.Generator
    ) -> Floats:
        """Take the channels' outputs (n, p) on frames of these backgrounds with a signal."""
        pattern = fixed_pattern(self.camera, self.seed)
        out: list[Floats] = []
        for light, share in zip(drawn.light_e, drawn.share, strict=True):
            expected = light + share * signal_e
            if np.any(expected < 0):
                raise DataError("the signal takes more light away than the background has")
            counts = sample_counts(self.camera, expected, rng, pattern)
            frame = dark_subtracted(self.camera, counts)
            out.append(channel_outputs(frame[None], channels)[0])
        return np.array(out)


def make_trial(
    camera: Camera,
    mean: Exposure,
    prior: BackgroundPrior,
    images: int = FEWEST_IMAGES,
    seed: int = 1,
) -> DetectionTrial:
    """Draw the backgrounds of a trial, `images` for each of the two classes."""
    both = sample_backgrounds(camera, mean, prior, 2 * images, seed)
    first, second = slice(0, images), slice(images, None)
    return DetectionTrial(
        camera,
        mean,
        Backgrounds(both.light_e[first], both.share[first]),
        Backgrounds(both.light_e[second], both.share[second]),
        seed,
    )


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where detection reaches 80%: a diameter or a depth with 95% limits.

    A None says that the curve does not cross within the values tried; `reason` says which side.
    """

    value: float | None
    low: float | None
    high: float | None
    reason: str


def crossing(
    trial: DetectionTrial,
    signal_at: Callable[[float], Floats],
    values: Sequence[float],
    probability: float = DETECTED,
) -> Crossing:
    """Find where the probability of detection at 5% false positives crosses 80%.

    Parameters
    ----------
    trial : DetectionTrial
    signal_at : callable
        Signal (ny, nx) for a value: ``lambda d: signal(d, depth)`` for the smallest diameter,
        ``lambda z: signal(diameter, z)`` for the greatest depth.
    values : sequence of float
        Ascending, two or more, above 0. Between them d' is taken as a power of the value.
    probability : float
    """
    from scipy.special import ndtri

    grid = np.asarray(values, dtype=np.float64)
    if grid.size < 2 or np.any(np.diff(grid) <= 0) or grid[0] <= 0:
        raise DataError(f"a crossing needs ascending values above 0, two or more, got {values}")
    found = [trial.detect(signal_at(float(v))).detection.d_prime for v in grid]
    needed = float(ndtri(probability) + ndtri(1.0 - FALSE_POSITIVES))
    curves = ([d.value for d in found], [d.low for d in found], [d.high for d in found])
    at = [crossing_of(grid, np.array(curve), needed) for curve in curves]
    middle, ends = at[0], sorted(v for v in at[1:] if v is not None)
    if middle is None:
        seen = "at all" if min(curves[0]) > needed else "at none"
        reason = f"detection is {probability:.0%} or more {seen} of {grid[0]:g} to {grid[-1]:g}"
        return Crossing(None, None, None, reason)
    low = ends[0] if ends and ends[0] < middle else None
    high = ends[-1] if ends and ends[-1] > middle else None
    whole = low is not None and high is not None
    reason = "crossed" if whole else "crossed; a limit lies beyond the values tried"
    return Crossing(middle, low, high, reason)


def crossing_of(grid: Floats, d_prime: Floats, needed: float) -> float | None:
    """First crossing, by straight lines in logarithms."""
    log = np.log(np.maximum(d_prime, 1e-6) / needed)
    change = np.nonzero((log[:-1] > 0) != (log[1:] > 0))[0]
    if not change.size:
        return None
    k = int(change[0])
    share = log[k] / (log[k] - log[k + 1])
    return float(grid[k] * (grid[k + 1] / grid[k]) ** share)
