"""The molecule of a report: its picture and what its structure fixes."""

from __future__ import annotations

import re

from pdcraft.core.conjugate import Conjugate

__all__ = ["formula_parts", "inline_svg", "structure_png", "structure_svg"]


def structure_svg(conjugate: Conjugate) -> str | None:
    """Draw the structure as SVG; None if it is not disclosed."""
    from pdcraft.chemistry import svg

    return None if conjugate.smiles is None else svg(conjugate)


def structure_png(conjugate: Conjugate) -> bytes | None:
    """Draw the structure as PNG for slides and spreadsheets; None if it is not disclosed."""
    from pdcraft.chemistry import png

    return None if conjugate.smiles is None else png(conjugate)


def inline_svg(picture: str) -> str:
    """Make a picture follow the width of the page and name it for screen readers."""
    size = r"width='[\d.]+px' height='[\d.]+px'"
    return re.sub(size, "role='img' aria-label='structural formula'", picture, count=1)


def formula_parts(formula: str) -> list[tuple[str, bool]]:
    """Split a formula into pieces with whether they are set low.

    Examples
    --------
    >>> formula_parts("C29H53")
    [('C', False), ('29', True), ('H', False), ('53', True)]
    """
    return [(part, part.isdigit()) for part in re.findall(r"\d+|\D+", formula)]
