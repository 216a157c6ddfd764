"""``pdcraft cell``: the document's keys and schema, the table, errors with a way out."""

import json
import time
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app

CELL = ("--nuclide", "I-125", "--cell-radius", "5 um", "--nucleus-radius", "4 um")


def _document(capsys, *arguments):
    code = run_app(["cell", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("method", ["transport", "mird"])
def test_document_keeps_its_schema(capsys, method):
    code, document = _document(capsys, *CELL, "--method", method)
    assert code == 0
    schema = files("pdcraft.data").joinpath("schema", "cell.schema.json").read_text()
    jsonschema.validate(document, json.loads(schema))
    assert document["method"] == method
    assert (document["cell_radius_um"], document["nucleus_radius_um"]) == (5.0, 4.0)
    assert set(document["S_Gy_per_Bq_s"]) == {"nucleus", "cytoplasm", "cell"}
    s = document["S_Gy_per_Bq_s"]["nucleus"]["cell_surface"]
    assert s["value"] > 0.0 and s["model_err"] > 0.0
    assert (document["progeny"], document["spectra"]) == ("prompt", "own")


def test_is_quick(capsys):
    start = time.perf_counter()
    assert _document(capsys, *CELL)[0] == 0
    assert time.perf_counter() - start < 20.0  # some tenths of a second; 45 s are allowed


def test_table_for_people(capsys):
    assert run_app(["cell", *CELL, "--nucleus-offset", "0.5 um"]) == 0
    out = capsys.readouterr().out
    assert "cell surface" in out and "± models" in out
    assert "progeny (prompt)" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nucleus-radius", "6 um"), "does not fit into a cell"),
        (("--cell-radius", "5 kg"), "5 kg"),
        (("--method", "mirdcell"), "'mirdcell' is not one of transport, mird"),
        (("--nuclide", "I-126"), "no decay data for nuclide 'I-126'"),
        (("--stay", "much"), "give one share"),
    ],
)
def test_bad_input(capsys, arguments, words):
    code, document = _document(capsys, *CELL, *arguments)
    assert code == 2
    assert words in json.dumps(document, ensure_ascii=False)
