"""Paclitaxel in a mouse of the bench, plain or on the carrier: kill of the tumor in steps of time.

The slope is that of A2780 on total drug in mouse plasma; a conjugate drives it by its plasma
equivalent, a model by its own sensitivity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.exposure.chain import conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.linker import Linker
from pdcraft.exposure.paclitaxel import DrugDraws, paclitaxel
from pdcraft.response.concentration import ConcentrationTag, require_tag
from pdcraft.response.tumor_simeoni import paclitaxel_a2780
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters
from pdcraft.study.exposure.setup import paclitaxel_g_per_mol
from pdcraft.study.recipes.bench_agents import BenchAgent

if TYPE_CHECKING:
    from pdcraft.study.bench_model import BenchGroup

__all__ = ["BenchDrug", "bench_drug", "drug_mg"]

HOURS = 24.0
SLOPE_OF = ConcentrationTag("paclitaxel", "mouse", "plasma", "total", "ng/mL")
ng_PER_mg = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class BenchDrug:
    """A drug in draws."""

    agent: BenchAgent
    drug: DrugDraws
    linker: Linker | None
    doses: tuple[DrugDose, ...]
    carrier: dict[str, Floats]

    def effect(self, uptake: Floats, sensitivity: Floats, time_d: Floats) -> Floats:
        """Negative logarithm of survival in each step, shape (steps, draws, 1).

        Parameters
        ----------
        uptake, sensitivity : ndarray, shape (draws,)
            Of the model, over the calibrated tumor and over A2780.
        time_d : ndarray, shape (steps + 1,)
        """
        d = self.drug
        if self.linker is None:
            chain = plain_chain(d.plain, d.tumor, d.marrow)
        else:
            network = carrier_network("mouse", self.carrier, uptake=uptake)
            chain = conjugate_chain(network, self.linker, d.free, d.tumor, d.marrow)
        first = min(dose.at_h for dose in self.doses)
        after = time_d * HOURS > first
        area = np.zeros((sensitivity.size, time_d.size))
        area[:, after] = chain.area_until("tumor_equivalent", self.doses, time_d[after] * HOURS)
        parameters = paclitaxel_a2780()
        require_tag(parameters.tag, SLOPE_OF)
        kill = parameters.k2 * np.diff(d.plain.total_ng_per_mL(area), axis=1) / HOURS
        return np.moveaxis(sensitivity[:, None] * np.maximum(kill, 0.0), 1, 0)[..., None]


def bench_drug(
    agent: BenchAgent, group: BenchGroup, *, draws: int, seed: int, body_g: float
) -> BenchDrug:
    """Set a drug of a group up."""
    drug = paclitaxel("mouse", draws, seed, body_mass_g=body_g)
    linker = None
    if group.linker is not None:
        half = group.linker
        linker = Linker.of_half_lives(half.plasma, half.tissue, half.tumor, "assumed")
    doses = tuple(
        DrugDose(
            _nmol(a.amount.field, a.amount.value, drug.plain.molar_mass_g_per_mol), a.at, a.duration
        )
        for a in group.administration
    )
    carrier = carrier_parameters("mouse", draws, seed)[0]
    return BenchDrug(agent, drug, linker, doses, carrier)


def drug_mg(field: str, value: float) -> float:
    """Take an amount (nmol) or a mass (mg) of the drug to mg."""
    molar_mass = paclitaxel_g_per_mol()
    return _nmol(field, value, molar_mass) * molar_mass / ng_PER_mg


def _nmol(field: str, value: float, molar_mass: float) -> float:
    return value if field == "amount" else value * ng_PER_mg / molar_mass
