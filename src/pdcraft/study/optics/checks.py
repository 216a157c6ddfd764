"""What a study's optics table needs of the rest of the study: all that is missing, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.errors import Problem

if TYPE_CHECKING:
    from pdcraft.io.toml_lines import TomlFile
    from pdcraft.study.model import StudyFile

__all__ = ["optics_problems"]

MOST_DRAWS = 20_000
AMOUNTS = ("amount", "drug_mass")


def optics_problems(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Faults of the optics table, each with its place in the file."""
    said = study.optics
    assert said is not None
    out: list[Problem] = []
    if study.kinetics is None or study.kinetics.source != "calibrated":
        text = "the dye moves by the calibrated carrier model"
        out.append(file.problem(("optics",), text, 'add [kinetics] with source = "calibrated"'))
    for table in ("dosimetry", "exposure", "micrometastases", "response"):
        if getattr(study, table) is not None:
            text = f"[{table}] goes by another payload than the dye of [optics]"
            out.append(file.problem((table,), text, "leave one of them out; one study a payload"))
    if study.draws > MOST_DRAWS:
        text = f"{study.draws} draws of concentrations do not fit in memory"
        out.append(file.problem(("draws",), text, f"at most {MOST_DRAWS}"))
    if said.scene is None:
        return out
    if not said.times:
        text = "times are missing: when is the scene looked at?"
        out.append(file.problem(("optics",), text, 'times = ["6 h", "24 h", "72 h"]'))
    if list(said.times) != sorted(set(said.times)):
        out.append(file.problem(("optics", "times"), "times must increase"))
    places = study.administrations()
    if not places:
        text = "nothing is given"
        out.append(file.problem(("optics",), text, 'add [[administration]] with amount = "1 mg"'))
    for path, given in places:
        if given.amount.field not in AMOUNTS:
            text = f"'{given.amount.text}' is no amount of a dye"
            hint = 'give "500 nmol", or a mass such as "1 mg"'
            out.append(file.problem((*path, "amount"), text, hint, given.amount.text))
    return out
