"""How values show themselves: small tables, in HTML in a notebook and in plain text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Shown", "Table", "counted", "number", "times"]

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


@dataclass(frozen=True, slots=True)
class Table:
    """What a value shows of itself; of long ones, the first rows and how many more there are.

    Parameters
    ----------
    title : str
    columns : sequence of str
    rows : sequence of sequence of str
        Cells, as many as columns.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def _left(self) -> str:
        left = len(self.rows) - MOST_ROWS
        return f"{left} more rows" if left > 0 else ""

    def html(self) -> str:
        """Write it in HTML, cells escaped, without style sheet or script."""
        head = "".join(f"<th>{escape(c)}</th>" for c in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows[:MOST_ROWS]
        )
        return (
            f"<table><caption>{escape(self.title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>{self._left and f'<p>{self._left}</p>'}"
        )

    def text(self) -> str:
        """Write it in aligned columns."""
        lines = [self.columns, *self.rows[:MOST_ROWS]]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        aligned = (
            "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )
        return "\n".join([self.title, *aligned, *filter(None, [self._left])])


class Shown:
    """A value that shows itself as a table, where its own dataclass does not write it out."""

    __slots__ = ()

    def _table(self) -> Table:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return self._table().html()

    def __repr__(self) -> str:
        return self._table().text()
