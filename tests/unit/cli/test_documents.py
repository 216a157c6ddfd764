"""Every ``--json`` prints one document that its schema accepts; bad input prints the error one."""

import json
from importlib.resources import files

import jsonschema
import pytest
import typer.main

from pdcraft.cli import app, run_app


def schema(name):
    text = files("pdcraft.data").joinpath("schema", f"{name}.schema.json").read_text()
    return json.loads(text)


def document(capsys, *arguments, status=0):
    """Run a command line and return the one document on its standard output."""
    assert run_app([*arguments, "--json"]) == status
    out = capsys.readouterr().out
    assert out.endswith("\n")
    assert "NaN" not in out
    assert "Infinity" not in out
    found = json.loads(out)
    kind = found["schema"].removeprefix("pdcraft.").removesuffix("/1")
    jsonschema.validate(found, schema(kind))
    return found


COMMANDS = {
    "agents": ("agents",),
    "agents-one": ("agents", "CLR 131"),
    "compose": ("compose", "--smiles", "CCCCCCCCCCCCCCCCOP(=O)([O-])OCC[N+](C)(C)C"),
    "sphere": ("sphere", "--nuclide", "I-131", "--mass", "10 g"),
    "kernel": (
        "kernel",
        "--nuclide",
        "I-125",
        "--voxel",
        "1 mm",
        "--extent",
        "1",
        "--max-decays",
        "2000",
    ),
    "sphere-transport": (
        "sphere",
        "--nuclide",
        "I-125",
        "--radius",
        "1 mm",
        "--transport",
        "--precision",
        "0.2",
    ),
    "sphere-radius": ("sphere", "--nuclide", "Y-90", "--radius", "12 mm"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=list(COMMANDS))
def test_commands_print_their_document(capsys, arguments):
    assert document(capsys, *arguments)["schema"] == f"pdcraft.{arguments[0]}/1"


ALL = (
    "run", "new", "cite", "agents", "compose", "fit", "sphere", "kernel", "voxel-dose",
    "organ-dose", "validate",
)  # fmt: skip


@pytest.mark.parametrize("command", ALL)
def test_every_command_takes_json_and_seed(capsys, command):
    assert run_app([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert "--seed" in text


BAD = {
    "unknown agent": ("agents", "CLR 999"),
    "unknown nuclide": ("sphere", "--nuclide", "I-999", "--mass", "1 g"),
    "no unit": ("sphere", "--nuclide", "I-131", "--mass", "1"),
    "negative mass": ("sphere", "--nuclide", "I-131", "--mass", "-1 g"),
    "no such option": ("sphere", "--nuclde", "I-131"),
    "no such command": ("sfere",),
    "no such study": ("run", "nowhere.toml"),
    "no such suite": ("validate", "chemisty"),
    "no results": ("cite", "nowhere"),
    "bad smiles": ("compose", "--smiles", "C(C"),
    "bad name": ("new", "../up"),
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=list(BAD))
def test_bad_input_prints_the_error_document_with_status_2(capsys, arguments):
    found = document(capsys, *arguments, status=2)
    assert found["schema"] == "pdcraft.error/1"
    assert found["errors"][0]["message"]


def test_bad_input_speaks_to_people_on_standard_error(capsys):
    assert run_app(["agents", "CLR 13"]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "CLR 131" in streams.err  # the near match


def test_failed_validation_has_status_1(capsys, monkeypatch):
    from pdcraft.validate import Case

    bad = Case("chemistry", "n", 1.0, 2.0, "t", "s", False)
    monkeypatch.setattr("pdcraft.validate.run_suites", lambda *_, **__: iter([bad]))
    assert document(capsys, "validate", status=1)["failed"] == 1


def test_a_schema_refuses_what_it_must():
    # a schema that accepts everything would make the tests above empty
    good = {"schema": "pdcraft.error/1", "errors": []}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(good, schema("error"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "pdcraft.validate/1", "cases": [{}]}, schema("validate"))


def printed_kinds():
    """Schema name of every command: its own, that of its group, or of the results."""
    for name, command in typer.main.get_command(app).commands.items():
        if name == "design":
            yield from (f"design-{design}" for design in command.commands)
        else:
            yield "results" if name in ("run", "bench") else name


@pytest.mark.parametrize("kind", sorted({*printed_kinds(), "s-values", "fit-population"}))
def test_every_command_has_a_schema_of_its_document(kind):
    held = schema(kind)
    assert held["properties"]["schema"] == {"const": f"pdcraft.{kind}/1"}
    assert "schema" in held["required"]


@pytest.mark.parametrize(
    "name", sorted(p.name for p in files("pdcraft.data").joinpath("schema").iterdir())
)
def test_schemas_are_valid(name):
    jsonschema.Draft202012Validator.check_schema(schema(name.removesuffix(".schema.json")))
