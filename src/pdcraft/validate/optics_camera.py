"""Camera, color, observer and phantom measurements against optics computed otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.colorimetry import standard_observer
from pdcraft.optics.camera import Camera, camera, radiance_of_electrons
from pdcraft.optics.detection import observe
from pdcraft.optics.detection.channels import laguerre_gauss
from pdcraft.optics.phantom import targets
from pdcraft.optics.phantom.dot_grid import dot_distortion
from pdcraft.optics.phantom.slanted_edge import slanted_edge_mtf
from pdcraft.physics.light_limits import laser_eye_limits_mW_per_cm2, laser_skin_limit_mW_per_cm2
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "optics"
H_C_J_nm = 1.98644586e-16  # CODATA 2022
RADIANCE = 37.0
NM = 820.0
SEED = 20261121


def cases() -> Iterator[Case]:
    """Yield the cases of the camera."""
    yield from _emitters()
    yield from _white()
    yield from _observer()
    yield from _measured()
    yield from _limits()


def _collected_uW(cam: Camera, row: int, column: int) -> float:
    """Flux of a Lambertian plane of `RADIANCE` from one pixel, summed over the aperture."""
    lens = cam.lens
    x, y = cam.centers_mm()
    nodes, weights = np.polynomial.legendre.leggauss(40)
    radius = 0.5 * lens.aperture_mm
    s, ring = 0.5 * radius * (nodes + 1.0), 0.5 * radius * weights
    angle = 2.0 * np.pi * np.arange(64) / 64
    aside = 0.0 if lens.projection == "telecentric" else float(np.hypot(x[column], y[row]))
    dx, dy = s[:, None] * np.cos(angle) - aside, s[:, None] * np.sin(angle)
    r2 = dx**2 + dy**2 + lens.working_distance_mm**2
    omega = (ring * s)[:, None] * (2.0 * np.pi / 64) * lens.working_distance_mm**2 / r2**2
    return RADIANCE * float(omega.sum()) * cam.pixel_mm[0] * cam.pixel_mm[1] * 0.01


def _emitters() -> Iterator[Case]:
    worst = 0.0
    for projection in ("telecentric", "perspective"):
        for f_number in (1.2, 2.8, 8.0):
            for distance in (60.0, 200.0, 1000.0):
                cam = camera(
                    "open-field",
                    projection=projection,
                    f_number=f_number,
                    working_distance_mm=distance,
                    pixels=(41, 33),
                    field_of_view_mm=(41.0, 33.0),
                    effective_index=1e9,
                )
                for row, column in ((16, 20), (0, 0)):
                    image = np.zeros(cam.shape)
                    energy_J = _collected_uW(cam, row, column) * 1e-6 * cam.exposure_s
                    image[row, column] = energy_J * 0.42 * 0.35 * NM / H_C_J_nm
                    back = radiance_of_electrons(cam, image, NM)[row, column]
                    worst = max(worst, abs(float(back) / RADIANCE - 1.0))
    yield compare(
        SUITE,
        "radiance of a Lambertian emitter from its electrons, largest relative difference",
        worst,
        0.0,
        "flux summed over the aperture, 2 projections, f/1.2 to f/8, 60 mm to 1 m",
        absolute=1e-3,
        why="what is asked of the camera; both sides are closed forms or quadrature",
    )


def _white() -> Iterator[Case]:
    observer = standard_observer()
    xyz = observer.xyz @ observer.d65
    for name, value, want in zip("xy", xyz[:2] / xyz.sum(), (0.3127, 0.3290), strict=True):
        yield compare(
            SUITE,
            f"chromaticity {name} of D65",
            float(value),
            want,
            "CIE 15:2004",
            absolute=6e-5,
            why="four digits are printed",
        )


def _observer() -> Iterator[Case]:
    shape, center = (24, 24), (11.5, 11.5)
    row, column = np.indices(shape)
    spot = np.exp(-0.5 * ((row - 11.5) ** 2 + (column - 11.5) ** 2) / 2.5**2)
    noise = np.random.default_rng(SEED).standard_normal((2, 800, *shape)) * 4.0
    channels: Floats = laguerre_gauss(shape, float(np.sqrt(2.0 * np.pi)) * 2.5, center)
    found = observe(noise[0], noise[1] + spot, channels)
    yield compare(
        SUITE,
        "d' of the channelized Hotelling observer in white noise",
        found.d_prime.value,
        float(np.sqrt((spot**2).sum())) / 4.0,
        "ideal observer, closed form",
        absolute=0.5 * (found.d_prime.high - found.d_prime.low) * 3.0 / 1.96,
        why="three standard errors of 800 + 800 images",
    )


def _measured() -> Iterator[Case]:
    cam = camera("open-field", pixels=(96, 96), field_of_view_mm=(24.0, 24.0))
    soft = replace(cam, lens=replace(cam.lens, blur_mm=0.2, diffraction=False))
    image = targets.image_of(soft, targets.slanted_edge(5.0), 1.0, NM)[16:-16, 16:-16]
    lean = np.radians(5.0)
    pixel = float(np.sinc(0.25 * np.cos(lean)) * np.sinc(0.25 * np.sin(lean)))
    yield compare(
        SUITE,
        "MTF at 1 per mm, measured on a slanted edge",
        slanted_edge_mtf(image, 0.25).at(1.0),
        float(np.exp(-2.0 * (np.pi * 0.2) ** 2)) * pixel,
        "blur of 0.2 mm and pixels of 0.25 mm that were put in",
        absolute=5e-3,
        why="four bins a pixel and a fitted line",
    )
    bent = replace(cam, lens=replace(cam.lens, distortion=-0.05))
    grid = dot_distortion(targets.image_of(bent, targets.dot_grid(3.0, 1.2), 1.0, NM), 0.25, 3.0)
    far = float(grid.off_axis_mm.max()) * (1.0 + grid.outermost)
    yield compare(
        SUITE,
        "distortion of the outermost dot",
        grid.outermost,
        -0.05 * (far**2 - 15.0) / bent.corner_mm**2,
        "distortion of -5% at the corner that was put in, relative to the nine dots in the middle",
        absolute=5e-4,
        why="second order of the distortion, and a hundredth of a pixel",
    )


def _limits() -> Iterator[Case]:
    for name, value, want in (
        ("skin", laser_skin_limit_mW_per_cm2(633.0, 100.0), 200.0),
        ("eye", laser_eye_limits_mW_per_cm2(633.0, 100.0)["thermal"], 1.0),
    ):
        yield compare(
            SUITE,
            f"exposure limit of the {name} at 633 nm, mW/cm2",
            value,
            want,
            "printed example for a helium-neon laser, BS EN 60825-1:2014",
            rel=1e-9,
            why="round figures of the table",
        )
