r"""Dose distributions in one number: equivalent uniform dose, control and complication.

A differential dose-volume histogram is doses :math:`D_i` with the volume fractions :math:`v_i` that
receive them.

References
----------
.. [Niemierko99] A. Niemierko, Med Phys 26, 1100 (1999) (abstract): generalized EUD
.. [Lyman85] J. T. Lyman, Radiat Res 104, S13 (1985), doi:10.2307/3576626
.. [Kutcher89] G. J. Kutcher, C. Burman, Int J Radiat Oncol Biol Phys 16, 1623 (1989),
   doi:10.1016/0360-3016(89)90972-3
.. [Webb93] S. Webb, A. E. Nahum, Phys Med Biol 38, 653 (1993), doi:10.1088/0031-9155/38/6/001
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.linear_quadratic import check_dose

__all__ = ["check_volumes", "generalized_eud_Gy", "lkb_ntcp", "log_tcp", "probit"]

Floats = NDArray[np.float64]
SUM_WITHIN = 1e-6


def check_volumes(volume_fraction: ArrayLike) -> Floats:
    """Volume fractions of a differential histogram as an array: none negative, of sum 1."""
    volume = np.asarray(volume_fraction, dtype=float)
    if not np.all(np.isfinite(volume)) or np.any(volume < 0):
        raise PhysicsRangeError("dose-volume histogram: a volume fraction is not negative")
    total = np.atleast_1d(volume.sum(axis=-1))
    if np.any(np.abs(total - 1.0) > SUM_WITHIN):
        raise PhysicsRangeError(
            f"dose-volume histogram: volume fractions sum to {total.flat[0]:.6g}, not 1; give the "
            "differential histogram (the volume in each bin), not the cumulative one"
        )
    return volume


def generalized_eud_Gy(dose_Gy: ArrayLike, volume_fraction: ArrayLike, a: float) -> Floats:
    r"""Generalized equivalent uniform dose :math:`(\sum v_i D_i^a)^{1/a}` [Niemierko99]_.

    Parameters
    ----------
    dose_Gy, volume_fraction : array_like, shape (..., bins)
    a : float
        Not 0: 1 gives the mean, large values the maximum (organs at risk), negative values lean to
        the minimum (tumors; a bin without dose then makes it 0 Gy).

    Returns
    -------
    ndarray, shape (...)
        Gy.

    Raises
    ------
    PhysicsRangeError
        For negative doses, volumes that do not sum to 1, or a = 0.

    Examples
    --------
    >>> float(generalized_eud_Gy([10.0, 30.0], [0.5, 0.5], 1.0))
    20.0
    """
    if not np.isfinite(a) or a == 0:
        raise PhysicsRangeError(f"generalized EUD: a = {a:g}; it is finite and not 0 (1: the mean)")
    dose, volume = check_dose(dose_Gy), check_volumes(volume_fraction)
    highest = np.max(np.where(volume > 0, dose, 0.0), axis=-1, keepdims=True)
    safe = np.where(highest > 0, highest, 1.0)
    present = volume > 0
    with np.errstate(divide="ignore"):
        power = np.where(present, (np.where(present, dose, 1.0) / safe) ** a, 0.0)
        mean = (volume * power).sum(axis=-1) ** (1.0 / a)
    return np.where(highest[..., 0] > 0, highest[..., 0] * mean, 0.0)


def probit(t: ArrayLike) -> Floats:
    """Integral of the standard normal density up to t."""
    from scipy.special import ndtr

    return ndtr(np.asarray(t, dtype=float))


def lkb_ntcp(
    dose_Gy: ArrayLike, volume_fraction: ArrayLike, n: float, m: float, td50_Gy: float
) -> Floats:
    r"""Complication probability of Lyman, Kutcher and Burman: probit of a generalized EUD.

    :math:`\Phi((\mathrm{EUD} - TD_{50})/(m\,TD_{50}))` with :math:`a = 1/n` [Lyman85]_
    [Kutcher89]_. Doses of radionuclides enter as EQD2 of the organ's own α/β.

    Parameters
    ----------
    dose_Gy, volume_fraction : array_like, shape (..., bins)
    n : float
        Volume parameter, above 0: 1 for the mean dose.
    m : float
        Slope, above 0.
    td50_Gy : float
        Uniform dose that half of the patients do not tolerate, above 0 Gy.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> float(lkb_ntcp([30.0], [1.0], n=1.0, m=0.2, td50_Gy=30.0))
    0.5
    """
    for name, value in (("n", n), ("m", m), ("TD50", td50_Gy)):
        if not np.isfinite(value) or value <= 0:
            raise PhysicsRangeError(f"NTCP: {name} = {value:g}; it is above 0")
    eud = generalized_eud_Gy(dose_Gy, volume_fraction, 1.0 / n)
    return probit((eud - td50_Gy) / (m * td50_Gy))


def log_tcp(
    clonogens: ArrayLike, surviving_fraction: ArrayLike, volume_fraction: ArrayLike
) -> Floats:
    r"""Return ln of the Poisson chance of no surviving clonogen, :math:`-N\sum v_i S_i` [Webb93]_.

    Parameters
    ----------
    clonogens : array_like, shape (...)
        Number before treatment, zero or more.
    surviving_fraction, volume_fraction : array_like, shape (..., bins)
        Survivors may exceed 1 where clonogens grow.

    Examples
    --------
    >>> round(float(log_tcp(1e9, [1e-9], [1.0])), 12)
    -1.0
    """
    number, survival = np.asarray(clonogens, float), np.asarray(surviving_fraction, float)
    if not np.all(np.isfinite(number)) or np.any(number < 0):
        raise PhysicsRangeError(f"{number.min():g} clonogens: their number is zero or more")
    return -number * (check_volumes(volume_fraction) * survival).sum(axis=-1)
