"""The scene in color, rendered from its reflectance at many wavelengths: nothing is painted.

Reflectance spectra × illuminant × standard observer, adapted to the display's white, to sRGB.

References
----------
.. [CIE15] CIE 15:2004, Colorimetry: tristimulus values as sums over wavelength
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.colorimetry import standard_observer
from pdcraft.errors import DataError
from pdcraft.physics.color import adapted, linear_srgb, srgb_encoded

__all__ = ["FEWEST_WAVELENGTHS", "Rgb", "srgb"]

FEWEST_WAVELENGTHS = 8
COVERED_nm = (430.0, 670.0)  # 96% of the observer's luminous response lies between


@dataclass(frozen=True, slots=True)
class Rgb:
    """A color image and what it was made of.

    Parameters
    ----------
    image : ndarray, shape (ny, nx, 3)
        sRGB, 0 to 1.
    wavelengths_nm : tuple of float
        At which the scene was rendered.
    illuminant : str
    exposure : float
        Factor on the light before encoding: 1 shows a perfect reflector as white.
    out_of_gamut : float
        Share of the pixels whose color a display cannot show and that were moved to its edge.
    """

    image: Floats
    wavelengths_nm: tuple[float, ...]
    illuminant: str
    exposure: float
    out_of_gamut: float


def srgb(
    wavelengths_nm: Floats,
    reflectance: Floats,
    illuminant: tuple[Floats, Floats] | None = None,
    exposure: float = 1.0,
) -> Rgb:
    """Render a color image.

    Parameters
    ----------
    wavelengths_nm : ndarray, shape (n,)
        Ascending, eight or more, from 430 nm or below to 670 nm or above.
    reflectance : ndarray, shape (n, ny, nx)
        Radiance relative to that of a perfect diffuse reflector under the same light, 0 or above
        (above 1 for a gloss). Linear between the wavelengths, even beyond the first and last.
    illuminant : tuple of two ndarray, optional
        Wavelengths and relative power of the lamp; D65 by default. Its white is shown as white.
    exposure : float
        Factor on the light, as a camera's gain.

    Raises
    ------
    DataError
        For fewer wavelengths or a narrower range, or another shape.
    """
    nm = np.asarray(wavelengths_nm, dtype=np.float64)
    scene = np.asarray(reflectance, dtype=np.float64)
    if nm.size < FEWEST_WAVELENGTHS:
        raise DataError(
            f"a color image of {nm.size} wavelengths; render {FEWEST_WAVELENGTHS} or more, else "
            "the color is made up"
        )
    if np.any(np.diff(nm) <= 0) or nm[0] > COVERED_nm[0] or nm[-1] < COVERED_nm[1]:
        raise DataError(
            f"wavelengths from {nm[0]:g} to {nm[-1]:g} nm; they must ascend and cover "
            f"{COVERED_nm[0]:g} to {COVERED_nm[1]:g} nm"
        )
    if scene.ndim != 3 or scene.shape[0] != nm.size or np.any(scene < 0):
        raise DataError(
            f"reflectance of shape {scene.shape}; {nm.size} images (n, ny, nx) are wanted, none "
            "below 0"
        )
    observer = standard_observer()
    grid = observer.wavelength_nm
    power = observer.d65 if illuminant is None else np.interp(grid, *illuminant, left=0, right=0)
    seen = observer.xyz * power / float(observer.xyz[1] @ power)  # a perfect reflector has Y = 1
    # share of each rendered wavelength in each point of the grid: linear interpolation as a matrix
    weights = np.array([np.interp(grid, nm, row) for row in np.eye(nm.size)])
    xyz = np.einsum("ck,nk,nyx->yxc", seen, weights, scene)
    linear = exposure * linear_srgb(adapted(xyz, seen.sum(axis=1)))
    inside = np.clip(linear, 0.0, 1.0)
    lost = np.any(np.abs(linear - inside) > 0.5 / 255, axis=-1)  # less is not seen in 8 bits
    return Rgb(
        image=frozen(srgb_encoded(inside), "sRGB image"),
        wavelengths_nm=tuple(float(v) for v in nm),
        illuminant="D65" if illuminant is None else "lamp",
        exposure=exposure,
        out_of_gamut=float(lost.mean()),
    )
