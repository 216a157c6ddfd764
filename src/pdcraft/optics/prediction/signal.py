"""Signals of a scene's image regions by the method that the scene asks for, with their errors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ApproximationWarning, DataError, Problem
from pdcraft.optics.prediction.numbers import photon_radiance
from pdcraft.optics.prediction.setup import Setup
from pdcraft.transport.optical.backward import backward_image
from pdcraft.transport.optical.couple import coupling
from pdcraft.transport.optical.fluence import EnergyBudget, Fluence, fluence
from pdcraft.transport.optical.images import image, source_of_groups
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.run import Progress
from pdcraft.transport.optical.signals import (
    RegionSignals,
    Stop,
    left_out_error,
    region_signals,
)

__all__ = ["SceneSignals", "Signals", "scene_signals"]

FORWARD_HISTORIES = 400_000
BUDGET_HISTORIES = 40_000  # where only the balance is wanted
LAMP_SHARE = 0.3  # of the time allowed for images
FIRST_HISTORIES = (160_000, 40_000)  # forward, and from each region of the image
IMAGE_ERROR = 0.02


class Signals(Protocol):
    """Means, shape (excitations, emissions, rois, labels), and errors of what is made of them."""

    @property
    def mean(self) -> Floats:
        """Mean signals, mm/sr."""
        ...

    def std_err_of(self, quantity: Callable[[Floats], Floats]) -> Floats:
        """Estimate the standard error of a function of the mean."""
        ...


@dataclass(frozen=True, slots=True)
class _Independent:
    """Signals whose entries err independently, but for the lamp's walks that all share.

    Parameters
    ----------
    mean, std_err : ndarray, shape (excitations, emissions, rois, labels)
    lit : ndarray, shape (groups, excitations, emissions, rois, labels), optional
        Means under groups of the lamp's walks.
    """

    mean: Floats
    std_err: Floats
    lit: Floats | None = None

    def std_err_of(self, quantity: Callable[[Floats], Floats]) -> Floats:
        """Estimate by the derivative along each entry, and with groups of the lamp left out."""
        center = quantity(self.mean)
        total = np.zeros_like(center)
        if self.lit is not None:
            total += left_out_error(quantity, self.mean, self.lit) ** 2
        for where in np.argwhere(self.std_err > 0.0):
            at = tuple(where)
            moved = self.mean.copy()
            moved[at] += self.std_err[at]
            total += (quantity(moved) - center) ** 2
        return np.sqrt(total)


@dataclass(frozen=True, slots=True)
class SceneSignals:
    """Signals with how they were made.

    Parameters
    ----------
    method : str
    signals : Signals
    budgets : tuple of EnergyBudget
        At each excitation node.
    fluence : ndarray, shape (excitations, nx, ny, nz)
    region_fluence, region_fluence_err : ndarray, shape (excitations, labels)
        Over irradiance.
    histories : int
    reached : bool
    """

    method: str
    signals: Signals
    budgets: tuple[EnergyBudget, ...]
    fluence: Floats
    region_fluence: Floats
    region_fluence_err: Floats
    histories: int
    reached: bool

    @property
    def mean(self) -> Floats:
        """Mean signals."""
        return self.signals.mean


def scene_signals(
    setup: Setup,
    conc_nM: Mapping[str, float],
    *,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> SceneSignals:
    """Signals with the absorption of this much dye.

    Parameters
    ----------
    setup : Setup
    conc_nM : mapping of region to nM

    Raises
    ------
    DataError
        If the scene's method cannot serve it.
    """
    method = setup.scene.run.method
    name = "adjoint" if method == "auto" else method
    if name == "adjoint":
        return _adjoint(setup, conc_nM, seed, threads, progress, max_time_s)
    if name in ("psf", "backward"):
        return _by_images(setup, conc_nM, name, seed, threads, progress, max_time_s)
    if name == "diffusion":
        return _diffusion(setup, conc_nM, seed, threads)
    if "reflectance" not in setup.scene.run.outputs:
        raise DataError(
            Problem(
                f"method = '{name}' scores what leaves the surface to all sides, which no camera "
                "sees",
                file=setup.scene.path.name,
                key="run.method",
                value=name,
                hint="use 'auto', 'adjoint', 'backward' or 'psf', or ask for "
                'outputs = ["reflectance"]',
            )
        )
    return _forward(setup, conc_nM, seed, threads, progress, max_time_s)


def _adjoint(
    setup: Setup,
    conc_nM: Mapping[str, float],
    seed: int,
    threads: int | None,
    progress: Progress | None,
    max_time_s: float | None,
) -> SceneSignals:
    lit, glow = setup.media(setup.scene, conc_nM)
    found: RegionSignals = region_signals(
        setup.domain,
        lit,
        glow,
        setup.beam,
        setup.view,
        setup.roi_weights,
        stop=_stop(setup, setup.labels_of(conc_nM)),
        histories=FIRST_HISTORIES,
        seed=seed,
        threads=threads,
        progress=progress,
        max_time_s=max_time_s,
    )
    return SceneSignals(
        "adjoint",
        found,
        found.budgets,
        found.fluence,
        found.region_fluence,
        found.region_fluence_std_err,
        found.histories,
        found.reached,
    )


class _LargestContrast(Stop):
    """Enough when every error is small beside the largest contrast: one may be zero."""

    def ratio(self, signals: RegionSignals) -> float:
        """Largest error over what is allowed."""
        value = np.abs(self.quantity(signals.mean))
        error = signals.std_err_of(self.quantity)
        return float(error.max() / (self.allowed * value.max())) if value.max() > 0.0 else 0.0


def _stop(setup: Setup, conc_nM: Floats) -> Stop:
    """Stop when contrasts at all times (or, without a pair, every signal) are known as asked."""
    scene = setup.scene
    left, shares = np.ones_like(conc_nM), setup.nodes.emission.weight
    if not setup.pairs:

        def signal(mean: Floats) -> Floats:
            return shares @ photon_radiance(setup, mean, scene.dye, conc_nM, left)

        return Stop(signal, scene.run.target_rel_err)
    times = scene.run.times_h or (None,)
    amounts = [setup.labels_of(scene.concentrations(t)) for t in times]

    def contrasts(mean: Floats) -> Floats:
        out: list[float] = []
        for amount in amounts:
            seen = shares @ photon_radiance(setup, mean, scene.dye, amount, left)
            out += [seen[t] / seen[b] - 1.0 for t, b in setup.pairs if seen[b] > 0.0]
        return np.array(out or [0.0])

    return _LargestContrast(contrasts, scene.run.target_rel_err)


def _by_images(
    setup: Setup,
    conc_nM: Mapping[str, float],
    name: str,
    seed: int,
    threads: int | None,
    progress: Progress | None,
    max_time_s: float | None,
) -> SceneSignals:
    """Means of a region's pixels from images by each label.

    The lamp's walks run until they, and adjoint walks beside them, are as precise as asked; the
    adjoint walks serve only to see how much the noise of the lamp's matters.
    """
    lit, glow = setup.media(setup.scene, conc_nM)
    lamp = region_signals(
        setup.domain, lit, glow, setup.beam, setup.view, setup.roi_weights,
        stop=_stop(setup, setup.labels_of(conc_nM)), histories=FIRST_HISTORIES, seed=seed,
        threads=threads, progress=progress,
        max_time_s=None if max_time_s is None else LAMP_SHARE * max_time_s,
    )  # fmt: skip
    labels = len(setup.scene.regions) + 1
    groups = np.arange(labels, dtype=np.int64)
    left = None if max_time_s is None else (1.0 - LAMP_SHARE) * max_time_s
    each = None if left is None else left / (len(lit) * len(glow))
    mean = np.zeros((len(lit), len(glow), len(setup.masks), labels))
    error = np.zeros_like(mean)
    histories, reached = lamp.histories, lamp.reached
    weights = setup.labels_of(conc_nM)
    make = image if name == "psf" else backward_image
    for x, source in enumerate(lamp.fluence):
        for m, medium in enumerate(glow):
            made = make(
                setup.domain, medium, setup.view, source, groups, weights=weights,
                rel_err=(IMAGE_ERROR, 2 * IMAGE_ERROR), seed=seed, threads=threads,
                max_time_s=each,
            )  # fmt: skip
            histories += made.histories
            reached &= made.reached
            for r, mask in enumerate(setup.masks):
                mean[x, m, r] = made.mean[:, mask].mean(axis=1)
                shared = 1.0 if name == "psf" else mask.sum()  # each pixel has its own walks
                error[x, m, r] = np.sqrt(np.square(made.std_err[:, mask]).mean(axis=1) / shared)
    return SceneSignals(
        name,
        _Independent(mean, error, mean + (lamp.forward - lamp.mean)),
        lamp.budgets,
        lamp.fluence,
        lamp.region_fluence,
        lamp.region_fluence_std_err,
        histories,
        reached,
    )


def _lamp_runs(
    setup: Setup,
    lit: tuple[OpticalMedium, ...],
    histories: int,
    seed: int,
    threads: int | None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> list[Fluence]:
    """Forward walks of the lamp at each of its wavelengths."""
    each = None if max_time_s is None else LAMP_SHARE * max_time_s / len(lit)
    return [
        fluence(
            setup.domain, medium, setup.beam, histories=histories, seed=seed, threads=threads,
            progress=progress, max_time_s=each,
        )
        for medium in lit
    ]  # fmt: skip


def _forward(
    setup: Setup,
    conc_nM: Mapping[str, float],
    seed: int,
    threads: int | None,
    progress: Progress | None,
    max_time_s: float | None,
) -> SceneSignals:
    """Light of the lamp alone: what a camera sees stays unknown, what leaves is counted apart."""
    lit, glow = setup.media(setup.scene, conc_nM)
    runs = _lamp_runs(setup, lit, FORWARD_HISTORIES, seed, threads, progress, max_time_s)
    labels = len(setup.scene.regions) + 1
    unknown = np.full((len(lit), len(glow), len(setup.masks), labels), np.nan)
    warnings.warn(
        "method = 'forward' counts what leaves to all sides: radiances, electrons and contrasts "
        "are not known; reflectance, transmittance and exitance are",
        ApproximationWarning,
        stacklevel=3,
    )
    return SceneSignals(
        "forward",
        _Independent(unknown, unknown),
        tuple(run.budget for run in runs),
        np.array([run.mean for run in runs]),
        _region_means(setup, [run.mean for run in runs], labels),
        _region_means(setup, [run.std_err for run in runs], labels),
        sum(run.histories for run in runs),
        all(run.histories >= FORWARD_HISTORIES for run in runs),
    )


def _region_means(setup: Setup, maps: Sequence[Floats], labels: int) -> Floats:
    """Mean over each label's volume, parts of voxels included: (maps, labels)."""
    parts = coupling(setup.domain, labels)
    whole = parts.sums(np.ones(setup.domain.labels.size))
    volume = np.where(whole > 0.0, whole, 1.0)
    return np.array([parts.sums(values.ravel()) / volume for values in maps])


def _diffusion(
    setup: Setup, conc_nM: Mapping[str, float], seed: int, threads: int | None
) -> SceneSignals:
    """Solve diffusion, the independent check: no statistical error, a bias near the surface.

    The balance of the lamp's energy, and with it the leak, is that of a few forward walks.
    """
    from pdcraft.transport.optical.diffusion import diffusion_fluence, diffusion_image

    lit, glow = setup.media(setup.scene, conc_nM)
    labels = len(setup.scene.regions) + 1
    groups = np.arange(labels, dtype=np.int64)
    maps = [diffusion_fluence(setup.domain, medium, setup.beam) for medium in lit]
    mean = np.zeros((len(lit), len(glow), len(setup.masks), labels))
    for x, found in enumerate(maps):
        sources = source_of_groups(setup.domain, found, groups, labels)
        for m, medium in enumerate(glow):
            made = diffusion_image(setup.domain, medium, setup.view, sources)
            for r, mask in enumerate(setup.masks):
                mean[x, m, r] = made[:, mask].mean(axis=1)
    region = _region_means(setup, maps, labels)
    warnings.warn(
        "method = 'diffusion' is biased by 5 to 30% within some transport lengths of the surface "
        "and by sources there; no error of the simulation tells of it",
        ApproximationWarning,
        stacklevel=3,
    )
    walks = _lamp_runs(setup, lit, BUDGET_HISTORIES, seed, threads)
    return SceneSignals(
        "diffusion",
        _Independent(mean, np.zeros_like(mean)),
        tuple(run.budget for run in walks),
        np.array(maps),
        region,
        np.zeros_like(region),
        sum(run.histories for run in walks),
        True,
    )
