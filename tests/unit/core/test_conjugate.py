"""The conjugate type: what is not disclosed stays empty, what does not decay has no activity."""

import pytest

from pdcraft.core.conjugate import Carrier, Conjugate, Payload
from pdcraft.errors import DataError, PhysicsRangeError

I131 = Payload("radionuclide", "I-131", "[131I][*:1]", 8.0233 * 24)


def test_structure_not_disclosed_has_no_mass():
    hidden = Conjugate("X", I131)
    assert hidden.structure == "not disclosed"
    assert hidden.carrier_free_ng_per_MBq is None
    assert hidden.molar_activity_MBq_per_nmol == pytest.approx(602.2, abs=0.05)  # needs no mass
    with pytest.raises(DataError, match="so it can have no formula and no mass"):
        Conjugate("X", I131, formula="C2H6")


def test_specific_activity_is_molar_activity_over_molar_mass():
    made = Conjugate("X", I131, smiles="CI", formula="CH3I", molar_mass_g_per_mol=641.63)
    product = made.specific_activity_MBq_per_ng * made.carrier_free_ng_per_MBq
    assert product == pytest.approx(1.0, rel=1e-12, abs=0)
    assert made.carrier_free_ng_per_MBq == pytest.approx(1.07, abs=0.005)  # three digits


def test_only_radionuclides_decay():
    assert Conjugate("X", Payload("drug", "paclitaxel")).half_life_h is None
    assert Conjugate("X", None).specific_activity_MBq_per_ng is None
    with pytest.raises(DataError, match="only a radionuclide decays"):
        Payload("drug", "paclitaxel", half_life_h=3.0)
    with pytest.raises(PhysicsRangeError, match="above 0 h, got -1 h"):
        Payload("radionuclide", "I-131", half_life_h=-1.0)


def test_names_are_needed():
    with pytest.raises(DataError, match="a carrier needs a name"):
        Carrier(" ", None)
