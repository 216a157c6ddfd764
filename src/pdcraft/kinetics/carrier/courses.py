"""Time courses of the carrier's draws, for the stages that follow kinetics."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.kinetics.carrier.iodide import IODIDE_REGIONS
from pdcraft.kinetics.carrier.model import Label
from pdcraft.kinetics.carrier.observe import Observed, observe
from pdcraft.kinetics.carrier.parameters import Host
from pdcraft.kinetics.carrier.raft import UNCHANGED, RaftChange

__all__ = ["time_courses"]


def time_courses(
    host: Host,
    parameters: Mapping[str, Floats],
    draws: str,
    *,
    label: Label = "iodine",
    raft: RaftChange = UNCHANGED,
    blocked: float = 0.0,
) -> tuple[TimeCourse, ...]:
    """Time courses without physical decay, as sums of exponentials.

    Parameters
    ----------
    host : Host
    parameters : mapping of str to ndarray, shape (draw,) or (draw, subject)
        All those of the species.
    draws : str
        Name of the draw set.
    label, raft : as in `build`
    blocked : float
        Share of the thyroid's uptake of iodide that is prevented.

    Returns
    -------
    tuple of TimeCourse
        Plasma per mL; ``liver``, ``red_marrow``, ``tumor``, ``remainder`` and, in man, ``brain``
        and ``glioma`` per g; ``total_body`` and, for iodine, ``thyroid``, ``salivary_glands`` and
        ``stomach_wall`` as fractions of the label given. Urine is out of the body.
    """
    shape = np.shape(next(iter(parameters.values())))
    subjects = shape[1] if len(shape) == 2 else 1
    flat = {name: np.reshape(value, -1) for name, value in parameters.items()}
    seen = observe(
        host, flat, label=label, raft=raft, blocked=blocked if label == "iodine" else None
    )

    def course(kind: str, terms: Mapping[str, Floats]) -> TimeCourse:
        values = np.stack(list(terms.values()), axis=1)
        full = (shape[0], subjects, *values.shape[1:])
        rates = np.broadcast_to(seen.rates_per_h[:, None], values.shape)
        return TimeCourse(
            tuple(terms),
            QUANTITIES[kind],
            draws,
            coefficients=values.reshape(full),
            rates_per_h=rates.reshape(full),
        )

    tissues = {region: seen.terms(region) for region in seen.model.regions}
    return (
        course("amount_fraction_per_mL", {"plasma": seen.terms("plasma")}),
        course("amount_fraction_per_g", tissues),
        course("amount_fraction", _fractions(seen)),
    )


def _fractions(seen: Observed) -> dict[str, Floats]:
    """Terms of the whole body and of the organs that iodide goes to."""
    states = seen.model.system.states
    inside = [i for i, state in enumerate(states) if state != "urine"]
    out = {"total_body": seen.coefficients[:, inside].sum(axis=1)}
    for region in IODIDE_REGIONS:
        if region in states:
            out[region] = seen.coefficients[:, states.index(region)]
    return out
