"""The camera and the observer: frames and detection trials, at 1, 10 and 100 times the work."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from pdcraft.data.background_variability import background_prior
from pdcraft.optics.camera import (
    Exposure,
    camera,
    dark_subtracted,
    expected_electrons,
    fixed_pattern,
    sample_counts,
)
from pdcraft.optics.detection import make_trial


def _cpu_s(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def main() -> None:
    """Print the tables."""
    print(f"{'pixels':>10} {'expected, s':>12} {'frame, s':>10} {'Mpixel per CPU s':>17}")
    for side in (64, 202, 640):
        cam = camera("open-field", pixels=(side, side), blur_mm=0.2, distortion=-0.02, prnu=0.01)
        light = np.full((3, side, side), 0.01)
        nodes = np.array([805.0, 825.0, 845.0])
        pattern, rng = fixed_pattern(cam, 1), np.random.default_rng(1)
        expected = expected_electrons(cam, nodes, light)
        first = _cpu_s(lambda c=cam, w=nodes, v=light: expected_electrons(c, w, v))
        second = _cpu_s(
            lambda c=cam, e=expected, r=rng, p=pattern: dark_subtracted(
                c, sample_counts(c, e, r, p)
            )
        )
        print(
            f"{side**2:10d} {first:12.4f} {second:10.4f} {side**2 / (first + second) / 1e6:17.2f}"
        )
    print(f"\n{'images':>10} {'backgrounds, s':>15} {'signal, s':>10}")
    cam = camera("open-field")
    one = np.ones(cam.shape)
    mean = Exposure(2000 * one, 200 * one, 100 * one, 50 * one)
    x, y = cam.centers_mm()
    spot = 600 * np.exp(-0.5 * (x[None, :] ** 2 + y[:, None] ** 2))
    for images in (200, 2000):
        trial = make_trial(cam, mean, background_prior("brain"), images)
        first = _cpu_s(lambda n=images: make_trial(cam, mean, background_prior("brain"), n))
        second = _cpu_s(lambda t=trial: t.detect(spot))
        print(f"{images:10d} {first:15.3f} {second:10.3f}")


if __name__ == "__main__":
    main()
