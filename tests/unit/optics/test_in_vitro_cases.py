"""The cases in vitro of ``pdcraft validate optics`` pass."""

from pdcraft.validate.optics_in_vitro import cases


def test_every_case_passes():
    found = list(cases())
    assert len(found) == 6
    assert all(case.passed for case in found), [c.name for c in found if not c.passed]
