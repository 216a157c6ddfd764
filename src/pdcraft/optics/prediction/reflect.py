r"""Light that leaves a scene: hemispherical numbers of slabs, and its color under white light.

Color is rendered by Kirchhoff's law: what a pixel sees of uniform diffuse light from above is what
its walks do not lose to absorption, to the bottom or the sides. The image of the scene glowing as
warm matter does, :math:`4\pi n^2\mu_a` everywhere, is the absorbed part,

.. math:: \rho(p) = T - \sum_l 4\pi\,n_l^2\,\mu_{a,l}\,G[1_l](p) - b

with *T* the surface's transmittance for the pixel's ray and *b* the share that leaves below and
aside, taken alike for all pixels. The gloss of the surface is left out, as by crossed polarizers.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.optics.prediction.frame import Number, number
from pdcraft.optics.prediction.progress import part_of
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.rgb import Rgb, srgb
from pdcraft.optics.scene_nodes import scene_nodes
from pdcraft.optics.scene_volume import scene_medium
from pdcraft.optics.smoothing import smooth_image
from pdcraft.physics.radiometry import photons_per_J
from pdcraft.transport.optical.backward import backward_image
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.emission import emission
from pdcraft.transport.optical.fluence import EnergyBudget, fluence
from pdcraft.transport.optical.images import source_of_groups
from pdcraft.transport.optical.light import Beam
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.run import Progress

__all__ = ["Reflected", "color_image", "reflectance", "reflectance_factor"]

HISTORIES = 400_000
EMITTED = 200_000
FEWEST = 20_000  # walks of a wavelength, whatever its share
FINE_PATHS = 0.1  # depth of voxels, in transport free paths
MOST_VOXELS = 3_000_000
BRIGHT_nm = 640.0  # where tissue is brightest: sets the exposure of the color image
WHITE_nm = (420.0, 450.0, 480.0, 510.0, 540.0, 560.0, 580.0, 600.0, 640.0, 690.0)
LOST_HISTORIES = 40_000
LONGEST_SIDE = 48  # pixels of the images by wavelength
COLOR_ERROR = (0.1, 0.3)  # of the absorbed part; smoothing takes most of it away


@dataclass(frozen=True, slots=True)
class Reflected:
    """Hemispherical numbers of a slab, as fractions; the exitance counts photons."""

    diffuse: Number
    specular: Number
    transmittance: Number
    exitance_per_irradiance: Number

    def document(self) -> dict[str, object]:
        """Return them by the keys of the document."""
        return {
            "reflectance": {"diffuse": self.diffuse, "specular": self.specular},
            "transmittance": self.transmittance,
            "exitance_per_irradiance": self.exitance_per_irradiance,
        }


def reflectance(
    setup: Setup,
    conc_nM: Mapping[str, float],
    left: Floats | None = None,
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Reflected:
    """Compute what leaves a slab to all sides.

    Parameters
    ----------
    conc_nM : mapping of region to nM
    left : ndarray, shape (labels,), optional
        Share of dye that bleaching left.

    Raises
    ------
    DataError
        For a curved surface, which has no hemispheres.
    """
    if setup.domain.curved:
        raise DataError(
            f"scene '{setup.scene.name}': hemispherical reflectance is that of a flat slab, but "
            "its surface is curved; take 'reflectance' out of run.outputs"
        )
    scene, dye = setup.scene, setup.scene.dye
    # all of the emission counts, whatever band the camera takes
    nodes = scene_nodes(replace(scene, camera=None), conc_nM)
    lamp, glow = nodes.excitation, nodes.emission
    share = lamp.weight / lamp.weight.sum()
    photons = lamp.weight * photons_per_J(lamp.wavelength_nm)
    photons = photons / photons.sum()
    amount = setup.labels_of(conc_nM)
    amount = amount * np.asarray(dye.yield_at(amount))
    amount = amount if left is None else amount * left
    group = np.arange(len(amount), dtype=np.int64)
    domain = _finer(setup.domain, [scene_medium(scene, float(nm)) for nm in lamp.wavelength_nm])
    runs = len(lamp) + len(glow)
    each = None if max_time_s is None else max_time_s / runs
    budgets: list[EnergyBudget] = []
    source = np.zeros(domain.labels.shape)
    noise = 0.0
    for k, nm in enumerate(lamp.wavelength_nm):
        found = fluence(
            domain, scene_medium(scene, float(nm), conc_nM), setup.beam,
            histories=max(FEWEST, round(HISTORIES * float(share[k]))), seed=seed + k,
            threads=threads, copies=False, progress=part_of(progress, k / runs, 1 / runs),
            max_time_s=each,
        )  # fmt: skip
        budgets.append(found.budget)
        parts = source_of_groups(domain, np.ones_like(found.mean), group, len(amount))
        glowing = np.einsum("l,lxyz->xyz", amount, parts)
        rate = float(photons[k]) * dye.mua_per_mm(float(nm), 1.0)
        source += rate * glowing * found.mean
        batches = found.batch_sums.astype(np.float64) @ glowing.ravel() * rate
        noise += float(batches.var(ddof=1)) / len(batches) if len(batches) > 1 else 0.0
    return Reflected(
        _mean(budgets, share, "reflected_diffuse"),
        _mean(budgets, share, "reflected_specular"),
        _mean(budgets, share, "transmitted"),
        _exitance(
            setup,
            domain,
            conc_nM,
            nodes.emission.wavelength_nm,
            glow.weight,
            source,
            noise,
            seed,
            threads,
            part_of(progress, len(lamp) / runs, len(glow) / runs),
            each,
        ),
    )


def _mean(budgets: list[EnergyBudget], share: Floats, name: str) -> Number:
    value = float(sum(s * getattr(b, name) for s, b in zip(share, budgets, strict=True)))
    err = np.sqrt(sum((s * b.std_err[name]) ** 2 for s, b in zip(share, budgets, strict=True)))
    return number(value, float(err))


def _exitance(
    setup: Setup,
    domain: OpticalDomain,
    conc_nM: Mapping[str, float],
    nm: Floats,
    weight: Floats,
    source: Floats,
    source_variance: float,
    seed: int,
    threads: int | None,
    progress: Progress | None,
    each_s: float | None,
) -> Number:
    """Fluorescence photons that leave above per photon of the lamp, whole emission."""
    if not source.any():
        return number(0.0, 0.0)
    made = float(source.sum()) * domain.voxel_mm3 / _lit_mm2(setup)
    value, variance = 0.0, 0.0
    for m, (wavelength, part) in enumerate(zip(nm, weight, strict=True)):
        budget = emission(
            domain, scene_medium(setup.scene, float(wavelength), conc_nM), source,
            histories=max(FEWEST, round(EMITTED * float(part))), seed=seed + 31 + m,
            threads=threads, progress=part_of(progress, m / len(nm), 1 / len(nm)),
            max_time_s=each_s,
        )  # fmt: skip
        value += float(part) * budget.reflected_diffuse
        variance += (float(part) * budget.std_err["reflected_diffuse"]) ** 2
    relative = np.sqrt(source_variance) / float(source.sum())
    return number(made * value, made * float(np.hypot(np.sqrt(variance), value * relative)))


def _lit_mm2(setup: Setup) -> float:
    """Cross section of the lamp's beam: its photons are the irradiance times this."""
    beam: Beam = setup.beam
    if beam.kind == "spot":
        return float(np.pi * (0.5 * beam.diameter_mm) ** 2)
    x, y = setup.domain.size_mm[:2]
    return x * y * float(np.cos(np.radians(beam.incidence_deg)))


def _finer(domain: OpticalDomain, media: list[OpticalMedium]) -> OpticalDomain:
    """Split voxels in depth, where light falls off within one: sources are even in a voxel."""
    steepest = max(
        float(np.max(m.mua_per_mm + m.mus_per_mm * (1.0 - m.g), initial=0.0)) for m in media
    )
    wanted = int(np.ceil(domain.voxel_mm[2] * steepest / FINE_PATHS))
    split = max(1, min(wanted, MOST_VOXELS // domain.labels.size))
    x, y, z = domain.voxel_mm
    labels = np.repeat(domain.labels, split, axis=2)
    return replace(domain, labels=labels, voxel_mm=(x, y, z / split))


def reflectance_factor(
    setup: Setup,
    medium: OpticalMedium,
    shape: tuple[int, int],
    *,
    seed: int,
    threads: int | None = None,
) -> Floats:
    """Radiance over that of a perfect diffuse reflector, under uniform diffuse light; no gloss.

    Parameters
    ----------
    medium : OpticalMedium
        At the wavelength asked for.
    shape : (rows, columns)
        Of the image, over the camera's field.
    """
    domain = setup.domain
    if domain.level_mm is None:  # no light is lost aside: tissue goes on beyond the scene
        domain = replace(domain, lateral="mirror")
    view = replace(setup.view, rows=shape[0], columns=shape[1])
    group = np.arange(-1, medium.labels - 1, dtype=np.int64)  # by label: bodies are exact
    rate = 4.0 * np.pi * medium.mua_per_mm[1:] * (medium.n[1:] / domain.n_outside) ** 2
    absorbed = np.zeros(shape)
    if rate.any():
        everywhere = np.ones(domain.labels.shape)
        made = backward_image(
            domain, medium, view, everywhere, group, weights=rate, rel_err=COLOR_ERROR, seed=seed,
            threads=threads,
        )  # fmt: skip
        error = np.sqrt(np.einsum("g,gyx->yx", rate**2, made.std_err**2))
        absorbed = np.asarray(smooth_image(np.einsum("g,gyx->yx", rate, made.mean), error).image)
    budget = fluence(
        domain, medium, Beam("plane"), histories=LOST_HISTORIES, seed=seed, threads=threads,
        copies=False, voxels=False,
    ).budget  # fmt: skip
    passed = 1.0 - budget.reflected_specular - budget.transmitted - budget.lateral
    seen = absorbed > 0.0 if domain.curved else np.ones(shape, dtype=np.bool_)
    return np.where(seen, np.clip(passed - absorbed, 0.0, 1.0), 0.0)


def color_image(
    setup: Setup,
    conc_nM: Mapping[str, float],
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    exposure: float | None = None,
) -> Rgb:
    """Render the scene in color under white light (D65), on the camera's pixels.

    Parameters
    ----------
    conc_nM : mapping of region to nM
        Dye, which colors as well.
    exposure : float, optional
        Factor on the light; by default such that the brightest hundredth is nearly white.

    Raises
    ------
    PhysicsRangeError
        If a material has no properties in the visible.

    Warns
    -----
    ApproximationWarning
        If materials state one coefficient for all wavelengths: their color is gray.
    """
    used = {region.material for region in setup.scene.regions}
    gray = sorted(
        name
        for name in used
        if name in setup.scene.materials and not setup.scene.materials[name].varies
    )
    if gray:
        warnings.warn(
            f"color image: {', '.join(gray)} states one coefficient for all wavelengths and looks "
            "gray; give tissue or tables for its color",
            ApproximationWarning,
            stacklevel=2,
        )
    rows, columns = setup.camera.shape
    coarse = max(1.0, max(rows, columns) / LONGEST_SIDE)
    shape = (max(1, round(rows / coarse)), max(1, round(columns / coarse)))
    images: list[Floats] = []
    for k, nm in enumerate(WHITE_nm):
        images.append(
            reflectance_factor(
                setup,
                scene_medium(setup.scene, nm, conc_nM),
                shape,
                seed=seed,
                threads=threads,
            )
        )
        if progress:
            progress((k + 1) / len(WHITE_nm), f"color: {nm:g} nm")
    stack = np.array([_enlarged(one, (rows, columns)) for one in images])
    white = exposure
    if white is None:
        red = stack[WHITE_nm.index(BRIGHT_nm)]
        white = 0.85 / max(float(np.quantile(red, 0.99)), 1e-3)
    return srgb(np.array(WHITE_nm), stack, exposure=float(white))


def _enlarged(image: Floats, shape: tuple[int, int]) -> Floats:
    """Bring an image to the camera's pixels, linear between those computed."""
    from scipy.ndimage import map_coordinates

    at = [(np.arange(n) + 0.5) * m / n - 0.5 for n, m in zip(shape, image.shape, strict=True)]
    return map_coordinates(image, np.meshgrid(*at, indexing="ij"), order=1, mode="nearest")
