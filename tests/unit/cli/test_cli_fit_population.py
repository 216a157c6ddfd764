"""``pdcraft fit --population`` on an event table: one document, plots, bad input refused."""

import json
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app


@pytest.fixture
def theoph(tmp_path):
    text = files("pdcraft.validate").joinpath("cases", "kinetics", "theoph.csv").read_text()
    path = tmp_path / "theoph.csv"
    path.write_text(text)
    return path


def run(capsys, *arguments, status=0):
    assert run_app([*map(str, arguments), "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    kind = found["schema"].removeprefix("pdcraft.").removesuffix("/1")
    text = files("pdcraft.data").joinpath("schema", f"{kind}.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return found


def test_an_event_table_gives_its_document_and_page(capsys, theoph, tmp_path):
    page = tmp_path / "fit.html"
    found = run(
        capsys, "fit", theoph, "--population", "--model", "oral-1cpt-rates", "--plot", page,
        "--error", "additive",
    )  # fmt: skip
    assert found["n_subjects"] == 12
    # nlme, with ke random too: its value of CL, 0.0397, within 0.1 standard error
    assert found["typical"]["CL"] == pytest.approx(0.0397, rel=0.01, abs=0)
    html = page.read_text(encoding="utf-8")
    for part in ("individual-fits", "predictive-check", "weighted-residuals"):
        assert f'id="{part}"' in html
    assert "<script src=" not in html  # offline


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "is an event table: give --model"),
        (("--model", "oral-1ctp"), "did you mean 'oral-1cpt'"),
        (("--model", "iv-1cpt"), "observes compartment 2"),
        (("--model", "oral-1cpt", "--covariance", "ful"), "did you mean 'full'"),
        (("--model", "oral-1cpt", "--allometry", "yes"), "allometry: 'yes' is unknown"),
    ],
)
def test_bad_input_is_refused(capsys, theoph, options, says):
    found = run(capsys, "fit", theoph, "--population", *options, status=2)
    assert says in json.dumps(found["errors"])


def test_a_payload_is_asked_for_where_it_is_needed(capsys, theoph):
    assert "--payload is missing" in str(run(capsys, "fit", theoph, status=2)["errors"])
