"""The tumor's edge as the image draws it, against where it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.margin import edge_margin, residual_volume_mm3
from pdcraft.optics.prediction.pictures import FrameImages
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.prediction.target import Target, target_mask, target_voxels
from pdcraft.optics.roi import Mask

__all__ = ["halfway_e", "margin_document"]

RULE = "halfway between the means of the first target and its background"


def halfway_e(setup: Setup, light_e: Floats) -> float | None:
    """Threshold halfway between target and background, electrons; None without such a pair."""
    if not setup.pairs:
        return None
    t, b = setup.pairs[0]
    return 0.5 * float(light_e[setup.masks[t]].mean() + light_e[setup.masks[b]].mean())


def margin_document(
    setup: Setup, target: Target | None, images: FrameImages
) -> dict[str, Any] | None:
    """Measure the edge drawn halfway between target and background on the expected image.

    What is drawn is then cut straight down to the tumor's deepest point: what stays is residual.

    Returns
    -------
    dict or None
        None without a target, or where its projection is empty or fills the image.
    """
    light = images.exposure.light
    threshold = halfway_e(setup, light)
    if target is None or threshold is None:
        return None
    tumor = target_mask(setup, target)
    if not tumor.any() or tumor.all():
        return None
    voxels = target_voxels(setup, target)
    hx, hy, hz = setup.domain.voxel_mm
    bottom = float((np.flatnonzero(voxels.any(axis=(0, 1)))[-1] + 1) * hz)
    cut = _on_columns(setup, light >= threshold, (voxels.shape[1], voxels.shape[0]))
    per_voxel = hx * hy / hz**2  # the function takes cubes
    found = edge_margin(light, threshold, tumor, setup.camera.pixel_mm)
    return {
        "threshold": RULE,
        **asdict(found),
        "tumor_mm3": float(voxels.sum()) * hx * hy * hz,
        "cut_depth_mm": bottom,
        "residual_mm3": per_voxel * residual_volume_mm3(voxels, hz, cut, bottom),
    }


def _on_columns(setup: Setup, drawn: Mask, shape: tuple[int, int]) -> Mask:
    """Bring a mask of pixels to the voxels' columns, (ny, nx); beyond the image nothing is cut."""
    (ny, nx), (hx, hy, _) = shape, setup.domain.voxel_mm
    px, py = setup.camera.pixel_mm
    x = np.floor((np.arange(nx) + 0.5 - 0.5 * nx) * hx / px + 0.5 * drawn.shape[1]).astype(int)
    y = np.floor((np.arange(ny) + 0.5 - 0.5 * ny) * hy / py + 0.5 * drawn.shape[0]).astype(int)
    inside = ((y >= 0) & (y < drawn.shape[0]))[:, None] & ((x >= 0) & (x < drawn.shape[1]))[None, :]
    at_y, at_x = np.clip(y, 0, drawn.shape[0] - 1), np.clip(x, 0, drawn.shape[1] - 1)
    return drawn[at_y[:, None], at_x[None, :]] & inside
