"""Domains and media made ready for the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.kernels.space import (
    BOX,
    CROSSED,
    CYLINDER,
    ELLIPSOID,
    FLAT,
    FRESNEL,
    HEIGHT,
    INFINITE,
    LEVEL,
    MIRROR,
    OPEN,
    PERIODIC,
    Space,
)
from pdcraft.transport.optical.kernels.walk import Matter
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.shapes import Shape

__all__ = ["centers_mm", "layer_labels", "prepare_matter", "prepare_space"]

Floats = NDArray[np.float64]

KINDS = {"ellipsoid": ELLIPSOID, "cylinder": CYLINDER, "box": BOX}
LATERAL = {"open": OPEN, "periodic": PERIODIC, "mirror": MIRROR}
FIXED_PATHS_BOOST = 1.5  # majorant over the largest total coefficient, where absorption may change
LEAST_EVENTS = 4.0  # tentative collisions over the domain's shortest edge, at least


def centers_mm(domain: OpticalDomain) -> tuple[Floats, Floats, Floats]:
    """Coordinates of the voxels' centers along x, y and z."""
    nx, ny, nz = domain.labels.shape
    hx, hy, hz = domain.voxel_mm
    return (
        (np.arange(nx) + 0.5 - 0.5 * nx) * hx,
        (np.arange(ny) + 0.5 - 0.5 * ny) * hy,
        (np.arange(nz) + 0.5) * hz,
    )


def _depth_in_shape(s: Shape, x: Floats, y: Floats, z: Floats) -> Floats:
    """Positive within, negative outside; in size at most the distance to the surface."""
    dx, dy, dz = x - s.center_mm[0], y - s.center_mm[1], z - s.center_mm[2]
    a, b, c = s.half_mm
    if s.kind == "box":
        return np.minimum(a - np.abs(dx), np.minimum(b - np.abs(dy), c - np.abs(dz)))
    if s.kind == "ellipsoid":
        scaled = np.sqrt((dx / a) ** 2 + (dy / b) ** 2 + (dz / c) ** 2)
        return (1.0 - scaled) * min(s.half_mm)
    along = dx * s.axis[0] + dy * s.axis[1] + dz * s.axis[2]
    radial = np.sqrt(np.maximum(dx**2 + dy**2 + dz**2 - along**2, 0.0))
    return np.minimum(a - radial, c - np.abs(along))


def _codes(domain: OpticalDomain, order: list[Shape]) -> NDArray[np.uint16]:
    """Labels of voxels, with a flag where a shape's surface may cross the voxel."""
    code = domain.labels.astype(np.uint16)
    if domain.curved and (code == 0).any():
        # near the surface a point of tissue may lie in a voxel whose center is outside
        from scipy.ndimage import distance_transform_edt

        if not code.any():
            raise DataError("optical domain: every voxel is outside (label 0); nothing is there")
        nearest: Any = distance_transform_edt
        _, near = nearest(code == 0, return_indices=True)
        code = code[tuple(near)]
    half = 0.5 * float(np.linalg.norm(domain.voxel_mm)) * (1.0 + 1e-9)
    x, y, z = centers_mm(domain)
    grid = (x[:, None, None], y[None, :, None], z[None, None, :])
    base = code.copy()
    for shape in reversed(order):
        depth = _depth_in_shape(shape, *grid)
        if shape.kind == "box":  # faces that lie between voxels cross none
            gaps = [
                half_edge - np.abs(p - c)
                for p, c, half_edge in zip(grid, shape.center_mm, shape.half_mm, strict=True)
            ]
            edges = [0.5 * h * (1.0 - 1e-9) for h in domain.voxel_mm]
            near_all = np.ones(base.shape, bool)
            crossed = np.zeros(base.shape, bool)
            for gap, edge in zip(gaps, edges, strict=True):
                near_all &= gap > -edge
                crossed |= np.abs(gap) < edge
            crossed &= near_all
        else:
            crossed = np.abs(depth) < half
        code[np.broadcast_to(depth >= 0.0, code.shape) & ~crossed] = shape.label
        # a voxel wholly within a higher shape needs no question; one that is crossed keeps its base
        code[crossed] = base[crossed] | CROSSED
    return code


def _surface(domain: OpticalDomain) -> tuple[int, Floats, Floats, float, NDArray[np.float32]]:
    """Kind of surface, height, level, steepest gradient, and distances that are free of it.

    Raises
    ------
    DataError
        If a height map leaves the domain.
    """
    flat = np.zeros((1, 1)), np.zeros((1, 1, 1))
    half = 0.5 * float(np.linalg.norm(domain.voxel_mm))
    hz, nz = domain.voxel_mm[2], domain.labels.shape[2]
    if domain.height_mm is not None:
        height = np.array(domain.height_mm)
        if height.min() < 0.0 or height.max() >= nz * hz:
            raise DataError(
                f"optical domain: the surface runs from z = {height.min():g} to {height.max():g} "
                f"mm; it must stay within 0 and the depth of {nz * hz:g} mm"
            )
        steep = _steepest(height, domain.voxel_mm)
        slope = float(np.sqrt(1.0 + steep[0] ** 2 + steep[1] ** 2))
        z = (np.arange(nz) + 0.5) * hz
        safe = (np.abs(z - height[:, :, None]) / slope - half).astype(np.float32).ravel()
        return HEIGHT, height, flat[1], slope, safe
    if domain.level_mm is not None:
        level = np.array(domain.level_mm)
        slope = max(1.0, float(np.sqrt(sum(s * s for s in _steepest(level, domain.voxel_mm)))))
        safe = (np.abs(level) / slope - half).astype(np.float32).ravel()
        return LEVEL, flat[0], level, slope, safe
    return FLAT, *flat, 1.0, np.zeros(1, np.float32)


def _steepest(values: Floats, voxel_mm: tuple[float, float, float]) -> list[float]:
    """Largest change per mm between neighbors along each axis."""
    return [
        np.abs(np.diff(values, axis=axis)).max() / edge if values.shape[axis] > 1 else 0.0
        for axis, edge in zip(range(values.ndim), voxel_mm, strict=False)
    ]


def prepare_space(
    domain: OpticalDomain,
    medium: OpticalMedium,
    *,
    infinite: bool = False,
    mcx: bool = False,
) -> Space:
    """Geometry for the kernels.

    Parameters
    ----------
    infinite : bool
        The layers go on beyond the sides.
    mcx : bool
        Boundaries as MCX has them: steps of the index at faces of voxels and at the sides.

    Raises
    ------
    DataError
        If a label has no properties, a surface leaves the domain, or the index changes between
        plain voxels.
    """
    if domain.largest_label >= medium.labels:
        raise DataError(
            f"optical domain: label {domain.largest_label} has no properties; the medium has "
            f"{medium.labels} labels, counted from 0"
        )
    order = sorted(domain.shapes, key=lambda s: -s.priority)
    code = _codes(domain, order)
    plain = np.unique(domain.labels[domain.labels > 0])
    base_n = medium.n[plain]
    layered = [s for s in order if s.is_layer]
    steps = [i for i, s in enumerate(order) if np.any(medium.n[plain] != medium.n[s.label])]
    for i, s in enumerate(order):
        if i not in steps and any(medium.n[t.label] != medium.n[s.label] for t in order):
            steps.append(i)
    if np.ptp(base_n) > 0.0 and not layered and not mcx:
        raise DataError(
            f"optical domain: voxel labels {plain.tolist()} have refractive indices "
            f"{base_n.tolist()}; between plain voxels the index must be one (surfaces of steps are "
            "layers or shapes)"
        )
    nx, ny, nz = domain.labels.shape
    hx, hy, hz = domain.voxel_mm
    surface = _surface(domain)
    table = np.array(
        [(KINDS[s.kind], s.label, *s.center_mm, *s.half_mm, *s.axis) for s in order],
        dtype=np.float64,
    ).reshape(-1, 11)
    lateral = INFINITE if infinite else FRESNEL if mcx else LATERAL[domain.lateral]
    below = domain.n_outside if domain.n_below is None else domain.n_below
    return Space(
        nx, ny, nz, hx, hy, hz, nx * hx, ny * hy, nz * hz, 1.0 / hx, 1.0 / hy, 1.0 / hz, lateral,
        float(domain.n_outside), float(below), *surface,
        code.ravel(), table, np.array([] if mcx else steps, dtype=np.int64), int(mcx),
    )  # fmt: skip


def prepare_matter(
    domain: OpticalDomain,
    medium: OpticalMedium,
    *,
    adjoint: bool = False,
    riders: tuple[OpticalMedium, ...] = (),
) -> Matter:
    """Chances and factors of the labels.

    Parameters
    ----------
    adjoint : bool
        Score radiance at the camera's side of an isotropic source: 1/(4 pi n²) goes in.
    riders : tuple of OpticalMedium
        Other absorption on the same paths, which with riders do not depend on absorption.

    Raises
    ------
    DataError
        If riders scatter otherwise.
    """
    mua, mus = medium.mua_per_mm[1:], medium.mus_per_mm[1:]
    fixed_paths = bool(riders)
    largest = max(
        [float(np.max(mua + mus)), *(float(np.max(r.mua_per_mm[1:] + mus)) for r in riders)]
    )
    majorant = max(
        largest * (FIXED_PATHS_BOOST if fixed_paths else 1.0), LEAST_EVENTS / min(domain.size_mm)
    )
    row = np.zeros((medium.labels, 6))
    if fixed_paths:
        row[1:, 0] = mus / majorant
        row[1:, 1] = 1.0
        row[1:, 2] = (majorant - mus - mua) / (majorant - mus)
    else:
        rest = majorant - mua
        row[1:, 0] = np.where(rest > 0.0, mus / np.where(rest > 0.0, rest, 1.0), 0.0)
        row[1:, 1] = row[1:, 2] = 1.0 - mua / majorant
    row[:, 3] = medium.g
    row[:, 4] = 1.0 / majorant
    row[:, 5] = medium.n
    if adjoint:
        row[:, 4] *= domain.n_outside**2 / (4.0 * np.pi * medium.n**2)
    others = np.ones((medium.labels, 2, len(riders)))
    for k, rider in enumerate(riders):
        for name in ("mus_per_mm", "g", "n"):
            if not np.array_equal(getattr(rider, name)[1:], getattr(medium, name)[1:]):
                raise DataError(
                    f"reweighting: another medium differs in {name}; stored paths serve other "
                    "absorption only, run anew for other scattering or index"
                )
        others[1:, 0, k] = (majorant - mus - rider.mua_per_mm[1:]) / (majorant - mus)
    return Matter(majorant, row, others)


def layer_labels(domain: OpticalDomain) -> NDArray[np.int64]:
    """Label of each depth far from all inclusions: what most voxels of a depth hold.

    Inclusions are shapes; without the layers among them the voxels' own labels count.
    """
    nz = domain.labels.shape[2]
    return np.array(
        [np.bincount(domain.labels[:, :, k].ravel()).argmax() for k in range(nz)], dtype=np.int64
    )
