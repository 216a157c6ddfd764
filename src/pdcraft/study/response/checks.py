"""What a study's response table needs of the rest of the study: all that is missing, at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pdcraft.errors import DataError, Problem

if TYPE_CHECKING:
    from pdcraft.io.toml_lines import TomlFile
    from pdcraft.study.model import Response, StudyFile

__all__ = ["BEAM_INDICATION", "response_problems"]

BEAM_INDICATION = "head-and-neck"  # whose link is per Gy of a prescribed sum
MOST_PATIENTS = 200_000  # draws times subjects: a gigabyte of counts
At = tuple[str | int, ...]


def response_problems(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Faults of the response table, each with its place in the file."""
    said = study.response
    assert said is not None
    out = [file.problem(*fault) for fault in _inputs(study, said)]
    out += [file.problem(*fault) for fault in _lesions(study, said)]
    out += [file.problem(*fault) for fault in _beam(study, said)]
    out += [file.problem(*fault) for fault in _patients(study, said)]
    return out


def _inputs(study: StudyFile, said: Response) -> list[tuple[At, str, str]]:
    out: list[tuple[At, str, str]] = []
    here: At = ("response",)
    if study.dosimetry is None:
        out.append((here, "response needs dose rates", "add [dosimetry]"))
    elif study.dosimetry.method == "spheres":
        text = "spheres have no dose rates of lesions and marrow in a body"
        out.append(((*here, "counts"), text, 'take dosimetry.method = "organs"'))
    if not study.arm and not study.administration:
        out.append((here, "nothing is administered", "add [[administration]], or [[arm]] tables"))
    if not said.counts and not study.lesion and said.indication is None:
        out.append((here, "nothing is asked for", "counts = true, a [[lesion]], or an indication"))
    if study.host.species == "mouse" and (said.counts or said.indication):
        text = "blood counts and responses of patients are models of man"
        out.append((here, text, "set counts = false and no indication; lesions remain"))
    if study.draws * said.subjects > MOST_PATIENTS:
        text = f"{study.draws} draws of {said.subjects} patients are more than {MOST_PATIENTS:,}"
        out.append(((*here, "subjects"), text, "take fewer draws or subjects"))
    return out


def _lesions(study: StudyFile, said: Response) -> list[tuple[At, str, str | None]]:
    from pdcraft.data.indications import indication
    from pdcraft.response.patient_draws import patient_indication

    out: list[tuple[At, str, str | None]] = []
    for i, lesion in enumerate(study.lesion):
        name = lesion.indication or said.indication
        if name is None:
            text = f"lesion '{lesion.name}': its radiobiology needs an indication"
            out.append(
                (("lesion", i), text, 'e.g. indication = "myeloma"; see pdcraft indications')
            )
        elif lesion.indication is not None:
            out += _unknown(("lesion", i, "indication"), indication, name)
    if said.indication is not None:
        out += _unknown(("response", "indication"), patient_indication, said.indication)
    return out


def _unknown(path: At, look: Callable[[str], Any], name: str) -> list[tuple[At, str, str | None]]:
    try:
        look(name)
    except DataError as error:
        one = error.problems[0]
        return [(path, one.message, one.hint)]
    return []


def _beam(study: StudyFile, said: Response) -> list[tuple[At, str, str | None]]:
    from pdcraft.response.patient_draws import patient_indication

    out: list[tuple[At, str, str | None]] = []
    here: At = ("response", "external_beam")
    beam = said.external_beam
    head_and_neck = False
    if said.indication is not None and not _unknown(here, patient_indication, said.indication):
        head_and_neck = patient_indication(said.indication) == BEAM_INDICATION
    if beam is None:
        if head_and_neck:
            text = f"responses of {BEAM_INDICATION} are per Gy of a prescribed sum of doses"
            out.append((("response", "indication"), text, "add [response.external_beam]"))
        return out
    if said.indication is not None and not head_and_neck:
        text = f"the link of {said.indication} is per activity: it knows no external beam"
        out.append((here, text, "leave one of the two out"))
    if not study.lesion and said.indication is None:
        out.append((here, "there is no lesion for it", "add a [[lesion]]"))
    if len(beam.total) == 2 and beam.total[0] >= beam.total[1]:
        text = f"from {beam.total[0]:g} to {beam.total[1]:g} Gy"
        out.append(((*here, "total"), text, "the lower limit first"))
    if beam.fraction > beam.total[0]:
        text = f"one fraction of {beam.fraction:g} Gy is more than the sum"
        out.append(((*here, "fraction"), text, "the total is the sum of all doses"))
    names = [arm.name for arm in study.arm]
    for arm in beam.arms or ():
        if arm not in names:
            text = f"there is no arm '{arm}'"
            out.append(((*here, "arms"), text, f"arms are {', '.join(names) or 'none'}"))
    return out


def _patients(study: StudyFile, said: Response) -> list[tuple[At, str, str | None]]:
    if said.patients is None:
        return []
    from pdcraft.data.populations import population

    here: At = ("response", "patients")
    out = _unknown(here, population, said.patients)
    if study.kinetics is None or study.kinetics.source != "calibrated":
        text = "patients are made from the carrier's own kinetics"
        out.append((here, text, 'take kinetics.source = "calibrated"'))
    if said.pretreated or said.marrow_dose == "as fitted":
        text = "these patients bring their own treatment before, and their own dose"
        out.append((here, text, "leave pretreated and marrow_dose out"))
    given = [one for _, one in study.administrations()]
    odd = next((a for a in given if a.amount.field != "activity_per_surface"), None)
    if odd is not None:
        text = f"'{odd.amount.text}' does not scale with the patient's body surface"
        out.append((here, text, 'give activities per surface, e.g. "12.5 mCi/m^2"'))
    return out
