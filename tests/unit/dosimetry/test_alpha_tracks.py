"""Alpha particles along straight tracks, against conservation and closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.data.alpha_stopping import water_alpha_ranges
from pdcraft.data.nuclides import nuclide
from pdcraft.data.radiation import Line
from pdcraft.dosimetry import alpha_tracks
from pdcraft.dosimetry.alpha_tracks import (
    alpha_absorbed_keV,
    alpha_range_um,
    alpha_shells_keV,
    alpha_sphere_keV,
    deposits,
)
from pdcraft.dosimetry.sphere_transport import transported_sphere_S
from pdcraft.dosimetry.spheres import sphere_S
from pdcraft.errors import DataError
from pdcraft.physics.alpha import RangeTable
from pdcraft.physics.sphere import range_absorbed_fraction


def _one(energy_keV: float, recoil: float = 0.0):
    return replace(nuclide("Po-212"), alpha=(Line("alpha", energy_keV, 1.0),), recoil_keV=recoil)


def test_all_energy_is_left_somewhere():
    for name in ("Ac-225", "At-211", "Bi-212"):
        source = nuclide(name, "equilibrium")
        _, energy = deposits(source)
        emitted = source.alpha_keV + source.recoil_keV
        # last step ends beyond the longest range
        assert energy.sum() == pytest.approx(emitted, rel=1e-9, abs=0)
        shells = alpha_shells_keV(source, [0.0, 1e-3, 0.02, 0.05, np.inf])
        assert shells.sum() == pytest.approx(emitted, rel=1e-9, abs=0)


def test_even_loss_has_the_closed_form(monkeypatch):
    # with range proportional to energy the sphere's fraction is 1 - 3u/8 + u^3/64, 3/(4u) beyond 2
    energy = np.geomspace(1.0, 1e4, 30)
    monkeypatch.setattr(
        alpha_tracks, "water_alpha_ranges", lambda: RangeTable(energy, energy / 100)
    )
    alpha_tracks._deposits.cache_clear()
    source = _one(5000.0)  # 50 um
    for radius_um in (5.0, 20.0, 25.0, 60.0, 1000.0):
        found = alpha_sphere_keV(source, 1e-3 * radius_um) / 5000.0
        # steps of 0.05 um, midpoint rule
        expected = float(range_absorbed_fraction(50.0, radius_um))
        assert found == pytest.approx(expected, rel=1e-5, abs=0)
    alpha_tracks._deposits.cache_clear()


def test_short_tracks_stay_and_long_ones_leave_by_the_mean_chord():
    # a sphere far smaller than the range: mean path inside from random points in random directions
    # is 3/4 R (half the mean chord of interior points), at the stopping power of the start
    radius_um = 0.5
    source = _one(8785.0)
    expected = 0.75 * radius_um * float(water_alpha_ranges().stopping(8785.0))
    # stopping rises by 0.4% along 1 um; steps of a tenth of the radius: 0.05%
    assert alpha_sphere_keV(source, 1e-3 * radius_um) == pytest.approx(expected, rel=5e-3, abs=0)
    # 1 - 3/4 <s>/R for large spheres, <s> the mean distance of what is left: 0.2% at 5 mm
    assert alpha_sphere_keV(source, 5.0) / 8785.0 == pytest.approx(
        1.0 - 0.75 * _mean_distance_mm(source) / 5.0, rel=1e-6, abs=0
    )


def _mean_distance_mm(source):
    distance, energy = deposits(source)
    return float(distance @ energy / energy.sum())


def test_steps_are_fine_enough(monkeypatch):
    source = nuclide("Ac-225", "equilibrium")
    coarse = [alpha_sphere_keV(source, r) for r in (0.002, 0.005, 0.03)]
    monkeypatch.setattr(alpha_tracks, "STEP_um", 0.0125)
    alpha_tracks._deposits.cache_clear()
    fine = [alpha_sphere_keV(source, r) for r in (0.002, 0.005, 0.03)]
    alpha_tracks._deposits.cache_clear()
    np.testing.assert_allclose(coarse, fine, rtol=2e-5, atol=0)


def test_recoils_stay_where_they_start():
    source = _one(5000.0, recoil=100.0)
    without = _one(5000.0)
    for radius in (0.001, 0.01, 1.0):
        more = alpha_sphere_keV(source, radius) - alpha_sphere_keV(without, radius)
        # 1 nm from the surface counts as outside: 3/4 of 1 nm over the radius
        assert more == pytest.approx(100.0, rel=1e-3, abs=0)


def test_stopping_factor_shortens_ranges():
    source = nuclide("At-211")

    def step(distance):
        return (distance < 0.01).astype(float)

    more = alpha_absorbed_keV(source, step, 1.03)
    less = alpha_absorbed_keV(source, step)
    assert 1.02 < more / less < 1.05  # the energy lost in a fixed length rises with the factor
    with pytest.raises(DataError, match="factor above 0, got 0"):
        deposits(source, 0.0)


def test_range_scales_with_density():
    assert alpha_range_um(5869.0, 2.0) == pytest.approx(
        0.5 * alpha_range_um(5869.0), rel=1e-12, abs=0
    )


def test_sphere_S_holds_the_alphas():
    found = sphere_S("Ac-225", radius_mm=0.05, progeny="equilibrium")
    parts = found.electron + found.photon + found.alpha
    assert found.total == pytest.approx(parts, rel=1e-12, abs=0)
    assert found.by_type["alpha"] == (found.alpha, 0.0)
    source = nuclide("Ac-225", "equilibrium")
    share = alpha_sphere_keV(source, 0.05) / (source.alpha_keV + source.recoil_keV)
    assert found.alpha_fraction == pytest.approx(share, rel=1e-12, abs=0)
    assert found.total_err < 1e-3 * found.total


def test_a_gram_absorbs_all_of_it():
    # 27.48 MeV of alphas and 0.51 of recoils per decay of the chain: 1 g keeps all but 3/4 <s>/R
    found = sphere_S("Ac-225", mass_g=1.0, progeny="equilibrium")
    assert 0.995 < found.alpha_fraction < 1.0
    # 27995 keV x 1.602e-16 J/keV x 1e12 / 1 g in mGy/(MBq s)
    assert found.alpha == pytest.approx(27995 * 1.602177e-4, rel=6e-3, abs=0)


def test_a_chain_without_its_alphas_warns():
    with pytest.warns(match=r"Pb-212: its daughters Bi-212, Po-212 emit 100% of the energy"):
        sphere_S("Pb-212", mass_g=1.0, progeny="prompt")


@pytest.mark.slow
def test_transport_adds_the_same_alphas():
    found, reached = transported_sphere_S("At-211", radius_mm=0.05, precision=0.05, threads=1)
    table = sphere_S("At-211", radius_mm=0.05)
    assert reached
    assert found.alpha == table.alpha
    assert found.total == pytest.approx(table.total, rel=2e-3, abs=0)  # electrons are 0.2% of it


def test_transport_of_alphas_alone_needs_no_histories():
    alone, reached = transported_sphere_S("Po-212", radius_mm=0.05)
    assert reached
    assert alone.total == alone.alpha
