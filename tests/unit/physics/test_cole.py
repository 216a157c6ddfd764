"""Cole's range and energy against themselves and the relation's printed form."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.cole import energy_keV, loss_keV_per_um, range_um, track_energy_keV
from pdcraft.physics.slow_electron import range_g_per_cm2


@pytest.mark.parametrize("keV", [0.7, 1.0, 5.0, 50.0, 1000.0])
def test_range_inverts_the_relation(keV):
    assert float(energy_keV(range_um(keV))) == pytest.approx(keV, rel=1e-9, abs=0)


def test_relation_as_printed():
    # E = 5.9 (R + 0.007)^0.565 + 0.00413 R^1.33 - 0.367 at 1 um: 5.9 x 1.003948 + 0.00413 - 0.367
    assert float(energy_keV(1.0)) == pytest.approx(5.560424, rel=1e-5, abs=0)


def test_losses_are_the_derivative_above_the_end_of_the_track():
    r, h = np.array([0.05, 0.5, 5.0, 500.0]), 1e-6
    slope = (energy_keV(r + h) - energy_keV(r - h)) / (2 * h)
    # printed coefficients 3.3335 and 0.0055 are 5.9 x 0.565 and 0.00413 x 1.33 to four digits
    assert loss_keV_per_um(r) == pytest.approx(slope, rel=4e-4, abs=0)


def test_parts_of_the_losses_meet():
    # the fits to measured losses meet Cole's derivative within 1% at 0.02 um and 4% at 0.0038 um
    for edge, rel in ((0.02, 0.01), (0.0038, 0.04)):
        below, above = loss_keV_per_um([edge * (1 - 1e-9), edge * (1 + 1e-9)])
        assert below == pytest.approx(above, rel=rel, abs=0)
    # a step of 5% where the relation takes over from the fit of soft electrons
    assert float(range_um(0.6)) == pytest.approx(float(range_um(0.6 + 1e-9)), rel=0.06, abs=0)
    assert float(range_um(0.06)) == pytest.approx(float(range_um(0.06 + 1e-9)), rel=0.01, abs=0)


def test_energy_of_a_track_is_the_integral_of_its_losses():
    for z in (0.002, 0.01, 0.3, 40.0):
        edges = [0.0, *(e for e in (0.0038, 0.02) if e < z), z]
        want = sum(
            integrate.quad(loss_keV_per_um, a, b, epsabs=0, epsrel=1e-10, limit=200)[0]
            for a, b in pairwise(edges)
        )
        assert float(track_energy_keV(z)) == pytest.approx(want, rel=1e-7, abs=0)


def test_whole_tracks_carry_the_energy_within_two_per_cent():
    e = np.array([1.0, 3.0, 30.0, 300.0])
    assert track_energy_keV(range_um(e)) == pytest.approx(e, rel=0.02, abs=0)


def test_ranges_beside_the_csda_range():
    """Cole's are practical ranges in plastic: 8 to 12% above the range in water at 1 to 10 keV."""
    for keV in (2.0, 10.0):
        ratio = float(range_um(keV)) / (1e4 * float(range_g_per_cm2(keV)))
        assert 0.9 < ratio < 1.2


def test_refuses_energies_beyond_the_relation():
    with pytest.raises(PhysicsRangeError, match="Cole's ranges hold from 0 to"):
        range_um(1e5)
    with pytest.raises(PhysicsRangeError, match="Cole's ranges"):
        range_um(-1.0)
    assert float(loss_keV_per_um(-0.1)) == 0.0
