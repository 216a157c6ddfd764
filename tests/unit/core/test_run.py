"""The record of a run: ids, limits, drivers."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.core.cohort import Cohort
from pdcraft.core.grid import Field, Grid
from pdcraft.core.quantity import quantity
from pdcraft.core.run import Citation, ResultRow, Run, Series, Subject, drivers_of
from pdcraft.errors import DataError, KindError

DOSE = quantity("absorbed_dose_coefficient")
FULL = {"value": 1.0, "sd": 0.1, "low": 0.8, "high": 1.2, "std_err": None}


def row(**changes):
    base = {"stage": "dosimetry", "quantity": DOSE, "origin": "computed", "summary": FULL}
    subject = Subject("CLR 131", "human", None, "red_marrow")
    return ResultRow(**{**base, "subject": subject, **changes})


def make_run(rows, citations=()):
    return Run("n", "s.toml", "0" * 64, 1, 100, 0.95, ("dosimetry",), rows, citations=citations)


def test_id_has_the_contract_form():
    assert row().id == "dosimetry/absorbed_dose_coefficient/red_marrow/CLR 131/human/-"
    timed = row(subject=Subject("CLR 131", "human", "cohort-1", None, 24.0))
    assert timed.id == "dosimetry/absorbed_dose_coefficient/-/CLR 131/human/cohort-1/24"
    with pytest.raises(DataError, match="holds a slash"):
        Subject("CLR 131", "human", "mCi/m2")


def test_computed_numbers_need_limits_and_published_do_not():
    bare = {**FULL, "low": None, "high": None}
    with pytest.raises(DataError, match="needs both limits"):
        row(summary=bare)
    assert row(summary=bare, origin="published").summary["low"] is None


def test_nan_is_refused():
    with pytest.raises(DataError, match="unknown is None, never NaN"):
        row(summary={**FULL, "sd": float("nan")})


def test_a_curve_is_read_only_and_finite():
    t = np.array([0.0, 1.0])
    curve = Series("kinetics", quantity("activity_fraction"), Subject(), "a.csv", t, t, t, t)
    with pytest.raises(ValueError, match="read-only"):
        curve.value[0] = 1.0
    with pytest.raises(DataError, match=r"activity_fraction/.*, high: value nan at index"):
        replace(curve, high=np.array([0.0, np.nan]))


def test_ids_are_unique_and_sources_cited():
    with pytest.raises(DataError, match="share the id"):
        make_run((row(), row()))
    with pytest.raises(DataError, match="cites 'x', which is not among"):
        make_run((row(sources=("x",)),))
    assert make_run((row(sources=("x",)),), (Citation("x", "text"),)).row(row().id).origin


def test_drivers_find_what_moves_a_result():
    # y = 3a + b with independent unit normals: shares of variance 0.9 and 0.1, c has none.
    # Rank correlation of normals is 6/pi asin(r/2): r² 0.9 becomes 0.891, 0.1 becomes 0.091
    rng = np.random.default_rng(5)
    a, b, c = rng.standard_normal((3, 20_000))
    found = drivers_of(3 * a + b, {"a": a, "b": b, "c": c, "fixed": np.ones(20_000)})
    assert [d.input for d in found] == ["a", "b"]
    # standard error of a squared correlation near 0.9 at n = 20,000 is about 0.0015
    assert found[0].share == pytest.approx(0.891, rel=0, abs=0.01)
    assert found[1].share == pytest.approx(0.091, rel=0, abs=0.02)


def test_correlated_drivers_do_not_exceed_the_whole():
    a = np.random.default_rng(6).standard_normal(1000)
    found = drivers_of(a, {"a": a, "same": 2 * a})
    assert [d.share for d in found] == [0.5, 0.5]


def test_cohort_shapes():
    with pytest.raises(DataError, match=r"wanted .draw, subject."):
        Cohort(("a", "b"), {}, {"nadir": np.ones(2)}, "d")
    with pytest.raises(DataError, match="distinct"):
        Cohort(("a", "a"), {}, {}, "d")
    good = Cohort(("a", "b"), {"mass_kg": np.ones(2)}, {"nadir": np.ones((5, 2))}, "d")
    with pytest.raises(ValueError, match="read-only"):
        good.outcomes["nadir"][0, 0] = 3


def test_grid_maps_millimeters_both_ways():
    affine = np.array([[0, -2, 0, 10], [3, 0, 0, -5], [0, 0, 4, 1], [0, 0, 0, 1.0]])
    grid = Grid((4, 5, 6), affine)
    assert grid.to_mm(np.array([1.0, 2.0, 3.0])).tolist() == [6.0, -2.0, 13.0]
    index = np.random.default_rng(7).random((50, 3)) * 4
    np.testing.assert_allclose(grid.to_index(grid.to_mm(index)), index, rtol=0, atol=1e-12)
    assert grid.voxel_mm.tolist() == [3.0, 2.0, 4.0]
    assert grid.voxel_mL == pytest.approx(0.024, rel=1e-12, abs=0)


def test_fields_add_only_on_one_grid_and_in_one_kind():
    dose, bed = quantity("absorbed_dose"), quantity("biologically_effective_dose")
    here = Grid((2, 2, 2), np.eye(4))
    shifted = Grid((2, 2, 2), np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]))
    one = np.ones((2, 2, 2))
    total = Field(here, one, dose, 3 * one) + Field(here, one, dose, 4 * one)
    assert total.std_err is not None
    assert total.std_err.max() == 5.0
    with pytest.raises(KindError, match="different grids"):
        _ = Field(here, one, dose) + Field(shifted, one, dose)
    with pytest.raises(KindError, match="cannot add"):
        _ = Field(here, one, dose) + Field(here, one, bed)
    with pytest.raises(DataError, match=r"values have shape \(3,\) but the grid is \(2, 2, 2\)"):
        Field(here, np.ones(3), dose)


def test_equal_values_drive_nothing():
    """Ties ranked in the order of the draws would correlate any two of them."""
    rng = np.random.default_rng(5)
    nearly_none = np.where(rng.random(2000) < 0.1, rng.random(2000), 0.0)
    half = np.where(rng.random(2000) < 0.5, rng.random(2000), 0.0)
    assert drivers_of(nearly_none, {"half": half}) == ()
