r"""Radioactive decay: the decay law, chains of nuclides, and amounts of a pure compound.

Half-lives in hours, activities in MBq, amounts in nmol. 'Carrier-free' means that every molecule
holds one radioactive atom; a real preparation holds more molecules per MBq, never fewer.

References
----------
.. [SI19] The International System of Units, 9th edition (BIPM 2019): the Avogadro constant is
   exactly 6.02214076e23 /mol (as in CODATA 2018 and 2022).
.. [MIRD21] W.E. Bolch et al., MIRD Pamphlet No. 21, J. Nucl. Med. 50, 477 (2009),
   doi:10.2967/jnumed.108.056036
.. [Bateman10] H. Bateman, Proc. Cambridge Phil. Soc. 15, 423 (1910): chains of decays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = [
    "AVOGADRO_per_nmol",
    "atoms_per_MBq",
    "carrier_free_ng_per_MBq",
    "carrier_free_pmol_per_MBq",
    "chain_decays",
    "decay_constant_per_h",
    "decay_factor",
    "effective_half_life_h",
    "molar_activity_MBq_per_nmol",
    "specific_activity_MBq_per_ng",
]

AVOGADRO_per_nmol = 6.02214076e14  # exact [SI19]
SECONDS_per_h = 3600.0


def decay_constant_per_h(half_life_h: ArrayLike) -> NDArray[np.float64]:
    r"""Decay constant :math:`\lambda = \ln 2 / T_{1/2}`, in 1/h.

    Parameters
    ----------
    half_life_h : array_like, any shape
        Physical half-life, above zero and finite.

    Raises
    ------
    PhysicsRangeError
        If a half-life is zero, negative or not finite.

    Examples
    --------
    >>> round(float(decay_constant_per_h(192.56)), 7)
    0.0035996
    """
    half_life = np.asarray(half_life_h, dtype=np.float64)
    bad = ~(np.isfinite(half_life) & (half_life > 0.0))
    if np.any(bad):
        raise PhysicsRangeError(
            f"a half-life must be above 0 h and finite, got {half_life[bad].ravel()[0]:g} h; "
            "a stable nuclide has no activity: give amounts in nmol instead"
        )
    return np.log(2.0) / half_life


def decay_factor(time_h: ArrayLike, half_life_h: ArrayLike) -> NDArray[np.float64]:
    r"""Fraction :math:`2^{-t/T_{1/2}}` left after ``time_h`` (above 1 for times before zero).

    Both arguments broadcast; hours.

    Examples
    --------
    >>> float(decay_factor(16.0, 8.0))
    0.25
    """
    return np.exp(-decay_constant_per_h(half_life_h) * np.asarray(time_h, dtype=np.float64))


def chain_decays(half_life_h: ArrayLike, time_h: ArrayLike) -> NDArray[np.float64]:
    r"""Decays of the last nuclide of a chain until a time, per atom of the first at time zero.

    .. math:: D_n(t) = \sum_i \left(1 - e^{-\lambda_i t}\right)
        \prod_{j \ne i} \frac{\lambda_j}{\lambda_j - \lambda_i}

    (the time integral of the activity of [Bateman10]_, every decay leading to the next nuclide;
    for a branch multiply by the branching).

    Parameters
    ----------
    half_life_h : array_like, shape (chain,)
        From the first nuclide to the last; no two within 1e-6 of each other, where the formula
        cancels.
    time_h : array_like, any shape
        From zero on; infinity counts all decays.

    Returns
    -------
    ndarray, shape of ``time_h``

    Raises
    ------
    PhysicsRangeError
        For times below zero, half-lives that are not above zero, or two that are equal.

    Examples
    --------
    >>> round(float(chain_decays([8.0, 2.0], 8.0)), 4)
    0.3542
    """
    rate = np.atleast_1d(decay_constant_per_h(half_life_h))
    time = np.asarray(time_h, dtype=np.float64)
    if not np.all(time >= 0.0):
        raise PhysicsRangeError(f"a time must be 0 h or later, got {np.min(time):g} h")
    ordered = np.sort(rate)
    if np.any(np.diff(ordered) < 1e-6 * ordered[1:]):
        raise PhysicsRangeError(
            "two nuclides of a chain have the same half-life, where Bateman's formula divides by "
            "zero; change one by 1e-5 of it"
        )
    out = np.zeros(time.shape)
    for i, own in enumerate(rate):
        others = np.delete(rate, i)
        out -= np.prod(others / (others - own)) * np.expm1(-own * time)
    return out


def effective_half_life_h(
    physical_half_life_h: ArrayLike, biological_half_life_h: ArrayLike
) -> NDArray[np.float64]:
    """Half-life of an amount that decays and is eliminated at once: the rates add [MIRD21]_.

    Examples
    --------
    >>> round(float(effective_half_life_h(192.56, 822.0)), 1)
    156.0
    """
    rate = decay_constant_per_h(physical_half_life_h) + decay_constant_per_h(biological_half_life_h)
    return np.log(2.0) / rate


def atoms_per_MBq(half_life_h: ArrayLike) -> NDArray[np.float64]:
    r"""Radioactive atoms in 1 MBq, :math:`N = 10^6\,\mathrm{s^{-1}} / \lambda`."""
    return 1e6 * SECONDS_per_h / decay_constant_per_h(half_life_h)


def molar_activity_MBq_per_nmol(half_life_h: ArrayLike) -> NDArray[np.float64]:
    """Carrier-free molar activity, the highest possible, in MBq/nmol (the same number in GBq/µmol).

    Parameters
    ----------
    half_life_h : array_like, any shape

    Returns
    -------
    ndarray, same shape

    Examples
    --------
    >>> round(float(molar_activity_MBq_per_nmol(192.56)), 1)
    602.2
    """
    return AVOGADRO_per_nmol / atoms_per_MBq(half_life_h)


def carrier_free_pmol_per_MBq(half_life_h: ArrayLike) -> NDArray[np.float64]:
    """Least amount of compound that can hold 1 MBq, in pmol."""
    return 1e3 / molar_activity_MBq_per_nmol(half_life_h)


def specific_activity_MBq_per_ng(
    half_life_h: ArrayLike, molar_mass_g_per_mol: ArrayLike
) -> NDArray[np.float64]:
    """Carrier-free activity per mass of the whole labeled molecule, in MBq/ng.

    Parameters
    ----------
    half_life_h : array_like, any shape
    molar_mass_g_per_mol : array_like, broadcasts with ``half_life_h``
        Of the labeled molecule, with the nuclide's own mass; 1 g/mol is 1 ng/nmol.

    Raises
    ------
    PhysicsRangeError
        If a molar mass is not above zero.
    """
    molar_mass = np.asarray(molar_mass_g_per_mol, dtype=np.float64)
    if not np.all(molar_mass > 0.0):
        raise PhysicsRangeError(
            f"a molar mass must be above 0 g/mol, got {np.min(molar_mass):g} g/mol; "
            "give the mass of the labeled molecule"
        )
    return molar_activity_MBq_per_nmol(half_life_h) / molar_mass


def carrier_free_ng_per_MBq(
    half_life_h: ArrayLike, molar_mass_g_per_mol: ArrayLike
) -> NDArray[np.float64]:
    """Least mass of labeled compound that can hold 1 MBq, in ng.

    Examples
    --------
    >>> round(float(carrier_free_ng_per_MBq(192.56, 641.63)), 2)
    1.07
    """
    return 1.0 / specific_activity_MBq_per_ng(half_life_h, molar_mass_g_per_mol)
