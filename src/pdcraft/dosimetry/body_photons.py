r"""Photon dose to a region from activity spread over the body.

.. math:: d(T) = \tilde a_{rest} \sum_i E_i Y_i\, \Phi_i(T \leftarrow TB)
   \left(\frac{m_{TB}}{m}\right)^{2/3}

with the specific absorbed fractions of the stylized adult male [CE87]_; the last factor takes them
to a body of mass :math:`m` (absorbed fraction proportional to :math:`m^{1/3}`). A target without a
row gets the mean of the total body. Activity is taken as spread evenly; where it really lies is not
in it.

References
----------
.. [CE87] M. Cristy, K.F. Eckerman, ORNL/TM-8381 (1987)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.data.body_photons import body_photons
from pdcraft.data.emissions import photon_lines
from pdcraft.data.nuclides import nuclide as decay_data
from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV

__all__ = ["body_photon_dose_mGy_per_MBq"]

LEAST_g, MOST_g = 40_000.0, 150_000.0  # adults: the scaling is a first order one


def body_photon_dose_mGy_per_MBq(
    nuclide: str, rest_tiac_h: ArrayLike, body_mass_g: float, target: str = "total_body"
) -> NDArray[np.float64]:
    """Photon dose coefficient from activity spread over an adult's body.

    Parameters
    ----------
    nuclide : str
    rest_tiac_h : array_like
        Time-integrated activity coefficient of the body without the region, h, not negative.
    body_mass_g : float
        40 to 150 kg.
    target : str
        A region; one without a row of its own gets the total body's.

    Returns
    -------
    ndarray
        mGy/MBq.

    Raises
    ------
    PhysicsRangeError
        If more activity is in the region than in the body, or for a body that is no adult's.

    References
    ----------
    [CE87]_
    """
    rest = np.asarray(rest_tiac_h, dtype=np.float64)
    if np.any(rest < 0):
        raise PhysicsRangeError(
            f"the rest of the body has {rest.min():.3g} h of {nuclide}: a region holds more than "
            "the whole body; check the whole-body curve"
        )
    if not LEAST_g <= body_mass_g <= MOST_g:
        raise PhysicsRangeError(
            f"photon fractions of an adult hold from {LEAST_g / 1000:g} to {MOST_g / 1000:g} kg, "
            f"got {body_mass_g / 1000:g} kg; check the unit of the body mass"
        )
    table = body_photons()
    row = table.target_per_kg.get(target, table.target_per_kg["total_body"])
    energy, per_decay = photon_lines(decay_data(nuclide))
    # logarithms: the fractions fall over two orders of energy; below 10 keV the first value holds
    per_kg = np.exp(np.interp(np.log(energy), np.log(table.energy_keV), np.log(row)))
    absorbed_keV_per_g = float(np.sum(energy * per_decay * per_kg)) / 1000.0
    scale = (table.body_mass_g / body_mass_g) ** (2.0 / 3.0)
    return rest * SECONDS_PER_HOUR * absorbed_keV_per_g * scale * S_UNIT_mGy_g_per_MBq_s_keV
