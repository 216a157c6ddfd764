"""The cases of clusters: all decided ones pass, and what is biology is not decided."""

import pytest

from pdcraft.validate.cells_clusters import cases


@pytest.mark.slow
def test_cases_pass():
    found = list(cases())
    assert [c.name for c in found if c.passed is False] == []
    assert sum(c.passed is True for c in found) >= 30
    open_ones = [c for c in found if c.passed is None]
    assert all("labelled: mean lethal dose" in c.name for c in open_ones)
    assert len(open_ones) == 3
    assert {c.suite for c in found} == {"cells"}
