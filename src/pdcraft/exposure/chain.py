r"""Conjugate, cleavage, free drug and tumor as one linear system.

The carrier's compartments keep their rates; in each of them payload comes off at its site's rate
and enters the free drug of plasma, of the body's tissue or of the tumor. The carrier goes on
without it; a carrier of several payloads loses them independently, so that payload on the
conjugate moves as one carrier does.

Linear, so exact: curves by eigenvalues, integrals by one solve. `pdcraft.exposure.numeric` is for
enzymes and binding that saturate and for a vehicle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.exposure.course import DrugCourse, DrugDose, total_nmol
from pdcraft.exposure.drug import FreeDrug, TissueExchange
from pdcraft.exposure.linker import SITES, Linker
from pdcraft.exposure.network import ConjugateNetwork
from pdcraft.exposure.tissue_lag import lagged
from pdcraft.numerics.compartments import LinearSystem
from pdcraft.numerics.schedule import Dose, curves, integrals, integrals_until
from pdcraft.numerics.transfers import Transfer

__all__ = [
    "CENTRAL",
    "DRUG_STATES",
    "LinearChain",
    "TRACER_g",
    "conjugate_chain",
    "plain_chain",
]

CENTRAL, BODY, TUMOR = DRUG_STATES = ("drug_plasma", "drug_tissue", "drug_tumor")
INTO = {"plasma": CENTRAL, "tissue": BODY, "tumor": TUMOR}
TRACER_g = 1e-9  # of a tumor that takes nothing away
BALANCE_TIMES = 8  # at how many of the times the balance is struck


@dataclass(frozen=True, slots=True, eq=False)
class LinearChain:
    """A linear system with what is seen of it.

    Parameters
    ----------
    system : LinearSystem
        Amounts of payload, nmol.
    start : str
        State that receives a dose.
    weights : mapping of str to ndarray, shape (..., states)
        Observed concentration for the amounts, umol/L per nmol.
    release_per_h : mapping of site to ndarray, shape (..., states)
    lost_per_h : ndarray, shape (..., states)
        Rates by which payload leaves on the conjugate.
    marrow : TissueExchange
    """

    system: LinearSystem
    start: str
    weights: Mapping[str, Floats]
    release_per_h: Mapping[str, Floats]
    lost_per_h: Floats
    marrow: TissueExchange

    def terms(self, name: str) -> tuple[Floats, Floats]:
        """Concentration after a bolus of 1 nmol as a sum of exponentials.

        Returns
        -------
        coefficients, rates_per_h : ndarray, shape (..., states)
            umol/L and 1/h.

        Raises
        ------
        PhysicsRangeError
            If two rates are equal; see `LinearSystem.exponentials`.
        """
        amounts, rates = self.system.exponentials({self.start: 1.0})
        return np.einsum("...s,...sk->...k", self.weights[name], amounts), rates

    def area(self, name: str) -> Floats:
        """Time integral after 1 nmol, umol h/L."""
        if name == "marrow_free":
            return self.area("marrow_equivalent") * self.marrow.free_share
        return (self.weights[name] * self.system.integrals({self.start: 1.0})).sum(axis=-1)

    def area_until(self, name: str, doses: Sequence[DrugDose], times_h: ArrayLike) -> Floats:
        """Integral of a concentration from the first dose to given times, umol h/L."""
        past = integrals_until(self.system, _entered(doses, self.start), times_h)
        return np.einsum("...s,...st->...t", self.weights[name], past)

    def course(self, doses: Sequence[DrugDose], times_h: ArrayLike) -> DrugCourse:
        """Follow doses.

        Parameters
        ----------
        doses : sequence of DrugDose
            At least one.
        times_h : array_like, shape (times,)
            Increasing, from 0; Cmax is sought among them.
        """
        times = frozen(times_h, "times (h)")
        given = _entered(doses, self.start)
        amounts = curves(self.system, given, times)
        areas = integrals(self.system, given)
        seen = {name: np.einsum("...s,...st->...t", w, amounts) for name, w in self.weights.items()}
        auc = {name: (w * areas).sum(axis=-1) for name, w in self.weights.items()}
        seen["marrow_free"] = lagged(times, seen["marrow_equivalent"], self.marrow)
        auc["marrow_free"] = auc["marrow_equivalent"] * self.marrow.free_share
        out = self.system.elimination_per_h - self.lost_per_h
        flows = {f"released in {s}": self.release_per_h[s] for s in SITES}
        flows |= {"lost on the conjugate": self.lost_per_h, "eliminated": out}
        scale = total_nmol(doses) or 1.0
        shares = {name: (rate * areas).sum(axis=-1) / scale for name, rate in flows.items()}
        draws = amounts.reshape(-1, *amounts.shape[-2:]).shape[0]
        return DrugCourse(
            times,
            {k: v.reshape(draws, -1) for k, v in seen.items()},
            {k: np.broadcast_to(v, amounts.shape[:-2]).reshape(draws) for k, v in auc.items()},
            np.inf,
            {k: np.broadcast_to(v, amounts.shape[:-2]).reshape(draws) for k, v in shares.items()},
            self._balance(given, times, amounts, doses) / scale,
        )

    def _balance(
        self, given: Sequence[Dose], times: Floats, amounts: Floats, doses: Sequence[DrugDose]
    ) -> float:
        """Largest nmol between what was given and what is there or has left."""
        at = np.unique(np.linspace(0, times.size - 1, BALANCE_TIMES).astype(int))
        past = integrals_until(self.system, given, times[at])
        left = np.einsum("...s,...st->...t", self.system.elimination_per_h, past)
        entered = np.sum([d.entered_nmol(times[at]) for d in doses], axis=0)
        return float(np.abs(amounts[..., at].sum(axis=-2) + left - entered).max())


def conjugate_chain(
    network: ConjugateNetwork,
    linker: Linker,
    drug: FreeDrug,
    tumor: TissueExchange,
    marrow: TissueExchange,
) -> LinearChain:
    """Set up a conjugate and the drug that it sets free.

    Raises
    ------
    DataError
        For an enzyme or a binding that saturates: those have no linear system.
    """
    _refuse_saturable(linker, tumor)
    system = network.system
    transfers = [
        Transfer(system.states[i], None if j < 0 else system.states[j], system.rates_per_h[..., k])
        for k, (i, j) in enumerate(system.links)
    ]
    # a drug of one compartment has none of tissue: what comes off there is in plasma at once
    into = INTO if np.all(np.asarray(drug.exchange_mL_per_h) > 0) else INTO | {"tissue": CENTRAL}
    for site in SITES:
        for i in network.cleaved(site):
            rate = linker.first_order_per_h(site)
            transfers.append(Transfer(system.states[i], into[site], rate))
    transfers += _drug(drug, tumor, network.tumor_g)
    whole = LinearSystem.from_transfers((*system.states, *DRUG_STATES), transfers)
    release = {s: _at(whole, network.cleaved(s), linker.first_order_per_h(s)) for s in SITES}
    bound = {s: _at(whole, network.of_site(s), 1.0 / network.size(s)) for s in SITES}
    weights = _of_drug(whole, drug, tumor, network.tumor_g)
    weights["plasma_conjugate"] = bound["plasma"]
    weights["tumor_conjugate"] = bound["tumor"]
    set_free = release["tumor"] / _last(
        np.asarray(network.tumor_g, float) * np.asarray(tumor.permeability_mL_per_g_h, float)
    )
    weights["tumor_equivalent"] = weights["plasma_unbound"] + set_free
    in_marrow = np.zeros((*whole.batch, len(whole.states)))
    for state, per_g in network.marrow_per_g.items():
        in_marrow[..., whole.index(state)] = per_g
    weights["marrow_conjugate"] = in_marrow
    local = in_marrow * release["tissue"]
    weights["marrow_equivalent"] = weights["plasma_unbound"] + local / _last(
        np.asarray(marrow.permeability_mL_per_g_h)
    )
    lost = np.zeros_like(in_marrow)
    lost[..., : len(system.states)] = system.elimination_per_h
    return LinearChain(whole, network.start, weights, release, lost, marrow)


def plain_chain(
    drug: FreeDrug,
    tumor: TissueExchange,
    marrow: TissueExchange,
    *,
    tumor_g: ArrayLike = TRACER_g,
    gain: ArrayLike = 1.0,
) -> LinearChain:
    """Set up drug given as such.

    Parameters
    ----------
    tumor_g : array_like
        By default a tracer: published kinetics in animals with a tumor contain what it took.
    gain : array_like
        Factor on what enters the tumor from plasma, as another formulation has it.
    """
    _refuse_saturable(None, tumor)
    system = LinearSystem.from_transfers(DRUG_STATES, _drug(drug, tumor, tumor_g, gain))
    weights = _of_drug(system, drug, tumor, tumor_g)
    none = np.zeros((*system.batch, len(DRUG_STATES)))
    weights |= {f"{s}_conjugate": none for s in ("plasma", "tumor", "marrow")}
    weights["tumor_equivalent"] = weights["plasma_unbound"] * _last(np.asarray(gain, float))
    weights["marrow_equivalent"] = weights["plasma_unbound"]
    return LinearChain(system, CENTRAL, weights, dict.fromkeys(SITES, none), none, marrow)


def _refuse_saturable(linker: Linker | None, tumor: TissueExchange) -> None:
    what = "enzyme of the linker" if linker and not linker.is_linear else None
    what = what or (None if tumor.is_linear else "binding in tumor")
    if what:
        raise DataError(
            f"exposure: the {what} saturates, which no linear system has; use "
            "pdcraft.exposure.numeric.simulate"
        )


def _drug(
    drug: FreeDrug, tumor: TissueExchange, tumor_g: ArrayLike, gain: ArrayLike = 1.0
) -> list[Transfer]:
    volume = np.asarray(drug.central_mL)
    out = np.asarray(drug.clearance_mL_per_h) / volume
    into = np.asarray(tumor_g, float) * np.asarray(tumor.permeability_mL_per_g_h) * np.asarray(gain)
    into = into / volume
    return [
        Transfer(CENTRAL, None, out),
        Transfer(CENTRAL, BODY, np.asarray(drug.exchange_mL_per_h) / volume),
        Transfer(BODY, CENTRAL, np.asarray(drug.exchange_mL_per_h) / np.asarray(drug.tissue_mL)),
        Transfer(CENTRAL, TUMOR, into),
        Transfer(TUMOR, CENTRAL, tumor.out_per_h),
    ]


def _of_drug(
    system: LinearSystem, drug: FreeDrug, tumor: TissueExchange, tumor_g: ArrayLike
) -> dict[str, Floats]:
    def one(state: str, per_nmol: ArrayLike) -> Floats:
        return _at(system, (system.index(state),), np.asarray(per_nmol, dtype=float))

    per_mL = 1.0 / np.asarray(drug.central_mL)
    per_g = 1.0 / np.asarray(tumor_g, dtype=float)
    return {
        "plasma_unbound": one(CENTRAL, per_mL),
        "plasma_total": one(CENTRAL, per_mL * np.asarray(drug.total_per_unbound)),
        "tumor_total": one(TUMOR, per_g),
        "tumor_free": one(TUMOR, per_g / (1.0 + np.asarray(tumor.bound_per_free))),
    }


def _at(system: LinearSystem, states: Sequence[int], value: Floats) -> Floats:
    out = np.zeros((*system.batch, len(system.states)))
    out[..., list(states)] = _last(value)
    return out


def _last(value: Floats) -> Floats:
    """Add an axis for the states to what has one for the draws."""
    return value[..., None] if np.ndim(value) else np.asarray(value)


def _entered(doses: Sequence[DrugDose], start: str) -> list[Dose]:
    total_nmol(doses)  # refuses none
    return [Dose(d.payload_nmol, start, d.at_h, d.duration_h) for d in doses]
