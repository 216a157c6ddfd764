r"""The one published figure of delivery: 20 to 30 times the tumor drug of plain paclitaxel.

Time, dose, and whether total or free drug or conjugate was measured are not told. So the figure is
read in every way that it can be, and is a wide likelihood around its geometric mean: it says which
assumptions go with it, and proves none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError
from pdcraft.exposure.course import DrugCourse
from pdcraft.numerics.inputs import stream

__all__ = ["Constraint", "clr1603", "delivery_ratios", "resampled"]

READ_AT_h = (4.0, 24.0, 72.0)
KINDS = ("free drug", "total drug", "total drug and conjugate")


@dataclass(frozen=True, slots=True)
class Constraint:
    """A published range of the ratio and how wide it is taken."""

    low: float
    high: float
    log_sd: float
    text: str
    citation: Citation

    @property
    def center(self) -> float:
        """Geometric mean of the range."""
        return float(np.sqrt(self.low * self.high))

    def weights(self, ratio: Floats) -> Floats:
        """Likelihood of ratios, 1 at the center."""
        z = np.log(np.maximum(ratio, 1e-300) / self.center) / self.log_sd
        return np.exp(-0.5 * z * z)


def clr1603() -> Constraint:
    """Return the figure for CLR 1603."""
    table = load_toml("exposure", "delivery.toml")
    row = table["clr1603"]
    source = table["source"][row["source"]]
    citation = Citation(row["source"], source["text"], source.get("doi"))
    return Constraint(row["low"], row["high"], row["log_sd"], row["text"], citation)


def delivery_ratios(conjugate: DrugCourse, plain: DrugCourse) -> dict[str, Floats]:
    """Ratio of tumor drug, conjugate over plain at the same amount of drug, read in every way.

    Parameters
    ----------
    conjugate, plain : DrugCourse
        At the same times; those of `READ_AT_h` within them are read, by interpolation.

    Returns
    -------
    mapping of reading to ndarray, shape (draws,)
    """
    parts = {
        "free drug": ("tumor_free",),
        "total drug": ("tumor_total",),
        "total drug and conjugate": ("tumor_total", "tumor_conjugate"),
    }
    out: dict[str, Floats] = {}
    for kind in KINDS:
        of_plain = "tumor_free" if kind == "free drug" else "tumor_total"
        out[f"{kind}, AUC"] = sum(conjugate.auc(p) for p in parts[kind]) / plain.auc(of_plain)
        for hour in READ_AT_h:
            if hour > min(conjugate.times_h[-1], plain.times_h[-1]):
                continue
            above = sum(_at(conjugate, p, hour) for p in parts[kind])
            out[f"{kind}, {hour:g} h"] = above / _at(plain, of_plain, hour)
    return out


def _at(course: DrugCourse, name: str, hour: float) -> Floats:
    t, c = course.times_h, course.curve(name)
    i = int(np.clip(np.searchsorted(t, hour) - 1, 0, t.size - 2))
    share = (hour - t[i]) / (t[i + 1] - t[i])
    return c[:, i] * (1.0 - share) + c[:, i + 1] * share


def resampled(
    ratios: Mapping[str, Floats], constraint: Constraint, seed: int
) -> tuple[NDArray[np.intp], float]:
    """Draw again by the likelihood, with the reading drawn too.

    Returns
    -------
    index : ndarray of int, shape (draws,)
        Draws to take, in their order.
    effective : float
        Effective number of draws: few of them say that prior and figure hardly meet.

    Raises
    ------
    DataError
        If no draw comes near the figure.
    """
    names = list(ratios)
    table = np.stack([ratios[name] for name in names])
    draws = table.shape[1]
    rng = stream(seed, "exposure.delivery")
    reading = rng.integers(len(names), size=draws)
    weight = constraint.weights(table[reading, np.arange(draws)])
    total = weight.sum()
    if not total > 1e-12:
        raise DataError(
            f"exposure: no draw delivers near {constraint.low:g} to {constraint.high:g} times the "
            "drug; widen the linker's ranges or leave the constraint out"
        )
    effective = float(total**2 / (weight**2).sum())
    ends = np.cumsum(weight / total)
    at = (rng.random() + np.arange(draws)) / draws
    index = np.minimum(np.searchsorted(ends, at), draws - 1)
    return np.asarray(index, dtype=np.intp), effective
