"""A xenograft bench: models, groups and animals from a study file to its results."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Run
from pdcraft.data.xenografts import PARAMETERS, Member
from pdcraft.study.bench_read import BenchStudy, read_bench
from pdcraft.study.ledger import Ledger
from pdcraft.study.recipes.bench_gather import Gather
from pdcraft.study.recipes.bench_imaging import imaging_rows
from pdcraft.study.recipes.bench_member import Plan, simulate_member
from pdcraft.study.recipes.bench_notes import add_assumptions, add_body_rows, add_published
from pdcraft.study.recipes.bench_plan import bench_plan
from pdcraft.study.recipes.bench_relapse import relapse_days
from pdcraft.study.recipes.bench_rows import GroupNumbers, add_rows, group_numbers

__all__ = ["BenchResult", "measured_shares", "run_bench"]

INTERVAL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class BenchResult:
    """What a bench gave.

    Parameters
    ----------
    run : Run
    title : str
    summary : str or None
    study : BenchStudy
    plan : Plan
    shares : tuple of (str, dict)
        Models by origin of each parameter.
    numbers : tuple of GroupNumbers
    volume_mm3 : ndarray, shape (groups, visits, 3)
        Low, middle and high of the group medians over models and draws, of the animals that are
        there; NaN where none is.
    survival : ndarray, shape (groups, days)
        Share of all animals below the limit, Kaplan and Meier's.
    survival_d : ndarray, shape (days,)
    waterfall : ndarray, shape (groups, models)
        Median best change of each model.
    relapse_free : ndarray, shape (groups, days), or None
    """

    run: Run
    title: str
    summary: str | None
    study: BenchStudy
    plan: Plan
    shares: tuple[tuple[str, dict[str, int]], ...]
    numbers: tuple[GroupNumbers, ...]
    volume_mm3: Floats
    survival: Floats
    survival_d: Floats
    waterfall: Floats
    relapse_free: Floats | None


def _quiet(done: float, words: str) -> None:
    """Report no progress."""


def measured_shares(members: tuple[Member, ...]) -> tuple[tuple[str, dict[str, int]], ...]:
    """Count members by the origin of each parameter."""
    return tuple(
        (name, dict(Counter(m.provenance[name].origin for m in members))) for name in PARAMETERS
    )


def run_bench(
    path: Path,
    *,
    seed: int | None = None,
    draws: int | None = None,
    progress: Callable[[float, str], None] = _quiet,
) -> BenchResult:
    """Run a bench study.

    Parameters
    ----------
    path : Path
        ``study.toml`` with a ``[bench]`` table.
    seed, draws : int, optional
        Override what the file says.
    progress : callable
        Called as ``progress(fraction_done, words)``.

    Raises
    ------
    StudyError, DataError
        With every fault of the inputs that was found.
    """
    study = read_bench(path, seed=seed, draws=draws)
    file = study.file
    progress(0.02, "agents")
    made = bench_plan(study)
    plan, tracers = made.plan, made.tracers
    control = file.bench.group.index(study.control)
    ledger = Ledger("bench", "mouse")
    nuclides = {g: t.agent.nuclide for g, t in tracers.items() if t.agent.kind == "radionuclide"}
    gather = Gather(plan, len(study.members))
    numbers: list[GroupNumbers] = []
    for i, one in enumerate(study.members):
        progress(0.05 + 0.85 * i / len(study.members), one.name)
        outcome = simulate_member(one, plan)
        relapse = None
        if file.bench.metastases is not None:
            relapse = relapse_days(file.bench.metastases, outcome, plan, nuclides)
        numbers.append(group_numbers(outcome, plan, file, control, relapse))
        gather.add(outcome, relapse)
        imaging_rows(outcome, tracers, plan, file.bench.design.imaging, ledger)
    progress(0.92, "results")
    add_rows(numbers, plan, ledger)
    add_body_rows(study, made, ledger)
    add_published(study, made, ledger)
    add_assumptions(study, ledger)
    run = Run(
        name=file.name,
        file=path.name,
        sha256=hashlib.sha256(study.text.encode()).hexdigest(),
        seed=file.seed,
        n_draws=file.draws,
        interval=INTERVAL,
        stages=("bench",),
        results=tuple(ledger.rows),
        series=tuple(gather.series(ledger)),
        assumptions=tuple(ledger.assumptions),
        warnings=tuple(ledger.warnings),
        citations=tuple(ledger.citations.values()),
        inputs=ledger.inputs,
    )
    report = file.report
    return BenchResult(
        run,
        report.title if report and report.title else file.name,
        report.summary if report else None,
        study,
        plan,
        measured_shares(study.members),
        tuple(numbers),
        gather.volumes(),
        gather.survival(),
        gather.days,
        np.stack([[np.median(n.by_kind["best_volume_change"][:, g]) for n in numbers]
                  for g in range(len(plan.treatments))]),
        gather.relapse_free(),
    )  # fmt: skip
