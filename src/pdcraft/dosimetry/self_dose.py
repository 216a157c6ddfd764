r"""Self-dose of an organ or lesion from its time-integrated activity coefficient.

.. math:: d = \tilde a \cdot S(m)

with the organ as a sphere of its mass (`pdcraft.dosimetry.spheres`). The dose that other regions
give it is not in this number: in man it is most of the photon dose of a small organ.

Units: TIAC in h, mass in g, coefficient in mGy/MBq.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.data.nuclides import Progeny, half_life_h
from pdcraft.dosimetry.spheres import ElectronMethod, sphere_S_draws
from pdcraft.errors import PhysicsRangeError

__all__ = ["SECONDS_PER_HOUR", "self_dose_mGy_per_MBq"]

SECONDS_PER_HOUR = 3600.0


def self_dose_mGy_per_MBq(
    nuclide: str,
    tiac_h: ArrayLike,
    mass_g: ArrayLike,
    *,
    parts: int = 1,
    electrons: ElectronMethod = "transported",
    progeny: Progeny | None = None,
    water_I_eV: float = 78.0,
    density_g_per_mL: float = 1.0,
) -> NDArray[np.float64]:
    """Absorbed dose coefficient of a region from the activity in it alone.

    Parameters
    ----------
    nuclide : str
    tiac_h : array_like
        Time-integrated activity coefficient, from 0 to T½/ln 2; for instance one per draw.
    mass_g : array_like
        Of the whole region; broadcasts with ``tiac_h``, a draw of both is one joint sample.
    parts : int
        Number of equal, separate parts that make up the region: 2 for kidneys.
    electrons : {"transported", "local"}
    progeny : {"none", "prompt", "equilibrium"}, optional
        As in `pdcraft.data.nuclides.nuclide`.
    water_I_eV, density_g_per_mL : float

    Returns
    -------
    ndarray
        mGy/MBq.

    Raises
    ------
    PhysicsRangeError
        For a negative TIAC, one above T½/ln 2 (more decays than were given), or a mass of zero.

    Warns
    -----
    ApproximationWarning
        As `pdcraft.dosimetry.spheres.sphere_S` does, for the smallest mass.

    Examples
    --------
    A liver of 1800 g that holds a tenth of the activity until it has decayed:

    >>> round(float(self_dose_mGy_per_MBq("I-131", 27.8, 1800.0)), 2)
    2.33
    """
    tiac = np.asarray(tiac_h, dtype=np.float64)
    highest = half_life_h(nuclide) / np.log(2.0)
    if not np.all((tiac >= 0.0) & (tiac <= highest * (1.0 + 1e-9))):
        worst = tiac.min() if np.any(tiac < 0.0) else tiac.max()
        raise PhysicsRangeError(
            f"a time-integrated activity coefficient of {nuclide} lies between 0 and T½/ln 2 = "
            f"{highest:.4g} h, got {worst:.4g} h; check its unit (h) and its decay correction"
        )
    s_value = sphere_S_draws(
        nuclide,
        np.asarray(mass_g, dtype=np.float64) / parts,
        electrons=electrons,
        progeny=progeny,
        water_I_eV=water_I_eV,
        density_g_per_mL=density_g_per_mL,
    )
    return tiac / parts * SECONDS_PER_HOUR * s_value
