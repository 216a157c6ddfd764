"""The tumor part of the suite 'response': passes, shows every usable count, and can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdcraft.response.patient_evidence import response_items
from pdcraft.response.tumor_simeoni import paclitaxel_a2780
from pdcraft.validate import response_tumor


@pytest.fixture(scope="module")
def found():
    return list(response_tumor.cases())


def test_nothing_fails(found):
    assert [c.name for c in found if c.passed is False] == []
    assert sum(c.passed is True for c in found) == 4


def test_every_usable_count_is_shown_and_decides_nothing(found):
    used = {r.id: r for r in response_items() if r.use in ("fit", "predict")}
    shown = {c.name.split(":")[0]: c for c in found if c.name.split(":")[0] in used}
    assert set(shown) == set(used)
    for name, case in shown.items():
        assert case.passed is None
        assert case.reference == used[name].counts[0]
        assert ("inside" in case.tolerance) != ("MISS" in case.tolerance)
    assert "predicted" in shown["clover1-response"].tolerance
    assert "fitted" in shown["myeloma-above-60"].tolerance
    assert "assumed" in shown["head-and-neck-os-12"].tolerance


@pytest.mark.parametrize("name", ["lambda0_per_d", "lambda1_g_per_d", "k1_per_d", "k2"])
def test_a_parameter_off_by_a_thousandth_fails(monkeypatch, name):
    right = paclitaxel_a2780()
    wrong = replace(right, **{name: getattr(right, name) * 1.001})
    monkeypatch.setattr(response_tumor, "paclitaxel_a2780", lambda: wrong)
    cases = [c for c in response_tumor._simeoni() if c.passed is False]
    assert cases
