"""Exposure limits, against figures printed by others and joints that the tables round to 6%."""

import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import light_limits


@pytest.mark.parametrize(
    ("nm", "seconds", "want"),
    [
        # Directive 2006/25/EC annex II table 2.4 by hand: 2000 C_A W/m², 1.1e4 C_A t^0.25 J/m²
        (500.0, 100.0, 200.0),
        (760.0, 600.0, 200.0 * 10**0.12),
        (800.0, 1000.0, 200.0 * 10**0.2),
        (532.0, 1.0, 1100.0),
        (905.0, 0.1, 1100.0 * 10**0.41 * 0.1**-0.75),
        (390.0, 1000.0, 1.0),  # ICNIRP 2013 table 5: 10 kJ/m², 10 s to 30 ks
    ],
)
def test_skin(nm, seconds, want):
    assert light_limits.laser_skin_limit_mW_per_cm2(nm, seconds) == pytest.approx(
        want, rel=1e-12, abs=0
    )


def test_skin_at_633_nm_is_200_times_the_eye():
    """A printed example: helium-neon, 1 mW/cm² in the beam and 200 on the skin (BS EN 60825-1)."""
    eye = light_limits.laser_eye_limits_mW_per_cm2(633.0, 100.0)
    assert eye == {"thermal": pytest.approx(1.0, rel=1e-12, abs=0)}
    assert light_limits.laser_skin_limit_mW_per_cm2(633.0, 100.0) == 200.0


def test_a_blink_of_a_class_2_laser_is_one_milliwatt():
    # IEC 60825-1: 1 mW through a 7 mm pupil of 0.385 cm² for 0.25 s, rounded from 0.98
    limit = light_limits.laser_eye_limits_mW_per_cm2(532.0, 0.25)["thermal"]
    assert limit * 0.3848 == pytest.approx(1.0, rel=0.03, abs=0)


@pytest.mark.parametrize(
    ("nm", "seconds", "angle", "kind", "want"),
    [
        # hand values from ICNIRP 2013 table 5
        (480.0, 50.0, 0.0, "photochemical", 0.1 * 100 * 10**0.6 / 50),
        (445.0, 1000.0, 0.0, "photochemical", 0.1),
        (550.0, 1.0, 10.0, "thermal", 0.1 * 120.0),
        (550.0, 100.0, 10.0, "thermal", 0.1 * 64.2),  # beyond T_2 = 12.2 s; printed to 3 digits
        (808.0, 1000.0, 0.0, "thermal", 1.64),  # 10 C_A W/m², to 3 digits
    ],
)
def test_eye(nm, seconds, angle, kind, want):
    got = light_limits.laser_eye_limits_mW_per_cm2(nm, seconds, angle)[kind]
    assert got == pytest.approx(want, rel=3e-3, abs=0)  # digits of the source


@pytest.mark.parametrize("nm", [410.0, 480.0, 532.0, 690.0, 760.0, 808.0, 1000.0])
def test_pieces_join(nm):
    """The tables round where their pieces meet: to 10% for skin (11 t^0.25 against 2 t)."""
    skin = [light_limits.laser_skin_limit_mW_per_cm2(nm, t) for t in (9.999999, 10.0)]
    eye = [light_limits.laser_eye_limits_mW_per_cm2(nm, t)["thermal"] for t in (9.999999, 10.0)]
    assert skin[0] == pytest.approx(skin[1], rel=0.03, abs=0)
    assert eye[0] == pytest.approx(eye[1], rel=0.02, abs=0)


def test_a_source_grows_its_limit_without_a_jump():
    limits = [
        light_limits.laser_eye_limits_mW_per_cm2(760.0, 30.0, a)["thermal"]
        for a in (1.5, 1.51, 50.0, 99.9, 100.1, 300.0)
    ]
    assert limits == sorted(limits)
    assert limits[1] / limits[0] == pytest.approx(1.0, rel=0.03, abs=0)
    assert limits[4] / limits[3] == pytest.approx(1.0, rel=0.005, abs=0)


def test_large_areas():
    assert light_limits.large_area_limit_mW_per_cm2(99.0) is None
    assert light_limits.large_area_limit_mW_per_cm2(400.0) == 25.0
    assert light_limits.large_area_limit_mW_per_cm2(5000.0) == 10.0


@pytest.mark.parametrize(("nm", "seconds"), [(370.0, 10.0), (1050.0, 10.0), (500.0, 4e4)])
def test_outside_the_transcription_it_stops(nm, seconds):
    with pytest.raises(PhysicsRangeError, match="are transcribed from"):
        light_limits.laser_skin_limit_mW_per_cm2(nm, seconds)
    with pytest.raises(PhysicsRangeError):
        light_limits.laser_eye_limits_mW_per_cm2(nm, seconds)
