"""The catalogue's agents as conjugates, and the entry that commands print of any conjugate."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from pdcraft.chemistry.compose import conjugate_from_smiles
from pdcraft.chemistry.descriptors import descriptors
from pdcraft.core.conjugate import NOT_DISCLOSED, Carrier, Conjugate, Linker, Payload
from pdcraft.data.catalogue import (
    AgentRecord,
    Fact,
    Patent,
    agent_record,
    agent_records,
    carriers,
    half_life_fact,
    linkers,
    payloads,
    sources,
    structure_fact,
)

__all__ = ["agents", "catalogue_agent", "citations", "entry"]


def _conjugate(record: AgentRecord) -> Conjugate:
    payload = None
    if record.payload_name:
        known = payloads().get(record.payload_name)
        if known is None or record.payload_kind != "radionuclide":
            payload = Payload(record.payload_kind, record.payload_name)
        else:
            payload = known
    carrier = linker = None
    if record.carrier:
        carrier = carriers().get(record.carrier) or Carrier(record.carrier, None)
    if record.linker:
        linker = linkers().get(record.linker) or Linker(record.linker, None)
    if record.smiles is None:
        return Conjugate(record.name, payload, carrier, linker)
    drawn = conjugate_from_smiles(record.smiles, name=record.name)
    return replace(drawn, payload=payload, carrier=carrier, linker=linker)


def catalogue_agent(name: str) -> Conjugate:
    """Find an agent of the catalogue by name or alias.

    Raises
    ------
    DataError
        For an unknown name, with near matches.

    Examples
    --------
    >>> catalogue_agent("CLR 131").payload.name
    'I-131'
    >>> catalogue_agent("CLR 1502").structure
    'not disclosed'
    """
    return _conjugate(agent_record(name))


def agents() -> tuple[Conjugate, ...]:
    """All agents of the catalogue: the conjugates first, then their neighbors."""
    return tuple(_conjugate(record) for record in agent_records())


def _fact(field: str, fact: Fact) -> dict[str, Any]:
    return {
        "field": field,
        "text": fact.text,
        "number": fact.number,
        "date": fact.date,
        "grade": fact.grade,
        "sources": list(fact.sources),
    }


def _patent(patent: Patent, at: date | None) -> dict[str, Any]:
    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "number": patent.number,
        "territory": patent.territory,
        "filed": day(patent.filed),
        "granted": day(patent.granted),
        "expires": day(patent.expires),
        "claim": f"{patent.kind}: {patent.claim}",
        "status": patent.status,
        "note": patent.note,
        "days_left": patent.days_left(at) if at else None,
        "grade": patent.grade,
        "sources": list(patent.sources),
    }


def _facts(conjugate: Conjugate, record: AgentRecord | None) -> list[dict[str, Any]]:
    """Every fact with its date, grade and sources, in the order in which people read them."""
    single = {
        "structure": structure_fact(record) if record else None,
        "half_life": half_life_fact(conjugate.payload),
        "stage": record.stage if record else None,
    }
    out = [_fact(field, fact) for field, fact in single.items() if fact]
    if record:
        for field in ("designations", "indications", "trials", "events"):
            out += [_fact(field, fact) for fact in getattr(record, field)]
    return out


def entry(
    conjugate: Conjugate, record: AgentRecord | None = None, at: date | None = None
) -> dict[str, Any]:
    """One agent as ``pdcraft.agents/1`` prints it; all keys present, None for unknown.

    Parameters
    ----------
    conjugate : Conjugate
    record : AgentRecord, optional
        Its facts, if it is in the catalogue.
    at : datetime.date, optional
        Count the days of protection left from this day.
    """
    payload = conjugate.payload
    numbers = None
    if conjugate.smiles:
        numbers = asdict(descriptors(conjugate))
        numbers["caveats"] = list(numbers["caveats"])
    facts = _facts(conjugate, record)
    keys = {key for fact in facts for key in fact["sources"]} | set(
        record.sources if record else ()
    )
    return {
        "name": conjugate.name,
        "aliases": list(record.aliases) if record else [],
        "payload": {
            "kind": payload.kind if payload else None,
            "name": payload.name if payload else None,
        },
        "carrier": conjugate.carrier.name if conjugate.carrier else None,
        "linker": conjugate.linker.name if conjugate.linker else None,
        "smiles": conjugate.smiles,
        "structure": "known" if conjugate.smiles else NOT_DISCLOSED,
        "formula": conjugate.formula,
        "molar_mass_g_per_mol": conjugate.molar_mass_g_per_mol,
        "monoisotopic_mass_Da": conjugate.monoisotopic_mass_Da,
        "half_life_h": conjugate.half_life_h,
        "molar_activity_MBq_per_nmol": conjugate.molar_activity_MBq_per_nmol,
        "specific_activity_MBq_per_ng": conjugate.specific_activity_MBq_per_ng,
        "carrier_free_pmol_per_MBq": conjugate.carrier_free_pmol_per_MBq,
        "carrier_free_ng_per_MBq": conjugate.carrier_free_ng_per_MBq,
        "stage": record.stage.text if record and record.stage else None,
        "designations": [fact.text for fact in record.designations] if record else [],
        "indications": [fact.text for fact in record.indications] if record else [],
        "trials": [fact.number for fact in record.trials] if record else [],
        "patents": [_patent(patent, at) for patent in record.patents] if record else [],
        "contradictions": [_fact("contradictions", f) for f in record.contradictions]
        if record
        else [],
        "facts": facts,
        "descriptors": numbers,
        "sources": sorted(keys),
    }


def citations(keys: set[str]) -> list[dict[str, Any]]:
    """Return the sources behind ``keys``, sorted by key, as documents print them."""
    known = sources()
    return [
        {
            "key": key,
            "text": known[key].text,
            "doi": known[key].doi,
            "url": known[key].url,
            "grade": known[key].grade,
        }
        for key in sorted(keys)
    ]
