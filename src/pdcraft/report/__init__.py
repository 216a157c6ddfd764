"""The report of a run: one offline page and its pictures.

The package itself loads neither Plotly nor Jinja2; its functions do when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdcraft.study.result import StudyResult

__all__ = ["artefacts"]


def artefacts(result: StudyResult) -> dict[str, tuple[str, bytes]]:
    """Make a run's report and pictures.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    dict of relative path to (kind, content)
        ``report.html`` of kind ``"report"`` and ``images/*.svg`` of kind ``"image"``. The same
        result gives the same bytes.
    """
    from pdcraft.report.html import report_html
    from pdcraft.report.structure import structure_svg

    page = {"report.html": ("report", report_html(result).encode())}
    picture = structure_svg(result.conjugate)
    images = {} if picture is None else {"images/structure.svg": ("image", picture.encode())}
    return page | images
