"""What a notebook shows of a value: its numbers, its unit, nothing that could run."""

import numpy as np

from pdcraft.core.cohort import Cohort
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.estimate import Estimate
from pdcraft.core.grid import Field, Grid
from pdcraft.core.notebook import MOST_ROWS, table
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse

DOSE = QUANTITIES["absorbed_dose"]


def test_cells_are_escaped():
    shown = table("<script>", ("a",), [("<b>",)])
    assert "<script>" not in shown
    assert "&lt;b&gt;" in shown


def test_of_a_long_table_the_rest_is_counted():
    assert "5 more rows" in table("t", ("a",), [(str(i),) for i in range(MOST_ROWS + 5)])


def test_an_estimate_shows_mean_and_limits_of_each_region():
    values = np.stack([np.linspace(0, 40, 41), np.full(41, 7.0)], axis=1)
    shown = Estimate(
        values, ("draw", "region"), DOSE, draws="d", regions=("liver", "brain"), period_h=np.inf
    )._repr_html_()
    assert "<td>liver</td><td>20</td><td>1</td><td>39</td>" in shown
    assert "absorbed dose, Gy" in shown


def test_an_estimate_over_time_shows_its_shape():
    rate = QUANTITIES["absorbed_dose_rate"]
    shown = Estimate(np.ones((2, 3)), ("draw", "time"), rate, draws="d", times_h=(0, 1, 2))
    assert "2 × 3" in shown._repr_html_()


def test_other_values_show_what_they_are():
    course = TimeCourse(
        ("tumor",),
        QUANTITIES["amount_fraction"],
        "d",
        coefficients=np.ones((5, 1, 1, 2)),
        rates_per_h=np.ones((5, 1, 1, 2)),
    )
    assert "<td>tumor</td><td>5</td>" in course._repr_html_()
    assert "half-life 10 h" in course.activity(10.0)._repr_html_()
    cohort = Cohort(("a", "b", "c"), {"age_years": [40, 50, 60]}, {}, "d")
    assert "<td>50</td>" in cohort._repr_html_()
    field = Field(Grid((2, 2, 2), np.diag([2.0, 2, 3, 1])), np.full((2, 2, 2), 4.0), DOSE)
    assert "2 × 2 × 3" in field._repr_html_()
    assert "not disclosed" in Conjugate("X", None)._repr_html_()
