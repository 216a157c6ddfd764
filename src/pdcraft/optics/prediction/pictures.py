r"""Pictures of a scene: images of each region's light once, frames from them by linearity.

With :math:`S(r) = \sum_x E_x\,\varepsilon_x\,\phi_x(r)` the light absorbed per concentration, and
:math:`G_m` the image of an emission wavelength *m* (transport), a frame's photon radiance is

.. math:: L(p) = \sum_m w_m \sum_l G_m[S\,1_l](p)\; C_l\, Q_l\, B_l

with the concentration, yield and unbleached share of each region *l*. Only C, Q and B differ
between times and doses, so they cost no transport while absorption stays what it is. The noise of
the simulation is smoothed away as far as it pays, and stated; the camera's noise is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import ApproximationWarning
from pdcraft.optics.camera.expose import Exposure, ambient_electrons, expected_electrons
from pdcraft.optics.camera.readout import (
    dark_subtracted,
    fixed_pattern,
    sample_counts,
    saturated,
)
from pdcraft.optics.prediction.numbers import FrameInput
from pdcraft.optics.prediction.progress import part_of
from pdcraft.optics.prediction.setup import Setup
from pdcraft.optics.smoothing import simulation_share, smooth_image
from pdcraft.physics.radiometry import diffuse_radiance, photon_energy_J
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.images import follows_layers, image
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.run import Progress

__all__ = [
    "BasisImages",
    "FrameImages",
    "alike",
    "basis_images",
    "frame_images",
    "joined_media",
]

FORWARD_HISTORIES = 400_000
FORWARD_SHARE = 0.3  # of the time, for the light of the lamp
JOINED_MUA, JOINED_MUS = 0.15, 0.05  # relative: a signal of their mean is wrong by about 0.3%
WANTED = (0.02, 0.04)  # relative error, median and 95th percentile
NEGATIVE = 1e-3  # share of an image's light that may be missing where it falls below 0


@dataclass(frozen=True, slots=True)
class BasisImages:
    """Images of unit dye in each region.

    Parameters
    ----------
    mean, std_err : ndarray, shape (images, groups, rows, columns)
        Photon radiance, 1/(s cm² sr), per nM of dye of yield 1 and per emitted photon in the band.
    image_of : tuple of int
        Image of each emission node: nodes whose media are alike share one.
    group : ndarray of int, shape (labels,)
        Group of each label; -1 for labels without light.
    fluence, fluence_std_err : ndarray, shape (nx, ny, nz)
        Fluence rate over irradiance, mean over the lamp's power.
    histories : int
    walked : bool
        Whether pixels' errors are independent: backward walks, to be smoothed.
    block_bias : float or None
        Relative bias of interpolated corrections.
    reached : bool
    """

    mean: Floats
    std_err: Floats
    image_of: tuple[int, ...]
    group: NDArray[np.int64]
    fluence: Floats
    fluence_std_err: Floats
    histories: int
    walked: bool
    block_bias: float | None
    reached: bool

    def amounts(self, values: Floats) -> Floats:
        """Values of labels by group, (labels,) to (groups,): one label a group."""
        out = np.zeros(self.mean.shape[1])
        some = self.group >= 0
        out[self.group[some]] = values[some]
        return out


@dataclass(frozen=True, slots=True)
class FrameImages:
    """What the camera shows of a frame.

    Parameters
    ----------
    radiance_uW_per_cm2_sr, photon_radiance_per_s_cm2_sr, yield_per_sr : ndarray, shape (ny, nx)
        Of the dye alone, in the band, before lens and filter.
    exposure : Exposure
        Expected electrons by origin.
    electrons : ndarray, shape (ny, nx)
        Of one frame, the dark level taken off.
    counts : ndarray of int, shape (ny, nx)
    rel_std_err : tuple of 2 floats
        Of the simulation: median and 95th percentile of the relative error over lit pixels.
    smoothing_bias : float or None
    simulation_share : float
        Share of the electrons' pixel variance that is the simulation's.
    saturated_fraction, spread : ndarray, shape (rois,)
        Share of a region's pixels at the top; relative spread of expected light between them.
    """

    radiance_uW_per_cm2_sr: Floats
    photon_radiance_per_s_cm2_sr: Floats
    yield_per_sr: Floats
    exposure: Exposure
    electrons: Floats
    counts: NDArray[np.int64]
    rel_std_err: tuple[float, float]
    smoothing_bias: float | None
    simulation_share: float
    saturated_fraction: Floats
    spread: Floats


def alike(one: OpticalMedium, other: OpticalMedium, allowed: float) -> bool:
    """Whether two media are the same but for `allowed` of the absorption, relative."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("mus_per_mm", "g", "n")
    ) and bool(np.allclose(one.mua_per_mm, other.mua_per_mm, rtol=allowed, atol=0.0))


def basis_images(
    setup: Setup,
    conc_nM: Mapping[str, float],
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
    wanted: tuple[float, float] = WANTED,
) -> BasisImages:
    """Compute the images of all regions' light: all transport that frames need.

    Parameters
    ----------
    conc_nM : mapping of region to nM
        Dye that absorbs, and by which errors of regions count.
    wanted : tuple of 2 floats
        Relative error, median and 95th percentile.
    """
    lit, glow = setup.media(setup.scene, conc_nM)
    own = {r.name: _own_nM(setup, r.material) for r in setup.scene.regions}
    conc, glowing = setup.labels_of(conc_nM), setup.labels_of(own)
    weights = conc * np.asarray(setup.scene.dye.yield_at(conc)) + glowing
    present = np.zeros(len(weights), dtype=bool)
    present[np.unique(setup.domain.labels)] = True
    present[[s.label for s in setup.domain.shapes]] = True
    present[0] = False
    group = np.where(present, np.cumsum(present) - 1, -1).astype(np.int64)
    count = int(present.sum())
    source, parts, mean, error, walks = _absorbed(setup, lit, seed, threads, progress, max_time_s)
    share = setup.nodes.emission.weight / setup.nodes.emission.weight.sum()
    image_of, media, shares = joined_media(glow, share)
    # errors of several wavelengths are independent and average out
    easing = 1.0 / float(np.sqrt(np.sum(np.square(shares))))
    left = None if max_time_s is None else (1.0 - FORWARD_SHARE) * max_time_s
    found: list[Floats] = []
    errors: list[Floats] = []
    reached, bias = True, None
    flat = all(follows_layers(setup.domain, medium, setup.view) for medium in media)
    for k, medium in enumerate(media):
        made = image(
            setup.domain, medium, setup.view, source, group,
            weights=weights[present] if weights.any() else None,
            source_groups=parts if flat else None,
            rel_err=(wanted[0] * easing, wanted[1] * easing), seed=seed + 7919 * k,
            threads=threads,
            progress=part_of(progress, 0.3 + 0.7 * k / len(media), 0.7 / len(media)),
            max_time_s=None if left is None else left / len(media),
        )  # fmt: skip
        found.append(_filled(made.mean, count))
        errors.append(_filled(made.std_err, count))
        walks += made.histories
        reached &= made.reached
        if made.smoothing_bias is not None:
            bias = max(bias or 0.0, made.smoothing_bias)
    return BasisImages(
        np.array(found), np.array(errors), image_of, group, mean, error, walks, not flat, bias,
        reached,
    )  # fmt: skip


def _own_nM(setup: Setup, material: str) -> float:
    known = setup.scene.materials.get(material)
    return 0.0 if known is None else known.autofluorescence_nM


def _filled(values: Floats, count: int) -> Floats:
    out = np.zeros((count, *values.shape[1:]))
    out[: len(values)] = values
    return out


def _absorbed(
    setup: Setup,
    lit: tuple[OpticalMedium, ...],
    seed: int,
    threads: int | None,
    progress: Progress | None,
    max_time_s: float | None,
) -> tuple[Floats, NDArray[np.float32], Floats, Floats, int]:
    """Light absorbed per nM, 1/(mm cm² s), with its batches; fluence rate, its error, walks."""
    nodes, dye = setup.nodes.excitation, setup.scene.dye
    per_nM = np.array([dye.mua_per_mm(float(nm), 1.0) for nm in nodes.wavelength_nm])
    rate = setup.photon_irradiance() * per_nM
    share = nodes.weight / nodes.weight.sum()
    image_of, media, _ = joined_media(lit, rate)
    source = np.zeros(setup.domain.labels.shape)
    mean, variance = np.zeros_like(source), np.zeros_like(source)
    parts: list[NDArray[np.float32]] = []
    walks = 0
    for k, medium in enumerate(media):
        run = fluence(
            setup.domain, medium, setup.beam, histories=FORWARD_HISTORIES, seed=seed + 104729 * k,
            threads=threads, progress=part_of(progress, 0.3 * k / len(media), 0.3 / len(media)),
            max_time_s=None if max_time_s is None else FORWARD_SHARE * max_time_s / len(media),
        )  # fmt: skip
        of = np.array([i == k for i in image_of])
        source += float(rate[of].sum()) * run.mean
        mean += float(share[of].sum()) * run.mean
        variance += (float(share[of].sum()) * run.std_err) ** 2
        parts.append(run.batch_sums * np.float32(rate[of].sum()))
        walks += run.histories
    few = min(len(part) for part in parts)
    batches = np.sum([part[:few] for part in parts], axis=0)
    return source, batches, mean, np.sqrt(variance), walks


def joined_media(
    media: tuple[OpticalMedium, ...], weight: Floats
) -> tuple[tuple[int, ...], list[OpticalMedium], Floats]:
    """Join neighboring nodes to few media: which serves each node, and their share of the weight.

    A joined medium is the weighted mean of its nodes', so a signal is wrong to second order only.
    """
    groups: list[list[int]] = []
    for i in range(len(media)):
        if groups:
            whole = [*groups[-1], i]
            mean = _mean_medium([media[k] for k in whole], weight[whole])
            if all(_near(media[k], mean) for k in whole):
                groups[-1] = whole
                continue
        groups.append([i])
    made = [_mean_medium([media[k] for k in g], weight[g]) for g in groups]
    of = tuple(j for j, g in enumerate(groups) for _ in g)
    return of, made, np.array([weight[g].sum() for g in groups]) / max(float(weight.sum()), 1e-300)


def _mean_medium(media: list[OpticalMedium], weight: Floats) -> OpticalMedium:
    share = weight / weight.sum() if weight.any() else np.full(len(weight), 1.0 / len(weight))
    return replace(
        media[0],
        mua_per_mm=share @ np.array([m.mua_per_mm for m in media]),
        mus_per_mm=share @ np.array([m.mus_per_mm for m in media]),
    )


def _near(medium: OpticalMedium, mean: OpticalMedium) -> bool:
    """Whether a node may be joined: absorption within 15%, scattering within 5% of the mean."""
    return (
        np.array_equal(medium.g, mean.g)
        and np.array_equal(medium.n, mean.n)
        and bool(np.allclose(medium.mua_per_mm, mean.mua_per_mm, rtol=JOINED_MUA, atol=0.0))
        and bool(np.allclose(medium.mus_per_mm, mean.mus_per_mm, rtol=JOINED_MUS, atol=0.0))
    )


def frame_images(
    setup: Setup, basis: BasisImages, given: FrameInput, *, seed: int, frame: int = 0
) -> FrameImages:
    """Make the pictures of a frame; no transport.

    Parameters
    ----------
    given : FrameInput
        Its dye is the one the basis was computed with.
    frame : int
        Number of the frame: each has its own noise, all the same camera.
    """
    camera, glow = setup.camera, setup.nodes.emission
    dye_of = basis.amounts(
        given.conc_nM * np.asarray(given.dye.yield_at(given.conc_nM)) * given.left
    )
    own_of = basis.amounts(given.own_nM * np.asarray(given.dye.yield_at(given.own_nM)))
    dye, error, bias = _sums(basis, dye_of)
    own, own_error, _ = _sums(basis, own_of)
    which = list(basis.image_of)
    photons = glow.weight[:, None, None] * dye[which]
    energy_uJ = 1e6 * photon_energy_J(glow.wavelength_nm)[:, None, None]
    own_power = glow.weight[:, None, None] * own[which] * energy_uJ
    lamp = setup.nodes.excitation
    leaking = 1e3 * diffuse_radiance(
        setup.scene.illumination.irradiance_mW_per_cm2 * lamp.weight, given.reflected
    )
    total_error = np.hypot(*(_joined(basis, e, glow.weight) for e in (error, own_error)))
    total = (photons + own_power / energy_uJ).sum(axis=0)
    seen = basis.mean.any(axis=(0, 1))
    exposure = Exposure(
        expected_electrons(camera, glow.wavelength_nm, photons * energy_uJ),
        expected_electrons(camera, glow.wavelength_nm, own_power),
        expected_electrons(camera, lamp.wavelength_nm, leaking[:, None, None] * seen),
        ambient_electrons(camera),
    )
    light = exposure.light
    lit = total > 0.0
    ratio = total_error[lit] / total[lit] if lit.any() else np.zeros(1)
    scale = np.where(lit, total_error / np.where(lit, total, 1.0), 0.0)
    error_e = scale * (exposure.fluorescence + exposure.autofluorescence)
    counts = sample_counts(
        camera, light, np.random.default_rng([seed, frame, 0xCA]), fixed_pattern(camera, seed)
    )
    full = saturated(camera, counts)
    flux = photons.sum(axis=0)
    blur = basis.block_bias if not basis.walked else bias
    return FrameImages(
        (photons * energy_uJ).sum(axis=0),
        flux,
        flux / float(setup.photon_irradiance().sum()),
        exposure,
        dark_subtracted(camera, counts),
        counts,
        (float(np.median(ratio)), float(np.percentile(ratio, 95))),
        blur,
        simulation_share(camera, light, error_e),
        np.array([float(full[mask].mean()) for mask in setup.masks]),
        np.array([_spread(light[mask], error_e[mask]) for mask in setup.masks]),
    )


def _sums(basis: BasisImages, amount: Floats) -> tuple[Floats, Floats, float]:
    """Image and error of each distinct medium, smoothed where walks left noise; largest bias."""
    mean = np.einsum("g,igyx->iyx", amount, basis.mean)
    error = np.sqrt(np.einsum("g,igyx->iyx", amount**2, basis.std_err**2))
    bias = 0.0
    if basis.walked and mean.any():
        smooth = [smooth_image(m, e) for m, e in zip(mean, error, strict=True)]
        mean = np.array([s.image for s in smooth])
        error = np.array([s.std_err for s in smooth])
        bias = max(s.bias for s in smooth)
    below = -float(mean[mean < 0.0].sum())
    if below > NEGATIVE * float(np.abs(mean).sum()):
        warnings.warn(
            f"{below / float(np.abs(mean).sum()):.1%} of an image's light falls below zero by the "
            "noise of the simulation and is shown dark; give it more time (run.max_time)",
            ApproximationWarning,
            stacklevel=3,
        )
    return np.maximum(mean, 0.0), error, bias


def _joined(basis: BasisImages, error: Floats, weight: Floats) -> Floats:
    """Error of the sum over nodes, (images, ny, nx) to (ny, nx): nodes of one image err as one."""
    shares = np.bincount(basis.image_of, weight, len(error))
    return np.sqrt(np.einsum("i,iyx->yx", shares**2, error**2))


def _spread(light: Floats, error: Floats) -> float:
    """Relative standard deviation between pixels, without what the simulation's error adds."""
    mean = float(light.mean())
    if light.size < 2 or mean <= 0.0:
        return 0.0
    variance = float(light.var(ddof=1)) - float(np.mean(error**2))
    return float(np.sqrt(max(variance, 0.0))) / mean
