"""Dyes: what they absorb and emit, how well, and how they quench and bleach.

References
----------
.. [Lakowicz06] J.R. Lakowicz, Principles of Fluorescence Spectroscopy, 3rd ed. (2006), chapters 1,
   2 and 8
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.optics.tissues import dye_row, dye_table
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.prior import Prior, read_prior
from pdcraft.optics.spectra import Line, Spectrum, band_shape, width_in_wavenumbers
from pdcraft.physics.optics import dye_absorption_per_mm, fluence_decay, quenched_yield

__all__ = ["Dye", "Emission", "catalogue_dye", "shaped_spectra"]

Emission = Spectrum | Line

DRAWN = (
    "epsilon",
    "quantum_yield",
    "absorption_nm",
    "stokes_nm",
    "quenching_per_uM",
    "bleaching_J_per_cm2",
)
TAIL = 1e-3  # of the peak: an assumed shape says nothing below


@dataclass(frozen=True, slots=True)
class Dye:
    """A dye in tissue.

    Parameters
    ----------
    name : str
    absorption : Spectrum
        Decadic molar extinction, L/(mol cm).
    emission : Spectrum or Line
        Photons by wavelength, integral 1.
    quantum_yield : float
        Photons out per photon absorbed, dilute: 0 to 1.
    quenching_per_uM : float
        Stern-Volmer constant of self-quenching.
    bleaching_J_per_cm2 : float, optional
        Local radiant exposure that leaves 1/e; None: does not bleach.
    shape : str, optional
        Kind whose bands make the spectra; with `width_nm` it lets peaks be drawn.
    pinned : tuple of 2 floats, optional
        A wavelength and the extinction there that stays when peaks are drawn.

    Raises
    ------
    PhysicsRangeError
        For a yield outside 0 to 1, or negative quenching or bleaching.
    DataError
        For a spectrum that is zero.
    """

    name: str
    absorption: Spectrum
    emission: Emission
    quantum_yield: float
    quenching_per_uM: float = 0.0
    bleaching_J_per_cm2: float | None = None
    shape: str | None = None
    width_nm: float | None = None
    peaks_nm: tuple[float, float] | None = None
    pinned: tuple[float, float] | None = None
    priors: tuple[Prior, ...] = ()
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not 0.0 <= self.quantum_yield <= 1.0:
            raise PhysicsRangeError(
                f"{self.name}: a quantum yield of {self.quantum_yield:g}: a dye gives at most one "
                "photon for each it absorbs"
            )
        if not (np.isfinite(self.quenching_per_uM) and self.quenching_per_uM >= 0.0):
            raise PhysicsRangeError(f"{self.name}: quenching of {self.quenching_per_uM:g} /uM")
        if self.bleaching_J_per_cm2 is not None and not self.bleaching_J_per_cm2 > 0.0:
            raise PhysicsRangeError(
                f"{self.name}: bleaching by {self.bleaching_J_per_cm2:g} J/cm^2; give a radiant "
                "exposure above zero"
            )
        if self.absorption.integral() <= 0.0:
            raise DataError(f"{self.name}: its absorption spectrum is zero everywhere")
        total = self.emission.integral()
        if total <= 0.0:
            raise DataError(f"{self.name}: its emission spectrum is zero everywhere")
        object.__setattr__(self, "emission", self.emission.scaled(1.0 / total))

    def epsilon_at(self, wavelength_nm: ArrayLike) -> Floats:
        """Decadic molar extinction, L/(mol cm); zero outside the spectrum."""
        return self.absorption.at(wavelength_nm)

    def mua_per_mm(self, wavelength_nm: float, conc_nM: float) -> float:
        """Absorption coefficient that a concentration adds, ln(10) epsilon C, 1/mm."""
        return dye_absorption_per_mm(float(self.epsilon_at(wavelength_nm)), conc_nM)

    def yield_at(self, conc_nM: ArrayLike) -> Floats:
        """Quantum yield at concentrations, after self-quenching."""
        conc = np.asarray(conc_nM, dtype=np.float64)
        return np.asarray(quenched_yield(self.quantum_yield, conc, self.quenching_per_uM))

    def left_after(self, fluence_J_per_cm2: ArrayLike) -> Floats:
        """Share of dye that local radiant exposures (fluence rate times time) leave unbleached."""
        fluence = np.asarray(fluence_J_per_cm2, dtype=np.float64)
        if self.bleaching_J_per_cm2 is None:
            return np.ones_like(fluence)
        return np.asarray(fluence_decay(fluence, self.bleaching_J_per_cm2))

    def scaled_to(self, epsilon_per_M_cm: float, wavelength_nm: float) -> Dye:
        """Return the dye with a stated extinction at one wavelength, and no prior of it.

        Raises
        ------
        PhysicsRangeError
            If its spectrum is zero there.
        """
        now = float(self.epsilon_at(wavelength_nm))
        if now <= 0.0:
            low, high = self.absorption.range_nm
            raise PhysicsRangeError(
                f"{self.name} does not absorb at {wavelength_nm:g} nm: its spectrum runs from "
                f"{low:.0f} to {high:.0f} nm"
            )
        kept = tuple(p for p in self.priors if p.name != "epsilon")
        return replace(
            self,
            absorption=self.absorption.scaled(epsilon_per_M_cm / now),
            pinned=(wavelength_nm, epsilon_per_M_cm),
            priors=kept,
        )

    def with_values(self, values: Mapping[str, float]) -> Dye:
        """Return the dye with drawn values; names of `priors`, units as there.

        ``epsilon`` is that of the peak of a catalogue's dye, and a factor for one whose extinction
        the scene states with a spread (``epsilon_factor``).
        """
        new: dict[str, Any] = {
            k: values[k]
            for k in ("quantum_yield", "quenching_per_uM", "bleaching_J_per_cm2")
            if k in values
        }
        absorption, emission = self.absorption, self.emission
        if self.shape and self.width_nm and self.peaks_nm:
            peak = values.get("absorption_nm", self.peaks_nm[0])
            stokes = values.get("stokes_nm", self.peaks_nm[1] - self.peaks_nm[0])
            if (peak, peak + stokes) != self.peaks_nm:
                height = float(np.max(absorption.value))
                shape, emission = shaped_spectra(self.shape, peak, peak + stokes, self.width_nm)
                if self.pinned is not None:
                    height = self.pinned[1] / float(shape.at(self.pinned[0]))
                absorption = shape.scaled(height)
                new["peaks_nm"] = (peak, peak + stokes)
        if "epsilon" in values:
            absorption = absorption.scaled(values["epsilon"] / float(np.max(absorption.value)))
        absorption = absorption.scaled(values.get("epsilon_factor", 1.0))
        return replace(self, absorption=absorption, emission=emission, **new)


def shaped_spectra(
    shape: str, absorption_nm: float, emission_nm: float, width_nm: float
) -> tuple[Spectrum, Spectrum]:
    """Absorption (peak 1) and emission (photons, integral 1) of a kind of dye; assumed shapes."""
    rows: Mapping[str, Sequence[Sequence[float]]] = dye_table()["shape"][shape]
    width = width_in_wavenumbers(absorption_nm, width_nm)
    absorption = band_shape(
        absorption_nm, width, rows["absorption"], f"absorption of a {shape}", TAIL
    )
    emission = band_shape(emission_nm, width, rows["emission"], f"emission of a {shape}", TAIL)
    return absorption, emission.normalized()


@cache
def catalogue_dye(name: str) -> Dye:
    """Dye of the catalogue.

    Raises
    ------
    DataError
        For an unknown name, with near matches.

    Examples
    --------
    >>> dye = catalogue_dye("CLR 1502")
    >>> dye.quantum_yield, round(dye.absorption.peak_nm)
    (0.08, 770)
    """
    found, row = dye_row(name)
    table = dye_table()
    peak, stokes = row["absorption_nm"]["value"], row["stokes_nm"]["value"]
    shape, emission = shaped_spectra(row["kind"], peak, peak + stokes, row["width_nm"])
    priors = tuple(read_prior(k, "dye", row[k]) for k in DRAWN)
    assumed = [
        f"{found}: {p.name} = {p.nominal:g}" for p in priors if p.grade == "assumed" and p.nominal
    ]
    assumed.append(f"{found}: shape of its spectra, a {row['kind']} {row['width_nm']:g} nm wide")
    return Dye(
        found,
        shape.scaled(row["epsilon"]["value"]),
        emission,
        row["quantum_yield"]["value"],
        row["quenching_per_uM"]["value"],
        row["bleaching_J_per_cm2"]["value"],
        row["kind"],
        row["width_nm"],
        (peak, peak + stokes),
        priors=priors,
        assumed=tuple(assumed),
        sources=tuple(table["source"][s]["text"] for s in row["sources"]),
    )
