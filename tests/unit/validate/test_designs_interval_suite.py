"""The interval part of ``pdcraft validate designs`` passes, and would not if a table were wrong."""

import pytest

from pdcraft.trial.boin import BoinRule
from pdcraft.validate import designs_interval
from pdcraft.validate.designs_interval import RATES, cases


@pytest.fixture(scope="module")
def found():
    return {case.name: case for case in cases()}


def test_all_cases_pass(found):
    assert len(found) > 30
    assert all(case.passed is True for case in found.values())


def test_every_case_says_where_its_reference_is_from(found):
    assert all(case.source and case.tolerance for case in found.values())
    assert sum("no independent anchor" in case.source for case in found.values()) == 2


def test_a_wrong_rule_fails(monkeypatch):
    monkeypatch.setattr("pdcraft.trial.boin.SAFE_SHARE", 0.65)
    failed = {case.name for case in cases() if not case.passed}
    assert any(name.startswith("BOIN lambda_e") for name in failed)
    assert any("rows of boundaries that differ" in name for name in failed)
    assert not any(name.startswith("mTPI-2") for name in failed)
    assert BoinRule(0.25).too_low == pytest.approx(0.1625)


def test_rates_are_those_of_the_stored_rows():
    for row in designs_interval.reference_rows("trials", "oc_R_boin_keyboard_crm.csv"):
        assert RATES[row["scenario"]][int(row["dose"]) - 1] == float(row["p_true"])
