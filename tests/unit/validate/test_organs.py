"""The organs suite: what it decides, what it only shows."""

from pdcraft.validate.organs import cases


def test_no_case_fails_and_the_kinds_are_told_apart():
    found = list(cases())
    assert all(case.passed is not False for case in found)
    arithmetic = [c for c in found if c.name.startswith("arithmetic")]
    predicted = [c for c in found if c.name.startswith("predicted")]
    assert len(arithmetic) == 12
    assert all(c.passed and "proves units only" in c.tolerance for c in arithmetic)
    assert len(predicted) == 8
    assert all(c.passed is None and "difference" in c.tolerance for c in predicted)
    assert len({c.name for c in found}) == len(found)
    assert all(c.source and c.suite == "organs" for c in found)
