"""Activity by body surface: hand arithmetic."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.response.population.dosing import administered_MBq


def test_activity_goes_with_body_surface():
    # 25 mCi/m² of 37 MBq, 1.8 m²
    assert administered_MBq(925.0, 1.8) == pytest.approx(1665.0, rel=1e-12, abs=0)


def test_caps_and_rounding():
    surface = np.array([1.52, 1.8, 2.4])
    got = administered_MBq(925.0, surface, surface_cap_m2=2.0, cap_MBq=1820.0, step_MBq=50.0)
    # 1406 -> 1400, 1665 -> 1650, 1850 -> 1850, above the cap: the step below it
    assert got.tolist() == [1400.0, 1650.0, 1800.0]
    assert administered_MBq(100.0, 1.25, step_MBq=50.0) == 150.0  # halves up
    assert administered_MBq(925.0, 2.4, cap_MBq=1820.0) == 1820.0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"MBq_per_m2": -1.0}, "zero or more"),
        ({"body_surface_m2": 0.0}, "above zero"),
        ({"cap_MBq": 0.0}, "cap 0; above zero"),
        ({"step_MBq": -5.0}, "step -5; above zero"),
    ],
)
def test_refuses(given, why):
    with pytest.raises(PhysicsRangeError, match=why):
        administered_MBq(**({"MBq_per_m2": 925.0, "body_surface_m2": 1.8} | given))
