"""A scene made ready: wavelengths, geometry, regions of the image, light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.bands import Nodes
from pdcraft.optics.camera import Camera, mean_electrons
from pdcraft.optics.roi import Mask, Roi, pairs_of, pixels_of
from pdcraft.optics.scene import Scene
from pdcraft.optics.scene_nodes import SceneNodes, scene_nodes
from pdcraft.optics.scene_volume import beam_of, scene_domain, scene_medium, view_of
from pdcraft.physics.radiometry import photons_per_J
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium

__all__ = ["Setup", "setup_of"]


@dataclass(frozen=True, slots=True)
class Setup:
    """What all frames and draws of a scene share.

    Parameters
    ----------
    scene : Scene
    nodes : SceneNodes
    domain, beam, view : as the transport takes them
    camera : Camera
    masks : tuple of ndarray of bool, shape (rows, columns)
        Pixels of each region of the image.
    middle : tuple of 2 ints
        Excitation and emission nodes nearest to the means, where absorption is varied.
    """

    scene: Scene
    nodes: SceneNodes
    domain: OpticalDomain
    beam: Beam
    view: View
    camera: Camera
    masks: tuple[Mask, ...]
    middle: tuple[int, int]
    _responses: dict[float, Floats] = field(
        default_factory=dict[float, Floats], init=False, repr=False, compare=False
    )

    @property
    def rois(self) -> tuple[Roi, ...]:
        """Regions of the image."""
        return self.scene.rois

    @property
    def roi_weights(self) -> Floats:
        """Weights of the pixels, shape (rois, rows, columns)."""
        return np.array([mask.astype(np.float64) for mask in self.masks])

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Each target with each background, by index."""
        return pairs_of(self.rois)

    def photon_irradiance(self) -> Floats:
        """Photons of the lamp at each excitation node, 1/(s cm²)."""
        nodes = self.nodes.excitation
        watts = self.scene.illumination.irradiance_mW_per_cm2 * 1e-3 * nodes.weight
        return np.asarray(watts * photons_per_J(nodes.wavelength_nm))

    def response(self, wavelength_nm: Floats) -> Floats:
        """Mean electrons of each region's pixels per uW/(cm² sr), shape (wavelengths, rois).

        Kept once computed: frames, errors and draws ask for the same wavelengths again.
        """
        for nm in map(float, wavelength_nm):
            if nm not in self._responses:
                at, one = np.array([nm]), np.ones(1)
                self._responses[nm] = np.array(
                    [mean_electrons(self.camera, at, one, mask) for mask in self.masks]
                )
        return np.array([self._responses[float(nm)] for nm in wavelength_nm])

    def media(
        self, scene: Scene, conc_nM: Mapping[str, float]
    ) -> tuple[tuple[OpticalMedium, ...], tuple[OpticalMedium, ...]]:
        """Media at the excitation and the emission nodes, with this much dye."""
        lit = (
            scene_medium(scene, float(nm), conc_nM) for nm in self.nodes.excitation.wavelength_nm
        )
        glow = (scene_medium(scene, float(nm), conc_nM) for nm in self.nodes.emission.wavelength_nm)
        return tuple(lit), tuple(glow)

    def labels_of(self, values: Mapping[str, float]) -> Floats:
        """Values of regions by label, 0 outside; shape (labels,)."""
        return np.array([0.0, *(values.get(r.name, 0.0) for r in self.scene.regions)])


def setup_of(scene: Scene) -> Setup:
    """Prepare a slab, height map, label or mouse scene.

    Raises
    ------
    DataError
        Without a camera, or without regions of the image.
    """
    if scene.camera is None:
        raise DataError(f"scene '{scene.name}' has no camera: add [camera]")
    if not scene.rois:
        raise DataError(
            f"scene '{scene.name}' has no region of the image: add [[roi]] with a target and a "
            "background"
        )
    times = scene.run.times_h
    nodes = scene_nodes(scene, scene.concentrations(times[len(times) // 2] if times else None))
    masks = tuple(pixels_of(roi, scene.camera) for roi in scene.rois)
    return Setup(
        scene,
        nodes,
        scene_domain(scene),
        beam_of(scene),
        view_of(scene),
        scene.camera,
        masks,
        (_middle(nodes.excitation), _middle(nodes.emission)),
    )


def _middle(nodes: Nodes) -> int:
    nm, weight = nodes.wavelength_nm, nodes.weight
    return int(np.argmin(np.abs(nm - np.average(nm, weights=weight))))
