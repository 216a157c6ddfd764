"""The portfolio of a sweep: what public sources say of agents, counted and dated."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pdcraft.core.run import Citation
from pdcraft.data.catalogue import agent_record, sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pdcraft.study.ledger import Ledger

__all__ = ["portfolio_rows"]

STAGE = "sweep"


def portfolio_rows(agents: Sequence[str], at: date, ledger: Ledger) -> None:
    """Add the number of dated facts of every agent, and days left of every patent with an expiry.

    Parameters
    ----------
    agents : sequence of str
        Names or aliases of the catalogue.
    at : datetime.date
        Days are counted from here; negative when expired.
    """
    known = sources()
    for name in agents:
        record = agent_record(name)
        facts = (*record.designations, *record.indications, *record.trials, *record.events)
        keys = dict.fromkeys(key for fact in facts for key in fact.sources)
        cited = ledger.cite(Citation(key, known[key].text, known[key].doi) for key in keys)
        ledger.number(
            STAGE, "public_facts", float(len(facts)), origin="published", arm=record.name,
            sources=cited,
        )  # fmt: skip
        for patent in record.patents:
            left = patent.days_left(at)
            if left is None:
                continue
            told = ledger.cite(Citation(k, known[k].text, known[k].doi) for k in patent.sources)
            arm = f"{record.name}, {patent.number}".replace("/", " ")
            flags = (f"{patent.claim}; {patent.status}",)
            ledger.number(
                STAGE, "protection_left", float(left), origin="computed", arm=arm, sources=told,
                flags=flags,
            )  # fmt: skip
    ledger.warn(
        "portfolio_public",
        STAGE,
        "Facts are those of public sources as the catalogue read them, dated; expiry as published, "
        "without adjustments or extensions. No legal opinion.",
    )
