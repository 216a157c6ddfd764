"""Diffusion of light in flat scenes: an independent, biased check of the walks.

Finite volumes on the domain's voxels, partial-current (Robin) boundaries. Collimated light enters
as the source of its first reduced scattering. Conjugate gradients are preconditioned with the
exact solution for the layers' means: cosine (sine, Fourier) transforms across, one tridiagonal
system in depth for every wave number.

Beside walks with g = 0.9 and one millimeter or more below the surface, fluence rates are within
some ten percent; nearer, in strong absorbers (mua above a tenth of the reduced scattering) and for
radiance at the surface the error is larger. Never the number to report where walks can be run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import ConvergenceError, DataError
from pdcraft.physics.diffuse_light import boundary_factor
from pdcraft.physics.optics import fresnel_reflectance
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.psf import at_pixels
from pdcraft.transport.optical.region_volume import region_volumes_mm3

__all__ = [
    "DiffusionProblem",
    "diffusion_fluence",
    "diffusion_image",
    "diffusion_problem",
    "solve_diffusion",
]

Floats = NDArray[np.float64]

TOLERANCE = 1e-8  # of the residual
MOST_ITERATIONS = 500


@dataclass(frozen=True, slots=True)
class DiffusionProblem:
    """Coefficients of the voxels and of the faces between them.

    ``links`` holds, for each axis, the conductance to the next voxel (the last of an axis wraps
    round where the sides are periodic); ``diagonal`` is the matrix's.
    """

    domain: OpticalDomain
    mua: Floats
    diffusion_mm: Floats
    links: tuple[Floats, Floats, Floats]
    diagonal: Floats
    top: Floats  # (nx, ny) conductance through the surface

    def apply(self, fluence: Floats) -> Floats:
        """Multiply by the matrix: absorption plus what flows out, per voxel."""
        out = self.diagonal * fluence
        for axis, link in enumerate(self.links):
            flow = link * np.roll(fluence, -1, axis)
            out -= flow
            out -= np.roll(link * fluence, 1, axis)
        return out


def diffusion_problem(domain: OpticalDomain, medium: OpticalMedium) -> DiffusionProblem:
    """Set up the system.

    Raises
    ------
    DataError
        If the surface is curved, or a region does not scatter.
    """
    if domain.curved:
        raise DataError(
            "diffusion: the surface is curved, but the solver takes flat ones; use the method "
            "'adjoint' or 'backward'"
        )
    used = np.unique([*np.unique(domain.labels), *(s.label for s in domain.shapes)])
    musp = medium.mus_per_mm * (1.0 - medium.g)
    if np.any(musp[used] <= 0.0):
        label = int(used[np.argmin(musp[used])])
        raise DataError(
            f"diffusion: label {label} does not scatter; diffusion needs scattering everywhere"
        )
    parts = region_volumes_mm3(domain)
    weight = parts.volume / domain.voxel_mm3
    shape, count = domain.labels.shape, domain.labels.size

    def mixed(values: Floats) -> Floats:
        mean: Any = np.bincount(parts.voxel, weight * values[parts.label], count)
        return mean.reshape(shape)

    mua = mixed(medium.mua_per_mm)
    diffusion = 1.0 / (3.0 * mixed(medium.mua_per_mm + musp))
    h = domain.voxel_mm
    volume = domain.voxel_mm3
    links: list[Floats] = []
    diagonal = mua * volume
    for axis in range(3):
        area = volume / h[axis]
        after = np.roll(diffusion, -1, axis)
        link = area / h[axis] * 2.0 * diffusion * after / (diffusion + after)
        last = [slice(None)] * 3
        last[axis] = slice(-1, None)
        if axis == 2 or domain.lateral != "periodic":
            link[tuple(last)] = 0.0
        diagonal = diagonal + link + np.roll(link, 1, axis)
        links.append(link)
    layer = domain.labels[0, 0]
    below = domain.n_outside if domain.n_below is None else domain.n_below
    top_a = boundary_factor(float(medium.n[layer[0]]), domain.n_outside)
    bottom_a = boundary_factor(float(medium.n[layer[-1]]), below)

    def leak(d: Floats, a: float, axis: int) -> Floats:
        area = volume / h[axis]
        return area / (0.5 * h[axis] / d + 2.0 * a)

    top = leak(diffusion[:, :, 0], top_a, 2)
    diagonal[:, :, 0] += top
    diagonal[:, :, -1] += leak(diffusion[:, :, -1], bottom_a, 2)
    if domain.lateral == "open":
        for axis in (0, 1):
            for end in (0, -1):
                face: list[slice | int] = [slice(None)] * 3
                face[axis] = end
                diagonal[tuple(face)] += leak(diffusion[tuple(face)], 1.0, axis)
    return DiffusionProblem(domain, mua, diffusion, (links[0], links[1], links[2]), diagonal, top)


def _layered_inverse(problem: DiffusionProblem):
    """Solve exactly for coefficients that are means over each depth."""
    from scipy import fft

    transforms: Any = fft  # its stubs name another protocol

    domain = problem.domain
    nx, ny, nz = domain.labels.shape
    h = domain.voxel_mm
    mean = problem.diffusion_mm.mean(axis=(0, 1))
    waves: list[Floats] = []
    for count, step in ((nx, h[0]), (ny, h[1])):
        if domain.lateral == "periodic":
            angle = math.pi * np.fft.fftfreq(count)
        elif domain.lateral == "mirror":
            angle = 0.5 * math.pi * np.arange(count) / count
        else:
            angle = 0.5 * math.pi * (np.arange(count) + 1.0) / count
        waves.append(4.0 * np.sin(angle) ** 2 / step**2)
    across = (waves[0][:, None] + waves[1][None, :])[:, :, None]
    own = problem.diagonal - sum(
        link + np.roll(link, 1, axis) for axis, link in enumerate(problem.links[:2])
    )
    inner = own[nx // 2, ny // 2] if domain.lateral == "open" else own.mean(axis=(0, 1))
    main = inner[None, None, :] + across * (mean * domain.voxel_mm3)[None, None, :]
    off = -problem.links[2].mean(axis=(0, 1))
    # Thomas' factors, for all wave numbers at once
    ratio = np.empty_like(main)
    pivot = np.empty_like(main)
    pivot[:, :, 0] = main[:, :, 0]
    for k in range(1, nz):
        ratio[:, :, k] = off[k - 1] / pivot[:, :, k - 1]
        pivot[:, :, k] = main[:, :, k] - ratio[:, :, k] * off[k - 1]

    def solve(right: Floats) -> Floats:
        if domain.lateral == "periodic":
            y = transforms.fftn(right, axes=(0, 1))
        elif domain.lateral == "mirror":
            y = transforms.dctn(right, type=2, axes=(0, 1), norm="ortho")
        else:
            y = transforms.dstn(right, type=2, axes=(0, 1), norm="ortho")
        for k in range(1, nz):
            y[:, :, k] -= ratio[:, :, k] * y[:, :, k - 1]
        y[:, :, -1] /= pivot[:, :, -1]
        for k in range(nz - 2, -1, -1):
            y[:, :, k] = (y[:, :, k] - off[k] * y[:, :, k + 1]) / pivot[:, :, k]
        if domain.lateral == "periodic":
            return np.real(transforms.ifftn(y, axes=(0, 1)))
        if domain.lateral == "mirror":
            return transforms.idctn(y, type=2, axes=(0, 1), norm="ortho")
        return transforms.idstn(y, type=2, axes=(0, 1), norm="ortho")

    return solve


def solve_diffusion(problem: DiffusionProblem, source: NDArray[np.float64]) -> Floats:
    """Give the fluence rate for a source per voxel, by preconditioned conjugate gradients.

    Raises
    ------
    ConvergenceError
        If the residual stays above 1e-8 of the source.
    """
    inverse = _layered_inverse(problem)
    residual = np.array(source, dtype=np.float64)
    goal = TOLERANCE * float(np.linalg.norm(residual))
    x = np.zeros_like(residual)
    z = inverse(residual)
    p, rz = z, float(np.vdot(residual, z))
    for _ in range(MOST_ITERATIONS):
        if float(np.linalg.norm(residual)) <= goal:
            return x
        ap = problem.apply(p)
        step = rz / float(np.vdot(p, ap))
        x += step * p
        residual -= step * ap
        z = inverse(residual)
        before, rz = rz, float(np.vdot(residual, z))
        p = z + rz / before * p
    raise ConvergenceError(
        f"diffusion: the residual is still {np.linalg.norm(residual) / goal * TOLERANCE:.1e} of "
        f"the source after {MOST_ITERATIONS} iterations; use another method for this scene"
    )


def diffusion_fluence(domain: OpticalDomain, medium: OpticalMedium, beam: Beam) -> Floats:
    """Give the fluence rate over irradiance under plane light, (nx, ny, nz).

    Diffuse and collimated light together.

    Raises
    ------
    DataError
        For curved surfaces, spots and lamps at a distance.
    """
    if beam.kind != "plane" or math.isfinite(beam.distance_mm):
        raise DataError("diffusion: the light must be plane and parallel; use other methods")
    problem = diffusion_problem(domain, medium)
    layer = domain.labels[0, 0]
    n = float(medium.n[layer[0]])
    cosine = math.cos(math.radians(beam.incidence_deg))
    inside = math.sqrt(1.0 - (1.0 - cosine**2) * (domain.n_outside / n) ** 2)
    share = 1.0 - float(fresnel_reflectance(cosine, domain.n_outside, n))
    total = 1.0 / (3.0 * problem.diffusion_mm)  # absorption and reduced scattering
    h = domain.voxel_mm[2]
    depth = np.cumsum(total, axis=2) * h / inside
    above = np.concatenate([np.zeros_like(depth[:, :, :1]), depth[:, :, :-1]], axis=2)
    # mean collimated fluence in each voxel: what is lost there over coefficient and length
    direct = share * cosine * (np.exp(-above) - np.exp(-depth)) / (total * h)
    source = direct * (total - problem.mua) * domain.voxel_mm3
    return solve_diffusion(problem, source) + direct


def diffusion_image(
    domain: OpticalDomain,
    medium: OpticalMedium,
    view: View,
    sources: NDArray[np.float64],
) -> Floats:
    """Give the radiance of isotropic sources, taken as the same in all directions (Lambert).

    Parameters
    ----------
    sources : ndarray, shape (groups, nx, ny, nz)
        Source density.

    Returns
    -------
    ndarray, shape (groups, rows, columns)
    """
    problem = diffusion_problem(domain, medium)
    area = domain.voxel_mm[0] * domain.voxel_mm[1]
    out: list[Floats] = []
    for source in np.asarray(sources, dtype=np.float64):
        fluence = solve_diffusion(problem, source * domain.voxel_mm3)
        out.append(at_pixels(domain, fluence[:, :, 0] * problem.top / (area * math.pi), view))
    return np.array(out)
