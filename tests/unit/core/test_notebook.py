"""What a notebook shows of a value: its numbers, its unit, nothing that could run."""

from dataclasses import replace

import numpy as np

from pdcraft.core.anatomy import Anatomy
from pdcraft.core.cohort import Cohort
from pdcraft.core.conjugate import Conjugate
from pdcraft.core.estimate import AXES, Estimate
from pdcraft.core.grid import Field, Grid
from pdcraft.core.notebook import MOST_ROWS, Table
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse

DOSE = QUANTITIES["absorbed_dose"]


def test_cells_are_escaped():
    shown = Table("<script>", ("a",), [("<b>",)]).html()
    assert "<script>" not in shown
    assert "&lt;b&gt;" in shown


def test_of_a_long_table_the_rest_is_counted():
    assert "5 more rows" in Table("t", ("a",), [(str(i),) for i in range(MOST_ROWS + 5)]).html()


def test_an_estimate_shows_mean_and_limits_of_each_region():
    values = np.stack([np.linspace(0, 40, 41), np.full(41, 7.0)], axis=1)
    shown = Estimate(
        values, ("draw", "region"), DOSE, draws="d", regions=("liver", "brain"), period_h=np.inf
    )._repr_html_()
    assert "<td>liver</td><td>20</td><td>1</td><td>39</td>" in shown
    assert "absorbed dose, Gy" in shown


def test_an_estimate_shows_every_time_and_says_of_how_many_subjects():
    rate = QUANTITIES["absorbed_dose_rate"]
    values = np.arange(24.0).reshape(2, 2, 2, 3)
    shown = Estimate(
        values, AXES, rate, draws="d", regions=("liver", "brain"), times_h=(0, 1.5, 2)
    )._repr_html_()
    assert "absorbed dose rate, Gy/h: 2 draws, 2 subjects" in shown
    assert "<th>region</th><th>time, h</th><th>mean</th><th>2.5 %</th>" in shown
    # brain at 1.5 h: 4, 10 in draw 0, 16, 22 in draw 1; limits of the subjects' mean, 7 and 19
    assert "<td>brain</td><td>1.5</td><td>13</td><td>7.3</td><td>18.7</td>" in shown


def test_an_estimate_of_no_region_shows_its_columns():
    shown = repr(Estimate(np.zeros((5, 0)), ("draw", "region"), DOSE, draws="d", period_h=np.inf))
    assert shown == "absorbed dose, Gy: 5 draws\nregion  mean  2.5 %  97.5 %"


def test_a_single_number_has_no_limits_but_its_monte_carlo_error():
    shown = Estimate(2.0, (), DOSE, std_err=0.25, period_h=np.inf)._repr_html_()
    assert "<th>mean</th><th>Monte Carlo error</th>" in shown
    assert "<td>2</td><td>0.25</td>" in shown


def test_a_time_course_shows_each_region_at_some_times():
    flat = np.stack([np.full((5, 2, 1), 0.25), np.full((5, 2, 1), 0.5)], axis=2)
    course = TimeCourse(
        ("tumor", "<b>"),
        QUANTITIES["amount_fraction"],
        "d",
        coefficients=flat,
        rates_per_h=0.0 * flat,
    )
    shown = course._repr_html_()
    assert "no physical decay: mean of 5 draws, 2 subjects" in shown
    assert "<th>24 h</th>" in shown
    assert "<td>tumor</td><td>0.25</td>" in shown
    assert "&lt;b&gt;" in shown
    assert "decays with 10 h" in course.activity(10.0)._repr_html_()
    times = np.linspace(3.0, 93.0, 91)
    shown = replace(
        course, coefficients=None, rates_per_h=None, times_h=times, values=flat + 0 * times
    )._repr_html_()
    assert "<th>3 h</th><th>25 h</th>" in shown  # its own times, first and last among them
    assert "<th>93 h</th>" in shown


def test_a_body_shows_its_regions(adult_male):
    i = adult_male.index("liver")
    volume, density = adult_male.volume_cm3[i], adult_male.density_g_per_mL[i]
    shown = f"<td>{volume:.4g}</td><td>{density:.4g}</td><td>{volume * density:.4g}</td>"
    assert shown in adult_male._repr_html_()
    assert "more rows" in adult_male._repr_html_()


def test_other_values_show_what_they_are():
    cohort = Cohort(("a", "b", "c"), {"age_years": [40, 50, 60]}, {}, "d")
    assert "<td>50</td>" in cohort._repr_html_()
    grid = Grid((4, 2, 2), np.diag([2.0, 2, 3, 1]))
    assert "<td>4 × 2 × 2</td><td>2 × 2 × 3</td><td>0, 0, 0</td>" in grid._repr_html_()
    assert (
        "<td>4</td><td>4</td><td>4</td>" in Field(grid, np.full((4, 2, 2), 4.0), DOSE)._repr_html_()
    )
    labels = np.zeros((4, 2, 2))
    mouse = Anatomy("mouse", "mouse", {"liver": 1.5}, "a <scale>", grid, labels, ("liver",))
    assert "mouse (mouse), 4 × 2 × 2 voxels; masses: a &lt;scale&gt;" in mouse._repr_html_()
    assert "<td>liver</td><td>1.5</td>" in mouse._repr_html_()
    assert "<td>Gy</td><td>needs its integration period</td>" in DOSE._repr_html_()
    assert "not disclosed" in Conjugate("X", None)._repr_html_()


def test_in_plain_text_a_value_is_an_aligned_table():
    rows = [("liver", "1.5"), *[("lungs", "1")] * MOST_ROWS]
    title, head, first, second, *_, last = (
        Table("masses", ("region", "g"), rows).text().splitlines()
    )
    assert (title, head, first, second) == ("masses", "region  g", "liver   1.5", "lungs   1")
    assert last == "1 more rows"


def test_a_value_of_many_draws_is_short_in_plain_text():
    values, regions = np.ones((5000, 3)), ("a", "b", "c")
    many = Estimate(values, AXES[::2], DOSE, regions=regions, draws="d", period_h=np.inf)
    assert "5000 draws" in repr(many)
    assert len(repr(many)) < 300
    # a value of a few words is written out as itself
    assert repr(DOSE).startswith("Quantity(key='absorbed_dose'")
