"""What a group of a bench may get: radionuclides, dyes, drugs on the carrier, plain drug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pdcraft import chemistry
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.names import key_of
from pdcraft.errors import DataError

__all__ = ["PLAIN_DRUG", "BenchAgent", "agent_fault", "bench_agent"]

PLAIN_DRUG = "paclitaxel"
Kind = Literal["radionuclide", "dye", "drug", "plain drug"]
CARRIERS = ("CLR1404", "phospholipid ether", "alkylphosphocholine with a DOTA chelator")
TAKES: dict[Kind, tuple[tuple[str, ...], str]] = {
    "radionuclide": (("activity", "activity_per_mass"), '"7.4 MBq" or "370 MBq/kg"'),
    "dye": (("amount",), '"50 nmol"'),
    "drug": (("amount",), '"100 nmol" of drug'),
    "plain drug": (("amount", "drug_mass"), '"0.4 mg" or "500 nmol"'),
}


@dataclass(frozen=True, slots=True)
class BenchAgent:
    """An agent, and how the bench treats it."""

    name: str
    kind: Kind
    conjugate: Conjugate | None

    @property
    def nuclide(self) -> str:
        """Radionuclide."""
        payload = None if self.conjugate is None else self.conjugate.payload
        if payload is None:
            raise DataError(f"{self.name} carries no radionuclide")
        return payload.name

    @property
    def label(self) -> Literal["iodine", "metal"]:
        """What breakdown in the liver does with the label."""
        return "iodine" if self.nuclide.startswith("I-") else "metal"


def bench_agent(name: str) -> BenchAgent:
    """Find an agent.

    Raises
    ------
    DataError
        For an unknown one, with near matches, or one that the bench cannot follow.
    """
    if key_of(name) == key_of(PLAIN_DRUG):
        return BenchAgent(PLAIN_DRUG, "plain drug", None)
    conjugate = chemistry.catalogue_agent(name)
    payload, carrier = conjugate.payload, conjugate.carrier
    if payload is None or carrier is None or carrier.name not in CARRIERS:
        raise DataError(
            f"{conjugate.name} is not on the calibrated carrier; the bench follows conjugates of "
            f"CLR1404 and its chelate, and plain {PLAIN_DRUG}"
        )
    if payload.half_life_h is not None:
        return BenchAgent(conjugate.name, "radionuclide", conjugate)
    if payload.kind == "fluorophore":
        return BenchAgent(conjugate.name, "dye", conjugate)
    if payload.kind == "drug" and payload.name == PLAIN_DRUG:
        return BenchAgent(conjugate.name, "drug", conjugate)
    raise DataError(f"{conjugate.name}: no kinetics of its payload {payload.name} are known here")


def agent_fault(
    name: str, fields: Sequence[str], *, has_linker: bool = False
) -> tuple[str, str] | None:
    """Say what is wrong with an agent and the kinds of its amounts: message and way out."""
    try:
        agent = bench_agent(name)
    except DataError as error:
        one = error.problems[0]
        return one.message, one.hint or "see pdcraft agents"
    allowed, example = TAKES[agent.kind]
    wrong = [f for f in fields if f not in allowed]
    if wrong:
        return f"{agent.name} is not given as {wrong[0].replace('_', ' ')}", f"give {example}"
    if (agent.kind == "drug") != has_linker:
        if has_linker:
            return f"{agent.name} has no linker that releases anything here", "leave linker out"
        return (
            f"{agent.name}: no release rate is published",
            'say what to assume: linker = { plasma = "200 h", tissue = "100 h", tumor = "24 h" }',
        )
    return None
