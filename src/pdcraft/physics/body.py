"""Body surface.

References
----------
.. [Mosteller87] R. D. Mosteller, N Engl J Med 317, 1098 (1987), doi:10.1056/NEJM198710223171717
.. [DuBois16] D. Du Bois, E. F. Du Bois, Arch Intern Med 17, 863 (1916)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = ["mosteller_body_surface_m2"]


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
    height, mass = np.asarray(height_cm, dtype=float), np.asarray(mass_kg, dtype=float)
    if not (np.all((height >= 30) & (height <= 250)) and np.all((mass >= 1) & (mass <= 400))):
        raise PhysicsRangeError(
            f"Mosteller's body surface holds from 30 to 250 cm and 1 to 400 kg, got {height} cm, "
            f"{mass} kg; give body_surface itself"
        )
    return np.sqrt(height * mass / 3600.0)
