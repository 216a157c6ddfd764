"""How the shipped absorbed fractions are made: limits, pieces, energies between nodes."""

import math

import numpy as np
import pytest

from pdcraft.data.absorbed_fractions import SCALED_RADIUS, RADIUS_mm, table_settings
from pdcraft.data.materials import material
from pdcraft.dosimetry.absorbed_fraction import absorbed_fraction
from pdcraft.physics.electron import csda_range_g_per_cm2
from pdcraft.transport import fraction_tables
from pdcraft.transport.stack import ELECTRON


def test_first_collisions_of_small_and_large_spheres():
    # mean way out 3R/4; of a large sphere the integral of U(s) mu exp(-mu s) over all s
    mu = 0.0103
    got = fraction_tables.first_collisions(mu)
    assert got[0] == pytest.approx(0.75 * mu * RADIUS_mm[0], rel=1e-4, abs=0)
    depth = mu * RADIUS_mm[-1]
    assert got[-1] == pytest.approx(1.0 - 0.75 / depth + 0.375 / depth**3, rel=1e-4, abs=0)


def test_inverse_variance_takes_what_is_known():
    means = np.ones((2, 9)) * [[1.0], [3.0]]
    errors = np.ones((2, 9)) * [[0.1], [300.0]]
    mean, rel_err = fraction_tables._combined(means, errors)
    assert mean == pytest.approx(1.0, rel=1e-4, abs=0)
    assert rel_err == pytest.approx(0.1, rel=1e-3, abs=0)
    # a run that has reached nothing has no voice
    mean, _ = fraction_tables._combined(np.array([[1.0] * 9, [0.0] * 9]), errors)
    assert np.all(mean == 1.0)


def test_control_of_known_mean_corrects_for_what_was_drawn():
    rng = np.random.default_rng(20261121)
    drawn = rng.normal(5.0, 1.0, (50, 1))
    wanted = 2.0 * drawn + rng.normal(0.0, 0.01, (50, 1))
    mean, err = fraction_tables._controlled(wanted, drawn, np.array([5.0]))
    assert mean[0] == pytest.approx(10.0, abs=5 * err[0])
    assert err[0] < 0.003  # without: 2/sqrt(50) = 0.28


def test_small_spheres_follow_a_power():
    fraction = np.array([0.0, 0.5, 0.01, 0.02, 0.04])
    rel = np.array([np.inf, 0.5, 0.01, 0.01, 0.01])
    radius = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    got, errors = fraction_tables._small_spheres(fraction, rel, radius, 1.0)
    np.testing.assert_allclose(got, [0.0025, 0.005, 0.01, 0.02, 0.04], rtol=1e-12, atol=0)
    assert errors[0] == errors[1] == fraction_tables.POOR
    assert errors[2] == 0.01


def test_the_shipped_table_has_these_settings():
    import json

    assert json.loads(fraction_tables.settings_text())["sha256"] == table_settings()["sha256"]


def test_the_file_is_the_same_bytes_each_time(tmp_path):
    row = np.full(SCALED_RADIUS.size, 0.5), np.full(SCALED_RADIUS.size, 0.01), 1.0
    photon = np.full(RADIUS_mm.size, 0.5), np.full(RADIUS_mm.size, 0.01)
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        fraction_tables.write(path, [row] * 26, [row] * 10, [photon] * 36)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_row_made_anew_with_few_histories(monkeypatch):
    # 4 sigma at three radii: once in 5000 for other seeds
    monkeypatch.setattr(fraction_tables, "ELECTRON_RUNS", ((0.0, 2000), (0.02, 5000)))
    monkeypatch.setattr(fraction_tables, "SEED", 5)
    fraction, rel_err, kept = fraction_tables.electron_row(30.0, ELECTRON, material("water"))
    assert kept == pytest.approx(1.0, abs=2e-3)
    range_mm = 10 * float(csda_range_g_per_cm2(30.0))
    for at in (0.1, 1.0, 10.0):
        i = int(np.argmin(np.abs(np.log(SCALED_RADIUS / at))))
        want, own = absorbed_fraction("electron", 30.0, SCALED_RADIUS[i] * range_mm)
        assert fraction[i] == pytest.approx(want[0], rel=4 * math.hypot(rel_err[i], own[0]), abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("energy", [47.0, 650.0])
def test_between_the_nodes_electrons(energy):
    # interpolation 0.3%, 4 sigma
    fraction, rel_err, _ = fraction_tables.electron_row(energy, ELECTRON, material("water"))
    range_mm = 10 * float(csda_range_g_per_cm2(energy))
    for i in range(60, 140, 10):
        got, own = absorbed_fraction("electron", energy, SCALED_RADIUS[i] * range_mm)
        near = 0.003 + 4 * math.hypot(rel_err[i], own[0])
        assert got[0] == pytest.approx(fraction[i], rel=near, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("energy", [27.4, 54.8])
def test_between_the_nodes_photons(energy):
    fraction, rel_err = fraction_tables.photon_row(energy, material("water"))
    for i in range(40, 121, 10):  # from 0.1 mm on
        got, own = absorbed_fraction("photon", energy, RADIUS_mm[i])
        near = 0.003 + 4 * math.hypot(rel_err[i], own[0])
        assert got[0] == pytest.approx(fraction[i], rel=near, abs=0)
