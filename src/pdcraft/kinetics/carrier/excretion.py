"""What leaves the body: with bile from the liver, and as iodide with urine.

Flows are fractions of the label given per hour, without physical decay. Bile is what the liver has
processed and not broken down. What a metal leaves in the liver goes a way that no one has seen, and
is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.iodide import urinary_rate_per_h
from pdcraft.kinetics.carrier.model import Label
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import Host
from pdcraft.kinetics.carrier.raft import UNCHANGED, RaftChange

__all__ = ["BILE", "URINE", "excretion"]

URINE, BILE = "urine", "bile"
ENDLESS_per_h = 1e-9  # slower is the sink itself: nothing flows out of it


def excretion(
    host: Host,
    parameters: Mapping[str, Floats],
    *,
    label: Label = "iodine",
    raft: RaftChange = UNCHANGED,
    blocked: float = 0.0,
) -> Mapping[str, tuple[Floats, Floats]]:
    """Flows out of the body as sums of exponentials.

    Parameters
    ----------
    host : Host
    parameters : mapping of str to ndarray, shape (draw,)
    label, raft, blocked : as in `pdcraft.kinetics.carrier.courses.time_courses`

    Returns
    -------
    mapping of {"urine", "bile"} to (coefficients_per_h, rates_per_h), each of shape (draw, term)
        For a metal, bile alone.
    """
    iodine = label == "iodine"
    seen = observe(host, parameters, label=label, raft=raft, blocked=blocked if iodine else None)
    states = seen.model.system.states

    def flow(state: str, rate_per_h: Floats) -> tuple[Floats, Floats]:
        terms = rate_per_h[:, None] * seen.coefficients[:, states.index(state)]
        return np.where(seen.rates_per_h > ENDLESS_per_h, terms, 0.0), seen.rates_per_h

    whole = 1 / (1 + np.asarray(parameters["catabolized_odds"]))
    out = {BILE: flow("liver_processing", whole / np.asarray(parameters["liver_residence_h"]))}
    if iodine:
        rate = urinary_rate_per_h(host, blocked=blocked)
        out[URINE] = flow("iodide", np.full(len(whole), rate))
    return MappingProxyType(out)
