"""Doses of the evidence from the carrier's time integrals, with S values that pdcraft computed.

The S values are facts here (``s_values.toml``): kinetics knows no bodies. They come from the dose
stage of a study, with the command that the table names, so that what is fitted and what a study
computes count electrons and photons alike. A test compares both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.files import load_toml
from pdcraft.data.nuclides import half_life_h
from pdcraft.errors import DataError
from pdcraft.kinetics.carrier.observe import Observables
from pdcraft.kinetics.carrier.parameters import Species

__all__ = ["REMAINDER", "SourceTarget", "dose_Gy_per_MBq", "s_values"]

REMAINDER = "remainder"  # the body without the other sources of a row
SECONDS_PER_HOUR = 3600.0
mGy_PER_Gy = 1000.0


@dataclass(frozen=True, slots=True)
class SourceTarget:
    """S values of a target: mGy/(MBq s) by source, with the sources' masses in g.

    A source without a mass is the remainder of the body.
    """

    species: Species
    nuclide: str
    target: str
    S_mGy_per_MBq_s: Mapping[str, float]
    mass_g: Mapping[str, float]


@cache
def s_values() -> Mapping[tuple[Species, str, str], SourceTarget]:
    """Read ``s_values.toml``, by species, nuclide and target."""
    out: dict[tuple[Species, str, str], SourceTarget] = {}
    for row in load_toml("carrier", "s_values.toml")["value"]:
        key = (row["species"], row["nuclide"], row["target"])
        out[key] = SourceTarget(
            *key, MappingProxyType(row["S_mGy_per_MBq_s"]), MappingProxyType(row["mass_g"])
        )
    return MappingProxyType(out)


def dose_Gy_per_MBq(seen: Observables, nuclide: str, target: str) -> Floats:
    """Absorbed dose of a region per administered activity.

    Parameters
    ----------
    seen : Observables
        Of the host that the S values are of.
    nuclide, target : str

    Returns
    -------
    ndarray, shape (n,)
        Gy/MBq: every source's time-integrated activity times its S value.

    Raises
    ------
    DataError
        If the table has no S values for it.
    """
    key = (seen.model.host.species, nuclide, target)
    if key not in s_values():
        known = ", ".join(" ".join(k) for k in s_values())
        raise DataError(
            f"no S values of {' '.join(key)} for the carrier's evidence; there are {known}"
        )
    row, decay = s_values()[key], half_life_h(nuclide)
    tiac_h = {
        source: seen.integral(source, half_life_h=decay) * mass
        for source, mass in row.mass_g.items()
    }
    rest = seen.body_integral(half_life_h=decay) - np.sum(list(tiac_h.values()), axis=0)
    tiac_h[REMAINDER] = np.maximum(rest, 0.0)  # the tumor is a tracer: it can outweigh the body
    total = sum(tiac_h[source] * s for source, s in row.S_mGy_per_MBq_s.items())
    return np.asarray(total) * SECONDS_PER_HOUR / mGy_PER_Gy
