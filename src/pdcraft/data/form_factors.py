"""Atomic form factors (Hubbell et al. 1975), from xraylib."""

from __future__ import annotations

from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats, frozen

__all__ = ["X_NODES_per_angstrom", "screened_charge_over_x2"]

X_NODES_per_angstrom = frozen(np.geomspace(1e-3, 1e6, 451), "x")
LEAST_X = 0.05  # below, Z - F is all rounding and is taken as its first term, in x²


@cache
def screened_charge_over_x2(z: int) -> Floats:
    r"""Give :math:`(Z - F(x))/x^2` in square angstroms on `X_NODES_per_angstrom`.

    x is sin(theta/2) over the wavelength. The limit at x = 0 is :math:`(8\pi^2/3) Z <r^2>`.
    """
    import xraylib

    x = X_NODES_per_angstrom
    missing = np.array([z - xraylib.FF_Rayl(z, float(v)) for v in x])
    out = missing / x**2
    first = int(np.searchsorted(x, LEAST_X))
    out[:first] = out[first]
    return frozen(out, f"form factor of Z = {z}")
