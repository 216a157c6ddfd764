"""Self-dose of organs, against a published mouse table and by hand."""

import numpy as np
import pytest

from pdcraft.dosimetry.self_dose import self_dose_mGy_per_MBq
from pdcraft.errors import ApproximationWarning, PhysicsRangeError

# EJNMMI Research 2011;1:29, Table 1 (I-131 iodide, BALB/c mice): MBq s per MBq, g, and the dose
# that its own fractions give, mGy/MBq
MOUSE = {
    "kidneys": (161.544, 0.34, 13.292, 2),
    "liver": (313.027, 1.2, 7.576, 1),
    "lungs": (217.091, 0.15, 37.448, 2),
    "spleen": (49.087, 0.079, 16.153, 1),
}


@pytest.mark.parametrize("organ", MOUSE)
def test_mouse_organs_are_within_a_tenth(organ):
    # evidence, not agreement: spheres here, ellipsoids of another mouse there
    integral, mass, dose, parts = MOUSE[organ]
    got = self_dose_mGy_per_MBq("I-131", integral / 3600, mass, parts=parts)
    assert got == pytest.approx(dose, rel=0.10, abs=0)


def test_dose_by_hand():
    # 10 h in 2000 g, electrons of Lu-177 0.1479 MeV (ICRP 107); of 33 keV of photons a fifth stays
    got = self_dose_mGy_per_MBq("Lu-177", 10.0, 2000.0)
    electrons = 10 * 3600 * 0.1479 * 1.602177e-13 / 2.0 * 1e9
    assert 1.03 * electrons < got < 1.07 * electrons


def test_draws_broadcast_and_scale():
    tiac = np.array([1.0, 2.0, 4.0])
    got = self_dose_mGy_per_MBq("I-131", tiac, 300.0)
    np.testing.assert_allclose(got / got[0], tiac, rtol=1e-12, atol=0)
    masses = np.array([[100.0], [200.0]])
    assert self_dose_mGy_per_MBq("I-131", tiac, masses).shape == (2, 3)


def test_a_pair_is_two_halves():
    pair = self_dose_mGy_per_MBq("I-131", 2.0, 300.0, parts=2)
    half = self_dose_mGy_per_MBq("I-131", 1.0, 150.0)
    assert pair == pytest.approx(float(half), rel=1e-12, abs=0)


@pytest.mark.parametrize("tiac", [-0.1, 278.0])
def test_refuses_more_decays_than_were_given(tiac):
    # T½/ln 2 of I-131 is 277.8 h
    with pytest.raises(PhysicsRangeError, match=r"between 0 and T½/ln 2 = 277\.8 h"):
        self_dose_mGy_per_MBq("I-131", tiac, 100.0)


def test_small_lesions_warn_once():
    with pytest.warns(ApproximationWarning, match=r"sphere of 0\.5 g") as caught:
        self_dose_mGy_per_MBq("I-131", 1.0, np.array([0.5, 5.0, 500.0]), electrons="local")
    assert len(caught) == 1
