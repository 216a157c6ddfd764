"""JSON Schema of study files: editors complete keys with it and mark unknown ones."""

from __future__ import annotations

from typing import Any

__all__ = ["FILE_NAME", "study_schema"]

FILE_NAME = "study.schema.json"


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``pdcraft.study/1``, made from the model that reads the files.

    Numbers with a unit are strings in it, as in the files; which units a key takes is checked
    when the study is read.
    """
    from pdcraft.study.model import StudyFile

    schema = StudyFile.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "pdcraft study file",
    }
