"""What any comparison of payloads needs of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.errors import Problem

if TYPE_CHECKING:
    from pdcraft.io.toml_lines import TomlFile
    from pdcraft.study.model import StudyFile

__all__ = ["comparison_problems"]


def comparison_problems(study: StudyFile, file: TomlFile, *place: str) -> list[Problem]:
    """List what a study lacks whose table at `place` sets payloads beside each other."""
    if study.is_calibrated and study.dosimetry is not None and study.lesion:
        return []
    return [
        file.problem(
            place,
            "payloads beside each other need the calibrated carrier, marrow doses and a tumor",
            'add [kinetics] source = "calibrated", [dosimetry] and one [[lesion]]',
        )
    ]
