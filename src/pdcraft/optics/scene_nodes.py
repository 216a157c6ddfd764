r"""Wavelengths at which a scene's light is followed, chosen by what absorbs in it.

The costly transport is not run to choose them. A stand-in with the same color is: light that has
gone to a depth and back out by diffusion, :math:`e^{-\mu_{eff}(\lambda)\,d}`, in each region's
material with its dye, at the depths where the scene has dye.
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

SHALLOW_mm = 0.2  # light always comes from near the surface too
DEEPEST_ATTENUATIONS = 4.0  # e^-4: what lies deeper adds nothing to the whole signal


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
        The scene's own by default.
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
    places = _places(scene, conc)

    def transport(nm: Floats) -> Floats:
        rows = [np.ones_like(nm)]
        for material, amount, depth in places:
            rate = attenuation_per_mm(material, scene.dye, amount, nm)
            reach = min(depth, DEEPEST_ATTENUATIONS / float(rate.min()))
            rows.append(np.exp(-rate * reach))
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


def _places(scene: Scene, conc: Mapping[str, float]) -> list[tuple[Material, float, float]]:
    """Materials with their dye, and the depths from which light comes."""
    out: list[tuple[Material, float, float]] = []
    depths = {SHALLOW_mm}
    for body in scene.inclusions:
        if conc.get(body.name, 0.0) > 0.0:
            top = body.center_mm[2] - body.half_mm[2]
            depths |= {max(top, SHALLOW_mm), body.center_mm[2]}
    for region in scene.regions:
        material = scene.materials.get(region.material)
        if material is not None:
            out += [(material, conc.get(region.name, 0.0), depth) for depth in sorted(depths)]
    return out
