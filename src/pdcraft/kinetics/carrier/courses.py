"""Time courses of the carrier's draws, for the stages that follow kinetics."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.data.masses import reference_masses
from pdcraft.kinetics.carrier.iodide import IODIDE_REGIONS
from pdcraft.kinetics.carrier.model import Label
from pdcraft.kinetics.carrier.observe import Observables, observe
from pdcraft.kinetics.carrier.parameters import Host
from pdcraft.kinetics.carrier.raft import UNCHANGED, RaftChange

__all__ = ["time_courses"]

REFERENCE = {"human": "adult-male", "mouse": "mouse-30g"}
MOUSE_g = 30.0  # of the reference mouse


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
        ``stomach_wall`` as fractions of the label given: iodide, and the carrier that their tissue
        holds as all normal tissue does. Urine is out of the body.
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


def _fractions(seen: Observables) -> dict[str, Floats]:
    """Terms of the whole body and of the organs that iodide goes to."""
    states = seen.model.system.states
    inside = [i for i, state in enumerate(states) if state != "urine"]
    out = {"total_body": seen.coefficients[:, inside].sum(axis=1)}
    tissue, mass_g = seen.terms("remainder"), _masses_g(seen.model.host)
    for region in IODIDE_REGIONS:
        if region in states:
            iodide = seen.coefficients[:, states.index(region)]
            out[region] = iodide + mass_g.get(region, 0.0) * tissue
    return out


def _masses_g(body: Host) -> Mapping[str, float]:
    """Return reference masses of the organs that iodide goes to, scaled to the mouse."""
    name = REFERENCE[body.species]
    reference = reference_masses(name)
    scale = body.body_mass_g / MOUSE_g if body.species == "mouse" else 1.0
    return {r: scale * reference.region_g[r] for r in IODIDE_REGIONS if r in reference.region_g}
