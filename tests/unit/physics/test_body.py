"""Body surface against the nomogram's own example."""

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.body import (
    BODY_SURFACES,
    body_surface_m2,
    lean_body_mass_kg,
    mosteller_body_surface_m2,
)


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
    with pytest.raises(PhysicsRangeError, match=r"lean body mass holds .*; check the units"):
        lean_body_mass_kg(True, height, mass)


def test_formulas_of_body_surface_agree():
    # four fits to different people: they differ by 5 % at most in adults of usual build
    height, mass = [160.0, 170.0, 180.0], [55.0, 70.0, 90.0]
    all_of_them = np.array([body_surface_m2(height, mass, name) for name in BODY_SURFACES])
    assert np.ptp(all_of_them, axis=0) / all_of_them.mean(axis=0) == pytest.approx(0, abs=0.05)
    # the usual example of Du Bois' formula: 1.81 m² for 170 cm and 70 kg
    assert float(body_surface_m2(170, 70, "Du Bois")) == pytest.approx(1.81, abs=0.005)


def test_unknown_formula():
    with pytest.raises(DataError, match="formulas are Mosteller, Du Bois, Haycock, Gehan-George"):
        body_surface_m2(170, 70, "Boyd")


def test_lean_body_mass():
    # James' older formula for men, 1.1 m - 128 (m/h)²: 55.3 kg at 170 cm and 70 kg; within 3 %
    assert float(lean_body_mass_kg(False, 170, 70)) == pytest.approx(55.3, rel=0.03, abs=0)
    # by its own fractions a woman has 9270/(8780 + 244 B), a man 9270/(6680 + 216 B), B = 24.22
    ratio = lean_body_mass_kg([True, False], 170, 70) / 70.0
    assert ratio == pytest.approx([0.6310, 0.7783], rel=1e-3, abs=0)
    # never more than all of the body, down to the leanest adult
    assert float(lean_body_mass_kg(False, 190, 50)) < 50.0
