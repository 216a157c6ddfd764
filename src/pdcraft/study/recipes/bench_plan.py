"""A bench study as a plan: groups with their doses in steps, entry, visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import StudyError
from pdcraft.response.xenograft.draws import pooled_growth
from pdcraft.response.xenograft.effect import DoseInSteps
from pdcraft.response.xenograft.entry import Entry
from pdcraft.response.xenograft.pooling import mm3_PER_g
from pdcraft.study.bench_read import BenchStudy
from pdcraft.study.recipes.bench_agents import BenchAgent, bench_agent
from pdcraft.study.recipes.bench_drug import bench_drug
from pdcraft.study.recipes.bench_member import Plan, Treatment
from pdcraft.study.recipes.bench_tracer import Tracer, tracer

if TYPE_CHECKING:
    from pdcraft.study.bench_model import BenchFile, BenchGroup

__all__ = ["PlannedBench", "bench_plan"]

HOURS = 24.0
STEP_d = 0.5
kg_PER_g = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class PlannedBench:
    """A plan, with the agents' kinetics and the marrow's dose rates by group.

    Parameters
    ----------
    plan : Plan
    tracers : dict of int to Tracer
        Of groups with a radionuclide or a dye.
    marrow : dict of int to DoseRate
    given_MBq : dict of int to float
        In all, of groups with a radionuclide.
    """

    plan: Plan
    tracers: dict[int, Tracer]
    marrow: dict[int, DoseRate]
    given_MBq: dict[int, float]


def bench_plan(study: BenchStudy) -> PlannedBench:
    """Set groups and animals up.

    Raises
    ------
    StudyError
        For an amount that does not fit its agent.
    """
    file = study.file
    design, draws, seed = file.bench.design, file.draws, file.seed
    until = np.ceil(design.until / HOURS / STEP_d) * STEP_d
    time_d = np.arange(0.0, until + 0.5 * STEP_d, STEP_d)
    every = max(STEP_d, round(design.visits / HOURS / STEP_d) * STEP_d)
    visits = np.arange(0.0, until + 0.5 * STEP_d, every)
    start_g = design.start_volume  # 1 mL is taken as 1 g
    made: dict[str, Tracer] = {}
    tracers: dict[int, Tracer] = {}
    marrow: dict[int, DoseRate] = {}
    total: dict[int, float] = {}
    treatments: list[Treatment] = []
    for g, group in enumerate(file.bench.group):
        dose, doses, drug = None, None, None
        if group.agent is not None:
            agent = bench_agent(group.agent)
            if agent.kind in ("drug", "plain drug"):
                drug = bench_drug(agent, group, draws=draws, seed=seed, body_g=design.body_mass)
            else:
                tracers[g] = _tracer(agent, file, start_g, made)
            if agent.kind == "radionuclide":
                starts = [a.at for a in group.administration]
                given = [_MBq(group, i, design.body_mass) for i in range(len(starts))]
                total[g] = sum(given)
                dose = DoseInSteps(tracers[g].dose_rate("tumor", starts, given), time_d)
                marrow[g] = tracers[g].dose_rate("red_marrow", starts, given)
                doses = np.diff(marrow[g].over(time_d * HOURS), axis=-1).T
        factor = 1.0 if group.start_volume is None else group.start_volume / design.start_volume
        resected = None if group.resection is None else group.resection / HOURS
        first = min((a.at for a in group.administration), default=0.0) / HOURS
        treatments.append(Treatment(group.name, factor, dose, doses, drug, resected, first))
    low, high = design.entry
    entry = Entry(
        mm3_PER_g * design.start_volume,
        mm3_PER_g * low,
        mm3_PER_g * high,
        len(file.bench.group),
        design.per_group,
        design.randomization,
    )
    caliper = design.caliper_log_sd
    plan = Plan(
        entry,
        tuple(treatments),
        time_d,
        visits,
        mm3_PER_g * design.limit,
        mm3_PER_g * design.palpable,
        pooled_growth().caliper_log_sd if caliper is None else caliper,
        design.litters,
        draws,
        seed,
    )
    return PlannedBench(plan, tracers, marrow, total)


def _tracer(agent: BenchAgent, file: BenchFile, tumor_g: float, made: dict[str, Tracer]) -> Tracer:
    if agent.name not in made:
        made[agent.name] = tracer(
            agent,
            draws=file.draws,
            seed=file.seed,
            body_g=file.bench.design.body_mass,
            tumor_g=tumor_g,
            without=file.bench.leave_out,
        )
    return made[agent.name]


def _MBq(group: BenchGroup, index: int, body_g: float) -> float:
    amount = group.administration[index].amount
    if amount.field == "activity":
        return amount.value
    if amount.field == "activity_per_mass":
        return amount.value * body_g * kg_PER_g
    raise StudyError(f"group '{group.name}': '{amount.text}' is not an activity")
