r"""Wavelengths at which a scene's light is followed, chosen by what absorbs in it.

The costly transport is not run to choose them. A stand-in with the same color is: the sum over
regions of dye times light that has gone to their depth by diffusion,
:math:`\sum_r C_r\,e^{-\mu_{eff,r}(\lambda)\,d_r}`, with each region's material and dye on the way.
Layers glow from near the surface, bodies from their tops or from their centers, whichever asks for
more.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.optics.bands import MOST, Nodes, band_nodes, emission_nodes, excitation_nodes
from pdcraft.optics.dye import Dye
from pdcraft.optics.material import Material
from pdcraft.optics.scene import Scene
from pdcraft.optics.spectra import Spectrum
from pdcraft.physics.optics import effective_attenuation_per_mm

__all__ = ["SceneNodes", "attenuation_per_mm", "scene_nodes"]

SHALLOW_mm = 0.2  # from where a layer glows, below its top


@dataclass(frozen=True, slots=True)
class SceneNodes:
    """Nodes of the lamp (weights: shares of power) and of the emission (shares of photons)."""

    excitation: Nodes
    emission: Nodes


def attenuation_per_mm(
    material: Material, dye: Dye, conc_nM: float, wavelength_nm: Floats
) -> Floats:
    """Effective attenuation of a material with dye at wavelengths, 1/mm."""
    found = [material.optics(float(nm)) for nm in wavelength_nm]
    mua = np.array([o.mua_per_mm for o in found]) + np.array(
        [dye.mua_per_mm(float(nm), conc_nM) for nm in wavelength_nm]
    )
    return np.asarray(effective_attenuation_per_mm(mua, np.array([o.musp_per_mm for o in found])))


def scene_nodes(
    scene: Scene,
    conc_nM: Mapping[str, float] | None = None,
    low_nm: float | None = None,
    high_nm: float | None = None,
) -> SceneNodes:
    """Choose three to seven nodes a band; one for a line.

    Doubling them changes the stand-in signal by less than 1%; where seven do not reach that, seven
    are taken with a warning.

    Parameters
    ----------
    scene : Scene
    conc_nM : mapping of region to nM, optional
        Of every region; the scene's own by default.
    low_nm, high_nm : float, optional
        Band of emission; the camera's by default, all of the emission without a camera.

    Raises
    ------
    DataError
        If the band holds nothing of the emission.
    PhysicsRangeError
        Outside a table.
    """
    conc = scene.concentrations() if conc_nM is None else conc_nM
    if scene.camera is not None and low_nm is None and high_nm is None:
        low_nm, high_nm = scene.camera.filter.band_nm
    signals = [_glowing(scene, conc, share) for share in (0.0, 1.0)]

    def transport(nm: Floats) -> Floats:
        rows = [np.ones_like(nm)]
        for glowing in signals:
            total = np.zeros_like(nm)
            for material, amount, depth in glowing:
                rate = attenuation_per_mm(material, scene.dye, amount, nm)
                total = total + amount * np.exp(-rate * depth)
            rows.append(total)
        return np.array(rows)

    light, emission = scene.illumination.light, scene.dye.emission
    try:
        lit = excitation_nodes(scene.illumination, scene.dye, transport)
    except DataError as error:
        if not isinstance(light, Spectrum):
            raise
        _warn(error)
        lit = band_nodes(light, count=MOST)
    try:
        glow = emission_nodes(emission, low_nm, high_nm, transport)
    except DataError as error:
        if not isinstance(emission, Spectrum) or not emission.integral(low_nm, high_nm) > 0.0:
            raise
        _warn(error)
        glow = band_nodes(emission, low_nm, high_nm, MOST)
    return SceneNodes(lit, glow)


def _warn(error: DataError) -> None:
    warnings.warn(f"{error} (seven are used)", ApproximationWarning, stacklevel=3)


def _glowing(
    scene: Scene, conc: Mapping[str, float], share: float
) -> list[tuple[Material, float, float]]:
    """List materials with dye, its amount, and the depth from which it glows.

    `share` is 0 for the tops of bodies, 1 for their centers.
    """
    bodies = {body.name for body in scene.inclusions}
    out: list[tuple[Material, float, float]] = []
    top = 0.0
    for layer in scene.layers:
        out.append((scene.materials[layer.material], conc[layer.name], top + SHALLOW_mm))
        top += layer.thickness_mm or 0.0
    for region in scene.regions:
        if not scene.layers and region.name not in bodies and region.material in scene.materials:
            out.append((scene.materials[region.material], conc[region.name], SHALLOW_mm))
    for body in scene.inclusions:
        depth = body.center_mm[2] - (1.0 - share) * body.half_mm[2]
        material = scene.materials.get(body.material)
        if material is not None:
            out.append((material, conc[body.name], max(depth, SHALLOW_mm)))
    glowing = [row for row in out if row[1] > 0.0]
    # without dye the color of the tissue alone decides
    return glowing or [(material, 1.0, depth) for material, _, depth in out]
