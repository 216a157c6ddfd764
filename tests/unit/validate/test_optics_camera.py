"""The camera's cases of `pdcraft validate optics` all pass and say against what."""

from pdcraft.validate.optics_camera import cases


def test_all_cases_pass():
    found = list(cases())
    assert len(found) >= 8
    assert all(case.suite == "optics" and case.source for case in found)
    assert [case.name for case in found if not case.passed] == []
