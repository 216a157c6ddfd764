r"""The linear-quadratic model: effect, biologically effective dose, dose in 2-Gy fractions.

.. math:: E = \alpha D + \beta G D^2, \quad
          \mathrm{BED} = E/\alpha = D\,(1 + G D/(\alpha/\beta)), \quad
          \mathrm{EQD2} = \mathrm{BED}/(1 + 2\,\mathrm{Gy}/(\alpha/\beta))

Doses in Gy. The quadratic term is an approximation above some 10 Gy at once; radionuclides give
their doses slowly and keep G small.

References
----------
.. [Dale85] R. G. Dale, Br J Radiol 58, 515 (1985), doi:10.1259/0007-1285-58-690-515
.. [Dale89] R. G. Dale, Radiother Oncol 15, 371 (1989), doi:10.1016/0167-8140(89)90084-4
.. [Bentzen12] S. M. Bentzen et al., Radiother Oncol 105, 266 (2012) (terms: BED, EQD2),
   doi:10.1016/j.radonc.2012.10.006
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = [
    "bed_Gy",
    "check_alpha",
    "check_alpha_beta",
    "check_dose",
    "eqd2_Gy",
    "fraction_bed_Gy",
    "monoexponential_G",
    "repopulation_bed_Gy",
    "surviving_fraction",
]

Floats = NDArray[np.float64]
FRACTION_Gy = 2.0


def check_dose(dose_Gy: ArrayLike, what: str = "dose") -> Floats:
    """Doses as an array; refused if negative or not finite."""
    dose = np.asarray(dose_Gy, dtype=float)
    if not np.all(np.isfinite(dose)) or np.any(dose < 0):
        raise PhysicsRangeError(f"{what} {_worst(dose):g} Gy: a dose is finite and not negative")
    return dose


def check_alpha_beta(alpha_beta_Gy: ArrayLike) -> Floats:
    """Ratios α/β as an array; refused if not above zero."""
    ratio = np.asarray(alpha_beta_Gy, dtype=float)
    if not np.all(np.isfinite(ratio)) or np.any(ratio <= 0):
        raise PhysicsRangeError(
            f"alpha/beta {_worst(ratio):g} Gy: the ratio is finite and above 0 Gy; a tissue "
            "without a quadratic term has a large one, such as 1e9 Gy"
        )
    return ratio


def check_alpha(alpha_per_Gy: ArrayLike) -> Floats:
    """Radiosensitivities α as an array; refused if not above zero."""
    alpha = np.asarray(alpha_per_Gy, dtype=float)
    if not np.all(np.isfinite(alpha)) or np.any(alpha <= 0):
        raise PhysicsRangeError(f"alpha {_worst(alpha):g} per Gy: it is finite and above 0 per Gy")
    return alpha


def _worst(values: Floats) -> float:
    """Pick the value to name in a message: the first that is not finite, else the lowest."""
    odd = values[~np.isfinite(values)]
    return float(odd[0] if odd.size else values.min())


def monoexponential_G(effective_half_life_h: ArrayLike, repair_half_life_h: ArrayLike) -> Floats:
    r"""Factor G of a dose rate that falls exponentially to zero, :math:`T_r/(T_r+T_e)` [Dale85]_.

    Examples
    --------
    >>> float(monoexponential_G(12.0, 0.5))
    0.04
    """
    effective = np.asarray(effective_half_life_h, dtype=float)
    repair = np.asarray(repair_half_life_h, dtype=float)
    for name, value in (("effective", effective), ("repair", repair)):
        if not np.all(np.isfinite(value)) or np.any(value <= 0):
            raise PhysicsRangeError(f"{name} half-life {_worst(value):g} h: it is above 0 h")
    return repair / (repair + effective)


def bed_Gy(dose_Gy: ArrayLike, G: ArrayLike, alpha_beta_Gy: ArrayLike) -> Floats:
    r"""Biologically effective dose, :math:`D (1 + G D/(\alpha/\beta))` [Dale85]_.

    Parameters
    ----------
    dose_Gy : array_like
        Absorbed dose, zero or more.
    G : array_like
        Lea-Catcheside factor, 0 to 1.
    alpha_beta_Gy : array_like
        Above zero. All of shapes that broadcast.

    Returns
    -------
    ndarray
        Gy, for that α/β only.

    Raises
    ------
    PhysicsRangeError
        Outside these ranges.

    Examples
    --------
    >>> float(bed_Gy(10.0, 0.04, 2.5))
    11.6
    """
    dose, ratio, g = check_dose(dose_Gy), check_alpha_beta(alpha_beta_Gy), np.asarray(G, float)
    if not np.all((g >= 0) & (g <= 1 + 1e-12)):
        raise PhysicsRangeError(f"Lea-Catcheside factor {_worst(g):g}: G lies between 0 and 1")
    return dose * (1.0 + g * dose / ratio)


def fraction_bed_Gy(fractions: ArrayLike, dose_Gy: ArrayLike, alpha_beta_Gy: ArrayLike) -> Floats:
    r"""Return the BED of equal fractions with full repair between them, :math:`n d (1 + d/(α/β))`.

    Examples
    --------
    >>> float(fraction_bed_Gy(30, 2.0, 10.0))
    72.0
    """
    number = np.asarray(fractions, dtype=float)
    if np.any(number < 0):
        raise PhysicsRangeError(f"{_worst(number):g} fractions: their number is zero or more")
    dose = check_dose(dose_Gy, "dose per fraction")
    return number * dose * (1.0 + dose / check_alpha_beta(alpha_beta_Gy))


def eqd2_Gy(bed_Gy: ArrayLike, alpha_beta_Gy: ArrayLike) -> Floats:
    """Dose in fractions of 2 Gy with the same effect as a BED of the same α/β [Bentzen12]_.

    Negative where repopulation outweighs the dose.
    """
    return np.asarray(bed_Gy, dtype=float) / (1.0 + FRACTION_Gy / check_alpha_beta(alpha_beta_Gy))


def repopulation_bed_Gy(
    time_d: ArrayLike, kick_off_d: ArrayLike, doubling_time_d: ArrayLike, alpha_per_Gy: ArrayLike
) -> Floats:
    r"""Return the BED that repopulation takes, :math:`\ln 2\,(t - T_k)_+/(\alpha T_d)` [Dale89]_.

    Parameters
    ----------
    time_d : array_like
        Since the first dose.
    kick_off_d : array_like
        Time of the first clonogen division that counts, zero or later.
    doubling_time_d : array_like
        Of clonogens; infinite for none.
    alpha_per_Gy : array_like

    Examples
    --------
    >>> round(float(repopulation_bed_Gy(38.0, 28.0, 3.0, 0.35)), 3)
    6.601
    """
    start, doubling = np.asarray(kick_off_d, float), np.asarray(doubling_time_d, float)
    if not np.all(start >= 0):
        raise PhysicsRangeError(f"kick-off time {_worst(start):g} d: zero or later")
    if not np.all(doubling > 0):
        raise PhysicsRangeError(
            f"doubling time {_worst(doubling):g} d: above 0 d, or infinite for no repopulation"
        )
    growing = np.maximum(np.asarray(time_d, float) - start, 0.0)
    return np.log(2.0) * growing / (check_alpha(alpha_per_Gy) * doubling)


def surviving_fraction(bed_Gy: ArrayLike, alpha_per_Gy: ArrayLike) -> Floats:
    r"""Clonogens that survive, :math:`e^{-\alpha\,\mathrm{BED}}`; above 1 where they outgrow it."""
    return np.exp(-check_alpha(alpha_per_Gy) * np.asarray(bed_Gy, dtype=float))
