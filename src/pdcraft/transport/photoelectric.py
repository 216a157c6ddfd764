"""Two families of photoelectric cross sections: XCOM's, and normalized ones.

Scofield's cross sections, which XCOM prints, are lower by 1 to 4% in light elements once they are
normalized to Hartree-Fock atoms, as PENELOPE-2018 and EGSnrc's ``mcdf`` option have them. XCOM's
are the default here; comparisons with those codes ask for the others.

References
----------
.. [SS16] L. Sabbatucci, F. Salvat, Radiat. Phys. Chem. 121, 122 (2016),
   doi:10.1016/j.radphyschem.2015.10.021
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from pdcraft.core.material import Material
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError
from pdcraft.transport.data_types import PhotonData

__all__ = ["Photoelectric", "normalized"]

Photoelectric = Literal["xcom", "normalized"]


def normalized(data: PhotonData, materials: tuple[Material, ...]) -> PhotonData:
    """Tables with normalized photoelectric cross sections.

    Parameters
    ----------
    data : PhotonData
        XCOM's, of these materials.
    materials : tuple of Material

    Raises
    ------
    DataError
        For an element without a ratio.
    """
    ratios: dict[str, float] = load_toml("photoelectric.toml")["ratio"]
    share = np.array(data.element_cumulative)  # cumulative, of the absorption
    photo = np.array(data.photo)
    for m, material in enumerate(materials):
        missing = [z for z, _ in material.mass_fractions if str(z) not in ratios]
        if missing:
            raise DataError(
                f"material '{material.name}': no normalized photoelectric cross section of Z = "
                f"{missing[0]}; there are Z = {', '.join(ratios)}; use photoelectric='xcom'"
            )
        used = len(material.mass_fractions)
        each = np.diff(share[:, m, :used], axis=1, prepend=0.0)
        each *= [ratios[str(z)] for z, _ in material.mass_fractions]
        ratio = each.sum(axis=1)
        share[:, m, :used] = np.cumsum(each, axis=1) / ratio[:, None]
        share[:, m, used - 1] = 1.0
        photo[:, m] *= ratio
    less = data.photo - photo
    return data._replace(
        photo=photo,
        photo_compton=data.photo_compton - less,
        photo_compton_rayleigh=data.photo_compton_rayleigh - less,
        total=data.total - less,
        kerma=data.kerma - less * data.energy_keV[:, None],
        element_cumulative=share,
    )
