"""A study's ``[trial]``, the table or its file's name: the same trial as alone, and its files."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from fixed_trial import trial_table, write_decisions

from pdcraft.cli import run_app
from pdcraft.errors import StudyError
from pdcraft.study.read import read_study
from pdcraft.study.recipes.trial import CHAIN, run_trial
from pdcraft.study.record import run_record, study_of_record
from pdcraft.study.run import run_study
from pdcraft.study.schema import study_schema

EXAMPLE = Path(__file__).parents[3] / "examples" / "clr131_parameters"
TRIAL = "\n" + trial_table("boin", doses=3, trials=200, max_n=12)


@pytest.fixture
def study(tmp_path):
    write_decisions(tmp_path, 12)
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


def test_a_study_without_it_has_no_trial(study):
    study.write_text((EXAMPLE / "study.toml").read_text())
    with pytest.raises(StudyError, match="trial"):
        run_trial(study)


# ---- a study that names the trial's file -----------------------------------------------------

SEED = 20261121  # of the study; the trial's file says 5
LEVELS = """doses = 3
level = [
  { name = "low", source = "assumed", administration = [{ amount = "10 mCi/m^2" }] },
  { name = "middle", source = "assumed", administration = [{ amount = "20 mCi/m^2" }] },
  { name = "high", source = "assumed", administration = [
    { amount = "20 mCi/m^2" }, { amount = "20 mCi/m^2", at = "7 d" }] },
]"""
ARMS = """[[arm]]
name = "25 mCi per m2"
[[arm.administration]]
amount = "25 mCi/m^2"
duration = "30 min"
"""
NAMED = '\n[trial]\nfile = "trial.toml"\n'


@pytest.fixture
def named(study):
    text = (EXAMPLE / "study.toml").read_text()
    assert ARMS in text
    study.write_text(text.replace(ARMS, "") + NAMED)
    trial = study.parent / "trial.toml"
    trial.write_text(trial.read_text().replace("doses = 3", LEVELS))
    return study


@pytest.fixture
def run(named):
    return run_study(named, draws=60)


def test_the_named_trial_goes_by_the_seed_of_the_study(named, run):
    alone = run_trial(named.parent / "trial.toml", seed=SEED).document()
    assert run.trial.document() == alone
    assert run_trial(named).document() == alone
    assert run_trial(named, seed=5).document() != alone


def test_levels_are_the_arms_of_a_study_without_any(run):
    assert run.arms == {
        "low": "10 mCi/m^2 at 0 h",
        "middle": "20 mCi/m^2 at 0 h",
        "high": "20 mCi/m^2 at 0 h; 20 mCi/m^2 at 168 h",
    }
    dose = {
        r.subject.arm: r.summary["value"]
        for r in run.run.results
        if r.quantity.key == "absorbed_dose"
        and r.subject.region == "red_marrow"
        and r.origin == "computed"
    }
    assert dose["high"] == pytest.approx(4 * dose["low"], rel=1e-9, abs=0)
    assert [a.value for a in run.run.assumptions if a.id == "trial.arms"] == ["3 levels"]


def test_a_trial_in_a_folder_below_keeps_its_tables_beside_it(named):
    folder = named.parent / "phase1"
    folder.mkdir()
    for name in ("trial.toml", "decisions.csv"):
        (named.parent / name).rename(folder / name)
    named.write_text(named.read_text().replace("trial.toml", "phase1/trial.toml"))
    found = run_trial(named, trials=10)
    assert found.beside == ("phase1/trial.toml", "phase1/decisions.csv")
    assert found.file.seed == SEED


def test_arms_of_its_own_stay(named):
    named.write_text(named.read_text() + ARMS)
    study, _ = read_study(named)
    assert [arm.name for arm in study.arm] == ["25 mCi per m2"]


def test_what_the_study_gives_itself_stays(named):
    given = '\n[[administration]]\namount = "25 mCi/m^2"\n'
    named.write_text(named.read_text() + given)
    study, file = read_study(named)
    assert list(study.given) == [None]
    assert file.elsewhere == {}


def test_the_record_repeats_it(run):
    assert list(run.inputs) == ["study.toml", "carrier.toml", "trial.toml", "decisions.csv"]
    with study_of_record(run_record(run, 0.0)) as again:
        other = run_study(again, draws=60)
    assert other.trial.document() == run.trial.document()
    assert other.run.sha256 == run.run.sha256


@pytest.mark.parametrize(
    ("of", "old", "new", "key", "line", "words"),
    [
        ("study", "trial.toml", "none.toml", "trial.file", 'file = "none', "no file 'none.toml'"),
        ("study", "trial.toml", "../a.toml", "trial.file", 'file = "../', "outside the folder of"),
        ("study", 'file = "trial.toml"', "file = 3", "trial.file", "file = 3", "is no name of a"),
        ("study", NAMED, NAMED + "target = 0.2\n", "trial.target", "target", "stands beside file"),
        (
            "trial",
            "boin",
            "bion",
            "trial.design.0.method",
            'method = "bion"',
            "did you mean 'boin'",
        ),
        ("trial", '"low"', '"10/m2"', "trial.level.0.name", '{ name = "10/m2"', "is no name here"),
        ("trial", '"middle"', '"low"', "trial.level.1.name", "20 mCi", "two are called 'low'"),
        ("trial", "trial/1", "trial/2", "schema", "schema", "is not one of 'pdcraft.trial/1'"),
        ("trial", "[trial]", "[trial", None, "[trial", "is not TOML"),
    ],
)
def test_faults_tell_file_and_line(named, of, old, new, key, line, words):
    path = named.parent / f"{of}.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(StudyError) as caught:
        read_study(named)
    (fault,) = caught.value.problems
    assert (fault.file, fault.key) == (path.name, key)
    assert words in fault.text()
    assert line in path.read_text().splitlines()[fault.line - 1]


def test_what_a_level_lacks_in_the_study_is_told_of_the_level(named):
    text = named.read_text().replace("body_surface", "# body_surface")
    named.write_text(text)
    with pytest.raises(StudyError, match=r"trial\.toml: 4 problems") as caught:
        read_study(named)
    last = caught.value.problems[-1]
    assert last.key == "trial.level.2.administration.1.amount"
    assert "'20 mCi/m^2' needs the body surface" in last.message
    assert 'name = "high"' in last.source


def test_faults_of_both_files_stand_under_their_names(named):
    named.write_text(named.read_text().replace("draws = 2000", "draws = 2"))
    trial = named.parent / "trial.toml"
    trial.write_text(trial.read_text().replace("max_n = 12", "max_n = 0"))
    with pytest.raises(StudyError) as caught:
        read_study(named)
    heads = [line for line in str(caught.value).splitlines() if not line.startswith(" ")]
    assert heads == ["study.toml: 1 problem", "trial.toml: 1 problem"]


def test_patients_of_another_agent_are_refused(named):
    named.write_text(named.read_text().replace("CLR 131", "CLR 125"))
    trial = named.parent / "trial.toml"
    patients = '[trial.patients]\npopulation = "adults"\n'
    dlt = '[trial.dlt]\nexpression = "platelets < 25"\nwindow = "28 d"\n'
    trial.write_text(trial.read_text() + patients + dlt)
    with pytest.raises(StudyError) as caught:
        read_study(named)
    (fault,) = caught.value.problems
    assert (fault.file, fault.source) == ("trial.toml", "[trial.patients]")
    assert "made for CLR 131 in humans, not for CLR 125 (human)" in fault.message


def test_a_seed_at_fault_is_the_study_s(named):
    named.write_text(named.read_text().replace(f"seed = {SEED}", "seed = -1"))
    for read in (read_study, run_trial):
        with pytest.raises(StudyError) as caught:
            read(named)
        (fault,) = caught.value.problems
        assert (fault.file, fault.key, fault.source) == ("study.toml", "seed", "seed = -1")


def test_editors_know_the_name_of_the_file(named):
    check = jsonschema.Draft202012Validator(study_schema())
    document = tomllib.loads(named.read_text())
    assert list(check.iter_errors(document)) == []
    document["trial"]["target"] = 0.2
    assert list(check.iter_errors(document)) != []


# ---- the example, at a reduced size ----------------------------------------------------------


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phase1")
    sizes = {
        "study.toml": [("draws = 500", "draws = 50"), ("subjects = 30", "subjects = 4")],
        "trial.toml": [("n = 200 ", "n = 40 "), ("draws = 50", "draws = 4"), ("10000", "200")],
    }
    for name, changes in sizes.items():
        text = (EXAMPLE.parent / "clr131_phase1" / name).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / name).write_text(text)
    return run_study(folder / "study.toml")


def test_the_example_goes_from_structure_to_escalation(example):
    run = example.run
    assert run.stages == ("chemistry", "kinetics", "dosimetry", "response", "trial")
    levels = example.trial.doses
    assert tuple(example.arms) == levels

    def by_level(quantity, region):
        found = {
            r.subject.arm: r.summary["value"]
            for r in run.results
            if r.quantity.key == quantity
            and r.subject.region == region
            and r.origin not in ("published", "predicted")
        }
        return [found[level] for level in levels]

    for region in ("red_marrow", "liver", "lesion:plasmacytoma"):
        doses = by_level("absorbed_dose", region)
        assert doses == sorted(doses)
        assert doses[-1] == pytest.approx(3 * doses[0], rel=1e-9, abs=0)  # 37.5 over 12.5 mCi/m2
    nadirs = by_level("blood_count_nadir", "platelets")
    assert nadirs == sorted(nadirs, reverse=True)
    rates = [s["true_rate"] for s in example.trial.scenarios if s["name"] == CHAIN]
    assert len(rates) == 3  # designs, on the same patients
    assert rates[0] == sorted(rates[0])
    assert rates[0] == rates[1] == rates[2]
