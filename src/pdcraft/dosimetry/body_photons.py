r"""Photon dose of the rest of the body to a region, by the mean over a uniformly filled body.

.. math:: d = \tilde a_{rest} \, S_\gamma(m_{body})

with the body as a sphere of its mass. Penetrating photons of activity spread over the body give
every region about this dose; where the region lies and where the activity lies are not in it, and a
sphere keeps more of the photons than a body of the same mass. The organ-dose engine replaces it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR
from pdcraft.dosimetry.spheres import sphere_S
from pdcraft.errors import PhysicsRangeError

__all__ = ["body_photon_dose_mGy_per_MBq"]


def body_photon_dose_mGy_per_MBq(
    nuclide: str, rest_tiac_h: ArrayLike, body_mass_g: float
) -> NDArray[np.float64]:
    """Photon dose coefficient from activity spread over the body.

    Parameters
    ----------
    nuclide : str
    rest_tiac_h : array_like
        Time-integrated activity coefficient of the body without the region, h, not negative.
    body_mass_g : float
        Mass of the body, g.

    Returns
    -------
    ndarray
        mGy/MBq.

    Raises
    ------
    PhysicsRangeError
        If more activity is in the region than in the body.
    """
    rest = np.asarray(rest_tiac_h, dtype=np.float64)
    if np.any(rest < 0):
        raise PhysicsRangeError(
            f"the rest of the body has {rest.min():.3g} h of {nuclide}: a region holds more than "
            "the whole body; check the whole-body curve"
        )
    s_value = sphere_S(nuclide, mass_g=body_mass_g, electrons="range").photon
    return rest * SECONDS_PER_HOUR * s_value
