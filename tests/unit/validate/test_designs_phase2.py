"""The cases of Phase II and survival pass, and would not if what they judge were wrong."""

import numpy as np
import pytest

from pdcraft.trial.phase2 import inference
from pdcraft.trial.survival import crossing
from pdcraft.validate import designs_phase2


@pytest.mark.slow
def test_all_cases_pass():
    found = list(designs_phase2.cases())
    assert len(found) > 60
    assert [c.name for c in found if not c.passed] == []


def test_boundaries_are_the_reference_to_its_digits():
    for kind, (count, worst) in designs_phase2.boundary_differences().items():
        assert count >= 18, kind
        assert (worst < [1e-7, 1.1e-8, 2e-9]).all(), kind


def test_a_coarse_integral_is_seen(monkeypatch):
    monkeypatch.setattr(crossing, "ORDERS", (8,))
    worst = max(w[0] for _, w in designs_phase2.boundary_differences().values())
    assert worst > 1e-7


def test_an_estimate_that_forgets_the_first_stage_is_seen(monkeypatch):
    monkeypatch.setattr(inference, "umvue", lambda x, r1, n1, n: x / n)
    cases = designs_phase2._inference()
    assert any(not c.passed for c in cases if "unbiased" in c.name)


def test_lung_data_are_whole():
    data = designs_phase2.lung()
    assert data["time"].size == 228
    assert data["status"].sum() == 165  # deaths, as the package's help page says
    assert np.isnan(data["ph.ecog"]).sum() == 1
