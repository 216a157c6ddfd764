"""What only the whole of a scene shows: bodies that overlap or leave, regions without place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.optics.inclusion import Inclusion, extent_mm, gauge, overlap
from pdcraft.optics.material import Material
from pdcraft.optics.scene import Domain, Layer, Region
from pdcraft.optics.scene_faults import Faults

__all__ = ["check_inclusions", "check_indices", "check_thin", "cut_bodies", "join_regions"]

LEAST_VOXELS = 4  # across a feature that voxels make
ON_FACE_mm = 1e-9  # bodies may reach the faces of the domain
SAMPLES = 2048  # points in a body that decide whether anything of it shows
PLASTIC = 1.2207440846057596  # root of x^4 = x + 1: its powers make the most even sequence in 3D


def join_regions(
    mapped: Sequence[Region],
    layers: Sequence[Layer],
    inclusions: Sequence[tuple[int, Inclusion]],
    faults: Faults,
) -> tuple[Region, ...]:
    """List regions once each; a name stands for one material."""
    out: dict[str, Region] = {}
    places: list[tuple[tuple[str | int, ...], Region]] = []
    places += [(("domain", "map"), region) for region in mapped]
    places += [(("layer", i), Region(layer.name, layer.material)) for i, layer in enumerate(layers)]
    places += [(("inclusion", i), Region(one.name, one.material)) for i, one in inclusions]
    for path, region in places:
        other = out.setdefault(region.name, region)
        if other.material != region.material:
            faults.add(
                (*path, "name"),
                f"'{region.name}' is made of '{other.material}' and of '{region.material}'",
                "give the second another name: a region is of one material",
            )
    return tuple(out.values())


def check_inclusions(
    inclusions: Sequence[tuple[int, Inclusion]], domain: Domain, faults: Faults
) -> None:
    """Find bodies that leave the domain, overlap without an order, or show nowhere."""
    size = domain.size_mm
    if size is None:
        return
    low = np.array([-size[0] / 2.0, -size[1] / 2.0, 0.0])
    high = np.array([size[0] / 2.0, size[1] / 2.0, size[2]])
    inside: list[tuple[int, Inclusion]] = []
    for i, body in inclusions:
        first, last = extent_mm(body)
        out = (first < low - ON_FACE_mm) | (last > high + ON_FACE_mm)
        if np.any(out):
            axis = int(np.argmax(out))
            faults.add(
                ("inclusion", i),
                f"'{body.name}' leaves the domain: {'xyz'[axis]} from {first[axis]:g} to "
                f"{last[axis]:g} mm, the domain from {low[axis]:g} to {high[axis]:g} mm",
                "move it, make it smaller, or enlarge the domain",
            )
        else:
            inside.append((i, body))
    for (_, one), (j, other) in combinations(inside, 2):
        if one.priority == other.priority and overlap(one, other):
            faults.add(
                ("inclusion", j),
                f"'{one.name}' and '{other.name}' overlap and have the same priority, "
                f"{one.priority}",
                "give one of them a higher priority: it wins where they overlap",
            )
    for i, body in inside:
        if not _shows(body, [b for _, b in inside if b is not body], domain):
            faults.add(
                ("inclusion", i),
                f"nothing of '{body.name}' is left: others cover it, or it lies above the surface",
                "give it a higher priority, or move it",
            )


def _points(body: Inclusion) -> Floats:
    """Points that fill a body evenly, shape (n, 3)."""
    first, last = extent_mm(body)
    unit = (0.5 + np.arange(SAMPLES)[:, None] * PLASTIC ** -np.arange(1.0, 4.0)) % 1.0
    points = first + (last - first) * unit
    return points[gauge(body, points) < 1.0]


def _below_surface(points: Floats, domain: Domain) -> NDArray[np.bool_]:
    """Whether points lie in tissue, under a height map if there is one."""
    if domain.height_mm is None or domain.size_mm is None or domain.voxel_mm is None:
        return np.ones(len(points), dtype=bool)
    columns = (points[:, :2] + np.array(domain.size_mm[:2]) / 2.0) / domain.voxel_mm[0]
    at = np.clip(columns.astype(int), 0, np.array(domain.height_mm.shape) - 1)
    return points[:, 2] > domain.height_mm[at[:, 0], at[:, 1]]


def _shows(body: Inclusion, others: Sequence[Inclusion], domain: Domain) -> bool:
    points = _points(body)
    left = _below_surface(points, domain)
    for other in others:
        if other.priority > body.priority:
            left &= gauge(other, points) >= 1.0
    return bool(left.any())


def cut_bodies(inclusions: Sequence[tuple[int, Inclusion]], domain: Domain) -> tuple[str, ...]:
    """Names of bodies of which a curved surface cuts a part away."""
    cut = [b.name for _, b in inclusions if not _below_surface(_points(b), domain).all()]
    return tuple(dict.fromkeys(cut))


def check_thin(
    domain: Domain, layers: Sequence[Layer], regions: Sequence[Region], faults: Faults
) -> None:
    """Find features of voxels that are under four voxels thick; inclusions are exact instead."""
    if domain.voxel_mm is None:
        return
    if domain.kind == "height_map":
        edge = domain.voxel_mm[2]
        for i, layer in enumerate(layers):
            if layer.thickness_mm is not None and layer.thickness_mm < LEAST_VOXELS * edge:
                faults.add(
                    ("layer", i, "thickness"),
                    f"{layer.thickness_mm:g} mm is under {LEAST_VOXELS} voxels of {edge:g} mm",
                    "use smaller voxels; below a curved surface layers are made of them",
                )
    if domain.labels is None:
        return
    from scipy.ndimage import minimum_filter

    for i, region in enumerate(regions, start=1):
        mine = domain.labels == i
        if not mine.any():
            continue
        # room for a cube of four voxels; the domain's faces count as more of the same
        if not minimum_filter(mine, size=LEAST_VOXELS, mode="nearest").any():
            faults.add(
                ("domain", "map"),
                f"'{region.name}' is nowhere {LEAST_VOXELS} voxels thick",
                "use smaller voxels, or state it as an [[inclusion]], which is exact",
            )


def check_indices(
    domain: Domain,
    regions: Sequence[Region],
    inclusions: Sequence[tuple[int, Inclusion]],
    materials: Mapping[str, Material],
    faults: Faults,
) -> None:
    """Find steps of refractive index between voxels, where no surface is exact."""
    if domain.kind not in ("height_map", "labels"):
        return
    exact = {body.name for _, body in inclusions}
    made = {r.name: materials[r.material].n for r in regions if r.material in materials}
    plain = {name: n for name, n in made.items() if name not in exact}
    if len(set(plain.values())) > 1:
        said = ", ".join(f"{name} {n:g}" for name, n in plain.items())
        faults.add(
            ("domain",),
            f"refractive indices differ between regions made of voxels: {said}",
            "give them one n; only flat layers and inclusions have exact surfaces",
        )
