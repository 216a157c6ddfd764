"""What leaves the body, from exponentials and from time courses of a model."""

import numpy as np
import pytest

from pdcraft.core.quantity import quantity
from pdcraft.core.timecourse import TimeCourse
from pdcraft.dosimetry.inflow import (
    Inflow,
    inflow_of_exponentials,
    inflow_of_losses,
    inflow_of_total,
)
from pdcraft.errors import DataError, KindError, PhysicsRangeError
from pdcraft.numerics.compartments import LinearSystem, Transfer

AMOUNT = quantity("amount_fraction")
BODY = LinearSystem.from_transfers(
    ["plasma", "tissue", "urine", "feces"],
    [
        Transfer("plasma", "tissue", 0.5),
        Transfer("tissue", "plasma", 0.25),
        Transfer("plasma", "urine", 0.06),
        Transfer("plasma", "feces", 0.04),
    ],
)


def body_course():
    c, r = BODY.exponentials({"plasma": 1.0})
    whole = (c[0] + c[1])[None]
    terms = np.concatenate([whole, c[2:]])[None, None]
    return TimeCourse(
        ("total_body", "urine", "feces"),
        AMOUNT,
        "d",
        coefficients=terms,
        rates_per_h=np.broadcast_to(r, terms.shape),
    )


def test_urine_is_the_rate_of_the_model():
    """The inflow is 0.06/h of what the plasma holds, which the model's own curve says."""
    plasma = BODY.curves({"plasma": 1.0}, [0.0, 1.0, 10.0, 40.0])[0]
    for inflow in (
        inflow_of_total(body_course(), "urine"),
        inflow_of_losses(body_course(), share=0.6),
    ):
        c, r = inflow.coefficients_per_h[0, 0], inflow.rates_per_h[0, 0]
        rate = [(c * np.exp(-r * t)).sum() for t in (0.0, 1.0, 10.0, 40.0)]
        assert rate == pytest.approx(0.06 * plasma, rel=1e-9, abs=0)
        assert inflow.fraction == pytest.approx(0.6, rel=1e-12, abs=0)


def test_activity_that_enters_is_the_integral_of_the_decayed_rate():
    inflow = inflow_of_exponentials([0.2, 0.3], [1.0, 10.0])
    decay = np.log(2) / 10.0
    # 0.2 x 10/11 + 0.3/2: half of what leaves with the half-life of the decay is there
    assert inflow.entered_activity(decay) == pytest.approx(0.2 * 10 / 11 + 0.15, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("fraction", "half_life", "message"),
    [
        ([0.6, 0.6], [1.0, 2.0], r"fractions sum to 1\.2; no more than 1 .* Are they percent"),
        ([-0.1, 0.5], [1.0, 2.0], "a fraction of -0.1"),
        ([0.1, 0.5], [0.0, 2.0], "biological half-life of 0 h"),
        ([0.1, 0.5], [2.0, np.inf], "biological half-life of inf h"),
        ([0.1, np.nan], [1.0, 2.0], "a fraction of nan"),
        (0.5, np.inf, "must be finite"),
    ],
)
def test_excretion_that_cannot_be_is_refused(fraction, half_life, message):
    with pytest.raises(PhysicsRangeError, match=message):
        inflow_of_exponentials(fraction, half_life, "urine")


def test_matter_does_not_flow_back():
    with pytest.raises(PhysicsRangeError, match="does not come back"):
        Inflow(np.array([0.2, -0.3]), np.array([0.5, 0.4]), "urine")
    with pytest.raises(PhysicsRangeError, match="does not fall"):
        Inflow(np.array([0.2]), np.array([0.0]), "urine")
    with pytest.raises(PhysicsRangeError, match="does not come back"):
        inflow_of_losses(body_course(), "urine")  # the urine gains


def test_courses_of_another_kind_are_refused():
    with pytest.raises(KindError, match="without decay"):
        inflow_of_losses(body_course().activity(8.0))
    sampled = TimeCourse(
        ("urine",), AMOUNT, "d", times_h=np.array([0.0, 1.0]), values=np.zeros((1, 1, 1, 2))
    )
    with pytest.raises(KindError, match="use collections"):
        inflow_of_total(sampled, "urine")
    with pytest.raises(DataError, match="did you mean 'urine'"):
        inflow_of_total(body_course(), "urin")
    with pytest.raises(PhysicsRangeError, match="give 0 to 1"):
        inflow_of_losses(body_course(), share=1.2)
