"""Contents from the loss of a whole body."""

import numpy as np
import pytest

from pdcraft.core.quantity import quantity
from pdcraft.core.timecourse import TimeCourse
from pdcraft.dosimetry.alimentary import alimentary_tiac_h
from pdcraft.dosimetry.bladder import contents_tiac_h
from pdcraft.dosimetry.excretion import excretion_tiac_h
from pdcraft.dosimetry.inflow import inflow_of_exponentials
from pdcraft.dosimetry.tract import Tract
from pdcraft.dosimetry.urine_history import modeled_urine
from pdcraft.dosimetry.voiding import Bladder
from pdcraft.errors import DataError, PhysicsRangeError

LN2, I131_H = np.log(2), 192.56
BLADDER = Bladder(2.0, 3.5, 60.0, 30.0)
RATES = LN2 / np.array([5.0, 80.0])
RETENTION = TimeCourse(
    ("total_body",),
    quantity("amount_fraction"),
    "d",
    coefficients=np.array([[[[0.3, 0.7]]], [[[0.1, 0.5]]]]),
    rates_per_h=np.broadcast_to(RATES, (2, 1, 1, 2)),
)


def test_loss_is_shared_by_urine_and_bile():
    got = excretion_tiac_h(RETENTION, I131_H, BLADDER, urinary_share=[[0.8], [0.6]])
    urine = inflow_of_exponentials([0.24, 0.56], [5.0, 80.0])
    bile = inflow_of_exponentials([0.04, 0.20], [5.0, 80.0])
    want = contents_tiac_h(modeled_urine(BLADDER, urine), I131_H)
    assert got["urinary_bladder_contents"][0, 0] == pytest.approx(float(want), rel=1e-12, abs=0)
    bowel = alimentary_tiac_h(I131_H, bile=bile)
    assert got["small_intestine_contents"][1, 0] == pytest.approx(
        float(bowel["small_intestine_contents"]), rel=1e-12, abs=0
    )
    colon = sum(bowel[f"{part}_contents"] for part in ("right_colon", "left_colon", "rectosigmoid"))
    both = got["upper_large_intestine_contents"] + got["lower_large_intestine_contents"]
    assert both[1, 0] == pytest.approx(float(colon), rel=1e-12, abs=0)
    assert "stomach_contents" not in got


def test_draws_and_subjects_are_not_mixed_up():
    per_draw = Bladder([2.0, 2.5], 3.5, 60.0, 30.0)
    with pytest.raises(DataError, match=r"first_void_h has the axes \(2,\).* values\[:, None\]"):
        excretion_tiac_h(RETENTION, I131_H, per_draw, urinary_share=0.8)
    with pytest.raises(DataError, match="transit_factor has the axes"):
        excretion_tiac_h(
            RETENTION, I131_H, BLADDER, urinary_share=0.8, tract=Tract(transit_factor=[1.0, 2.0])
        )


def test_shares_are_fractions():
    with pytest.raises(PhysicsRangeError, match="give 0 to 1"):
        excretion_tiac_h(RETENTION, I131_H, BLADDER, urinary_share=80.0)
