"""What of a scene is the target, and what it would hold were it not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.optics.inclusion import Inclusion, gauge
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.roi import Mask
from pdcraft.transport.optical.prepare import centers_mm

__all__ = ["Target", "find_target", "target_mask", "target_voxels"]


@dataclass(frozen=True, slots=True)
class Target:
    """Labels of the tumor, the label around it, and its body where it is one.

    Parameters
    ----------
    labels : tuple of int
    around : int
        Label whose dye the target would hold without the tumor.
    body : Inclusion or None
    """

    labels: tuple[int, ...]
    around: int
    body: Inclusion | None


def find_target(setup: Setup, conc_nM: Mapping[str, float]) -> Target | None:
    """Bodies under the image's target regions whose dye differs from that around them.

    Without such a body, a region of the scene that bears the name of a target region of the image,
    against the region that fills most of the scene.
    """
    scene = setup.scene
    camera_x, camera_y = setup.camera.centers_mm()
    found: list[tuple[Inclusion, int]] = []
    for body in scene.inclusions:
        z = body.center_mm[2]
        points = np.stack(
            np.broadcast_arrays(camera_x[None, :], camera_y[:, None], np.array(z)), axis=-1
        )
        inside = gauge(body, points) < 1.0
        under = any(
            bool(np.any(inside & mask))
            for roi, mask in zip(setup.rois, setup.masks, strict=True)
            if roi.role == "target"
        )
        around = _label_at(setup, body.center_mm)
        beside = scene.regions[around - 1].name if around else ""
        if under and conc_nM.get(body.name, 0.0) != conc_nM.get(beside, 0.0):
            found.append((body, around))
    if found:
        labels = tuple(dict.fromkeys(scene.region_index(body.name) for body, _ in found))
        return Target(labels, found[0][1], found[0][0])
    names = [region.name for region in scene.regions]
    bodies = {body.name for body in scene.inclusions}
    wanted = [
        roi.name
        for roi in setup.rois
        if roi.role == "target" and roi.name in names and roi.name not in bodies
    ]
    if not wanted:
        return None
    labels = tuple(scene.region_index(name) for name in wanted)
    volume = np.bincount(setup.domain.labels.ravel(), minlength=len(names) + 1).astype(np.float64)
    volume[[0, *labels]] = 0.0
    return Target(labels, int(np.argmax(volume)), None) if volume.any() else None


def _label_at(setup: Setup, point_mm: tuple[float, float, float]) -> int:
    """Label of the voxels at a point: of the layer, whatever bodies are there."""
    domain = setup.domain
    shape, voxel = np.array(domain.labels.shape), np.array(domain.voxel_mm)
    offset = np.array([0.5 * shape[0] * voxel[0], 0.5 * shape[1] * voxel[1], 0.0])
    at = np.clip(((np.array(point_mm) + offset) / voxel).astype(int), 0, shape - 1)
    return int(domain.labels[tuple(at)])


def target_voxels(setup: Setup, target: Target) -> Mask:
    """Voxels whose center is in the target, shape (nx, ny, nz)."""
    domain = setup.domain
    wanted = np.isin(domain.labels, target.labels)
    centers = np.stack(np.meshgrid(*centers_mm(domain), indexing="ij"), axis=-1)
    for body in setup.scene.inclusions:
        if setup.scene.region_index(body.name) in target.labels:
            wanted = wanted | (gauge(body, centers) < 1.0)
    if domain.height_mm is not None:
        wanted = wanted & (centers[..., 2] > domain.height_mm[:, :, None])
    return wanted


def target_mask(setup: Setup, target: Target) -> Mask:
    """Pixels over the target, seen along z; shape (ny, nx)."""
    voxels = target_voxels(setup, target)
    columns: Mask = np.asarray(voxels.any(axis=2), dtype=np.bool_)
    nx, ny, _ = voxels.shape
    x, y = setup.camera.centers_mm()
    hx, hy, _ = setup.domain.voxel_mm
    i = np.floor(x / hx + 0.5 * nx).astype(int)
    j = np.floor(y / hy + 0.5 * ny).astype(int)
    within = ((j >= 0) & (j < ny))[:, None] & ((i >= 0) & (i < nx))[None, :]
    i, j = np.clip(i, 0, nx - 1), np.clip(j, 0, ny - 1)
    return columns[i[None, :], j[:, None]] & within
