"""Draw what the documentation shows.

``python -m pdcraft.report docs/images`` draws the bodies, ``python -m pdcraft.report payload-size
FILE.html`` the page of payloads against the size of metastases.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pdcraft.anatomy import flank_center_cm, mouse_body, stylised_body, with_tumor
from pdcraft.core.body import Body
from pdcraft.report.body_figure import body_sheet

TUMOR_g = 0.5


def documented_bodies() -> Iterator[tuple[str, Body]]:
    """Yield the bodies that the documentation shows, by the name of the picture's file."""
    for name in ("adult-male", "adult-female"):
        yield f"body-{name}.svg", stylised_body(name)
    mouse = mouse_body(25.0)
    at = flank_center_cm(mouse, TUMOR_g)
    yield "body-mouse.svg", with_tumor(mouse, at, TUMOR_g, "tumor", may_protrude=True)


if __name__ == "__main__":
    if sys.argv[1] == "payload-size":
        from pdcraft.report.payload_page import payload_html
        from pdcraft.study.recipes.payload_size import payload_size

        Path(sys.argv[2]).write_text(payload_html(payload_size()), encoding="utf-8")
    else:
        for file, body in documented_bodies():
            Path(sys.argv[1], file).write_text(body_sheet(body), encoding="utf-8")
