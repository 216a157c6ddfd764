"""Photon dose of the rest of the body."""

import numpy as np
import pytest

from pdcraft.dosimetry.body_photons import body_photon_dose_mGy_per_MBq
from pdcraft.errors import PhysicsRangeError


def test_iodine_131_in_man_against_the_published_total_body_fraction():
    # The photon absorbed fraction of the total body of a reference man at 364 keV is about 0.35
    # (MIRD 5 Revised, heterogeneous phantom: 0.338 at 500 keV, 0.361 at 200 keV). A sphere of the
    # same mass keeps more, so the band is one-sided: 1.0 to 1.6 times that.
    got = float(body_photon_dose_mGy_per_MBq("I-131", 1.0, 70_000.0))
    photon_MeV = 0.3828  # ICRP 107, per decay
    body = photon_MeV * 0.35 * 1.602e-13 / 70.0 * 1e6 * 3600 * 1e3  # mGy per MBq·h
    assert 1.0 < got / body < 1.6


def test_only_photons_count():
    # I-125: 0.0428 MeV of photons below 36 keV, of which a 70 kg body keeps nearly all; its
    # electrons (0.0192 MeV) would give half of that
    got = float(body_photon_dose_mGy_per_MBq("I-125", 1.0, 70_000.0))
    emitted = 0.0428 * 1.602e-13 / 70.0 * 1e6 * 3600 * 1e3
    assert 0.75 < got / emitted < 1.0
    assert float(body_photon_dose_mGy_per_MBq("Y-90", 1.0, 70_000.0)) < 1e-3 * got


def test_linear_in_the_activity():
    tiac = np.array([0.0, 1.0, 3.0])
    dose = body_photon_dose_mGy_per_MBq("I-131", tiac, 70_000.0)
    assert dose[0] == 0
    assert dose[2] == pytest.approx(3 * dose[1], rel=1e-14, abs=0)


def test_more_in_a_region_than_in_the_body_is_refused():
    with pytest.raises(PhysicsRangeError, match="more than the whole body"):
        body_photon_dose_mGy_per_MBq("I-131", -1.0, 70_000.0)
