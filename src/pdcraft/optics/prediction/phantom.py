"""The guideline phantom before a scene's camera and under its lamp.

The phantom's matrix is the scene's layers without bodies; wells are that matrix with dye, as wide
and deep as the scene. The wedge is a row of spheres of the target's size, each deeper than the one
before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.camera.response import radiance_of_electrons, scalar_electrons
from pdcraft.optics.phantom import PhantomLight, guideline_phantom
from pdcraft.optics.prediction.layered import LayeredScene, Sphere
from pdcraft.optics.prediction.numbers import FrameInput
from pdcraft.optics.prediction.pictures import FrameImages
from pdcraft.optics.prediction.target import Target
from pdcraft.optics.spectra import Line
from pdcraft.physics.radiometry import photon_energy_J

__all__ = ["phantom_numbers", "scene_phantom"]

DEPTHS = 8  # at which the wedge's light is computed; between them its logarithm is a line
FILLED = 1.0 / 3.0  # of what a pixel holds, by the well of the highest concentration
RADIUS_mm = 1.5  # of its spheres, where the scene has no target
LINE_nm = 2.0  # assumed width of a lamp that the scene states as a line
SWEEP_nm = 30.0  # to both sides of the lamp


def scene_phantom(
    layered: LayeredScene, given: FrameInput, pictures: FrameImages, target: Target | None
) -> PhantomLight:
    """Compute what the phantom sends to the camera."""
    setup, dye = layered.setup, given.dye
    camera, glow = setup.camera, setup.nodes.emission
    part = glow.weight / glow.weight.sum()
    energy_uJ = 1e6 * float(part @ photon_energy_J(glow.wavelength_nm))
    center_nm = float(part @ glow.wavelength_nm)
    nx, ny, _ = layered.absorbed.shape
    middle = layered.absorbed[nx // 2 - 1 : nx // 2 + 1, ny // 2 - 1 : ny // 2 + 1].mean(
        axis=(0, 1)
    )
    seen = layered.spread.mass.mean(axis=0).sum(axis=1)  # mm/sr of each depth
    well = float(middle @ seen) * float(glow.weight.sum()) * energy_uJ
    strength = dye.quantum_yield
    electrons = scalar_electrons(camera, np.array([center_nm]), np.array([well * strength]))
    if not electrons > 0.0:
        raise DataError("the camera sees nothing of the dye; the phantom has nothing to show")
    highest = FILLED * camera.light_capacity_e / electrons
    ground_e = pictures.exposure.autofluorescence + pictures.exposure.leak
    where = setup.masks[setup.pairs[0][1]] if setup.pairs else np.ones(camera.shape, dtype=np.bool_)
    ground = float(radiance_of_electrons(camera, ground_e, center_nm)[where].mean())
    body = None if target is None else target.body
    radius = RADIUS_mm if body is None else float(min(body.half_mm))
    deepest = max(setup.domain.size_mm[2] - 2.05 * radius, 0.1 * radius)
    tops = np.linspace(0.02 * radius, deepest, DEPTHS)
    spheres = [Sphere((0.0, 0.0, float(z) + radius), radius, highest * strength) for z in tops]
    peaks = energy_uJ * layered.photon_radiance(spheres).max(axis=(1, 2))
    logs = np.log(np.maximum(peaks, 1e-300))

    def depth(z_mm: Floats) -> Floats:
        return np.exp(np.interp(z_mm, tops, logs))

    lamp, light = setup.scene.illumination, setup.scene.illumination.light

    def power(nm: Floats) -> Floats:
        at = np.asarray(nm, dtype=np.float64)
        if isinstance(light, Line):
            shape = np.maximum(1.0 - np.abs(at - light.mean_nm) / LINE_nm, 0.0) / LINE_nm
        else:
            low, high = light.range_nm
            inside = (at >= low) & (at <= high)
            shape = np.where(inside, light.at(np.clip(at, low, high)), 0.0)
        return lamp.irradiance_mW_per_cm2 * shape

    def evenness(x: Floats, y: Floats) -> Floats:
        if lamp.kind != "spot" or lamp.diameter_mm is None:
            return np.ones(np.broadcast_shapes(np.shape(x), np.shape(y)))
        cx, cy = lamp.center_mm
        return (np.hypot(x - cx, y - cy) <= 0.5 * lamp.diameter_mm).astype(np.float64)

    mean_nm = light.mean_nm
    return PhantomLight(
        center_nm,
        well * strength,
        highest,
        ground,
        depth,
        float(deepest),
        power,
        (mean_nm - SWEEP_nm, mean_nm + SWEEP_nm),
        evenness,
    )


def phantom_numbers(
    layered: LayeredScene,
    given: FrameInput,
    pictures: FrameImages,
    target: Target | None,
    *,
    seed: int,
) -> dict[str, Any]:
    """Measure the nine guideline tests with the scene's camera, lamp, dye and layers.

    Raises
    ------
    DataError
        For a camera that cannot show the targets, or that is blind at the lamp.
    """
    light = scene_phantom(layered, given, pictures, target)
    return {
        "highest_nM": light.highest_nM,
        **guideline_phantom(layered.setup.camera, light, seed),
    }
