"""Read TRIAL.toml: all faults at once, each with file, line, key, value and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdcraft.errors import PdcraftError, Problem, StudyError
from pdcraft.io.fields import model_problems
from pdcraft.io.toml_lines import TomlFile, read_toml
from pdcraft.response.marrow.parameters import LINEAGES
from pdcraft.trial.dlt import parse_expression
from pdcraft.trial.estimand import Estimand

if TYPE_CHECKING:
    from pdcraft.study.trial_file import Design, Trial, TrialFile

__all__ = ["DLT", "RESPONSE", "TRIAL", "DAY_h", "estimands_of", "read_trial"]

DAY_h = 24.0
STUDY, SCHEMA = "pdcraft.study/1", "pdcraft.trial/1"
TRIAL = "trial"  # the table
DLT = "DLT"  # endpoint that the escalation is about
RESPONSE = "response"  # endpoint of phase II


def read_trial(
    path: Path, *, seed: int | None = None, trials: int | None = None
) -> tuple[TrialFile, TomlFile]:
    """Read and check a trial's file, or the ``[trial]`` table of a study's file.

    Parameters
    ----------
    path : Path
        ``TRIAL.toml``, or a study, of which name, seed and the table count here. The table may
        name a trial's file instead: then that file counts, under the study's seed.
    seed, trials : int, optional
        Stand in for what the file says.

    Returns
    -------
    TrialFile, TomlFile
        The checked trial, and the text that holds its table.

    Raises
    ------
    StudyError
        With every fault found.
    """
    from pydantic import ValidationError

    from pdcraft.study.trial_file import TrialFile

    first = read_toml(path)
    file, content = _held(first)
    if seed is not None:
        content["seed"] = seed
    if trials is not None and isinstance(content.get(TRIAL), dict):
        content[TRIAL] = {**content[TRIAL], "trials": trials}
    try:
        read = TrialFile.model_validate(content)
    except ValidationError as error:
        problems: list[Problem] = []
        for one in error.errors():
            of = first if one["loc"] == ("seed",) else file
            problems += model_problems(of, TrialFile, [one])
        raise StudyError(problems, file=file.name) from None
    problems = sorted(_meaning(read.trial, file), key=lambda p: p.line or 0)
    if problems:
        raise StudyError(problems, file=file.name)
    return read, file


def _held(first: TomlFile) -> tuple[TomlFile, dict[str, Any]]:
    """Return the text that holds a trial, and the trial as a file of its own would say it."""
    said = first.content
    if said.get("schema") != STUDY:
        return first, dict(said)
    table = said.get(TRIAL)
    if not isinstance(table, dict) or "file" not in table:
        here = {key: said[key] for key in ("name", "seed", TRIAL) if key in said}
        return first, {"schema": SCHEMA, **here}
    name, at = table["file"], (TRIAL, "file")
    problems = [
        first.problem((TRIAL, key), "stands beside file", f"say it in {name}, or leave file out")
        for key in table
        if key != "file"
    ]
    if not isinstance(name, str) or not name:
        problems.append(first.problem(at, "is no name of a file", 'file = "trial.toml"', name))
    else:
        problems += first.beside(at, name)
    if problems:
        raise StudyError(problems, file=first.name)
    file = read_toml(first.path.parent / name, name)
    return file, {**file.content, "seed": said.get("seed", 1)}


def estimands_of(trial: Trial) -> tuple[Estimand, ...]:
    """Estimands that the file states."""
    return tuple(Estimand(**row.model_dump()) for row in trial.estimand)


def _meaning(trial: Trial, file: TomlFile) -> Iterator[Problem]:
    yield from _shape(trial, file)
    yield from _estimands(trial, file)
    yield from _expressions(trial, file)
    yield from _times(trial, file)
    if trial.patients is not None:
        yield from _chain(trial, file)
    yield from _designs(trial, file)


def _shape(trial: Trial, file: TomlFile) -> Iterator[Problem]:
    """Find out whether there is anything to simulate."""
    if not trial.design and trial.phase2 is None:
        yield file.problem(
            ("trial",), "has no design", 'add [[trial.design]] with method = "boin", or phase2'
        )
    if trial.design and trial.target is None:
        yield file.problem(("trial",), "target is missing", "the DLT rate wanted: target = 0.25")
    rates = {len(s.true_rate) for s in trial.scenario}
    sizes = rates | ({len(trial.level)} if trial.level else set())
    sizes |= {trial.doses} if trial.doses is not None else set()
    if len(sizes) > 1:
        yield file.problem(
            ("trial",),
            f"numbers of doses differ: {', '.join(map(str, sorted(sizes)))}",
            "levels, doses and each scenario's true_rate go together",
        )
    if trial.design and not sizes:
        yield file.problem(("trial",), "says no doses", "add [[trial.level]] tables, or doses = 6")
    for group in ("scenario", "level"):
        names = [one.name for one in getattr(trial, group)]
        for i, name in enumerate(names):
            if name in names[:i]:
                yield file.problem((TRIAL, group, i, "name"), f"two are called '{name}'")


def _estimands(trial: Trial, file: TomlFile) -> Iterator[Problem]:
    for i, row in enumerate(trial.estimand):
        try:
            Estimand(**row.model_dump())
        except PdcraftError as error:
            yield file.problem(("trial", "estimand", i), str(error))
    stated = [row.endpoint for row in trial.estimand]
    needed = ((trial.design, DLT), (trial.phase2, RESPONSE))
    for what, endpoint in needed:
        if what and endpoint not in stated:
            yield file.problem(
                ("trial", "estimand"),
                f"no estimand is stated of the endpoint '{endpoint}'",
                f'add [[trial.estimand]] with endpoint = "{endpoint}"',
            )


def _expressions(trial: Trial, file: TomlFile) -> Iterator[Problem]:
    said = {
        ("trial", "dlt", "expression"): trial.dlt.expression if trial.dlt else None,
        ("trial", "events", "stem_cell_rescue"): trial.events.stem_cell_rescue,
        ("trial", "events", "withhold"): trial.events.withhold,
    }
    for path, text in said.items():
        if text is None:
            continue
        try:
            parse_expression(text, LINEAGES)
        except PdcraftError as error:
            yield file.problem(path, str(error), value=text)
    if trial.dlt is not None and trial.dlt.origin == "published" and not trial.dlt.source:
        yield file.problem(
            ("trial", "dlt", "origin"), "a published definition needs its source", 'source = "..."'
        )
    if trial.events.withhold is not None and " for " in trial.events.withhold:
        yield file.problem(
            ("trial", "events", "withhold"),
            "an infusion is withheld for the counts of its day; leave 'for N d' out",
        )


def _whole_days(file: TomlFile, path: Sequence[str | int], hours: float) -> Iterator[Problem]:
    if hours % DAY_h or hours <= 0:
        yield file.problem(path, f"{hours / DAY_h:g} d: whole days, one or more")


def _times(trial: Trial, file: TomlFile) -> Iterator[Problem]:
    visits = trial.visits
    yield from _whole_days(file, ("trial", "visits", "every"), visits.every)
    yield from _whole_days(file, ("trial", "visits", "until"), visits.until)
    if trial.dlt is None:
        return
    yield from _whole_days(file, ("trial", "dlt", "window"), trial.dlt.window)
    if trial.dlt.window > visits.until:
        yield file.problem(
            ("trial", "dlt", "window"),
            f"{trial.dlt.window / DAY_h:g} d, but visits end on day {visits.until / DAY_h:g}",
            "let visits go on until the window ends, or later",
        )


def _chain(trial: Trial, file: TomlFile) -> Iterator[Problem]:
    """Patients of the chain need regimens and a toxicity."""
    if not trial.level:
        yield file.problem(
            ("trial", "patients"), "patients need dose levels", "add [[trial.level]] with a source"
        )
    if trial.dlt is None:
        yield file.problem(
            ("trial", "patients"), "patients need a toxicity", "add [trial.dlt] with expression"
        )
    for i, level in enumerate(trial.level):
        for k, given in enumerate(level.administration):
            if given.amount.field != "activity_per_surface":
                yield file.problem(
                    ("trial", "level", i, "administration", k, "amount"),
                    f"'{given.amount.text}' is not an activity per body surface",
                    'for instance amount = "12.5 mCi/m^2"',
                    given.amount.text,
                )
        days = [given.at for given in level.administration]
        if days != sorted(days) or any(h % DAY_h for h in days):
            yield file.problem(
                ("trial", "level", i), "administrations are in order, on whole days from day 0"
            )


ONLY: dict[str, tuple[str, ...]] = {
    "variant": ("3+3",),
    "p_saf": ("boin", "tite-boin"),
    "p_tox": ("boin", "tite-boin"),
    "epsilon1": ("keyboard", "mtpi2", "i3+3"),
    "epsilon2": ("keyboard", "mtpi2", "i3+3"),
    "cutoff": ("boin", "tite-boin", "keyboard", "mtpi2", "i3+3"),
    "extra_safe": ("boin", "tite-boin", "keyboard", "mtpi2", "i3+3", "table"),
    "table": ("table",),
    "skeleton": ("crm",),
    "halfwidth": ("crm",),
    "prior_mtd": ("crm",),
}


def _designs(trial: Trial, file: TomlFile) -> Iterator[Problem]:
    def fault(i: int, key: str, *words: Any) -> Problem:
        return file.problem(("trial", "design", i, key), *words)

    for i, design in enumerate(trial.design):
        for key, methods in ONLY.items():
            if getattr(design, key) is not None and design.method not in methods:
                yield fault(i, key, f"belongs to {', '.join(methods)}, not to {design.method}")
        if design.method == "table":
            if design.table is None:
                text = "a table of one's own needs its file"
                yield fault(i, "table", text, 'table = "decisions.csv"')
            else:
                yield from file.beside((TRIAL, "design", i, "table"), design.table)
        if design.method == "3+3" and trial.cohort != 3:
            yield fault(i, "method", "3+3 treats cohorts of three", "cohort = 3")
        if design.method == "crm":
            yield from _skeleton(design, trial, lambda key, *w, i=i: fault(i, key, *w))
        if design.method == "tite-boin" and trial.accrual_per_month is None:
            yield fault(i, "method", "tite-boin needs a calendar", "add accrual_per_month")


def _skeleton(design: Design, trial: Trial, fault: Callable[..., Problem]) -> Iterator[Problem]:
    """Check that the CRM has its prior rates in one way, for every dose."""
    doses = len(trial.level) or trial.doses
    if (design.skeleton is None) == (design.halfwidth is None):
        hint = "skeleton = [0.05, 0.1, 0.2, 0.35], or halfwidth = 0.05 and prior_mtd = 3"
        yield fault("method", "crm needs prior rates, in one way", hint)
    elif design.halfwidth is not None and design.prior_mtd is None:
        yield fault("halfwidth", "a half-width needs the dose taken as MTD before", "prior_mtd = 3")
    elif design.skeleton is not None and doses and len(design.skeleton) != doses:
        yield fault("skeleton", f"{len(design.skeleton)} prior rates for {doses} doses")
