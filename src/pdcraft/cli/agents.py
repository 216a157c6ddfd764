"""``pdcraft agents``: the catalogue of conjugates and their neighbors, with sources and grades."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdcraft.cli.common import (
    JsonFlag,
    SeedOption,
    emit,
    err_console,
    page_path,
    path_in_folder,
    table,
)

if TYPE_CHECKING:
    from rich.console import Console


def agents(
    name: Annotated[str | None, typer.Argument(help="One agent; all when none is named.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Count protection left from this day, 2026-11-21.")
    ] = None,
    timeline: Annotated[
        Path | None, typer.Option("--timeline", help="Write the timeline to this HTML file.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write the structure to this .svg or .png.")
    ] = None,
    json: JsonFlag = False,
    seed: SeedOption = 1,
) -> None:
    """List agents: payload, structure, stage, designations, trials, patents, with sources."""
    from pdcraft.chemistry.agents import catalogue_agent, citations, entry
    from pdcraft.data.catalogue import agent_record, agent_records, day_of
    from pdcraft.errors import DataError

    day = day_of(at) if at else None
    if timeline is not None:
        page_path(timeline)
    records = (agent_record(name),) if name else agent_records()
    conjugates = [catalogue_agent(record.name) for record in records]
    entries = [entry(c, r, day) for c, r in zip(conjugates, records, strict=True)]
    if picture is not None:
        from pdcraft.chemistry.picture import write_picture

        if not name:
            raise DataError("--picture draws one agent; name it: pdcraft agents 'CLR 131'")
        write_picture(conjugates[0], path_in_folder(picture))
        err_console().print(f"wrote {picture}")
    if timeline is not None:
        from pdcraft.report.timeline_page import write_timeline

        write_timeline(timeline, day)
        err_console().print(f"wrote {timeline}")
    cited = citations({key for item in entries for key in item["sources"]})
    document = {
        "schema": "pdcraft.agents/1",
        "at": day.isoformat() if day else None,
        "agents": entries,
        "citations": cited,
    }

    def render(console: Console) -> None:
        if name:
            print_entry(console, entries[0], cited)
        else:
            _print_list(console, entries)

    emit(document, json, render)


def _print_list(console: Console, entries: list[dict[str, Any]]) -> None:
    from rich.text import Text

    rows = [
        (
            item["name"],
            item["payload"]["name"] or "–",
            item["formula"] or item["structure"],
            f"{item['molar_mass_g_per_mol']:.2f}" if item["molar_mass_g_per_mol"] else "–",
            _protection(item),
            item["stage"] or "–",
        )
        for item in entries
    ]
    columns = ("agent", "payload", "formula", "g/mol", "protection", "stage")
    out = table("Agents", columns, rows)
    for column in out.columns[1:]:
        column.justify = "left"
    console.print(out)
    for item in entries:
        for fact in item["contradictions"]:
            words = f": sources contradict: {fact['text']}"
            console.print(Text.assemble((item["name"], "bold"), words))
    console.print("One agent with its sources: pdcraft agents 'CLR 131'")


def _protection(item: dict[str, Any]) -> str:
    """Expiry of the last patent to run out, with the days left if a day was given."""
    dated = [patent for patent in item["patents"] if patent["expires"]]
    if not dated:
        return "no date known" if item["patents"] else "–"
    last = max(dated, key=lambda patent: patent["expires"])
    text = f"{last['expires']}{days_text(last['days_left'])}"
    return text if last["status"] == "granted" else f"{text}, if issued"


def days_text(days: int | None) -> str:
    """Words for the days of protection left: '' if no day was given."""
    if days is None:
        return ""
    return f" ({days:,} days left)" if days > 0 else " (expired)"


def print_entry(console: Console, item: dict[str, Any], cited: list[dict[str, Any]]) -> None:
    """Print one agent, or a user's molecule, for reading."""
    from rich.text import Text

    number = {source["key"]: i for i, source in enumerate(cited, 1)}

    def marks(fact: dict[str, Any]) -> str:
        cites = ",".join(str(number[key]) for key in fact["sources"])
        return f" [{fact['grade']}: {cites}]" if cites else ""

    def with_marks(words: str, fact: dict[str, Any]) -> Text:
        return Text.assemble(words, (marks(fact), "dim"))

    console.print(item["name"], style="bold")
    if item["aliases"]:
        console.print(f"  also {', '.join(item['aliases'])}")
    one = {fact["field"]: marks(fact) for fact in item["facts"]}
    graded = {"SMILES": one.get("structure", ""), "half-life": one.get("half_life", "")}
    rows = [(key, text + graded.get(key, "")) for key, text in _numbers(item)]
    numbers = table("", ("", ""), rows)
    numbers.show_header = False
    numbers.columns[1].justify = "left"
    console.print(numbers)
    for caveat in item["descriptors"]["caveats"] if item["descriptors"] else ():
        console.print(f"  {caveat}", style="dim")
    for field in ("stage", "designations", "indications", "trials", "events"):
        facts = [fact for fact in item["facts"] if fact["field"] == field]
        if facts:
            console.print(field, style="bold")
        for fact in facts:
            head = " ".join(text for text in (fact["number"], fact["date"]) if text)
            console.print(with_marks(f"  {head + ': ' if head else ''}{fact['text']}", fact))
    if item["patents"]:
        words = " (dates as published, not legal advice)"
        console.print(Text.assemble(("patents", "bold"), words))
    for patent in item["patents"]:
        until = f"to {patent['expires']}" if patent["expires"] else "no expiry date known"
        words = (
            f"  {patent['number']} ({patent['territory']}), {patent['status']}, {until}"
            f"{days_text(patent['days_left'])}: {patent['claim']}"
        )
        console.print(with_marks(words, patent))
        if patent["note"]:
            console.print(f"    {patent['note']}", style="dim")
    if item["contradictions"]:
        console.print("sources that contradict each other", style="bold")
    for fact in item["contradictions"]:
        console.print(with_marks(f"  {fact['text']}", fact))
    if cited:
        words = " (T table, A abstract, P press or filing, C code, D derived)"
        console.print(Text.assemble(("sources", "bold"), words))
    for source in cited:
        where = f"doi:{source['doi']}" if source["doi"] else source["url"] or ""
        console.print(f"  {number[source['key']]}. [{source['grade']}] {source['text']} {where}")


def _numbers(item: dict[str, Any]) -> list[tuple[str, str]]:
    """Rows of what the structure says; 'not disclosed' alone where there is none."""
    rows = [("payload", _payload(item["payload"])), ("SMILES", item["smiles"] or item["structure"])]
    numbers = item["descriptors"]
    if numbers:
        hlb = numbers["hlb_griffin"]
        rows += [
            ("formula", numbers["isotopic_formula"]),
            ("molar mass", f"{item['molar_mass_g_per_mol']:.3f} g/mol"),
            ("monoisotopic mass", f"{item['monoisotopic_mass_Da']:.4f} Da"),
            ("net charge", f"{numbers['net_charge']}"),
            ("logP (Crippen)", f"{numbers['logp_crippen']:.2f}"),
            ("TPSA", f"{numbers['tpsa_A2']:.1f} Å²"),
            ("HLB (Griffin)", "–" if hlb is None else f"{hlb:.2f}"),
            ("chain length", f"{numbers['chain_length']} carbons"),
        ]
    if item["half_life_h"]:
        rows += [
            ("half-life", f"{item['half_life_h'] / 24:.4f} d"),
            ("molar activity, carrier-free", f"{item['molar_activity_MBq_per_nmol']:.4g} MBq/nmol"),
        ]
    if item["carrier_free_ng_per_MBq"]:
        rows.append(("carrier, carrier-free", f"{item['carrier_free_ng_per_MBq']:.3f} ng/MBq"))
    return rows


def _payload(payload: dict[str, Any]) -> str:
    if not payload["name"]:
        return "none"
    return f"{payload['name']} ({payload['kind'] or 'kind not said'})"
