"""The catalogue: agents, parts to compose from, patents and sources, read from TOML.

Every fact names its sources; a source carries its grade: T full table seen, A abstract or registry
text seen, P press release or filing seen, C code that transcribes a paper, D derived. To add an
agent, add an ``[[agent]]`` to ``cellectar.toml`` or ``neighbors.toml`` and its sources to
``sources.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from pdcraft.core.conjugate import Carrier, Linker, Payload
from pdcraft.core.names import index_of, look_up
from pdcraft.data.catalogue.records import (
    AgentRecord,
    Fact,
    Grade,
    Patent,
    Source,
    day_of,
    days_left,
)
from pdcraft.data.files import load_toml
from pdcraft.data.nuclides import half_life_h
from pdcraft.errors import DataError

__all__ = [
    "AgentRecord",
    "Fact",
    "Grade",
    "Patent",
    "Source",
    "agent_record",
    "agent_records",
    "carriers",
    "day_of",
    "days_left",
    "find_carrier",
    "find_linker",
    "find_payload",
    "half_life_fact",
    "linkers",
    "patents",
    "payloads",
    "sources",
    "structure_fact",
]

_AGENT_FILES = ("cellectar.toml", "neighbors.toml")


@cache
def sources() -> Mapping[str, Source]:
    """All sources by key."""
    table = load_toml("catalogue", "sources.toml")
    return MappingProxyType({key: Source(key, **row) for key, row in table.items()})


def _grade(where: str, keys: tuple[str, ...]) -> Grade:
    """Grade of the first source; every key must exist."""
    if not keys:
        raise DataError(f"catalogue: {where} names no source; add one, or leave the fact out")
    for key in keys:
        if key not in sources():
            raise DataError(f"catalogue: {where} names the source '{key}', not in sources.toml")
    return sources()[keys[0]].grade


def _fact(where: str, row: Mapping[str, Any]) -> Fact:
    keys = tuple(row["sources"])
    if row.get("date"):
        day_of(row["date"])
    what = f"{where} '{row['text']}'"
    return Fact(row["text"], keys, _grade(what, keys), row.get("date"), row.get("number"))


@cache
def patents() -> Mapping[str, Patent]:
    """All patents by number."""
    out: dict[str, Patent] = {}
    for number, row in load_toml("catalogue", "patents.toml").items():
        keys = tuple(row.pop("sources"))
        out[number] = Patent(number, sources=keys, grade=_grade(number, keys), **row)
    return MappingProxyType(out)


def _agent(row: Mapping[str, Any]) -> AgentRecord:
    name = row["name"]
    payload = row.get("payload", {})

    def facts(key: str) -> tuple[Fact, ...]:
        return tuple(_fact(f"{name} {key}", item) for item in row.get(key, ()))

    structure_sources = tuple(row.get("structure_sources", ()))
    if row.get("smiles"):
        _grade(f"{name} structure", structure_sources)
    return AgentRecord(
        name=name,
        aliases=tuple(row["aliases"]),
        payload_kind=payload.get("kind"),
        payload_name=payload.get("name"),
        carrier=row.get("carrier"),
        linker=row.get("linker"),
        smiles=row.get("smiles"),
        structure_sources=structure_sources,
        stage=_fact(f"{name} stage", row["stage"]) if "stage" in row else None,
        designations=facts("designations"),
        indications=facts("indications"),
        trials=facts("trials"),
        events=tuple(sorted(facts("events"), key=lambda fact: fact.date or "")),
        contradictions=facts("contradictions"),
        patents=tuple(patents()[number] for number in row.get("patents", ())),
    )


@cache
def agent_records() -> tuple[AgentRecord, ...]:
    """All agents: the conjugates first, then their neighbors."""
    rows = [row for file in _AGENT_FILES for row in load_toml("catalogue", file)["agent"]]
    return tuple(_agent(row) for row in rows)


def agent_record(name: str) -> AgentRecord:
    """Find an agent by name or alias.

    Raises
    ------
    DataError
        For an unknown name, with near matches.

    Examples
    --------
    >>> agent_record("iopofosine I-131").name
    'CLR 131'
    """
    index = index_of((agent.name, agent.aliases) for agent in agent_records())
    found = look_up("agent", name, index, "'pdcraft agents' lists all")
    return next(agent for agent in agent_records() if agent.name == found)


@cache
def _parts(role: str) -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType(load_toml("catalogue", "parts.toml")[role])


@cache
def carriers() -> Mapping[str, Carrier]:
    """All carriers to compose from, by name."""
    rows = _parts("carriers").items()
    return MappingProxyType({name: Carrier(name, row["smiles"]) for name, row in rows})


@cache
def linkers() -> Mapping[str, Linker]:
    """All linkers to compose with, by name."""
    rows = _parts("linkers").items()
    return MappingProxyType({name: Linker(name, row.get("smiles")) for name, row in rows})


@cache
def payloads() -> Mapping[str, Payload]:
    """All payloads to compose with, by name."""
    out: dict[str, Payload] = {}
    for name, row in _parts("payloads").items():
        half_life = half_life_h(name) if row["kind"] == "radionuclide" else None
        out[name] = Payload(row["kind"], name, row["smiles"], half_life)
    return MappingProxyType(out)


def half_life_fact(payload: Payload | None) -> Fact | None:
    """Where the half-life of a catalogued radionuclide comes from; None for anything else."""
    if payload is None or payload.half_life_h is None or payload.name not in payloads():
        return None
    keys = tuple(_parts("payloads")[payload.name]["sources"])
    text = f"{payload.half_life_h / 24:.6g} d"
    return Fact(text, keys, _grade(f"{payload.name} half-life", keys))


def structure_fact(record: AgentRecord) -> Fact | None:
    """Where the structure comes from; None if it is not disclosed."""
    if record.smiles is None:
        return None
    keys = record.structure_sources
    return Fact(record.smiles, keys, _grade(f"{record.name} structure", keys))


def _find(role: str, text: str) -> str:
    index = index_of((name, row["aliases"]) for name, row in _parts(role).items())
    known = ", ".join(_parts(role))
    attach = "[*:1] and [*:2]" if role == "linkers" else "[*:1]"
    way_out = f"known are {known}; or give a SMILES with {attach}"
    return look_up(role.removesuffix("s"), text, index, way_out)


def find_carrier(text: str) -> Carrier:
    """Find a carrier by name or alias; DataError with near matches if there is none."""
    return carriers()[_find("carriers", text)]


def find_linker(text: str) -> Linker:
    """Find a linker by name or alias; DataError with near matches if there is none."""
    return linkers()[_find("linkers", text)]


def find_payload(text: str) -> Payload:
    """Find a payload by name or alias; DataError with near matches if there is none."""
    return payloads()[_find("payloads", text)]
