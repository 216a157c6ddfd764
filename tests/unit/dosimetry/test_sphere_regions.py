"""Regions without a solid, against spheres and against what surrounds them."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.dosimetry.organ_dose import organ_dose
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.dosimetry.phantom import phantom
from pdcraft.dosimetry.sphere_regions import SphereRegion, with_spheres
from pdcraft.dosimetry.spheres import sphere_S
from pdcraft.dosimetry.tiac import source_weights
from pdcraft.errors import DataError


@pytest.fixture(scope="module")
def man():
    return organ_S(*phantom("adult-male"), "I-131")


def at(S, target, source, what="total"):
    return getattr(S, what)[S.targets.index(target), S.sources.index(source)]


def test_a_lesion_gets_its_own_sphere_and_photons_of_its_surroundings(man):
    S = with_spheres(man, [SphereRegion("lesion:a", 10.0, "liver")])
    alone = sphere_S("I-131", mass_g=10.0)
    assert at(S, "lesion:a", "lesion:a") == pytest.approx(alone.total, rel=1e-12, abs=0)
    for source in ("kidneys", "liver", "total_body"):
        want = at(man, "liver", source, "photon")
        assert at(S, "lesion:a", source) == pytest.approx(want, rel=1e-12, abs=0)
    # its photons reach the kidneys as the liver's do, its electrons only the body as a whole
    assert at(S, "kidneys", "lesion:a") == at(man, "kidneys", "liver", "photon")
    assert at(S, "liver", "lesion:a", "electron") == 0.0
    # 0.1918 MeV of electrons (ICRP 107) in 73 kg; brems leaves 0.4 %
    want = 0.1918 * 1.602177e-13 / 73.0 * 1e6 * 1e3
    assert at(S, "total_body", "lesion:a", "electron") == pytest.approx(want, rel=0.01, abs=0)


def test_what_was_there_stays(man):
    S = with_spheres(man, [SphereRegion("lesion:a", 10.0, "liver")])
    n, m = man.total.shape
    np.testing.assert_array_equal(S.total[:n, :m], man.total)
    np.testing.assert_array_equal(S.std_err[:n, :m], man.std_err)
    assert S.sources[-1] == S.targets[-1] == "lesion:a"


def test_a_pair_is_two_spheres_with_half_of_all(man):
    S = with_spheres(man, [SphereRegion("lesion:b", 10.0, "remainder", parts=2)])
    half = sphere_S("I-131", mass_g=5.0).total / 2
    assert at(S, "lesion:b", "lesion:b") == pytest.approx(half, rel=1e-12, abs=0)


def test_two_spheres_see_each_other_by_photons(man):
    S = with_spheres(
        man, [SphereRegion("lesion:a", 10.0, "liver"), SphereRegion("lesion:b", 1.0, "brain")]
    )
    assert at(S, "lesion:b", "lesion:a") == at(man, "brain", "liver", "photon")
    assert at(S, "lesion:a", "lesion:b") == at(man, "liver", "brain", "photon")


def test_errors_are_those_of_photons_alone(man):
    S = with_spheres(man, [SphereRegion("lesion:a", 10.0, "liver")])
    whole, part = at(man, "liver", "liver"), at(man, "liver", "liver", "photon")
    want = at(man, "liver", "liver", "std_err") * part / whole
    assert at(S, "lesion:a", "liver", "std_err") == pytest.approx(want, rel=1e-12, abs=0)


def test_the_remainder_loses_no_mass_to_a_sphere_and_never_gives_less_than_nothing():
    mouse = organ_S(*phantom("mouse", 25.0), "Lu-177")
    S = with_spheres(mouse, [SphereRegion("red_marrow", 0.3, "remainder")])
    rest = source_weights(S, ("red_marrow", "liver", "remainder"))[2]
    assert rest.min() >= 0
    assert rest[S.sources.index("red_marrow")] == 0.0
    hours = {"red_marrow": np.ones(1), "liver": np.ones(1), "remainder": np.full(1, 10.0)}
    found = organ_dose(S, hours)
    row = S.targets.index("red_marrow")
    assert all(part[0, row] >= 0 for part in found.by_source.values())


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (SphereRegion("liver", 1.0, "remainder"), "already has a region 'liver'"),
        (SphereRegion("lesion:a", 1.0, "levir"), "'lesion:a' cannot lie in 'levir'"),
    ],
)
def test_faults_are_named(man, region, words):
    with pytest.raises(DataError, match=words):
        with_spheres(man, [region])


def test_a_region_that_another_stands_for_is_a_place(man):
    S = with_spheres(man, [SphereRegion("lesion:a", 1.0, "muscle")])
    assert at(S, "lesion:a", "liver") == at(man, "remainder", "liver", "photon")
    assert replace(S) is not S


def test_a_lesion_keeps_its_alpha_particles():
    body, fractions = phantom("adult-male")
    S = with_spheres(organ_S(body, fractions, "Ac-225"), [SphereRegion("lesion:a", 1.0, "liver")])
    alone = sphere_S("Ac-225", mass_g=1.0)
    assert alone.alpha > 0.9 * alone.total
    assert at(S, "lesion:a", "lesion:a") == pytest.approx(alone.total, rel=1e-12, abs=0)
    pair = with_spheres(
        organ_S(body, fractions, "Ac-225"), [SphereRegion("lesion:b", 2.0, "liver", parts=2)]
    )
    assert at(pair, "lesion:b", "lesion:b") == pytest.approx(alone.total / 2, rel=1e-12, abs=0)
