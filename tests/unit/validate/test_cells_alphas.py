"""The alpha part of the cells suite: every case passes, each with a source of its own."""

from pdcraft.validate.cells_alphas import cases


def test_alpha_cases_pass():
    found = list(cases())
    assert not [c for c in found if not c.passed]
    assert len({c.name for c in found}) == len(found) >= 16
    assert {c.suite for c in found} == {"cells"}
    assert any("doi:10.1186/s40658-023-00564-5" in c.source for c in found)
