"""Bodies by name with their fractions."""

import pytest

from pdcraft.dosimetry.phantom import PHANTOMS, Lesion, phantom, with_lesions
from pdcraft.errors import DataError


def test_body_and_fractions_belong_together():
    body, fractions = phantom("Adult male")
    assert body.name == fractions.body == "adult-male"
    assert set(fractions.targets) == set(body.regions)
    # geometry and table were made apart: the volumes' quadrature, 0.1 %
    assert fractions.target_mass_g.sum() == pytest.approx(body.own_mass_g.sum(), rel=2e-3, abs=0)


def test_a_mouse_has_the_mass_that_was_asked():
    body, fractions = phantom("mouse", 27.0)
    assert body.own_mass_g.sum() == pytest.approx(27.0, rel=1e-9, abs=0)
    assert fractions.target_mass_g.sum() == pytest.approx(27.0, rel=2e-3, abs=0)


@pytest.mark.parametrize(
    ("name", "mass_g", "words"),
    [
        ("adult male", 70_000.0, "only the mouse takes a body mass"),
        ("adult-mle", None, "did you mean 'adult-male'"),
        ("mouse", 90.0, "20 to 35 g"),
    ],
)
def test_others_are_refused(name, mass_g, words):
    with pytest.raises(DataError, match=words):
        phantom(name, mass_g)


def test_names():
    assert PHANTOMS[0] == "adult-male"
    assert PHANTOMS[-1] == "mouse"


def test_no_lesions_is_the_body_itself(adult_male, made_fractions):
    assert with_lesions(adult_male, made_fractions, ()) == (adult_male, made_fractions)


@pytest.mark.slow
def test_a_lesion_in_the_liver_gets_the_dose_of_a_sphere_of_its_mass():
    """Of 10 g, by I-131; the sphere's tables are of water, 1.00 g/mL, the lesion has 1.04.

    Its electrons leave it a little less (0.2 %), its photons less (10 % of them, 5 % of S) by
    8 %: 1 % at most, and 0.5 % of statistics.
    """
    from pdcraft.dosimetry.organ_s import organ_S
    from pdcraft.dosimetry.spheres import sphere_S

    body, fractions = with_lesions(*phantom("adult-male"), [Lesion("lesion:met", 10.0, "liver")])
    S = organ_S(body, fractions, "I-131")
    met = S.targets.index("lesion:met"), S.sources.index("lesion:met")
    assert S.total[met] == pytest.approx(sphere_S("I-131", mass_g=10.0).total, rel=0.02, abs=0)
    assert S.target_mass_g[met[0]] == pytest.approx(10.0, rel=1e-9, abs=0)
    # the liver gives its lesion about its own photon dose and a little of its electrons
    liver = S.sources.index("liver")
    assert 0.5 < S.photon[met[0], liver] / S.photon[S.targets.index("liver"), liver] < 2.0
