"""Runs and tables of bodies in the organs suite: PENELOPE, mice, growth, balance, scaling."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.anatomy import stylised_body
from pdcraft.anatomy.volumes import region_volumes_cm3
from pdcraft.core.body_fractions import BodyFractions, Fractions
from pdcraft.data.body_fractions import body_fractions
from pdcraft.validate import organ_mouse, organ_runs, organ_trends, quadric_body


def test_solids_of_the_quadric_body_do_not_meet():
    """Its volumes are sums of formulas; PENELOPE's geometry takes no overlap."""
    body = quadric_body.quadric_body()
    found = region_volumes_cm3(body, 17, np.arange(len(body.regions)))
    # 2^17 Sobol points: 0.3% of the smallest, the thyroid
    np.testing.assert_allclose(found, body.volume_cm3, rtol=5e-3)
    assert body.volume_cm3.sum() == pytest.approx(np.pi * 18 * 10 * 50, rel=1e-12, abs=0)


@pytest.fixture
def at_100_keV(monkeypatch):
    """Fewer runs: photons of 100 keV, from the liver and the thyroid."""
    rows = [
        r
        for r in quadric_body.reference_rows("organs", "penelope_quadric_body.csv")
        if r["energy_keV"] == "100" and r["source"] in ("liver", "thyroid")
    ]
    monkeypatch.setattr(quadric_body, "reference_rows", lambda *_: rows)
    photons = replace(quadric_body.SETUPS[0], histories=100_000)
    monkeypatch.setattr(quadric_body, "SETUPS", (photons,))


def test_transport_agrees_with_penelope(at_100_keV):
    cases = list(quadric_body.cases())
    assert [c.name for c in cases if c.passed is False] == []
    assert sum(c.passed is True for c in cases) >= 3
    assert "mean square" in cases[-1].name
    assert cases[-1].passed
    assert len({c.name for c in cases}) == len(cases)


def test_a_wrong_density_would_be_seen(at_100_keV, monkeypatch):
    """5% of density moves self fractions by 3%: the sum over all pairs sees it."""
    right = quadric_body.material

    def denser(name):
        found = right(name)
        return replace(found, density_g_per_mL=1.05 * found.density_g_per_mL)

    monkeypatch.setattr(quadric_body, "material", denser)
    assert list(quadric_body.cases())[-1].passed is False


def test_electrons_reach_a_wall_as_in_penelope(monkeypatch):
    rows = [
        r
        for r in quadric_body.reference_rows("organs", "penelope_walled_body.csv")
        if r["energy_keV"] == "500"
    ]
    monkeypatch.setattr(quadric_body, "reference_rows", lambda *_: rows)
    monkeypatch.setattr(quadric_body, "SETUPS", quadric_body.SETUPS[1:])
    cases = list(quadric_body.cases())
    assert [c.name for c in cases if c.passed is False] == []
    wall = next(c for c in cases if "contents: fraction absorbed in urinary_bladder_wall" in c.name)
    assert wall.value == pytest.approx(wall.reference, rel=0.1, abs=0)  # 3% and 3%, one sigma each


def test_mouse_agrees_with_the_published_table():
    cases = list(organ_mouse.cases())
    assert [c.name for c in cases if c.passed is False] == []
    judged = {c.name.split(" in ")[1].split(",")[0] for c in cases if c.passed}
    organs = {"brain", "heart_wall", "kidneys", "liver", "pancreas", "skeleton", "spleen", "testes"}
    assert judged == organs
    shown = {c.name for c in cases if c.passed is None}
    assert any("lungs" in n for n in shown)
    assert len({c.name for c in cases}) == len(cases)
    for case in shown_of(cases, "self absorbed fraction of I-131's electrons"):
        if "lungs" not in case.name:  # another mouse, but the same organs within 40% of mass
            assert case.value == pytest.approx(case.reference, rel=0.05, abs=0)
    for case in shown_of(cases, "S of I-131's photons"):
        assert 0.3 < case.value / case.reference < 4.0  # the unit is right


def shown_of(cases, start):
    found = [c for c in cases if c.name.startswith(start)]
    assert len(found) == 4
    assert all(c.passed is None for c in found)
    return found


def test_trends_hold():
    cases = list(organ_trends.cases())
    assert [c.name for c in cases if c.passed is False] == []
    assert sum(c.passed is True for c in cases) == 9
    children = [c for c in cases if "child" in c.name]
    assert all("not validated" in c.tolerance for c in children)


def test_half_contents_convention_is_one_where_the_wall_gets_half():
    names = ("stomach_contents", "stomach_wall")
    per_g = np.array([[1 / 250.0, 0.5 / 250.0], [0.0, 1 / 150.0]])
    both = Fractions(np.array([100.0, 200.0]), np.stack([per_g, 0.5 * per_g]), np.zeros((2, 2, 2)))
    mass = np.array([250.0, 150.0])
    table = BodyFractions("stomach", names, names, mass, mass, both, both, None, "by hand")
    ratio = organ_trends.half_contents_ratio(table, "stomach", 100.0)
    assert ratio == pytest.approx(1.0, rel=1e-12, abs=0)
    assert organ_trends.half_contents_ratio(table, "stomach", 200.0) == pytest.approx(
        0.5, rel=1e-12
    )


def test_convention_is_above_the_transported_dose_at_all_energies():
    """Electrons reach a wall from one side and stop in it: its mean is below the surface's."""
    table = body_fractions("adult-male")
    for organ in organ_trends.CONTENTS:
        ratios = [organ_trends.half_contents_ratio(table, organ, e) for e in (50.0, 500.0, 2000.0)]
        assert ratios == sorted(ratios)
        assert ratios[-1] < 1.0


@pytest.mark.slow
def test_short_runs_balance_and_are_reciprocal():
    cases = list(organ_runs.cases())
    assert [c.name for c in cases if c.passed is False] == []
    scaled = [c for c in cases if c.name.startswith("mass scaling")]
    assert len(scaled) == 10
    for case in scaled:  # the documented size of the rule's error at half and one and a half
        assert case.value == pytest.approx(case.reference, rel=0.05, abs=0)


def test_reciprocity_sees_a_wrong_mass(monkeypatch):
    body = stylised_body("adult-male")
    density = np.array(body.density_g_per_mL)
    density[body.index("liver")] *= 1.5  # claimed, not transported
    wrong = replace(body, density_g_per_mL=density)
    prepared = organ_runs.prepare_body(body)
    monkeypatch.setattr(organ_runs, "prepare_body", lambda _: prepared)
    monkeypatch.setattr(organ_runs, "ENERGIES_keV", (100.0,))
    monkeypatch.setattr(organ_runs, "SOFT", ("liver", "kidneys", "spleen"))
    monkeypatch.setattr(organ_runs, "MIXED", ("lungs",))
    found = [c for c in organ_runs.reciprocity(wrong, 60_000) if "soft tissues" in c.name]
    assert found[0].passed is False
