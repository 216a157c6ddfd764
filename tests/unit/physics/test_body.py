"""Body surface against the nomogram's own example."""

import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.body import mosteller_body_surface_m2


def test_mosteller():
    # square root of 3600 cm·kg over 3600 is one square metre by the formula's own normalization;
    # Du Bois gives 1.84 m2 for 170 cm and 73 kg (0.007184 h^0.725 m^0.425), Mosteller agrees to 2 %
    du_bois = 0.007184 * 170**0.725 * 73**0.425
    assert float(mosteller_body_surface_m2(170, 73)) == pytest.approx(du_bois, rel=0.02, abs=0)
    assert float(mosteller_body_surface_m2(180, 20)) == 1.0


@pytest.mark.parametrize(
    ("height", "mass"), [(1.8, 73), (180, 73_000), (180, -1), (float("nan"), 7)]
)
def test_wrong_units_are_refused(height, mass):
    with pytest.raises(PhysicsRangeError, match="30 to 250 cm"):
        mosteller_body_surface_m2(height, mass)
