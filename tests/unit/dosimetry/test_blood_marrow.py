"""The blood method of marrow dose, against its formula by hand."""

import warnings

import numpy as np
import pytest

from pdcraft.dosimetry.blood_marrow import (
    blood_method_faults,
    marrow_self_dose_mGy_per_MBq,
    marrow_tiac_from_blood_h,
    marrow_tiac_h,
    red_marrow_to_blood_ratio,
)
from pdcraft.errors import ApproximationWarning, PhysicsRangeError


def test_ratio_of_sgouros():
    # 0.19/(1 - 0.47) = 0.358: the 0.36 often quoted
    assert red_marrow_to_blood_ratio(0.47) == pytest.approx(0.358, rel=2e-3, abs=0)


def test_plasma_and_blood_give_one_answer():
    hematocrit, blood = 0.42, 0.011
    plasma = blood / (1 - hematocrit)  # red cells hold nothing
    by_blood = red_marrow_to_blood_ratio(hematocrit) * blood * 1170
    assert marrow_tiac_h(plasma, 1170.0) == pytest.approx(float(by_blood), rel=1e-12, abs=0)


def test_dose_by_hand_for_iodine_131():
    # 0.02 h/mL in plasma; 0.1107 Gy g/(MBq h), the local constant of I-131's electrons
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = marrow_self_dose_mGy_per_MBq("I-131", 0.02, binds_marrow=False)
    assert got == pytest.approx(0.19 * 0.02 * 110.7, rel=3e-3, abs=0)


def test_draws_in_draws_out():
    got = marrow_self_dose_mGy_per_MBq(
        "I-131", np.array([0.01, 0.02]), rmecff=np.array([0.19, 0.24]), binds_marrow=False
    )
    assert got[1] / got[0] == pytest.approx(2 * 0.24 / 0.19, rel=1e-12, abs=0)


@pytest.mark.parametrize(("binds", "words"), [(True, "a lower bound"), (None, "an assumption")])
def test_warns_unless_the_agent_stays_out(binds, words):
    with pytest.warns(ApproximationWarning, match=words):
        marrow_self_dose_mGy_per_MBq("I-131", 0.02, binds_marrow=binds)


def test_refuses_percentages():
    with pytest.raises(PhysicsRangeError, match=r"write 40% as 0\.40"):
        red_marrow_to_blood_ratio(40.0)
    with pytest.raises(PhysicsRangeError, match=r"^hematocrit .* got -0\.1;"):
        red_marrow_to_blood_ratio([0.4, -0.1])  # the faulty one of the draws
    with pytest.raises(PhysicsRangeError, match="finite, got inf"):
        marrow_tiac_from_blood_h(0.01, 1170.0, ratio=[0.3, np.inf])


def test_whole_blood_by_hematocrit_or_by_a_measured_ratio():
    # G. Sgouros, J. Nucl. Med. 34, 689 (1993): hematocrit 0.47 gives 0.36
    by_cells = marrow_tiac_from_blood_h(0.01, 1170.0, hematocrit=0.47)
    by_ratio = marrow_tiac_from_blood_h(0.01, 1170.0, ratio=0.36)
    assert by_cells == pytest.approx(float(by_ratio), rel=5e-3, abs=0)
    plasma = marrow_tiac_h(0.01 / (1 - 0.47), 1170.0)
    assert by_cells == pytest.approx(float(plasma), rel=1e-12, abs=0)


@pytest.mark.parametrize("given", [{}, {"hematocrit": 0.4, "ratio": 0.3}, {"ratio": 0.0}])
def test_blood_needs_one_way_to_marrow(given):
    with pytest.raises(PhysicsRangeError):
        marrow_tiac_from_blood_h(0.01, 1170.0, **given)


def test_tumor_in_the_marrow_makes_the_blood_method_a_lower_bound():
    assert blood_method_faults(False) == ()
    assert blood_method_faults(False, 0.0) == ()
    (fault,) = blood_method_faults(False, 0.25)
    assert "25% of the marrow" in fault
    assert len(blood_method_faults(True, 0.25)) == 2
    with pytest.warns(ApproximationWarning, match="25% of the marrow"):
        marrow_self_dose_mGy_per_MBq("I-131", 0.02, binds_marrow=False, infiltrated=0.25)
