"""What ``pdcraft run`` shows of a sweep: radii that payloads serve, a carrier series, agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.cli.common import table

if TYPE_CHECKING:
    from rich.table import Table

    from pdcraft.study.result import StudyResult

__all__ = ["sweep_tables"]


def sweep_tables(result: StudyResult) -> list[Table]:
    """Tables of the report's section, as it has them."""
    from pdcraft.report.sweep_section import sweep_section

    found = sweep_section(result.run)
    assert found is not None
    choice = found["choice"] or {}
    facts = found["portfolio"] or {}
    shown = (
        choice.get("ranges"), choice.get("drugs"), found["series"], facts.get("agents"),
        facts.get("patents"),
    )  # fmt: skip
    return [
        table(one.title, [c.text for c in one.columns], [list(row) for row in one.rows])
        for one in shown
        if one is not None
    ]
