"""Published results of agents, to stand beside computed ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pdcraft.core.quantity import Quantity, quantity
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml

__all__ = ["PublishedResult", "published_results"]


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """One published number: of what, in whom, from where, and what it compares with."""

    agent: str
    host: str
    stage: str
    region: str
    quantity: Quantity
    value: float
    grade: str
    text: str
    citation: Citation
    compare_quantity: Quantity | None


@cache
def published_results() -> tuple[PublishedResult, ...]:
    """All published results that pdcraft holds."""
    table = load_toml("published.toml")
    sources = {s["key"]: Citation(s["key"], s["text"], s.get("doi")) for s in table["source"]}
    return tuple(
        PublishedResult(
            agent=row["agent"],
            host=row["host"],
            stage=row["stage"],
            region=row["region"],
            quantity=quantity(row["quantity"]),
            value=float(row["value"]),
            grade=row["grade"],
            text=row["text"],
            citation=sources[row["source"]],
            compare_quantity=(
                quantity(row["compare_quantity"]) if "compare_quantity" in row else None
            ),
        )
        for row in table["result"]
    )
