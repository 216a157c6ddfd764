r"""Energy spectra of beta decay: allowed and unique first-forbidden shapes.

Kinetic energies in keV. Inside, the natural units of beta theory: total energies W and momenta p
in units of the electron rest energy, radii in units of the reduced Compton wavelength. The
spectrum is a shape, normalized by its own integral: constant factors of the Fermi function drop.

Non-unique forbidden transitions are taken with the allowed shape (the xi approximation), as
evaluations do; where that fails the mean energy can be off by several per cent.

References
----------
.. [BB82] H. Behrens, W. Bühring, Electron Radial Wave Functions and Nuclear Beta-Decay,
   Clarendon (Oxford 1982): generalized Fermi functions F_(k-1), shape factors.
.. [Elton58] L.R.B. Elton, Nucl. Phys. 5, 173 (1958): the radius formula used with them.
.. [Rose36] M.E. Rose, Phys. Rev. 49, 727 (1936), doi:10.1103/PhysRev.49.727: screening as a
   shift of the energy.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.constants import FINE_STRUCTURE, ELECTRON_REST_keV
from pdcraft.physics.quadrature import gauss_legendre

__all__ = ["Charge", "Shape", "fermi_function", "mean_energy_keV", "spectrum_per_keV"]

Charge = Literal["minus", "plus"]
Shape = Literal["allowed", "unique1"]

SCREENING = 1.45  # V0 = 1.45 alpha² Z^(4/3), in electron rest energies [Rose36]_


def nuclear_radius(a: int) -> float:
    """Radius of the nucleus of mass number ``a``, in reduced Compton wavelengths [Elton58]_."""
    return 0.0029 * a ** (1 / 3) + 0.0063 * a ** (-1 / 3) - 0.017 / a


def fermi_function(p: ArrayLike, z: int, a: int, k: int = 1) -> NDArray[np.float64]:
    r"""Relativistic Coulomb factor :math:`F_{k-1}(Z, W)`, without screening [BB82]_.

    Parameters
    ----------
    p : array_like, any shape
        Momentum of the electron over m c, above zero.
    z : int
        Charge of the daughter nucleus; negative for a positron.
    a : int
        Mass number, for the nuclear radius.
    k : {1, 2}
        1 for allowed decay; 2 for the second partial wave of unique first-forbidden decay.

    Returns
    -------
    ndarray, same shape

    Examples
    --------
    Without charge there is no Coulomb factor:

    >>> float(fermi_function(1.0, 0, 131))
    1.0
    """
    return np.exp(_log_fermi_function(np.asarray(p, dtype=np.float64), z, a, k))


def _log_fermi_function(p: NDArray[np.float64], z: int, a: int, k: int) -> NDArray[np.float64]:
    """Logarithm, since a slow positron's factor underflows where the ratio of two does not."""
    gamma = np.sqrt(k * k - (FINE_STRUCTURE * z) ** 2)
    eta = FINE_STRUCTURE * z * np.sqrt(1.0 + p * p) / p
    front = 2.0 * np.log(k * (1.0 if k == 1 else 3.0)) + k * np.log(4.0)  # (k (2k-1)!!)² 4^k
    size = 2.0 * (gamma - k) * np.log(2.0 * p * nuclear_radius(a))
    coulomb = np.pi * eta + 2.0 * np.real(special.loggamma(gamma + 1j * eta))
    return front + size + coulomb - 2.0 * special.gammaln(1.0 + 2.0 * gamma)


def spectrum_per_keV(
    energy_keV: ArrayLike,
    end_point_keV: float,
    daughter_z: int,
    a: int,
    charge: Charge = "minus",
    shape: Shape = "allowed",
) -> NDArray[np.float64]:
    r"""Beta spectrum of one branch, not normalized: zero outside 0 to the end point.

    .. math:: S(W) = p W (W_0 - W)^2 F_0(Z, W)\, C(W)

    with C = 1 (allowed) or :math:`q^2 + \lambda_2 p^2` (unique first forbidden), :math:`\lambda_2 =
    \frac{F_1}{F_0}\frac{2 + \gamma_2}{2(1 + \gamma_1)}` [BB82]_. Positrons are screened by shifting
    W up by V0 in p W F0 [Rose36]_; for electrons that correction makes the means worse, so there is
    none.

    Parameters
    ----------
    energy_keV : array_like, any shape
        Kinetic energy.
    end_point_keV : float
        Greatest kinetic energy of the branch, above 0 and at most 10 MeV.
    daughter_z, a : int
        Charge and mass number of the daughter.
    charge : {"minus", "plus"}
    shape : {"allowed", "unique1"}

    Returns
    -------
    ndarray, same shape
        Relative density per keV.

    Raises
    ------
    PhysicsRangeError
        If the end point is not within 0 and 10 MeV.
    """
    if not 0.0 < end_point_keV <= 1e4:
        raise PhysicsRangeError(
            f"a beta spectrum needs an end point above 0 and up to 10000 keV, got {end_point_keV:g}"
            " keV; give the greatest kinetic energy in keV"
        )
    kinetic = np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    top = end_point_keV / ELECTRON_REST_keV
    inside = (kinetic > 0.0) & (kinetic < top)
    t = np.where(inside, kinetic, 0.5 * top)
    w = 1.0 + t
    z = daughter_z
    if charge == "plus":
        z = -daughter_z
        w = w + SCREENING * FINE_STRUCTURE**2 * daughter_z ** (4 / 3)
    p_seen = np.sqrt(w * w - 1.0)  # momentum at the nucleus, inside the atomic cloud
    density = p_seen * w * (top - t) ** 2 * fermi_function(p_seen, z, a)
    if shape == "unique1":
        p = np.sqrt((1.0 + t) ** 2 - 1.0)
        density = density * ((top - t) ** 2 + _lambda_2(p, z, a) * p * p)
    return np.where(inside, density, 0.0)


def _lambda_2(p: NDArray[np.float64], z: int, a: int) -> NDArray[np.float64]:
    """Coulomb amplitude of the second partial wave over that of the first [BB82]_."""
    alpha_z2 = (FINE_STRUCTURE * z) ** 2
    gamma_1, gamma_2 = np.sqrt(1.0 - alpha_z2), np.sqrt(4.0 - alpha_z2)
    ratio = np.exp(_log_fermi_function(p, z, a, 2) - _log_fermi_function(p, z, a, 1))
    return ratio * (2.0 + gamma_2) / (2.0 * (1.0 + gamma_1))


def mean_energy_keV(
    end_point_keV: float,
    daughter_z: int,
    a: int,
    charge: Charge = "minus",
    shape: Shape = "allowed",
) -> float:
    """Mean kinetic energy of one branch, in keV; arguments as in `spectrum_per_keV`.

    Gauss-Legendre quadrature in t = E0 sin²(u), which is smooth at both ends; 1e-9 of the value.

    Examples
    --------
    The main branch of iodine-131 (end point 606.3 keV):

    >>> round(mean_energy_keV(606.3, 54, 131), 1)
    191.5
    """
    energy, weight = spectrum_nodes(end_point_keV, daughter_z, a, charge, shape)
    return float(np.sum(energy * weight))


def spectrum_nodes(
    end_point_keV: float,
    daughter_z: int,
    a: int,
    charge: Charge = "minus",
    shape: Shape = "allowed",
    n: int = 64,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energies (keV) and weights (sum 1) that integrate any smooth function over a spectrum."""
    x, gauss = gauss_legendre(n)
    u = 0.25 * np.pi * (x + 1.0)
    energy = end_point_keV * np.sin(u) ** 2
    weight = gauss * np.sin(2.0 * u)
    weight = weight * spectrum_per_keV(energy, end_point_keV, daughter_z, a, charge, shape)
    return energy, weight / weight.sum()
