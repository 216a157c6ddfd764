"""What a study's exposure table needs of the rest of the study: all that is missing, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.errors import DataError, PhysicsRangeError, Problem, StudyError
from pdcraft.exposure.drug import refuse_implausible, refuse_insoluble
from pdcraft.study.exposure.setup import MOUSE_g, doses_of, paclitaxel_g_per_mol

if TYPE_CHECKING:
    from pdcraft.io.toml_lines import TomlFile
    from pdcraft.study.exposure.table import Exposure
    from pdcraft.study.model import StudyFile

__all__ = ["exposure_problems"]

NMOL_PER_UMOL = 1000.0
MG_PER_NG = 1e-6
BODY_g = {"mouse": MOUSE_g, "human": 70_000.0}
MOST_DRAWS = 20_000  # two gigabytes of curves
At = tuple[str | int, ...]


def exposure_problems(study: StudyFile, file: TomlFile) -> list[Problem]:
    """Faults of the exposure table, each with its place in the file."""
    said = study.exposure
    assert said is not None
    faults = [*_inputs(study), *_own_drug(study, said), *_linker(said), *_amounts(study, said)]
    return [file.problem(*fault) for fault in faults]


def _inputs(study: StudyFile) -> list[tuple[At, str, str]]:
    out: list[tuple[At, str, str]] = []
    here: At = ("exposure",)
    if study.kinetics is None or study.kinetics.source != "calibrated":
        text = "the conjugate moves by the calibrated carrier model"
        out.append((here, text, 'add [kinetics] with source = "calibrated"'))
    for table in ("dosimetry", "response"):
        if getattr(study, table) is not None:
            text = f"[{table}] goes by the dose of a radionuclide, [exposure] by free drug"
            out.append(((table,), text, "leave one of them out; one study a payload"))
    if study.draws > MOST_DRAWS:
        text = f"{study.draws} draws of curves of every arm do not fit in memory"
        out.append((("draws",), text, f"at most {MOST_DRAWS}"))
    if len(study.lesion) != 1:
        text = f"exposure follows one tumor; here {len(study.lesion)}"
        out.append((here, text, "give exactly one [[lesion]]"))
    if not study.arm and not study.administration:
        out.append((here, "nothing is given", "add [[administration]] with an amount of drug"))
    return out


def _own_drug(study: StudyFile, said: Exposure) -> list[tuple[At, str, str]]:
    drug = said.drug
    if drug is None or drug.kill is None:
        return []
    here: At = ("exposure", "drug", "kill")
    if drug.kill.tag is None:
        text = "the kill rate has no concentration tag; a number per concentration means nothing"
        hint = "add [exposure.drug.kill.tag] with drug, species, site, binding and unit"
        return [(here, text, hint)]
    tag = drug.kill.tag
    if (tag.drug, tag.species, tag.site) != (drug.name, study.host.species, "plasma"):
        text = f"the tag is of {tag.drug} in {tag.species} {tag.site}"
        hint = f"it must be of {drug.name} in {study.host.species} plasma, which this study follows"
        return [((*here, "tag"), text, hint)]
    return []


def _linker(said: Exposure) -> list[tuple[At, str, str]]:
    linker = said.linker
    if said.index and said.map and said.drug is None and linker.mechanism != "half-lives":
        text = "the map is over half-lives in plasma and tumor, which this mechanism ties together"
        return [(("exposure", "map"), text, 'map = 0, or mechanism = "half-lives"')]
    if linker.plasma_saturates_at is not None and linker.mechanism != "half-lives":
        text = "an esterase in plasma goes with half-lives"
        return [(("exposure", "linker", "plasma_saturates_at"), text, "leave one of them out")]
    if linker.plasma_saturates_at is not None and said.constraint != "none":
        text = "the published ratio's dose is not told, and a linker that saturates depends on it"
        return [
            (("exposure", "constraint"), text, 'constraint = "none", or no plasma_saturates_at')
        ]
    return []


def _body_g(study: StudyFile) -> float:
    return study.host.body_mass or BODY_g[study.host.species]


def _amounts(study: StudyFile, said: Exposure) -> list[tuple[At, str, str]]:
    """Amounts of drug, within the solubility where it is said."""
    out: list[tuple[At, str, str]] = []
    if (said.volume is None) != (said.solubility is None):
        missing = "volume" if said.volume is None else "solubility"
        out.append((("exposure",), f"{missing} is missing", "give volume and solubility together"))
    mass = paclitaxel_g_per_mol() if said.drug is None else said.drug.molar_mass
    for path, one in study.administrations():
        try:
            (dose,) = doses_of([one], mass, said.drug_per_carrier)
            refuse_implausible(dose.payload_nmol * mass * MG_PER_NG, _body_g(study), "dose")
            if said.volume is not None and said.solubility is not None:
                umol = dose.payload_nmol / said.drug_per_carrier / NMOL_PER_UMOL
                refuse_insoluble(umol, said.volume, said.solubility / NMOL_PER_UMOL, "conjugate")
        except (DataError, StudyError) as error:
            fault = error.problems[0]
            out.append(((*path, "amount"), fault.message, fault.hint or ""))
        except PhysicsRangeError as error:
            out.append(((*path, "amount"), str(error), ""))
    return out
