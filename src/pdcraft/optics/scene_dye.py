"""The dye of a scene file: of the catalogue with what the scene changes, or its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pdcraft.optics.dye import Dye, Emission, catalogue_dye
from pdcraft.optics.prior import Prior
from pdcraft.optics.scene import Illumination
from pdcraft.optics.scene_faults import Faults
from pdcraft.optics.scene_file import DyeTable, SpreadTable
from pdcraft.optics.scene_materials import SPREAD_SOURCE, lognormal_factor
from pdcraft.optics.spectra import (
    Line,
    Spectrum,
    band_shape,
    read_spectrum,
    width_in_wavenumbers,
)

__all__ = ["build_dye", "no_dye"]

# how far a lamp may lie from a declared excitation line; the second where epsilon is stated there
LINE_SLACK_nm, STATED_SLACK_nm = 5.0, 60.0
BOX_nm = 0.5  # a declared line absorbs this far beyond the lamp's own wavelengths
LEAST_ABSORBED = 1e-4  # of the peak's extinction: below, the lamp does not excite the dye


def build_dye(
    table: DyeTable,
    lamp: Illumination,
    folder: Path,
    spread: SpreadTable | None,
    faults: Faults,
) -> Dye | None:
    """Make the dye: of the catalogue with what the scene changes, or its own."""
    path = ("dye",)
    custom = table.name == "custom"
    before = len(faults.problems)
    if custom:
        hints = {
            "epsilon": 'epsilon = "200000 L/mol/cm"',
            "quantum_yield": "quantum_yield = 0.08",
            "excitation": 'a dye has a spectrum: excitation = "760 nm", or a file of two columns',
            "emission": 'a dye has a spectrum: emission = "810 nm", or a file of two columns',
        }
        for key, hint in hints.items():
            if getattr(table, key) is None:
                faults.add(path, f"a custom dye: {key} is missing", hint)
    for key in ("excitation", "emission"):
        wide = getattr(table, f"{key}_width")
        if wide is not None and not isinstance(getattr(table, key), float):
            faults.add((*path, f"{key}_width"), f"goes with a peak: {key} = '760 nm'")
    if len(faults.problems) > before:
        return None
    base: Dye | None = None
    if not custom:
        with faults.at((*path, "name")):
            base = catalogue_dye(table.name)
        if base is None:
            return None
    absorption: Spectrum | None = base.absorption if base else None
    emission: Emission | None = base.emission if base else None
    dropped: set[str] = set()
    assumed = list(base.assumed) if base else []
    if table.excitation is not None:
        with faults.at((*path, "excitation")):
            absorption = _absorption(table, lamp, folder, base, faults)
        dropped |= {"absorption_nm", "stokes_nm"}
    if table.emission is not None:
        with faults.at((*path, "emission")):
            emission = _emission(table, folder)
            if isinstance(emission, Line):
                assumed.append(f"{table.name}: all light is emitted at {emission.mean_nm:g} nm")
        dropped |= {"absorption_nm", "stokes_nm"}
    if absorption is None or emission is None or len(faults.problems) > before:
        return None
    dropped |= {k for k in ("epsilon", "quantum_yield") if getattr(table, k) is not None}
    dropped |= {"quenching_per_uM"} if table.quenching_per_uM is not None else set()
    dropped |= {"bleaching_J_per_cm2"} if table.bleaching is not None else set()
    made: Dye | None = None
    with faults.at(path):
        made = _made(table, base, absorption, emission, dropped, spread)
        made = replace(
            made, assumed=tuple(a for a in assumed if not any(f": {k} =" in a for k in dropped))
        )
        if table.epsilon is not None:
            made = made.scaled_to(table.epsilon, lamp.wavelength_nm)
        peak = float(np.max(made.absorption.value))
        if float(made.epsilon_at(lamp.wavelength_nm)) < LEAST_ABSORBED * peak:
            faults.add(
                ("illumination",),
                f"{made.name} does not absorb at {lamp.wavelength_nm:g} nm",
                f"it absorbs most at {made.absorption.peak_nm:.0f} nm",
            )
            return None
    return made


def no_dye(lamp: Illumination) -> Dye:
    """Make the dye of a scene without one: it absorbs next to nothing and emits nothing."""
    nm = lamp.wavelength_nm + np.array([-BOX_nm, BOX_nm])
    return Dye("none", Spectrum(nm, np.ones(2), "no dye"), Line(lamp.wavelength_nm), 0.0)


def _made(
    table: DyeTable,
    base: Dye | None,
    absorption: Spectrum,
    emission: Emission,
    dropped: set[str],
    spread: SpreadTable | None,
) -> Dye:
    new: list[Prior] = [p for p in (base.priors if base else ()) if p.name not in dropped]
    if spread is not None and spread.epsilon and table.epsilon is not None:
        factor = lognormal_factor(spread.epsilon)
        new.append(Prior("epsilon_factor", "dye", 1.0, "lognormal", factor, source=SPREAD_SOURCE))
    if spread is not None and spread.quantum_yield and table.quantum_yield:
        factor = lognormal_factor(spread.quantum_yield)
        value, name = table.quantum_yield, "quantum_yield"
        new.append(Prior(name, "dye", value, "lognormal", factor, high=1.0, source=SPREAD_SOURCE))
    figures: dict[str, Any] = {
        "quantum_yield": table.quantum_yield,
        "quenching_per_uM": table.quenching_per_uM,
        "bleaching_J_per_cm2": table.bleaching,
    }
    figures = {k: v for k, v in figures.items() if v is not None}
    if base is None:
        return Dye("custom", absorption, emission, priors=tuple(new), **figures)
    own = {"absorption_nm", "stokes_nm"} & dropped
    shape = {"shape": None, "width_nm": None, "peaks_nm": None} if own else {}
    return replace(
        base, absorption=absorption, emission=emission, priors=tuple(new), **figures, **shape
    )


def _absorption(
    table: DyeTable, lamp: Illumination, folder: Path, base: Dye | None, faults: Faults
) -> Spectrum | None:
    """Spectrum of extinction: a file, a band of stated width, or a line where the lamp is."""
    height = float(np.max(base.absorption.value)) if base else 1.0
    said = table.excitation
    if isinstance(said, str):
        shape = read_spectrum(folder / said, "absorption")
        if shape.integral() <= 0.0:
            faults.add(("dye", "excitation"), f"'{said}' is zero everywhere")
            return None
        return shape.scaled(height / float(np.max(shape.value)))
    peak = float(said or 0.0)
    if table.excitation_width is not None:
        width = width_in_wavenumbers(peak, table.excitation_width)
        return band_shape(peak, width, what="absorption").scaled(height)
    low, high = lamp.light.range_nm
    slack = LINE_SLACK_nm if table.epsilon is None else STATED_SLACK_nm
    if not low - slack <= peak <= high + slack:
        faults.add(
            ("dye", "excitation"),
            f"a line at {peak:g} nm is not excited by the lamp at {lamp.wavelength_nm:g} nm",
            'say how wide: excitation_width = "40 nm", or give the spectrum as a file',
        )
        return None
    nm = np.array([low - 2 * BOX_nm, low - BOX_nm, high + BOX_nm, high + 2 * BOX_nm])
    return Spectrum(nm, height * np.array([0.0, 1.0, 1.0, 0.0]), "absorption line")


def _emission(table: DyeTable, folder: Path) -> Emission:
    said = table.emission
    if isinstance(said, str):
        return read_spectrum(folder / said, "emission").normalized()
    peak = float(said or 0.0)
    if table.emission_width is None:
        return Line(peak)
    width = width_in_wavenumbers(peak, table.emission_width)
    return band_shape(peak, width, what="emission").normalized()
