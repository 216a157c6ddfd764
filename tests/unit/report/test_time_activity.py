"""The fit's figure shows the points that were measured and the band of the draws."""

from pathlib import Path

import numpy as np
import pytest

from pdcraft.io.biodist import read_biodist
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.region_fit import FitOptions
from pdcraft.report.time_activity import time_activity_figure

EXAMPLE = Path(__file__).parents[3] / "examples" / "mouse_i131" / "biodistribution.csv"


@pytest.fixture(scope="module")
def figure():
    result = fit_biodistribution(read_biodist(EXAMPLE), "I-131", options=FitOptions(draws=200))
    return time_activity_figure(result)


def test_one_panel_per_region_with_its_unit(figure):
    titles = [a.text for a in figure.layout.annotations]
    assert titles[0] == "tumor, %IA/g"
    assert len(titles) == 6


def test_points_are_the_printed_values_with_their_sem(figure):
    points = [t for t in figure.data if t.name == "measured"]
    blood = points[1]
    # PMC4154813, Table I: blood 36.34 (2.70), 5.87 (0.63) ... 0.36 (0.09)
    assert blood.y[[0, 1, -1]] == pytest.approx([36.34, 5.87, 0.36], rel=1e-12, abs=0)
    assert blood.error_y.array[0] == pytest.approx(2.70, rel=1e-12, abs=0)


def test_the_mean_lies_in_its_band_and_activity_below_the_carrier(figure):
    bands = [t for t in figure.data if t.name == "95% of the draws"]
    means = [t for t in figure.data if t.name == "carrier, mean"]
    decayed = [t for t in figure.data if t.name == "activity"]
    for band, mean, activity in zip(bands, means, decayed, strict=True):
        n = len(mean.x)
        high, low = np.array(band.y[:n]), np.array(band.y[n:])[::-1]
        assert np.all((mean.y <= high) & (mean.y >= low))
        # I-131, half-life 8.0 d: 10% lost at 30 h
        assert activity.y[-1] / mean.y[-1] == pytest.approx(0.5 ** (30 / 192.56), rel=1e-4)


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
    figure = time_activity_figure(
        fit_biodistribution(table, "I-131", options=FitOptions(draws=400))
    )
    band = next(t for t in figure.data if t.name == "95% limits of the typical curve")
    line = next(t for t in figure.data if t.name == "carrier, typical")
    n = len(line.x)
    factor = band.y[:n] / np.array(line.y)
    # t with 3 degrees of freedom, 3.182, times SD of the logarithms 0.4487 over 2: a factor 2.04
    assert factor[n // 4 : n // 2] == pytest.approx(2.04, rel=0.1, abs=0)  # noise of 1% and draws
    assert line.y[n // 2] == pytest.approx(11.83 * np.exp(-0.03 * line.x[n // 2]), rel=0.05)
