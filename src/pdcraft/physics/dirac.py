r"""Elastic scattering by a central potential: partial waves of the Dirac equation.

Atomic units: lengths in bohr, energies in hartree, potentials as energies. Potentials may be as
strong as a bare nucleus at the center and must vanish beyond the outer radius.

References
----------
.. [SJP05] F. Salvat, A. Jablonski, C.J. Powell, Comput. Phys. Commun. 165, 157 (2005),
   doi:10.1016/j.cpc.2004.09.006: amplitudes and their notation.
.. [BCR09] S. Blanes, F. Casas, J.A. Oteo, J. Ros, Phys. Rep. 470, 151 (2009),
   doi:10.1016/j.physrep.2008.11.001: the Magnus expansion, eq. 253.
.. [YRW54] D.R. Yennie, D.G. Ravenhall, R.N. Wilson, Phys. Rev. 95, 500 (1954),
   doi:10.1103/PhysRev.95.500: reduced series.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pdcraft.physics.quadrature import gauss_legendre

__all__ = [
    "LIGHT_SPEED",
    "cross_section",
    "eikonal_phases",
    "eikonal_tail",
    "phase_shifts",
    "wavenumber",
]

Floats = NDArray[np.float64]
Potential = Callable[[Floats], Floats]
LIGHT_SPEED = 137.035999177  # in atomic units, CODATA 2022
LOG_STEP = 0.02  # near the nucleus, of ln r
PHASE_STEP = 0.25  # farther out, of k r
REDUCE_BEYOND = 10.0  # of mu k²


def wavenumber(energy: float) -> float:
    """Momentum of an electron of that kinetic energy, 1/bohr."""
    return float(np.sqrt(energy * (energy + 2.0 * LIGHT_SPEED**2))) / LIGHT_SPEED


def phase_shifts(
    energy: float, potential: Potential, nuclear_charge: Floats, kappa: Floats, outer: float
) -> Floats:
    r"""Phase shifts of several potentials at once, modulo pi.

    Parameters
    ----------
    energy : float
        Kinetic energy, hartree.
    potential : callable
        Radii, shape (n,), to potentials, shape (n, potentials).
    nuclear_charge : ndarray, shape (potentials,)
        Of V = -charge/r at the center (positive where it attracts).
    kappa : ndarray, shape (waves,)
        Relativistic angular momenta: -(l+1) for j = l + 1/2, l for j = l - 1/2.
    outer : float
        Radius beyond which the potentials are zero.

    Returns
    -------
    ndarray, shape (potentials, waves)

    Notes
    -----
    Fourth-order Magnus steps [BCR09]_ for (P, Q), exact for constant coefficients. The shifts that
    the same steps give without potential, about 1e-5, are taken off.
    """
    from scipy.special import spherical_jn, spherical_yn

    def with_none(radius: Floats) -> Floats:
        values = potential(radius)
        return np.concatenate([values, np.zeros((radius.size, 1))], axis=1)

    k = wavenumber(energy)
    charge = np.append(nuclear_charge, 0.0)
    charge = np.where(charge == 0.0, 1e-30, charge)[:, None] / LIGHT_SPEED
    s = np.sqrt(kappa**2 - charge**2)
    far = s + np.abs(kappa)
    small = np.where(kappa > 0, far / charge, -charge / far)
    big = np.ones_like(small)
    first = 1e-4 / k
    turn = min(PHASE_STEP / LOG_STEP / k, outer)
    edges = np.geomspace(first, turn, int(np.log(turn / first) / LOG_STEP) + 2)
    uniform = np.linspace(turn, outer, int((outer - turn) * k / PHASE_STEP) + 2)
    for grid in (edges, uniform):
        big, small = _advance(energy, with_none, kappa, grid, big, small)
    slope = (-kappa / outer + (energy + 2.0 * LIGHT_SPEED**2) / LIGHT_SPEED * small / big) / k
    wave = np.where(kappa < 0, -kappa - 1, kappa).astype(int)
    x = k * outer
    j, y = spherical_jn(wave, x), spherical_yn(wave, x)
    dj = spherical_jn(wave, x, derivative=True) + j / x
    dy = spherical_yn(wave, x, derivative=True) + y / x
    shifts = np.arctan2(slope * j - dj, slope * y - dy)
    return shifts[:-1] - shifts[-1]


def _advance(
    energy: float, potential: Potential, kappa: Floats, grid: Floats, big: Floats, small: Floats
) -> tuple[Floats, Floats]:
    """Carry (P, Q) over the cells of a grid; P is scaled back to size 1 after each."""
    c = LIGHT_SPEED
    step = np.diff(grid)
    gauss = np.sqrt(3.0) / 6.0
    r1 = grid[:-1] + (0.5 - gauss) * step
    r2 = grid[:-1] + (0.5 + gauss) * step
    v1, v2 = potential(r1), potential(r2)
    for i, h in enumerate(step):
        d1, d2 = kappa / r1[i], kappa / r2[i]
        a1 = ((energy - v1[i]) / c + 2.0 * c)[:, None]
        a2 = ((energy - v2[i]) / c + 2.0 * c)[:, None]
        b1, b2 = -(energy - v1[i])[:, None] / c, -(energy - v2[i])[:, None] / c
        # A = [[-d, a], [b, d]]; Omega = h/2 (A1 + A2) - sqrt(3) h²/12 [A1, A2]
        w = np.sqrt(3.0) * h * h / 12.0
        half = 0.5 * h
        diag = -half * (d1 + d2) - w * (a1 * b2 - a2 * b1)
        up = half * (a1 + a2) - w * 2.0 * (a1 * d2 - a2 * d1)
        down = half * (b1 + b2) - w * 2.0 * (b2 * d1 - b1 * d2)
        square = diag**2 + up * down
        root = np.sqrt(np.abs(square)) + 1e-300
        even = np.where(square > 0.0, np.cosh(np.minimum(root, 300.0)), np.cos(root))
        odd = np.where(square > 0.0, np.sinh(np.minimum(root, 300.0)), np.sin(root)) / root
        big, small = (
            (even + odd * diag) * big + odd * up * small,
            odd * down * big + (even - odd * diag) * small,
        )
        size = np.hypot(big, small)
        big, small = big / size, small / size
    return big, small


def eikonal_phases(energy: float, potential: Potential, waves: Floats) -> tuple[Floats, Floats]:
    r"""Phase shifts of high waves, to first order in the potential along a straight path.

    .. math:: \delta_l = -\frac{1}{2k} \int_0^\infty U\left(\sqrt{b^2 + z^2}\right) dz, \quad
        b = \frac{l + 1/2}{k}, \quad U = \frac{2(E + c^2)V - V^2}{c^2}

    Returns
    -------
    mean, ndarray, shape (potentials, waves)
    split : ndarray, shape (potentials, waves)
        Phase of j = l - 1/2 less that of j = l + 1/2, from the spin-orbit term.
    """
    c = LIGHT_SPEED
    k = wavenumber(energy)
    t = np.linspace(0.0, 5.0, 101)
    weight = np.full(t.size, t[1])
    weight[0] *= 0.5
    b = (waves + 0.5) / k
    r = np.outer(b, np.cosh(t))
    path = np.outer(b, np.cosh(t) * weight)  # dz = b cosh t dt
    v = potential(r.ravel())
    dr = 1e-4
    slope = (potential(r.ravel() * (1 + dr)) - potential(r.ravel() * (1 - dr))) / (
        2 * dr * r.ravel()[:, None]
    )
    u = ((2.0 * (energy + c**2) - v) * v / c**2).reshape(*r.shape, -1)
    orbit = (slope / r.ravel()[:, None] / (energy + 2.0 * c**2)).reshape(*r.shape, -1)
    mean = -0.5 / k * np.einsum("lt,ltp->pl", path, u)
    split = 0.5 / k * np.einsum("lt,ltp->pl", path, orbit) * (2.0 * waves + 1.0)
    return mean, split


def eikonal_tail(
    energy: float, potential: Potential, waves: Floats, start: float, outer: float
) -> Floats:
    r"""Phase that a weak potential adds between two radii, shape (potentials, waves).

    .. math:: -\frac{1}{2k} \int \frac{U(r)}{\sqrt{1 - b^2/r^2}} dr

    for waves whose impact parameter b, as in `eikonal_phases`, is less than the first radius.
    """
    c = LIGHT_SPEED
    k = wavenumber(energy)
    x, weight = gauss_legendre(48)
    log_step = 0.5 * np.log(outer / start)
    r = start * np.exp(log_step * (1.0 + x))
    v = potential(r)
    u = (2.0 * (energy + c**2) - v) * v / c**2
    b = (waves + 0.5) / k
    straight = 1.0 / np.sqrt(1.0 - np.square(b[:, None] / r))
    return -0.5 / k * ((straight * (r * weight * log_step)) @ u).T


def cross_section(energy: float, aligned: Floats, opposed: Floats, mu: Floats) -> Floats:
    r"""Cross section per solid angle, bohr², of unpolarized electrons [SJP05]_.

    .. math:: f = \frac{1}{2ik} \sum_l \left[ (l+1)(e^{2i\delta_{-l-1}} - 1) + l(e^{2i\delta_l} -
        1) \right] P_l, \quad g = \frac{1}{2ik} \sum_l \left[ e^{2i\delta_l} -
        e^{2i\delta_{-l-1}} \right] P_l^1

    Parameters
    ----------
    aligned, opposed : ndarray, shape (potentials, waves)
        Phase shifts of j = l + 1/2 and j = l - 1/2 (the one of l = 0 is not used), down to
        nothing: what the sum leaves out is seen at small angles.
    mu : ndarray, shape (angles,)
        (1 - cos theta) / 2.

    Returns
    -------
    ndarray, shape (potentials, angles)

    Notes
    -----
    Terms nearly cancel at large angles: there the series of f is multiplied by
    :math:`(1 - \cos\theta)^2` term by term [YRW54]_, which would lose digits at small ones.
    """
    k = wavenumber(energy)
    wave = np.arange(aligned.shape[1])
    up, down = np.expm1(2j * aligned), np.expm1(2j * opposed)
    plain = (wave + 1) * up + wave * down
    reduced = _reduced(_reduced(plain))
    x = 1.0 - 2.0 * mu
    sine = 2.0 * np.sqrt(mu * (1.0 - mu))
    legendre, associated = _legendre(x, sine, wave.size)
    large = mu > REDUCE_BEYOND / k**2
    back = np.where(large, 2.0 * mu, 1.0) ** 2  # (1 - cos theta)²
    f = np.where(large, reduced @ legendre / back, plain @ legendre)
    g = (down - up) @ associated
    return (np.abs(f) ** 2 + np.abs(g) ** 2) / (4.0 * k**2)


def _reduced(coefficient: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Coefficients of a Legendre series times 1 - cos theta."""
    wave = np.arange(coefficient.shape[1])
    out = coefficient.copy()
    out[:, :-1] -= (wave[1:] / (2.0 * wave[1:] + 1.0)) * coefficient[:, 1:]
    out[:, 1:] -= (wave[1:] / (2.0 * wave[1:] - 1.0)) * coefficient[:, :-1]
    return out


def _legendre(x: Floats, sine: Floats, waves: int) -> tuple[Floats, Floats]:
    """Polynomials P and P^1 = sin dP/dx, shape (waves, angles), by upward recursion."""
    p = np.ones((waves, x.size))
    d = np.zeros((waves, x.size))
    if waves > 1:
        p[1], d[1] = x, sine
    for n in range(1, waves - 1):
        p[n + 1] = ((2 * n + 1) * x * p[n] - n * p[n - 1]) / (n + 1)
        d[n + 1] = ((2 * n + 1) * x * d[n] - (n + 1) * d[n - 1]) / n
    return p, d
