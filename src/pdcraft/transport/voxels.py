"""Dose in voxels: decays spread over a grid, energy by radiation type in every voxel.

Photons score by track length wherever charged particles are in equilibrium; near boundaries their
electrons are transported (`pdcraft.transport.estimator`). Electrons of the decay are transported
everywhere; one that cannot leave its voxel ends there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.errors import DataError
from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.transport.alias import alias_table
from pdcraft.transport.batches import thread_count
from pdcraft.transport.data_types import PhotonData
from pdcraft.transport.electron import ElectronKernelData
from pdcraft.transport.emissions import (
    Group,
    emissions_of,
    largest_photon_keV,
    mean_electron_keV,
)
from pdcraft.transport.engine import (
    Batch,
    Problem,
    options_of,
    prepare_electrons,
    prepare_photons,
    run_batches,
)
from pdcraft.transport.estimator import estimator_flags
from pdcraft.transport.geometry import MAKE_ELECTRONS, MATERIAL_BITS, TRANSPORT, VOXELS, Geometry
from pdcraft.transport.history import VOLUME, Emissions, Source
from pdcraft.transport.settings import Settings, settings_for
from pdcraft.transport.stack import PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import tally_of_cells
from pdcraft.transport.voxel_sums import Known, Sums, VoxelTally

__all__ = [
    "Device",
    "VoxelPhantom",
    "VoxelTally",
    "transport_voxels",
    "voxel_settings",
]

Floats = NDArray[np.float64]
Device = Literal["cpu", "cuda"]

COMPARED_mm = (2.0, 6.0)  # no warning within: near the edges that were compared
COMPARED_keV = 2300.0
LEAST_TISSUE_g_per_mL = 0.1
CHECKS = (10, 20, 40, 80, 160, 320, 640, 1280, 2560)  # batches after which precision is looked at
KERMA_ERROR = 0.003
MOST_DECAYS, FEWEST_DECAYS = 50_000_000, 10
LEAST_BATCHES = 10
LEAST_DECAYS = 10.0  # expected in a voxel, to score its electrons beforehand
STAYS = 0.2  # range of an electron of mean energy over the shortest edge, in voxels that keep it
SMALLEST_BATCH, CELLS_PER_DECAY = 20_000, 16
SMALLEST_CARD_BATCH, CARD_BATCHES = 1_000_000, 20  # on a card, where a batch costs a copy


@dataclass(frozen=True, slots=True)
class VoxelPhantom:
    """Matter on a grid of voxels.

    Parameters
    ----------
    material : ndarray of uint8, shape (nx, ny, nz)
        Index into ``materials``.
    density_g_per_mL : ndarray, same shape
        0 or more.
    voxel_mm : ndarray, shape (3,)
    materials : tuple of Material, at most 64
    surround : int, optional
        Material of nominal density 1 g/mL that fills all space outside the grid, for photons;
        without it there is a vacuum.

    Raises
    ------
    DataError
        For shapes that do not match, indices without a material, densities that are negative, NaN
        or above 30 g/mL, edges that are not positive.
    """

    material: NDArray[np.uint8]
    density_g_per_mL: NDArray[np.float32]
    voxel_mm: Floats
    materials: tuple[Material, ...]
    surround: int | None = None

    def __post_init__(self) -> None:
        material = np.ascontiguousarray(self.material)
        if not np.issubdtype(material.dtype, np.integer):
            raise DataError(f"phantom: material indices are {material.dtype}; give whole numbers")
        density = np.asarray(self.density_g_per_mL, dtype=np.float64)
        voxel = np.asarray(self.voxel_mm, dtype=np.float64)
        if material.ndim != 3 or material.shape != density.shape:
            raise DataError(
                f"phantom: materials have shape {material.shape}, densities {density.shape}; both "
                "must be one grid (nx, ny, nz)"
            )
        if not 1 <= len(self.materials) <= MATERIAL_BITS + 1:
            raise DataError(
                f"phantom: {len(self.materials)} materials; it takes 1 to {MATERIAL_BITS + 1}"
            )
        if not material.size:
            raise DataError(f"phantom: shape {material.shape} has no voxel")
        outer = () if self.surround is None else (self.surround,)
        for index in (int(material.min()), int(material.max()), *outer):
            if not 0 <= index < len(self.materials):
                raise DataError(
                    f"phantom: material index {index} has no material; there are "
                    f"{len(self.materials)}, counted from 0"
                )
        bad = ~((density >= 0.0) & (density <= 30.0))
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            raise DataError(
                f"phantom: density of voxel {where} is {density[where]} g/mL ({int(bad.sum())} "
                "such voxels); densities must be numbers from 0 to 30 g/mL"
            )
        if voxel.shape != (3,) or not np.all((voxel > 0.0) & np.isfinite(voxel)):
            raise DataError(f"phantom: voxel edges {voxel} mm must be three numbers above zero")
        object.__setattr__(self, "material", material.astype(np.uint8))
        object.__setattr__(self, "density_g_per_mL", np.ascontiguousarray(density, np.float32))
        object.__setattr__(self, "voxel_mm", voxel)


def voxel_settings(phantom: VoxelPhantom) -> Settings:
    """Choose settings that are fine enough for a phantom, and no finer.

    Tracks end, and single hard events begin, where an electron's range in water is below 1/200 of
    the mass thickness of the voxels' shortest edge in the thinnest tissue (0.1 g/mL and more: air
    is not resolved). Deflections of 0.2 and losses of 20% a step agree with EGSnrc within 0.3% in
    slabs of bone and lung of 3 mm beside iodine-131.
    """
    density = phantom.density_g_per_mL
    tissue = density[density >= LEAST_TISSUE_g_per_mL]
    thinnest = float(tissue.min()) if tissue.size else float(density.max())
    return settings_for(float(phantom.voxel_mm.min()) * thinnest, step=0.2)


def transport_voxels(
    phantom: VoxelPhantom,
    groups: tuple[Group, ...],
    source: Floats,
    *,
    soft_keV: float = 0.0,
    precision: float = 0.01,
    max_histories: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    settings: Settings | None = None,
    regions: Mapping[str, NDArray[np.bool_]] | None = None,
    progress: Callable[[float, str], None] | None = None,
    resume: VoxelTally | None = None,
    analog: bool = False,
    transported: NDArray[np.bool_] | None = None,
    device: Device = "cpu",
) -> VoxelTally:
    """Transport the emissions of decays that are spread over a grid.

    Parameters
    ----------
    phantom : VoxelPhantom
    groups : tuple of Group
        Emitted per decay: `pdcraft.transport.emissions.groups_of` a nuclide.
    source : ndarray, shape of the phantom
        Relative number of decays in each voxel, 0 or more, with a positive sum.
    soft_keV : float
        Energy per decay that stays where it is: a nuclide's ``local_keV``.
    precision : float
        Stop when the relative standard error of the energy absorbed in every region is below;
        without regions, in the voxels above half of the greatest dose, taken together.
    max_histories : int, optional
        Stop then in any case (default 5e7).
    seed : int
    threads : int, optional
        All processors without it. The result does not depend on it.
    settings : Settings, optional
        Default `voxel_settings`.
    regions : mapping of str to ndarray of bool, optional
    progress : callable, optional
        Called with the share done and words after every batch; what it raises ends the run.
    resume : VoxelTally, optional
        Result of the same call with fewer histories, to which histories are added.
    analog : bool
        Transport all electrons of photons everywhere, and score no track length.
    transported : ndarray of bool, shape of the phantom, optional
        Voxels whose photons' electrons are transported besides those beside a boundary.
    device : {"cpu", "cuda"}
        ``cuda``: an NVIDIA card, which takes larger batches; ``threads`` do not count there.

    Raises
    ------
    DataError
        For a source that does not fit, is empty, negative or NaN, or a card that is not there.
    """
    shape = phantom.material.shape
    regions = dict(regions or {})
    _check_masks(regions, transported, shape)
    settings = settings or voxel_settings(phantom)
    cells = phantom.material.size
    limit = MOST_DECAYS if max_histories is None else max_histories
    if limit < FEWEST_DECAYS:
        raise DataError(f"{limit} decays tell no error; give {FEWEST_DECAYS} or more")
    least = max(SMALLEST_BATCH, cells // CELLS_PER_DECAY)
    if device == "cuda":
        least = max(SMALLEST_CARD_BATCH, limit // CARD_BATCHES)
    size = min(least, limit // LEAST_BATCHES)
    if resume is not None:
        size = resume.histories // resume.batches
    most = limit // size
    problem, known = _problem(
        phantom, groups, source, soft_keV, settings, analog, transported, size
    )
    sums = Sums.start(cells, tuple(np.flatnonzero(m) for m in regions.values()), known)
    if resume is not None:
        sums.go_on_from(resume, seed, shape, tuple(regions))
    mass = (phantom.density_g_per_mL * phantom.voxel_mm.prod()).ravel()
    checks = [c for c in CHECKS if c < most and c > sums.batches]
    done = sums.batches
    spare: list[Floats] = []
    run = _runner(device, threads)
    for stop in [*checks, max(most, done)]:
        for batch in run(problem, done, stop - done, size, seed, spare):
            sums.add(batch.energy_keV, batch.balance)
            spare.append(batch.energy_keV)
            if progress:
                words = f"{sums.batches * size:,} decays"
                progress(min(1.0, sums.batches / most), words)
        done = stop
        if done >= 2 and sums.relative_error(mass, size) <= precision:
            break
    result = sums.result(size, seed, shape, tuple(regions), problem.geometry.cell.reshape(shape))
    return replace(result, warnings=_beyond(phantom, groups))


def _runner(
    device: Device, threads: int | None
) -> Callable[[Problem, int, int, int, int, list[Floats]], Iterator[Batch]]:
    """Find who runs batches: threads of the CPU, or a card."""
    if device == "cuda":
        from pdcraft.transport.gpu_batches import run_batches_on_card

        return run_batches_on_card
    if device != "cpu":
        raise DataError(f"device '{device}' is not one of cpu, cuda")
    workers = thread_count(threads)

    def run(
        problem: Problem, first: int, count: int, size: int, seed: int, spare: list[Floats]
    ) -> Iterator[Batch]:
        return run_batches(problem, first, count, size, seed, workers, spare)

    return run


def _beyond(phantom: VoxelPhantom, groups: tuple[Group, ...]) -> tuple[str, ...]:
    """Say what lies outside the range in which voxels were compared with other codes."""
    out: list[str] = []
    short, long = float(phantom.voxel_mm.min()), float(phantom.voxel_mm.max())
    if short < COMPARED_mm[0] or long > COMPARED_mm[1]:
        out.append(
            f"voxels of {short:.3g} to {long:.3g} mm: doses were compared with other codes in "
            "voxels of 3 and 4.42 mm"
        )
    top = max((float((g.low_keV + g.width_keV).max()) for g in groups), default=0.0)
    if top > COMPARED_keV:
        out.append(
            f"radiation of {top:.0f} keV: transport was compared with other codes up to "
            f"{COMPARED_keV:.0f} keV"
        )
    return tuple(out)


def _problem(
    phantom: VoxelPhantom,
    groups: tuple[Group, ...],
    source: Floats,
    soft_keV: float,
    settings: Settings,
    analog: bool,
    transported: NDArray[np.bool_] | None,
    batch: int,
) -> tuple[Problem, Known]:
    source = np.asarray(source, dtype=np.float64)
    shape = phantom.material.shape
    if source.shape != shape:
        raise DataError(f"source has shape {source.shape} but the phantom is {shape}")
    if not np.all(source >= 0.0) or not np.isfinite(source).all():
        raise DataError("source: decays per voxel must be numbers of 0 or more; NaN or less found")
    if not source.any():
        raise DataError("source: no voxel has any activity; give at least one number above zero")
    source = source / source.max()
    if not np.isfinite(source).all():
        raise DataError("source: numbers are too small to be compared; scale them")
    electrons = prepare_electrons(phantom.materials, settings)
    cell = phantom.material.ravel()
    photons = prepare_photons(phantom.materials, settings.photoelectric)
    emissions = emissions_of(groups, settings, soft_keV)
    electron_keV = float(mean_electron_keV(emissions).sum() + emissions.local_keV.sum())
    if analog or _electrons_run(phantom, groups, photons, electrons, electron_keV):
        flags = np.full(cell.shape, TRANSPORT | MAKE_ELECTRONS, np.uint8)
    else:
        top = min(max(largest_photon_keV(groups), settings.electron_cutoff_keV), 3000.0)
        at = (math.log(top) - electrons.log_lowest) * electrons.nodes_per_log
        reach = electrons.flow[0, :, min(int(at) + 1, electrons.flow.shape[2] - 1), 3]
        flags = estimator_flags(
            phantom.material,
            phantom.density_g_per_mL.astype(np.float64),
            phantom.voxel_mm,
            reach,
            open_border=phantom.surround is None,
            also=transported,
        ).ravel()
    nx, ny, nz = shape
    hx, hy, hz = (float(h) for h in phantom.voxel_mm)
    geometry = Geometry(
        VOXELS, nx, ny, nz, hx, hy, hz,
        -1 if phantom.surround is None else phantom.surround,
        np.zeros(0), cell | flags, phantom.density_g_per_mL.ravel(),
    )  # fmt: skip
    used = np.flatnonzero(source)
    share = source.ravel()[used] / source.sum()
    keep, alias = alias_table(share)
    control, known = _known(phantom, emissions, electrons, used, share * batch)
    problem = Problem(
        photons,
        electrons,
        geometry,
        Source(VOLUME, cell=used, keep=keep, alias=alias, control=control),
        emissions,
        tally_of_cells(cell.size),
        options_of(settings, reject=True),
    )
    return problem, known


def _electrons_run(
    phantom: VoxelPhantom,
    groups: tuple[Group, ...],
    photons: PhotonData,
    electrons: ElectronKernelData,
    electron_keV: float,
) -> bool:
    """Whether photons' electrons run so far that dose lags behind kerma even in uniform matter.

    In a source and near it, where the field falls off, electrons carry energy away, and kerma comes
    out too high: in a source voxel by about twice their mean run over the edge (40% for I-124 in
    4 mm, 9% for I-131). That times the photons' share of the voxel's own dose is the error of the
    dose; above 0.3% (I-124, Zr-89, F-18, Y-86) no voxel scores track length. Run and share are
    means over what photons give to electrons, in the phantom's commonest tissue.
    """
    density = phantom.density_g_per_mL
    tissue = phantom.material[density >= LEAST_TISSUE_g_per_mL]
    if not tissue.size:
        return False
    m = int(np.bincount(tissue).argmax())
    rho = float(np.median(density[phantom.material == m]))
    lines = [(g.low_keV, g.per_decay) for g in groups if g.particle == PHOTON_PARTICLE]
    positrons = sum(float(g.per_decay.sum()) for g in groups if g.particle == POSITRON_PARTICLE)
    lines.append((np.array([ELECTRON_REST_keV]), np.array([2.0 * positrons])))
    energy = np.concatenate([e for e, _ in lines])
    number = np.concatenate([y for _, y in lines])
    inside = (number > 0.0) & (energy > photons.energy_keV[0])
    if not inside.any():
        return False
    at = np.log(np.minimum(energy[inside], photons.energy_keV[-1]))
    given = np.interp(at, photons.log_energy, photons.kerma[:, m])
    freeing = photons.total[:, m] - (
        photons.photo_compton_rayleigh[:, m] - photons.photo_compton[:, m]
    )
    mean_keV = given / np.interp(at, photons.log_energy, freeing)
    nodes = electrons.log_lowest + np.arange(electrons.flow.shape[2]) / electrons.nodes_per_log
    run_mm = np.interp(np.log(mean_keV), nodes, electrons.flow[0, m, :, 3]) / rho
    weight = given * number[inside]
    edge_mm = float(phantom.voxel_mm.min())
    run_over_edge = float((weight * run_mm).sum() / weight.sum()) / edge_mm
    photon_keV = 0.5 * edge_mm * rho * float(weight.sum())  # half an edge within its own voxel
    share = photon_keV / (photon_keV + electron_keV)
    return 2.0 * run_over_edge * share > KERMA_ERROR


def _known(
    phantom: VoxelPhantom,
    emissions: Emissions,
    electrons: ElectronKernelData,
    used: NDArray[np.intp],
    decays: Floats,
) -> tuple[NDArray[np.uint8], Known]:
    """Source voxels whose electrons mostly stay, and the energy known beforehand.

    Only where some decays of the first ten batches are expected: else nothing would tell the error.

    In those voxels every electron's energy is scored at once, without chance, and taken off where
    it is drawn: what is left to chance is what leaves the voxel. The mean is the same; in soft
    tissue and 4 mm the variance of iodine-131 falls by a factor of about four. Where electrons run
    far beside the voxel it would rise.
    """
    mean = mean_electron_keV(emissions)
    number = emissions.number[emissions.particle != PHOTON_PARTICLE].sum()
    control = np.zeros(used.size, np.uint8)
    if number > 0.0:
        typical = max(mean.sum() / number, 1.0)
        at = min(
            int((math.log(typical) - electrons.log_lowest) * electrons.nodes_per_log),
            electrons.flow.shape[2] - 1,
        )
        runs_mm = electrons.flow[0, :, max(at, 0), 3][phantom.material.ravel()[used]]
        density = phantom.density_g_per_mL.ravel()[used]
        stays = runs_mm <= STAYS * phantom.voxel_mm.min() * density
        control[stays & (LEAST_BATCHES * decays >= LEAST_DECAYS)] = 1
    at, share = used[control == 1], decays[control == 1] / decays.sum()
    energy = (mean + emissions.local_keV)[:, None] * share
    return control, Known(at, energy, float(emissions.local_keV.sum() * share.sum()))


def _check_masks(
    regions: Mapping[str, NDArray[np.bool_]],
    transported: NDArray[np.bool_] | None,
    shape: tuple[int, ...],
) -> None:
    if transported is not None and transported.shape != shape:
        raise DataError(f"transported has shape {transported.shape} but the phantom is {shape}")
    for name, mask in regions.items():
        if mask.shape != shape:
            raise DataError(f"region '{name}' has shape {mask.shape} but the phantom is {shape}")
        if not mask.any():
            raise DataError(f"region '{name}' holds no voxel; leave it out or draw it anew")
