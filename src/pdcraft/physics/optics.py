r"""Light in turbid media and dyes: the closed formulas, one function each.

Lengths in mm, wavelengths in nm (in vacuum), absorption and scattering coefficients per mm
(natural), molar extinction coefficients decadic in L/(mol cm), as chemists print them.

References
----------
.. [Jacques13] S.L. Jacques, Phys. Med. Biol. 58, R37 (2013), doi:10.1088/0031-9155/58/11/R37
.. [Jacques98] S.L. Jacques, Skin optics summary (1998), omlc.org/news/jan98/skinoptics.html
.. [BornWolf] M. Born, E. Wolf, Principles of Optics, 7th ed., section 1.5.2
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = [
    "MELANOSOME_RANGE_nm",
    "dye_absorption_per_mm",
    "effective_attenuation_per_mm",
    "fluence_decay",
    "fresnel_reflectance",
    "inner_filter_factor",
    "melanosome_absorption_per_mm",
    "power_law_scattering_per_mm",
    "quenched_yield",
    "specular_reflectance",
]

T = TypeVar("T", float, NDArray[np.float64])

REFERENCE_nm = 500.0  # of the scattering laws of [Jacques13]_
MELANOSOME_RANGE_nm = (380.0, 1000.0)
PER_CM_NM = 1e-9 * 0.1  # a decadic L/(mol cm) times nM, in 1/mm


def dye_absorption_per_mm(epsilon_per_M_cm: T, conc_nM: float) -> T:
    r"""Absorption coefficient of a dissolved dye, :math:`\ln(10)\,\epsilon\,C`, per mm.

    Parameters
    ----------
    epsilon_per_M_cm : float or array
        Decadic molar extinction coefficient, L/(mol cm).
    conc_nM : float
        Concentration in nmol per liter of tissue.

    Examples
    --------
    >>> round(dye_absorption_per_mm(200_000.0, 1000.0), 5)
    0.04605
    """
    return math.log(10.0) * PER_CM_NM * epsilon_per_M_cm * conc_nM


def melanosome_absorption_per_mm(wavelength_nm: T) -> T:
    r"""Absorption inside a melanosome, :math:`6.6\times10^{11}\,\lambda^{-3.33}` per cm.

    The fit of [Jacques98]_ carries factors of two between persons and methods; 380 to 1000 nm.

    Raises
    ------
    PhysicsRangeError
        Outside that range.
    """
    low, high = MELANOSOME_RANGE_nm
    if np.any(np.asarray(wavelength_nm) < low) or np.any(np.asarray(wavelength_nm) > high):
        raise PhysicsRangeError(
            f"melanosome absorption at {wavelength_nm} nm: the fit holds {low:g} to {high:g} nm"
        )
    per_mm = 6.6e10 * wavelength_nm**-3.33  # 6.6e11 per cm
    return per_mm  # pyright: ignore[reportReturnType]


def power_law_scattering_per_mm(wavelength_nm: T, at_500_nm_per_mm: float, power: float) -> T:
    r"""Reduced scattering :math:`a\,(\lambda/500\,\mathrm{nm})^{-b}` per mm [Jacques13]_."""
    musp = at_500_nm_per_mm * (wavelength_nm / REFERENCE_nm) ** -power
    return musp  # pyright: ignore[reportReturnType]


def effective_attenuation_per_mm(mua_per_mm: T, musp_per_mm: T) -> T:
    r"""Attenuation deep in a medium by diffusion, :math:`\sqrt{3\mu_a(\mu_a+\mu_s')}`, per mm."""
    rate = (3.0 * mua_per_mm * (mua_per_mm + musp_per_mm)) ** 0.5
    return rate  # pyright: ignore[reportReturnType]


def specular_reflectance(n_outside: float, n_inside: float) -> float:
    """Share of light reflected at normal incidence between two indices."""
    return ((n_outside - n_inside) / (n_outside + n_inside)) ** 2


def fresnel_reflectance(cosine: float, n_from: float, n_to: float) -> float:
    """Share of unpolarized light reflected at a smooth surface [BornWolf]_.

    Parameters
    ----------
    cosine : float
        Of the angle of incidence to the normal, 0 to 1.
    n_from, n_to : float
        Refractive indices before and behind the surface, at least 1.

    Returns
    -------
    float
        1 beyond the critical angle.

    Raises
    ------
    PhysicsRangeError
        For a cosine or an index that cannot be.
    """
    if not 0.0 <= cosine <= 1.0 or n_from < 1.0 or n_to < 1.0:
        raise PhysicsRangeError(
            f"Fresnel's formulas need a cosine of 0 to 1 and indices of 1 or more; "
            f"here {cosine:g}, {n_from:g} and {n_to:g}"
        )
    sine = n_from / n_to * math.sqrt(1.0 - cosine * cosine)
    if sine >= 1.0:
        return 1.0
    behind = math.sqrt(1.0 - sine * sine)
    across = (n_from * cosine - n_to * behind) / (n_from * cosine + n_to * behind)
    along = (n_from * behind - n_to * cosine) / (n_from * behind + n_to * cosine)
    return 0.5 * (across * across + along * along)


def inner_filter_factor(absorbance: T) -> T:
    r"""Mean share of the entering light over a path, :math:`(1-10^{-A})/(A\ln 10)`.

    Parameters
    ----------
    absorbance : float or array
        Decadic, over the whole path; at least 0.

    Examples
    --------
    >>> inner_filter_factor(0.0)
    1.0
    >>> round(inner_filter_factor(1.0), 4)
    0.3909
    """
    natural = np.asarray(absorbance, dtype=np.float64) * math.log(10.0)
    if np.any(natural < 0.0):
        raise PhysicsRangeError(f"an absorbance is at least 0; here {absorbance}")
    safe = np.where(natural > 0.0, natural, 1.0)
    factor = np.where(natural > 0.0, -np.expm1(-safe) / safe, 1.0)
    return factor if isinstance(absorbance, np.ndarray) else float(factor)  # pyright: ignore[reportReturnType]


def quenched_yield(quantum_yield: float, conc_nM: T, quenching_per_uM: float) -> T:
    """Quantum yield at a concentration, of a dye that quenches itself (Stern and Volmer's form).

    Parameters
    ----------
    quenching_per_uM : float
        Yield falls as 1/(1 + K C); 0 for a dye that does not quench.
    """
    return quantum_yield / (1.0 + 1e-3 * quenching_per_uM * conc_nM)


def fluence_decay(fluence_J_per_cm2: T, e_fold_J_per_cm2: float) -> T:
    """Share of dye left after bleaching of first order in the local fluence (rate times time)."""
    return np.exp(-fluence_J_per_cm2 / e_fold_J_per_cm2)  # pyright: ignore[reportReturnType]
