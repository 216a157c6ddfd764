r"""Diffuse light in a half space of one tissue: closed forms, one function each.

Lengths in mm, coefficients per mm (natural). Depth z is zero at the surface and grows into the
tissue. The boundary lies :math:`z_b = 2AD` outside the surface, with :math:`D = 1/3\mu_t'`,
:math:`\mu_t' = \mu_a + \mu_s'` and A of [Has94]_.

Diffusion asks for :math:`\mu_s' \gg \mu_a` and depths above :math:`1/\mu_t'`: nearer to the
surface, or at strong absorption, it is an estimate only.

References
----------
.. [Farrell92] T.J. Farrell, M.S. Patterson, B. Wilson, Med. Phys. 19, 879 (1992),
   doi:10.1118/1.596777
.. [Has94] R.C. Haskell et al., J. Opt. Soc. Am. A 11, 2727 (1994), doi:10.1364/JOSAA.11.002727
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.optics import fresnel_reflectance

__all__ = ["boundary_factor", "boundary_mm", "broad_beam_fluence", "disk_escape"]

Floats = NDArray[np.float64]

FAR_mm = 1e9  # an infinite radius, without infinity times nothing


@cache
def boundary_factor(n_inside: float, n_outside: float) -> float:
    """Factor A of the partial-current boundary, fluence = 2 A x outward flux [Has94]_.

    Examples
    --------
    Without a step of the index nothing comes back:

    >>> boundary_factor(1.0, 1.0)
    1.0
    >>> round(boundary_factor(1.4, 1.0), 2)
    2.95
    """
    if n_inside == n_outside:
        return 1.0
    nodes, weights = np.polynomial.legendre.leggauss(400)
    cosine, weight = 0.5 * (nodes + 1.0), 0.5 * weights
    r = np.array([fresnel_reflectance(float(c), n_inside, n_outside) for c in cosine])
    for_fluence = 2.0 * float(np.sum(weight * cosine * r))
    for_flux = 3.0 * float(np.sum(weight * cosine**2 * r))
    return (1.0 + for_flux) / (1.0 - for_fluence)


def boundary_mm(mua: ArrayLike, musp: ArrayLike, n: float = 1.4) -> Floats:
    """Distance of the extrapolated boundary outside the surface, mm.

    Examples
    --------
    >>> round(float(boundary_mm(0.0, 1.0, 1.0)), 4)
    0.6667
    """
    total = np.asarray(mua, dtype=np.float64) + np.asarray(musp, dtype=np.float64)
    return np.asarray(2.0 * boundary_factor(n, 1.0) / (3.0 * total))


def broad_beam_fluence(
    depth_mm: ArrayLike, mua: ArrayLike, musp: ArrayLike, n: float = 1.4
) -> Floats:
    r"""Fluence rate under a broad beam straight from above, per irradiance that enters.

    Solves :math:`D\phi'' - \mu_a\phi = -\mu_s' e^{-\mu_t' z}`, :math:`\phi(0) = z_b\phi'(0)`,
    and adds the beam itself, :math:`e^{-\mu_t' z}`.
    """
    z, a, s = (np.asarray(v, dtype=np.float64) for v in (depth_mm, mua, musp))
    total = a + s
    effective = np.sqrt(3.0 * a * total)
    zb = boundary_mm(a, s, n)
    beam = -s / (total / 3.0 - a)
    glow = -beam * (1.0 + zb * total) / (1.0 + zb * effective)
    return np.asarray((1.0 + beam) * np.exp(-total * z) + glow * np.exp(-effective * z))


def disk_escape(
    radius_mm: ArrayLike, depth_mm: ArrayLike, mua: ArrayLike, musp: ArrayLike, n: float = 1.4
) -> Floats:
    r"""Share of photons sent at a depth that leave through the disk of a radius above.

    The dipole of [Farrell92]_ over the disk: of each of its two sources, at heights h,

    .. math:: \tfrac12\left[e^{-\mu h} - \frac{h}{r} e^{-\mu r}\right],\quad r^2 = h^2 + R^2.

    By reciprocity, also what a pixel above the center gets of a disk in that depth. An infinite
    radius gives all that leaves.

    Examples
    --------
    >>> round(float(disk_escape(np.inf, 3.0, 0.0, 1.0)), 6)
    1.0
    """
    radius, z, a, s = (np.asarray(v, dtype=np.float64) for v in (radius_mm, depth_mm, mua, musp))
    effective = np.sqrt(3.0 * a * (a + s))
    image = z + 2.0 * boundary_mm(a, s, n)
    out = np.zeros(())
    for height in (z, image):
        r = np.hypot(height, radius)
        rim = np.exp(-effective * np.minimum(r, FAR_mm)) * height / r
        out = out + 0.5 * (np.exp(-effective * height) - rim)
    return np.asarray(out)
