"""The population part of the suite passes, and its cases have a reference from outside."""

from pdcraft.validate.response_population import cases


def test_all_pass():
    found = list(cases())
    assert len(found) == 8
    assert [case.name for case in found if not case.passed] == []
    assert all(case.source for case in found)
