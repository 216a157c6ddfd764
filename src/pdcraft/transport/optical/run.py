"""Batches of walks on threads: sums in a fixed order, progress, a stop by time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.batches import in_order, thread_count
from pdcraft.transport.optical.kernels.launch import (
    BEAM,
    DIFFUSE,
    PIXELS,
    SPOT,
    SQUARE,
    VOLUME,
    Launch,
)
from pdcraft.transport.optical.kernels.space import FAR_mm, Space
from pdcraft.transport.optical.kernels.walk import BALANCES, NOTHING, Matter, Score, run_walks
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.rng import key_of

__all__ = [
    "ADJOINT",
    "FORWARD",
    "SPREAD",
    "GATE_mm",
    "Progress",
    "Walks",
    "beam_area_mm2",
    "beam_launch",
    "empty_score",
    "run_batches",
    "view_launch",
    "volume_launch",
]

Floats = NDArray[np.float64]
Progress = Callable[[float, str], None]

GATE_mm = 1e5  # optical path after which a walk counts as lost: a third of a microsecond
FLOOR = 1e-3  # weight below which roulette is played
COPY_mm = 2.0  # distance of the copies of a path under plane light
NO_CHANCE = np.zeros(0)
NO_PIXELS = np.zeros(1, np.int64)
# random streams: products of both kinds of walks must not share numbers
FORWARD, ADJOINT, SPREAD = 9, 10, 11


@dataclass(frozen=True, slots=True)
class Walks:
    """What one batch scored."""

    tally: Floats
    squares: Floats
    ridden: Floats
    balance: Floats
    moments: Floats


def beam_launch(space: Space, beam: Beam, copies: bool = True, inside: bool = False) -> Launch:
    """Start walks from a lamp; with `copies` each path serves several places."""
    tilt = math.radians(beam.incidence_deg)
    kind = {"plane": BEAM, "spot": SPOT, "square": SQUARE, "diffuse": DIFFUSE}[beam.kind]
    columns = rows = 1
    if copies and kind in (BEAM, DIFFUSE):
        columns, rows = (max(1, min(16, round(side / COPY_mm))) for side in (space.lx, space.ly))
    return Launch(
        kind, columns * rows, columns, int(inside), *beam.center_mm, 0.5 * beam.diameter_mm,
        math.sin(tilt), math.cos(tilt), min(beam.distance_mm, FAR_mm),
        0.0, 0.0, 1, 1, NO_CHANCE, 1, NO_PIXELS,
    )  # fmt: skip


def beam_area_mm2(space: Space, beam: Beam) -> float:
    """Area of z = 0 (of a spot: of its cross section over the cosine) that walks start from."""
    if beam.kind in ("spot", "square"):
        square = beam.kind == "square"
        area = beam.diameter_mm**2 if square else math.pi * (0.5 * beam.diameter_mm) ** 2
        return area / math.cos(math.radians(beam.incidence_deg))
    return space.lx * space.ly


def volume_launch(weights: Floats) -> Launch:
    """Start walks in all directions from voxels, drawn by weight (voxels,)."""
    if not np.all(weights >= 0.0) or not weights.sum() > 0.0:
        raise DataError("source: densities must be 0 or more, and some above 0")
    chance = np.cumsum(weights / weights.sum())
    return Launch(
        VOLUME, 1, 1, 0, 0.0, 0.0, 0.0, 0.0, 1.0, FAR_mm, 0.0, 0.0, 1, 1, chance, 1, NO_PIXELS,
    )  # fmt: skip


def view_launch(
    view: View,
    weights: Floats | None = None,
    each: int = 1,
    pixels: NDArray[np.int64] | None = None,
) -> Launch:
    """Start walks from pixels: drawn by weight, or ``each`` from one of `pixels` after another."""
    chance = NO_CHANCE
    if weights is not None:
        if weights.shape != view.shape:
            raise DataError(
                f"view: weights of pixels have shape {weights.shape}, the image {view.shape}"
            )
        if not np.all(weights >= 0.0) or not weights.sum() > 0.0:
            raise DataError("view: a region's pixel weights must be 0 or more, and some above 0")
        chance = np.cumsum(weights.ravel() / weights.sum())
    far = view.working_distance_mm if view.projection == "perspective" else FAR_mm
    order = NO_PIXELS if pixels is None else pixels
    return Launch(
        PIXELS, 1, 1, 0, *view.center_mm, 0.0, 0.0, 1.0, far,
        view.width_mm, view.height_mm, view.columns, view.rows, chance, each, order,
    )  # fmt: skip


def empty_score(kind: int = NOTHING, **more: object) -> Score:
    """Score nothing but the balance, or what `more` says."""
    score = Score(
        kind,
        np.zeros(1),
        np.zeros(1, np.int64),
        np.zeros(1, np.int32),
        np.zeros((1, 1)),
        1.0,
        1,
        GATE_mm,
        FLOOR,
        np.zeros(1, np.int64),
        0,
    )
    return score._replace(**more)  # pyright: ignore[reportArgumentType]


def run_batches(
    space: Space,
    matter: Matter,
    src: Launch,
    score: Score,
    shape: tuple[int, int],
    ridden: tuple[int, int],
    first: int,
    batches: int,
    size: int,
    seed: int,
    threads: int | None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
    words: str = "{:,} walks of light",
    stream: int = FORWARD,
) -> Iterator[Walks]:
    """Run batches ``first`` to ``first + batches - 1`` of ``size`` histories, in order.

    A stop by `max_time_s` ends the sequence early, after at least two batches.
    """
    key = key_of(seed, stream)
    began = time.monotonic()
    riders = matter.riders.shape[2]

    def job(i: int) -> Walks:
        out = Walks(
            np.zeros(shape),
            np.zeros(shape),
            np.zeros(ridden),
            np.zeros(len(BALANCES)),
            np.zeros((2, 1 + riders)),
        )
        run_walks(
            i * size,
            size,
            key,
            space,
            matter,
            src,
            score,
            out.tally,
            out.squares,
            out.ridden,
            out.balance,
            np.zeros(2, np.uint64),
            np.zeros(7),
            np.zeros(shape[1] if score.kind >= 2 else 1),
            np.zeros(max(riders, 1)),
            np.zeros(1 + riders),
            out.moments,
        )
        return out

    for done, walks in enumerate(in_order(job, first, batches, thread_count(threads)), 1):
        yield walks
        if progress:
            progress(done / batches, words.format(done * size))
        if max_time_s is not None and done >= 2 and time.monotonic() - began > max_time_s:
            return
