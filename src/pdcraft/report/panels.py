"""Small figures side by side, and figures as the templates take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pdcraft.report.style import figure_html

if TYPE_CHECKING:
    from markupsafe import Markup
    from plotly.graph_objects import Figure

__all__ = ["Panel", "drawn", "marked"]


@dataclass(frozen=True, slots=True)
class Panel:
    """One of several small figures side by side, with its heading in words."""

    title: str
    unit: str
    figure: Figure


def marked(figure: Figure, name: str) -> Markup:
    """Turn a figure into markup of a page; `name` is unique on it."""
    from markupsafe import Markup

    return Markup(figure_html(figure, name))  # made here, no text of a user's


def drawn(panels: Sequence[Panel], name: str) -> list[dict[str, Any]]:
    """Turn panels into what the macro ``panels`` takes, with ids ``name-0``, ``name-1``, ..."""
    return [
        {"title": p.title, "unit": p.unit, "html": marked(p.figure, f"{name}-{i}")}
        for i, p in enumerate(panels)
    ]
