"""A tumor in a body: it replaces what was there, and nothing else changes."""

import numpy as np
import pytest

from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.mouse import mouse_body
from pdcraft.anatomy.stylised import stylised_body
from pdcraft.anatomy.tumor import flank_center_cm, with_tumor
from pdcraft.anatomy.volumes import region_volumes_cm3
from pdcraft.errors import DataError

IN_LIVER = (-10.0, -1.0, 36.5)
IN_SPINE = (0.0, 5.5, 30.0)


@pytest.fixture(scope="module")
def man():
    return stylised_body("adult-male")


def test_a_tumor_takes_the_liver_s_place(man):
    body = with_tumor(man, IN_LIVER, 20.0, "lesion:liver")
    assert body.regions[0] == "lesion:liver"
    assert len(body.regions) == len(man.regions) + 1
    assert body.regions[region_of(body, IN_LIVER)] == "lesion:liver"
    radius = (3 * 20 / 1.04 / (4 * np.pi)) ** (1 / 3)
    just_out = np.add(IN_LIVER, [0, 0, 1.001 * radius])
    assert body.regions[region_of(body, just_out)] == "liver"
    lost = man.volume_cm3[man.index("liver")] - body.volume_cm3[body.index("liver")]
    assert lost == pytest.approx(20.0 / 1.04, rel=1e-9, abs=0)  # it lies wholly in the liver
    assert body.volume_cm3.sum() == pytest.approx(man.volume_cm3.sum(), rel=1e-12, abs=0)


def test_all_mass_tables_lose_what_was_replaced(man):
    body = with_tumor(man, IN_LIVER, 20.0, "lesion:liver")
    own = body.mass_table("TM-8381")
    assert own.mass_g("lesion:liver") == 20.0
    assert own.mass_g("total_body") == pytest.approx(
        man.mass_table("TM-8381").mass_g("total_body"), rel=1e-9, abs=0
    )
    share = 20.0 / man.mass_table("TM-8381").mass_g("liver")
    assert body.mass_table().mass_g("liver") == pytest.approx(1800 * (1 - share), rel=1e-9, abs=0)
    assert body.mass_table().mass_g("spleen") == 150.0


def test_a_tumor_across_organs_takes_from_each_what_it_covers(man):
    center = (0.0, 3.2, 30.0)  # at the front of the lumbar spine
    body = with_tumor(man, center, 30.0, "lesion:node")
    kept = dict(zip(body.regions[1:], body.volume_cm3[1:], strict=True))
    index = [body.index(r) for r in ("spine_lower",)]
    counted = region_volumes_cm3(body, 16, np.array(index))
    assert kept["spine_lower"] < man.volume_cm3[man.index("spine_lower")] - 5.0
    # two Sobol estimates of a solid organ, 0.1 % each
    assert kept["spine_lower"] == pytest.approx(counted[0], rel=3e-3, abs=0)


def test_marrow_is_lost_with_the_bone(man):
    body = with_tumor(man, IN_SPINE, 20.0, "lesion:L2")
    i, j = man.index("spine_lower"), body.index("spine_lower")
    kept = body.volume_cm3[j] / man.volume_cm3[i]
    share = man.red_marrow["spine_lower"]
    left = 1 - share * (1 - kept)
    assert kept < 0.95
    assert body.red_marrow["spine_lower"] == pytest.approx(share * kept / left, rel=1e-12, abs=0)
    assert body.mass_table().mass_g("red_marrow") == pytest.approx(1170 * left, rel=1e-12, abs=0)


def test_two_tumors_and_the_group_of_all(man):
    body = with_tumor(with_tumor(man, IN_LIVER, 5.0, "lesion:a"), IN_SPINE, 1.0, "lesion:b")
    assert set(body.groups["total_body"]) == set(body.regions)
    assert body.mass_table().mass_g("lesion:a") == 5.0


@pytest.mark.parametrize(
    ("center", "mass", "name", "words"),
    [
        ((0, 0, 300), 1.0, "lesion:x", "does not lie in adult-male: 100 %"),
        ((19.5, 0, 30), 20.0, "lesion:x", "does not lie in adult-male"),
        (IN_LIVER, 0.0, "lesion:x", "mass, g, is 0.0; it must be above zero"),
        (IN_LIVER, float("nan"), "lesion:x", "must be above zero"),
        (IN_LIVER, 1.0, "liver", "no name of a tumor"),
        (IN_LIVER, 1.0, "tumor", "no region of the human"),
        ((-3.5, -2.4, 33.2), 1100.0, "lesion:x", "leaves nothing of"),
    ],
)
def test_bad_tumors_are_refused(man, center, mass, name, words):
    with pytest.raises(DataError, match=words):
        with_tumor(man, center, mass, name)


def test_a_name_is_taken_once(man):
    body = with_tumor(man, IN_LIVER, 1.0, "lesion:a")
    with pytest.raises(DataError, match="already has a region 'lesion:a'"):
        with_tumor(body, IN_SPINE, 1.0, "lesion:a")


@pytest.mark.parametrize("mass_g", [0.001, 0.1, 1.0, 3.0])
def test_flank_tumors_of_any_size_sit_on_the_mouse(mass_g):
    mouse = mouse_body(25.0)
    center = flank_center_cm(mouse, mass_g)
    body = with_tumor(mouse, center, mass_g, "tumor", may_protrude=True)
    assert body.mass_table().mass_g("tumor") == mass_g
    taken = mouse.volume_cm3.sum() - body.volume_cm3[1:].sum()
    assert 0 < taken < mass_g / 1.04  # part of it lies outside
    assert center[0] > 0.9  # on the left
    with pytest.raises(DataError, match="does not lie in mouse"):
        with_tumor(mouse, center, mass_g, "tumor")


def test_only_the_mouse_has_a_flank(man):
    with pytest.raises(DataError, match="no flank"):
        flank_center_cm(man, 1.0)
