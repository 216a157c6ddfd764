"""Body surface and lean body mass of a person.

The constants of Du Bois, Haycock, Gehan and Janmahasatian are second hand: as several public
programs agree on them, not read in the papers.

References
----------
.. [Mosteller87] R. D. Mosteller, N Engl J Med 317, 1098 (1987), doi:10.1056/NEJM198710223171717
.. [DuBois16] D. Du Bois, E. F. Du Bois, Arch Intern Med 17, 863 (1916)
.. [Haycock78] G. B. Haycock, G. J. Schwartz, D. H. Wisotsky, J Pediatr 93, 62 (1978)
.. [Gehan70] E. A. Gehan, S. L. George, Cancer Chemother Rep 54, 225 (1970)
.. [J05] S. Janmahasatian et al., Clin Pharmacokinet 44, 1051 (2005)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import DataError, PhysicsRangeError

__all__ = [
    "BODY_SURFACES",
    "body_surface_m2",
    "lean_body_mass_kg",
    "mosteller_body_surface_m2",
]

#: Formulas of body surface by name: factor, power of height in cm, power of mass in kg.
BODY_SURFACES: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "Mosteller": (1.0 / 60.0, 0.5, 0.5),  # [Mosteller87]_
        "Du Bois": (0.007184, 0.725, 0.425),  # [DuBois16]_
        "Haycock": (0.024265, 0.3964, 0.5378),  # [Haycock78]_
        "Gehan-George": (0.0235, 0.42246, 0.51456),  # [Gehan70]_
    }
)


def mosteller_body_surface_m2(height_cm: ArrayLike, mass_kg: ArrayLike) -> NDArray[np.float64]:
    r"""Body surface of a person, :math:`\sqrt{h\,m/3600}` [Mosteller87]_.

    Parameters
    ----------
    height_cm, mass_kg : array_like, any shape that broadcasts
        A person's height, 30 to 250 cm, and mass, 1 to 400 kg. Not for animals.

    Returns
    -------
    ndarray
        m².

    Raises
    ------
    PhysicsRangeError
        Outside these limits.

    Examples
    --------
    >>> round(float(mosteller_body_surface_m2(180.0, 80.0)), 6)
    2.0
    """
    height, mass = _of_a_person(height_cm, mass_kg, "Mosteller's body surface")
    return np.sqrt(height * mass / 3600.0)


def body_surface_m2(
    height_cm: ArrayLike, mass_kg: ArrayLike, formula: str = "Mosteller"
) -> NDArray[np.float64]:
    """Body surface of a person after a formula of `BODY_SURFACES`, in m².

    Parameters
    ----------
    height_cm, mass_kg : array_like, any shape that broadcasts
        As of `mosteller_body_surface_m2`.
    formula : str
        Name in `BODY_SURFACES`.

    Raises
    ------
    DataError
        For an unknown formula.
    PhysicsRangeError
        For a height or mass that is no person's.

    Examples
    --------
    >>> body_surface_m2(170.0, 70.0, "Du Bois").round(3).item()
    1.81
    """
    if formula not in BODY_SURFACES:
        raise DataError(
            f"no body surface after '{formula}'; formulas are {', '.join(BODY_SURFACES)}"
        )
    if formula == "Mosteller":
        return mosteller_body_surface_m2(height_cm, mass_kg)
    height, mass = _of_a_person(height_cm, mass_kg, f"{formula}'s body surface")
    factor, of_height, of_mass = BODY_SURFACES[formula]
    return factor * height**of_height * mass**of_mass


def lean_body_mass_kg(
    female: ArrayLike, height_cm: ArrayLike, mass_kg: ArrayLike
) -> NDArray[np.float64]:
    r"""Lean body mass of an adult, kg [J05]_.

    :math:`9270\,m/(6680 + 216\,B)` for men and :math:`9270\,m/(8780 + 244\,B)` for women, with the
    body mass index B.

    Parameters
    ----------
    female : array_like of bool
    height_cm, mass_kg : array_like
        As of `mosteller_body_surface_m2`.

    Raises
    ------
    PhysicsRangeError
        For a height or mass that is no person's.

    Examples
    --------
    >>> lean_body_mass_kg([False, True], 170.0, 70.0).round(1).tolist()
    [54.5, 44.2]
    """
    height, mass = _of_a_person(height_cm, mass_kg, "lean body mass", "check the units")
    index = mass / (height / 100.0) ** 2
    woman = np.asarray(female, dtype=bool)
    return 9270.0 * mass / np.where(woman, 8780.0 + 244.0 * index, 6680.0 + 216.0 * index)


def _of_a_person(
    height_cm: ArrayLike, mass_kg: ArrayLike, what: str, instead: str = "give body_surface itself"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    height, mass = np.asarray(height_cm, dtype=float), np.asarray(mass_kg, dtype=float)
    if not (np.all((height >= 30) & (height <= 250)) and np.all((mass >= 1) & (mass <= 400))):
        raise PhysicsRangeError(
            f"{what} holds from 30 to 250 cm and 1 to 400 kg, got {height} cm, {mass} kg; {instead}"
        )
    return height, mass
