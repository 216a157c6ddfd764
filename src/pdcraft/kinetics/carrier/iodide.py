"""Free iodide: thyroid, salivary glands, stomach wall and urine.

Iodide in blood and extracellular water leaves for the thyroid and urine; salivary glands and the
stomach wall trap it and give it back; the thyroid releases hormone, whose iodine is iodide again
in part. Numbers and their sources: ``iodide.toml``. Blocking lowers the thyroid's uptake and
leaves the way to urine as it is, so that iodide stays longer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import PhysicsRangeError
from pdcraft.kinetics.carrier.parameters import Host, host
from pdcraft.kinetics.carrier.scaling import TIME_EXPONENT
from pdcraft.numerics.compartments import Transfer

__all__ = [
    "IODIDE_REGIONS",
    "IODIDE_STATES",
    "blocked_share",
    "iodide_citations",
    "iodide_transfers",
    "urinary_rate_per_h",
]

IODIDE_STATES = ("iodide", "thyroid", "salivary_glands", "stomach_wall", "organic_iodine", "urine")
IODIDE_REGIONS = ("thyroid", "salivary_glands", "stomach_wall")
LN2 = float(np.log(2))


def iodide_transfers(body: Host, *, blocked: float = 0.0) -> list[Transfer]:
    """Transfers between `IODIDE_STATES`; the label enters at ``iodide``.

    Parameters
    ----------
    body : Host
        A mouse has the adult's rates times the fourth root of the mass ratio: assumed.
    blocked : float
        Share of the thyroid's uptake that is prevented, 0 to 1.

    Raises
    ------
    PhysicsRangeError
        If the share lies outside 0 to 1.
    """
    if not 0 <= blocked <= 1:
        raise PhysicsRangeError(f"blocked thyroid uptake {blocked}; a share is from 0 to 1")
    adult: dict[str, Any] = load_toml("carrier", "iodide.toml")["adult"]
    value = {key: float(row["value"]) for key, row in adult.items()}
    faster = (host("human").body_mass_g / body.body_mass_g) ** TIME_EXPONENT
    leave = faster * LN2 / value["blood_half_time_h"]
    organic = faster * LN2 / value["organic_half_time_h"]
    uptake, excreted = value["thyroid_uptake"], value["organic_excreted"]
    return [
        Transfer("iodide", "thyroid", leave * uptake * (1 - blocked)),
        Transfer("iodide", "urine", leave * (1 - uptake)),
        Transfer("iodide", "salivary_glands", faster * value["salivary_per_h"]),
        Transfer("salivary_glands", "iodide", faster * value["salivary_out_per_h"]),
        Transfer("iodide", "stomach_wall", faster * value["stomach_per_h"]),
        Transfer("stomach_wall", "iodide", faster * value["stomach_out_per_h"]),
        Transfer("thyroid", "organic_iodine", faster * LN2 / value["thyroid_half_time_h"]),
        Transfer("organic_iodine", "iodide", organic * (1 - excreted)),
        Transfer("organic_iodine", None, organic * excreted),
    ]


def urinary_rate_per_h(body: Host, *, blocked: float = 0.0) -> float:
    """Return the rate at which iodide in blood and extracellular water leaves with urine."""
    ways = iodide_transfers(body, blocked=blocked)
    rate = next(w.rate_per_h for w in ways if (w.source, w.target) == ("iodide", "urine"))
    return float(np.asarray(rate))


def blocked_share() -> float:
    """Return the share of thyroid uptake that blocking prevents: assumed."""
    return float(load_toml("carrier", "iodide.toml")["blocking"]["share"]["value"])


def iodide_citations() -> tuple[Citation, ...]:
    """Return the sources that the numbers of ``iodide.toml`` name."""
    table = load_toml("carrier", "iodide.toml")
    used = {row["source"] for row in table["adult"].values() if "source" in row}
    return tuple(
        Citation(key, row["text"], row.get("doi"))
        for key, row in table["source"].items()
        if key in used
    )
