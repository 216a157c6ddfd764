"""The organs suite: what it decides, what it only shows."""

import pytest

from pdcraft.validate import run_suites

#: At 50 keV the reference's photoelectric absorption is lower: pdcraft misses the rule there.
MISSED = {
    "adult-male": ("pancreas", "spleen"),
    "adult-female": ("brain", "breast", "kidneys", "pancreas", "spleen", "uterus"),
}


@pytest.mark.slow
def test_no_case_fails_and_the_kinds_are_told_apart():
    found = list(run_suites(("organs",)))
    assert [case.name for case in found if case.passed is False] == []
    missed = [case.name for case in found if "MISSES the rule" in case.tolerance]
    allowed = {f"photons in {r}, {body}," for body, regions in MISSED.items() for r in regions}
    assert all("farthest at 50 keV" in n for n in missed), missed
    assert all(any(n.startswith(a) for a in allowed) for n in missed), missed
    arithmetic = [c for c in found if c.name.startswith("arithmetic")]
    predicted = [c for c in found if c.name.startswith("predicted")]
    assert len(arithmetic) == 12
    assert all(c.passed and "proves units only" in c.tolerance for c in arithmetic)
    assert len(predicted) == 8
    assert all(c.passed is None and "difference" in c.tolerance for c in predicted)
    assert len({c.name for c in found}) == len(found)
    assert all(c.source and c.suite == "organs" for c in found)
