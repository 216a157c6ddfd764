"""The nine tests of a fluorescence-guidance camera, each measured on rendered, noisy frames.

References
----------
.. [Ruiz23] J Biomed Opt 28, 096007 (2023): resolution, sensitivity and linearity, depth, depth of
   field, evenness of illumination, spatial distortion, signal to background, excitation bands,
   wavelength and power, on five cleared systems
.. [TG311] AAPM Task Group 311, guidance for performance evaluation of fluorescence-guided surgery
   systems, Med Phys (2024)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.camera.curve import curve_at
from pdcraft.optics.camera.expose import ambient_electrons, expected_electrons
from pdcraft.optics.camera.filters import Filter
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.camera.readout import (
    FixedPattern,
    dark_subtracted,
    fixed_pattern,
    sample_counts,
    saturated,
)
from pdcraft.optics.camera.response import radiance_of_electrons
from pdcraft.optics.metrics import detection_limits, in_vivo_contrast
from pdcraft.optics.phantom import targets
from pdcraft.optics.phantom.dot_grid import dot_distortion
from pdcraft.optics.phantom.field import depth_of_field_mm, uniformity, wedge_depth_mm
from pdcraft.optics.phantom.lamp import irradiance_mW_per_cm2, lamp_band
from pdcraft.optics.phantom.slanted_edge import slanted_edge_mtf
from pdcraft.optics.roi import Roi, region_signal
from pdcraft.physics.radiometry import diffuse_radiance

__all__ = ["PhantomLight", "guideline_phantom"]

REFLECTANCE = 0.99  # of the white reflector, assumed as its certificate would say
SWEEP_nm = 5.0  # width of the filter that is moved over the lamp's spectrum
SERIES = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0)  # of the highest concentration
DEFOCUS = (-0.4, -0.3, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.3, 0.4)  # of the distance


@dataclass(frozen=True, slots=True)
class PhantomLight:
    """What the phantom sends to the camera, computed by light transport.

    Parameters
    ----------
    emission_nm : float
        Wavelength that stands for the dye's light in the band.
    radiance_per_nM : float
        Of a well, uW/(cm² sr nM).
    highest_nM : float
        Of the dilution series.
    ground_uW_per_cm2_sr : float
        Radiance of the phantom beside wells, autofluorescence and leak.
    depth_uW_per_cm2_sr : callable
        Radiance that an inclusion adds whose top lies at a depth in mm; falls with it.
    deepest_mm : float
        Of the wedge.
    lamp_mW_per_cm2_nm : callable
        Irradiance per nm at wavelengths in nm.
    lamp_nm : tuple of two float
        Range to sweep.
    light : callable
        Evenness of the light over the field, 1 at its best: a function of x and y in mm.
    """

    emission_nm: float
    radiance_per_nM: float
    highest_nM: float
    ground_uW_per_cm2_sr: float
    depth_uW_per_cm2_sr: Callable[[Floats], Floats]
    deepest_mm: float
    lamp_mW_per_cm2_nm: Callable[[Floats], Floats]
    lamp_nm: tuple[float, float]
    light: targets.Target = targets.flat


@dataclass(frozen=True, slots=True)
class _Bench:
    """Camera, phantom and luck of one run."""

    camera: Camera
    phantom: PhantomLight
    pattern: FixedPattern
    rng: np.random.Generator

    def counts(self, expected: Floats) -> tuple[Floats, Any]:
        camera = self.camera
        readings = sample_counts(camera, expected, self.rng, self.pattern)
        return dark_subtracted(camera, readings), saturated(camera, readings)

    def frame(self, target: targets.Target, radiance: float, defocus_mm: float = 0.0) -> Floats:
        nm = self.phantom.emission_nm
        expected = targets.image_of(self.camera, target, radiance, nm, defocus_mm)
        return self.counts(expected + ambient_electrons(self.camera))[0]


def guideline_phantom(camera: Camera, phantom: PhantomLight, seed: int = 1) -> dict[str, Any]:
    """Run the nine tests; every number is measured on frames, none is taken from the input.

    Parameters
    ----------
    camera : Camera
        Square pixels, 48 by 48 or more.
    phantom : PhantomLight
    seed : int

    Returns
    -------
    dict
        ``resolution, sensitivity, depth, depth_of_field, illumination, distortion, sbr,
        excitation_bands, power``: each a dict of numbers whose names carry their units. None
        where a test ended without an answer.

    Raises
    ------
    DataError
        For a camera that cannot show the targets.
    """
    px, py = camera.pixel_mm
    if min(camera.pixels) < 48 or abs(px / py - 1) > 1e-6:
        raise DataError(
            f"the phantom tests take square pixels, 48 by 48 or more, got {camera.pixels} of "
            f"{px:g} by {py:g} mm"
        )
    bench = _Bench(
        camera, phantom, fixed_pattern(camera, seed), np.random.default_rng([seed, 0x9A])
    )
    bright = phantom.radiance_per_nM * phantom.highest_nM + phantom.ground_uW_per_cm2_sr
    return {
        "resolution": _resolution(bench, bright),
        "sensitivity": _sensitivity(bench),
        "depth": _depth(bench),
        "depth_of_field": _depth_of_field(bench, bright),
        "illumination": asdict(uniformity(bench.frame(phantom.light, bright))),
        "distortion": _distortion(bench, bright),
        "sbr": _sbr(bench),
        **_lamp(bench),
    }


def _edge(bench: _Bench, bright: float, defocus_mm: float = 0.0) -> Any:
    image = bench.frame(targets.slanted_edge(), bright, defocus_mm)
    ny, nx = image.shape
    kept = image[ny // 6 : -(ny // 6), nx // 6 : -(nx // 6)]  # away from the field's rim
    return slanted_edge_mtf(kept, bench.camera.pixel_mm[0])


def _resolution(bench: _Bench, bright: float) -> dict[str, Any]:
    edge = _edge(bench, bright)
    limit = 0.5 / bench.camera.pixel_mm[0]
    return {
        "mtf50_per_mm": edge.mtf50_per_mm,
        "mtf_at_nyquist": edge.at(limit),
        "nyquist_per_mm": limit,
    }


def _depth_of_field(bench: _Bench, bright: float) -> dict[str, Any]:
    places = np.array(DEFOCUS) * bench.camera.lens.working_distance_mm
    frequency = 0.25 / bench.camera.pixel_mm[0]
    contrast = np.array([_contrast(bench, bright, float(z), frequency) for z in places])
    near, far = depth_of_field_mm(places, contrast)
    whole = None if near is None or far is None else far - near
    return {"frequency_per_mm": frequency, "near_mm": near, "far_mm": far, "depth_mm": whole}


def _contrast(bench: _Bench, bright: float, defocus_mm: float, per_mm: float) -> float:
    """Contrast at a frequency; 0 where the edge is too blurred to be found, but in focus it is."""
    try:
        return _edge(bench, bright, defocus_mm).at(per_mm)
    except DataError:
        if defocus_mm == 0.0:
            raise
        return 0.0


def _wells(camera: Camera) -> tuple[tuple[tuple[float, float], ...], float]:
    """Six wells in two rows: centers and diameter, mm."""
    wide, high = camera.field_of_view_mm
    centers = tuple((i * wide / 4, j * high / 4) for j in (-1, 1) for i in (-1, 0, 1))
    return centers, 0.15 * min(wide, high)


def _sensitivity(bench: _Bench) -> dict[str, Any]:
    camera, phantom = bench.camera, bench.phantom
    conc = np.array(SERIES) * phantom.highest_nM
    top = phantom.radiance_per_nM * phantom.highest_nM + phantom.ground_uW_per_cm2_sr
    shares = tuple((phantom.ground_uW_per_cm2_sr + phantom.radiance_per_nM * c) / top for c in conc)
    centers, wide = _wells(camera)
    expected = targets.image_of(
        camera,
        targets.wells(centers, wide, shares, phantom.ground_uW_per_cm2_sr / top),
        top,
        phantom.emission_nm,
    )
    image, full = bench.counts(expected + ambient_electrons(camera))
    parts = [
        region_signal(image, Roi(f"well {k}", "other", "disc", c, 0.35 * wide), camera, 0.0, full)
        for k, c in enumerate(centers)
    ]
    ground = region_signal(image, _middle(camera), camera, 0.0, full)
    usable = [k for k, part in enumerate(parts) if part.saturated_fraction == 0.0]
    if len(usable) < 3:
        return {"lod_nM": None, "loq_nM": None, "r2": None, "saturated_wells": 6 - len(usable)}
    found = detection_limits(conc[usable], np.array([parts[k].mean_e for k in usable]), ground.sd_e)
    return {
        "lod_nM": found.lod_nM,
        "loq_nM": found.loq_nM,
        "r2": found.r2,
        "saturated_wells": 6 - len(usable),
    }


def _middle(camera: Camera) -> Roi:
    """Strip between the rows of wells."""
    x, y = camera.centers_mm()
    wide, high = camera.field_of_view_mm
    inside = (np.abs(y)[:, None] < 0.08 * high) & (np.abs(x)[None, :] < 0.4 * wide)
    return Roi("ground", "background", "mask", mask=inside)


def _sbr(bench: _Bench) -> dict[str, Any]:
    camera, phantom = bench.camera, bench.phantom
    top = phantom.radiance_per_nM * phantom.highest_nM + phantom.ground_uW_per_cm2_sr
    wide = 0.3 * min(camera.field_of_view_mm)
    disc = targets.wells(((0.0, 0.0),), wide, (1.0,), phantom.ground_uW_per_cm2_sr / top)
    expected = targets.image_of(camera, disc, top, phantom.emission_nm)
    image, full = bench.counts(expected + ambient_electrons(camera))
    inner = Roi("well", "target", "disc", radius_mm=0.35 * wide)
    ring = Roi("ring", "background", "annulus", inner_mm=0.8 * wide, outer_mm=1.4 * wide)
    t, b = (region_signal(image, roi, camera, 0.0, full) for roi in (inner, ring))
    if max(t.saturated_fraction, b.saturated_fraction) > 0:
        return {"sbr": None, "cnr": None, "rule": f"{inner.rule} over {ring.rule}"}
    got = in_vivo_contrast(t, b)
    return {"sbr": got.tbr, "cnr": got.cnr, "rule": f"{inner.rule} over {ring.rule}"}


def _depth(bench: _Bench) -> dict[str, Any]:
    camera, phantom = bench.camera, bench.phantom
    x, y = camera.centers_mm()
    wide, high = camera.field_of_view_mm
    depth = (x / wide + 0.5) * phantom.deepest_mm

    def target(at_x: Floats, at_y: Floats) -> Floats:
        below = np.maximum((at_x / wide + 0.5) * phantom.deepest_mm, 0.0)
        added = np.where(np.abs(at_y) < 0.1 * high, phantom.depth_uW_per_cm2_sr(below), 0.0)
        return phantom.ground_uW_per_cm2_sr + added

    image = bench.frame(target, 1.0)
    strip = np.broadcast_to(np.abs(y)[:, None] < 0.08 * high, image.shape)
    beside = np.broadcast_to(np.abs(y)[:, None] > 0.35 * high, image.shape)
    return {"greatest_depth_mm": wedge_depth_mm(image, strip, beside, depth)}


def _distortion(bench: _Bench, bright: float) -> dict[str, Any]:
    spacing = min(bench.camera.field_of_view_mm) / 8.0
    image = bench.frame(targets.dot_grid(spacing, 0.4 * spacing), bright)
    found = dot_distortion(image, bench.camera.pixel_mm[0], spacing)
    farthest = float(found.off_axis_mm.max())
    return {
        "largest": found.largest,
        "outermost": found.outermost,
        "outermost_at_mm": farthest,
        "dots": found.dots,
    }


def _lamp(bench: _Bench) -> dict[str, Any]:
    """Sweep a narrow filter over the lamp on the white reflector; exposures as each needs."""
    phantom = bench.phantom
    low, high = phantom.lamp_nm
    centers = np.arange(low, high + SWEEP_nm / 2, SWEEP_nm)
    seen = np.array([_through(bench, float(nm)) for nm in centers])  # uW/(cm² sr) in SWEEP_nm
    band = lamp_band(centers, seen)
    power = float(irradiance_mW_per_cm2(np.asarray(seen.sum()), REFLECTANCE))
    return {
        "excitation_bands": {
            "low_nm": band.low_nm,
            "high_nm": band.high_nm,
            "fwhm_nm": band.fwhm_nm,
        },
        "power": {
            "peak_nm": band.peak_nm,
            "center_nm": band.center_nm,
            "irradiance_mW_per_cm2": power,
        },
    }


def _through(bench: _Bench, center_nm: float) -> float:
    """Mean radiance of the reflector through a filter, as the camera measures it."""
    camera = bench.camera
    edges = (center_nm - SWEEP_nm / 2, center_nm + SWEEP_nm / 2)
    if float(curve_at(camera.sensor.qe, np.array(center_nm), "quantum efficiency")) <= 0.0:
        raise DataError(f"the sensor is blind at {center_nm:g} nm; it cannot measure this lamp")
    eye = replace(camera, filter=Filter(edges, camera.filter.out_of_band_od, effective_index=1e6))
    inside = np.linspace(*edges, 9)
    power = bench.phantom.lamp_mW_per_cm2_nm(inside) * 1e3  # uW/(cm² nm)
    radiance = float(diffuse_radiance(np.trapezoid(power, inside), REFLECTANCE))
    x, y = eye.centers_mm()
    lit = radiance * np.broadcast_to(bench.phantom.light(x[None, :], y[:, None]), eye.shape)
    expected = expected_electrons(eye, np.array([center_nm]), lit[None])
    # a third of what a pixel holds, at the brightest place alone: light falls to its rim
    factor = eye.sensor.capacity_e / 3.0 / max(float(expected.max()), 1e-9)
    eye = replace(eye, exposure_s=eye.exposure_s * factor)
    dark = np.zeros((4, *eye.shape))
    readings = sample_counts(eye, expected * factor, bench.rng, bench.pattern)
    background = sample_counts(eye, dark, bench.rng, bench.pattern)
    image = dark_subtracted(eye, readings, background)
    ny, nx = image.shape
    box = (slice(ny // 2 - 4, ny // 2 + 4), slice(nx // 2 - 4, nx // 2 + 4))
    return float(radiance_of_electrons(eye, image, center_nm)[box].mean())
