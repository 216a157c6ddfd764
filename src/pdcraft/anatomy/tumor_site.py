"""Where in an organ a tumor lies if only the organ is known."""

from __future__ import annotations

import numpy as np

from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.sources import points_in
from pdcraft.anatomy.volumes import ball_radius_cm, box_points
from pdcraft.core.body import Body
from pdcraft.errors import DataError

__all__ = ["site_center_cm"]

CANDIDATES = 400
LOG2_POINTS = 7  # of the sphere's box, to see what it takes
SEED = 20261121


def site_center_cm(
    body: Body, site: str, mass_g: float, density_g_per_mL: float = 1.04
) -> tuple[float, float, float]:
    """Place for a sphere in a region: where it overlaps the region most and stays in the body.

    Of 400 points of the region; the same for the same arguments.

    Parameters
    ----------
    body : Body
    site : str
        A region, a group or ``red_marrow``.
    mass_g, density_g_per_mL : float
        Of the sphere.

    Returns
    -------
    tuple of three float
        cm, in the body's axes.

    Raises
    ------
    DataError
        For an unknown region or no mass, or if the sphere sticks out of the body everywhere.
    """
    if not 0 < mass_g < np.inf:
        raise DataError(f"a tumor in {site}: its mass is {mass_g} g; it must be above zero")
    radius = ball_radius_cm(mass_g / density_g_per_mL)
    cube = box_points(np.array([[-radius] * 3, [radius] * 3]), LOG2_POINTS)
    ball = cube[np.square(cube).sum(axis=1) <= radius**2]
    near = body.red_marrow if site == "red_marrow" else None
    members = [body.index(r) for r in near] if near else list(body.members(site))
    centers = points_in(body, site, CANDIDATES, np.random.default_rng(SEED))
    where = region_of(body, centers[:, None, :] + ball)
    score = np.isin(where, members).mean(axis=1)
    score[np.any(where < 0, axis=1)] = -1.0
    best = int(np.argmax(score))
    if score[best] < 0:
        raise DataError(
            f"a tumor of {mass_g:g} g (radius {radius:.2g} cm) in {site} would stick out of "
            f"{body.name} wherever its center lies; make it smaller or choose another site"
        )
    x, y, z = (float(v) for v in centers[best])
    return x, y, z
