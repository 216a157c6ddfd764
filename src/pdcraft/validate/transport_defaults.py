"""What pdcraft's own defaults give where EGSnrc was fed its own data: information, not a test.

I = 78 eV, photoelectric cross sections of XCOM, pdcraft's evaluation of the decay and its progeny.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from pdcraft.dosimetry.spheres import sphere_S
from pdcraft.validate.case import Case
from pdcraft.validate.decide import show
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "transport"
EGSNRC = "EGSnrc, I = 75 eV, emissions of its own"
WHY = "pdcraft's defaults: I = 78 eV, XCOM's photoelectric cross sections, own decay data"


def cases() -> Iterator[Case]:
    """Yield S values of spheres from the shipped tables."""
    for table in ("egsnrc_sphere_S.csv", "egsnrc_sphere_S_I-131.csv"):
        for row in reference_rows("transport", table):
            mass = float(row["mass_g"])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # advice to users of small spheres
                found = sphere_S(row["nuclide"], mass_g=mass)
            name = f"S by default of {row['nuclide']} in a sphere of {found.radius_mm:.4g} mm"
            want = float(row["S_total_mGy_per_MBq_s"])
            yield show(SUITE, f"{name}, mGy/(MBq s)", found.total, want, WHY, EGSNRC)
