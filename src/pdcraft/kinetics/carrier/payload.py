"""What a payload does to the carrier: factors on uptake and clearance, assumed.

That every payload shares the carrier's kinetics is itself an assumption; these factors say how
far it may be off. Their medians are 1 and their spreads stand in ``payloads.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.files import load_toml
from pdcraft.numerics.inputs import stream

__all__ = ["PayloadEffect", "PayloadKind", "payload_effect", "with_payload"]

PayloadKind = Literal["iodine", "metal", "dye", "drug"]


@dataclass(frozen=True, slots=True)
class PayloadEffect:
    """Spread of the factors of a kind of payload, as SD of their logarithms."""

    kind: PayloadKind
    uptake_log_sd: float
    clearance_log_sd: float
    text: str

    def draw(self, seed: int, n: int) -> dict[str, Floats]:
        """Draw the factors ``uptake`` and ``clearance``, each of shape (n,)."""
        sizes = {"uptake": self.uptake_log_sd, "clearance": self.clearance_log_sd}
        return {
            what: np.exp(sd * stream(seed, f"kinetics.payload.{what}").standard_normal(n))
            for what, sd in sizes.items()
        }


def payload_effect(kind: PayloadKind) -> PayloadEffect:
    """Return the effect of a kind of payload."""
    return PayloadEffect(kind, **load_toml("carrier", "payloads.toml")[kind])


def with_payload(
    parameters: Mapping[str, Floats], factors: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Multiply parameters by the factors of a payload.

    Parameters
    ----------
    parameters : mapping of str to ndarray, shape (n,)
    factors : mapping of str to ndarray, shape (n,)
        ``uptake`` on every partition and trapping, ``clearance`` on the liver's clearance.
    """
    out = dict(parameters)
    for name, value in parameters.items():
        if "_partition_" in name or "_trapping_" in name:
            out[name] = value * factors["uptake"]
        elif name == "clearance_mL_per_h":
            out[name] = value * factors["clearance"]
    return out
