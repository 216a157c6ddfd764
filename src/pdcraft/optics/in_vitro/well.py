r"""Light from a clear liquid with dye: absorbed on the way in, absorbed again on the way out.

Light of wavelength :math:`x` enters along the axis and decays with all absorption
:math:`\mu_x`; light of :math:`m` leaves the way it came. Of the photons that enter a path
:math:`L`, the dye absorbs and the liquid lets out again

.. math:: \mu_{x,\mathrm{dye}} \int_0^L e^{-(\mu_x + \mu_m) z}\,dz
   = \mu_{x,\mathrm{dye}}\, L\, \frac{1-10^{-A}}{A \ln 10}, \qquad
   A = \frac{(\mu_x + \mu_m) L}{\ln 10},

the factor of the inner filter effect [Lakowicz06]_. An isotropic emitter in a medium of index
:math:`n` sends the share :math:`\Omega/(4\pi n^2)` into a small cone :math:`\Omega` outside, less
what the surfaces reflect. Path lengths follow the liquid's surface over the lit spot.

References
----------
.. [Lakowicz06] J.R. Lakowicz, Principles of Fluorescence Spectroscopy, 3rd ed. (2006), chapter 2
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera import Camera
from pdcraft.optics.camera.curve import curve_at
from pdcraft.optics.dye import Dye
from pdcraft.optics.in_vitro.vessel import Vessel
from pdcraft.optics.spectra import Line, Spectrum
from pdcraft.physics.optics import inner_filter_factor, specular_reflectance
from pdcraft.physics.radiometry import diffuse_radiance, photons_per_J

__all__ = [
    "WATER_INDEX",
    "Reading",
    "electrons_per_nM",
    "inner_filter",
    "leaked_electrons",
    "mean_fluence_rate",
    "photon_radiance",
    "reflected",
    "well_electrons",
]

WATER_INDEX, PLASTIC_INDEX = 1.33, 1.59  # polystyrene at 590 nm; both recalled, not verified
NODES_IN, NODES_OUT, NODES_RADIUS = 33, 65, 16
FLAT = 1e-9  # relative: a surface as flat as this has one path


@dataclass(frozen=True, slots=True)
class Reading:
    """How wells are read.

    Parameters
    ----------
    light : Line or Spectrum
        Lamp; its scale does not matter.
    irradiance_mW_per_cm2 : float
    spot_mm : float or None
        Diameter of the lit spot in the middle; None lights the whole well.
    side : {"top", "bottom"}
        Where light enters and leaves: through the liquid's surface, or the plate's bottom.
    camera : Camera
        Lens, filter, sensor and exposure of the detector; one reading integrates the spot.
    medium : Spectrum or None
        Absorption of the liquid without dye, 1/mm.
    """

    light: Line | Spectrum
    irradiance_mW_per_cm2: float
    spot_mm: float | None
    side: Literal["top", "bottom"]
    camera: Camera
    medium: Spectrum | None = None

    def lamp_nodes(self) -> tuple[Floats, Floats]:
        """Wavelengths of the lamp and shares of its power, sum 1."""
        if isinstance(self.light, Line):
            return np.array([self.light.wavelength_nm]), np.array([1.0])
        return _nodes(self.light, NODES_IN)

    def lit_radius_mm(self, vessel: Vessel) -> float:
        """Radius of the lit part of a vessel's liquid."""
        whole = vessel.radius_mm
        return whole if self.spot_mm is None else min(0.5 * self.spot_mm, whole)


def well_electrons(dye: Dye, conc_nM: Floats, vessel: Vessel, reading: Reading) -> Floats:
    """Return the expected electrons of a reading, from the dye alone.

    Parameters
    ----------
    dye : Dye
    conc_nM : ndarray, shape (n,)
        Concentrations in the vessel, zero or more.
    vessel : Vessel
    reading : Reading

    Returns
    -------
    ndarray, shape (n,)
        Electrons, before the sensor fills.
    """
    conc = np.atleast_1d(np.asarray(conc_nM, dtype=np.float64))
    yields = np.asarray(dye.yield_at(conc))
    entering = _entering_photons(vessel, reading)
    emitted, power_nm = _emission_nodes(dye)
    response = power_nm * _detected_share(reading, emitted)
    escaping = _escaping(
        dye, conc, *_paths(vessel, reading.lit_radius_mm(vessel)), reading, emitted
    )  # (n, out)
    return np.asarray(entering * yields * (escaping @ response))


def electrons_per_nM(dye: Dye, vessel: Vessel, reading: Reading) -> float:
    """Slope at no concentration, electrons per nM."""
    tiny = 1e-6
    return float(well_electrons(dye, np.array([tiny]), vessel, reading)[0]) / tiny


def inner_filter(dye: Dye, conc_nM: Floats, vessel: Vessel, reading: Reading) -> Floats:
    """Signal over what the dilute dye would give at each concentration, quenching apart.

    Returns
    -------
    ndarray, shape (n,)
        1 where no light is lost, falling with absorbance.
    """
    conc = np.atleast_1d(np.asarray(conc_nM, dtype=np.float64))
    emitted, power_nm = _emission_nodes(dye)
    response = power_nm * _detected_share(reading, emitted)
    tiny = 1e-6
    paths = _paths(vessel, reading.lit_radius_mm(vessel))
    thin = _escaping(dye, np.array([tiny]), *paths, reading, emitted)
    dilute = float((thin @ response)[0]) / tiny
    safe = np.where(conc > 0.0, conc, tiny)
    return np.asarray((_escaping(dye, safe, *paths, reading, emitted) @ response) / safe / dilute)


def leaked_electrons(vessel: Vessel, reading: Reading) -> float:
    """Electrons of the lamp's light that the surface reflects and the filter lets through.

    What the surface reflects is taken as spread evenly over all directions.
    """
    nm, share = reading.lamp_nodes()
    camera = reading.camera
    area_cm2 = math.pi * reading.lit_radius_mm(vessel) ** 2 * 1e-2
    etendue_cm2_sr = area_cm2 * float(camera.lens.collected_sr(np.zeros(1))[0])
    power_mW = reading.irradiance_mW_per_cm2 * share
    radiance_mW = diffuse_radiance(power_mW, np.asarray(reflected(reading.side)))
    photons = 1e-3 * radiance_mW * photons_per_J(nm) * etendue_cm2_sr * camera.exposure_s
    passed = _losses(reading, nm)
    return float(np.sum(photons * passed))


def mean_fluence_rate(dye: Dye, conc_nM: float, vessel: Vessel, reading: Reading) -> float:
    """Mean fluence rate of the lamp's light in the lit liquid, mW/cm²."""
    nm, share = reading.lamp_nodes()
    mua = np.array([dye.mua_per_mm(float(v), conc_nM) for v in nm]) + _plain(reading, nm)
    paths, weight = _paths(vessel, reading.lit_radius_mm(vessel))
    decades = mua * paths[:, None] / math.log(10.0)
    passed = inner_filter_factor(decades) * (weight * paths)[:, None] / np.sum(weight * paths)
    return reading.irradiance_mW_per_cm2 * _through(reading.side) * float(np.sum(passed * share))


def photon_radiance(
    dye: Dye, conc_nM: float, path_mm: Floats, reading: Reading, emitted_nm: Floats
) -> Floats:
    """Photon radiance toward the detector by paths of liquid, per emitted photon of a wavelength.

    Parameters
    ----------
    dye : Dye
    conc_nM : float
    path_mm : ndarray, shape (paths,)
    reading : Reading
    emitted_nm : ndarray, shape (out,)

    Returns
    -------
    ndarray, shape (paths, out)
        1/(s cm² sr).
    """
    nm, share = reading.lamp_nodes()
    irradiance = float(np.sum(share * photons_per_J(nm))) * reading.irradiance_mW_per_cm2 * 1e-3
    surfaces = _through(reading.side) ** 2 / (4.0 * math.pi * WATER_INDEX**2)
    amount = np.array([conc_nM])
    one = np.ones(1)
    rows = [_escaping(dye, amount, np.array([p]), one, reading, emitted_nm)[0] for p in path_mm]
    return irradiance * float(dye.yield_at(conc_nM)) * surfaces * np.array(rows)


def _entering_photons(vessel: Vessel, reading: Reading) -> float:
    """Photons that enter the liquid during the exposure."""
    nm, share = reading.lamp_nodes()
    area_cm2 = math.pi * reading.lit_radius_mm(vessel) ** 2 * 1e-2
    energy_J = reading.irradiance_mW_per_cm2 * 1e-3 * area_cm2 * reading.camera.exposure_s
    return float(np.sum(share * photons_per_J(nm))) * energy_J * _through(reading.side)


def _through(side: str) -> float:
    """Share of light at normal incidence that passes the surfaces between air and liquid."""
    if side == "top":
        return 1.0 - specular_reflectance(1.0, WATER_INDEX)
    outer = 1.0 - specular_reflectance(1.0, PLASTIC_INDEX)
    return outer * (1.0 - specular_reflectance(PLASTIC_INDEX, WATER_INDEX))


def reflected(side: str) -> float:
    """Share of the lamp's light that the surfaces it passes first reflect."""
    return 1.0 - _through(side)


def _emission_nodes(dye: Dye) -> tuple[Floats, Floats]:
    """Wavelengths of the dye's emission and shares of its photons, sum 1."""
    if isinstance(dye.emission, Line):
        return np.array([dye.emission.wavelength_nm]), np.array([1.0])
    return _nodes(dye.emission, NODES_OUT)


def _nodes(spectrum: Spectrum, count: int) -> tuple[Floats, Floats]:
    """Midpoints of equal steps over a spectrum and the exact share in each step."""
    low, high = spectrum.range_nm
    edges = np.linspace(low, high, count + 1)
    share = np.array([spectrum.integral(a, b) for a, b in pairwise(edges)])
    return 0.5 * (edges[:-1] + edges[1:]), share / share.sum()


def _detected_share(reading: Reading, nm: Floats) -> Floats:
    """Electrons per photon emitted in the liquid toward all sides, without absorption."""
    cone_sr = float(reading.camera.lens.collected_sr(np.zeros(1))[0])
    geometric = cone_sr / (4.0 * math.pi * WATER_INDEX**2) * _through(reading.side)
    return geometric * _losses(reading, nm)


def _losses(reading: Reading, nm: Floats) -> Floats:
    """Electrons per photon that reaches the lens."""
    camera = reading.camera
    lens = curve_at(camera.lens.transmission, nm, "transmission")
    qe = curve_at(camera.sensor.qe, nm, "qe")
    return np.asarray(lens * camera.filter.at(nm) * qe)


@lru_cache(maxsize=32)
def _paths(vessel: Vessel, edge: float) -> tuple[Floats, Floats]:
    """Heights of liquid under the lit spot and the share of the spot at each."""
    r, w = np.polynomial.legendre.leggauss(NODES_RADIUS)
    radius = 0.5 * edge * (r + 1.0)
    height = vessel.height_mm(radius)
    share = w * radius / np.sum(w * radius)
    if np.ptp(height) <= FLAT * height[0]:
        return height[:1], np.ones(1)
    return height, share


def _escaping(
    dye: Dye,
    conc_nM: Floats,
    path_mm: Floats,
    path_share: Floats,
    reading: Reading,
    emitted_nm: Floats,
) -> Floats:
    """Photons absorbed by the dye and let out, per entering photon; shape (n, out)."""
    lamp_nm, power = reading.lamp_nodes()
    photons = power * lamp_nm / np.sum(power * lamp_nm)
    per_nM = np.array([dye.mua_per_mm(float(nm), 1.0) for nm in lamp_nm])
    back_per_nM = np.array([dye.mua_per_mm(float(nm), 1.0) for nm in emitted_nm])
    plain_in, plain_out = _plain(reading, lamp_nm), _plain(reading, emitted_nm)
    out = np.zeros((conc_nM.size, emitted_nm.size))
    for path, share in zip(path_mm, path_share, strict=True):
        for photon, dye_in, other in zip(photons, per_nM, plain_in, strict=True):
            own = dye_in * conc_nM[:, None]
            total = own + other + back_per_nM * conc_nM[:, None] + plain_out
            factor = inner_filter_factor(np.asarray(total * path / math.log(10.0)))
            out += share * photon * own * path * factor
    return out


def _plain(reading: Reading, nm: Floats) -> Floats:
    """Absorption of the liquid without dye, 1/mm."""
    return np.zeros_like(nm) if reading.medium is None else reading.medium.at(nm)
