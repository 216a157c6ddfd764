"""What the trial of a study cannot say of that study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.errors import PdcraftError, Problem
from pdcraft.study.agent import conjugate_of

if TYPE_CHECKING:
    from pdcraft.io.toml_lines import TomlFile
    from pdcraft.study.model import StudyFile
    from pdcraft.study.trial_file import Trial

__all__ = ["trial_problems"]

AGENT = "CLR 131"  # whose patients the chain makes
OF_PATIENTS = ("patients", "phase2")


def trial_problems(study: StudyFile, trial: Trial, file: TomlFile) -> list[Problem]:
    """Faults of a trial of patients, read from `file`, in a study of another agent or host."""
    part = next((key for key in OF_PATIENTS if getattr(trial, key) is not None), None)
    if part is None:
        return []
    try:
        name = conjugate_of(study.agent).name
    except PdcraftError:  # the agent's own fault, which the run tells
        return []
    if name == AGENT and study.host.species == "human":
        return []
    return [
        file.problem(
            ("trial", part),
            f"patients are made for {AGENT} in humans, not for {name} ({study.host.species})",
            f"leave [trial.{part}] out: designs are then tried at fixed rates alone",
        )
    ]
