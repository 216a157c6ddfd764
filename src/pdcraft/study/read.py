"""Read a study file: all its faults at once, each with file, line, key, value and the way out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pdcraft.errors import Problem, StudyError
from pdcraft.io.fields import model_problems
from pdcraft.io.toml_lines import TomlFile, read_toml

if TYPE_CHECKING:
    from pdcraft.study.model import StudyFile
    from pdcraft.study.trial_file import Trial

__all__ = ["TRIAL", "read_study"]

TRIAL = "trial"  # a table that `pdcraft.study.trial_read` reads


def read_study(
    path: Path, *, seed: int | None = None, draws: int | None = None
) -> tuple[StudyFile, TomlFile]:
    """Read and check a study file.

    Parameters
    ----------
    path : Path
    seed, draws : int, optional
        Stand in for what the file says, under the same rules.

    Returns
    -------
    StudyFile, TomlFile
        The checked study, and the text with its lines for later messages. A study that gives
        nothing itself has the dose levels of its trial as arms.

    Raises
    ------
    StudyError
        With every fault found.
    """
    from pydantic import ValidationError

    from pdcraft.study.model import StudyFile

    file = read_toml(path)
    content = {k: v for k, v in file.content.items() if k != TRIAL}
    own = {k: v for k, v in {"seed": seed, "draws": draws}.items() if v is not None}
    content |= own
    trial, held, problems = _trial(file, seed)
    gives_nothing = content.keys().isdisjoint(("arm", "administration"))
    unread = bool(problems)
    if gives_nothing and trial is not None and trial.level:
        content["arm"] = [
            {"name": level.name, "administration": level.administration} for level in trial.level
        ]
        file = replace(file, elsewhere={"arm": (held, (TRIAL, "level"))})
    study: StudyFile | None = None
    try:
        study = StudyFile.model_validate(content)
    except ValidationError as error:
        problems += [
            replace(p, line=None, source=None) if p.key in own else p  # not what the file says
            for p in model_problems(file, StudyFile, error.errors())
        ]
    else:
        if trial is not None:
            from pdcraft.study.trial_checks import trial_problems

            problems += trial_problems(study, trial, held)
        if not (gives_nothing and unread):  # else what the study gives is not known
            problems += _meaning(study, file)
    if problems or study is None:
        problems.sort(key=lambda p: (p.file != file.name, p.line or 0))
        raise StudyError(problems, file=file.name)
    return study, file


def _trial(file: TomlFile, seed: int | None) -> tuple[Trial | None, TomlFile, list[Problem]]:
    """Read a study's trial: it, the text that holds it, and its faults; None without a trial."""
    if TRIAL not in file.content:
        return None, file, []
    from pdcraft.study.trial_read import read_trial

    try:
        read, held = read_trial(file.path, seed=seed)
    except StudyError as error:  # faults of name and seed are told as the study's
        return (
            None,
            file,
            [p for p in error.problems if p.file != file.name or (p.key or "").startswith(TRIAL)],
        )
    return read.trial, held, []


def _meaning(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Faults that no single field shows."""
    out: list[Problem] = []
    for group in ("lesion", "arm"):
        names = [item.name for item in getattr(study, group)]
        for i, name in enumerate(names):
            if name in names[:i]:
                out.append(file.problem((group, i, "name"), f"two {group}s are called '{name}'"))
    if study.arm and study.administration:
        out.append(
            file.problem(
                ("administration",),
                "with [[arm]] tables the administrations belong to the arms",
                "move each [[administration]] below its arm as [[arm.administration]]",
            )
        )
    if study.dosimetry is not None and study.kinetics is None:
        out.append(
            file.problem(
                ("dosimetry",), "dose needs time courses", 'add [kinetics], e.g. source = "fit"'
            )
        )
    if study.is_calibrated and study.kinetics is not None and study.kinetics.data:
        out.append(
            file.problem(
                ("kinetics", "data"),
                "the calibrated carrier brings its own draws",
                "leave data out, or use source = 'parameters' or 'fit'",
            )
        )
    if study.exposure is not None:
        from pdcraft.study.exposure.checks import exposure_problems

        out += exposure_problems(study, file)
    if study.micrometastases is not None:
        from pdcraft.study.micrometastases.checks import micrometastases_problems

        out += micrometastases_problems(study, file)
    if study.sweep is not None:
        from pdcraft.study.sweep.checks import sweep_problems

        out += sweep_problems(study, file)
    if study.optics is not None:
        from pdcraft.study.optics.checks import optics_problems

        out += optics_problems(study, file)
    if study.response is not None:
        from pdcraft.study.response.checks import response_problems

        out += response_problems(study, file)
    out += _files(study, file)
    out += _plausible(study, file)
    out += _amounts(study, file)
    return out


# What a body can be: outside, a unit is wrong. g, m2 (newborn to the heaviest; mouse pup to obese).
BODY_MASS_g = {"human": (1_000.0, 400_000.0), "mouse": (5.0, 100.0)}
BODY_SURFACE_m2 = {"human": (0.1, 4.0), "mouse": (0.001, 0.03)}
MOST_MBq = {"human": 1e6, "mouse": 1e4}  # over ten times what was ever given
LESION_SHARE = 0.25  # of the body: more is a lesion of another species


def _plausible(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Refuse bodies, masses, surfaces and activities that no such host has: mostly wrong units."""
    out: list[Problem] = []
    host = study.host
    checks = (
        ("body_mass", host.body_mass, BODY_MASS_g[host.species], "g"),
        ("body_surface", host.body_surface, BODY_SURFACE_m2[host.species], "m^2"),
    )
    for key, value, (least, most), unit in checks:
        if value is not None and not least <= value <= most:
            message = f"{value:g} {unit} is no {key.replace('_', ' ')} of a {host.species}"
            hint = f"it lies between {least:g} and {most:g} {unit}; check the unit"
            out.append(file.problem(("host", key), message, hint, value))
    if host.phantom is not None and host.phantom.startswith("mouse") != (host.species == "mouse"):
        message = f"'{host.phantom}' is no body of a {host.species}"
        hint = "leave phantom out for the reference body, or name one of this species"
        out.append(file.problem(("host", "phantom"), message, hint, host.phantom))
    for i, lesion in enumerate(study.lesion):
        if host.body_mass is not None and lesion.mass > LESION_SHARE * host.body_mass:
            message = f"{lesion.mass:g} g is no lesion in a {host.species} of {host.body_mass:g} g"
            hint = f"at most {LESION_SHARE:.0%} of the body; check the unit"
            out.append(file.problem(("lesion", i, "mass"), message, hint))
    for path, administration in study.administrations():
        amount = administration.amount
        most = MOST_MBq[host.species]
        if amount.field == "activity" and amount.value > most:
            message = f"'{amount.text}' is no activity for a {host.species}"
            hint = f"it lies below {most / 1e3:g} GBq; check the unit"
            out.append(file.problem((*path, "amount"), message, hint, amount.text))
    return out


def _files(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Files that the study names must lie in its folder, so that run.json can hold them."""
    named = {
        ("kinetics", "data"): study.kinetics.data if study.kinetics else None,
        ("host", "masses"): study.host.masses,
        ("optics", "scene"): study.optics.scene if study.optics else None,
    }
    return [p for at, name in named.items() if name is not None for p in file.beside(at, name)]


def _amounts(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Amounts per surface or mass need the host's surface or mass."""
    out: list[Problem] = []
    host = study.host
    has_surface = host.body_surface is not None or None not in (host.height, host.body_mass)
    for path, administration in study.administrations():
        amount = administration.amount
        if amount.field == "activity_per_surface" and not has_surface:
            out.append(
                file.problem(
                    (*path, "amount"),
                    f"'{amount.text}' needs the body surface",
                    'add body_surface = "1.8 m^2" to [host], or height and body_mass (Mosteller)',
                    amount.text,
                )
            )
        if amount.field == "activity_per_mass" and host.body_mass is None:
            out.append(
                file.problem(
                    (*path, "amount"),
                    f"'{amount.text}' needs the body mass",
                    'add body_mass = "70 kg" to [host]',
                    amount.text,
                )
            )
    return out
