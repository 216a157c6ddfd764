"""``pdcraft cell``: the document's keys and schema, the table, errors with a way out."""

import json
import subprocess
import sys
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
    assert s["value"] > 0.0
    assert s["model_err"] > 0.0
    assert (document["progeny"], document["spectra"]) == ("prompt", "own")


def test_nothing_is_simulated_or_compiled():
    """Tables and geometry only: the answer waits for no compiler, whatever is cached."""
    code = f"""
import sys
from pdcraft.cli import run_app
assert run_app(["cell", *{CELL!r}, "--json"]) == 0
assert not {{"numba", "xraylib"}} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_common_options(capsys):
    _, plain = _document(capsys, *CELL)
    _, same = _document(capsys, *CELL, "--threads", "2", "--device", "cpu", "--precision", "0.01")
    assert same == plain
    _, finer = _document(capsys, *CELL, "--precision", "0.0003")
    assert "nucleus from cell surface" in finer["warnings"][0]
    assert "cytoplasm from cytoplasm" not in finer["warnings"][0]


def test_all_alphas_of_a_chain_count_where_nothing_else_is_asked(capsys):
    _, document = _document(capsys, *CELL, "--nuclide", "Ac-225")
    assert (document["progeny"], document["warnings"]) == ("equilibrium", [])
    _, prompt = _document(capsys, *CELL, "--nuclide", "Ac-225", "--progeny", "prompt")
    assert "Bi-213, Po-213 emit 30%" in prompt["warnings"][0]
    own, less = (d["S_Gy_per_Bq_s"]["cell"]["cell"]["value"] for d in (document, prompt))
    # Po-213: one of four, faster and so a quarter less of it in a cell; recoils beside
    assert 1.2 < own / less < 1.33


def test_table_for_people(capsys):
    assert run_app(["cell", *CELL, "--nucleus-offset", "0.5 um"]) == 0
    out = capsys.readouterr().out
    assert "cell surface" in out
    assert "± models" in out
    assert "progeny (prompt)" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nucleus-radius", "6 um"), "does not fit into a cell"),
        (("--cell-radius", "5 kg"), "5 kg"),
        (("--method", "mirdcell"), "'mirdcell' is not one of transport, mird"),
        (("--nuclide", "I-126"), "no decay data for nuclide 'I-126'"),
        (("--stay", "much"), "give one share"),
        (("--device", "cuda"), "this command computes on the CPU"),
    ],
)
def test_bad_input(capsys, arguments, words):
    code, document = _document(capsys, *CELL, *arguments)
    assert code == 2
    assert words in json.dumps(document, ensure_ascii=False)
