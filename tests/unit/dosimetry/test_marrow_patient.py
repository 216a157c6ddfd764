"""A patient's marrow: mass, vertebrae, tumor in it."""

import numpy as np
import pytest

from pdcraft.dosimetry.marrow_patient import (
    infiltrated_dose_factors,
    lumbar_marrow_share,
    marrow_tiac_from_vertebrae_h,
    normal_marrow_mass_g,
    scaled_marrow_mass_g,
)
from pdcraft.errors import DataError, ExtrapolationWarning, PhysicsRangeError


def test_lumbar_spine_holds_an_eighth_of_the_marrow():
    # M. Cristy, Phys. Med. Biol. 26, 389 (1981): 12.3% in the adult
    assert lumbar_marrow_share(5) == pytest.approx(0.123, rel=2e-3, abs=0)
    assert lumbar_marrow_share(3) == pytest.approx(0.6 * lumbar_marrow_share(5), rel=1e-12, abs=0)


def test_vertebrae_to_the_whole_marrow():
    assert marrow_tiac_from_vertebrae_h(0.5, share=0.067) == pytest.approx(
        0.5 / 0.067, rel=1e-12, abs=0
    )
    draws = marrow_tiac_from_vertebrae_h(np.array([0.1, 0.2]))
    assert draws[1] == pytest.approx(0.2 / lumbar_marrow_share(3), rel=1e-12, abs=0)


def test_mass_is_proportional():
    assert scaled_marrow_mass_g(1170.0, "spongiosa_volume", 1500.0, 2000.0) == pytest.approx(
        877.5, rel=1e-12, abs=0
    )
    with pytest.warns(ExtrapolationWarning, match="not known to hold that far"):
        scaled_marrow_mass_g(1170.0, "body_mass", 160.0, 73.0)


def test_tumor_conserves_the_energy_emitted():
    # dose to marrow and tumor, each by its mass, is the mean dose whether mixed or apart
    f, k = 0.35, 4.0
    apart, mixed = infiltrated_dose_factors(f, k, "whole")
    assert (1 - f) * apart + f * k * apart == pytest.approx(1.0, rel=1e-12, abs=0)
    assert mixed == 1.0
    own, with_tumor = infiltrated_dose_factors(f, k, "marrow")
    assert own == 1.0
    assert with_tumor / own == pytest.approx(float(mixed / apart), rel=1e-12, abs=0)


def test_without_tumor_nothing_changes():
    for known in ("whole", "marrow"):
        assert infiltrated_dose_factors(0.0, 9.0, known) == (1.0, 1.0)
    assert normal_marrow_mass_g(1170.0, 0.0) == 1170.0
    assert normal_marrow_mass_g(1170.0, 0.4) == pytest.approx(702.0, rel=1e-12, abs=0)


def test_refusals():
    with pytest.raises(DataError, match="did you mean 'body_mass'"):
        scaled_marrow_mass_g(1170.0, "bodymass", 80.0, 73.0)
    with pytest.raises(PhysicsRangeError, match="above zero"):
        scaled_marrow_mass_g(1170.0, "body_mass", 0.0, 73.0)
    with pytest.raises(PhysicsRangeError, match="1 to 5 lumbar vertebrae"):
        lumbar_marrow_share(6)
    with pytest.raises(PhysicsRangeError, match="is a fraction, got 6"):
        marrow_tiac_from_vertebrae_h(0.5, share=6.7)
    with pytest.raises(PhysicsRangeError, match="zero or more"):
        marrow_tiac_from_vertebrae_h(-0.5)
    with pytest.raises(PhysicsRangeError, match=r"write 40% as 0\.40"):
        infiltrated_dose_factors(40.0, 1.0)
    with pytest.raises(PhysicsRangeError, match="ratio of zero or more"):
        infiltrated_dose_factors(0.4, -1.0)
    with pytest.raises(PhysicsRangeError, match=r"got -0\.2;"):  # the faulty one of the draws
        infiltrated_dose_factors([0.4, -0.2], 1.0)
    with pytest.raises(PhysicsRangeError, match="got inf"):
        infiltrated_dose_factors(0.4, [1.0, np.inf])
    with pytest.raises(PhysicsRangeError, match="is inf h"):
        marrow_tiac_from_vertebrae_h([0.5, np.inf])
