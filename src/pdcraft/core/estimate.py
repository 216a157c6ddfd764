"""An estimate: values on named axes that keep what we do not know apart from how subjects differ.

Axes are always in the order ``(draw, subject, region, time)``; any may be absent. ``draw`` is
knowledge: draw *i* is the same joint sample of all inputs everywhere in a run, so two estimates
combine draw by draw and only if they come from the same draw set. ``subject`` is the spread
between patients, animals or lesions. The Monte Carlo standard error of a transport run is common
to all draws and is kept beside them; averaging over draws never makes it smaller.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.notebook import Shown, Table, counted, number
from pdcraft.core.quantity import Quantity, require_same_kind
from pdcraft.errors import DataError, KindError

__all__ = ["AXES", "Axis", "Estimate", "Spread", "Summary", "summarize"]

Axis = Literal["draw", "subject", "region", "time"]
Spread = Literal["knowledge", "population", "predictive"]
Summary = dict[str, float | None]
AXES: tuple[Axis, ...] = ("draw", "subject", "region", "time")


def summarize(values: Floats, std_err: float | None = None, level: float = 0.95) -> Summary:
    """Summarize draws of one number as the ``E`` object of the JSON documents.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Draws. One draw gives a value without ``sd``, ``low`` and ``high``.
    std_err : float, optional
        Monte Carlo standard error; it is not part of ``sd``.
    level : float
        Probability inside the equal-tailed limits.

    Returns
    -------
    dict
        ``value`` (mean), ``sd``, ``low``, ``high``, ``std_err``; unknown entries are None.

    Examples
    --------
    >>> summarize(np.array([1.0, 2.0, 3.0]))["value"]
    2.0
    """
    flat = np.asarray(values, dtype=float).ravel()
    if flat.size == 0 or not np.all(np.isfinite(flat)):
        return {"value": None, "sd": None, "low": None, "high": None, "std_err": std_err}
    if flat.size == 1:
        value = float(flat[0])
        return {"value": value, "sd": None, "low": None, "high": None, "std_err": std_err}
    tail = (1 - level) / 2
    low, high = np.quantile(flat, [tail, 1 - tail])
    return {
        "value": float(flat.mean()),
        "sd": float(flat.std(ddof=1)),
        "low": float(low),
        "high": float(high),
        "std_err": std_err,
    }


@dataclass(frozen=True, slots=True, repr=False)
class Estimate(Shown):
    """Values of one kind on named axes, in draws and subjects.

    Parameters
    ----------
    values : array_like
        One dimension per entry of `axes`.
    axes : sequence of {"draw", "subject", "region", "time"}
        In this order, without repetition.
    quantity : Quantity
        The kind of number, which fixes its unit.
    draws : str or None
        Identity of the draw set; required exactly when there is a draw axis.
    regions : tuple of str
        Names along the region axis.
    times_h : tuple of float
        Times along the time axis, h.
    std_err : array_like, optional
        Monte Carlo standard error: the shape of `values` without its draw and subject axes.
    period_h : float, optional
        Integration period of an integrated quantity; infinity if integrated to infinity.
    """

    values: Floats
    axes: tuple[Axis, ...]
    quantity: Quantity
    draws: str | None = None
    regions: tuple[str, ...] = ()
    times_h: tuple[float, ...] = ()
    std_err: Floats | None = None
    period_h: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, self.quantity.name))
        axes: tuple[Axis, ...] = tuple(self.axes)
        object.__setattr__(self, "axes", axes)
        if tuple(a for a in AXES if a in axes) != axes:
            raise DataError(f"axes {axes} must be distinct and in the order {AXES}")
        if self.values.ndim != len(axes):
            raise DataError(
                f"{self.quantity.name}: values have {self.values.ndim} dimensions "
                f"(shape {self.values.shape}) but {len(axes)} axes {axes} are named"
            )
        if ("draw" in axes) != (self.draws is not None):
            raise DataError(
                "a draw axis needs the name of its draw set, and only a draw axis has one"
            )
        self._check_labels("region", len(self.regions))
        self._check_labels("time", len(self.times_h))
        if self.quantity.over_period != (self.period_h is not None):
            rule = "needs" if self.quantity.over_period else "has no"
            out = "; for all time give math.inf" if self.quantity.over_period else ""
            raise DataError(f"{self.quantity.name} {rule} integration period (period_h){out}")
        if self.std_err is not None:
            err = frozen(self.std_err, f"standard error of {self.quantity.name}")
            want = tuple(
                n for n, a in zip(self.values.shape, axes, strict=True) if a in ("region", "time")
            )
            if err.shape != want or np.any(err < 0):
                raise DataError(
                    f"Monte Carlo standard error has shape {err.shape}, wanted {want}, none "
                    "negative: it is common to all draws and subjects"
                )
            object.__setattr__(self, "std_err", err)

    def _table(self) -> Table:
        sizes = dict(zip(self.axes, self.values.shape, strict=True))
        columns = {"mean": self.mean}
        of: Spread = "knowledge" if "draw" in sizes else "population"
        if sizes.get("draw", sizes.get("subject", 1)) > 1:
            columns["2.5 %"], columns["97.5 %"] = self.interval(of=of)
        if self.std_err is not None:
            columns["Monte Carlo error"] = self.std_err
        named = {"region": self.regions, "time, h": tuple(f"{t:g}" for t in self.times_h)}
        named = {n: labels for n, labels in named.items() if n.partition(",")[0] in sizes}
        rows = [
            (*where, *map(number, numbers))
            for where, *numbers in zip(
                itertools.product(*named.values()),
                *(np.ravel(c).tolist() for c in columns.values()),
                strict=True,
            )
        ]
        of_what = ", ".join(counted(sizes[a], a) for a in ("draw", "subject") if a in sizes)
        title = self.quantity.heading + (of_what and f": {of_what}")
        return Table(title, (*named, *columns), rows)

    def _check_labels(self, axis: Axis, n: int) -> None:
        size = self.values.shape[self.axes.index(axis)] if axis in self.axes else 0
        if size != n:
            raise DataError(f"{self.quantity.name}: {n} {axis} labels for an axis of {size}")

    # -- selecting ------------------------------------------------------------------------

    def region(self, name: str) -> Estimate:
        """Take one region out; the result has no region axis."""
        if name not in self.regions:
            raise DataError(f"no region '{name}' here; there are {', '.join(self.regions)}")
        axis, i = self.axes.index("region"), self.regions.index(name)
        err = self.std_err
        return replace(
            self,
            values=np.take(self.values, i, axis=axis),
            axes=tuple(a for a in self.axes if a != "region"),
            regions=(),
            std_err=None if err is None else np.take(err, i, axis=0),
        )

    # -- summaries ------------------------------------------------------------------------

    def _over(self, axis: Axis) -> int | None:
        return self.axes.index(axis) if axis in self.axes else None

    @property
    def mean(self) -> Floats:
        """Mean over draws and subjects; shape of the region and time axes."""
        drop = tuple(i for i, a in enumerate(self.axes) if a in ("draw", "subject"))
        return self.values.mean(axis=drop)

    def spread_values(self, of: Spread) -> Floats:
        """Return samples of one kind of spread, shape (n, region and time axes).

        ``knowledge``: the mean over subjects, one per draw. ``population``: the mean over draws,
        one per subject. ``predictive``: every draw and subject: one new subject.
        """
        d, s = self._over("draw"), self._over("subject")
        if of == "knowledge":
            if d is None:
                raise KindError(
                    f"{self.quantity.name} has no draws: its knowledge spread is unknown"
                )
            return self.values if s is None else self.values.mean(axis=s)
        if of == "population":
            if s is None:
                raise KindError(f"{self.quantity.name} has no subjects: no spread between them")
            return self.values if d is None else self.values.mean(axis=d)
        if d is None or s is None:
            raise KindError("a predictive interval needs both draws and subjects")
        return self.values.reshape(-1, *self.values.shape[2:])

    def sd(self, of: Spread = "knowledge") -> Floats:
        """Return the standard deviation of one kind of spread (sample form, n - 1)."""
        return self.spread_values(of).std(axis=0, ddof=1)

    def interval(self, level: float = 0.95, of: Spread = "knowledge") -> tuple[Floats, Floats]:
        """Return equal-tailed limits of one kind of spread.

        Parameters
        ----------
        level : float
            Probability inside, between 0 and 1.
        of : {"knowledge", "population", "predictive"}
            Credible interval of the typical value, spread between subjects, or one new subject.

        Returns
        -------
        low, high : ndarray
            Shape of the region and time axes.
        """
        if not 0 < level < 1:
            raise DataError(f"interval level {level} must lie between 0 and 1, e.g. 0.95")
        tail = (1 - level) / 2
        low, high = np.quantile(self.spread_values(of), [tail, 1 - tail], axis=0)
        return low, high

    def predict_mean_of(self, n: int, seed: int, level: float = 0.95) -> tuple[Floats, Floats]:
        """Limits for the mean of a new study of `n` subjects, resampled in each draw."""
        d, s = self._over("draw"), self._over("subject")
        if d is None or s is None:
            raise KindError("the prediction for a new study needs both draws and subjects")
        rng = np.random.default_rng(seed)
        pick = rng.integers(0, self.values.shape[1], (self.values.shape[0], n))
        rows = np.arange(self.values.shape[0])[:, None]
        means = self.values[rows, pick].mean(axis=1)
        tail = (1 - level) / 2
        low, high = np.quantile(means, [tail, 1 - tail], axis=0)
        return low, high

    def summary(self, of: Spread = "knowledge", level: float = 0.95) -> Summary:
        """Summarize a single number (no region or time axis) as the ``E`` object."""
        if {"region", "time"} & set(self.axes):
            raise DataError("summary() is for one number: select a region and a time first")
        err = None if self.std_err is None else float(self.std_err)
        if "draw" not in self.axes and "subject" not in self.axes:
            return summarize(self.values, err, level)
        return summarize(self.spread_values(of), err, level)

    # -- arithmetic -----------------------------------------------------------------------

    def _aligned(self, other: Estimate) -> tuple[Floats, Floats, tuple[Axis, ...], str | None]:
        if self.draws is not None and other.draws is not None and self.draws != other.draws:
            raise KindError(
                f"cannot combine draw set '{self.draws}' with '{other.draws}': draw i must be the "
                "same sample of all inputs in both"
            )
        if self.regions and other.regions and self.regions != other.regions:
            raise KindError(f"regions differ: {self.regions} and {other.regions}")
        if self.times_h and other.times_h and self.times_h != other.times_h:
            raise KindError("times differ; resample one of the two first")
        axes: tuple[Axis, ...] = tuple(a for a in AXES if a in self.axes or a in other.axes)

        def spread(e: Estimate) -> Floats:
            shape = [e.values.shape[e.axes.index(a)] if a in e.axes else 1 for a in axes]
            return e.values.reshape(shape)

        for axis in set(self.axes) & set(other.axes):
            n, m = (e.values.shape[e.axes.index(axis)] for e in (self, other))
            if n != m:
                raise KindError(f"{axis} axes have {n} and {m} entries; they must be the same ones")
        return spread(self), spread(other), axes, self.draws or other.draws

    def __add__(self, other: Estimate) -> Estimate:
        require_same_kind("add", self.quantity, other.quantity)
        if self.period_h != other.period_h:
            raise KindError(f"periods differ: {self.period_h} h and {other.period_h} h")
        a, b, axes, draws = self._aligned(other)
        err: Floats | None = None
        if self.std_err is not None or other.std_err is not None:
            zero = np.zeros(())
            err = np.hypot(
                zero if self.std_err is None else self.std_err,
                zero if other.std_err is None else other.std_err,
            )
        return Estimate(
            a + b,
            axes,
            self.quantity,
            draws,
            self.regions or other.regions,
            self.times_h or other.times_h,
            err,
            self.period_h,
        )

    def scaled(
        self, factor: float, quantity: Quantity | None = None, period_h: float | None = None
    ) -> Estimate:
        """Multiply by an exact number, if wanted into another kind of number."""
        err = None if self.std_err is None else self.std_err * abs(factor)
        return replace(
            self,
            values=self.values * factor,
            std_err=err,
            quantity=quantity or self.quantity,
            period_h=self.period_h if quantity is None else period_h,
        )

    @classmethod
    def of_draws(
        cls, values: Floats, quantity: Quantity, draws: str, period_h: float | None = None
    ) -> Estimate:
        """Make an estimate of one number from its draws."""
        return cls(np.asarray(values), ("draw",), quantity, draws, period_h=period_h)
