"""Limits of lamps, against hand values of the standard's formulas."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import lamp_limits


def test_skin_has_a_limit_up_to_ten_seconds():
    # 20 000 t^0.25 J/m² in 10 s is 3557 W/m²
    assert lamp_limits.lamp_skin_limit_mW_per_cm2(10.0) == pytest.approx(355.7, rel=1e-3, abs=0)
    assert lamp_limits.lamp_skin_limit_mW_per_cm2(11.0) is None


@pytest.mark.parametrize(
    ("nm", "want"), [(400.0, 0.1), (437.0, 1.0), (450.0, 0.94), (492.5, 0.19), (550.0, 0.01)]
)
def test_blue_weights(nm, want):
    assert lamp_limits.blue_light_weight(nm) == pytest.approx(want, rel=1e-9, abs=0)


def test_the_blue_weight_is_whole_and_joins():
    weights = [lamp_limits.blue_light_weight(nm) for nm in np.arange(380.0, 701.0)]
    assert max(weights) == 1.0
    assert lamp_limits.blue_light_weight(500.01) == pytest.approx(0.1, rel=1e-3, abs=0)
    assert lamp_limits.blue_light_weight(600.0) == pytest.approx(1e-3, rel=1e-9, abs=0)
    with pytest.raises(PhysicsRangeError, match="weighted from 380 to 700 nm"):
        lamp_limits.blue_light_weight(760.0)


def test_blue_radiance():
    # 100 W/(m² sr) for long, weighted 1: 10 mW/(cm² sr); 1e6 J/(m² sr) in 100 s: 1000
    limit = lamp_limits.blue_light_limit_mW_per_cm2_sr
    assert limit(440.0, 2e4) == pytest.approx(10.0, rel=1e-12, abs=0)
    assert limit(440.0, 100.0) == pytest.approx(1000.0, rel=1e-12, abs=0)
    assert limit(550.0, 100.0) == pytest.approx(1e5, rel=1e-9, abs=0)


def test_infrared_of_the_cornea_levels_off():
    limit = lamp_limits.infrared_eye_limit_mW_per_cm2
    assert limit(1e4) == pytest.approx(10.0, rel=1e-12, abs=0)
    assert limit(10.0) == pytest.approx(320.1, rel=1e-3, abs=0)  # 18 000 * 10^-0.75 W/m²
    assert limit(999.0) == pytest.approx(limit(1001.0), rel=0.02, abs=0)  # the pieces join
    with pytest.raises(PhysicsRangeError, match="1 ms or more"):
        limit(1e-6)
