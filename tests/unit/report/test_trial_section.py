"""What a study's report says of its trial: the document's numbers, and where the rest is."""

import pytest
from fixed_trial import PHASE1, small_phase1

from pdcraft.report.trial_section import percent, trial_cards, trial_section, trial_sentences
from pdcraft.study.recipes.trial import CHAIN, run_trial


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return run_trial(small_phase1(tmp_path_factory.mktemp("section"), 40, 4), trials=200)


def test_the_table_has_the_selected_levels_with_errors(result):
    section = trial_section(result)
    assert section is not None
    table = section["table"]
    chain = [one for one in result.scenarios if one["name"] == CHAIN]
    assert [row[0] for row in table.rows] == [*result.doses, "none"]
    assert [c.text for c in table.columns[2:]] == [f"by {one['design']}" for one in chain]
    for column, one in enumerate(chain, start=2):
        shares = [*one["select"], one["select_none"]]
        errors = [*one["mcse"]["select"], one["mcse"]["select_none"]]
        assert [row[column] for row in table.rows] == list(map(percent, shares, errors))
    for row, rate in zip(table.rows, chain[0]["true_rate"], strict=False):
        assert row[1].startswith(f"{percent(rate)} (")


def test_the_summary_says_the_level_that_is_selected_most_often(result):
    (said,) = trial_sentences(result)
    chain = [one for one in result.scenarios if one["name"] == CHAIN]
    for card, one in zip(trial_cards(result), chain, strict=True):
        assert card.title.startswith(f"{one['design']}: right level")
        assert card.value == f"{100 * one['correct']:.0f}"
    for one in chain:
        k = max(range(len(result.doses)), key=lambda k: one["select"][k])
        share = percent(one["select"][k], one["mcse"]["select"][k])
        assert f"{one['design']} selects {result.doses[k]} most often ({share}%)" in said


def test_a_trial_at_fixed_rates_shows_how_often_designs_are_right(result, tmp_path):
    text = PHASE1.read_text(encoding="utf-8")
    before, _, after = text.partition("[trial.patients]")
    path = tmp_path / "trial.toml"
    path.write_text(before + "[trial.dlt]" + after.partition("[trial.dlt]")[2], encoding="utf-8")
    fixed = run_trial(path, trials=50)
    section = trial_section(fixed)
    assert section is not None
    assert section["figure"] is None
    assert "fixed true DLT rates alone" in section["sentences"][0]
    names = {s["name"] for s in fixed.scenarios}
    assert {row[0] for row in section["table"].rows} == names


def test_a_study_without_trial_has_no_section():
    assert trial_section(None) is None
    assert trial_sentences(None) == []
    assert trial_cards(None) == []
