r"""The carrier in a body: plasma, membranes, rafts and what lies behind them, liver and tumor.

One pool of plasma holds the bound and the free carrier, in fast balance. A membrane of tissue
*i* holds :math:`K_i` mL of plasma per gram at balance and exchanges in a mean time
:math:`\tau_x`. Rafts take the carrier on at a rate that is proportional to their share of the
membrane and give it back to it; tumor keeps it for long, normal tissue does not. The liver clears
plasma; what it has processed is excreted or broken down, which sets iodide free and leaves a metal
chelate where it is. The carrier's ways run back as they came, so that every draw is a sum of
exponentials with real rates.

All normal tissues exchange alike, so that one body pool of capacity :math:`\sum K_i m_i` serves
them: a region's concentration is the pool's amount times :math:`K_i/\sum K_j m_j`. Internalization
per raft is one rate for all cells; it enters only as the tumor's trapping
:math:`U = K_T \times` raft share :math:`\times` internalization.

Amounts are fractions of what was given, without physical decay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.kinetics.carrier.iodide import IODIDE_STATES, iodide_transfers
from pdcraft.kinetics.carrier.parameters import Host
from pdcraft.kinetics.carrier.raft import UNCHANGED, RaftChange
from pdcraft.numerics.compartments import LinearSystem, Transfer

__all__ = ["TRACER_SHARE", "CarrierModel", "Label", "build"]

Label = Literal["iodine", "metal"]
TRACER_SHARE = 1e-6  # mass of a tumor over that of the body when it is to take nothing away
LESIONS = ("tumor", "glioma")  # with parameters of their own


@dataclass(frozen=True, slots=True, eq=False)
class CarrierModel:
    """The compartments of a batch of parameter draws.

    Parameters
    ----------
    host : Host
    system : LinearSystem
        Batch axis: draws.
    per_g : mapping of str to mapping of str to array
        Region -> state -> grams over which the state's amount spreads, inverted (1/g).
    """

    host: Host
    system: LinearSystem
    per_g: Mapping[str, Mapping[str, Floats]]

    @property
    def initial(self) -> dict[str, float]:
        """All of it in plasma at time 0."""
        return {"plasma": 1.0}

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions with a concentration per gram."""
        return tuple(self.per_g)

    def weights(self, region: str) -> Floats:
        """Return what each state's amount adds to a region's concentration, 1/g, shape (n, states).

        Raises
        ------
        DataError
            If the model does not tell this region apart.
        """
        if region not in self.per_g:
            raise DataError(
                f"the carrier model of the {self.host.species} has no region '{region}'; "
                f"it has {', '.join(self.per_g)}"
            )
        out = np.zeros((*self.system.batch, len(self.system.states)))
        for state, weight in self.per_g[region].items():
            out[..., self.system.index(state)] = weight
        return out


def build(
    host: Host,
    parameters: Mapping[str, Floats],
    *,
    label: Label = "iodine",
    raft: RaftChange = UNCHANGED,
    tumor_mass_g: float | None = None,
    blocked: float | None = None,
) -> CarrierModel:
    """Set up the model.

    Parameters
    ----------
    host : Host
    parameters : mapping of str to ndarray, shape (n,)
        All those of the species in ``priors.toml``.
    label : {"iodine", "metal"}
        What breakdown in the liver does: iodine leaves it as iodide, a metal chelate stays.
    raft : RaftChange
        Lipids against the calibrated membranes.
    tumor_mass_g : float, optional
        Default a tracer: a millionth of the body.
    blocked : float, optional
        Follow the free iodide, with this share of thyroid uptake prevented. Default: iodide
        leaves the model.

    Returns
    -------
    CarrierModel
    """
    p = {name: np.asarray(value, dtype=float) for name, value in parameters.items()}
    tracer_g = TRACER_SHARE * host.body_mass_g
    masses = {"tumor": tracer_g if tumor_mass_g is None else tumor_mass_g, "glioma": tracer_g}
    body, capacity = _body(host, p, raft)
    liver, residual = _liver(host, p, label, None if blocked is None else "iodide")
    states = ["plasma", "body_membrane", "body_retained", "liver_processing"]
    transfers = [*body, *liver]
    per_g: dict[str, dict[str, Floats]] = {}
    for region in ("liver", "red_marrow", "brain", "remainder"):
        partition = _partition(region, p)
        if partition is not None:
            share = partition / capacity
            per_g[region] = {"body_membrane": share, "body_retained": share}
    liver_g = np.asarray(1.0 / host.region_g["liver"])
    per_g["liver"]["liver_processing"] = liver_g
    if blocked is not None:
        states += IODIDE_STATES
        transfers += iodide_transfers(host, blocked=blocked)
    if residual:
        states.append("liver_residual")
        per_g["liver"]["liver_residual"] = liver_g
    for region in LESIONS:
        if f"{region}_trapping_mL_per_g_h" not in p:
            continue
        membrane, retained = f"{region}_membrane", f"{region}_retained"
        states += [membrane, retained]
        transfers += _lesion(host, p, region, masses[region], raft)
        one_g = np.asarray(1.0 / masses[region])
        per_g[region] = {membrane: one_g, retained: one_g}
    return CarrierModel(host, LinearSystem.from_transfers(states, transfers), per_g)


def _partition(region: str, p: Mapping[str, Floats]) -> Floats | None:
    """Membranes of a normal region over plasma at balance, mL/g; None if not told apart."""
    own = {"red_marrow": "marrow_partition_mL_per_g", "brain": "brain_partition_mL_per_g"}
    return p.get(own.get(region, "body_partition_mL_per_g"))


def _body(host: Host, p: Mapping[str, Floats], raft: RaftChange) -> tuple[list[Transfer], Floats]:
    """Exchange of normal tissue with plasma, and its capacity in mL of plasma."""
    rest_g = host.body_mass_g - host.blood_mL - sum(host.region_g.values())
    capacity = p["body_partition_mL_per_g"] * rest_g
    for region, mass_g in host.region_g.items():
        partition = _partition(region, p)
        if partition is not None:
            capacity = capacity + partition * mass_g
    out = 1 / p["exchange_h"]
    calibrated_tumor = UNCHANGED.share("tumor")
    into_raft = (
        p["tumor_trapping_mL_per_g_h"]
        / p["tumor_partition_mL_per_g"]
        * raft.share("normal")
        / calibrated_tumor
    )
    return [
        Transfer("plasma", "body_membrane", capacity / host.plasma_mL * out),
        Transfer("body_membrane", "plasma", out),
        Transfer("body_membrane", "body_retained", into_raft),
        Transfer("body_retained", "body_membrane", 1 / p["normal_retention_h"]),
    ], capacity


def _liver(
    host: Host, p: Mapping[str, Floats], label: Label, iodide: str | None
) -> tuple[list[Transfer], bool]:
    """Clearance by the liver; for a metal, also the chelate that breakdown leaves there."""
    leave = 1 / p["liver_residence_h"]
    broken = p["catabolized_odds"] / (1 + p["catabolized_odds"])
    transfers = [Transfer("plasma", "liver_processing", p["clearance_mL_per_h"] / host.plasma_mL)]
    if label == "iodine":
        return [
            *transfers,
            Transfer("liver_processing", iodide, leave * broken),
            Transfer("liver_processing", None, leave * (1 - broken)),
        ], False
    return [
        *transfers,
        Transfer("liver_processing", "liver_residual", leave * broken),
        Transfer("liver_processing", None, leave * (1 - broken)),
        Transfer("liver_residual", None, 1 / p["residual_h"]),
    ], True


def _lesion(
    host: Host,
    p: Mapping[str, Floats],
    region: str,
    mass_g: float,
    raft: RaftChange,
) -> list[Transfer]:
    """Exchange, trapping and slow loss of a tumor."""
    out = 1 / p["exchange_h"]
    partition = p[f"{region}_partition_mL_per_g"]
    change = raft.share("tumor") / UNCHANGED.share("tumor")
    membrane, retained = f"{region}_membrane", f"{region}_retained"
    return [
        Transfer("plasma", membrane, partition * mass_g / host.plasma_mL * out),
        Transfer(membrane, "plasma", out),
        Transfer(membrane, retained, p[f"{region}_trapping_mL_per_g_h"] / partition * change),
        Transfer(retained, membrane, 1 / p["tumor_retention_h"]),
    ]
