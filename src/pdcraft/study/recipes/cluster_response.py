r"""From the doses of a cluster's cells to the survival of each and the chance that none is left.

All cells share the course of the dose rate, their doses its height: with the Lea-Catcheside factor
G of the course a cell survives with

.. math:: S_i = \exp(-\alpha D_i - \beta G D_i^2)

and the cluster is controlled with :math:`\prod_i (1 - c S_i)`, c the share of clonogenic cells. A
cell counts once: there is no growth here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.dosimetry.cluster_dose import ClusterDose
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.linear_quadratic import bed_Gy, surviving_fraction
from pdcraft.response.irradiation import products
from pdcraft.response.sensitivity import Repair

__all__ = ["ClusterResponse", "cluster_response"]


@dataclass(frozen=True, slots=True, eq=False)
class ClusterResponse:
    """What a cluster's cells are after a course.

    Parameters
    ----------
    survival : ndarray, shape (cells,)
        Chance of each cell.
    survivors : float
        Clonogens that are expected to survive in the whole cluster.
    control : float
        Probability that none survives.
    G : float
        Lea-Catcheside factor of the course.
    """

    survival: Floats
    survivors: float
    control: float
    G: float


def cluster_response(
    dose: ClusterDose,
    course: DoseRate,
    *,
    alpha_per_Gy: float,
    alpha_beta_Gy: float,
    repair_half_life_h: float,
    clonogenic: float = 1.0,
) -> ClusterResponse:
    """Survival of each cell and control of the cluster.

    Parameters
    ----------
    dose : ClusterDose
        Doses of the cells over all time.
    course : DoseRate
        Of any height: only its shape counts, shape ().
    alpha_per_Gy, alpha_beta_Gy, repair_half_life_h : float
        Of the cells.
    clonogenic : float
        Share of the cells that can grow into a tumor, 0 to 1.

    Raises
    ------
    PhysicsRangeError
        Outside these ranges.
    """
    if not 0.0 <= clonogenic <= 1.0:
        raise PhysicsRangeError(f"clonogenic share {clonogenic:g}; it lies between 0 and 1")
    G = float(products(Repair.of(repair_half_life_h), course).lea_catcheside_G)
    survival = surviving_fraction(bed_Gy(dose.dose_Gy, G, alpha_beta_Gy), alpha_per_Gy)
    scale = dose.cluster.cells / survival.size  # of a sample to all
    with np.errstate(divide="ignore"):
        log_control = scale * float(np.log1p(-clonogenic * survival).sum())
    return ClusterResponse(
        survival, scale * clonogenic * float(survival.sum()), float(np.exp(log_control)), G
    )
