"""The chemistry stage: which molecule, and what its structure fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.core.conjugate import NOT_DISCLOSED, Conjugate, Payload
from pdcraft.core.run import Assumption

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger
    from pdcraft.study.model import Agent

__all__ = ["chemistry_rows", "conjugate_of"]


def conjugate_of(agent: Agent) -> Conjugate:
    """Find or compose the study's agent.

    Raises
    ------
    DataError
        For unknown names, with near matches, or a structure that is none.
    """
    from pdcraft import chemistry

    if agent.name is not None:
        return chemistry.catalogue_agent(agent.name)
    if agent.carrier is not None and agent.payload is not None:
        return chemistry.compose(agent.carrier, agent.linker, agent.payload)
    if agent.smiles is not None:
        return chemistry.conjugate_from_smiles(agent.smiles, name=agent.label or "user molecule")
    from pdcraft.data.nuclides import half_life_h, nuclide_name

    name = nuclide_name(agent.payload or "")
    payload = Payload("radionuclide", name, half_life_h=half_life_h(name))
    return Conjugate(agent.label or name, payload)


def chemistry_rows(conjugate: Conjugate, ledger: Ledger) -> None:
    """Add what the structure fixes; nothing for a structure that is not disclosed."""
    if conjugate.smiles is None:
        ledger.warn(
            "structure_not_disclosed",
            "chemistry",
            f"{conjugate.name}: structure {NOT_DISCLOSED} or not given, so no formula and no mass.",
        )
        return
    from pdcraft import chemistry

    numbers = {
        "molar_mass": conjugate.molar_mass_g_per_mol,
        "molar_activity": conjugate.molar_activity_MBq_per_nmol,
        "carrier_mass_per_activity": conjugate.carrier_free_ng_per_MBq,
        "logP": chemistry.descriptors(conjugate).logp_crippen,
    }
    for kind, value in numbers.items():
        if value is not None:
            flags = ("additive method, misjudges zwitterions",) if kind == "logP" else ()
            ledger.number("chemistry", kind, value, origin="computed", flags=flags)
    if conjugate.half_life_h is not None:
        ledger.assume(
            Assumption(
                "chemistry.carrier_free",
                "Molar activity and carrier mass per activity are those of a carrier-free label: "
                "every molecule carries a radioactive atom. A product holds more carrier.",
                "carrier-free",
            )
        )
