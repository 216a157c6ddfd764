r"""A field of cells under a fluorescence microscope: membrane and cytosol, blurred by the optics.

Cells are spheres on glass: a shell of membrane and what lies inside, each with its concentration.
In focus at the cells' middle, a wide-field objective integrates along the axis, so the picture of a
cell is the projected concentration convolved with the objective's point-spread function. That is
taken as a Gaussian of SD :math:`0.21\,\lambda/NA` [Zhang07]_, its lateral fit to the Airy pattern;
light from out of focus spreads wider than this and is not added. An objective collects the share
:math:`(1-\sqrt{1-(NA/n)^2})/2` of what an emitter sends to all sides.

References
----------
.. [Zhang07] B. Zhang, J. Zerubia, J.-C. Olivo-Marin, Appl Opt 46, 1819 (2007),
   doi:10.1364/AO.46.001819
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["CellImage", "Objective", "cell_image", "collected_share", "projected_cell_nM_um"]

GAUSSIAN_OF_AIRY = 0.21  # SD of the best lateral Gaussian over wavelength/NA


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective.

    Parameters
    ----------
    na : float
        Numerical aperture, below the index.
    magnification : float
    immersion_n : float
        Index between lens and glass: 1 dry, 1.33 water, 1.515 oil.
    """

    na: float
    magnification: float = 20.0
    immersion_n: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.na < self.immersion_n:
            raise PhysicsRangeError(
                f"objective of NA {self.na:g} in index {self.immersion_n:g}: NA lies between 0 and "
                "the index"
            )
        if not self.magnification > 0.0:
            raise PhysicsRangeError(f"magnification {self.magnification:g}; it is above 0")

    def blur_um(self, wavelength_nm: float) -> float:
        """SD of the point-spread function in the object, um."""
        return GAUSSIAN_OF_AIRY * wavelength_nm * 1e-3 / self.na


@dataclass(frozen=True, slots=True)
class CellImage:
    """Pictures of cells and what is measured on them.

    Parameters
    ----------
    nM_um : ndarray, shape (rows, columns)
        Concentration integrated along the axis and blurred.
    pixel_um : float
    masks : ndarray of int, shape (rows, columns)
        Number of the cell that covers a pixel, 0 outside.
    """

    nM_um: Floats
    pixel_um: float
    masks: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "nM_um", frozen(self.nM_um, "cell image"))


def collected_share(objective: Objective) -> float:
    """Share of an emitter's light that the objective collects.

    Examples
    --------
    >>> round(collected_share(Objective(0.99999, immersion_n=1.0)), 2)
    0.5
    """
    sine = objective.na / objective.immersion_n
    return 0.5 * (1.0 - math.sqrt(1.0 - sine**2))


def projected_cell_nM_um(
    from_center_um: Floats,
    radius_um: float,
    membrane_um: float,
    membrane_nM: float,
    cytosol_nM: float,
    nucleus_um: float = 0.0,
    nucleus_nM: float = 0.0,
) -> Floats:
    """Concentration of a cell integrated along the axis.

    Parameters
    ----------
    from_center_um : ndarray, any shape
        Distance from the cell's axis.
    radius_um, membrane_um : float
        Outer radius and thickness of the shell, below the radius.
    membrane_nM, cytosol_nM : float
        Concentrations in shell and inside.
    nucleus_um, nucleus_nM : float
        Radius of the nucleus in the middle and concentration in it; none by default.
    """
    if not 0.0 < membrane_um < radius_um:
        raise PhysicsRangeError(
            f"a membrane of {membrane_um:g} um on a cell of {radius_um:g} um radius: it is thinner "
            "than the radius"
        )
    r = np.asarray(from_center_um, dtype=np.float64)
    outer = 2.0 * np.sqrt(np.clip(radius_um**2 - r**2, 0.0, None))
    inner = 2.0 * np.sqrt(np.clip((radius_um - membrane_um) ** 2 - r**2, 0.0, None))
    if not 0.0 <= nucleus_um <= radius_um - membrane_um:
        raise PhysicsRangeError(
            f"a nucleus of {nucleus_um:g} um in a cell of {radius_um:g} um radius: it lies within "
            "the membrane"
        )
    core = 2.0 * np.sqrt(np.clip(nucleus_um**2 - r**2, 0.0, None))
    return membrane_nM * (outer - inner) + cytosol_nM * (inner - core) + nucleus_nM * core


def cell_image(
    objective: Objective,
    wavelength_nm: float,
    *,
    centers_um: Floats,
    radius_um: float,
    membrane_um: float,
    membrane_nM: Floats,
    cytosol_nM: Floats,
    medium_nM: float,
    field_um: float,
    pixel_um: float,
    medium_um: float = 0.0,
    nucleus_um: float = 0.0,
    nucleus_nM: float = 0.0,
) -> CellImage:
    """Make the picture of a field of cells.

    Parameters
    ----------
    objective : Objective
    wavelength_nm : float
        Of the emission.
    centers_um : ndarray, shape (cells, 2)
        Within the square field, its middle at 0.
    radius_um, membrane_um : float
    membrane_nM, cytosol_nM : ndarray, shape (cells,)
    medium_nM, medium_um : float
        Concentration around the cells and depth of medium in the picture.
    nucleus_um, nucleus_nM : float
        Radius of every cell's nucleus and concentration in it.
    field_um, pixel_um : float

    Raises
    ------
    DataError
        For cells outside the field or overlapping, or no cell.
    PhysicsRangeError
        For pixels coarser than half the blur, which would not show it.
    """
    from scipy.ndimage import gaussian_filter

    _check(centers_um, radius_um, field_um)
    blur = objective.blur_um(wavelength_nm)
    fine = max(1, math.ceil(pixel_um / min(0.5 * blur, 0.5 * membrane_um + 0.05)))
    step = pixel_um / fine
    n = round(field_um / pixel_um)
    axis = (np.arange(n * fine) - 0.5 * (n * fine - 1)) * step
    image = np.full((axis.size, axis.size), medium_nM * medium_um)
    masks = np.zeros(image.shape, dtype=np.int64)
    for k, (cx, cy) in enumerate(centers_um):
        across = slice(*np.searchsorted(axis, (cx - radius_um, cx + radius_um)))
        down = slice(*np.searchsorted(axis, (cy - radius_um, cy + radius_um)))
        r = np.hypot(axis[across] - cx, (axis[down] - cy)[:, None])
        image[down, across] += projected_cell_nM_um(
            r,
            radius_um,
            membrane_um,
            float(membrane_nM[k]),
            float(cytosol_nM[k]),
            nucleus_um,
            nucleus_nM,
        )
        masks[down, across][r <= radius_um] = k + 1
    blurred = gaussian_filter(image, blur / step, mode="nearest")
    pixels = blurred.reshape(n, fine, n, fine).mean(axis=(1, 3))
    return CellImage(pixels, pixel_um, masks[fine // 2 :: fine, fine // 2 :: fine])


def _check(centers_um: Floats, radius_um: float, field_um: float) -> None:
    if len(centers_um) == 0:
        raise DataError("a field without cells")
    if np.any(np.abs(centers_um) > 0.5 * field_um - radius_um):
        raise DataError(f"a cell reaches out of the field of {field_um:g} um; take a wider field")
    apart = np.linalg.norm(centers_um[:, None, :] - centers_um[None, :, :], axis=-1)
    np.fill_diagonal(apart, np.inf)
    if apart.min() < 2.0 * radius_um:
        a, b = np.unravel_index(int(np.argmin(apart)), apart.shape)
        raise DataError(
            f"cells {a + 1} and {b + 1} overlap: centers {apart.min():.3g} um apart, radius "
            f"{radius_um:g} um"
        )
