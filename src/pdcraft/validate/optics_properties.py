"""Tables of tissues and dyes, and nodes of their bands, against figures from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.bands import band_nodes, choose_nodes
from pdcraft.optics.dye import Dye, catalogue_dye
from pdcraft.optics.material import tissue
from pdcraft.optics.spectra import Spectrum, band_shape, width_in_wavenumbers
from pdcraft.optics.tissue import Chromophores, blood_absorption_per_mm
from pdcraft.physics.optics import dye_absorption_per_mm, melanosome_absorption_per_mm
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "optics"
SIMPA = "tissue library of simpa 1.0.0 (MIT), three digits"
# wavelength: absorption per cm of blood with 150 g/L, all with oxygen and all without
BLOOD = {517.0: (116.0, 160.0), 760.0: (3.14, 8.29), 830.0: (5.22, 3.71)}
DEPTH_mm, CONC_nM = 1.0, 1000.0
LED_nm = 20.0


def cases() -> Iterator[Case]:
    """Yield the cases of tissues, dyes and their spectra."""
    yield from _chromophores()
    yield from _scattering()
    yield from _nodes()


def _chromophores() -> Iterator[Case]:
    for nm, printed in BLOOD.items():
        for saturation, want in zip((1.0, 0.0), printed, strict=True):
            yield compare(
                SUITE,
                f"blood at {nm:g} nm, saturation {saturation:g}, 1/cm",
                10.0 * float(blood_absorption_per_mm(nm, saturation)),
                want,
                SIMPA,
                rel=6e-3,
                why="digits printed",
            )
    for name, shares, nm, want, rel, why in (
        ("fat", {"fat": 1.0}, 930.0, 0.131, 0.01, "digits printed"),
        ("water", {"water": 1.0}, 760.0, 0.0252, 0.15, "measurements of water differ so"),
    ):
        whole = {"blood_volume": 0.0, "saturation": 0.5, "water": 0.0, "fat": 0.0} | shares
        yield compare(
            SUITE,
            f"{name} at {nm:g} nm, 1/cm",
            10.0 * float(Chromophores(**whole).mua_per_mm(nm)),
            want,
            SIMPA,
            rel=rel,
            why=why,
        )
    yield compare(
        SUITE,
        "melanosome at 760 nm, 1/cm",
        10.0 * melanosome_absorption_per_mm(760.0),
        168.0,
        SIMPA,
        rel=0.03,
        why="fits of one source",
    )
    yield compare(
        SUITE,
        "dye of 2e5 L/(mol cm) at 1 uM, 1/mm",
        dye_absorption_per_mm(2e5, 1000.0),
        np.log(10.0) * 2e5 * 1e-6 / 10.0,
        "ln(10) epsilon C in cm, moles and liters",
        rel=1e-12,
        why="units alone",
    )


def _scattering() -> Iterator[Case]:
    yield compare(
        SUITE,
        "reduced scattering of brain at 780 nm, 1/mm",
        tissue("brain").optics(780.0).musp_per_mm,
        2.42 * (780.0 / 500.0) ** -1.611,
        "Jacques, Phys. Med. Biol. 58, R37 (2013), Table 2: 24.2/cm at 500 nm, power 1.611",
        rel=1e-9,
        why="the law itself",
    )


def _escaped(nm: Floats, dye: Dye) -> Floats:
    found = [tissue("brain").optics(float(v)) for v in nm]
    own = [dye.mua_per_mm(float(v), CONC_nM) for v in nm]
    mua = np.array([o.mua_per_mm for o in found]) + np.array(own)
    musp = np.array([o.musp_per_mm for o in found])
    return np.exp(-np.sqrt(3.0 * mua * (mua + musp)) * DEPTH_mm)


def _excited(nm: Floats, dye: Dye) -> Floats:
    return nm * dye.epsilon_at(nm) * _escaped(nm, dye)


def _nodes() -> Iterator[Case]:
    """Doubled nodes of lamp and emission for the comparators, in brain with 1 uM, 1 mm deep."""
    for name, lamp_nm, band in (
        ("BODIPY FL", 490.0, (510.0, 550.0)),
        ("heptamethine", 760.0, (785.0, 850.0)),
    ):
        dye = catalogue_dye(name)

        light = partial(_escaped, dye=dye)
        lit = partial(_excited, dye=dye)
        lamp = band_shape(lamp_nm, width_in_wavenumbers(lamp_nm, LED_nm), what="lamp")
        if not isinstance(dye.emission, Spectrum):
            continue
        for what, weight, ends, transport in (
            ("excitation", lamp.normalized(), lamp.range_nm, lit),
            ("emission", dye.emission, band, light),
        ):
            few = choose_nodes(weight, transport, *ends)
            many = band_nodes(weight, *ends, 2 * len(few))
            yield compare(
                SUITE,
                f"{what} signal of {name} by {len(few)} nodes, of that by {2 * len(few)}",
                few.integral(transport(few.wavelength_nm))
                / many.integral(transport(many.wavelength_nm)),
                1.0,
                "twice the nodes",
                rel=0.01,
                why="what the choice of nodes promises",
            )
