"""A user's own masses in a body's table."""

import pytest

from pdcraft.anatomy.masses import with_masses
from pdcraft.anatomy.stylised import stylised_body
from pdcraft.errors import DataError


@pytest.fixture(scope="module")
def man():
    return stylised_body("adult-male")


def test_own_masses_replace_the_table_s_and_keep_it(man):
    body = with_masses(man, {"liver": 2100.0, "red_marrow": 1000.0}, "CT of the patient")
    table = body.mass_table()
    assert table.name == "ICRP 89, own masses"
    assert table.mass_g("liver") == 2100.0
    assert table.mass_g("red_marrow") == 1000.0
    assert table.mass_g("total_body") == pytest.approx(73300.0, rel=1e-12, abs=0)
    assert table.scaled["liver"] == "own mass: CT of the patient"
    assert body.mass_table("ICRP 89").mass_g("liver") == 1800.0


def test_a_group_s_mass_is_shared_as_before(man):
    table = with_masses(man, {"skeleton": 9000.0}, "scan").mass_table()
    before = man.mass_table()
    assert table.mass_g("skeleton") == pytest.approx(9000.0, rel=1e-12, abs=0)
    want = before.mass_g("pelvis") * 9000 / 10500
    assert table.mass_g("pelvis") == pytest.approx(want, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"liver": 0.0}, "mass of liver is 0.0 g; it must be above zero"),
        ({"livr": 1.0}, "did you mean 'liver'"),
        ({"total_body": 70000.0}, "state theirs, or 'remainder'"),
    ],
)
def test_bad_masses_are_refused(man, changes, words):
    with pytest.raises(DataError, match=words):
        with_masses(man, changes, "scan")
