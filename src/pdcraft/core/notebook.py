"""How values show themselves in a notebook: small tables in HTML, no style sheet, no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["counted", "number", "table", "times"]

MOST_ROWS = 30


def number(value: float | None) -> str:
    """Four digits, or nothing where a number is unknown."""
    return "" if value is None else f"{value:.4g}"


def counted(n: int, what: str) -> str:
    """Say how many there are: ``"1 draw"``, ``"200 draws"``."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def times(sizes: Iterable[object]) -> str:
    """Write sizes along axes: ``"4 × 4 × 2"``."""
    return " × ".join(str(size) for size in sizes)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an HTML table with a caption; of long ones, the first rows and how many there are.

    Parameters
    ----------
    title : str
    columns : sequence of str
    rows : iterable of sequence of str
        Cells, escaped here.

    Returns
    -------
    str
    """
    all_rows = list(rows)
    head = "".join(f"<th>{escape(c)}</th>" for c in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in all_rows[:MOST_ROWS]
    )
    left = len(all_rows) - MOST_ROWS
    more = f"<p>{left} more rows</p>" if left > 0 else ""
    return (
        f"<table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{more}"
    )
