"""Pictures of bodies: the data in them, not their pixels."""

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from pdcraft.anatomy import flank_center_cm, mouse_body, stylised_body, with_tumor
from pdcraft.errors import DataError
from pdcraft.report.__main__ import documented_bodies
from pdcraft.report.body_figure import OrganValues, body_figure, body_sheet, region_value
from pdcraft.report.body_labels import anchors, placed, spread
from pdcraft.report.body_views import body_views
from pdcraft.report.dose_colors import STOPS, dose_scale, scale_bar_svg

SVG = "{http://www.w3.org/2000/svg}"


def tree(html):
    return ElementTree.fromstring(f"<div>{html}</div>")


def shapes(svg):
    return [p for p in svg.iter(f"{SVG}path") if "data-region" in p.attrib]


def points(path):
    """Points of a path of ``M x y l dx dy ... z`` pieces, px."""
    out = []
    for piece in path.attrib["d"].split("z")[:-1]:
        start, moves = piece[1:].split("l")
        numbers = [float(n) for n in re.findall(r"-?\d+", moves)]
        first = np.array([float(n) for n in re.findall(r"-?\d+", start)])
        steps = np.array(numbers).reshape(-1, 2)
        out.append(first + np.vstack([[0.0, 0.0], np.cumsum(steps, axis=0)]))
    return np.concatenate(out) / 10


def middle(svg, region):
    """Middle of a region's box in a picture, px."""
    every = np.concatenate([points(p) for p in shapes(svg) if p.attrib["data-region"] == region])
    return (every.min(axis=0) + every.max(axis=0)) / 2


@pytest.fixture(scope="module")
def man():
    body = stylised_body("adult-male")
    return body, body_views(body)


@pytest.fixture(scope="module")
def mouse():
    body = mouse_body(25.0)
    return with_tumor(body, flank_center_cm(body, 0.5), 0.5, "tumor", may_protrude=True)


@pytest.fixture(scope="module")
def values(man):
    rng = np.random.default_rng(3)
    organs = [r for r in man[0].regions if not r.endswith("_contents") and r != "testes"]
    value = {r: float(v) for r, v in zip(organs, rng.uniform(0.1, 2.0, len(organs)), strict=True)}
    return OrganValues(
        "mean absorbed dose per activity",
        "mGy/MBq",
        value,
        {r: 0.5 * v for r, v in value.items()},
        {r: 1.5 * v for r, v in value.items()},
    )


@pytest.fixture(scope="module")
def pictures(man):
    return [e for e in tree(body_figure(man[0], views=man[1])).iter(f"{SVG}svg")]


@pytest.fixture(scope="module")
def colored(man, values):
    html = body_figure(man[0], values, name="dose", views=man[1])
    return html, [e for e in tree(html).iter(f"{SVG}svg") if e.get("class") != "dosebar"]


# -- orientation ------------------------------------------------------------------------------


def test_six_pictures_with_their_letters(man, pictures):
    assert [v.kind for v in man[1]] == [
        "front", "coronal", "coronal", "sagittal", "transverse", "transverse",
    ]  # fmt: skip
    for view, svg in zip(man[1], pictures, strict=True):
        words = [t.text for t in svg.iter(f"{SVG}text")]
        assert all(words.count(letter) == 1 for letter in view.letters)


@pytest.mark.parametrize("picture", [0, 1, 5])
def test_liver_is_on_the_readers_left_stomach_and_spleen_on_the_right(pictures, picture):
    svg = pictures[picture]
    body = middle(svg, "remainder")[0]
    assert middle(svg, "liver")[0] < body - 10
    assert middle(svg, "stomach_wall")[0] > body + 10
    if picture != 1:
        assert middle(svg, "spleen")[0] > body + 10


def test_heart_lies_to_the_bodys_left_in_every_view(pictures):
    for picture in (0, 1, 4):
        svg = pictures[picture]
        assert middle(svg, "heart_wall")[0] > middle(svg, "remainder")[0]


def test_head_is_up_and_the_front_is_left_or_up(pictures):
    for svg in pictures[:4]:
        assert (
            middle(svg, "brain")[1] < middle(svg, "skin" if svg is not pictures[0] else "liver")[1]
        )
    sagittal, chest = pictures[3], pictures[4]
    assert middle(sagittal, "heart_wall")[0] < middle(sagittal, "spine_middle")[0]
    assert middle(chest, "heart_wall")[1] < middle(chest, "spine_middle")[1]


def test_compass_shows_r_left_of_l_and_h_above_f(pictures):
    places = {
        t.text: (float(t.get("x")), float(t.get("y")))
        for t in pictures[1].iter(f"{SVG}text")
        if t.text in ("R", "L", "H", "F")
    }
    assert places["R"][0] < places["L"][0]
    assert places["H"][1] < places["F"][1]


def test_scale_bar_is_as_long_as_it_says(man, pictures):
    for view, svg in zip(man[1][1:], pictures[1:], strict=True):
        words = next(t.text for t in svg.iter(f"{SVG}text") if re.fullmatch(r"\d+ [cm]m", t.text))
        mm = float(words.split()[0]) * (10 if words.endswith("cm") else 1)
        bar = next(p for p in svg.iter(f"{SVG}path") if "m0 2h" in p.get("d"))
        px = float(re.search(r"m0 2h([\d.]+)", bar.get("d"))[1])
        outer = np.concatenate([points(p) for p in shapes(svg)])
        wide = np.ptp(outer[:, 0])
        # outlines are in tenths of a pixel, the bar too
        assert px / mm == pytest.approx(wide / view.size_mm[0], rel=0.005, abs=0)


# -- what is drawn ----------------------------------------------------------------------------


def test_sections_show_the_regions_that_the_plane_cuts(man, pictures):
    body, views = man
    for view, svg in zip(views[1:], pictures[1:], strict=True):
        drawn = {p.attrib["data-region"] for p in shapes(svg)}
        cut = {body.regions[k] for k in view.outlines}
        # what has less than two tenths of a pixel in extent vanishes
        assert drawn <= cut
        assert {r for r in cut - drawn if r not in ("gallbladder_wall", "thyroid")} == set()


def test_every_organ_has_a_label_in_the_view_from_the_front(man, pictures):
    words = {t.text for t in pictures[0].iter(f"{SVG}text")}
    assert {"brain", "thyroid", "heart", "lungs", "liver", "stomach", "spleen", "pancreas"} <= words
    assert {"kidneys", "adrenals", "gallbladder", "bladder", "ULI", "LLI", "testes"} <= words
    assert "skeleton" in words


def test_labels_do_not_overlap(pictures):
    for svg in pictures:
        columns = {}
        for t in svg.iter(f"{SVG}text"):
            if t.get("text-anchor") in ("start", "end"):
                columns.setdefault(t.get("text-anchor"), []).append(float(t.get("y")))
        for heights in columns.values():
            assert np.all(np.diff(sorted(heights)) > 13.8)  # gap of 14 px, printed to 0.1


def test_tumor_is_on_top_named_and_the_sections_go_through_it(mouse):
    pictures = list(tree(body_figure(mouse)).iter(f"{SVG}svg"))
    for picture in (0, 2, 4):
        tumor = shapes(pictures[picture])[-1]
        assert tumor.attrib["data-region"] == "tumor"
        box = points(tumor)
        assert middle(pictures[picture], "remainder")[0] < box[:, 0].mean()  # the left flank
        bold = [
            t.text for t in pictures[picture].iter(f"{SVG}text") if t.get("font-weight") == "700"
        ]
        assert bold == ["tumor"]
    # the sagittal plane stays in the middle: the tumor is beside the trunk
    assert "brain" in {p.attrib["data-region"] for p in shapes(pictures[3])}


# -- dose -------------------------------------------------------------------------------------


def test_hover_and_data_hold_the_numbers_that_were_given(colored, values):
    seen = set()
    for svg in colored[1]:
        for path in shapes(svg):
            region, said = path.attrib["data-region"], path.find(f"{SVG}title").text
            if region in values.value:
                value = values.value[region]
                assert float(path.attrib["data-value"]) == value
                assert f": {value:.3g}"[:5] in said
                assert said.endswith(")")
                seen.add(region)
            else:
                assert "data-value" not in path.attrib
                assert said.endswith("no value")
                assert path.attrib["fill"].startswith("url(#dose-")
    assert seen == set(values.value)


def test_colors_follow_the_scale(colored, values):
    scale = dose_scale(list(values.value.values()))
    for svg in colored[1]:
        for path in shapes(svg):
            if "data-value" in path.attrib:
                assert path.attrib["fill"] == scale.color(float(path.attrib["data-value"]))


def test_from_the_front_the_highest_is_drawn_last(colored):
    found = [float(p.get("data-value", "-1")) for p in shapes(colored[1][0])]
    regions = [p.get("data-region") for p in shapes(colored[1][0])]
    assert regions[0] == "remainder"  # the body's outline behind all
    assert found[1:] == sorted(found[1:])
    assert "skin" not in regions


def test_labels_show_the_numbers_of_the_wall(colored, values):
    words = [t.text for t in colored[1][1].iter(f"{SVG}text")]
    assert f"stomach {values.value['stomach_wall']:.3g}"[:12] in {w[:12] for w in words}


def test_groups_and_stand_ins_color_what_has_no_value_of_its_own(man):
    body = man[0]
    values = OrganValues(
        "d", "Gy", {"skeleton": 1.0, "muscle": 2.0, "ribs": 3.0, "total_body": 9.0}
    )
    assert region_value(body, values, "pelvis") == "skeleton"
    assert region_value(body, values, "ribs") == "ribs"
    assert region_value(body, values, "remainder") == "muscle"
    assert region_value(body, values, "liver") is None


def test_scale_is_logarithmic_beyond_a_factor_of_hundred():
    assert dose_scale([0.02, 1.9]).log is False
    wide = dose_scale([0.013, 1.9])
    assert (wide.low, wide.high, wide.log) == (0.01, 10.0, True)
    assert wide.share(0.1) == pytest.approx(1 / 3, rel=1e-12, abs=0)
    assert dose_scale([1e-9, 1.0]).low == 1e-4  # four decades at most
    assert dose_scale([0.013, 1.9], log=False).log is False
    assert dose_scale([1.0, 2.0], log=True) == dose_scale([1.5, 3.0], log=True)


@pytest.mark.parametrize(
    ("highest", "top"), [(1.02, 1.5), (1.5, 1.5), (0.00731, 0.008), (9.9, 10.0), (120.0, 150.0)]
)
def test_linear_scale_starts_at_zero_and_ends_at_a_round_number(highest, top):
    scale = dose_scale([highest / 2, highest])
    assert scale.low == 0
    assert scale.high == pytest.approx(top, rel=1e-12, abs=0)
    assert scale.color(scale.low) == STOPS[0]
    assert scale.color(scale.high) == STOPS[-1]


def test_colors_darken_with_the_dose_in_even_steps():
    """CIE lightness: what a print without color and every kind of color vision keeps."""

    def lightness(color):
        rgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        y = float(linear @ [0.2126, 0.7152, 0.0722])
        return 116 * y ** (1 / 3) - 16

    scale = dose_scale([1.0, 10.0], log=False)
    steps = np.diff([lightness(scale.color(v)) for v in np.linspace(0, 10, 11)])
    assert np.all(steps < 0)
    assert steps.min() / steps.max() < 3  # magma's own steps, in pieces of eight colors


def test_bar_names_quantity_and_unit_and_no_value():
    text = scale_bar_svg(dose_scale([0.001, 1.0]), "dose, Gy", below=True)
    words = [t.text for t in ElementTree.fromstring(text).iter(f"{SVG}text")]
    assert words[0] == "dose, Gy, logarithmic"
    assert words[1].startswith("≤ ")
    assert words[-1] == "no value"


@pytest.mark.parametrize("bad", [[], [0.0, 0.0], [-1.0, 1.0], [float("nan"), 1.0]])
def test_what_has_no_color_is_refused(bad):
    with pytest.raises(DataError, match="finite values that are not negative"):
        dose_scale(bad)


def test_values_must_be_finite_and_not_negative():
    with pytest.raises(DataError, match="dose of liver is -1"):
        OrganValues("dose", "Gy", {"liver": -1.0})


# -- files ------------------------------------------------------------------------------------


def test_figure_is_small_loads_nothing_and_is_the_same_twice(man, values, colored):
    html = colored[0]
    assert len(html) < 150_000
    assert not re.search(r"(href|src)=|https?://(?!www\.w3\.org/2000/svg)", html)
    words = re.sub(r' d="[^"]*"', "", html)
    assert not re.search(r"/work|/tmp|/home|\d{4}-\d\d-\d\d", words)
    assert body_figure(man[0], values, name="dose") == html  # own views too
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_names_of_users_are_escaped(man):
    body = with_tumor(man[0], (-9.0, 0.0, 37.0), 40.0, "lesion:a")
    values = OrganValues("<b>dose</b>", "Gy", {"lesion:a": 1.0})
    html = body_figure(body, values)
    assert "<b>" not in html
    assert "a lesion 1.00" in unescape(html)


@pytest.mark.slow
def test_pictures_of_the_documentation_are_those_that_the_code_draws():
    images = Path(__file__).parents[3] / "docs" / "images"
    for file, body in documented_bodies():
        text = (images / file).read_text(encoding="utf-8")
        assert len(text) < 100_000
        there, now = (ElementTree.fromstring(t) for t in (text, body_sheet(body)))
        for tag in ("text", "title"):
            # last digits of a place may differ between processors, words may not
            assert [e.text for e in there.iter(SVG + tag)] == [e.text for e in now.iter(SVG + tag)]


# -- labels -----------------------------------------------------------------------------------


def test_spread_keeps_order_gap_and_limits():
    assert spread([], 10, 0, 100) == []
    assert spread([3.0], 10, 5, 100) == [5.0]
    out = spread([50.0, 51.0, 52.0, 90.0], 10, 0, 100)
    assert np.all(np.diff(out) >= 10 - 1e-9)
    assert np.mean(out[:3]) == pytest.approx(51.0, rel=1e-12, abs=0)  # pooled about their mean
    assert spread([99.0, 99.5], 10, 0, 100)[-1] <= 100


def test_anchor_is_inside_an_area_with_a_hole():
    square = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    hole = np.array([[1.0, 1.0], [7.0, 1.0], [7.0, 9.0], [1.0, 9.0]])
    left, right = anchors([square, hole], 20.0)
    assert right is None
    assert left.x > 7  # the wide side of the frame
    assert left.room == pytest.approx(1.5, abs=0.15)  # half of its 3; candidates every 0.2


def test_small_areas_get_no_label_and_pairs_stand_where_there_is_room():
    def box(x, y, half):
        return np.array([[x, y]]) + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])

    areas = {
        "one": [box(10, 10, 4)],
        "two": [box(12, 20, 4)],
        "pair": [box(10, 50, 4), box(90, 50, 4)],
        "dot": [box(30, 30, 0.5)],
    }
    labels = {label.name: label for label in placed(areas, 50, 14, (0, 100), 2.5)}
    assert set(labels) == {"one", "two", "pair"}
    assert labels["pair"].side == "right"
    assert labels["two"].y - labels["one"].y == pytest.approx(14, rel=1e-12, abs=0)
