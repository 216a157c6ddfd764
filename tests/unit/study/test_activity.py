"""Administered activity: per surface, per mass, plain; the host's surface by Mosteller."""

import pytest

from pdcraft.errors import StudyError
from pdcraft.study.activity import administered_activity_MBq, body_surface_m2
from pdcraft.study.model import Administration, Host


def host(**known):
    return Host(species="human", **known)


def given(*amounts):
    return [Administration(amount=a) for a in amounts]


def test_surface_from_height_and_mass():
    # Mosteller: sqrt(180 cm x 80 kg / 3600) = 2 m2
    assert body_surface_m2(host(height="1.8 m", body_mass="80 kg")) == pytest.approx(2.0, rel=1e-12)
    assert body_surface_m2(host(body_mass="80 kg")) is None
    assert body_surface_m2(host(body_surface="1.7 m^2", height="1.8 m", body_mass="80 kg")) == 1.7


def test_activities_add_in_one_unit():
    one = host(height="1.8 m", body_mass="80 kg")
    # 10 mCi + 12.5 mCi/m2 on 2 m2 + 5 MBq/kg on 80 kg = 370 + 925 + 400 MBq
    total = administered_activity_MBq(given("10 mCi", "12.5 mCi/m^2", "5 MBq/kg"), one)
    assert total == pytest.approx(1695.0, rel=1e-12, abs=0)


def test_an_amount_of_substance_gives_no_dose():
    with pytest.raises(StudyError, match="'20 nmol' is not an activity"):
        administered_activity_MBq(given("20 nmol"), host())
