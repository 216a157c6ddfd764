"""The editors' schema accepts every shipped study and marks what the reader refuses."""

import tomllib
from pathlib import Path

import jsonschema
import pytest

from pdcraft.study.schema import study_schema

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/study.toml"))
CHECK = jsonschema.Draft202012Validator(study_schema())


def faults(document):
    return [e.message for e in CHECK.iter_errors(document)]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda p: p.parent.name)
def test_shipped_studies_hold(file):
    assert faults(tomllib.loads(file.read_text(encoding="utf-8"))) == []


def test_an_unknown_key_and_a_bare_number_are_marked():
    document = tomllib.loads(EXAMPLES[0].read_text(encoding="utf-8"))
    document["host"]["bodymass"] = "80 kg"
    document["host"]["body_mass"] = 80
    said = " ".join(faults(document))
    assert "bodymass" in said
    assert "80 is not" in said
