"""What a dose gives: concentrations of free drug and of conjugate, and where the payload went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.errors import DataError

__all__ = ["OBSERVED", "DrugCourse", "DrugDose", "total_nmol"]

#: What is observed, each in umol/L (or nmol/g), payload of conjugate as the drug that it carries.
OBSERVED: Mapping[str, str] = MappingProxyType(
    {
        "plasma_unbound": "unbound drug in plasma",
        "plasma_total": "drug in plasma, bound and unbound",
        "plasma_conjugate": "payload on the conjugate in plasma",
        "tumor_free": "free drug in tumor",
        "tumor_total": "drug in tumor, bound and free",
        "tumor_conjugate": "payload on the conjugate in tumor",
        "tumor_equivalent": "unbound in plasma that would give this free drug in tumor",
        "marrow_conjugate": "payload on the conjugate in red marrow",
        "marrow_equivalent": "unbound in plasma that would give this free drug in marrow",
        "marrow_free": "free drug in red marrow",
    }
)


@dataclass(frozen=True, slots=True)
class DrugDose:
    """One administration of drug, on its carrier or plain.

    Parameters
    ----------
    payload_nmol : float
        Drug given, zero or more; a conjugate counts with all the drug that it carries.
    at_h, duration_h : float
        Start, and time of a steady infusion; 0 for a bolus.
    """

    payload_nmol: float
    at_h: float = 0.0
    duration_h: float = 0.0

    def entered_nmol(self, time_h: Floats) -> Floats:
        """Drug that has entered by some times, nmol, shape of the times."""
        since = time_h - self.at_h
        if self.duration_h == 0:
            return np.where(since >= 0, self.payload_nmol, 0.0)
        return self.payload_nmol * np.clip(since / self.duration_h, 0.0, 1.0)


def total_nmol(doses: Sequence[DrugDose]) -> float:
    """Drug that doses give in all, nmol.

    Raises
    ------
    DataError
        Without a dose.
    """
    if not doses:
        raise DataError("exposure: there is no dose; give at least one")
    return sum(d.payload_nmol for d in doses)


@dataclass(frozen=True, slots=True, eq=False)
class DrugCourse:
    """Concentrations in draws.

    Parameters
    ----------
    times_h : ndarray, shape (times,)
    curves : mapping of str to ndarray, shape (draws, times)
        By the names of `OBSERVED`, umol/L.
    areas : mapping of str to ndarray, shape (draws,)
        Integrals, umol h/L, to `area_to_h`.
    area_to_h : float
        Infinite where the system is linear.
    shares : mapping of str to ndarray, shape (draws,)
        Of the drug given: ``released in plasma``, ``released in tissue``, ``released in tumor``,
        ``lost on the conjugate``, ``eliminated``.
    balance_error : float
        Largest share of the dose that is missing or too much at any time looked at.
    """

    times_h: Floats
    curves: Mapping[str, Floats]
    areas: Mapping[str, Floats]
    area_to_h: float
    shares: Mapping[str, Floats]
    balance_error: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_h", frozen(self.times_h, "times (h)"))
        for group in ("curves", "areas", "shares"):
            arrays = {k: frozen(v, f"{group} {k}") for k, v in getattr(self, group).items()}
            object.__setattr__(self, group, MappingProxyType(arrays))

    def curve(self, name: str) -> Floats:
        """Concentration by time, umol/L, shape (draws, times)."""
        return self.curves[self._name(name)]

    def auc(self, name: str) -> Floats:
        """Time integral, umol h/L, shape (draws,)."""
        return self.areas[self._name(name)]

    def cmax(self, name: str) -> Floats:
        """Largest value at the times looked at, umol/L, shape (draws,)."""
        return self.curve(name).max(axis=-1)

    def tumor_to_plasma(self) -> Floats:
        """Total drug in tumor over total drug in plasma, of AUCs, without what is still bound."""
        return self.auc("tumor_total") / self.auc("plasma_total")

    def _name(self, name: str) -> str:
        way_out = f"a course has {', '.join(OBSERVED)}"
        return look_up("concentration", name, index_of((k, ()) for k in self.curves), way_out)
