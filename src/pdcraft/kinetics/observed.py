"""From a file's values to curves of the carrier: units, decay, and what one curve may be.

Decay-corrected values describe the carrier. Values that are not corrected still hold the decay of
the nuclide that was measured and are divided by it, with their errors and limits. What remains is
a fraction of the administered carrier: of a region, per gram or per milliliter. A concentration
never becomes an organ total here: that takes a mass.

What a curve is made of decides what may be said of it:

- ``serial``: each subject was measured several times and has a curve of its own.
- ``single``: one subject.
- ``destructive``: each animal gave one time; one curve through all animals, whose scatter is the
  spread between animals. There is no curve within an animal.
- ``group_means``: means of n animals per time with their SD or SEM; one curve through the means,
  whose error is that of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, Problem
from pdcraft.io.biodist import RegionData
from pdcraft.kinetics.physical import refuse_more_than_all
from pdcraft.physics.decay import decay_factor

__all__ = ["Design", "Observed", "Protocol", "fraction_per_value", "observed"]

Design = Literal["serial", "single", "destructive", "group_means"]

_KINDS = {
    "%IA": "amount_fraction",
    "%IA/g": "amount_fraction_per_g",
    "SUV": "amount_fraction_per_g",
    "MBq": "amount_fraction",
    "MBq/mL": "amount_fraction_per_mL",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """What must be known beside the file to read its numbers.

    Parameters
    ----------
    half_life_h : float
        Of the nuclide that was measured, h.
    body_mass_g : float or None
        For SUV.
    administered_MBq : float or None
        For MBq and MBq/mL, at time 0.
    """

    half_life_h: float
    body_mass_g: float | None = None
    administered_MBq: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Values of one curve as fractions of the administered carrier, without decay.

    Parameters
    ----------
    region, subject : str
        `subject` is empty for a curve through several animals.
    quantity : str
        Key of the kind of number.
    design : {"serial", "single", "destructive", "group_means"}
    time_h, value : ndarray, shape (n,)
    sd : ndarray, shape (n,)
        Standard deviation of each value as a measurement of the curve; NaN if unknown.
    censored : ndarray of bool, shape (n,)
        True where ``value`` is an upper limit.
    animals : int
        Animals behind all values; the number of values unless these are group means.
    animals_each : ndarray of int, shape (n,), optional
        Animals behind each value; default: as many behind each.
    """

    region: str
    subject: str
    quantity: str
    design: Design
    time_h: Floats
    value: Floats
    sd: Floats
    censored: NDArray[np.bool_]
    animals: int
    animals_each: NDArray[np.int64] | None = None

    @property
    def each(self) -> Floats:
        """Animals behind each value, shape (n,)."""
        if self.animals_each is None:
            return np.full(self.time_h.size, self.animals / self.time_h.size)
        return self.animals_each.astype(float)

    @property
    def last_h(self) -> float:
        """Last time with a quantified value."""
        return float(self.time_h[~self.censored].max()) if not self.censored.all() else 0.0


def observed(data: RegionData, protocol: Protocol) -> tuple[Observed, ...]:
    """Read one region's values as curves.

    Parameters
    ----------
    data : RegionData
    protocol : Protocol

    Returns
    -------
    tuple of Observed
        One per subject for serial data, else one.

    Raises
    ------
    DataError
        If the unit needs a body mass or an administered activity that is not given, or values of
        a whole region are above what was administered, beyond their error; all of them.
    """
    factor = fraction_per_value(data, protocol)
    refuse_more_than_all(data, factor)
    subjects = data.subjects
    times = [sum(s == name for s in data.subject) for name in subjects]
    design: Design
    if data.animals.max(initial=1) > 1:
        design = "group_means"
    elif len(subjects) > 1:
        design = "serial" if max(times) > 1 else "destructive"
    else:
        design = "single"
    groups = subjects if design == "serial" else ("",)
    out: list[Observed] = []
    for name in groups:
        mine = np.array([design != "serial" or s == name for s in data.subject])
        order = np.argsort(data.time_h[mine], kind="stable")
        sd = data.sd / np.sqrt(data.animals)
        out.append(
            Observed(
                region=data.region,
                subject=name if design == "serial" else subjects[0] if len(subjects) == 1 else "",
                quantity=_KINDS[data.unit],
                design=design,
                time_h=data.time_h[mine][order],
                value=(data.value * factor)[mine][order],
                sd=(sd * factor)[mine][order],
                censored=data.censored[mine][order],
                animals=int(data.animals[mine].sum()),
                animals_each=data.animals[mine][order],
            )
        )
    return tuple(out)


def fraction_per_value(data: RegionData, protocol: Protocol) -> Floats:
    """Fraction of the administered carrier (per g, per mL) per number of the file, shape (n,)."""
    factor = _fraction_per_unit(data, protocol) * np.ones_like(data.time_h)
    if data.decay_corrected:
        return factor
    return factor / decay_factor(data.time_h, protocol.half_life_h)


def _fraction_per_unit(data: RegionData, protocol: Protocol) -> float:
    """Fraction of the administered amount (per g, per mL) that one unit of the file means."""
    if data.unit in ("%IA", "%IA/g"):
        return 0.01
    if data.unit == "SUV":
        if protocol.body_mass_g is None:
            hint = 'give it, e.g. --body-mass "25 g"'
            message = f"{data.region} is in SUV, which needs the body mass"
            raise DataError(Problem(message, key="unit", value="SUV", hint=hint))
        return 1.0 / protocol.body_mass_g
    if protocol.administered_MBq is None:
        hint = 'give it, e.g. --administered "7.4 MBq", or write the values as %IA'
        message = f"{data.region} is in {data.unit}, which needs the administered activity"
        raise DataError(Problem(message, key="unit", value=data.unit, hint=hint))
    return 1.0 / protocol.administered_MBq
