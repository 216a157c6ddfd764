"""``pdcraft simulate-trial``: its document, its page, its refusals."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from fixed_trial import HEAD, trial_table, write_decisions

from pdcraft.cli import run_app
from pdcraft.trial.three_plus_three import exact

EXAMPLES = Path(__file__).parents[3] / "examples"
FIXED = HEAD + trial_table("3+3", "keyboard", doses=4, trials=4000, max_n=24)


def document(capsys, *arguments):
    assert run_app(["simulate-trial", *map(str, arguments), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    text = files("pdcraft.data").joinpath("schema", "simulate-trial.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return found


@pytest.fixture
def fixed(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text(FIXED, encoding="utf-8")
    write_decisions(tmp_path, 24)
    return path


def test_fixed_rates_with_default_scenarios(capsys, fixed):
    found = document(capsys, fixed)
    assert len({s["name"] for s in found["scenarios"]}) >= 8
    assert {s["design"] for s in found["scenarios"]} >= {"Keyboard", "decisions.csv"}
    for one in found["scenarios"]:
        if one["design"] != "3+3 (confirm)" or one["name"] == "half after the window":
            continue
        want = exact(one["true_rate"], "confirm")
        for got, p in zip(one["select"], want.select, strict=True):
            # 4,000 trials; 40 comparisons at 5 errors: 1 in 40,000
            assert abs(got - p) <= 5 * (p * (1 - p) / 4000) ** 0.5 + 1e-9
    assert found["delayed"] is None
    assert found["phase2"] is None


def test_scenarios_of_ones_own_and_seed(capsys, fixed):
    own = '[[trial.scenario]]\nname = "mine"\ntrue_rate = [0.1, 0.1, 0.3, 0.2]\n'
    text = fixed.read_text() + own
    fixed.write_text(text, encoding="utf-8")
    found = document(capsys, fixed, "--trials", "200", "--seed", "9")
    assert [s["name"] for s in found["scenarios"]] == ["mine"] * 3
    assert (found["seed"], found["trials"]) == (9, 200)
    assert found["scenarios"][0]["true_rate"] == [0.1, 0.1, 0.3, 0.2]


def test_crm_by_either_prior_and_an_impossible_skeleton(capsys, fixed):
    made = 'method = "crm"\nhalfwidth = 0.08\nprior_mtd = 3'
    fixed.write_text(FIXED.replace('method = "keyboard"', made), encoding="utf-8")
    found = document(capsys, fixed, "--trials", "300")
    low, high = (
        next(s for s in found["scenarios"] if s["name"] == name and s["design"].startswith("CRM"))
        for name in ("target at dose 1", "all safe")
    )
    assert low["select"][3] < 0.1 < 0.5 < high["select"][3]
    falling = 'method = "crm"\nskeleton = [0.1, 0.3, 0.2, 0.4]'
    fixed.write_text(FIXED.replace('method = "keyboard"', falling), encoding="utf-8")
    assert run_app(["simulate-trial", str(fixed), "--json"]) == 2
    assert "prior rates rise from dose to dose" in capsys.readouterr().out


def test_phase2_document_and_page(capsys, tmp_path):
    page = tmp_path / "page.html"
    found = document(capsys, EXAMPLES / "clover1_phase2" / "trial.toml", "--report", page)
    part = found["phase2"]
    assert part["rule"] == {"r1": 1, "n1": 10, "r": 5, "n": 29}  # Simon 1989: p0 .1, p1 .3
    assert part["rate_over_evaluable"]["mean"] > part["rate_over_treated"]["mean"]
    go = part["by_draw"]["go"]
    assert part["assurance"]["mean"] == pytest.approx(sum(go) / len(go), rel=1e-9, abs=0)
    assert part["pfs_bias_months"]["mean"] > 0  # seen at the next visit: too long
    text = page.read_text(encoding="utf-8")
    for words in ("ICH E9(R1)", "composite: the event is itself", "research use only"):
        assert words in text


def test_readable_tables(capsys, fixed):
    assert run_app(["simulate-trial", str(fixed), "--trials", "100"]) == 0
    out = capsys.readouterr().out
    assert "target at dose 1: Keyboard, 100 trials" in out
    assert "estimand: DLT" in out


@pytest.mark.parametrize("wrong", ["target = 0", "target = 1.5", "target = -0.2"])
def test_bad_input_ends_with_2(capsys, fixed, wrong):
    fixed.write_text(FIXED.replace("target = 0.25", wrong), encoding="utf-8")
    assert run_app(["simulate-trial", str(fixed), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "pdcraft.error/1"
    assert found["errors"][0]["key"] == "trial.target"
    assert found["errors"][0]["line"] == 6


def test_a_table_that_is_not_monotone_is_refused(capsys, fixed):
    table = fixed.parent / "decisions.csv"
    table.write_text(table.read_text().replace("6,3,D", "6,3,E"), encoding="utf-8")
    assert run_app(["simulate-trial", str(fixed), "--json"]) == 2
    assert "decisions.csv" in capsys.readouterr().out


def test_missing_file_and_page(capsys, fixed):
    assert run_app(["simulate-trial", "nowhere.toml"]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert run_app(["simulate-trial", str(fixed), "--report", "page.pdf"]) == 2
    assert "must end in .html" in capsys.readouterr().err


def test_a_phase_2_prints_its_answers(capsys):
    file = EXAMPLES / "clover1_phase2" / "trial.toml"
    small = ["--trials", "200"]
    found = document(capsys, file, *small)["phase2"]
    assert run_app(["simulate-trial", str(file), *small]) == 0
    said = capsys.readouterr().out
    assert "PR or better response in multiple-myeloma" in said
    assert "nothing is written; --report PAGE.html" in said
    for key in ("rate", "assurance"):
        assert f"{100 * found[key]['mean']:.3g}" in said
