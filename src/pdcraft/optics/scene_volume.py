"""A scene as the transport takes it: a domain of labels and shapes, and media by label."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.scene import Scene
from pdcraft.optics.solids import body_shapes, smooth_level_mm
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.shapes import Shape

__all__ = [
    "beam_of",
    "dye_absorption",
    "scene_domain",
    "scene_medium",
    "view_of",
]


def scene_domain(scene: Scene) -> OpticalDomain:
    """Geometry of a slab, height map, label or mouse scene.

    Labels are those of `Scene.regions`; 0 is outside. Layers of a slab and all inclusions are
    exact; layers below a height map are made of voxels, by depth below the surface above them.

    Raises
    ------
    DataError
        For other kinds, whose geometry is made elsewhere.
    """
    domain = scene.domain
    if domain.kind == "mouse":
        from pdcraft.optics.mouse.geometry import mouse_domain

        return mouse_domain(scene)
    if domain.shape is None or domain.voxel_mm is None or domain.size_mm is None:
        raise DataError(f"a {domain.kind} scene has no voxels of its own")
    level = None
    layers: list[Shape] = []
    if domain.labels is not None:
        labels = domain.labels
        if np.any(labels == 0):
            level = smooth_level_mm(labels > 0, domain.voxel_mm)
    else:
        labels = _layered(scene, domain.shape, domain.voxel_mm[2], domain.height_mm)
        if domain.height_mm is None and len(scene.layers) > 1:
            bounds = _bounds(scene, domain.size_mm[2])
            for layer, top, bottom in zip(scene.layers, bounds, bounds[1:], strict=False):
                layers.append(Shape.layer(scene.region_index(layer.name), top, bottom))
    return OpticalDomain(
        labels,
        domain.voxel_mm,
        (*layers, *body_shapes(scene)),
        domain.lateral,
        domain.n_outside,
        height_mm=domain.height_mm,
        level_mm=level,
    )


def _bounds(scene: Scene, depth_mm: float) -> list[float]:
    thick = [layer.thickness_mm or 0.0 for layer in scene.layers[:-1]]
    return [0.0, *(float(b) for b in np.cumsum(thick)), depth_mm]


def _layered(
    scene: Scene, shape: tuple[int, int, int], voxel_mm: float, height_mm: Floats | None
) -> NDArray[np.uint16]:
    """Labels of layers by depth below the surface; 0 above it."""
    centers = (np.arange(shape[2]) + 0.5) * voxel_mm
    top = np.zeros(shape[:2]) if height_mm is None else height_mm
    below = centers[None, None, :] - top[:, :, None]
    bounds = _bounds(scene, np.inf)
    labels = np.zeros(shape, dtype=np.uint16)
    for layer, start in zip(scene.layers, bounds, strict=False):
        labels[below >= start] = scene.region_index(layer.name)
    return labels


def dye_absorption(scene: Scene, wavelength_nm: float, conc_nM: Mapping[str, float]) -> Floats:
    """Absorption that the dye adds by label, 1/mm, shape (regions + 1,)."""
    out = np.zeros(len(scene.regions) + 1)
    for i, region in enumerate(scene.regions, start=1):
        out[i] = scene.dye.mua_per_mm(wavelength_nm, conc_nM.get(region.name, 0.0))
    return out


def scene_medium(
    scene: Scene, wavelength_nm: float, conc_nM: Mapping[str, float] | None = None
) -> OpticalMedium:
    """Properties of every label at a wavelength, with the dye's absorption.

    Parameters
    ----------
    scene : Scene
    wavelength_nm : float
    conc_nM : mapping of region to nM, optional
        Dye; none where it is silent.

    Returns
    -------
    OpticalMedium
        Arrays of shape (regions + 1,); entry 0, the outside, is empty space of the scene's index.

    Raises
    ------
    PhysicsRangeError
        Outside a table.
    """
    used = {region.material for region in scene.regions}
    found = {name: scene.materials[name].optics(wavelength_nm) for name in used}
    rows = [found[region.material] for region in scene.regions]
    mua = np.array([0.0, *(o.mua_per_mm for o in rows)])
    return OpticalMedium(
        mua + dye_absorption(scene, wavelength_nm, conc_nM or {}),
        np.array([0.0, *(o.mus_per_mm for o in rows)]),
        np.array([0.0, *(o.g for o in rows)]),
        np.array([scene.domain.n_outside, *(o.n for o in rows)]),
    )


def beam_of(scene: Scene) -> Beam:
    """Lamp of the scene, with unit irradiance."""
    lamp = scene.illumination
    return Beam(
        lamp.kind,
        lamp.incidence_deg,
        lamp.center_mm,
        np.inf if lamp.diameter_mm is None else lamp.diameter_mm,
        np.inf if lamp.distance_mm is None else lamp.distance_mm,
    )


def view_of(scene: Scene) -> View:
    """Rays of the scene's camera.

    Raises
    ------
    DataError
        For a scene without a camera.
    """
    made = scene.camera
    if made is None:
        raise DataError(f"scene '{scene.name}' has no camera")
    return View(
        *made.pixels,
        *made.field_of_view_mm,
        made.lens.projection,
        made.lens.working_distance_mm,
    )
