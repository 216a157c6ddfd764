"""Read a study file: all its faults at once, each with file, line, key, value and the way out."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pdcraft.errors import Problem, StudyError
from pdcraft.io.fields import model_problems
from pdcraft.io.toml_lines import TomlFile, read_toml

if TYPE_CHECKING:
    from pdcraft.study.model import StudyFile

__all__ = ["read_study"]

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
        The checked study, and the text with its lines for later messages.

    Raises
    ------
    StudyError
        With every fault found.
    """
    from pydantic import ValidationError

    from pdcraft.study.model import StudyFile

    file = read_toml(path)
    problems = _trial_problems(path, seed) if TRIAL in file.content else []
    content = {k: v for k, v in file.content.items() if k != TRIAL}
    content |= {k: v for k, v in {"seed": seed, "draws": draws}.items() if v is not None}
    study: StudyFile | None = None
    try:
        study = StudyFile.model_validate(content)
    except ValidationError as error:
        problems += model_problems(file, StudyFile, error.errors())
    else:
        problems += _meaning(study, file)
    if problems or study is None:
        raise StudyError(sorted(problems, key=lambda p: p.line or 0), file=file.name)
    return study, file


def _trial_problems(path: Path, seed: int | None) -> list[Problem]:
    """Faults of the part that ``pdcraft simulate-trial`` runs by itself too."""
    from pdcraft.study.trial_read import read_trial

    try:
        read_trial(path, seed=seed)
    except StudyError as error:
        return [p for p in error.problems if (p.key or "").startswith(TRIAL)]
    return []


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
    if study.kinetics is not None and study.kinetics.source == "calibrated" and study.kinetics.data:
        out.append(
            file.problem(
                ("kinetics", "data"),
                "the calibrated carrier brings its own draws",
                "leave data out, or use source = 'parameters' or 'fit'",
            )
        )
    if TRIAL in file.content:
        from pdcraft.study.trial_checks import trial_problems

        out += trial_problems(study, file)
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


def _plausible(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Masses and surfaces that no such host has are wrong units."""
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
    return out


def _files(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Files that the study names must lie in its folder, so that run.json can hold them."""
    named = {
        ("kinetics", "data"): study.kinetics.data if study.kinetics else None,
        ("host", "masses"): study.host.masses,
    }
    out: list[Problem] = []
    for path, name in named.items():
        if name is None:
            continue
        place = PurePath(name)
        if place.is_absolute() or ".." in place.parts:
            hint = "put the file in the study's folder"
            out.append(file.problem(path, f"'{name}' lies outside the study's folder", hint, name))
        elif not (file.path.parent / place).is_file():
            out.append(
                file.problem(path, f"there is no file '{name}' beside the study", value=name)
            )
    return out


def _amounts(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Amounts per surface or mass need the host's surface or mass."""
    out: list[Problem] = []
    places = [(("administration", i), a) for i, a in enumerate(study.administration)]
    for k, arm in enumerate(study.arm):
        places += [(("arm", k, "administration", i), a) for i, a in enumerate(arm.administration)]
    host = study.host
    has_surface = host.body_surface is not None or None not in (host.height, host.body_mass)
    for path, administration in places:
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
