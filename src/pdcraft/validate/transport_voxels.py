"""Voxels against EGSnrc: S values of I-131 in water, and slabs of lung and bone beside a source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.data.materials import material
from pdcraft.dosimetry.voxel_kernel import voxel_kernel_of_groups
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV
from pdcraft.transport.settings import Settings
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels
from pdcraft.validate.case import Case
from pdcraft.validate.decide import decide
from pdcraft.validate.egsnrc_emissions import (
    SOFT_keV,
    beta_lines,
    conversion_and_auger,
    electron_bins,
    photons,
)
from pdcraft.validate.point_runs import water
from pdcraft.validate.tables import reference_rows

__all__ = ["cases", "slab_phantom"]

SUITE = "transport"
EGSNRC = "EGSnrc, I = 75 eV, 1.000 g/mL"
VOXEL_mm = 3.0
#: Tracks end at 20 keV: a range of 9 µm beside voxels of 3 mm.
SETTINGS = Settings(
    deflection=0.1,
    loss=0.1,
    hard_loss_keV=20.0,
    hard_photon_keV=20.0,
    electron_cutoff_keV=20.0,
    photoelectric="normalized",
)
SAME = "the same emissions, I and density; photoelectric cross sections normalized"
NEAR, NEAR_WITHIN, FAR_WITHIN = ((0, 0, 0), (0, 0, 1)), 0.01, 0.03
#: Of the reference, printed with its table.
NEAR_SIGMA, FAR_SIGMA = 0.001, 0.008
SLAB_WITHIN, COLUMN_WITHIN = 0.02, 0.03
COLUMNS, MEANS = range(22, 40), range(16, 46)
SIZE, SOURCE = 61, slice(28, 33)
LAYERS = {"water below": (0, 23), "bone": (23, 28), "water (contains source)": (28, 33),
          "lung": (33, 38), "water above": (38, 61)}  # fmt: skip


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield voxel S values, then the slabs."""
    yield from _voxel_s(full)
    if full:
        yield from _slabs()


def _voxel_s(full: bool) -> Iterator[Case]:
    found = voxel_kernel_of_groups(
        (*beta_lines("I-131"), *conversion_and_auger("I-131"), *photons("I-131")),
        VOXEL_mm,
        soft_keV=SOFT_keV["I-131"],
        extent=5 if full else 1,
        water_I_eV=75.0,
        precision=0.0024,
        max_histories=4_000_000 if full else 1_000_000,
        settings=SETTINGS,
    )
    at = {offset: i for i, offset in enumerate(found.offsets)}
    for row in reference_rows("transport", "egsnrc_voxel_S_I-131.csv"):
        low, middle, high = sorted(int(row[axis]) for axis in "ijk")
        offset = low, middle, high
        if offset not in at:
            continue
        i, want = at[offset], float(row["S_mGy_per_MBq_s"])
        near = offset in NEAR
        yield decide(
            SUITE,
            f"S of I-131 from voxel (0, 0, 0) to {offset[::-1]}, {VOXEL_mm:g} mm, mGy/(MBq s)",
            (float(found.S_mGy_per_MBq_s[i]), float(found.std_err[i])),
            (want, (NEAR_SIGMA if near else FAR_SIGMA) * want),
            EGSNRC,
            rel=NEAR_WITHIN if near else FAR_WITHIN,
            why=SAME,
        )


def slab_phantom() -> tuple[VoxelPhantom, NDArray[np.float64]]:
    """Water, bone, water with the source in a cube of 5 voxels, lung, water; and the source."""
    shape = (SIZE, SIZE, SIZE)
    kind = np.zeros(shape, np.uint8)
    bone, lung = material("cortical bone"), replace(material("lung"), density_g_per_mL=0.26)
    for index, name in ((1, "bone"), (2, "lung")):
        kind[:, :, slice(*LAYERS[name])] = index
    materials = (water(75.0), bone, lung)
    density = np.array([m.density_g_per_mL for m in materials])[kind]
    source = np.zeros(shape)
    source[SOURCE, SOURCE, SOURCE] = 1.0
    phantom = VoxelPhantom(kind, density.astype(np.float32), np.full(3, VOXEL_mm), materials)
    return phantom, source


def _slabs() -> Iterator[Case]:
    phantom, source = slab_phantom()
    regions: dict[str, NDArray[np.bool_]] = {}

    def box(name: str, low: int, high: int, sides: slice = slice(None)) -> None:
        mask = np.zeros(phantom.material.shape, bool)
        mask[sides, sides, low:high] = True
        regions[name] = mask

    for name, (low, high) in LAYERS.items():
        box(name, low, high)
    box("source cube 5x5x5", 28, 33, SOURCE)
    for k in COLUMNS:
        box(f"columns {k}", k, k + 1, SOURCE)
    for k in MEANS:
        box(f"slab {k}", k, k + 1)
    tally = transport_voxels(
        phantom,
        (*electron_bins("I-131"), *photons("I-131")),
        source,
        soft_keV=SOFT_keV["I-131"],
        precision=0.0049,
        max_histories=6_000_000,
        settings=SETTINGS,
        regions=regions,
    )
    mass = phantom.density_g_per_mL * VOXEL_mm**3 * 1e-3

    def judge(region: str, name: str, want: float, error_pct: float, rel: float) -> Case:
        mean, error = tally.region_keV[region]
        to_S = S_UNIT_mGy_g_per_MBq_s_keV / float(mass[regions[region]].sum())
        label = f"lung and bone slabs, I-131: {name}, mGy/(MBq s)"
        reference = want, 0.01 * error_pct * want
        return decide(
            SUITE, label, (mean * to_S, error * to_S), reference, EGSNRC, rel=rel, why=SAME
        )

    for row in reference_rows("transport", "egsnrc_slabs_means.csv"):
        want, error = float(row["mean_dose_mGy_per_MBq_s"]), float(row["unc_pct"])
        yield judge(row["region"], f"mean of {row['region']}", want, error, SLAB_WITHIN)
    for row in reference_rows("transport", "egsnrc_slabs_axis.csv"):
        k = int(row["k"])
        for region, name, key, rel in (
            (f"slab {k}", f"mean of layer {k}", "slab", SLAB_WITHIN),
            (f"columns {k}", f"5 x 5 voxels of layer {k}", "columns_5x5", COLUMN_WITHIN),
        ):
            if region in regions:
                yield judge(region, name, float(row[key]), float(row[f"{key}_pct"]), rel)
