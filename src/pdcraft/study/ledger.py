"""What the stages of a study write into while it runs; `Run` is made of it at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.estimate import Spread, summarize
from pdcraft.core.quantity import quantity
from pdcraft.core.run import (
    Assumption,
    Citation,
    Origin,
    ResultRow,
    RunWarning,
    Series,
    Subject,
    drivers_of,
)
from pdcraft.study.result import MeasuredPoints

__all__ = ["Ledger"]

LIMITS = (0.025, 0.975)


@dataclass(slots=True)
class Ledger:
    """Rows, series, assumptions, warnings, citations and named inputs of a run in progress."""

    agent: str
    host: str
    inputs: dict[str, Floats] = field(default_factory=dict[str, Floats])
    rows: list[ResultRow] = field(default_factory=list[ResultRow])
    series: list[Series] = field(default_factory=list[Series])
    assumptions: list[Assumption] = field(default_factory=list[Assumption])
    warnings: list[RunWarning] = field(default_factory=list[RunWarning])
    citations: dict[str, Citation] = field(default_factory=dict[str, Citation])
    points: list[MeasuredPoints] = field(default_factory=list[MeasuredPoints])

    def subject(
        self, region: str | None = None, arm: str | None = None, time_h: float | None = None
    ) -> Subject:
        """Make the subject of a row of this study."""
        return Subject(self.agent, self.host, arm, region, time_h)

    def cite(self, citations: Iterable[Citation]) -> tuple[str, ...]:
        """Note sources as used; returns their keys."""
        keys: list[str] = []
        for citation in citations:
            self.citations.setdefault(citation.key, citation)
            keys.append(citation.key)
        return tuple(keys)

    def assume(self, assumption: Assumption) -> None:
        """Note an assumption, once."""
        if assumption.id not in {a.id for a in self.assumptions}:
            self.assumptions.append(assumption)

    def warn(self, code: str, stage: str, message: str) -> None:
        """Note a warning, once."""
        warning = RunWarning(code, stage, message)
        if warning not in self.warnings:
            self.warnings.append(warning)

    def number(
        self,
        stage: str,
        kind: str,
        values: Floats | float,
        *,
        origin: Origin,
        region: str | None = None,
        arm: str | None = None,
        time_h: float | None = None,
        spread: Spread = "knowledge",
        sources: tuple[str, ...] = (),
        compare_with: tuple[str, ...] = (),
        flags: tuple[str, ...] = (),
        inputs: Mapping[str, Floats] | None = None,
        std_err: float | None = None,
    ) -> ResultRow:
        """Add a result row: draws, or one number; `std_err` is of Monte Carlo transport.

        A computed number without draws is exact arithmetic: its limits are the number itself.
        """
        draws = np.atleast_1d(np.asarray(values, dtype=float))
        summary = summarize(draws, std_err)
        if draws.size == 1 and origin in ("computed", "predicted"):
            value = summary["value"]
            summary = {**summary, "sd": 0.0, "low": value, "high": value}
        drivers = drivers_of(draws, self.inputs if inputs is None else inputs)
        row = ResultRow(
            stage=stage,
            quantity=quantity(kind),
            subject=self.subject(region, arm, time_h),
            origin=origin,
            summary=summary,
            spread=spread,
            drivers=drivers if draws.size > 1 else (),
            sources=sources,
            compare_with=compare_with,
            flags=flags,
        )
        self.rows.append(row)
        return row

    def curve(
        self,
        stage: str,
        kind: str,
        times_h: Floats,
        draws: Floats,
        *,
        region: str | None = None,
        arm: str | None = None,
        middle: Literal["mean", "median"] = "mean",
    ) -> None:
        """Add a series from draws of shape (draws, times): their mean or median, and limits."""
        low, high = np.quantile(draws, LIMITS, axis=0)
        value = draws.mean(axis=0) if middle == "mean" else np.median(draws, axis=0)
        self.series.append(
            Series(
                stage=stage,
                quantity=quantity(kind),
                subject=self.subject(region, arm),
                file=f"tables/{kind}.csv",
                times_h=times_h,
                value=value,
                low=low,
                high=high,
            )
        )
