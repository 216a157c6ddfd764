"""Compute the volumes of all shipped bodies: ``python -m pdcraft.anatomy region_volumes.csv``.

Organs of one column of the family are the same in all its bodies and are computed once. Ten minutes
on one processor.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pdcraft.anatomy.stylised import STYLISED, without_volumes
from pdcraft.anatomy.volumes import region_volumes_cm3
from pdcraft.core.body import Body

LOG2_POINTS, HITS = 18, 100_000
SURROUNDING = ("remainder", "skin")
HEADER = """\
# Volumes that the regions of the stylised bodies keep after all regions before them, cm3.
# Source: own computation from coefficients.csv (Sobol points until 100,000 hits, 2^22 at most;
#   relative error about 1e-3 of thin walls, 3e-4 of organs).
# Made by: python -m pdcraft.anatomy region_volumes.csv
# Licence of this file: Apache-2.0.
"""


def bodies() -> Iterator[tuple[str, Body]]:
    """Yield all bodies with the key of their volumes; those with all organs come first."""
    for name, kind in STYLISED.items():
        if kind.reference is not None:
            yield kind.column, without_volumes(name, both_sexes=True)
    for name, kind in STYLISED.items():
        yield kind.column, without_volumes(name)


def rows() -> Iterator[str]:
    """Yield lines of the table."""
    yield "body,region,volume_cm3"
    known: dict[tuple[str, str], float] = {}
    for column, body in bodies():
        wanted = [
            i for i, r in enumerate(body.regions) if r in SURROUNDING or (column, r) not in known
        ]
        found = region_volumes_cm3(body, LOG2_POINTS, np.array(wanted), hits=HITS)
        for i, volume in zip(wanted, found, strict=True):
            known[column, body.regions[i]] = float(volume)
        for region in body.regions:
            yield f"{body.name},{region},{known[column, region]:.6g}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(HEADER + "\n".join(rows()) + "\n", encoding="utf-8")
