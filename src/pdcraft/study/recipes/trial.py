"""A trial from its file: designs tried at fixed rates and on patients made by the chain."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import Citation
from pdcraft.errors import DataError
from pdcraft.response.population.patients import VirtualPatients, virtual_patients
from pdcraft.study.recipes.trial_delayed import Delayed, delayed_toxicity
from pdcraft.study.recipes.trial_designs import designs_of
from pdcraft.study.recipes.trial_patients import (
    DAYS_PER_MONTH,
    TreatedPatients,
    treated_patients,
)
from pdcraft.study.recipes.trial_phase2 import Phase2Plan, Phase2Result, simulate_phase2
from pdcraft.study.recipes.trial_protocol import protocol_of, regimen_of
from pdcraft.study.recipes.trial_words import (
    calendar_words,
    chain_words,
    phase2_words,
    regimen_words,
)
from pdcraft.study.trial_read import RESPONSE, DAY_h, estimands_of, read_trial
from pdcraft.trial.assurance import averaged, by_draw
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.design import Design, Ints, TimedDesign
from pdcraft.trial.estimand import Estimand
from pdcraft.trial.pool import PatientPool
from pdcraft.trial.runs import TrialRuns
from pdcraft.trial.scenarios import Scenario, standard_scenarios
from pdcraft.trial.simulate import BLOCK, Plan, run_trials, simulate
from pdcraft.trial.three_plus_three import FULL, ThreePlusThree
from pdcraft.trial.timed import run_timed, simulate_timed

if TYPE_CHECKING:
    from pdcraft.study.trial_file import Trial, TrialFile

__all__ = ["CHAIN", "ChainPart", "TrialResult", "run_trial"]

CHAIN = "patients of the chain"
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, eq=False)
class ChainPart:
    """What the chain's patients say.

    Parameters
    ----------
    made : VirtualPatients
    treated : TreatedPatients
    pool : PatientPool
    delayed : Delayed
    cpu_s : float
        Processor time of patients and trials.
    """

    made: VirtualPatients
    treated: TreatedPatients
    pool: PatientPool
    delayed: Delayed
    cpu_s: float


@dataclass(frozen=True, slots=True, eq=False)
class TrialResult:
    """A simulated trial.

    Parameters
    ----------
    file : TrialFile
    doses : tuple of str
        Names of the dose levels.
    scenarios : tuple of mapping
        As in the JSON document; one for each scenario and design.
    estimands : tuple of Estimand
    chain : ChainPart or None
    phase2 : Phase2Result or None
    assumptions, warnings : tuple of str
    citations : tuple of Citation
    beside : tuple of str
        Files that it was read from beside the one asked for, from that one's folder.
    """

    file: TrialFile
    doses: tuple[str, ...]
    scenarios: tuple[Mapping[str, Any], ...]
    estimands: tuple[Estimand, ...]
    chain: ChainPart | None
    phase2: Phase2Result | None
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    citations: tuple[Citation, ...]
    beside: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the document ``pdcraft.simulate-trial/1``."""
        trial = self.file.trial
        return {
            "schema": "pdcraft.simulate-trial/1",
            "name": self.file.name,
            "seed": self.file.seed,
            "target": trial.target,
            "trials": trial.trials,
            "doses": list(self.doses),
            "scenarios": [dict(s) for s in self.scenarios],
            "estimands": [e.document() for e in self.estimands],
            "delayed": None if self.chain is None else self.chain.delayed.document(),
            "phase2": None if self.phase2 is None else self.phase2.document(),
            "regimens": regimen_words(trial),
            "assumptions": list(self.assumptions),
            "warnings": list(self.warnings),
            "citations": [{"key": c.key, "text": c.text, "doi": c.doi} for c in self.citations],
        }


def run_trial(
    path: Path,
    *,
    seed: int | None = None,
    trials: int | None = None,
    progress: Progress | None = None,
) -> TrialResult:
    """Simulate the trial of a file.

    Parameters
    ----------
    path : Path
    seed, trials : int, optional
        Stand in for what the file says.
    progress : callable, optional
        Told the share done, and what of.

    Raises
    ------
    StudyError
        For a file with faults.
    DataError, PhysicsRangeError
        For designs, regimens or populations that cannot be.
    """
    say = progress or (lambda done, words: None)
    read, file = read_trial(path, seed=seed, trials=trials)
    trial = read.trial
    names = _dose_names(trial)
    estimands = estimands_of(trial)
    scenarios: list[Mapping[str, Any]] = []
    designs = designs_of(trial, len(names), file.path.parent)
    plans = [_plan(trial, design) for design in designs]
    if designs:
        for number, scenario in enumerate(_scenarios(trial, len(names))):
            say(0.02 * number, scenario.name)
            scenarios += [
                _fixed(design, plan, scenario, trial, read.seed)
                for design, plan in zip(designs, plans, strict=True)
            ]
    chain, assumptions, citations = None, calendar_words(trial), ()
    if trial.patients is not None and designs:
        say(0.3, "patients")
        chain = _patients(trial, read.seed, estimands)
        say(0.8, "trials of patients")
        scenarios += _on_patients(designs, plans, chain, trial, read.seed)
        assumptions += (*chain.made.assumptions, *chain_words(trial))
        citations = chain.made.citations
    phase2 = None
    if trial.phase2 is not None:
        say(0.9, "response")
        phase2 = _phase2(trial, read.seed, estimands)
        assumptions += phase2_words(trial)
    return TrialResult(
        read,
        names,
        tuple(scenarios),
        estimands,
        chain,
        phase2,
        assumptions,
        _warnings(chain),
        citations,
        _beside(trial, file.path, path),
    )


def _beside(trial: Trial, held: Path, asked: Path) -> tuple[str, ...]:
    """Name the trial's own file, if a study named it, and the tables of its designs."""
    tables = sorted({d.table for d in trial.design if d.table is not None})
    files = [*([held] if held != asked else []), *(held.parent / name for name in tables)]
    return tuple(f.relative_to(asked.parent).as_posix() for f in files)


def _dose_names(trial: Trial) -> tuple[str, ...]:
    if trial.level:
        return tuple(level.name for level in trial.level)
    given = trial.scenario[0].true_rate if trial.scenario else ()
    return tuple(f"dose {i + 1}" for i in range(trial.doses or len(given)))


def _window_months(trial: Trial) -> float:
    return (trial.dlt.window / DAY_h if trial.dlt else 28.0) / DAYS_PER_MONTH


def _plan(trial: Trial, design: Design | TimedDesign) -> Plan:
    calendar = None
    if trial.accrual_per_month is not None:
        calendar = Calendar(trial.accrual_per_month, _window_months(trial))
    most = trial.max_n
    if isinstance(design, ThreePlusThree):
        most = FULL * design.doses  # its own rule ends it
    return Plan(most, trial.cohort, trial.start - 1, calendar=calendar)


def _scenarios(trial: Trial, doses: int) -> Sequence[Scenario]:
    if trial.scenario:
        return [Scenario.of(s.name, s.true_rate, seen=s.seen, late=s.late) for s in trial.scenario]
    return standard_scenarios(trial.wanted_rate, doses)


def _fixed(
    design: Design | TimedDesign, plan: Plan, scenario: Scenario, trial: Trial, seed: int
) -> dict[str, Any]:
    target = trial.wanted_rate
    timed = isinstance(design, TimedDesign)
    how: Any = simulate_timed if timed else simulate
    found = how(design, scenario, target, plan=plan, trials=trial.trials, seed=seed)
    document = found.document()
    document["mcse"]["true_rate"] = None
    return {**document, "by_draw": None, "replaced": None}


def _patients(trial: Trial, seed: int, estimands: Sequence[Estimand]) -> ChainPart:
    from pdcraft.response.marrow.draws import marrow_draws

    assert trial.patients is not None  # asked before
    said = trial.patients
    clock = time.process_time()
    made = virtual_patients(said.n, said.population, seed=seed)
    marrow = marrow_draws().averaged(said.draws, without=said.without, seed=seed)
    treated = treated_patients(
        made.cohort,
        tuple(regimen_of(trial, i) for i in range(len(trial.level))),
        protocol_of(trial, estimands),
        draws=said.draws,
        seed=seed,
        marrow=marrow,
        tumor_in_marrow=said.tumor_in_marrow,
    )
    dlt = trial.dlt
    assert dlt is not None
    pool = PatientPool(
        treated.dlt_day,
        treated.end_day,
        dlt.window / DAY_h,
        dlt.least_followed,
        dlt.replace,
    )
    last = trial.visits.until / DAY_h
    windows = tuple(h / DAY_h for h in dlt.windows)
    delayed = delayed_toxicity(pool, treated, windows, last)
    return ChainPart(made, treated, pool, delayed, time.process_time() - clock)


def _on_patients(
    designs: Sequence[Design | TimedDesign],
    plans: Sequence[Plan],
    chain: ChainPart,
    trial: Trial,
    seed: int,
) -> list[dict[str, Any]]:
    pool, target = chain.pool, trial.wanted_rate
    draws = pool.draws
    if trial.trials < draws:
        raise DataError(
            f"{trial.trials} trials for {draws} draws: each draw needs one; simulate more, or "
            "state fewer draws of the patients"
        )
    draw = np.arange(trial.trials) % draws
    patients = max(plan.patients for plan in plans)
    parts: list[list[TrialRuns]] = [[] for _ in designs]
    for number, first in enumerate(range(0, trial.trials, BLOCK)):
        some = draw[first : first + BLOCK]
        outcomes = pool.sampled(some, patients, seed=seed, block=number)
        for held, design, plan in zip(parts, designs, plans, strict=True):
            gaps = None
            if plan.calendar is not None:
                gaps = plan.calendar.gaps_months(len(some), patients, seed, number)
            if isinstance(design, TimedDesign):
                assert gaps is not None  # asked when the file was read
                held.append(run_timed(design, outcomes, plan, gaps))
            else:
                held.append(run_trials(design, outcomes, plan, gaps_months=gaps))
    return [_summary(TrialRuns.joined(held), draw, pool, target) for held in parts]


def _summary(runs: TrialRuns, draw: Ints, pool: PatientPool, target: float) -> dict[str, Any]:
    rates: Floats = pool.rates()
    document = averaged(CHAIN, by_draw(runs, draw, rates, target))
    document["mcse"]["true_rate"] = pool.rates_std_err().tolist()
    replaced = np.array(document["mean_n"]) * pool.replaced_per_patient()
    return {**document, "replaced": replaced.tolist()}


def _phase2(trial: Trial, seed: int, estimands: Sequence[Estimand]) -> Phase2Result:
    from pdcraft.trial.phase2.simon import simon_designs

    said = trial.phase2
    assert said is not None  # asked before
    found = simon_designs(said.p0, said.p1, said.alpha, said.beta)
    plan = Phase2Plan(
        said.indication,
        (said.activity_low, said.activity_high),
        tuple(h / DAY_h for h in said.at),
        said.response,
        found.optimal if said.kind == "optimal" else found.minimax,
        said.first_assessment / DAY_h,
        said.assess_every / DAY_h,
        trial.events.dropout_per_month,
        said.draws,
        seed,
    )
    return simulate_phase2(plan, next(e for e in estimands if e.endpoint == RESPONSE))


def _warnings(chain: ChainPart | None) -> tuple[str, ...]:
    if chain is None:
        return ()
    delayed = chain.delayed
    top = float(delayed.missed[0, -1])
    out: list[str] = []
    if top > 0.1:
        out.append(
            f"a window of {delayed.window_d[0]:g} d misses {top:.0%} of the DLTs of the highest "
            f"level that come within {delayed.window_d[-1]:g} d"
        )
    return tuple(out)
