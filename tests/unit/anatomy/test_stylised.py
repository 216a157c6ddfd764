"""Stylised adults and children: volumes, masses, symmetry, overlaps, containment."""

import numpy as np
import pytest

from pdcraft.anatomy.membership import inside_solid, region_of
from pdcraft.anatomy.skeleton import BONES
from pdcraft.anatomy.stylised import STYLISED, stylised_body
from pdcraft.anatomy.volumes import box_points, region_volumes_cm3
from pdcraft.data.stylised import column, red_marrow_shares, reference_volumes, unverified_entries
from pdcraft.errors import DataError

ADULTS = ("adult-male", "adult-female")
BODIES = [stylised_body(name, both_sexes=name in ADULTS) for name in STYLISED]
PAIRS = ("kidneys", "adrenals", "ovaries", "testes", "breast", "skin", "brain", "thyroid", *BONES)
#: The gall bladder of the young: its size follows from its mass, its place is not known.
YOUNG_OVERLAPS = {("gallbladder", "liver"), ("heart", "lungs"), ("heart", "liver")}


def volumes(body):
    own = dict(zip(body.regions, body.volume_cm3, strict=True))
    for name in ("leg_bones", "arm_bones"):
        own[name] = own[f"{name}_upper"] + own[f"{name}_lower"]
    return own


@pytest.mark.parametrize("name", ADULTS)
def test_organs_of_adults_have_the_volumes_of_their_equations(name):
    body = stylised_body(name, both_sexes=True)
    own = volumes(body)
    for ref in reference_volumes(STYLISED[name].column):
        if ref.region == "skin":  # of another form of head and neck, see the next test
            continue
        # 1 %: what the issue asks; the pelvis takes 1 cm3 of the descending colon, 0.6 %
        assert own[ref.region] == pytest.approx(ref.equation_cm3, rel=0.01, abs=0), ref.region


@pytest.mark.parametrize(
    ("name", "breast_skin_cm3"), [("adult-male", 50.3), ("adult-female", 43.5)]
)
def test_skin_is_that_of_the_report_within_the_unverified_head(name, breast_skin_cm3):
    body = stylised_body(name, both_sexes=True)
    ref = next(r for r in reference_volumes(STYLISED[name].column) if r.region == "skin")
    got = volumes(body)["skin"] - breast_skin_cm3
    assert got == pytest.approx(ref.reference_cm3, rel=0.02, abs=0)  # neither head is verified


def test_volumes_are_those_of_closed_forms():
    body = stylised_body("adult-male", both_sexes=True)
    own, pi = volumes(body), np.pi
    wall = 2 / 3 * pi * (2.12**3 - 2**3) + pi * 0.12 * (4.12 * 8 - 0.2275 * 64)
    expected = {
        "spleen": 4 / 3 * pi * 3.5 * 2 * 6,
        "brain": 4 / 3 * pi * 6.6 * 8.6 * 5.75,
        "thymus": 4 / 3 * pi * 1.5 * 0.8 * 4,
        "testes": 8 / 3 * pi * 1.3 * 1.5 * 2.3,
        "stomach_wall": 4 / 3 * pi * (4 * 3 * 8 - 3.387 * 2.387 * 7.387),
        "urinary_bladder_contents": 4 / 3 * pi * 4.706 * 3.206 * 3.206,
        "gallbladder_wall": wall,
        "esophagus_wall": pi * 27 * (1.17 * 0.42 - 0.87 * 0.12),
        "spine_middle": pi * 2 * 2.5 * 34.9,
        "leg_bones": 2 * pi / 3 * 79.8 * (3.5**2 + 3.5 * 1 + 1),
        "adrenals": 4 / 3 * pi * 1.5 * 0.5 * 5,
    }
    for region, volume in expected.items():
        # Sobol points: 1e-3 on walls; the printed rotation of the gall bladder is 1e-4 off
        assert own[region] == pytest.approx(volume, rel=3e-3, abs=0), region


#: Thin in a large box: few of the points hit them.
THIN = {"skin": 0.06, "gallbladder_wall": 0.05, "ribs": 0.03}


@pytest.mark.parametrize("body", BODIES[:2], ids=lambda b: b.name)
def test_shipped_volumes_are_those_of_the_shipped_solids(body):
    got = region_volumes_cm3(body, 13, hits=2000)
    for region, volume, shipped in zip(body.regions, got, body.volume_cm3, strict=True):
        # Sobol points, 2000 hits: found 2 % at most, the seed is fixed
        assert volume == pytest.approx(shipped, rel=THIN.get(region, 0.02), abs=0), region


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES, ids=lambda b: b.name)
def test_shipped_volumes_at_full_size(body):
    got = region_volumes_cm3(body, 16, hits=10_000)
    assert got == pytest.approx(body.volume_cm3, rel=0.01, abs=0)  # thin walls; organs 2e-3


def rough_points(body, log2=16):
    low, high = body.bounds_cm
    return box_points(np.array([[low[0], low[1], -8.0], high]), log2)


@pytest.mark.parametrize("body", BODIES, ids=lambda b: b.name)
def test_paired_organs_and_bones_are_mirror_images(body):
    points = rough_points(body)
    here, there = region_of(body, points), region_of(body, points * [-1, 1, 1])
    for region in PAIRS:
        if region not in body.regions or region == "skin":
            continue
        i = body.index(region)
        if region in BONES:  # organs on one side may meet a bone: in the adults none does
            assert np.array_equal(here == i, there == i), region
        elif body.name.startswith("adult"):
            assert np.array_equal(here == i, there == i), region


@pytest.mark.parametrize("body", BODIES, ids=lambda b: b.name)
def test_organs_meet_only_where_it_is_said(body):
    points = rough_points(body)
    inside = {}
    for i, index in enumerate(body.solids.region):
        region = body.regions[index]
        if region not in ("skin", "remainder"):
            found = inside_solid(body.solids, i, points)
            inside[region] = inside.get(region, False) | found
    allowed = {("pelvis", "lower_large_intestine"), ("brain", "cranium")}
    allowed |= {("cranium", "facial_skeleton"), ("brain", "facial_skeleton")}
    allowed |= {(f"{p}_large_intestine", "small_intestine") for p in ("upper", "lower")}
    if not body.name.startswith("adult"):
        allowed |= YOUNG_OVERLAPS | {("cranium", "spine_upper"), ("brain", "spine_upper")}
    names = list(inside)
    for n, a in enumerate(names):
        for b in names[n + 1 :]:
            organ_a, organ_b = (x.removesuffix("_wall").removesuffix("_contents") for x in (a, b))
            if organ_a != organ_b and (organ_a, organ_b) not in allowed:
                assert not np.any(inside[a] & inside[b]), (a, b)


@pytest.mark.parametrize("body", BODIES, ids=lambda b: b.name)
def test_organs_lie_in_the_body(body):
    points = rough_points(body)
    skin = body.regions.index("skin")
    exterior = np.zeros(len(points), dtype=bool)
    for i in np.nonzero(body.solids.region == skin)[0]:
        exterior |= inside_solid(body.solids, int(i), points)
    breast = body.regions.index("breast") if "breast" in body.regions else -2
    where = region_of(body, points)
    assert not np.any((where >= 0) & (where != breast) & ~exterior)


def test_places_that_an_anatomist_expects():
    body = stylised_body("adult-male")
    points = rough_points(body, 17)
    where = region_of(body, points)
    center = {
        region: points[where == i].mean(axis=0)
        for i, region in enumerate(body.regions)
        if np.any(where == i)  # the lower legs are below the points
    }
    left, back, up = 0, 1, 2
    assert center["liver"][left] < -2 < 2 < center["spleen"][left]
    assert center["stomach_wall"][left] > 0
    assert center["gallbladder_wall"][left] < 0
    assert center["kidneys"][back] > 3 > -3 > center["urinary_bladder_wall"][back]
    assert center["spine_lower"][back] > 3
    assert center["facial_skeleton"][back] < 0
    order = ("brain", "thyroid", "heart_wall", "liver", "urinary_bladder_wall", "testes")
    heights = [center[region][up] for region in order]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("name", ADULTS)
def test_mass_tables_are_named_and_close(name):
    body = stylised_body(name)
    reference = body.mass_table()
    assert reference.name == "ICRP 89"
    assert list(body.masses) == ["ICRP 89", "TM-8381"]
    total = {"adult-male": 73000.0, "adult-female": 60000.0}[name]  # ICRP 89
    assert sum(reference.mass_g(r) for r in body.regions) == pytest.approx(total, rel=1e-12, abs=0)
    assert reference.mass_g("skeleton") == pytest.approx(
        {"adult-male": 10500.0, "adult-female": 7800.0}[name], rel=1e-12, abs=0
    )
    assert "not in the table" in reference.scaled["heart_contents"]
    assert "does not part" in reference.scaled["small_intestine_contents"]


def test_the_body_weighs_what_the_report_s_does():
    own = stylised_body("adult-male", both_sexes=True).mass_table("TM-8381")
    # 73.7 kg as recalled; three digits and the skeleton's 1 %, a tenth of the body
    assert own.mass_g("total_body") == pytest.approx(73.7e3, rel=0.003, abs=0)


@pytest.mark.parametrize(("name", "printed_kg"), [("adult-female", 56.8), ("child-10y", 33.2)])
def test_other_bodies_weigh_what_the_report_s_do(name, printed_kg):
    """As recalled; these masses did not set the heads, whose heights are the adult's in scale."""
    body = stylised_body(name, both_sexes=True) if name in ADULTS else stylised_body(name)
    assert body.own_mass_g.sum() == pytest.approx(1e3 * printed_kg, rel=0.003, abs=0)


def test_the_adult_is_as_tall_as_the_body_of_1978():
    """174 cm, legs to crown, of MIRD Pamphlet 5: 80 + 70 + 24."""
    low, high = stylised_body("adult-male").bounds_cm
    assert high[2] - low[2] == pytest.approx(174.0, abs=1e-9)


def test_masses_of_the_adult_are_those_of_the_report():
    """ORNL/TM-8381 as recalled: three printed digits, equations within 0.5 % of them."""
    own = stylised_body("adult-male", both_sexes=True).mass_table("TM-8381")
    printed = {"liver": 1910, "kidneys": 299, "spleen": 183, "lungs": 1000, "thyroid": 20.7}
    printed |= {"pancreas": 94.3, "heart_wall": 316, "ovaries": 8.71, "testes": 39.1}
    for region, mass in printed.items():
        assert own.mass_g(region) == pytest.approx(mass, rel=0.006, abs=0), region


def test_sexes_have_their_organs():
    man, woman = (stylised_body(name) for name in ADULTS)
    assert not {"ovaries", "uterus", "breast"} & set(man.regions)
    assert "testes" not in woman.regions
    both = stylised_body("adult-male", both_sexes=True)
    assert {"ovaries", "uterus", "breast", "testes"} <= set(both.regions)
    assert both.name == "adult-male-both-sexes"


@pytest.mark.parametrize("region", ["liver", "kidneys", "spleen", "brain", "lungs", "stomach_wall"])
def test_organs_grow_with_age(region):
    ages = ("child-5y", "child-10y", "child-15y", "adult-male")
    masses = [stylised_body(name).mass_table("TM-8381").mass_g(region) for name in ages]
    assert masses == sorted(masses)


def test_children_are_labeled_and_have_no_reference_masses():
    child = stylised_body("child-10y")
    assert list(child.masses) == ["TM-8381"]
    assert not child.red_marrow
    assert any("not validated" in remark for remark in child.remarks)


def test_marrow_shares_are_those_of_the_bones():
    shares = red_marrow_shares()
    assert set(shares) <= set(BONES)
    # Cristy 1981, recalled: 27.4 of 99.9 % in the pelvis, 12.3 in the lumbar spine
    assert shares["pelvis"] == pytest.approx(27.4 / 99.9, rel=1e-12, abs=0)
    assert shares["spine_lower"] == pytest.approx(12.3 / 99.9, rel=1e-12, abs=0)
    assert sum(shares.values()) == pytest.approx(1.0, rel=1e-12, abs=0)


def test_what_is_not_verified_is_named():
    man, woman, child = (unverified_entries(c) for c in ("AM", "15AF", "05"))
    assert "R_H" in man["exterior"]
    assert woman["adrenals"] == ("x0", "y0", "z0", "theta_deg")
    assert "liver" not in man
    assert len(child) > len(man)


def test_unknown_names_are_refused_with_help():
    with pytest.raises(DataError, match="adult-male"):
        stylised_body("adultmale2")
    with pytest.raises(DataError, match="did you mean 'liver'"):
        stylised_body("adult-male").index("livr")
    with pytest.raises(DataError, match="no mass table 'ICRP 23'; it has ICRP 89, TM-8381"):
        stylised_body("adult-male").mass_table("ICRP 23")
    with pytest.raises(DataError, match="there are 05, 10, 15AF, AM"):
        column("01")


def test_the_shipped_table_has_the_rows_that_its_program_makes(monkeypatch):
    from pdcraft.anatomy import __main__ as program
    from pdcraft.data.stylised import csv_rows

    monkeypatch.setattr(program, "LOG2_POINTS", 4)
    monkeypatch.setattr(program, "HITS", 0)
    made = [tuple(row.split(",")[:2]) for row in program.rows()]
    shipped = csv_rows("bodies", "region_volumes.csv")
    assert made[0] == ("body", "region")
    assert made[1:] == [(r["body"], r["region"]) for r in shipped]
