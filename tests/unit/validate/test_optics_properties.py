"""Cases of tissues and dyes pass, and each says where its reference is from."""

from pdcraft.validate.optics_properties import cases


def test_all_pass():
    found = list(cases())
    assert len(found) >= 14
    assert [c.name for c in found if not c.passed] == []
    assert all(c.source and c.tolerance for c in found)
    assert len({c.name for c in found}) == len(found)
