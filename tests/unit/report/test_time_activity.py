"""The fit's page says its document; the figure shows measured points and bands of the draws."""

from pathlib import Path

import numpy as np
import pytest
from report_page import Page

from pdcraft.io.biodist import read_biodist
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.region_fit import FitOptions
from pdcraft.report.time_activity import fitted_panels
from pdcraft.report.time_activity_page import time_activity_html
from pdcraft.report.words import number

EXAMPLE = Path(__file__).parents[3] / "examples" / "mouse_i131" / "biodistribution.csv"


@pytest.fixture(scope="module")
def found():
    return fit_biodistribution(read_biodist(EXAMPLE), "I-131", options=FitOptions(draws=200))


@pytest.fixture(scope="module")
def panels(found):
    return fitted_panels(found)


def traces(panels, name):
    return [t for panel in panels for t in panel.figure.data if t.name == name]


def test_one_panel_per_region_with_its_unit(panels):
    assert (panels[0].title, panels[0].unit) == ("tumor", "%IA/g")
    assert len(panels) == 6


def test_points_are_the_printed_values_with_their_sem(panels):
    blood = traces(panels, "measured")[1]
    # PMC4154813, Table I: blood 36.34 (2.70), 5.87 (0.63) ... 0.36 (0.09)
    assert [blood.y[i] for i in (0, 1, -1)] == pytest.approx([36.34, 5.87, 0.36], rel=1e-12, abs=0)
    assert blood.error_y.array[0] == pytest.approx(2.70, rel=1e-12, abs=0)


def test_the_mean_lies_in_its_band_and_activity_below_the_carrier(panels):
    bands = traces(panels, "95% of the draws")
    means = traces(panels, "carrier")
    decayed = traces(panels, "activity")
    assert len(bands) == len(means) == len(decayed) == 6
    for band, mean, activity in zip(bands, means, decayed, strict=True):
        n = len(mean.x)
        y, high, low = np.array(mean.y), np.array(band.y[:n]), np.array(band.y[n:])[::-1]
        assert np.all((y <= high) & (y >= low))
        # I-131, half-life 8.0 d: 10% lost at 30 h; both have five digits
        assert activity.y[-1] / mean.y[-1] == pytest.approx(0.5 ** (30 / 192.56), rel=1e-4, abs=0)


def test_the_tables_say_the_fit_s_document(found):
    page = Page(time_activity_html(found, data="biodistribution.csv"))
    regions = found.document()["regions"]
    rows = page.table("Time-integrated activity coefficients").rows
    assert [row[0] for row in rows] == list(regions)
    for row, entry in zip(rows, regions.values(), strict=True):
        ends = (entry["tiac_h_per_g"][end] for end in ("value", "low", "high"))
        assert row[1:4] == [number(v) for v in ends]
        assert row[4:6] == ["h/g", entry["model"]]
        assert row[-1] == f"{100 * entry['extrapolated_share']:.0f}"
    models = page.table("Models and their weights")
    column = models.columns().index("exp2")
    for row, entry in zip(models.rows, regions.values(), strict=True):
        assert row[column] == f"{entry['weights']['exp2']:.3f}"
        assert row[-1] == "a b"  # refused
    assert "exp3: 6 values for 6 parameters" in page.text
    without = page.table("The same without a model").rows
    assert [row[1] for row in without] == [
        number(entry["nca"][0]["value"]) for entry in regions.values()
    ]
    values = page.table("Values that were fitted").rows
    assert ["blood", "0", "36.34", "2.7", "%IA/g"] in values
    assert len(values) == sum(entry["n"] for entry in regions.values())


def test_what_was_assumed_and_warned_of_is_said(found):
    text = " ".join(Page(time_activity_html(found)).text.split())
    assert "tumor extrapolated:" in text
    assert "after the last measurement the fitted curve goes on" in text
    other = " ".join(Page(time_activity_html(found.for_payload("Lu-177"))).text.split())
    assert "coefficients of Lu-177, with the biology seen with I-131" in other
    assert "measured with I-131" in other


def test_the_band_of_several_subjects_holds_their_spread(tmp_path):
    rng = np.random.default_rng(8)
    hours = np.array([1.0, 4, 8, 16, 24, 48, 72])
    lines = ["region,time_h,value,unit,subject"]
    sizes = (10.0, 20.0, 14.0, 7.0)  # %IA at the start: logarithms 2.30, 3.00, 2.64, 1.95
    for i, size in enumerate(sizes):
        values = size * np.exp(-0.03 * hours) * np.exp(0.01 * rng.standard_normal(hours.size))
        lines += [f"liver,{t},{v:.5g},%IA,m{i}" for t, v in zip(hours, values, strict=True)]
    (tmp_path / "mice.csv").write_text("\n".join(lines) + "\n")
    table = read_biodist(tmp_path / "mice.csv")
    found = fit_biodistribution(table, "I-131", options=FitOptions(draws=400))
    panels = fitted_panels(found)
    (band,) = traces(panels, "95% limits of the typical curve")
    (line,) = traces(panels, "carrier")
    n = len(line.x)
    factor = np.array(band.y[:n]) / np.array(line.y)
    # t with 3 degrees of freedom, 3.182, times SD of the logarithms 0.4487 over 2: a factor 2.04
    assert factor[n // 4 : n // 2] == pytest.approx(2.04, rel=0.1, abs=0)  # noise of 1% and draws
    assert line.y[n // 2] == pytest.approx(11.83 * np.exp(-0.03 * line.x[n // 2]), rel=0.05)
    assert [t.name for t in panels[0].figure.data if t.line.width == 1] == ["m0", "m1", "m2", "m3"]
    assert "carrier, one subject each" in time_activity_html(found)
