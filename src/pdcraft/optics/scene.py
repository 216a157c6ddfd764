"""A scene: what is lit, by what, with which dye where, and what looks at it.

``pdcraft.optics.scene_read.read_scene`` makes one of a file; nothing here knows text or units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.concentration import ConcentrationTable
from pdcraft.optics.dye import Dye
from pdcraft.optics.inclusion import Inclusion
from pdcraft.optics.material import Material
from pdcraft.optics.prior import Prior
from pdcraft.optics.roi import Roi
from pdcraft.optics.spectra import Line, Spectrum

__all__ = [
    "Domain",
    "DomainKind",
    "Illumination",
    "Layer",
    "Method",
    "Output",
    "Region",
    "RunPlan",
    "Scene",
]

DomainKind = Literal["slab", "height_map", "labels", "mouse", "plate", "dish", "microscope"]
Lateral = Literal["open", "periodic", "mirror"]
Method = Literal["auto", "psf", "adjoint", "backward", "forward", "diffusion"]
Output = Literal["metrics", "image", "reflectance", "detection", "rgb", "phantom", "fluence"]


@dataclass(frozen=True, slots=True)
class Domain:
    """Where tissue is.

    Parameters
    ----------
    kind : str
    size_mm : tuple of 3 floats
        Lateral edges and depth; None where the kind makes it (mouse, plate, dish, microscope).
    voxel_mm : tuple of 3 floats
    shape : tuple of 3 ints
        Voxels along x, y, z.
    lateral : str
    n_outside : float
    height_mm : ndarray, shape (nx, ny), optional
        z of the surface of a height map.
    labels : ndarray of int, shape (nx, ny, nz), optional
        Index into the scene's regions plus 1; 0 is outside.
    details : mapping
        Numbers and words of the other kinds: ``mass_g``, ``view``, ``fur`` (mouse); ``format``,
        ``volume_uL``, ``read``, ... (plate, dish); ``na``, ``magnification``, ... (microscope).
    """

    kind: DomainKind
    size_mm: tuple[float, float, float] | None = None
    voxel_mm: tuple[float, float, float] | None = None
    shape: tuple[int, int, int] | None = None
    lateral: Lateral = "open"
    n_outside: float = 1.0
    height_mm: Floats | None = None
    labels: NDArray[np.uint16] | None = None
    details: Mapping[str, float | str | bool] | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, top down; the last fills the depth and has no thickness of its own."""

    name: str
    material: str
    thickness_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A named part of the scene: one material, one concentration."""

    name: str
    material: str


@dataclass(frozen=True, slots=True)
class Illumination:
    """The lamp.

    Parameters
    ----------
    kind : {"plane", "spot"}
    light : Line or Spectrum
        Radiant power by wavelength, integral 1.
    irradiance_mW_per_cm2 : float
        On a plane perpendicular to the beam at its aim (`center_mm` on z = 0).
    incidence_deg : float
        Angle to +z; the light travels towards +x as well.
    distance_mm : float, optional
        Of a point lamp to its aim; parallel light without.
    center_mm : tuple of 2 floats
    diameter_mm : float, optional
        Of a spot.
    lit_before_s : float
        How long the scene was lit before the frame: bleaches.
    """

    kind: Literal["plane", "spot"]
    light: Line | Spectrum
    irradiance_mW_per_cm2: float
    incidence_deg: float = 0.0
    distance_mm: float | None = None
    center_mm: tuple[float, float] = (0.0, 0.0)
    diameter_mm: float | None = None
    lit_before_s: float = 0.0

    @property
    def wavelength_nm(self) -> float:
        """Wavelength of a line; mean over the power of a spectrum."""
        return self.light.mean_nm

    @property
    def band_nm(self) -> tuple[float, float]:
        """Wavelengths between which the lamp gives at least half its peak."""
        if isinstance(self.light, Line):
            return self.light.range_nm
        nm, value = self.light.wavelength_nm, self.light.value
        lit = np.flatnonzero(value >= 0.5 * value.max())
        low, high = int(lit[0]), int(lit[-1])

        def cross(inside: int, outside: int) -> float:
            if not 0 <= outside < nm.size:
                return float(nm[inside])
            share = (value[inside] - 0.5 * value.max()) / (value[inside] - value[outside])
            return float(nm[inside] + share * (nm[outside] - nm[inside]))

        return cross(low, low - 1), cross(high, high + 1)


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What to compute, how, how well."""

    method: Method = "auto"
    outputs: tuple[Output, ...] = ("metrics", "image")
    target_rel_err: float = 0.05
    max_time_s: float = 60.0
    draws: int = 0
    times_h: tuple[float, ...] = ()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """A checked scene.

    `regions` are in the order of labels: label ``i + 1`` is ``regions[i]``, 0 is outside.
    `spread` are priors of what the scene itself says to be uncertain. Of a plate, `regions` are
    its wells.
    """

    name: str
    path: Path
    sha256: str
    domain: Domain
    materials: Mapping[str, Material]
    layers: tuple[Layer, ...]
    inclusions: tuple[Inclusion, ...]
    regions: tuple[Region, ...]
    dye: Dye
    concentration: ConcentrationTable
    illumination: Illumination
    camera: Camera | None
    rois: tuple[Roi, ...]
    run: RunPlan
    spread: tuple[Prior, ...] = ()
    assumed: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()

    def region_index(self, name: str) -> int:
        """Label of a region."""
        return [region.name for region in self.regions].index(name) + 1

    def concentrations(
        self, time_h: float | None = None, draw: int | None = None
    ) -> dict[str, float]:
        """Concentration in nM of every region; regions that the scene does not mention hold 0."""
        known = self.concentration.row(time_h, draw)
        return {region.name: known.get(region.name, 0.0) for region in self.regions}
