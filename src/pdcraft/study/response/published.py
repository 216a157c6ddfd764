"""Published blood counts of the study's agent, as rows beside the computed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.response.marrow.evidence import CountItem, marrow_evidence
from pdcraft.response.marrow.parameters import LINEAGES

if TYPE_CHECKING:
    from pdcraft.study.ledger import Ledger

__all__ = ["published_counts"]

AGENT_MARROW = "clr131_mGy_per_MBq"  # how the evidence marks the activities of CLR 131
KINDS = {"nadir_day": "nadir_day", "recovery_d": "recovery_days"}
GRADED = (3, 4)


def published_counts(ledger: Ledger) -> None:
    """Add printed days and grades of the agent's trials, each as its own arm.

    What fitted the marrow model says so; figures of cells or grades that no row has are left out.
    """
    for item in marrow_evidence():
        kind = _kind(item)
        if kind is None or item.marrow != AGENT_MARROW or item.lineage not in LINEAGES:
            continue
        value, count = _value(item)
        ledger.number(
            "response",
            kind,
            value,
            origin="published",
            region=item.lineage,
            arm=f"trial {item.id}",
            sources=ledger.cite((item.citation,)),
            flags=(
                *count,
                "fitted to" if item.use == "fit" else "not fitted to",
                item.reason.replace("as above", "regimens mixed, as for platelets"),
            ),
        )


def _kind(item: CountItem) -> str | None:
    if item.kind == "count" and item.ctcae_grade in GRADED:
        return f"grade_{item.ctcae_grade}_probability"
    return KINDS.get(item.kind)


def _value(item: CountItem) -> tuple[float, tuple[str, ...]]:
    if item.kind != "count":
        return item.figure("value"), ()
    k = int(item.figure("k"))
    return float(f"{k / item.n:.4g}"), (f"{k} of {item.n}",)
