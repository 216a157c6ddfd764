"""Clusters of cells: against another code's 19 cells, spheres, closed forms and pairs written out.

References
----------
.. [Alcocer20] M.E. Alcocer-Avila et al., EJNMMI Phys 7, 33 (2020),
   doi:10.1186/s40658-020-00301-2: cells of 14 um with nuclei of 10 um, one amid 6 and 12 others;
   track-structure code CELLDOSE; tables 3 and 4.
.. [Neti03] P.V.S.V. Neti, R.W. Howell, J Nucl Med 44, 2019 (2003): V79 cells in clusters.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.errors import ApproximationWarning
from pdcraft.validate.case import Case, compare
from pdcraft.validate.decide import show

if TYPE_CHECKING:
    from pdcraft.dosimetry.cell_pairs import CellSource
    from pdcraft.dosimetry.cluster_packing import Packing

__all__ = ["cases"]

SUITE = "cells"
ALCOCER = "Alcocer-Avila et al., EJNMMI Phys 7, 33 (2020), tables 3 and 4"
ENERGY_keV = 1436e3  # of electrons released in each cell
#: Dose to the nucleus, Gy: of the central cell, of the 6 and of the 12 about it (None: not given).
NINETEEN: dict[tuple[str, CellSource], tuple[float, float | None, float | None]] = {
    ("Lu-177", "cell_surface"): (7.2, 6.0, 4.7),
    ("Lu-177", "cytoplasm"): (8.3, 7.0, 5.8),
    ("Lu-177", "cell"): (11.0, None, None),
    ("Lu-177", "nucleus"): (15.7, 14.6, 13.5),
    ("Tb-161", "cell_surface"): (15.1, 12.4, 9.8),
    ("Tb-161", "cytoplasm"): (17.9, 15.3, 12.9),
    ("Tb-161", "cell"): (29.1, None, None),
    ("Tb-161", "nucleus"): (47.8, 45.2, 43.1),
}
SHARES = {  # of the central nucleus's dose that its own cell gives
    "Lu-177": (0.26, 0.36, 0.53, 0.68),
    "Tb-161": (0.33, 0.46, 0.67, 0.81),
}
ATOMS = "cells touch on a cubic lattice, as 6 and 12 neighbors do; other spectra and track ends"
LABELLED_Gy = {1.0: 4.5, 0.1: 5.7, 0.01: 6.4}  # mean lethal doses of I-131 [Neti03]_


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield the cases; with `full`, larger clusters and more nuclides too."""
    yield from _nineteen()
    yield from _sizes()
    yield from _spheres(full=full)
    yield from _pairs()
    yield from _labelled()


def _nineteen() -> Iterator[Case]:
    from pdcraft.data.emissions import electron_keV
    from pdcraft.data.nuclides import nuclide
    from pdcraft.dosimetry.cell_pairs import CellShape
    from pdcraft.dosimetry.cluster_dose import cluster_dose
    from pdcraft.dosimetry.cluster_packing import given_cluster
    from pdcraft.dosimetry.radial_energy import radial_energy

    steps = [x for x in itertools.product((-1.0, 0.0, 1.0), repeat=3) if sum(map(abs, x)) <= 2]
    steps.sort(key=lambda x: sum(map(abs, x)))
    cluster = given_cluster(14.0 * np.array(steps), 7.0)
    own: dict[str, list[float]] = {}
    for (name, source), printed in NINETEEN.items():
        decays = ENERGY_keV / electron_keV(nuclide(name))
        dose = cluster_dose(
            radial_energy(name), cluster, CellShape(7.0, 5.0), source=source, decays_per_cell=decays
        )
        own.setdefault(name, []).append(float(dose.self_Gy[0] / dose.dose_Gy[0]))
        words = source.replace("_", " ")
        for cell, what, reference in zip(
            (0, 1, 7), ("central cell", "1st neighbors", "2nd neighbors"), printed, strict=True
        ):
            if reference is not None:
                yield compare(
                    SUITE, f"19 cells, {name} in {words}: nucleus of the {what}, Gy",
                    float(dose.dose_Gy[cell]), reference, ALCOCER, rel=0.06, why=ATOMS,
                )  # fmt: skip
    for name, shares in SHARES.items():
        worst = int(np.argmax(np.abs(np.array(own[name]) - shares)))
        yield compare(
            SUITE, f"19 cells, {name}: share of the dose from the own cell, worst of four",
            own[name][worst], shares[worst], ALCOCER, absolute=0.02, why="printed to 1%",
        )  # fmt: skip


def _sizes() -> Iterator[Case]:
    from pdcraft.data.emissions import electron_keV
    from pdcraft.data.nuclides import nuclide
    from pdcraft.study.recipes.payload_size import size_dose

    radius, printed = np.array([10.0, 100.0, 1000.0]), (6.6, 42.0, 128.0)
    size = size_dose("Lu-177", radius)
    concentration = 1e15 / electron_keV(nuclide("Lu-177")) / 3.6e9  # MBq h/g
    for r, dose, reference in zip(
        radius, size.Gy_g_per_MBq_h * concentration, printed, strict=True
    ):
        yield compare(
            SUITE, f"Lu-177, 1 MeV/um3 of electrons: sphere of radius {r:g} um, Gy", float(dose),
            reference, f"{ALCOCER}: introduction, after Hindie et al. 2016", rel=0.06, why=ATOMS,
        )  # fmt: skip


def _spheres(*, full: bool) -> Iterator[Case]:
    from pdcraft.dosimetry.cell_pairs import CellShape
    from pdcraft.dosimetry.cluster_dose import tissue_dose_Gy
    from pdcraft.dosimetry.cluster_packing import cluster_of
    from pdcraft.dosimetry.radial_energy import radial_energy
    from pdcraft.dosimetry.spheres import sphere_S

    setups: list[tuple[str, float, Packing]] = [
        ("I-125", 100.0, "fcc"),
        ("I-131", 100.0, "fcc"),
        ("Lu-177", 100.0, "fcc"),
        ("I-131", 100.0, "random"),
    ]
    if full:
        for name in ("I-125", "I-131", "Tb-161", "Y-90", "Ac-225"):
            setups.append((name, 300.0, "hcp"))
    for nuclide, radius, packing in setups:
        cluster = cluster_of(radius, 5.0, packing=packing)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ApproximationWarning)  # about progeny: alike in both
            got, _ = tissue_dose_Gy(radial_energy(nuclide), cluster, CellShape(5.0, 4.0))
            sphere = sphere_S(nuclide, radius_mm=radius / 1000.0).total * 1e-9 * cluster.cells
        yield compare(
            SUITE,
            f"{nuclide}, {radius:g} um, {packing}: tissue of the cluster, Gy per decay in a cell",
            got, sphere, "absorbed-fraction tables of spheres (pdcraft sphere)", rel=0.01,
            why="decays are in cells instead of everywhere, the surface is rough",
        )  # fmt: skip


def _pairs() -> Iterator[Case]:
    from pdcraft.dosimetry.cell_pairs import CellShape, pair_dose
    from pdcraft.dosimetry.cluster_dose import cluster_dose, farthest_um
    from pdcraft.dosimetry.cluster_packing import cluster_of
    from pdcraft.dosimetry.cluster_uptake import Uptake
    from pdcraft.dosimetry.radial_energy import radial_energy

    cluster, cell = cluster_of(130.0, 5.0), CellShape(5.0, 4.0)
    uptake = Uptake(labelled=0.1)
    for name in ("I-125", "I-131"):
        energy = radial_energy(name)
        dose = cluster_dose(energy, cluster, cell, uptake=uptake)
        pairs = pair_dose(energy, cell, farthest_um=farthest_um(cluster))
        places = cluster.centers_um
        some = np.arange(0, cluster.cells, 500)
        d = np.sqrt(((places[some][:, None] - places) ** 2).sum(axis=-1))
        each = np.where(d > 0.0, pairs.at(np.maximum(d, 10.0)), 0.0) @ dose.weight
        want = each + dose.self_Gy[some]
        off = np.abs(dose.dose_Gy[some] / want - 1.0)
        yield compare(
            SUITE, f"{name}, {cluster.cells:,} cells, 10% labelled: median error of a cell's dose",
            float(np.median(off)), 0.0, "the sum over all pairs written out", absolute=0.003,
            why="a tenth of the 3% asked for",
        )  # fmt: skip


def _labelled() -> Iterator[Case]:
    """Mean dose that leaves 37% of cells, where those die exponentially with their own dose."""
    from scipy.optimize import brentq

    from pdcraft.dosimetry.cell_pairs import CellShape
    from pdcraft.dosimetry.cluster_dose import cluster_dose
    from pdcraft.dosimetry.cluster_packing import cluster_of
    from pdcraft.dosimetry.cluster_uptake import Uptake
    from pdcraft.dosimetry.radial_energy import radial_energy

    cluster, energy = cluster_of(200.0, 5.0), radial_energy("I-131")
    for share, printed in LABELLED_Gy.items():
        dose = cluster_dose(
            energy, cluster, CellShape(5.0, 4.0), uptake=Uptake(labelled=share), sample=5000
        )
        relative = dose.dose_Gy / dose.mean_Gy

        def excess(mean_Gy: float, relative: np.ndarray = relative) -> float:
            return float(np.exp(-relative * mean_Gy / LABELLED_Gy[1.0]).mean() - np.exp(-1.0))

        found = float(brentq(excess, 1.0, 50.0, xtol=1e-6, rtol=1e-6))  # pyright: ignore
        yield show(
            SUITE, f"I-131, {100 * share:g}% of the cells labelled: mean lethal dose, Gy", found,
            printed, "biology: physics alone makes the dose uneven; sizes of cells and cluster "
            "assumed", "Neti and Howell, J Nucl Med 44, 2019 (2003) (abstract)",
        )  # fmt: skip
