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


@pytest.mark.parametrize("steps", [7, 21, 30])
def test_a_cap_of_whole_steps_is_reached(steps):
    """7 steps of 3.7 MBq below a cap of 25.9 MBq: in floating point 25.9 / 3.7 is below 7."""
    cap = steps * 37 / 10
    got = administered_MBq(1e4, 2.0, cap_MBq=cap, step_MBq=3.7)
    assert got == pytest.approx(cap, rel=1e-12, abs=0)


def test_rounding_to_nothing_is_refused():
    with pytest.raises(PhysicsRangeError, match="round to nothing; take a smaller step"):
        administered_MBq(10.0, 2.0, step_MBq=50.0)
    with pytest.raises(PhysicsRangeError, match="a cap of 100 MBq round to nothing"):
        administered_MBq(925.0, 2.0, cap_MBq=100.0, step_MBq=185.0)
    assert administered_MBq(0.0, 2.0, step_MBq=50.0) == 0.0
