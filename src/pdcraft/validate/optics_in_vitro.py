"""Wells, cells and dishes against closed forms worked out apart."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pdcraft.optics.camera import Camera, Filter, Lens, Sensor
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.microscope import Objective, cell_image
from pdcraft.optics.in_vitro.vessel import plate_well
from pdcraft.optics.in_vitro.well import Reading, inner_filter, well_electrons
from pdcraft.optics.spectra import Line, Spectrum
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "optics"
H_C_J_nm = 1.98644586e-16  # CODATA 2022
EPSILON = 80_000.0  # L/(mol cm)
VOLUME_uL = 100.0
ABSORBANCES = (0.1, 0.5, 1.0, 2.0)
LAKOWICZ = "Lakowicz, Principles of Fluorescence Spectroscopy, 3rd ed. (2006), ch. 2"


def cases() -> Iterator[Case]:
    """Yield the cases of scenes in vitro."""
    vessel = plate_well(96, VOLUME_uL)
    path_cm = VOLUME_uL / vessel.area_mm2 / 10.0
    dye, reading = _dye(), _reading()
    for a in ABSORBANCES:
        conc = a / (EPSILON * path_cm) * 1e9
        yield compare(
            SUITE,
            f"well of 96: signal kept at an absorbance of {a:g}",
            float(inner_filter(dye, np.array([conc]), vessel, reading)[0]),
            (1.0 - 10.0**-a) / (math.log(10.0) * a),
            f"closed form (1 - 10^-A)/(A ln 10), {LAKOWICZ}",
            rel=0.005,
            why="half a percent is asked for; the difference is rounding",
        )
    camera = reading.camera
    photons = 1e-3 * math.pi * 0.15**2 * camera.exposure_s / (H_C_J_nm / 490.0)
    absorbed = math.log(10.0) * EPSILON * 1e-9 * path_cm
    surface = 1.0 - (0.33 / 2.33) ** 2
    cone = math.pi * 6.25**2 / (6.25**2 + 100.0**2)
    want = photons * absorbed * 0.5 * surface**2 * cone / (4.0 * math.pi * 1.33**2) * 0.5 * 0.8
    yield compare(
        SUITE,
        "well of 96: electrons of 1 nM",
        float(well_electrons(dye, np.array([1.0]), vessel, reading)[0]),
        want,
        "photons x absorbed x yield x cone/(4 pi n^2) x losses, by hand",
        rel=1e-4,
        why="inner filter of 1 nM",
    )
    yield _shell()


def _shell() -> Case:
    """Dye in a membrane is kept by the microscope's blur."""
    found = cell_image(
        Objective(0.75),
        517.0,
        centers_um=np.zeros((1, 2)),
        radius_um=7.5,
        membrane_um=0.2,
        membrane_nM=np.ones(1),
        cytosol_nM=np.zeros(1),
        medium_nM=0.0,
        field_um=24.0,
        pixel_um=0.2,
    )
    return compare(
        SUITE,
        "microscope: dye of a membrane in the picture, nM um3",
        float(found.nM_um.sum()) * found.pixel_um**2,
        4.0 / 3.0 * math.pi * (7.5**3 - 7.3**3),
        "volume of a shell",
        rel=0.01,
        why="squares of a tenth of a micrometer on the shell's edge",
    )


def _dye() -> Dye:
    nm = np.array([489.0, 491.0])
    absorption = Spectrum(nm, np.array([EPSILON, EPSILON]), "a dye that absorbs at 490 nm alone")
    return Dye("a dye of two lines", absorption, Line(520.0), 0.5)


def _reading() -> Reading:
    detector = Camera(
        Lens("telecentric", 25.0, 2.0, 100.0, transmission=0.5),
        Filter((500.0, 560.0), 6.0),
        Sensor(0.8, 3.0, 1.0, 5e6, 22),
        (1, 1),
        (5.0, 5.0),
        0.05,
    )
    return Reading(Line(490.0), 1.0, 3.0, "top", detector)
