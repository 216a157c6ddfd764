"""One offline page from a template: style, fonts and the plot library inside it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from pdcraft import __version__
from pdcraft.report.style import FONT, INK, MUTED, ORIGIN_COLOR
from pdcraft.report.words import ORIGIN_WORDS

__all__ = ["NOTICE", "render_page"]

NOTICE = (
    "Research software. Not a medical device; not for diagnosis, treatment planning or activity "
    "prescription."
)


def render_page(template: str, title: str, **context: Any) -> str:
    """Fill a template of ``report/templates``; the same context gives the same text.

    Everything is escaped but what the caller marks as markup; a name that the template uses and
    the caller leaves out is an error.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=PackageLoader("pdcraft.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files("pdcraft.report").joinpath("templates", "style.css").read_text(encoding="utf-8")
    return environment.get_template(template).render(
        style=Markup(style),
        font=Markup(FONT),
        ink=INK,
        muted=MUTED,
        plotly=Markup(get_plotlyjs()),
        title=title,
        version=__version__,
        notice=NOTICE,
        origins=[(name, ORIGIN_COLOR[name], words) for name, words in ORIGIN_WORDS.items()],
        **context,
    )
