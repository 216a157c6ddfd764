"""Photon cross sections of the elements, from xraylib, 1 keV to 3 MeV.

xraylib's tables (XCOM's to 0.05%) end at 800 keV. Above, photoelectric absorption falls as that of
oxygen in XCOM (at 800 keV 8e-5 of attenuation in water, 10% in iodine); scattering is left to
integrals over xraylib's scattering functions and form factors, which reach further. Its
energy-absorption coefficient ``CS_Energy`` is wrong (-37% in water at 30 keV) and is not used.

Energies in keV, mass coefficients in cm²/g. xraylib is loaded on first use.

References
----------
.. [BSG04] A. Brunetti et al., Spectrochim. Acta B 59, 1725 (2004), doi:10.1016/j.sab.2004.03.014
.. [XCOM] M.J. Berger et al., XCOM: Photon Cross Sections Database, NIST (2010),
   doi:10.18434/T48G6X
.. [Hub75] J.H. Hubbell et al., J. Phys. Chem. Ref. Data 4, 471 (1975), doi:10.1063/1.555523
"""

from __future__ import annotations

from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats, frozen

__all__ = [
    "SQRT_X",
    "X2_NODES",
    "LOWEST_keV",
    "TABLE_TOP_keV",
    "atomic_weight",
    "coherent_cm2_per_g",
    "edges_keV",
    "form_factor_squared",
    "incoherent_cm2_per_g",
    "incoherent_electrons",
    "photo_cm2_per_g",
]

LOWEST_keV = 1.0
TABLE_TOP_keV = 800.0  # end of xraylib's tables for light elements
# oxygen's photoelectric cross section over that at 800 keV [XCOM]_: within 4% of C to Fe, 8% of I
ABOVE_TOP_keV = np.array([800.0, 1000.0, 1500.0, 2000.0, 3000.0])
ABOVE_TOP = np.array([1.0, 0.6216, 0.2853, 0.1795, 0.1003])
EDGE_SEARCH = 4e-3  # relative: xraylib's edges and those of its coefficients differ by 0.1%
LEAST_JUMP = 1.02
HYDROGEN_WEIGHT = 1.00794  # xraylib rounds it to 1.01
SHELLS = 20  # of xraylib: K to O5, enough for edges above 1 keV of every element
LEAST_X = 1e-3  # where xraylib's scattering functions begin; S falls with the square of x below
# x = sin(theta/2)/wavelength in 1/angstrom: incoherent scattering functions on a uniform grid of
# its root, coherent form factors on nodes of its square up to that of 3 MeV backwards
SQRT_X = frozen(np.linspace(0.0, 5.0, 2049), "roots of x")
X2_NODES = frozen(np.concatenate(([0.0], np.geomspace(1e-3, 250.0, 639) ** 2)), "x squared")


def atomic_weight(z: int) -> float:
    """Grams per mole."""
    import xraylib

    return HYDROGEN_WEIGHT if z == 1 else float(xraylib.AtomicWeight(z))


def _table(function: str, z: int, values: Floats) -> Floats:
    import xraylib

    call = getattr(xraylib, function)
    return np.array([call(z, float(v)) for v in values])


def photo_cm2_per_g(z: int, energy_keV: Floats) -> Floats:
    """Photoelectric coefficient of an element."""
    inside = _table("CS_Photo", z, np.minimum(energy_keV, TABLE_TOP_keV))
    falling = np.interp(np.log(energy_keV), np.log(ABOVE_TOP_keV), np.log(ABOVE_TOP))
    return inside * np.exp(falling)


def incoherent_cm2_per_g(z: int, energy_keV: Floats) -> Floats:
    """Compton coefficient of an element, with binding; constant above 800 keV."""
    return _table("CS_Compt", z, np.minimum(energy_keV, TABLE_TOP_keV))


def coherent_cm2_per_g(z: int, energy_keV: Floats) -> Floats:
    """Rayleigh coefficient of an element; constant above 800 keV."""
    return _table("CS_Rayl", z, np.minimum(energy_keV, TABLE_TOP_keV))


@cache
def incoherent_electrons(z: int) -> Floats:
    """Incoherent scattering function S(x), from 0 to Z, on the grid `SQRT_X` [Hub75]_."""
    x = np.asarray(SQRT_X) ** 2
    values = _table("SF_Compt", z, np.maximum(x, LEAST_X)) * np.minimum(x / LEAST_X, 1.0) ** 2
    rising = np.maximum.accumulate(np.clip(values, 0.0, z))  # splines ripple by 1e-6
    return frozen(rising, f"S(x) of Z = {z}")


@cache
def form_factor_squared(z: int) -> Floats:
    """Coherent form factor squared, on the nodes `X2_NODES` [Hub75]_."""
    values = _table("FF_Rayl", z, np.sqrt(np.asarray(X2_NODES)[1:]))
    return frozen(np.concatenate(([float(z) ** 2], values**2)), f"form factor of Z = {z}")


def _jump_keV(z: int, near_keV: float) -> float | None:
    """Energy at which an element's tabulated absorption jumps; None if it does not."""
    import xraylib

    low, high = near_keV * (1.0 - EDGE_SEARCH), near_keV * (1.0 + EDGE_SEARCH)
    below, above = xraylib.CS_Photo(z, low), xraylib.CS_Photo(z, high)
    if above < LEAST_JUMP * below:
        return None
    middle = 0.5 * (below + above)
    for _ in range(40):
        half = 0.5 * (low + high)
        if xraylib.CS_Photo(z, half) > middle:
            high = half
        else:
            low = half
    return float(high)


@cache
def edges_keV(z: int) -> dict[int, float]:
    """Absorption edges above 1 keV where the coefficients have them, by xraylib's shell number.

    Coefficients belong to the shell from the energy itself on.
    """
    import xraylib

    out: dict[int, float] = {}
    for shell in range(SHELLS):
        try:
            near = xraylib.EdgeEnergy(z, shell)
        except ValueError:  # not occupied
            continue
        if near <= LOWEST_keV * (1.0 + EDGE_SEARCH):
            continue
        jump = _jump_keV(z, near)
        if jump is not None:
            out[shell] = jump
    return out
