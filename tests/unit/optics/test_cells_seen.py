"""Cells under the microscope and in the cytometer: projections, blur, collection, histograms."""

import math

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.in_vitro.cytometer import (
    Sample,
    cell_signals,
    histogram,
    overton_positive_share,
)
from pdcraft.optics.in_vitro.microscope import (
    Objective,
    cell_image,
    collected_share,
    projected_cell_nM_um,
)


def picture(**more):
    given = {
        "centers_um": np.array([[0.0, 0.0]]),
        "radius_um": 6.0,
        "membrane_um": 0.5,
        "membrane_nM": np.array([100.0]),
        "cytosol_nM": np.array([20.0]),
        "medium_nM": 0.0,
        "field_um": 24.0,
        "pixel_um": 0.25,
    }
    return cell_image(Objective(0.75), 520.0, **{**given, **more})


def test_the_projection_holds_what_the_cell_holds():
    """Integral over the picture: shell volume x its concentration + inside x its own."""
    r = np.linspace(0, 6.0, 400_001)
    got = np.trapezoid(2 * np.pi * r * projected_cell_nM_um(r, 6.0, 0.5, 100.0, 20.0), r)
    inside = 4 / 3 * math.pi * 5.5**3
    shell = 4 / 3 * math.pi * 6.0**3 - inside
    assert got == pytest.approx(100 * shell + 20 * inside, rel=1e-6, abs=0)


def test_blur_moves_light_and_keeps_it():
    image = picture()
    total = image.nM_um.sum() * 0.25**2
    inside = 4 / 3 * math.pi * 5.5**3
    shell = 4 / 3 * math.pi * 6.0**3 - inside
    assert total == pytest.approx(100 * shell + 20 * inside, rel=2e-3, abs=0)  # of the pixel grid


def test_a_wider_aperture_shows_the_membrane_sharper():
    peaks = {}
    for na in (0.3, 1.2):
        objective = Objective(na, immersion_n=1.33)
        image = cell_image(
            objective, 520.0, centers_um=np.zeros((1, 2)), radius_um=6.0, membrane_um=0.3,
            membrane_nM=np.array([100.0]), cytosol_nM=np.array([0.0]), medium_nM=0.0,
            field_um=24.0, pixel_um=0.2,
        )  # fmt: skip
        peaks[na] = image.nM_um.max()
    assert peaks[1.2] > 1.2 * peaks[0.3]


def test_the_point_spread_is_the_gaussian_of_the_airy_pattern():
    assert Objective(0.75).blur_um(520.0) == pytest.approx(0.21 * 0.52 / 0.75, rel=1e-12, abs=0)


@pytest.mark.parametrize("na", [0.1, 0.5, 0.95])
def test_collection_is_the_share_of_the_sphere(na):
    """Cap of the unit sphere by numeric integration."""
    angle = np.linspace(0, math.asin(na), 100_001)
    share = np.trapezoid(0.5 * np.sin(angle), angle)
    assert collected_share(Objective(na)) == pytest.approx(share, rel=1e-6, abs=0)


def test_means_within_cells_follow_their_uptake_over_the_medium():
    image = picture(
        centers_um=np.array([[-8.0, 0.0], [8.0, 0.0]]),
        membrane_nM=np.array([100.0, 50.0]),
        cytosol_nM=np.array([20.0, 10.0]),
        medium_nM=30.0,
        medium_um=10.0,
        field_um=40.0,
    )
    outside = image.nM_um[image.masks == 0].mean()
    first, second = (image.nM_um[image.masks == k].mean() - outside for k in (1, 2))
    assert first / second == pytest.approx(2.0, rel=0.02, abs=0)  # tails of one in the other


def test_cells_that_overlap_or_leave_the_field_are_refused():
    with pytest.raises(DataError, match="overlap"):
        picture(
            centers_um=np.array([[-5.5, 0.0], [5.5, 0.0]]),
            membrane_nM=np.ones(2),
            cytosol_nM=np.ones(2),
        )
    with pytest.raises(DataError, match="out of the field"):
        picture(centers_um=np.array([[10.0, 0.0]]))
    with pytest.raises(PhysicsRangeError, match="NA lies"):
        Objective(1.2)
    with pytest.raises(PhysicsRangeError, match="thinner"):
        picture(membrane_um=7.0)


def test_signals_have_the_stated_median_and_spread():
    """Log-normal median 2,000 electrons: shot noise adds 1/sqrt(2000) to a spread of 0.5."""
    signals = cell_signals(Sample(20_000.0, 0.5, 0.0, 0.0, 40_000), 0.1, 0.0, seed=1)
    assert np.median(signals) == pytest.approx(2000.0, rel=0.01, abs=0)  # 3 x 1.25 x 0.5/200
    log_sd = np.log(signals).std()
    assert log_sd == pytest.approx(math.hypot(0.5, 1 / math.sqrt(2000)), rel=0.02, abs=0)


def test_positive_share_of_known_shifts():
    """Two log-normals d spreads apart: the greatest difference of their sums is 2 Phi(d/2) - 1."""
    low = cell_signals(Sample(1e5, 0.4, 0.0, 0.0, 100_000), 1.0, 0.0, seed=1)
    high = cell_signals(Sample(1e5 * math.exp(0.8), 0.4, 0.0, 0.0, 100_000), 1.0, 0.0, seed=2)
    share = overton_positive_share(histogram(high, (3, 7), 512), histogram(low, (3, 7), 512))
    assert share == pytest.approx(math.erf(1 / math.sqrt(2)), rel=0, abs=0.01)  # 3 SE 0.005 + bins


def test_histograms_hold_every_cell():
    signals = np.array([-5.0, 0.5, 10.0, 1e9])
    assert histogram(signals, (0, 6), 16).counts.sum() == 4
    with pytest.raises(PhysicsRangeError, match="different edges"):
        overton_positive_share(histogram(signals, (0, 6), 16), histogram(signals, (0, 5), 16))
    with pytest.raises(PhysicsRangeError, match="0 or more"):
        Sample(-1.0, 0.1, 0.0, 0.1)
