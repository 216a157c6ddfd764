"""The cell part of ``pdcraft validate cells`` passes, and would not if the physics were wrong."""

import pytest

from pdcraft.validate import PARTS, SUITES, LONGER_minutes
from pdcraft.validate.cells_single import cases


@pytest.fixture(scope="module")
def found():
    return list(cases())


def test_nothing_fails(found):
    assert [c.name for c in found if c.passed is False] == []
    decided = [c for c in found if c.passed]
    assert len(decided) > 80


def test_every_reference_is_met(found):
    text = " ".join(c.source for c in found if c.passed)
    for source in ("EGSnrc", "PENELOPE", "EJNMMI Phys", "MIRDcell"):
        assert source in text
    assert all(c.suite == "cells" and c.source and c.tolerance for c in found)


def test_spheres_of_i125_and_i131_down_to_20_um(found):
    names = [c.name for c in found if c.passed and c.name.startswith("S of ")]
    assert {
        "S of I-125 in a sphere of 20 um, mGy/(MBq s)",
        "S of I-131 in a sphere of 100 um, mGy/(MBq s)",
    } <= set(names)


def test_other_model_is_shown_not_judged(found):
    shown = [c for c in found if "dielectric model" in c.name]
    assert shown
    assert all(c.passed is None for c in shown)


def test_suite_is_registered():
    assert "cells" in SUITES
    assert "cells" in LONGER_minutes
    assert PARTS["cells"][0] == "cells_single"
