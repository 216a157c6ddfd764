"""What an exposure stage follows: draws of the carrier, the linker and the drug in a species."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.data.files import load_toml
from pdcraft.errors import StudyError
from pdcraft.exposure.chain import LinearChain, conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.drug import FreeDrug, TissueExchange
from pdcraft.exposure.linker import (
    SITES,
    AcidLabile,
    FirstOrder,
    Linker,
    Mechanism,
    Saturable,
    Site,
    ThiolLabile,
    environment,
)
from pdcraft.exposure.network import ConjugateNetwork
from pdcraft.exposure.paclitaxel import DrugDraws, paclitaxel
from pdcraft.kinetics.carrier.parameters import Species
from pdcraft.numerics.inputs import stream
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pdcraft.study.exposure.table import Exposure, ExposureDrug, ExposureLinker
    from pdcraft.study.model import Administration, StudyFile

__all__ = ["Side", "doses_of", "linker_of", "paclitaxel_g_per_mol", "side_of"]

LN2 = float(np.log(2.0))
MOUSE_g = 22.0  # where the study does not say
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A species with its draws.

    Parameters
    ----------
    species : {"mouse", "human"}
    carrier : mapping of str to ndarray, shape (draws,)
    drug : DrugDraws
    linker : Linker
    tumor_g : float or None
        None for a tumor that takes nothing away.
    inputs : mapping of str to ndarray, shape (draws,)
        What was drawn, by the names that a report ranks.
    """

    species: Species
    carrier: Mapping[str, Floats]
    drug: DrugDraws
    linker: Linker
    tumor_g: float | None
    inputs: Mapping[str, Floats]

    @property
    def network(self) -> ConjugateNetwork:
        """Compartments of the conjugate."""
        return carrier_network(self.species, self.carrier, tumor_g=self.tumor_g)

    def conjugate(self, linker: Linker | None = None) -> LinearChain:
        """Chain of the conjugate, with its own linker or another."""
        d = self.drug
        return conjugate_chain(self.network, linker or self.linker, d.free, d.tumor, d.marrow)

    def plain(self) -> LinearChain:
        """Chain of plain drug; in man without what the vehicle adds."""
        return plain_chain(self.drug.plain, self.drug.tumor, self.drug.marrow)

    def albumin_bound(self) -> LinearChain:
        """Chain of the albumin-bound form: no vehicle, more into the tumor."""
        d = self.drug
        return plain_chain(d.free, d.tumor, d.marrow, gain=d.albumin_gain)

    def taken(self, draws: NDArray[np.intp]) -> Side:
        """Keep some draws, in this order."""
        d = self.drug
        drug = replace(
            d,
            free=_taken(d.free, draws),
            plain=_taken(d.plain, draws),
            tumor=_taken(d.tumor, draws),
            marrow=_taken(d.marrow, draws),
            vehicle=None if d.vehicle is None else _taken(d.vehicle, draws),
            albumin_gain=_of(d.albumin_gain, draws),
            inputs={k: _of(v, draws) for k, v in d.inputs.items()},
        )
        return replace(
            self,
            carrier={k: v[draws] for k, v in self.carrier.items()},
            drug=drug,
            linker=_linker_taken(self.linker, draws),
            inputs={k: _of(v, draws) for k, v in self.inputs.items()},
        )


def _of(value: Any, draws: NDArray[np.intp]) -> Any:
    return value[draws] if isinstance(value, np.ndarray) and value.ndim else value


def _taken(item: T, draws: NDArray[np.intp]) -> T:
    found: Any = item
    changed = {f.name: _of(getattr(found, f.name), draws) for f in fields(found)}
    return replace(found, **changed)


def _linker_taken(linker: Linker, draws: NDArray[np.intp]) -> Linker:
    sites = {
        site: tuple(_taken(mechanism, draws) for mechanism in linker.mechanisms(site))
        for site in SITES
    }
    return replace(linker, **sites)


def side_of(study: StudyFile, said: Exposure, species: Species) -> Side:
    """Draw a species for a study; the same seed gives the same draws in every stage."""
    n, seed = study.draws, study.seed
    carrier, inputs = carrier_parameters(species, n, seed)
    linker, drawn = linker_of(said.linker, n, seed)
    own = study.host.species == species
    mouse_g = study.host.body_mass if own and species == "mouse" else None
    if said.drug is None:
        drug = paclitaxel(species, n, seed, body_mass_g=mouse_g or MOUSE_g)
    else:
        drug = _own_drug(said.drug, species, n)
    tumor_g = study.lesion[0].mass if own and study.lesion else None
    return Side(species, carrier, drug, linker, tumor_g, {**inputs, **drawn, **drug.inputs})


def _own_drug(said: ExposureDrug, species: Species, n: int) -> DrugDraws:
    free = FreeDrug(
        said.name,
        species,
        said.molar_mass,
        said.central,
        said.clearance,
        said.exchange,
        said.tissue,
        said.total_per_unbound,
    )
    tumor = TissueExchange(said.tumor_permeability, said.tumor_efflux, said.tumor_bound_per_free)
    return DrugDraws(free, free, tumor, tumor, None, np.ones(n), {})


def linker_of(said: ExposureLinker, n: int, seed: int) -> tuple[Linker, dict[str, Floats]]:
    """Make the linker of a study file, with what was drawn of it.

    Half-lives that are ranges are drawn log-uniformly.
    """
    drawn: dict[str, Floats] = {}

    def half_life(site: Site) -> Floats:
        ends = getattr(said, site)
        if len(ends) == 1:
            return np.asarray(ends[0], dtype=float)
        share = stream(seed, f"exposure.linker.{site}").random(n)
        low, high = np.log(sorted(ends))
        drawn[f"exposure.linker.{site}"] = np.exp(low + (high - low) * share)
        return drawn[f"exposure.linker.{site}"]

    inside = half_life("tumor")
    if said.mechanism == "thiol":
        one: Mechanism = ThiolLabile(LN2 / inside / environment("tumor").thiol_mM)
        return Linker.same_everywhere("thiol-labile linker", [one]), drawn
    if said.mechanism == "acid":
        one = AcidLabile(inside, reference_ph=environment("tumor").ph)
        return Linker.same_everywhere("acid-labile linker", [one]), drawn
    plasma, tissue = half_life("plasma"), half_life("tissue")
    in_plasma: Mechanism = FirstOrder(plasma)
    if said.plasma_saturates_at is not None:
        km_uM = said.plasma_saturates_at / 1000.0
        in_plasma = Saturable(LN2 / plasma * km_uM, km_uM)
    made = Linker("linker", (in_plasma,), (FirstOrder(tissue),), (FirstOrder(inside),))
    return made, drawn


def paclitaxel_g_per_mol() -> float:
    """Molar mass of paclitaxel, as its table has it."""
    return float(load_toml("exposure", "paclitaxel.toml")["molar_mass_g_per_mol"])


def doses_of(
    administrations: Sequence[Administration], molar_mass: float, per_carrier: float
) -> tuple[DrugDose, ...]:
    """Take administrations to drug: an amount is of conjugate, a drug mass of its payload."""
    out: list[DrugDose] = []
    for one in administrations:
        amount = one.amount
        if amount.field == "amount":
            nmol = amount.value * per_carrier
        elif amount.field == "drug_mass":
            nmol = 1e6 * amount.value / molar_mass
        else:
            raise StudyError(
                f"administration.amount: '{amount.text}' is no amount of a drug; exposure needs "
                'one, e.g. "770 nmol" of conjugate or "0.66 mg" of its payload'
            )
        out.append(DrugDose(nmol, one.at, one.duration))
    return tuple(out)
