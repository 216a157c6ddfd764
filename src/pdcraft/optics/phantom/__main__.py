"""Draw four targets as a camera shows them: ``python -m pdcraft.optics.phantom OUT.png``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.io.atomic import write_files
from pdcraft.io.picture import png_bytes
from pdcraft.optics.camera import camera, fixed_pattern, sample_counts
from pdcraft.optics.camera.readout import dark_subtracted
from pdcraft.optics.overlay import colored
from pdcraft.optics.phantom import targets

GAP = 4  # pixels between the pictures


def four_targets(seed: int = 1) -> tuple[Floats, tuple[float, float]]:
    """Slanted edge, dots, wells and a wedge by a soft, bent, noisy camera.

    Returns
    -------
    rgb : ndarray, shape (ny, nx, 3)
    pixel_mm : tuple of two float
    """
    cam = camera(
        "open-field",
        pixels=(96, 96),
        field_of_view_mm=(24.0, 24.0),
        blur_mm=0.2,
        distortion=-0.06,
        prnu=0.02,
        projection="perspective",
    )
    centers = tuple((i * 6.0, j * 6.0) for j in (-1, 1) for i in (-1, 0, 1))

    def wedge(x: Floats, y: Floats) -> Floats:
        return np.where(np.abs(y) < 3.0, np.exp(-(x + 12.0) / 5.0), 0.0) + 0.05

    shown = (
        targets.slanted_edge(),
        targets.dot_grid(3.0, 1.2),
        targets.wells(centers, 4.0, (0.05, 0.1, 0.2, 0.4, 0.7, 1.0), 0.05),
        wedge,
    )
    rng, pattern = np.random.default_rng(seed), fixed_pattern(cam, seed)
    pictures: list[Floats] = []
    for target in shown:
        expected = targets.image_of(cam, target, 0.02, 825.0)
        frame = dark_subtracted(cam, sample_counts(cam, expected, rng, pattern))
        pictures.append(colored(np.maximum(frame, 0.0), 0.0, float(expected.max()), "gray"))
    upright = np.ones((96, GAP, 3))
    rows = [np.concatenate([a, upright, b], axis=1) for a, b in (pictures[:2], pictures[2:])]
    return np.concatenate([rows[0], np.ones((GAP, 192 + GAP, 3)), rows[1]]), cam.pixel_mm


if __name__ == "__main__":
    write_files({Path(sys.argv[1]): png_bytes(*four_targets())})
