"""Results of a bench as rows: each model and all models together, each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.response.xenograft.endpoints import group_median, survival_of
from pdcraft.study.ledger import Ledger
from pdcraft.study.recipes.bench_member import MemberOutcome, Plan
from pdcraft.study.recipes.bench_power import significant, smallest_size

if TYPE_CHECKING:
    from pdcraft.study.bench_model import BenchFile

__all__ = ["ALL_MODELS", "GroupNumbers", "add_rows", "group_numbers"]

HOURS = 24.0
ALL_MODELS = "all models"
FIRST = (
    "mean_survival",
    "growth_delay",
    "treated_over_control",
    "best_volume_change",
    "complete_response_probability",
    "removal_probability",
    "relative_body_weight",
    "absorbed_dose",
    "relapse_free_probability",
    "statistical_power",
)
OF_THE_PRIMARY = (
    "treated_over_control", "best_volume_change", "growth_delay", "complete_response_probability",
)  # fmt: skip
AGAINST_CONTROL = ("growth_delay", "treated_over_control", "statistical_power")


@dataclass(frozen=True, slots=True, eq=False)
class GroupNumbers:
    """Numbers of a model's groups: by quantity, shape (draws, groups); NaN where not known."""

    model: str
    by_kind: dict[str, Floats]
    smallest: dict[int, int | None]
    power_by_size: dict[int, dict[int, float]]


def group_numbers(
    outcome: MemberOutcome, plan: Plan, file: BenchFile, control: int, relapse_d: Floats | None
) -> GroupNumbers:
    """Read the endpoints of a model's groups."""
    said = file.bench.analysis
    removed, groups = outcome.removed, len(plan.treatments)
    end = float(plan.time_d[-1])
    _, mean = survival_of(removed.day, removed.event, end)
    visit = int(np.argmin(np.abs(plan.visits_d - file.bench.design.compare_at / HOURS)))
    there = outcome.there[visit]
    relative = outcome.measured_mm3[visit] / outcome.measured_mm3[0]
    middle = group_median(relative, there)
    kinds: dict[str, Floats] = {
        "mean_survival": mean,
        "growth_delay": mean - mean[:, control][:, None],
        "treated_over_control": middle / middle[:, control][:, None],
        "best_volume_change": np.median(outcome.best_change, axis=-1),
        "complete_response_probability": outcome.complete.mean(axis=-1),
        "removal_probability": ((removed.reason == 2) | (removed.reason == 3)).mean(axis=-1),
        "relative_body_weight": outcome.lowest_weight.mean(axis=-1),
        "absorbed_dose": outcome.tumor_Gy,
    }
    if relapse_d is not None:
        kinds["relapse_free_probability"] = (relapse_d > end).mean(axis=-1)
    n = plan.entry.per_group
    sizes = sorted(set(said.sizes) | {n}) if n > 1 else []
    power = np.full((plan.draws, groups), np.nan)
    smallest: dict[int, int | None] = {}
    by_size: dict[int, dict[int, float]] = {}
    for g in range(groups):
        if g == control or not sizes:
            continue
        rates: dict[int, float] = {}
        for size in sizes:
            found = significant(
                outcome, g, control, size, test=said.test, alpha=said.alpha, visit=visit
            )
            rates[size] = float(found.mean())
            if size == n:
                power[:, g] = found
        smallest[g] = smallest_size(sizes, list(rates.values()), said.power)
        by_size[g] = rates
    kinds["statistical_power"] = power
    for kind in AGAINST_CONTROL:
        kinds[kind] = np.array(kinds[kind])
        kinds[kind][:, control] = np.nan
    for g, treatment in enumerate(plan.treatments):
        gone = treatment.resected_d is not None and treatment.resected_d <= treatment.first_d
        if treatment.tumor is None or gone:
            kinds["absorbed_dose"][:, g] = np.nan
        if treatment.resected_d is not None:
            for kind in OF_THE_PRIMARY:
                kinds[kind][:, g] = np.nan
    kinds["eligible_share"] = np.repeat(outcome.eligible_share[:, None], groups, axis=1)
    return GroupNumbers(outcome.member.name, kinds, smallest, by_size)


def add_rows(found: Sequence[GroupNumbers], plan: Plan, ledger: Ledger) -> None:
    """Add a row for each model, group and quantity, then for all models together."""
    names = [t.name for t in plan.treatments]
    for one in found:
        for g, name in enumerate(names):
            for kind in FIRST:
                _row(ledger, kind, one.by_kind.get(kind), g, f"model:{one.model}", name)
        _row(ledger, "eligible_share", one.by_kind["eligible_share"], 0, f"model:{one.model}", None)
        _add_sizes(one, names, plan, ledger)
    if len(found) < 2:
        return
    for g, name in enumerate(names):
        for kind in FIRST:
            _row(ledger, kind, _over_models(found, kind, g), 0, ALL_MODELS, name)


def _add_sizes(one: GroupNumbers, names: Sequence[str], plan: Plan, ledger: Ledger) -> None:
    """Add the power of smaller groups, and the fewest animals that keep the power wanted."""
    where = f"model:{one.model}"
    for g, rates in one.power_by_size.items():
        for size, share in rates.items():
            if size < plan.entry.per_group:
                _add_power(ledger, share, plan.draws, where, f"{names[g]}, {size} animals")
        fewest = one.smallest[g]
        if fewest is not None and len(rates) > 1:
            ledger.number(
                "bench", "animals_per_group", float(fewest), origin="computed", region=where,
                arm=names[g], spread="predictive", inputs={}, flags=("of the sizes asked for",),
            )  # fmt: skip


def _add_power(ledger: Ledger, share: float, draws: int, region: str, arm: str | None) -> None:
    """Add a share of simulated studies; its error is that of counting."""
    error = float(np.sqrt(share * (1.0 - share) / draws))
    ledger.number(
        "bench", "statistical_power", share, origin="computed", region=region, arm=arm,
        std_err=error, spread="predictive", inputs={}, flags=("share of simulated studies",),
    )  # fmt: skip


def _over_models(found: Sequence[GroupNumbers], kind: str, group: int) -> Floats | None:
    """Mean over models in each draw, shape (draws, 1); None where a draw has none."""
    columns = [n.by_kind[kind][:, group] for n in found if kind in n.by_kind]
    if not columns:
        return None
    stacked = np.stack(columns)
    known = np.isfinite(stacked)
    if not known.any(axis=0).all():
        return None
    return (np.where(known, stacked, 0.0).sum(axis=0) / known.sum(axis=0))[:, None]


def _row(
    ledger: Ledger, kind: str, values: Floats | None, group: int, region: str, arm: str | None
) -> None:
    if values is None:
        return
    draws = values[:, group]
    known = draws[np.isfinite(draws)]
    if not known.size:
        return
    flags: tuple[str, ...] = ()
    if known.size < draws.size:
        flags = (f"of the {known.size} of {draws.size} draws in which it is known",)
    if kind == "statistical_power" and region != ALL_MODELS:
        _add_power(ledger, float(known.mean()), known.size, region, arm)
        return
    ledger.number(
        "bench", kind, known, origin="computed", region=region, arm=arm, spread="predictive",
        inputs={}, flags=flags,
    )  # fmt: skip
