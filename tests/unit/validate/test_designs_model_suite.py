"""The model part of ``pdcraft validate designs`` passes, and fails if a convention is wrong."""

import pytest

from pdcraft.trial.models.blrm_prior import BlrmPrior
from pdcraft.trial.models.utility import Boin12
from pdcraft.validate import designs_model
from pdcraft.validate.designs_model import NO_REFERENCE, cases


@pytest.fixture(scope="module")
def found():
    return {case.name: case for case in cases()}


def test_what_has_a_reference_passes(found):
    decided = [case for case in found.values() if case.passed is not None]
    assert len(decided) == 28
    assert all(case.passed for case in decided)
    assert all(case.source and case.tolerance for case in decided)


def test_what_has_none_says_so(found):
    open_ = [case for case in found.values() if case.passed is None]
    differ = [case for case in open_ if "trials that stop here" in case.name]
    assert [case.value for case in differ] == [5.0]
    open_ = [case for case in open_ if case not in differ]
    assert len(open_) == len(NO_REFERENCE)
    assert all(case.source.startswith("no independent reference") for case in open_)


def test_our_own_grid_is_no_anchor(found):
    blrm = [case for case in found.values() if case.name.startswith("BLRM")]
    assert len(blrm) == 5
    assert sum("typed from memory" in case.source for case in blrm) == 4


def test_wrong_utilities_fail(monkeypatch):
    monkeypatch.setitem(designs_model.BOIN12, "1", Boin12(5, 0.35, 0.25, 60.0, 40.0))
    case = next(designs_model._decisions())
    assert case.passed is False


def test_another_prior_is_not_that_of_bcrm(monkeypatch):
    monkeypatch.setattr(
        designs_model, "BlrmPrior", lambda mean, sd, rho: BlrmPrior((2.5, mean[1]), sd, rho)
    )
    failed = [case for case in designs_model._blrm() if case.passed is False]
    assert any("another sampler" in case.name for case in failed)


def test_a_wrong_prior_fails(monkeypatch):
    monkeypatch.setattr(designs_model, "SCALE", 1.0)
    failed = {case.name for case in designs_model._fits() if case.passed is False}
    assert any(name.startswith("crm_help_empiric_bayes") for name in failed)
    # maximum likelihood has no prior, and its own SD stands in the name of the others
    assert not any("mle" in name or "scale_2" in name for name in failed)


def test_a_design_without_coherence_fails(monkeypatch):
    monkeypatch.delattr("pdcraft.trial.models.crm_design.CrmDesign.decide_after")
    found = list(designs_model._characteristics())
    assert any(case.passed is False for case in found), [case.value for case in found]
