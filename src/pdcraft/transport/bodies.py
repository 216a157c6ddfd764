"""Transport in a body's analytic surfaces: what one source gives to every region."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.core.material import Material
from pdcraft.data.materials import material
from pdcraft.errors import DataError
from pdcraft.transport.batches import std_err
from pdcraft.transport.body_cells import MIXED, BodyCells, body_cells
from pdcraft.transport.emissions import Group, emissions_of
from pdcraft.transport.engine import (
    Problem,
    collect_batches,
    options_of,
    prepare_electrons,
    prepare_photons,
)
from pdcraft.transport.geometry import BODY, MAKE_ELECTRONS, TRANSPORT, Geometry
from pdcraft.transport.history import VOLUME, Source
from pdcraft.transport.settings import Settings
from pdcraft.transport.tally import EMITTED, ESCAPED, NO_MARROW, MarrowBins, tally_of_cells

__all__ = [
    "CELLS_PER_EDGE",
    "MARROW",
    "SKELETON",
    "BodyTally",
    "BodyTransport",
    "marrow_bins_keV",
    "prepare_body",
]

MARROW = "red_marrow"
MARROW_MATERIAL = "red marrow"
SKELETON = "skeleton"
MARROW_BINS_keV = (5.0, 3000.0, 24)  # lowest, highest, number; uniform in the logarithm
CELLS_PER_EDGE = 220.0  # of the longest side of a body's box
FREE_PER_BODY = 1.0 / 180.0  # of the longest side, between places that score


def marrow_bins_keV() -> Floats:
    """Edges of the bins of marrow kerma; the first holds all below, too."""
    low, high, n = MARROW_BINS_keV
    return np.geomspace(low, high, n + 1)


@dataclass(frozen=True, slots=True)
class BodyTally:
    """What one source gave: keV per history, with standard errors.

    ``energy_keV`` and its error have shape (regions,); ``marrow_keV_per_g`` (bins,) is kerma in red
    marrow by the photons' energy, with the error of its sum.
    """

    energy_keV: Floats
    std_err_keV: Floats
    marrow_keV_per_g: Floats
    marrow_std_err_keV_per_g: float
    emitted_keV: float
    escaped_keV: float
    histories: int


@dataclass(frozen=True, slots=True)
class BodyTransport:
    """A body made ready: its cells, materials and where marrow lies."""

    body: Body
    cells: BodyCells
    materials: tuple[Material, ...]
    marrow: MarrowBins
    secondaries: bool

    def source(self, name: str) -> Source:
        """Source spread evenly over a region or group, or over the red marrow by its share.

        Raises
        ------
        DataError
            If the body does not have it.
        """
        activity = np.zeros(len(self.body.regions))
        if name == MARROW:
            if not self.body.red_marrow:
                raise DataError(f"{self.body.name}: where its red marrow lies is not known")
            for region, share in self.body.red_marrow.items():
                i = self.body.index(region)
                activity[i] = share / self.body.volume_cm3[i]
        else:
            activity[list(self.body.members(name))] = 1.0
        activity /= activity.max()
        b = self.cells
        held = np.append(activity, 0.0)  # OUTSIDE is the last
        there = held[np.maximum(b.whole, -1)] > 0.0
        owner = np.repeat(np.arange(b.whole.size), np.diff(b.first))
        candidates = b.candidate[: owner.size]
        wanted = owner[activity[b.solid[candidates, 0]] > 0.0]
        there[b.whole == MIXED] = False
        there[wanted] = True
        cells = np.flatnonzero(there).astype(np.int64)
        if not cells.size:
            raise DataError(f"{self.body.name}: no place is left for the source '{name}'")
        return Source(VOLUME, cell=cells, keep=activity)

    def run(
        self,
        name: str,
        groups: tuple[Group, ...],
        *,
        histories: int,
        batches: int = 10,
        source: Source | None = None,
        settings: Settings | None = None,
        seed: int = 1,
        threads: int | None = None,
        progress: Callable[[float, str], None] | None = None,
    ) -> BodyTally:
        """Transport emissions that start in one source.

        Parameters
        ----------
        name : str
            A region, a group or ``red_marrow``.
        groups : tuple of Group
            Emitted per history.
        histories, batches : int
        source : Source, optional
            That of ``name``, made before: worth it where one source is run many times.
        """
        settings = settings or Settings()
        regions = len(self.body.regions)
        index = [self.materials.index(material(m)) for m in self.body.materials]
        flags = TRANSPORT | MAKE_ELECTRONS if self.secondaries else 0
        longest_mm = self.cells.edge * max(self.cells.nx, self.cells.ny, self.cells.nz)
        problem = Problem(
            prepare_photons(self.materials, settings.photoelectric),
            prepare_electrons(self.materials, settings),
            Geometry(
                BODY, 0, 0, 0, 1.0, 1.0, 1.0, -1, np.zeros(1),
                np.array([i | flags for i in index], np.uint8),
                np.array(self.body.density_g_per_mL, np.float32), self.cells,
            ),
            source or self.source(name),
            emissions_of(groups, settings),
            tally_of_cells(regions + self.marrow.bins, self.marrow),
            options_of(settings, reject=True, most_free_mm=FREE_PER_BODY * longest_mm),
        )  # fmt: skip
        size = max(1, histories // batches)
        energies, balance = collect_batches(
            problem, batches, size, seed, threads, progress, words=f"{name}: {{:,}} histories"
        )
        array = energies.sum(axis=1)
        marrow = 1000.0 * array[:, regions:]  # keV/mm³ at 1 g/mL is 1000 keV/g
        return BodyTally(
            array[:, :regions].mean(axis=0),
            std_err(array[:, :regions]),
            marrow.mean(axis=0),
            float(std_err(marrow.sum(axis=1))),
            float(balance[EMITTED]),
            float(balance[ESCAPED]),
            batches * size,
        )


def prepare_body(
    body: Body, *, edge_mm: float | None = None, secondaries: bool = False
) -> BodyTransport:
    """Make a body ready for transport.

    Parameters
    ----------
    body : Body
    edge_mm : float, optional
        Of the coarse cells; a matter of speed only.
    secondaries : bool
        Transport the electrons that photons set free. Without it photons score kerma, which
        differs near changes of material or density only.
    """
    low, high = body.bounds_cm
    edge = edge_mm or 10.0 * float((high - low).max()) / CELLS_PER_EDGE
    cells = body_cells(body.solids, edge)
    names = list(dict.fromkeys(body.materials))
    marrow = NO_MARROW
    if body.red_marrow and not secondaries:
        if MARROW_MATERIAL not in names:
            names.append(MARROW_MATERIAL)
        per_mm3 = np.zeros(len(body.regions))
        for region, share in body.red_marrow.items():
            i = body.index(region)
            per_mm3[i] = share / (1000.0 * body.volume_cm3[i])
        edges = marrow_bins_keV()
        n = len(edges) - 1
        per_log = n / math.log(edges[-1] / edges[0])
        marrow = MarrowBins(
            len(body.regions), names.index(MARROW_MATERIAL), math.log(edges[0]), per_log, n, per_mm3
        )
    return BodyTransport(body, cells, tuple(material(m) for m in names), marrow, secondaries)
