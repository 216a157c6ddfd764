"""Spectra: tables over wavelength, lines, and the shapes that stand in for tables not published.

A spectrum is linear between its points, so its integrals are exact. Wavelengths in nm, in vacuum.

References
----------
.. [Lakowicz06] J.R. Lakowicz, Principles of Fluorescence Spectroscopy, 3rd ed. (2006), chapters 1
   and 2: quantum yield counts photons, and absorption and emission mirror each other
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["Line", "Spectrum", "band_shape", "read_spectrum", "width_in_wavenumbers"]

STEP_nm = 0.5  # of spectra made from formulas
REACH = 4.0  # half widths at half maximum to which a Gaussian is drawn: e^-11 of its peak


@dataclass(frozen=True, slots=True)
class Line:
    """All light at one wavelength."""

    wavelength_nm: float
    total: float = 1.0

    def integral(self, low_nm: float = 0.0, high_nm: float = np.inf) -> float:
        """Light between two wavelengths, ends included."""
        return self.total if low_nm <= self.wavelength_nm <= high_nm else 0.0

    def scaled(self, factor: float) -> Line:
        """Return the line with `factor` times its light."""
        return Line(self.wavelength_nm, self.total * factor)

    @property
    def mean_nm(self) -> float:
        """The wavelength."""
        return self.wavelength_nm

    @property
    def range_nm(self) -> tuple[float, float]:
        """The wavelength, twice."""
        return self.wavelength_nm, self.wavelength_nm


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A quantity over wavelength.

    Parameters
    ----------
    wavelength_nm : array_like, shape (n,)
        Increasing, at least two.
    value : array_like, shape (n,)
        Not negative.
    what : str
        For messages: ``"absorption of water, per mm"``.
    edge : {"zero", "stop"}
        Outside its wavelengths a spectrum is zero, or asking for it is an error.

    Raises
    ------
    DataError
        For lengths that differ, wavelengths that do not increase, values below zero.
    """

    wavelength_nm: Floats
    value: Floats
    what: str = "spectrum"
    edge: Literal["zero", "stop"] = "zero"

    def __post_init__(self) -> None:
        nm = frozen(self.wavelength_nm, f"{self.what}: wavelengths")
        value = frozen(self.value, self.what)
        if nm.ndim != 1 or nm.shape != value.shape or nm.size < 2:
            raise DataError(
                f"{self.what}: needs two wavelengths or more and a value for each; "
                f"here {nm.size} and {value.size}"
            )
        steps = np.diff(nm)
        if np.any(steps <= 0.0):
            at = nm[int(np.argmax(steps <= 0.0)) + 1]
            raise DataError(f"{self.what}: wavelengths must increase; {at:g} nm does not")
        if np.any(value < 0.0):
            at = int(np.argmax(value < 0.0))
            raise DataError(f"{self.what}: {value[at]:g} at {nm[at]:g} nm is negative")
        object.__setattr__(self, "wavelength_nm", nm)
        object.__setattr__(self, "value", value)

    @property
    def range_nm(self) -> tuple[float, float]:
        """First and last wavelength."""
        return float(self.wavelength_nm[0]), float(self.wavelength_nm[-1])

    @property
    def peak_nm(self) -> float:
        """Wavelength of the largest value."""
        return float(self.wavelength_nm[int(np.argmax(self.value))])

    def at(self, wavelength_nm: ArrayLike) -> Floats:
        """Values at wavelengths of any shape.

        Raises
        ------
        PhysicsRangeError
            Outside the table of a spectrum that stops there.
        """
        nm = np.asarray(wavelength_nm, dtype=np.float64)
        low, high = self.range_nm
        if self.edge == "stop" and nm.size and (nm.min() < low or nm.max() > high):
            bad = nm.min() if nm.min() < low else nm.max()
            raise PhysicsRangeError(
                f"{self.what} at {bad:g} nm: its table covers {low:g} to {high:g} nm; "
                "use a wavelength within, or give the value yourself"
            )
        return np.interp(nm, self.wavelength_nm, self.value, left=0.0, right=0.0)

    def integral(self, low_nm: float | None = None, high_nm: float | None = None) -> float:
        """Integral over wavelength, by default of the whole."""
        first, last = self.range_nm
        low = first if low_nm is None else max(first, low_nm)
        high = last if high_nm is None else min(last, high_nm)
        if high <= low:
            return 0.0
        within = self.wavelength_nm[(self.wavelength_nm > low) & (self.wavelength_nm < high)]
        nm = np.concatenate([[low], within, [high]])
        return float(np.trapezoid(np.interp(nm, self.wavelength_nm, self.value), nm))

    @property
    def mean_nm(self) -> float:
        """Mean wavelength, weighted by the values."""
        w, v = self.wavelength_nm, self.value
        # exact for straight pieces
        first = np.diff(w) * (v[:-1] * (2 * w[:-1] + w[1:]) + v[1:] * (w[:-1] + 2 * w[1:])) / 6.0
        return float(np.sum(first)) / self.integral()

    def scaled(self, factor: float) -> Self:
        """Return the spectrum times a number."""
        return type(self)(self.wavelength_nm, self.value * factor, self.what, self.edge)

    def normalized(self) -> Self:
        """Return the spectrum with the integral 1.

        Raises
        ------
        DataError
            If it is zero everywhere.
        """
        total = self.integral()
        if total <= 0.0:
            raise DataError(f"{self.what}: is zero everywhere")
        return self.scaled(1.0 / total)

    def times(self, other: Spectrum, what: str = "product of spectra") -> Spectrum:
        """Return the product on the points of both, zero where either is."""
        low = max(self.range_nm[0], other.range_nm[0])
        high = min(self.range_nm[1], other.range_nm[1])
        if high <= low:
            raise DataError(f"{self.what} and {other.what} share no wavelengths")
        nm = np.union1d(self.wavelength_nm, other.wavelength_nm)
        nm = np.union1d(nm[(nm >= low) & (nm <= high)], [low, high])
        return Spectrum(nm, self.at(nm) * other.at(nm), what)


def band_shape(
    peak_nm: float,
    width_per_cm: float,
    bands: Sequence[Sequence[float]] = ((0.0, 1.0, 1.0),),
    what: str = "band",
    floor: float = 0.0,
) -> Spectrum:
    """Make a spectrum of peak value 1 from Gaussians in energy.

    Parameters
    ----------
    peak_nm : float
        Wavelength from which the bands' shifts count.
    width_per_cm : float
        Full width at half maximum of a band of relative width 1, in wavenumbers.
    bands : sequence of (shift per cm, height, relative width)
        Positive shifts go to the blue.
    floor : float
        Share of the peak below which the ends are cut off.

    Raises
    ------
    PhysicsRangeError
        Unless the width lies between 0 and half the peak's wavenumber.
    """
    center = 1e7 / peak_nm
    if not 0.0 < width_per_cm < center / 2.0:
        raise PhysicsRangeError(
            f"{what}: a band of {width_per_cm:g} /cm at {peak_nm:g} nm; its width lies between 0 "
            f"and {center / 2.0:.0f} /cm"
        )
    ends = [(shift, REACH * width * width_per_cm / 2.0) for shift, _, width in bands]
    blue = center + max(shift + reach for shift, reach in ends)
    red = center + min(shift - reach for shift, reach in ends)
    narrow = min(width for _, _, width in bands) * width_per_cm
    step = min(STEP_nm, 1e7 * narrow / center**2 / 20.0)
    nm = np.arange(np.floor(1e7 / blue / step), np.ceil(1e7 / red / step) + 1) * step
    value = np.zeros_like(nm)
    for shift, height, width in bands:
        distance = (1e7 / nm - center - shift) / (width * width_per_cm)
        value += height * np.exp(-4.0 * np.log(2.0) * distance**2)
    value /= value.max()
    above = np.flatnonzero(value > floor)
    kept = slice(max(int(above[0]) - 1, 0), int(above[-1]) + 2)
    nm, value = nm[kept], value[kept]
    value[[0, -1]] = 0.0
    return Spectrum(nm, value, what)


def width_in_wavenumbers(peak_nm: float, fwhm_nm: float) -> float:
    """Width per cm of a band that is `fwhm_nm` wide at its peak."""
    return 1e7 / (peak_nm - fwhm_nm / 2.0) - 1e7 / (peak_nm + fwhm_nm / 2.0)


def read_spectrum(path: Path, what: str) -> Spectrum:
    """Read a CSV file of two columns, wavelength in nm and value; a header and # lines may lead.

    Raises
    ------
    DataError
        For a file that is missing or malformed, with the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise DataError(f"{what}: there is no file '{path.name}'") from None
    except UnicodeDecodeError:
        raise DataError(f"{what}: '{path.name}' is not text") from None
    rows = list(_rows(text.splitlines(), path.name, what))
    if not rows:
        raise DataError(f"{what}: '{path.name}' holds no numbers")
    nm, value = zip(*rows, strict=True)
    if min(nm) < 100.0 or max(nm) > 20_000.0:
        raise DataError(f"{what}: '{path.name}': the first column is the wavelength in nm")
    return Spectrum(np.array(nm), np.array(value), what)


def _rows(lines: Iterable[str], name: str, what: str) -> Iterable[tuple[float, float]]:
    header = True
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [c.strip() for c in line.replace(";", ",").replace("\t", ",").split(",")]
        try:
            nm, value = (float(c) for c in cells)
        except ValueError:
            if header:
                header = False
                continue
            raise DataError(
                f"{what}: '{name}' line {number}: '{line.strip()}' is not a wavelength and a value"
            ) from None
        header = False
        yield nm, value
