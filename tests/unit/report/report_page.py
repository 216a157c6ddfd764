"""Read a report as a browser would: tables by their headers, texts, and what a page may load."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "line", "rect", "path", "ellipse"}


@dataclass
class Grid:
    """A table: headers repeated over the columns that they span, and rows of texts."""

    title: str = ""
    heads: list[list[str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def columns(self) -> list[str]:
        """Group and column header of every column, joined."""
        return [" | ".join(parts).strip(" |") for parts in zip(*self.heads, strict=True)]


class Page(HTMLParser):
    """Tags, tables, texts outside scripts, and every attribute that could load something."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[Grid] = []
        self.text = ""
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._inside: list[str] = []
        self._cell: list[str] | None = None
        self._span = 1
        self._head: list[str] = []
        self._row: list[str] = []
        self._title = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._inside.append(tag)
        if tag in ("script", "style"):
            (self.scripts if tag == "script" else self.styles).append("")
        if tag == "h4":
            self._title = ""
        if tag == "table":
            self.tables.append(Grid(self._title.strip()))
        if tag == "tr":
            self._head, self._row = [], []
        if tag in ("td", "th"):
            self._cell, self._span = [], int(dict(attrs).get("colspan") or 1)

    def handle_endtag(self, tag):
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass
        if tag in ("td", "th") and self._cell is not None:
            text = " ".join("".join(self._cell).split())
            (self._head if tag == "th" else self._row).extend([text] * self._span)
            self._cell = None
        if tag == "tr" and self.tables:
            grid = self.tables[-1]
            if self._head:
                grid.heads.append(self._head)
            if self._row:
                grid.rows.append(self._row)

    def handle_data(self, data):
        inside = self._inside[-1] if self._inside else ""
        if inside == "script":
            self.scripts[-1] += data
        elif inside == "style":
            self.styles[-1] += data
        else:
            self.text += data
            if inside == "h4":
                self._title += data
        if self._cell is not None:
            self._cell.append(data)

    def table(self, title: str) -> Grid:
        """Return the first table whose heading begins so."""
        return next(grid for grid in self.tables if grid.title.startswith(title))
