"""Development and patent timeline of the catalogue as one offline page, with its sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pdcraft.data.catalogue import AgentRecord, Patent, agent_records, sources
from pdcraft.report.page import render_page
from pdcraft.report.panels import marked
from pdcraft.report.tables import Column, Group, Table
from pdcraft.report.timeline import timeline

__all__ = ["timeline_html", "write_timeline"]

GRADES = (
    ("T", "full table"),
    ("A", "abstract or registry text"),
    ("P", "press release, news item or filing"),
    ("C", "code that transcribes a paper"),
    ("D", "derived"),
)


def timeline_html(at: date | None = None) -> str:
    """Build the page of the whole catalogue.

    Parameters
    ----------
    at : datetime.date, optional
        Count the days of protection left from this day.

    Returns
    -------
    str
        HTML with everything inside; the same day gives the same text.
    """
    records = agent_records()
    keys = [key for r in records for event in r.events for key in event.sources]
    keys += [key for r in records for patent in r.patents for key in patent.sources]
    number = {key: str(i) for i, key in enumerate(dict.fromkeys(keys), start=1)}
    return render_page(
        "timeline.html.j2",
        "Agents: development and protection",
        agents=len(records),
        at=at.isoformat() if at else None,
        figure=marked(timeline(records, at), "fig-timeline"),
        events=_events(records, number),
        patents=_patents(records, number, at),
        sources=[sources()[key] for key in number],
        grades=GRADES,
    )


def _cited(keys: Sequence[str], number: Mapping[str, str]) -> str:
    return " ".join(number[key] for key in keys)


def _events(records: Sequence[AgentRecord], number: Mapping[str, str]) -> Table:
    body = [
        (r.name, r.payload_kind or "", e.date or "", e.text, e.grade, _cited(e.sources, number))
        for r in records
        for e in r.events
    ]
    return Table(
        id="table-events",
        title="Dated events of each agent",
        note="As the sources say them; those before 2012 stand here only. Grade: see the sources.",
        groups=(),
        columns=(
            Column("agent"), Column("payload"), Column("date"), Column("event", "note"),
            Column("grade"), Column("sources", "sources"),
        ),
        rows=tuple(body),
        origins=("published",),
        unfolded=True,
    )  # fmt: skip


def _patents(records: Sequence[AgentRecord], number: Mapping[str, str], at: date | None) -> Table:
    found: dict[Patent, list[str]] = {}
    for record in records:
        for patent in record.patents:
            found.setdefault(patent, []).append(record.name)

    body: list[tuple[str, ...]] = []
    for patent, names in found.items():
        left = patent.days_left(at) if at else None
        dated = [f"{what} {day}" for what, day in
                 (("filed", patent.filed), ("granted", patent.granted)) if day]  # fmt: skip
        body.append(
            (
                patent.number, ", ".join(names), patent.territory,
                f"{patent.kind}: {patent.claim}", patent.status,
                patent.expires.isoformat() if patent.expires else "",
                *(("" if left is None else str(left),) if at else ()),
                "; ".join([*dated, *([patent.note] if patent.note else [])]),
                _cited(patent.sources, number),
            )
        )  # fmt: skip
    computed = (Group("computed", 1, "computed"),) if at else ()
    counted = f" Days left are counted from {at}, negative when expired." if at else ""
    return Table(
        id="table-patents",
        title="Patents and families",
        note=f"An empty cell is not in the sources read.{counted}",
        groups=(Group("", 2), Group("published", 4, "given"), *computed, Group("", 2)),
        columns=(
            Column("number", "note"), Column("agents", "note"), Column("territory", "note"),
            Column("claim", "note"), Column("status", "note"), Column("expires"),
            *([Column("days left", "number")] if at else []),
            Column("remark", "note"), Column("sources", "sources"),
        ),
        rows=tuple(body),
        unfolded=True,
    )  # fmt: skip


def write_timeline(path: Path, at: date | None = None) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
        Its folder is made if it does not exist.
    at : datetime.date, optional
        As in ``timeline_html``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(timeline_html(at), encoding="utf-8")
