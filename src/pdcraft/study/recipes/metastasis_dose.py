"""Doses of the cells of metastases of several sizes, per activity concentration in the tumor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.cell_pairs import CellShape, pair_models
from pdcraft.dosimetry.cluster_dose import cluster_dose
from pdcraft.dosimetry.cluster_packing import Packing, cluster_of
from pdcraft.dosimetry.cluster_uptake import Uptake
from pdcraft.dosimetry.radial_energy import ball_g, radial_energy
from pdcraft.response.control import DoseDistribution

__all__ = ["DECAYS_PER_MBq_h", "MetastasisDose", "metastasis_doses"]

DECAYS_PER_MBq_h = 3.6e9
SAMPLE = 20_000  # cells of a cluster whose dose is computed
GROUPS = 60  # of like dose


@dataclass(frozen=True, slots=True, eq=False)
class MetastasisDose:
    """Dose of the nuclei of a metastasis, per MBq h in a gram of it.

    Parameters
    ----------
    radius_um : float
    cells : int
    tissue_g : float
        Of all cells and the fluid between them.
    Gy_g_per_MBq_h : float
        Mean over the cells.
    distribution : DoseDistribution
        Of the cells' doses about their mean.
    rel_err : float
        Relative error of the mean dose: histories, and spread between models.
    """

    radius_um: float
    cells: int
    tissue_g: float
    Gy_g_per_MBq_h: float
    distribution: DoseDistribution
    rel_err: float


def metastasis_doses(
    name: str,
    radius_um: Floats,
    cell: CellShape,
    *,
    packing: Packing = "random",
    packing_fraction: float | None = None,
    uptake: Uptake | None = None,
    seed: int = 1,
    progress: Callable[[float, str], None] | None = None,
) -> list[MetastasisDose]:
    """Dose metastases of some radii with one nuclide in their cells.

    Parameters
    ----------
    name : str
        Nuclide; daughters as in `pdcraft.data.nuclides.usual_progeny`.
    radius_um : ndarray, shape (radii,)
    cell : CellShape
    packing, packing_fraction, seed
        As in `pdcraft.dosimetry.cluster_packing.cluster_of`.
    uptake : Uptake, optional
        Even in all cells without it.
    progress : callable, optional
    """
    energy = radial_energy(name)
    widest = 2.1 * float(np.max(radius_um)) + 12.0 * cell.radius_um
    tables = pair_models(energy, cell, farthest_um=widest)
    out: list[MetastasisDose] = []
    for i, radius in enumerate(radius_um):
        if progress is not None:
            progress(i / len(radius_um), f"{name}, radius {radius:.3g} um")
        cluster = cluster_of(
            float(radius), cell.radius_um, packing=packing, packing_fraction=packing_fraction,
            seed=seed,
        )  # fmt: skip
        tissue_g = ball_g(cell.radius_um) / cluster.packing_fraction
        dose = cluster_dose(
            energy, cluster, cell, uptake=uptake or Uptake(), sample=SAMPLE, tables=tables,
            decays_per_cell=DECAYS_PER_MBq_h * tissue_g, seed=seed,
        )  # fmt: skip
        groups, share = dose.differential(GROUPS)
        out.append(
            MetastasisDose(
                float(radius),
                cluster.cells,
                cluster.cells * tissue_g,
                dose.mean_Gy,
                DoseDistribution.of(groups, share),
                float(np.hypot(dose.rel_err, dose.rel_model_err)),
            )
        )
    return out
