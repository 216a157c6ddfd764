"""TRIAL.toml: every fault with its line and the way out, all at once."""

from pathlib import Path

import pytest

from pdcraft.errors import StudyError
from pdcraft.study.trial_read import read_trial

EXAMPLES = Path(__file__).parents[3] / "examples"
PHASE1 = EXAMPLES / "clr131_phase1" / "trial.toml"
PHASE2 = EXAMPLES / "clover1_phase2" / "trial.toml"


def faults(tmp_path, *changes, source=PHASE1):
    text = source.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "trial.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        read_trial(path)
    return error.value.problems


@pytest.mark.parametrize("path", [PHASE1, PHASE2])
def test_examples_are_read(path):
    read, _ = read_trial(path)
    assert read.trial.estimand


def test_options_stand_in_for_the_file():
    read, _ = read_trial(PHASE1, seed=5, trials=77)
    assert (read.seed, read.trial.trials) == (5, 77)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("target = 0.25", "target = 1.25", "less than 1"),
        ("target = 0.25", "", "target is missing"),
        ("max_n = 30", "cohort = 0", "greater than or equal to 1"),
        ("max_n = 30", "cohort = 2", "3+3 treats cohorts of three"),
        ("accrual_per_month = 1.0", "# none", "tite-boin needs a calendar"),
        ('method = "boin"', 'method = "bion"', "'bion' is not one of"),
        ('method = "boin"', 'method = "boin", epsilon1 = 0.05', "belongs to keyboard, mtpi2, i3+3"),
        ('method = "boin"', 'method = "table"', "a table of one's own needs its file"),
        (
            'method = "boin"',
            'method = "table", table = "../a.csv"',
            "outside the folder of trial.toml",
        ),
        ('method = "boin"', 'method = "table", table = "a.csv"', "there is no file 'a.csv'"),
        ('method = "boin"', 'method = "crm"', "crm needs prior rates, in one way"),
        ('method = "boin"', 'method = "crm", halfwidth = 0.05', "needs the dose taken as MTD"),
        ('method = "boin"', 'method = "crm", skeleton = [0.1, 0.2]', "2 prior rates for 5 doses"),
        ('method = "boin"', 'method = "crm", skeleton = [0.1, 2.0]', "less than 1"),
        ('amount = "25 mCi/m^2"', 'amount = "25 mCi"', "not an activity per body surface"),
        ('amount = "25 mCi/m^2"', 'amount = "25 mCi/m^2", at = "0.5 d"', "on whole days"),
        ("for 7 d or neutrophils", "for 7 weeks or neutrophils", "a number of days"),
        ('window = "56 d"', 'window = "200 d"', "200 d, but visits end on day 112"),
        ('window = "56 d"', 'window = "56 Gy"', "takes a time"),
        ('origin = "assumed"', 'origin = "published"', "a published definition needs its source"),
        ('visits.until = "112 d"', 'visits.every = "36 h"', "1.5 d: whole days"),
        ('transfusion = "treatment-policy"', 'transfusion = "ignored"', "'ignored' is not one of"),
        ('transfusion = "treatment-policy"\n', "", "no strategy for transfusion"),
        (
            'endpoint = "DLT"',
            'endpoint = "toxicity"',
            "no estimand is stated of the endpoint 'DLT'",
        ),
        ('stem_cell_rescue = "pl', 'stem_cell_rescue = "p1', "'p' is not one of platelets"),
        ('new_therapy_after = "14 d"', 'withhold = "platelets < 75 for 7 d"', "counts of its day"),
        ('population = "clover1"', "", "is missing"),
        ("draws = 50", "draws = 1", "greater than or equal to 2"),
        ("max_n = 30", "max_n = 30\ndoses = 4", "numbers of doses differ: 4, 5"),
        ("max_n = 30", "maxn = 30", "did you mean 'max_n'?"),
    ],
)
def test_faults(tmp_path, old, new, words):
    found = faults(tmp_path, (old, new))
    assert any(words in f"{p.message} {p.hint or ''}" for p in found), found
    assert all(p.line for p in found)


def test_a_regimen_without_source_is_refused(tmp_path):
    said = ', source = "NCT02278315, cohort 3 (company release, 2017-02)"'
    (found,) = faults(tmp_path, (said, ""))
    assert found.key == "trial.level.2.source"
    assert found.message == "is missing"
    assert "25 mCi per m2" in found.source  # the line of that level


def test_all_faults_come_at_once(tmp_path):
    found = faults(
        tmp_path,
        ("accrual_per_month = 1.0", "# none"),
        ('amount = "25 mCi/m^2"', 'amount = "25 mCi"'),
        ('window = "56 d"', 'window = "200 d"'),
    )
    assert len(found) == 3
    assert [p.line for p in found] == sorted(p.line for p in found)


def test_scenarios_of_ones_own(tmp_path):
    scenario = '[[trial.scenario]]\nname = "mine"\ntrue_rate = [0.1, 0.2]\n'
    found = faults(tmp_path, ("[trial.patients]", scenario + "\n[trial.patients]"))
    assert "numbers of doses differ: 2, 5" in found[0].message
    wrong = scenario.replace("0.2]", "1.2, 0.1, 0.1, 0.1]")
    found = faults(tmp_path, ("[trial.patients]", wrong + "\n[trial.patients]"))
    assert "less than or equal to 1" in found[0].message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("p0 = 0.1 ", "p0 = 0.4 ", "p0 = 0.4 must lie below p1 = 0.3"),
        ('activity_high = "45 mCi"', 'activity_high = "40 mCi"', "lies below activity_low"),
        ('source = "CLOVER-1', '# source = "CLOVER-1', "is missing"),
        ('endpoint = "response"', 'endpoint = "ORR"', "no estimand is stated of the endpoint"),
    ],
)
def test_faults_of_phase2(tmp_path, old, new, words):
    found = faults(tmp_path, (old, new), source=PHASE2)
    assert any(words in f"{p.message} {p.hint or ''}" for p in found), found
