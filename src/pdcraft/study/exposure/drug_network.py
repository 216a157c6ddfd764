"""The calibrated carrier as the network in which a conjugate of a drug is cleaved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.exposure.linker import Site
from pdcraft.exposure.network import ConjugateNetwork
from pdcraft.kinetics.carrier.model import TRACER_SHARE, build
from pdcraft.kinetics.carrier.parameters import Species, host
from pdcraft.kinetics.carrier.payload import PayloadKind, payload_effect, with_payload
from pdcraft.study.kinetics.shipped import shipped_carrier

__all__ = ["carrier_network", "carrier_parameters"]

#: The outside of membranes is not inside a cell: nothing cleaves there (assumed).
UNUSED = ("injected_mass", "glioma_", "brain_", "residual_", "catabolized_")
UNCLEAVED = frozenset({"body_membrane", "tumor_membrane"})


def carrier_parameters(
    species: Species, n: int, seed: int, *, scaled: bool = True, payload: PayloadKind = "drug"
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Draw the carrier with a kind of payload.

    Parameters
    ----------
    species : {"mouse", "human"}
        In man the tumor is the mouse's, scaled in time.
    n, seed : int
    scaled : bool
        Whether to apply the payload's assumed effect on uptake and clearance.
    payload : {"drug", "dye", "iodine", "metal"}

    Returns
    -------
    parameters, inputs : dict of str to ndarray, shape (n,)
        What `carrier_network` takes, and the same by the names that a report ranks.
    """
    parameters = shipped_carrier(species, n, seed)
    inputs = {
        f"kinetics.carrier.{name}": values
        for name, values in parameters.items()
        if not name.startswith(UNUSED)
    }
    if not scaled:
        return parameters, inputs
    factors = payload_effect(payload).draw(seed, n)
    inputs |= {f"kinetics.payload.{name}": values for name, values in factors.items()}
    return with_payload(parameters, factors), inputs


def carrier_network(
    species: Species,
    parameters: Mapping[str, Floats],
    *,
    tumor_g: float | None = None,
    uptake: ArrayLike = 1.0,
) -> ConjugateNetwork:
    """Take draws of the carrier to compartments with sites.

    Parameters
    ----------
    species : {"mouse", "human"}
    parameters : mapping of str to ndarray, shape (n,)
        From `carrier_parameters`.
    tumor_g : float, optional
        By default a tumor so small that it takes nothing away.
    uptake : array_like, shape () or (n,)
        Factor on the tumor's own uptake, such as of one tumor model against another.
    """
    body = host(species)
    own = dict(parameters)
    for name in ("tumor_trapping_mL_per_g_h", "tumor_partition_mL_per_g"):
        own[name] = own[name] * np.asarray(uptake, dtype=float)
    own = {k: v for k, v in own.items() if not k.startswith("glioma_")}
    mass_g = TRACER_SHARE * body.body_mass_g if tumor_g is None else tumor_g
    model = build(body, own, label="iodine", tumor_mass_g=mass_g)
    sites: dict[str, Site] = {}
    for state in model.system.states:
        tumor = state.startswith("tumor_")
        sites[state] = "plasma" if state == "plasma" else "tumor" if tumor else "tissue"
    return ConjugateNetwork(
        model.system,
        sites,
        "plasma",
        body.plasma_mL,
        body.body_mass_g - body.blood_mL,
        mass_g,
        model.per_g["red_marrow"],
        UNCLEAVED,
    )
