"""What the report shows of a portfolio: a table of agents, a table of patents, the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pdcraft.core.run import ResultRow
from pdcraft.data.catalogue import AgentRecord, Fact, agent_record
from pdcraft.report.cards import Card
from pdcraft.report.panels import marked
from pdcraft.report.tables import Column, Group, Table
from pdcraft.report.timeline import timeline

__all__ = ["portfolio", "portfolio_cards", "portfolio_sentences"]

FACTS, LEFT = "public_facts", "protection_left"
DAYS_PER_YEAR = 365.25


def portfolio(rows: Sequence[ResultRow], at: str | None) -> dict[str, Any] | None:
    """Make the context; None for a sweep without agents.

    Parameters
    ----------
    rows : sequence of ResultRow
        Of the sweep.
    at : str or None
        Day of the study, from which protection is counted.
    """
    names = [r.subject.arm or "" for r in rows if r.quantity.key == FACTS]
    if not names or at is None:
        return None
    records = [agent_record(name) for name in names]
    day = date.fromisoformat(at)
    figure = timeline(records, day)
    return {
        "at": at,
        "figure": marked(figure, "fig-portfolio"),
        "agents": _agents(records),
        "patents": _patents(records, day),
    }


def _in_force(rows: Sequence[ResultRow]) -> dict[str, float]:
    """Days left by patent whose published expiry is still to come, the next one first."""
    left = {
        (r.subject.arm or "").partition(", ")[2].split(":")[0]: r.summary["value"] or 0.0
        for r in rows
        if r.quantity.key == LEFT
    }
    return {name: days for name, days in sorted(left.items(), key=lambda p: p[1]) if days > 0}


def portfolio_cards(rows: Sequence[ResultRow]) -> list[Card]:
    """Make cards of how many agents there are and what is protected how long."""
    agents = [r for r in rows if r.quantity.key == FACTS]
    if not agents:
        return []
    force = _in_force(rows)
    facts = sum(r.summary["value"] or 0.0 for r in agents)
    out = [
        Card("agents", f"{len(agents)}", "", f"{facts:g} facts of public sources", "published"),
        Card("patents not expired", f"{len(force)}", "", "by published expiry", "computed"),
    ]
    for name, days in force.items():
        years = f"{days / DAYS_PER_YEAR:.1f}"
        title = f"protection left by {name}"
        out.append(Card(title, years, "years", "exact arithmetic", "computed"))
    return out


def portfolio_sentences(rows: Sequence[ResultRow]) -> list[str]:
    """Say which protection ends next."""
    force = _in_force(rows)
    if not force:
        return []
    name, days = next(iter(force.items()))
    return [f"The next published expiry, of {name}, is {days:g} days away."]


def _words(facts: Sequence[Fact]) -> str:
    return "; ".join(f"{f.text} ({f.date})" if f.date else f.text for f in facts)


def _agents(records: Sequence[AgentRecord]) -> Table:
    body = [
        (
            r.name,
            r.payload_name or "",
            _words([r.stage]) if r.stage else "",
            _words(r.indications),
            _words(r.designations),
            "; ".join(t.number or t.text for t in r.trials),
        )
        for r in records
    ]
    heads = ("stage", "indications", "designations", "trials")
    return Table(
        id="table-portfolio",
        title="Agents",
        note="As public sources say; an empty cell was not read. Dates are those of the sources.",
        groups=(Group("", 2), Group("published", len(heads), "given")),
        columns=(Column("agent"), Column("payload"), *(Column(h, "note") for h in heads)),
        rows=tuple(body),
    )


def _patents(records: Sequence[AgentRecord], at: date) -> Table:
    body: list[tuple[str, ...]] = []
    for number in dict.fromkeys(p.number for r in records for p in r.patents):
        one = next(p for r in records for p in r.patents if p.number == number)
        left = one.days_left(at)
        body.append(
            (
                number,
                ", ".join(r.name for r in records if one in r.patents),
                one.territory,
                one.claim,
                one.status,
                one.expires.isoformat() if one.expires else "",
                "" if left is None else str(left),
            )
        )
    return Table(
        id="table-patents",
        title="Patents",
        note="Expiry as published; days are counted from the study's date, negative when expired.",
        groups=(Group("", 2), Group("published", 4, "given"), Group("computed", 1, "computed")),
        columns=(
            Column("number", "note"), Column("agents", "note"), Column("territory"),
            Column("claim", "note"), Column("status", "note"), Column("expires"),
            Column("days left", "number"),
        ),
        rows=tuple(body),
    )  # fmt: skip
