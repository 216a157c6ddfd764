"""A spherical tumor put into a body: it takes the place of what was there."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from pdcraft.anatomy.membership import OUTSIDE, region_of
from pdcraft.anatomy.shapes import ellipsoid
from pdcraft.anatomy.volumes import ball_radius_cm, box_points
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body, BodyMasses, Solids
from pdcraft.core.regions import region_name
from pdcraft.data.materials import material
from pdcraft.errors import ApproximationWarning, DataError

__all__ = ["flank_center_cm", "with_tumor"]

SOFT = "soft tissue, stylised body"
SURFACE_POINTS = 2000
LOG2_POINTS = 16  # in the tumor's box: 0.2 % of its volume
HALF = 0.5  # of a region's volume: less is said
GONE = 1e-6  # share of a region's volume below which nothing is left of it
FLANK_DEPTH_cm = 0.2  # how deep a subcutaneous tumor of a mouse lies in the body (assumed)
FLANK_z = -0.3  # of the body's half length, towards the hind legs (assumed)


def _sphere_points(n: int) -> Floats:
    """Points spread evenly over the unit sphere (golden-angle spiral), shape (n, 3)."""
    i = np.arange(n) + 0.5
    z = 1 - 2 * i / n
    angle = np.pi * (1 + 5**0.5) * i
    across = np.sqrt(1 - z**2)
    return np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=1)


def with_tumor(
    body: Body,
    center_cm: tuple[float, float, float],
    mass_g: float,
    name: str,
    *,
    density_g_per_mL: float | None = None,
    may_protrude: bool = False,
) -> Body:
    """Return a body with a spherical tumor of soft tissue.

    Parameters
    ----------
    body : Body
    center_cm : tuple of three float
        In the body's axes: x to its left, y to its back, z to its head.
    mass_g : float
    name : str
        ``lesion:NAME``, or ``tumor`` in a mouse.
    density_g_per_mL : float, optional
        That of soft tissue in stylised bodies, 1.04, without it.
    may_protrude : bool
        Let the sphere stick out of the body, as under the skin of a mouse; at least a point of it
        must lie inside.

    Returns
    -------
    Body
        Volumes and all mass tables are less by what the tumor replaced: in tables with other
        masses than the geometry's, a region loses the share of its mass that it lost of its
        volume. Red marrow moves with the shares of the bones' volumes.

    Raises
    ------
    DataError
        If the sphere leaves the body, swallows a whole region or another tumor, has no mass, or if
        the name is taken or none of a tumor.
    """
    region = region_name(name, body.host)
    if not _is_tumor(region):
        raise DataError(f"'{name}' is no name of a tumor; write 'lesion:NAME'")
    if region in body.regions:
        raise DataError(f"{body.name} already has a region '{region}'; choose another name")
    density = material(SOFT).density_g_per_mL if density_g_per_mL is None else density_g_per_mL
    for what, number in (("mass, g", mass_g), ("density, g/mL", density)):
        if not 0 < number < np.inf:
            raise DataError(f"tumor '{region}': {what}, is {number}; it must be above zero")
    volume = mass_g / density
    radius = ball_radius_cm(volume)
    center = np.asarray(center_cm, dtype=float)
    _check_inside(body, region, center, radius, may_protrude)
    lost = _taken_cm3(body, center, radius)
    left = body.volume_cm3 - lost
    others = [r for r, v in zip(body.regions, lost, strict=True) if v > 0 and _is_tumor(r)]
    if others:
        raise DataError(
            f"tumor '{region}' of {mass_g:g} g overlaps {', '.join(others)}; move one of them, or "
            "make them one tumor"
        )
    gone = [
        r for r, v, old in zip(body.regions, left, body.volume_cm3, strict=True) if v <= GONE * old
    ]
    if gone:
        raise DataError(
            f"tumor '{region}' of {mass_g:g} g leaves nothing of {', '.join(gone)}; make it "
            "smaller or move it"
        )
    kept = dict(zip(body.regions, (left / body.volume_cm3).tolist(), strict=True))
    eaten = [f"{r} ({100 * (1 - share):.0f} %)" for r, share in kept.items() if share < HALF]
    if eaten:
        warnings.warn(
            f"tumor '{region}' of {mass_g:g} g takes the place of {', '.join(eaten)}: doses of "
            "what is left follow its smaller mass",
            ApproximationWarning,
            stacklevel=2,
        )
    marrow = {r: share * kept[r] for r, share in body.red_marrow.items()}
    total = sum(marrow.values())
    groups = dict(body.groups)
    groups["total_body"] = (region, *groups["total_body"])
    return replace(
        body,
        solids=_sphere_first(body.solids, center, radius),
        regions=(region, *body.regions),
        materials=(SOFT, *body.materials),
        density_g_per_mL=np.append(density, body.density_g_per_mL),
        volume_cm3=np.append(volume, left),
        masses={
            key: _less(table, kept, total, region, mass_g, groups)
            for key, table in body.masses.items()
        },
        groups=groups,
        red_marrow={r: share / total for r, share in marrow.items()},
        remarks=(*body.remarks, f"{region}: sphere of {mass_g:g} g, {density:g} g/mL"),
    )


def _is_tumor(region: str) -> bool:
    return region == "tumor" or region.startswith("lesion:")


def _check_inside(
    body: Body, region: str, center: Floats, radius: float, may_protrude: bool
) -> None:
    shell = center + radius * _sphere_points(SURFACE_POINTS)
    where = region_of(body, np.vstack([center, shell]))
    out = where == OUTSIDE
    share = f"{100 * out.mean():.0f} % of its surface is outside"
    said = f"tumor '{region}' of radius {radius:.3g} cm about {tuple(center.tolist())} cm"
    if out.all() or (out.any() and not may_protrude):
        low, high = body.bounds_cm
        raise DataError(
            f"{said} does not lie in {body.name}: {share}; the body lies within "
            f"{np.round(low, 1).tolist()} and {np.round(high, 1).tolist()} cm, x to its left, y to "
            "its back"
        )


def _taken_cm3(body: Body, center: Floats, radius: float) -> Floats:
    points = box_points(np.array([center - radius, center + radius]), LOG2_POINTS)
    inside = points[np.square(points - center).sum(axis=1) <= radius**2]
    where = region_of(body, inside)
    counts = np.bincount(where[where >= 0], minlength=len(body.regions))
    return counts / len(inside) * (4 / 3 * np.pi * radius**3)


def _sphere_first(solids: Solids, center: Floats, radius: float) -> Solids:
    x, y, z = (float(v) for v in center)
    ball = ellipsoid((x, y, z), (radius, radius, radius))
    return Solids(
        np.append(0, solids.region + 1).astype(np.int32),
        np.append(0, solids.start + 1).astype(np.int32),
        np.append(ball.kind, solids.kind).astype(np.int8),
        np.append(ball.sense, solids.sense).astype(np.int8),
        np.vstack([ball.coefficient, solids.coefficient]),
        np.concatenate([ball.box_cm[None], solids.box_cm]),
    )


def _less(
    table: BodyMasses,
    kept: dict[str, float],
    marrow_kept: float,
    region: str,
    mass_g: float,
    groups: dict[str, tuple[str, ...]],
) -> BodyMasses:
    masses = {region: mass_g} | {r: table.region_g[r] * share for r, share in kept.items()}
    sums = {name: sum(masses[r] for r in members) for name, members in groups.items()}
    if "red_marrow" in table.region_g:
        sums["red_marrow"] = table.region_g["red_marrow"] * marrow_kept
    return BodyMasses(
        table.name, {**masses, **sums}, table.source, {**table.scaled, region: "as stated"}
    )


def flank_center_cm(
    body: Body, mass_g: float, density_g_per_mL: float = 1.04
) -> tuple[float, float, float]:
    """Center of a subcutaneous tumor on the left flank of the mouse, for `with_tumor`.

    The sphere reaches 2 mm deep into the body, or to its center if it is smaller; the rest of it
    is outside, without skin over it (assumed). Use it with ``may_protrude=True``.

    Raises
    ------
    DataError
        For another body than the mouse.
    """
    if body.host != "mouse":
        raise DataError(f"{body.name} has no flank for a subcutaneous tumor; state its center")
    radius = ball_radius_cm(mass_g / density_g_per_mL)
    z = FLANK_z * float(body.solids.box_cm[-1, 1, 2])  # the last solid is the whole body
    side = _surface_x_cm(body, z)
    return side + radius - min(radius, FLANK_DEPTH_cm), 0.0, z


def _surface_x_cm(body: Body, z: float) -> float:
    high = float(body.bounds_cm[1, 0])
    x = np.linspace(0.0, high, 4001)
    line = np.stack([x, np.zeros_like(x), np.full_like(x, z)], axis=1)
    return float(x[np.nonzero(region_of(body, line) >= 0)[0][-1]])
