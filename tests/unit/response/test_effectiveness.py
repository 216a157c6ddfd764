"""Relative effectiveness: sourced factors, kept apart from absorbed dose."""

import numpy as np
import pytest

from pdcraft.core.dose_rate import DoseRate
from pdcraft.data.radiation_effects import alpha_effect, radiation_effect, radiation_effects
from pdcraft.errors import DataError, KindError, PhysicsRangeError
from pdcraft.response.bed import biologically_effective_dose
from pdcraft.response.effectiveness import rbe_weighted_dose, with_relative_effect
from pdcraft.response.sensitivity import Repair, Sensitivity

LN2 = np.log(2)


def test_alpha_particles_as_the_source_prints_them():
    # Gd-148: 3.2 MeV, measured 7.4 +- 2.4; Ra-223 with progeny: predicted 5.6, measured 5.4 +- 0.9
    assert alpha_effect(3.2) == pytest.approx(7.4, rel=0, abs=2.4)
    assert alpha_effect(6.9) == pytest.approx(5.6, rel=0, abs=0.05)
    assert radiation_effect("alpha").factor == pytest.approx(alpha_effect(5.3), rel=1e-3, abs=0)


def test_every_factor_has_an_end_point_a_source_and_limits():
    for effect in radiation_effects().values():
        assert effect.low <= effect.factor <= effect.high
        assert effect.end_point
        assert effect.source
        assert effect.grade in ("A", "D", "assumed", "definition")


def test_weighted_dose_is_a_kind_of_its_own():
    dose = rbe_weighted_dose({"electrons": [2.0, 0.0], "auger_in_dna": [1.0, 1.0]})
    np.testing.assert_allclose(dose.value_Gy, [8.44, 6.44], rtol=1e-14)
    np.testing.assert_allclose(dose.excess_Gy, [5.44, 5.44], rtol=1e-14)
    assert dose.quantity.key == "rbe_weighted_dose"
    assert dose.absorbed_Gy["electrons"].tolist() == [2.0, 0.0]


def test_only_the_linear_part_of_the_bed_carries_the_effectiveness():
    tissue = Sensitivity.of(0.3, 3.0, Repair.of(1.5))
    bed = biologically_effective_dose(tissue, DoseRate.of_terms([3.0 * LN2 / 60], [LN2 / 60]))
    heavy = with_relative_effect(bed, rbe_weighted_dose({"electrons": 1.0, "alpha": 2.0}))
    assert heavy.linear_Gy == pytest.approx(1.0 + 2 * 6.44, rel=1e-12, abs=0)
    assert heavy.quadratic_Gy == bed.quadratic_Gy


def test_refuses_with_a_reason():
    tissue = Sensitivity.of(0.3, 3.0, Repair.of(1.5))
    bed = biologically_effective_dose(tissue, DoseRate.of_terms([0.1], [0.1]))
    with pytest.raises(KindError, match="give the parts of the same dose"):
        with_relative_effect(bed, rbe_weighted_dose({"alpha": 2.0}))
    with pytest.raises(PhysicsRangeError, match="dose of alpha -1 Gy"):
        rbe_weighted_dose({"alpha": -1.0})
    with pytest.raises(DataError, match="no dose of any radiation"):
        rbe_weighted_dose({})
    with pytest.raises(DataError, match="alpha"):
        radiation_effect("alfa")
    with pytest.raises(PhysicsRangeError, match="measured from 3 to 9 MeV"):
        alpha_effect(2.0)
