r"""Where photons leave their energy around a point source in a uniform medium, by moments.

The fraction of the emitted energy absorbed in a shell at distance r is written with a build-up of
Berger's kind,

.. math:: K(r) = a e^{-\mu r} + (s r + b r^2) e^{-\nu r},

first collisions exactly (a is the energy-transfer coefficient), scattered photons by a short form
whose numbers are not fitted: the slope s at the source is that of single scattering, and b and
:math:`\nu` reproduce the total energy and the mean square distance, which follow exactly from the
moments of the transport equation [SF51]_. Where absorption outweighs scattering (water below about
40 keV) no such form exists and s gives way: b = 0, Berger's own two-number form [Berger68]_.

Electrons are taken as absorbed where photons set them free. Any one unit of length.

References
----------
.. [SF51] L.V. Spencer, U. Fano, Phys. Rev. 81, 464 (1951), doi:10.1103/PhysRev.81.464
.. [Berger68] M.J. Berger, MIRD Pamphlet No. 2, J. Nucl. Med. 9 Suppl. 1, 15 (1968)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from pdcraft.physics.quadrature import gauss_legendre
from pdcraft.physics.sphere import geometric_reduction

__all__ = [
    "absorbed_fractions",
    "kernel_terms",
    "onward_matrix",
    "radial_moments",
    "single_scatter_slope",
]

Floats = NDArray[np.float64]

RADIUS_NODES = 64


def onward_matrix(energy: Floats, onward_energy: Floats, weight: Floats) -> Floats:
    r"""Spread energies of onward photons over the nodes of a grid, keeping their energy.

    Parameters
    ----------
    energy : ndarray, shape (n,)
        Grid, rising.
    onward_energy : ndarray, shape (n, m)
        Energies of the photons that leave a collision of each grid energy, none above it; those
        below the grid count at its first node.
    weight : ndarray, shape (n, m)
        Energy that they carry onward, times any factor of direction.

    Returns
    -------
    ndarray, shape (n, n)
        Row i: what energy i sends on, by node (linear in log energy); lower triangular.
    """
    n = energy.size
    position = np.interp(np.log(onward_energy), np.log(energy), np.arange(n, dtype=np.float64))
    left = np.minimum(position.astype(np.int64), n - 2)
    part = position - left
    matrix = np.zeros((n, n))
    rows = np.broadcast_to(np.arange(n)[:, None], left.shape)
    np.add.at(matrix, (rows, left), weight * (1.0 - part))
    np.add.at(matrix, (rows, left + 1), weight * part)
    return np.tril(matrix)


def radial_moments(attenuation: Floats, onward: list[Floats], highest: int) -> list[Floats]:
    r"""Mean even powers of the distance at which energy is absorbed from a point source.

    Backward moments of the transport equation in plane geometry: with :math:`A_{nl}` the Legendre
    component l of the n-th spatial moment of the energy that a photon of energy E will leave,

    .. math:: \mu A_{nl} = \frac{n}{2l+1}\left[(l+1) A_{n-1,l+1} + l A_{n-1,l-1}\right]
        + \delta_{n0}\delta_{l0}\, \mu_{tr} + \sum_{E'} C_l(E \to E') A_{nl}(E')

    and :math:`\langle r^n\rangle = (n + 1) A_{n0}` for an isotropic point source [SF51]_.

    Parameters
    ----------
    attenuation : ndarray, shape (n,)
        Coefficient of all collisions on a rising energy grid.
    onward : list of ndarray, each of shape (n, n)
        `onward_matrix` of Legendre order l = 0 ... ``highest``: energy sent on per path length,
        weighted with :math:`P_l` of the scattering angle. What order 0 keeps back is absorbed.
    highest : int
        Highest moment, even.

    Returns
    -------
    list of ndarray, each of shape (n,)
        ``[<r^0>, <r^2>, ..., <r^highest>]``; the first is 1, since all energy ends up somewhere.
    """
    known: dict[tuple[int, int], Floats] = {}
    removal = np.diag(attenuation)
    for order in range(highest + 1):
        for leg in range(highest + 1 - order):
            source = np.zeros_like(attenuation)
            if order == leg == 0:
                source = attenuation - onward[0].sum(axis=1)
            elif order > 0:
                above = (leg + 1) * known[order - 1, leg + 1]
                below = leg * known[order - 1, leg - 1] if leg else 0.0
                source = order / (2 * leg + 1) * (above + below)
            known[order, leg] = np.asarray(
                linalg.solve_triangular(removal - onward[leg], source, lower=True)
            )
    return [(n + 1) * known[n, 0] for n in range(0, highest + 1, 2)]


def single_scatter_slope(cos_theta: Floats, weight: Floats) -> Floats:
    r"""Slope of the scattered part of the kernel at the source.

    A photon that flies s1, turns by :math:`\theta` and flies s2 ends in the shell at r along an arc
    whose measure is :math:`r\theta/\sin\theta`; near the source nothing else counts.

    Parameters
    ----------
    cos_theta : ndarray, shape (m,)
    weight : ndarray, shape (n, m)
        Scattering coefficient per direction times the energy kept times the energy-transfer
        coefficient of the scattered photon.

    Returns
    -------
    ndarray, shape (n,)
        In 1/length².
    """
    theta = np.arccos(cos_theta)
    return np.sum(weight * theta / np.sin(theta), axis=1)


def kernel_terms(
    attenuation: Floats, transfer: Floats, slope: Floats, mean_square: Floats
) -> tuple[Floats, Floats, Floats]:
    r"""Numbers s, b and nu of the scattered part, from its energy and mean square distance.

    Parameters
    ----------
    attenuation, transfer : ndarray, shape (n,)
        Coefficients of all collisions and of energy transfer.
    slope : ndarray, shape (n,)
        From `single_scatter_slope`.
    mean_square : ndarray, shape (n,)
        Second moment of `radial_moments`.

    Returns
    -------
    s, b, nu : ndarray, shape (n,)
        With :math:`y = \nu^{-2}`, :math:`s y + 2 b y^{3/2} = m_0` and
        :math:`6 s y^2 + 24 b y^{5/2} = m_2`, a quadratic in y; its discriminant is negative
        unless :math:`s \le 6 m_0^2/m_2`.
    """
    energy = 1.0 - transfer / attenuation
    square = mean_square - 2.0 * transfer / attenuation**3
    s = np.minimum(slope, 6.0 * energy**2 / square)
    root = np.sqrt(np.maximum(0.0, (6.0 * energy) ** 2 - 6.0 * s * square))
    y = (6.0 * energy - root) / (6.0 * s)
    return s, 0.5 * (energy - s * y) * y**-1.5, y**-0.5


def absorbed_fractions(
    attenuation: Floats, transfer: Floats, terms: tuple[Floats, Floats, Floats], radius: float
) -> Floats:
    r"""Absorbed fraction of a uniform source in a sphere within the same medium.

    :math:`\varphi = \int_0^{2R} K(r)\, U(r)\, dr` with the geometric reduction factor U: exact for
    a given kernel, and counting what scatters back in from outside.

    Parameters
    ----------
    attenuation, transfer : ndarray, shape (n,)
    terms : tuple of ndarray
        From `kernel_terms`.
    radius : float

    Returns
    -------
    ndarray, shape (n,)
    """
    s, b, nu = (t[:, None] for t in terms)
    x, gauss = gauss_legendre(RADIUS_NODES)
    # nodes crowd at the source, for strong attenuation: r = 2R v³ with v uniform in 0 to 1
    v = 0.5 * (x + 1.0)
    r = 2.0 * radius * v**3
    step = 3.0 * radius * v**2 * gauss
    first = transfer[:, None] * np.exp(-attenuation[:, None] * r)
    later = (s * r + b * r * r) * np.exp(-nu * r)
    return np.sum((first + later) * geometric_reduction(r, radius) * step, axis=1)
