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
