"""Reference masses: spot values of ICRP 89 and of the RADAR mouse, and their names."""

import pytest

from pdcraft.core.regions import region_name
from pdcraft.data.masses import reference_mass_g, reference_masses
from pdcraft.errors import DataError


@pytest.mark.parametrize(
    ("body", "region", "grams"),
    [
        ("adult-male", "red_marrow", 1170),
        ("adult-female", "bone marrow", 900),
        ("adult-male", "blood", 5300),
        ("adult-female", "blood", 3900),
        ("adult-male", "whole body", 73000),
        ("adult-female", "kidney", 275),
        ("mouse-30g", "spleen", 0.136),
    ],
)
def test_masses_of_the_sources(body, region, grams):
    assert reference_mass_g(body, region) == grams


@pytest.mark.parametrize("body", ["adult-male", "adult-female", "mouse-30g"])
def test_every_region_has_pdcrafts_name_and_a_mass(body):
    masses = reference_masses(body)
    host = "mouse" if body.startswith("mouse") else "human"
    for region, grams in masses.region_g.items():
        assert region_name(region, host) == region
        assert grams > 0
    assert masses.source


def test_unknown_body_and_missing_region():
    with pytest.raises(DataError, match="'adult-man'; did you mean 'adult-male'"):
        reference_masses("adult-man")
    with pytest.raises(DataError, match="no reference mass of 'uterus'; give the mass"):
        reference_mass_g("adult-male", "uterus")
