"""A ``[trial]`` table in a study: the same trial as from a file of its own, and its files."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from pdcraft.cli import run_app
from pdcraft.errors import StudyError
from pdcraft.study.read import read_study
from pdcraft.study.recipes.trial import run_trial
from pdcraft.study.run import run_study
from pdcraft.study.schema import study_schema

EXAMPLE = Path(__file__).parents[3] / "examples" / "clr131_parameters"
TRIAL = """
[trial]
target = 0.25
doses = 3
trials = 200
max_n = 12
[[trial.design]]
method = "boin"
[[trial.design]]
method = "table"
table = "decisions.csv"
[[trial.estimand]]
endpoint = "DLT"
population = "treated"
treatment = "one infusion"
variable = "DLT within the window"
summary = "proportion"
[trial.estimand.strategies]
transfusion = "treatment-policy"
g-csf = "treatment-policy"
stem-cell-rescue = "composite"
infusion-withheld = "treatment-policy"
new-therapy = "while-on-treatment"
death-before-nadir = "composite"
progression-before-assessability = "while-on-treatment"
"""


@pytest.fixture
def study(tmp_path):
    rows = ["n,tox,decision"]
    for n in range(1, 13):
        rows += [f"{n},{t},{'E' if 6 * t < n else 'S' if 3 * t < n else 'D'}" for t in range(n + 1)]
    (tmp_path / "decisions.csv").write_text("\n".join(rows))
    (tmp_path / "carrier.toml").write_text((EXAMPLE / "carrier.toml").read_text())
    text = (EXAMPLE / "study.toml").read_text()
    path = tmp_path / "study.toml"
    path.write_text(text + TRIAL)
    head = 'schema = "pdcraft.trial/1"\nname = "alone"\nseed = 5\n'
    (tmp_path / "trial.toml").write_text(head + TRIAL)
    return path


def test_run_simulates_it(study):
    found = run_study(study, draws=60, seed=5)
    assert found.run.stages[-1] == "trial"
    assert found.inputs["decisions.csv"].startswith("n,tox,decision")
    alone = run_trial(study.parent / "trial.toml").document()
    assert found.trial.document()["scenarios"] == alone["scenarios"]


def test_editors_know_it(study):
    check = jsonschema.Draft202012Validator(study_schema())
    document = tomllib.loads(study.read_text())
    assert list(check.iter_errors(document)) == []
    document["trial"]["design"][0]["method"] = "bion"
    assert list(check.iter_errors(document)) != []


@pytest.mark.slow
def test_run_simulates_it_and_repeats_it(study, tmp_path):
    out = tmp_path / "out"
    asked = ["run", str(study), "--draws", "60", "--seed", "5", "--out"]
    assert run_app([*asked, str(out)]) == 0
    results = json.loads((out / "results.json").read_text())
    assert results["stages"][-1] == "trial"
    assert {"trial.html", "trial.json"} <= {f["path"] for f in results["files"]}
    found = json.loads((out / "trial.json").read_text())
    alone = run_trial(study.parent / "trial.toml").document()
    assert found["scenarios"] == json.loads(json.dumps(alone["scenarios"]))
    # the record holds the decision table too
    again = tmp_path / "again"
    assert run_app(["run", str(out / "run.json"), "--out", str(again)]) == 0
    assert (again / "trial.json").read_bytes() == (out / "trial.json").read_bytes()


def test_simulate_trial_takes_a_study(study):
    found = run_trial(study, seed=5)
    assert (
        found.document()["scenarios"]
        == run_trial(study.parent / "trial.toml").document()["scenarios"]
    )


def test_its_faults_are_faults_of_the_study(study):
    text = study.read_text().replace('method = "boin"', 'method = "bion"')
    study.write_text(text)
    with pytest.raises(StudyError) as caught:
        read_study(study)
    (fault,) = caught.value.problems
    assert fault.key == "trial.design.0.method"
    assert fault.line == text.splitlines().index('method = "bion"') + 1


def test_patients_of_another_agent_are_refused(study):
    text = study.read_text().replace("CLR 131", "CLR 125")
    study.write_text(text + '[trial.patients]\npopulation = "adults"\n')
    with pytest.raises(StudyError) as caught:
        read_study(study)
    said = [p.text() for p in caught.value.problems if p.key == "trial.patients"]
    assert any(
        "patients are made for CLR 131 in humans, not for CLR 125 (human)" in t for t in said
    )


def test_a_study_without_it_has_no_trial(study):
    study.write_text((EXAMPLE / "study.toml").read_text())
    with pytest.raises(StudyError, match="trial"):
        run_trial(study)
