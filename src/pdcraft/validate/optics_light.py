"""Light in tissue against van de Hulst, adding-doubling, MCX, closed forms and itself reversed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pdcraft.physics import chandrasekhar
from pdcraft.transport.optical.backward import backward_image
from pdcraft.transport.optical.domain import OpticalDomain, slab
from pdcraft.transport.optical.emission import emission
from pdcraft.transport.optical.fluence import EnergyBudget, Fluence, fluence
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.psf import layered_spread, spread_image
from pdcraft.transport.optical.region_volume import region_volumes_mm3
from pdcraft.transport.optical.shapes import Shape
from pdcraft.transport.optical.signals import region_signals
from pdcraft.validate.case import Case

__all__ = ["cases", "mcx_absorbed"]

SUITE = "optics"

HULST = "H. C. van de Hulst, Multiple Light Scattering, vol. 2 (1980)"
AD = "adding-doubling, iadpython 0.5.3, 24 quadrature points (28: within 1e-4)"
MCX = "Q. Fang, MCX, mcx_gpu_benchmarks.m"
H = "S. Chandrasekhar, Radiative Transfer (1960): H function"

# name: mua, mus per mm, g, n, thickness mm (negative: a half space cut there), R, T, source
SLABS = {
    "slab, n 1, albedo 0.9, depth 2, g 0.75": (0.1, 0.9, 0.75, 1.0, 2.0, 0.09739, 0.66096, HULST),
    "half space, n 1.5, albedo 0.9, g 0": (0.1, 0.9, 0.0, 1.5, -40.0, 0.25997, None, AD),
    "10 mm, mua 0.02, mus 10, g 0.9, n 1.4": (0.02, 10.0, 0.9, 1.4, 10.0, 0.53002, 0.05595, AD),
    "half space, mua 0.3, mus 20, g 0.9, n 1.4": (0.3, 20.0, 0.9, 1.4, -20.0, 0.22339, None, AD),
    "half space, n 1, albedo 0.99, g 0.9": (0.01, 0.99, 0.9, 1.0, -400.0, 0.39955, None, AD),
    "1 mm, mua 0.02, mus 10, g 0.9, n 1.4": (0.02, 10.0, 0.9, 1.4, 1.0, 0.35328, 0.57507, AD),
}
GATE_mm = 5e-9 * 299792458e3  # 5 ns of light in vacuum
MCX_ABSORBED = {"cube60": 0.1769, "cubesph60b": 0.2702, "cube60planar": 0.2551}


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield the cases; with `full`, at the precision that the tolerances aim at (minutes)."""
    scale = 50 if full else 1
    yield from _slabs(20_000 * scale)
    yield from _mcx(40_000 * scale)
    for albedo in (0.9, 0.99):
        yield from _even_dye(albedo, 20 if full else 1)
    yield _reciprocity(100_000 * scale)


def _medium(mua: list[float], mus: list[float], g: list[float], n: list[float]) -> OpticalMedium:
    """Properties of labels 1, 2 ..."""
    return OpticalMedium(
        np.array([0.0, *mua]), np.array([0.0, *mus]), np.array([0.0, *g]), np.array([1.0, *n])
    )


def _within(
    name: str, value: float, error: float, want: float, source: str, least: float, why: str = ""
) -> Case:
    """Judge by the larger of `least` and three standard errors."""
    allowed = max(least, 3.0 * error)
    rule = f"{allowed:.2g} absolute: larger of {least:.2g} and 3 standard errors{why}"
    passed = bool(abs(value - want) <= allowed)
    return Case(SUITE, name, float(value), float(want), rule, source, passed)


def _budget(
    mua: float, mus: float, g: float, n: float, depth: float, histories: int
) -> EnergyBudget:
    thick = abs(depth)
    domain = slab(
        (1.0, 1.0, thick), (1.0, 1.0, thick), lateral="periodic", n_below=n if depth < 0 else None
    )
    medium = _medium([mua], [mus], [g], [n])
    return fluence(domain, medium, Beam(), histories=histories, voxels=False, copies=False).budget


def _slabs(histories: int) -> Iterator[Case]:
    worst = 0.0
    for name, (mua, mus, g, n, depth, r, t, source) in SLABS.items():
        found = _budget(mua, mus, g, n, depth, histories)
        value = found.reflected_specular + found.reflected_diffuse
        error = found.std_err["reflected_diffuse"]
        yield _within(f"reflectance, {name}", value, error, r, source, 5e-4)
        if t is not None:
            error = found.std_err["transmitted"]
            yield _within(f"transmittance, {name}", found.transmitted, error, t, source, 5e-4)
        worst = max(worst, found.balance_error)
    passed = worst <= 1e-5
    yield Case(
        SUITE, "energy balance, largest of the slabs", worst, 0.0, "1e-05 absolute: rounding only",
        "conservation", passed,
    )  # fmt: skip


def mcx_absorbed(name: str, histories: int) -> tuple[float, float]:
    """Absorbed fraction of one of MCX's scenes, and its standard error.

    Boundaries are MCX's: the index may change at faces of voxels, all sides reflect (not in
    cube60), light enters without reflection.
    """
    labels = np.ones((60, 60, 60), dtype=np.uint16)
    reflecting = name != "cube60"
    if reflecting:
        d = (np.arange(60) + 0.5 - 30.0) ** 2
        labels[(d[:, None, None] + d[None, :, None] + d[None, None, :]) <= 15.0**2] = 2
    outside = 1.0 if reflecting else 1.37
    domain = OpticalDomain(labels, (1.0, 1.0, 1.0), n_outside=outside)
    medium = _medium([0.005, 0.002], [1.0, 5.0], [0.01, 0.9], [1.37, 1.0])
    beam = Beam("spot", center_mm=(-1.0, -1.0), diameter_mm=1e-9)  # MCX's (29, 29)
    if name == "cube60planar":
        beam = Beam("square", diameter_mm=40.0)
    found = fluence(
        domain, medium, beam, histories=histories, voxels=False, copies=False,
        mcx=reflecting, gate_mm=GATE_mm,
    ).budget  # fmt: skip
    return found.absorbed, found.std_err["absorbed"]


def _mcx(histories: int) -> Iterator[Case]:
    for name, want in MCX_ABSORBED.items():
        value, error = mcx_absorbed(name, histories)
        least = 0.001 if name == "cube60" else 0.005
        why = "" if name == "cube60" else " (MCX allows itself 0.005)"
        yield _within(f"absorbed fraction, {name}", value, error, want, MCX, least, why)


def _even_dye(albedo: float, scale: int) -> Iterator[Case]:
    """Dye spread evenly in a half space of isotropic scatterers, by every method."""
    depth, step = (20.0, 0.2) if albedo < 0.95 else (50.0, 0.5)
    domain = slab((8.0, 8.0, depth), (4.0, 4.0, step), lateral="periodic")
    medium = _medium([1.0 - albedo], [albedo], [0.0], [1.0])
    view = View(2, 2, 8.0, 8.0)
    want = chandrasekhar.nadir_radiance_slope(albedo)
    name = f"even dye, albedo {albedo:g}"
    signals = region_signals(
        domain, (medium,), (medium,), Beam(), view, np.ones((1, 2, 2)),
        histories=(60_000 * scale, 40_000 * scale), copies=False,
    )  # fmt: skip

    def whole(mean: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(mean[0, 0, 0].sum())

    error = float(signals.std_err_of(whole))
    half = 0.005 * want
    radiance = f"nadir radiance per dye share, {name}"
    yield _within(f"{radiance}: adjoint", float(whole(signals.mean)), error, want, H, half)
    lit = fluence(domain, medium, Beam(), histories=60_000 * scale, copies=False)
    common = _rel_err(lit)
    out = emission(domain, medium, lit.mean, histories=60_000 * scale)
    value = lit.mean.sum() * domain.voxel_mm3 / 64.0 * out.reflected_diffuse
    rel = math.hypot(common, out.std_err["reflected_diffuse"] / out.reflected_diffuse)
    slope = chandrasekhar.reflectance_slope(albedo)
    yield _within(
        f"photon exitance per dye share, {name}: forward", value, rel * value, slope, H,
        0.005 * slope,
    )  # fmt: skip
    goal = 0.02 / math.sqrt(scale)
    image = backward_image(domain, medium, view, lit.mean, rel_err=(goal, goal))
    value = float(image.mean.mean())
    error = math.hypot(float(np.sqrt((image.std_err**2).mean())) / 2.0, common * value)
    yield _within(f"{radiance}: backward", value, error, want, H, half)
    spread = layered_spread(domain, medium, histories=40_000 * scale)
    even = np.broadcast_to(lit.mean.mean(axis=(0, 1)), lit.mean.shape)
    mean, err = spread_image(domain, spread, even[None], view)
    value = float(mean.mean())
    error = math.hypot(float(err.mean()), common * value)
    yield _within(f"{radiance}: spread of layers", value, error, want, H, half)


def _rel_err(lit: Fluence) -> float:
    """Relative standard error of all fluence together."""
    groups = lit.batch_sums.sum(axis=1, dtype=np.float64)
    return float(groups.std(ddof=1) / math.sqrt(len(groups)) / groups.mean())


def _reciprocity(histories: int) -> Case:
    """Light from a source to above, and Lambert light from above to the same place."""
    n, h = 40, 0.25
    x = (np.arange(n) + 0.5 - n / 2) * h
    a, b = np.meshgrid(x, x, indexing="ij")
    height = 2.0 * np.exp(-(a**2 + (1.3 * b) ** 2) / 4.5) + 0.3 * np.sin(a) + 0.5
    labels = np.ones((n, n, 32), dtype=np.uint16)
    labels[(np.arange(32) + 0.5) * h < height[:, :, None]] = 0
    shapes = (
        Shape.sphere(2, (0.5, 0.0, 4.0), 1.2, 1),
        Shape.cylinder(3, (-2.0, 0.0, 2.5), 0.4, 20.0, "y", 2),
    )
    domain = OpticalDomain(labels, (h, h, h), shapes, "mirror", height_mm=height)
    medium = _medium([0.02, 0.05, 0.4], [5.0, 8.0, 5.0], [0.8, 0.9, 0.8], [1.4, 1.4, 1.4])
    lit = fluence(domain, medium, Beam("diffuse"), histories=histories, copies=False)
    source = np.zeros(labels.shape)
    source[15:25, 15:25, 8:16] = 1.0
    source *= region_volumes_mm3(domain).tissue
    out = emission(domain, medium, source, histories=histories)
    share = source / source.sum() / (4.0 * 1.4**2)
    back = float((lit.mean * share).sum())
    groups = lit.batch_sums @ share.ravel()
    error = math.hypot(
        out.std_err["reflected_diffuse"] / out.reflected_diffuse,
        float(groups.std(ddof=1)) / math.sqrt(len(groups)) / back,
    )
    name = "reciprocity, uneven tissue under a curved surface, n 1.4"
    return _within(name, out.reflected_diffuse / back, error, 1.0, "reciprocity", 0.002)
