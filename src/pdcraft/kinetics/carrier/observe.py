"""What can be seen of the carrier: concentrations, their integrals, ratios and retained shares.

All of it is linear in the amount given. Amounts carry no physical decay; where a half-life is an
argument it enters there, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.kinetics.carrier.model import CarrierModel, Label, build
from pdcraft.kinetics.carrier.parameters import Host
from pdcraft.kinetics.carrier.raft import UNCHANGED, RaftChange
from pdcraft.numerics.modes import decompose

__all__ = ["Observables", "observe"]

LN2 = float(np.log(2))
NUDGES = (1e-4, 1e-3, 3e-3)  # relative, times the place of the parameter, until rates differ
PEAK_GRID_h = np.concatenate([[0.0], np.geomspace(0.05, 2000.0, 120)])  # where a peak is sought


@dataclass(frozen=True, slots=True, eq=False)
class Observables:
    """What can be seen in a batch of n parameter draws, from the terms of its amounts.

    Parameters
    ----------
    model : CarrierModel
    coefficients : ndarray, shape (n, states, terms)
    rates_per_h : ndarray, shape (n, terms)
    """

    model: CarrierModel
    coefficients: Floats
    rates_per_h: Floats

    def terms(self, region: str) -> Floats:
        """Coefficients of a region's concentration: per g, or per mL of ``plasma`` or ``blood``.

        Returns
        -------
        ndarray, shape (n, terms)
            Of the fraction of the carrier given, without decay.
        """
        host = self.model.host
        if region in ("plasma", "blood"):
            volume = host.plasma_mL if region == "plasma" else host.blood_mL
            return self.coefficients[:, self.model.system.index("plasma")] / volume
        weights = self.model.weights(region)
        return np.einsum("ns,nsk->nk", weights, self.coefficients)

    def plasma_per_mL(self, time_h: ArrayLike) -> Floats:
        """Fraction of the carrier in a mL of plasma, without decay, shape (n, times)."""
        return self.concentration("plasma", time_h)

    def concentration(self, region: str, time_h: ArrayLike) -> Floats:
        """Fraction of the carrier per g (or mL), without decay, shape (n, times)."""
        times = np.atleast_1d(np.asarray(time_h, dtype=float))
        decay = np.exp(-self.rates_per_h[:, :, None] * times)
        return np.einsum("nk,nkt->nt", self.terms(region), decay)

    def integral(
        self, region: str, *, half_life_h: float | None = None, to_h: float = np.inf
    ) -> Floats:
        """Time integral of a region's concentration, h/g (or h/mL), shape (n,).

        Parameters
        ----------
        region : str
        half_life_h : float, optional
            Physical half-life of the label; without it the carrier itself is integrated.
        to_h : float
        """
        if half_life_h is not None and not half_life_h > 0:
            raise PhysicsRangeError(f"half-life {half_life_h} h; it is more than zero")
        rates = self.rates_per_h + (0.0 if half_life_h is None else LN2 / half_life_h)
        share = 1.0 if np.isinf(to_h) else -np.expm1(-rates * to_h)
        return (self.terms(region) * share / rates).sum(axis=-1)

    def body_integral(self, *, half_life_h: float) -> Floats:
        """Time integral of what is in the body, h, with decay, shape (n,)."""
        inside = [i for i, state in enumerate(self.model.system.states) if state != "urine"]
        rates = self.rates_per_h + LN2 / half_life_h
        return (self.coefficients[:, inside].sum(axis=1) / rates).sum(axis=-1)

    def ratio(self, region: str, reference: str, time_h: ArrayLike) -> Floats:
        """Concentration in a region over that in another, shape (n, times); decay cancels."""
        return self.concentration(region, time_h) / self.concentration(reference, time_h)

    def retained_share(
        self, region: str, time_h: ArrayLike, *, half_life_h: float | None = None
    ) -> Floats:
        """Concentration over its own peak, shape (n, times), with decay if a half-life is given."""
        rate = 0.0 if half_life_h is None else LN2 / half_life_h
        times = np.atleast_1d(np.asarray(time_h, dtype=float))
        seen = self.concentration(region, PEAK_GRID_h) * np.exp(-rate * PEAK_GRID_h)
        now = self.concentration(region, times) * np.exp(-rate * times)
        return now / np.maximum(seen.max(axis=-1), now.max(axis=-1))[:, None]

    def plasma_half_life_h(self, from_h: float, to_h: float) -> Floats:
        """Half-life from the mean slope of log plasma concentration between two times, (n,)."""
        ends = self.plasma_per_mL([from_h, to_h])
        return LN2 * (to_h - from_h) / np.log(ends[:, 0] / ends[:, 1])


def observe(
    host: Host,
    parameters: Mapping[str, Floats],
    *,
    label: Label = "iodine",
    raft: RaftChange = UNCHANGED,
    tumor_mass_g: float | None = None,
    blocked: float | None = None,
) -> Observables:
    """Set up the model and solve it; the arguments are those of `build`.

    Examples
    --------
    >>> from pdcraft.kinetics.carrier.parameters import host, priors
    >>> seen = observe(host("mouse"), priors("mouse").typical())
    >>> float(seen.plasma_per_mL(0.0)[0, 0].round(3))
    0.909
    """

    def build_at(values: Mapping[str, Floats]) -> CarrierModel:
        return build(
            host, values, label=label, raft=raft, tumor_mass_g=tumor_mass_g, blocked=blocked
        )

    model = build_at(parameters)
    try:
        return Observables(model, *model.system.exponentials(model.initial))
    except PhysicsRangeError:  # in some draws two rates are equal to rounding: move those apart
        model = build_at(_apart(parameters, model, build_at))
        return Observables(model, *model.system.exponentials(model.initial))


def _apart(
    parameters: Mapping[str, Floats],
    model: CarrierModel,
    build_at: Callable[[Mapping[str, Floats]], CarrierModel],
) -> dict[str, Floats]:
    """Move the parameters of draws with equal rates apart, by no more than they need."""
    moved = {name: np.asarray(value, dtype=float) for name, value in parameters.items()}
    for nudge in NUDGES:
        modes = decompose(model.system.matrix_per_h)
        good = modes.sound & ~np.any(np.imag(modes.values_per_h) != 0, axis=-1)
        if good.all():
            break
        moved = {
            n: v * np.where(good, 1.0, 1 + nudge * i) for i, (n, v) in enumerate(moved.items())
        }
        model = build_at(moved)
    return moved
