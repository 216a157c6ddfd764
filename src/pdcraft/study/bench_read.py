"""Read a bench study: all its faults at once, each with file, line, key, value and the way out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pdcraft.data.xenografts import (
    GrowthRecord,
    Member,
    radiobiology,
    select_members,
    without_subjects,
)
from pdcraft.errors import DataError, Problem, StudyError
from pdcraft.io.fields import read_table
from pdcraft.io.toml_lines import TomlFile, read_toml

if TYPE_CHECKING:
    from pdcraft.study.bench_model import BenchFile, BenchGroup

__all__ = ["BenchStudy", "read_bench"]

HOURS = 24.0


@dataclass(frozen=True, slots=True)
class BenchStudy:
    """A checked bench study.

    Parameters
    ----------
    file : BenchFile
    text : str
        Of the file, as it was read.
    members : tuple of Member
        Those of the bench, then the user's own.
    control : BenchGroup
    """

    file: BenchFile
    text: str
    members: tuple[Member, ...]
    control: BenchGroup


def read_bench(path: Path, *, seed: int | None = None, draws: int | None = None) -> BenchStudy:
    """Read and check a bench study.

    Parameters
    ----------
    path : Path
    seed, draws : int, optional
        Stand in for what the file says, under the same rules.

    Raises
    ------
    StudyError
        With every fault found.
    """
    from pdcraft.study.bench_model import BenchFile

    toml = read_toml(path)
    changed = {k: v for k, v in {"seed": seed, "draws": draws}.items() if v is not None}
    toml.content.update(changed)
    if "bench" not in toml.content:
        raise StudyError(
            Problem(
                "has no [bench] table",
                toml.name,
                hint="pdcraft bench treats virtual xenografts; pdcraft run takes other studies",
            )
        )
    file = read_table(toml, BenchFile)
    problems: list[Problem] = []
    found = _members(file, toml, problems)
    problems += _design(file, toml)
    problems += _agents(file, toml)
    control = _control(file, toml, problems)
    if problems or control is None:
        raise StudyError(sorted(problems, key=lambda p: p.line or 0), file=toml.name)
    return BenchStudy(file, path.read_text(encoding="utf-8"), found, control)


def _members(file: BenchFile, toml: TomlFile, problems: list[Problem]) -> tuple[Member, ...]:
    bench = file.bench
    found: list[Member] = []
    try:
        found += select_members(bench.models)
        if bench.leave_out is not None:  # what is predicted must not know them by another way
            found = [without_subjects(one, bench.leave_out) for one in found]
    except DataError as error:
        one = error.problems[0]
        problems.append(toml.problem(("bench", "models"), one.message, one.hint, one.value))
    for i, own in enumerate(bench.model):
        key = ("bench", "model", i)
        problems += toml.refused((*key, "indication"), radiobiology, own.indication)
        record = GrowthRecord(
            own.name, own.name, "own", own.indication, "not said", own.animals, None,
            math.log(2.0) / (own.doubling / HOURS), own.spread or None, None, None,
            own.source, "U",
        )  # fmt: skip
        found.append(Member(own.name, own.indication, virtual=False, growth=record))
        if own.name in {m.name for m in found[:-1]}:
            message = f"two models are called '{own.name}'"
            problems.append(toml.problem((*key, "name"), message, "give your own another name"))
    if len({m.name for m in found}) < len(found) and not problems:
        hint = "name each once"
        problems.append(toml.problem(("bench", "models"), "a model is named twice", hint))
    return tuple(found)


def _design(file: BenchFile, toml: TomlFile) -> list[Problem]:
    out: list[Problem] = []
    design = file.bench.design
    low, high = design.entry
    if not low <= design.start_volume <= high:
        message = (
            f"start_volume {1000 * design.start_volume:g} mm^3 lies outside the entry limits "
            f"{1000 * low:g} to {1000 * high:g} mm^3"
        )
        out.append(toml.problem(("bench", "design", "entry"), message, "widen them"))
    if design.limit <= high:
        message = f"limit {1000 * design.limit:g} mm^3 is not above the entry limits"
        out.append(toml.problem(("bench", "design", "limit"), message, "give a larger one"))
    if design.compare_at > design.until:
        message = f"compare_at day {design.compare_at / HOURS:g} is after the end of the study"
        out.append(toml.problem(("bench", "design", "compare_at"), message, "give an earlier day"))
    names = [g.name for g in file.bench.group]
    for i, group in enumerate(file.bench.group):
        key = ("bench", "group", i)
        if group.name in names[:i]:
            out.append(toml.problem((*key, "name"), f"two groups are called '{group.name}'"))
        late = [a for a in group.administration if a.at > design.until]
        if late:
            message = f"'{group.name}' is given something after the end of the study"
            out.append(toml.problem((*key, "administration"), message, "give an earlier time"))
        if group.resection is not None and file.bench.metastases is None:
            message = f"'{group.name}' has its primary removed, but there are no metastases"
            hint = "add [bench.metastases], or leave resection out"
            out.append(toml.problem((*key, "resection"), message, hint))
    most = max(file.bench.analysis.sizes, default=0)
    if most > design.per_group:
        message = f"analysis of {most} animals a group, but a group has {design.per_group}"
        hint = "raise bench.design.per_group to the largest size"
        out.append(toml.problem(("bench", "analysis", "sizes"), message, hint, most))
    return out


def _agents(file: BenchFile, toml: TomlFile) -> list[Problem]:
    from pdcraft.study.recipes.bench_agents import agent_fault

    out: list[Problem] = []
    for i, group in enumerate(file.bench.group):
        if group.agent is None:
            continue
        fault = agent_fault(
            group.agent,
            [a.amount.field for a in group.administration],
            has_linker=group.linker is not None,
        )
        if fault is not None:
            message, hint = fault
            key = ("bench", "group", i, "agent")
            out.append(toml.problem(key, message, hint, group.agent))
        else:
            out += _too_much(group, i, file.bench.design.body_mass, toml)
    if file.bench.leave_out is not None:
        from pdcraft.kinetics.carrier.draws import carrier_draws

        known = carrier_draws("mouse").values
        out += toml.refused(("bench", "leave_out"), known, file.bench.leave_out)
    return out


def _too_much(group: BenchGroup, i: int, body_g: float, toml: TomlFile) -> list[Problem]:
    """Doses of a drug that no body could be given."""
    from pdcraft.exposure.drug import refuse_implausible
    from pdcraft.study.recipes.bench_agents import bench_agent
    from pdcraft.study.recipes.bench_drug import drug_mg

    out: list[Problem] = []
    if group.agent is None or bench_agent(group.agent).kind not in ("drug", "plain drug"):
        return out
    for k, one in enumerate(group.administration):
        try:
            refuse_implausible(drug_mg(one.amount.field, one.amount.value), body_g)
        except DataError as error:
            key = ("bench", "group", i, "administration", k, "amount")
            fault = error.problems[0]
            out.append(toml.problem(key, fault.message, fault.hint, one.amount.text))
    return out


def _control(file: BenchFile, toml: TomlFile, problems: list[Problem]) -> BenchGroup | None:
    groups = file.bench.group
    wanted = file.bench.analysis.control
    found = [g for g in groups if (g.name == wanted if wanted else g.agent is None)]
    if found:
        return found[0]
    message = f"no group is called '{wanted}'" if wanted else "no group is untreated"
    hint = f"analysis.control is one of {', '.join(g.name for g in groups)}"
    problems.append(toml.problem(("bench", "analysis"), message, hint, wanted))
    return None
