"""Copies for analysts hold the same numbers, one a line, with their units named."""

import sys

import numpy as np
import pytest

from pdcraft.core.cohort import Cohort
from pdcraft.core.estimate import Estimate
from pdcraft.core.grid import Field, Grid
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError
from pdcraft.io import to_pandas, to_xarray

DOSE = QUANTITIES["absorbed_dose"]


def estimate():
    return Estimate(
        np.arange(6.0).reshape(2, 3),
        ("draw", "region"),
        DOSE,
        draws="d",
        regions=("liver", "brain", "kidneys"),
        period_h=np.inf,
    )


def test_an_estimate_becomes_one_line_a_number():
    table = to_pandas(estimate())
    assert list(table.columns) == ["draw", "region", "absorbed_dose_Gy"]
    one = table[(table.draw == 1) & (table.region == "brain")]
    assert one.absorbed_dose_Gy.item() == 4.0


def test_a_cohort_repeats_its_attributes_for_each_draw():
    cohort = Cohort(("a", "b"), {"age_years": [40, 60]}, {"nadir": [[1, 2], [3, 4]]}, "d")
    table = to_pandas(cohort)
    assert table.query("draw == 1 and subject == 'b'").nadir.item() == 4
    assert table.query("subject == 'b'").age_years.tolist() == [60, 60]


def test_terms_of_a_time_course_add_up_to_its_curve():
    c, r = np.array([[[[2.0, 1.0]], [[0.5, 0.25]]]]), np.array([[[[0.1, 0.2]], [[0.3, 0.4]]]])
    course = TimeCourse(
        ("tumor",),
        QUANTITIES["amount_fraction"],
        "d",
        coefficients=c.reshape(2, 1, 1, 2),
        rates_per_h=r.reshape(2, 1, 1, 2),
    )
    table = to_pandas(course)
    second = table[table.draw == 1]
    curve = (second.amount_fraction_fraction * np.exp(-3.0 * second.rate_per_h)).sum()
    assert curve == pytest.approx(course.at(np.array([3.0]))[1, 0, 0, 0], rel=1e-14, abs=0)


def test_a_map_keeps_its_place_in_mm():
    affine = np.diag([-2.0, 3.0, 4.0, 1.0])
    affine[:3, 3] = (10, 20, 30)
    values = np.arange(24.0).reshape(2, 3, 4)
    data = to_xarray(Field(Grid((2, 3, 4), affine), values, DOSE, std_err=np.ones((2, 3, 4))))
    place = Grid((2, 3, 4), affine).to_mm(np.array([1.0, 2.0, 3.0]))
    assert float(data.absorbed_dose.sel(x_mm=place[0], y_mm=place[1], z_mm=place[2])) == 23
    assert data.absorbed_dose.attrs["units"] == "Gy"
    assert float(data.std_err[0, 0, 0]) == 1


def test_an_oblique_map_has_no_axes_in_mm():
    turn = np.array([[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    data = to_xarray(Field(Grid((2, 2, 2), turn), np.zeros((2, 2, 2)), DOSE))
    assert data.absorbed_dose.dims == ("i", "j", "k")


def test_an_estimate_becomes_an_array_by_name():
    assert float(to_xarray(estimate()).sel(draw=0, region="kidneys")) == 2.0


def test_without_xarray_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(DataError, match=r"pip install .pdcraft\[xarray\]"):
        to_xarray(estimate())


@pytest.mark.parametrize("copy", [to_pandas, to_xarray])
def test_other_types_are_named(copy):
    with pytest.raises(DataError, match="not str"):
        copy("dose")
