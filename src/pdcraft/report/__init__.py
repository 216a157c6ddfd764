"""The report of a run: one offline page and its pictures.

The package itself loads neither Plotly nor Jinja2; its functions do when they are called.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdcraft.study.result import StudyResult

__all__ = ["artefacts"]

CALIBRATED = "kinetics.carrier"  # the assumption that a study on the calibrated carrier makes


def artefacts(result: StudyResult) -> dict[str, tuple[str, bytes]]:
    """Make a run's report and pictures.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    dict of relative path to (kind, content)
        ``report.html`` of kind ``"report"``; the structure as SVG and PNG of kind ``"image"``,
        unless it is not disclosed; ``carrier.html`` of kind ``"report"`` with the evidence behind
        a calibrated carrier; ``trial.html``, and ``trial.json`` of kind ``"document"``, of a trial.
        The same result gives the same bytes.
    """
    from pdcraft.report.html import report_html
    from pdcraft.report.structure import structure_png, structure_svg

    files = {"report.html": ("report", report_html(result).encode())}
    vector, pixels = structure_svg(result.conjugate), structure_png(result.conjugate)
    if vector is not None and pixels is not None:
        files["images/structure.svg"] = ("image", vector.encode())
        files["images/structure.png"] = ("image", pixels)
    if any(a.id == CALIBRATED for a in result.run.assumptions):
        from pdcraft.report.carrier_page import carrier_html

        species = "human" if any(r.subject.host == "human" for r in result.run.results) else "mouse"
        files["carrier.html"] = ("report", carrier_html(species).encode())
    if result.trial is not None:
        from pdcraft.report.trial_page import trial_html

        files["trial.html"] = ("report", trial_html(result.trial).encode())
        document = json.dumps(result.trial.document(), allow_nan=False, indent=1)
        files["trial.json"] = ("document", document.encode())
    return files
