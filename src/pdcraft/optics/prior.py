"""What is not known: a number with a distribution, where it comes from, and what it acts on.

Draws take a uniform number in (0, 1) to a value, so that any plan of draws (random, stratified,
designed) works with any parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["Grade", "Kind", "Prior", "read_prior"]

Grade = Literal["published", "assumed"]
Kind = Literal["absorption", "scattering", "dye", "autofluorescence", "uptake"]
Shape = Literal["lognormal", "normal", "uniform"]


@dataclass(frozen=True, slots=True)
class Prior:
    """One uncertain number.

    Parameters
    ----------
    name : str
        Dotted: ``"material.brain.blood_volume"``.
    kind : str
        What it acts on, which decides how a draw is computed: absorption, dye, uptake and
        autofluorescence by reweighting, scattering (with g and n) by full runs.
    nominal : float
        Value when nothing is drawn: the median of a lognormal, the mean of a normal.
    shape : str
        lognormal (`spread` is the factor of one standard deviation, more than 1), normal (`spread`
        is the standard deviation, cut to `low` and `high`) or uniform (`low` to `high`).
    grade, source : str
        Whether the spread is published, and where.
    """

    name: str
    kind: Kind
    nominal: float
    shape: Shape
    spread: float = 0.0
    low: float | None = None
    high: float | None = None
    grade: Grade = "assumed"
    source: str = ""

    def __post_init__(self) -> None:
        if self.shape == "uniform" and (
            self.low is None or self.high is None or not self.low <= self.nominal <= self.high
        ):
            raise DataError(f"{self.name}: a uniform prior needs low <= nominal <= high")
        if self.shape == "lognormal" and not (self.spread >= 1.0 and self.nominal >= 0.0):
            raise DataError(
                f"{self.name}: a lognormal prior needs a factor of 1 or more and a value of 0 "
                f"or more; here {self.spread:g} and {self.nominal:g}"
            )
        if self.shape == "normal" and self.spread < 0.0:
            raise DataError(f"{self.name}: a standard deviation is not negative: {self.spread:g}")

    def quantile(self, share: float) -> float:
        """Value below which a share (0 to 1, exclusive) of the distribution lies.

        Raises
        ------
        PhysicsRangeError
            For a share outside (0, 1).

        Examples
        --------
        >>> Prior("x", "dye", 2.0, "lognormal", 1.5).quantile(0.5)
        2.0
        """
        from scipy.special import ndtr, ndtri

        if not 0.0 < share < 1.0:
            raise PhysicsRangeError(f"{self.name}: a quantile needs a share in (0, 1): {share}")
        if self.shape == "uniform":
            low, high = self.low or 0.0, self.high or 0.0
            return low + (high - low) * share
        if self.shape == "lognormal":
            return self._cut(self.nominal * self.spread ** float(ndtri(share)))
        if self.spread == 0.0:
            return self.nominal
        first = 0.0 if self.low is None else float(ndtr((self.low - self.nominal) / self.spread))
        last = 1.0 if self.high is None else float(ndtr((self.high - self.nominal) / self.spread))
        return self.nominal + self.spread * float(ndtri(first + (last - first) * share))

    def _cut(self, value: float) -> float:
        low = value if self.low is None else max(value, self.low)
        return low if self.high is None else min(low, self.high)

    def renamed(self, name: str) -> Self:
        """Return the prior under another name."""
        return replace(self, name=name)


def read_prior(name: str, kind: Kind, row: Mapping[str, Any]) -> Prior:
    """Make a prior of a table's row: ``value``, and ``factor`` or ``sd`` or ``low`` with ``high``.

    Raises
    ------
    DataError
        If the row says no spread, or two.
    """
    value = float(row["value"])
    grade: Grade = "published" if row.get("grade") == "published" else "assumed"
    bounds = {k: float(row[k]) for k in ("low", "high") if k in row}
    source = str(row.get("source", ""))
    if "factor" in row:
        shape, spread = "lognormal", float(row["factor"])
    elif "sd" in row:
        shape, spread = "normal", float(row["sd"])
    elif len(bounds) == 2:
        shape, spread = "uniform", 0.0
    else:
        raise DataError(f"{name}: says no spread: give factor, sd, or low and high")
    return Prior(name, kind, value, shape, spread, grade=grade, source=source, **bounds)
