"""The bench suite: what decides passes, what was published decides nothing."""

import pytest

from pdcraft.validate import SUITES
from pdcraft.validate.bench import cases


@pytest.mark.slow
def test_suite():
    assert "bench" in SUITES
    found = list(cases())
    decided = [c for c in found if c.passed is not None]
    assert decided
    assert all(c.passed for c in decided)
    shown = [c for c in found if c.passed is None]
    ratios = {round(c.reference, 2) for c in shown if "survival" in c.name}
    assert ratios == {2.10, 1.11, 1.32}
    assert all("Gy" in c.tolerance or "Gy/MBq" in c.name for c in shown)
