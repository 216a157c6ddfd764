"""A patient-like voxel phantom for transport benchmarks: plain numpy, for pdcraft and its peers.

A box of 512 mm: air around a soft-tissue body, two lungs, a spine of cortical bone, a liver that
takes up most of the activity and a small hot lesion beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BOX_mm = 512.0
MATERIALS = ("air", "lung", "soft tissue", "cortical bone")  # names of pdcraft.data.materials
DENSITY_g_per_mL = (0.00120479, 0.26, 1.06, 1.92)
AIR, LUNG, TISSUE, BONE = range(4)
LESION_SHARE = 0.2  # of all decays; the rest is in the liver


@dataclass(frozen=True, slots=True)
class Phantom:
    """Voxels as arrays of one shape, indexed [x, y, z].

    Parameters
    ----------
    material : ndarray of uint8
        Index into ``names``.
    density_g_per_mL : ndarray of float32
    source : ndarray of float64
        Share of the decays in each voxel; sums to 1.
    voxel_mm : float
        Edge of the cubic voxels.
    names : tuple of str
        Names of the materials.
    """

    material: NDArray[np.uint8]
    density_g_per_mL: NDArray[np.float32]
    source: NDArray[np.float64]
    voxel_mm: float
    names: tuple[str, ...] = MATERIALS


def build(n: int = 128) -> Phantom:
    """Build the phantom with n voxels along each side of the box (128: voxels of 4 mm)."""
    voxel_mm = BOX_mm / n
    center = (np.arange(n) + 0.5) * voxel_mm - BOX_mm / 2.0
    x, y, z = np.meshgrid(center, center, center, indexing="ij", sparse=True)

    def ellipsoid(
        at: tuple[float, float, float], half: tuple[float, float, float]
    ) -> NDArray[np.bool_]:
        return ((x - at[0]) / half[0]) ** 2 + ((y - at[1]) / half[1]) ** 2 + (
            (z - at[2]) / half[2]
        ) ** 2 <= 1.0

    body = ((x / 180.0) ** 2 + (y / 120.0) ** 2 <= 1.0) & (np.abs(z) <= 240.0)
    lungs = ellipsoid((-85.0, 0.0, 90.0), (60.0, 85.0, 120.0)) | ellipsoid(
        (85.0, 0.0, 90.0), (60.0, 85.0, 120.0)
    )
    spine = (x**2 + (y + 85.0) ** 2 <= 18.0**2) & (np.abs(z) <= 240.0)
    lesion = ellipsoid((-60.0, 20.0, -100.0), (12.0, 12.0, 12.0))
    liver = ellipsoid((70.0, 10.0, -100.0), (80.0, 70.0, 70.0)) & body

    material = np.full((n, n, n), AIR, dtype=np.uint8)
    for index, region in ((TISSUE, body), (LUNG, lungs), (BONE, spine), (TISSUE, liver | lesion)):
        material[np.broadcast_to(region, material.shape)] = index
    source = LESION_SHARE * lesion / lesion.sum() + (1.0 - LESION_SHARE) * liver / liver.sum()
    density = np.array(DENSITY_g_per_mL, dtype=np.float32)[material]
    return Phantom(material, density, np.asarray(source / source.sum()), voxel_mm)


def main() -> None:
    """Print what the phantom holds."""
    phantom = build()
    mL = (phantom.voxel_mm / 10.0) ** 3
    for index, name in enumerate(phantom.names):
        inside = phantom.material == index
        mass_kg = float(phantom.density_g_per_mL[inside].sum()) * mL / 1000.0
        print(f"{name:14s} {inside.sum():8d} voxels {mass_kg:8.3f} kg")
    print(f"{'with activity':14s} {(phantom.source > 0).sum():8d} voxels")
