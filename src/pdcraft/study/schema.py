"""JSON Schema of study files: editors complete keys with it and mark unknown ones."""

from __future__ import annotations

from typing import Any

__all__ = ["FILE_NAME", "study_schema"]

FILE_NAME = "study.schema.json"


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``pdcraft.study/1``, made from the models that read the files.

    Numbers with a unit are strings in it, as in the files; which units a key takes is checked
    when the study is read.
    """
    from pydantic.json_schema import models_json_schema

    from pdcraft.study.bench_model import BenchFile
    from pdcraft.study.model import StudyFile
    from pdcraft.study.trial_file import Trial, TrialPlace

    models = (StudyFile, BenchFile, Trial, TrialPlace)
    refs, schema = models_json_schema([(m, "validation") for m in models], by_alias=True)
    study = refs[StudyFile, "validation"]["$ref"].rsplit("/", 1)[1]
    # a table that the trial's own reader checks, or the name of a file that holds it
    schema["$defs"][study]["properties"]["trial"] = {
        "if": {"required": ["file"]},
        "then": refs[TrialPlace, "validation"],
        "else": refs[Trial, "validation"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pdcraft study file",
        # a file with a bench is a study of xenografts
        "if": {"required": ["bench"]},
        "then": refs[BenchFile, "validation"],
        "else": refs[StudyFile, "validation"],
        **schema,
    }
