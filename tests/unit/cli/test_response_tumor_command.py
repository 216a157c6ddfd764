"""``pdcraft response tumor`` and ``patients``: documents, numbers, and what is refused."""

import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

from pdcraft.cli import run_app

TISSUE = ("--alpha", "0.3", "--alpha-beta", "10 Gy", "--repair", "1.5 h")
COURSE = ("--dose", "20 Gy", "--half-life", "120 h")


def document(capsys, *arguments, status=0):
    assert run_app(["response", *arguments, "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    if status == 0:
        text = files("pdcraft.data").joinpath("schema", "response.schema.json").read_text()
        jsonschema.validate(found, json.loads(text))
    return found


def test_living_cells_of_a_tumor_by_hand(capsys):
    found = document(
        capsys, "tumor", "--mass", "0.2 g", "--growth", "4 d", *COURSE, *TISSUE, "--until", "50 d"
    )
    loss, mu = np.log(2) / 120, np.log(2) / 1.5
    given = 20 * (1 - np.exp(-loss * 1200))
    effect = 0.3 * given + 0.03 * 20**2 * loss / (loss + mu)
    want = 0.2 * 2 ** (50 / 4) * np.exp(-effect)
    # the quadratic part of what is still to come: 1e-3 of 0.15
    assert found["curve"]["bulk_g"][-1] == pytest.approx(want, rel=1e-3, abs=0)
    assert found["result"]["endpoint_at_d"] is None
    assert found["parameters"]["stem_share"] == 0.0


def test_stem_cells_regrow_and_an_endpoint_is_reached(capsys):
    plain = (*COURSE, *TISSUE, "--endpoint", "1 g")
    bulk = document(capsys, "tumor", *plain)
    stem = document(capsys, "tumor", *plain, "--stem-share", "0.02", "--stem-alpha", "0.05")
    assert stem["result"]["endpoint_at_d"] < bulk["result"]["endpoint_at_d"]
    assert stem["curve"]["stem_g"][0] == pytest.approx(0.002, rel=1e-12, abs=0)


def test_an_indication_lists_what_it_gave(capsys):
    found = document(capsys, "tumor", *COURSE, "--indication", "head_and_neck")
    assert len(found["assumed"]) == 3
    assert found["parameters"]["indication"] == "head_and_neck"


def test_patients_are_predicted_or_assumed(capsys):
    plain = ("patients", "--indication", "myeloma", "--activity", "2.3 GBq", "--at", "0 d")
    fitted = document(capsys, *plain)
    assert fitted["parameters"]["label"] == "predicted"
    assert fitted["parameters"]["fitted_on"] == "myeloma-above-60, 9 of 28"
    result, spread = fitted["result"], fitted["spread"]
    order = [result[f"{c}_or_better"] for c in ("MR", "PR", "VGPR", "CR")]
    assert order == sorted(order, reverse=True)
    assert spread["PR_or_better"]["low"] < result["PR_or_better"] < spread["PR_or_better"]["high"]
    prior = document(capsys, *plain, "--assumed")
    assert prior["parameters"]["label"] == "assumed"
    assert prior["parameters"]["fitted_on"] is None
    wide = prior["spread"]["PR_or_better"]
    assert (
        wide["high"] - wide["low"] > spread["PR_or_better"]["high"] - spread["PR_or_better"]["low"]
    )
    assert any("all assumed" in text for text in fitted["assumed"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tumor", *TISSUE), "no irradiation: give --dose with --half-life"),
        (("tumor", "--dose", "-2 Gy", "--half-life", "120 h", *TISSUE), "dose -2 Gy"),
        (("tumor", *COURSE, *TISSUE, "--stem-share", "1.2"), "share of stem cells 1.2"),
        (("tumor", *COURSE, *TISSUE, "--step", "0 d"), "steps of 0 d"),
        (("tumor", *COURSE, *TISSUE[:-1], "0 h"), "repair half-life 0 h"),
        (("patients", "--indication", "lung", "--activity", "1 GBq"), "would be a guess"),
        (
            ("patients", "--indication", "head-and-neck", "--activity", "2 GBq"),
            "per Gy of a prescribed dose",
        ),
        (("patients", "--indication", "myeloma", "--activity", "0 GBq"), "above zero"),
    ],
)
def test_refusals(capsys, arguments, message):
    found = document(capsys, *arguments, status=2)
    assert message in found["errors"][0]["message"] + " " + str(found["errors"][0]["hint"])
