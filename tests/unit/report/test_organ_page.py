"""The page of organ doses: its figures hold the numbers of the doses, the page nothing else."""

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from test_report_browser import BROWSER, opened

from pdcraft.anatomy import stylised_body
from pdcraft.core.quantity import quantity
from pdcraft.core.run import Series, Subject
from pdcraft.data.body_fractions import body_fractions
from pdcraft.dosimetry.organ_dose import organ_dose
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.errors import DataError
from pdcraft.report import artefacts
from pdcraft.report.organ_figures import (
    MarrowShares,
    bar_groups,
    marrow_bars,
    marrow_spread,
    organ_bars,
    s_matrix,
)
from pdcraft.report.organ_page import body_page, organ_dose_page
from pdcraft.report.organ_parts import organ_values, shown_targets, target_doses
from pdcraft.report.organ_section import organ_section
from pdcraft.report.run_organs import run_organs, run_values

METHODS = (
    MarrowShares("response functions", 0.3, 0.1, 0.3, 0.4, 1.1, "ICRP 116"),
    MarrowShares("blood <ratio>", 0.2, 0.1, 0.2, 0.4, 0.8, "Sgouros 1993"),
)


@pytest.fixture(scope="module")
def body():
    return stylised_body("adult-male")


@pytest.fixture(scope="module")
def dose(body):
    rng = np.random.default_rng(11)
    hours = {"liver": 8.0, "urinary_bladder_contents": 2.0, "red_marrow": 5.0, "remainder": 40.0}
    S = organ_S(body, body_fractions("adult-male"), "I-131")
    return organ_dose(S, {s: h * rng.lognormal(0, 0.3, 200) for s, h in hours.items()})


@pytest.fixture(scope="module")
def rate():
    hours = np.array([1.0, 10.0, 100.0])
    value = np.array([1e-3, 2e-3, 1e-3])
    subject = Subject("CLR 131", "human", None, "liver")
    kind = quantity("absorbed_dose_rate")
    return Series("dosimetry", kind, subject, "x.csv", hours, value, 0.5 * value, 2 * value)


@pytest.fixture(scope="module")
def page(body, dose, rate):
    return organ_dose_page(dose, body, title="I-131 & man", marrow=METHODS, rates=[rate])


def test_parts_by_origin_sum_to_the_dose_of_each_target(dose):
    for one in target_doses(dose):
        t = dose.targets.index(one.target)
        draws = dose.coefficient_mGy_per_MBq[:, t]
        assert sum(one.by_origin.values()) == pytest.approx(draws.mean(), rel=1e-9, abs=0)
        assert one.mean == pytest.approx(draws.mean(), rel=1e-12, abs=0)
        assert (one.low, one.high) == pytest.approx(np.percentile(draws, [2.5, 97.5]), rel=1e-12)
        assert [v for _, v in one.sources] == sorted((v for _, v in one.sources), reverse=True)


def test_dose_is_of_itself_contents_other_organs_or_the_rest(dose):
    parts = {one.target: one.by_origin for one in target_doses(dose)}
    by_source = {s: v.mean(axis=0) for s, v in dose.by_source.items()}

    def of(target, source):
        return pytest.approx(by_source[source][dose.targets.index(target)], rel=1e-12, abs=0)

    assert parts["liver"]["itself"] == of("liver", "liver")
    assert parts["urinary_bladder_wall"]["its own contents"] == of(
        "urinary_bladder_wall", "urinary_bladder_contents"
    )
    assert parts["bone_surface"]["its own contents"] == of("bone_surface", "red_marrow")
    assert parts["liver"]["rest of the body"] == of("liver", "remainder")
    assert parts["spleen"]["itself"] == 0
    # the wall of another organ is not its own contents
    assert parts["stomach_wall"]["its own contents"] == 0


def test_shown_are_tissues_once(dose):
    shown = shown_targets(dose.S)
    assert {"liver", "red_marrow", "bone_surface", "skeleton", "total_body"} <= set(shown)
    assert not {"pelvis", "ribs", "stomach_contents"} & set(shown)
    assert "small_intestine_contents" in shown  # has no wall of its own
    assert shown[-1] == "total_body"


def test_bars_hold_the_parts_and_the_limits(dose):
    doses = target_doses(dose)
    ranked = sorted(doses, key=lambda d: -d.mean)
    figure = organ_bars(ranked)
    bars = {t.name: np.array(t.x) for t in figure.data if t.type == "bar"}
    assert list(bars) == ["itself", "its own contents", "other organs", "rest of the body"]
    total = sum(bars.values())
    # five significant digits of each number: 5e-5 each
    np.testing.assert_allclose(total, [d.mean for d in ranked], rtol=5e-5, atol=0)
    dots = figure.data[-1]
    np.testing.assert_allclose(
        np.array(dots.x) + dots.error_x.array, [d.high for d in ranked], rtol=1e-4, atol=0
    )
    np.testing.assert_allclose(
        np.array(dots.x) - dots.error_x.arrayminus, [d.low for d in ranked], rtol=1e-4, atol=0
    )
    assert "from red marrow: " in dots.text[[d.target for d in ranked].index("red_marrow")]


def test_far_apart_doses_stand_on_two_scales(dose):
    doses = target_doses(dose)
    assert [len(g) for g in bar_groups(doses)] == [len(doses)]
    low = [replace(d, mean=m) for d, m in zip(doses, [9.0, 300.0, 0.5, 250.0, 0.0], strict=False)]
    assert [[d.mean for d in g] for g in bar_groups(low)] == [[300.0, 250.0], [9.0, 0.5, 0.0]]
    assert bar_groups([]) == []


def test_matrix_holds_the_logarithms_of_s(dose):
    heat = s_matrix(dose.S).data[0]
    rows, columns = list(heat.y), list(heat.x)
    S = dose.S
    for target, source in (("liver", "kidneys"), ("red_marrow", "liver"), ("thyroid", "thyroid")):
        value = S.total[S.targets.index(target), S.sources.index(source)]
        i, j = rows.index(target.replace("_", " ")), columns.index(source)
        assert heat.z[i][j] == pytest.approx(np.log10(value), abs=1e-4)  # printed to 4 places
        assert f"{target.replace('_', ' ')} ← {source}" in heat.text[i][j]
    assert rows.index("brain") == columns.index("brain") == 0  # the diagonal is a diagonal


def test_marrow_figure_shows_parts_limits_and_spread():
    figure = marrow_bars(METHODS, "mGy/MBq")
    assert [t.name for t in figure.data[:3]] == [
        "marrow itself",
        "other organs",
        "rest of the body",
    ]
    assert [list(t.x) for t in figure.data[:3]] == [[0.3, 0.2], [0.1, 0.1], [0.3, 0.2]]
    assert list(figure.data[3].x) == pytest.approx([0.7, 0.5], rel=1e-4)
    assert list(figure.data[3].error_x.array) == pytest.approx([0.4, 0.3], rel=1e-4)
    assert list(figure.layout.yaxis.ticktext) == ["response functions", "blood &lt;ratio&gt;"]
    assert "factor of 1.4: response functions gives most" in marrow_spread(METHODS)
    assert marrow_spread(METHODS[:1]) == ""
    with pytest.raises(DataError, match="at least one method"):
        marrow_bars([], "mGy/MBq")


def test_body_is_colored_by_the_means_of_tissues(dose):
    values = organ_values(dose)
    want = dose.target("liver").mean()  # the same sum in another order
    assert values.value["liver"] == pytest.approx(want, rel=1e-12, abs=0)
    assert "pelvis" in values.value
    assert "stomach_contents" not in values.value
    assert values.low["liver"] < values.value["liver"] < values.high["liver"]


def test_page_has_its_parts_in_order_and_its_numbers(page, dose):
    heads = re.findall(r"<h2>([^<]+)</h2>", page)
    assert heads == [
        "Dose in the body", "Organ doses", "Red marrow", "Dose rate", "S values", "What to know",
    ]  # fmt: skip
    assert "<h1>I-131 &amp; man</h1>" in page
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    liver = cells[cells.index("liver") :][:9]
    draws = dose.target("liver")
    assert float(liver[2]) == pytest.approx(draws.mean(), rel=5e-3, abs=0)  # three digits
    low, high = np.percentile(draws, [2.5, 97.5])
    assert [float(x) for x in liver[3:5]] == pytest.approx([low, high], rel=5e-3, abs=0)
    part = cells.index("liver") + 10
    assert cells[part : part + 2] == ["kinetics", "100"]  # no mass was drawn, error 0.1 %
    assert "not a map of voxels" in page
    assert "blood <ratio>" not in page


def test_page_loads_nothing_and_names_no_place_or_time(page):
    own = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert "default-src 'none'" in own
    assert not re.search(r'(src|href)="?https?:', own)
    assert not re.search(r"/work|/tmp|/home|\d{4}-\d\d-\d\dT", own)
    ids = re.findall(r'<div id="(fig-[^"]+)"', page)
    assert len(ids) == len(set(ids)) == 4


@pytest.mark.slow
def test_page_is_the_same_twice(page, body, dose, rate):
    again = organ_dose_page(dose, body, title="I-131 & man", marrow=METHODS, rates=[rate])
    assert again == page


def test_remarks_are_said_once(page, body):
    text = unescape(page)
    for remark in body.remarks:
        assert text.count(remark) == 1


def test_body_alone_has_its_masses(body):
    page = body_page(body)
    assert re.findall(r"<h2>([^<]+)</h2>", page) == ["The body", "Masses", "What to know"]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    # reference mass of ICRP 89, and the geometry's
    assert cells[cells.index("liver") :][:3] == ["liver", "1800", "1910"]


def test_section_without_doses_can_take_values_of_a_study(body):
    from pdcraft.report.body_figure import OrganValues

    parts = organ_section(None, body, values=OrganValues("d", "Gy", {"liver": 2.0}), anatomy=False)
    assert 'data-value="2.0"' in parts["colored"]
    assert parts["anatomy"] is parts["bars"] is parts["matrix"] is parts["marrow"] is None


# -- in the report of a study -----------------------------------------------------------------


def test_a_study_without_a_body_shows_none(result):
    assert run_organs(result) is None
    assert 'id="body"' not in artefacts(result)["report.html"][1].decode()


def test_report_of_a_study_draws_its_body_with_the_numbers_of_its_rows(result, body, dose, rate):
    study = replace(
        result,
        body=body,
        organ_dose=dose,
        run=replace(result.run, series=(*result.run.series, rate)),
    )
    text = artefacts(study)["report.html"][1].decode()
    part = text[text.index('<section id="body">') : text.index('<section id="dose">')]
    rows = {
        r.subject.region: r.summary["value"]
        for r in result.run.results
        if r.quantity.key == "absorbed_dose_coefficient" and r.origin == "computed"
    }
    shown = dict(re.findall(r'data-target="([^"]+)" data-value="([^"]+)"', part))
    assert float(shown["liver"]) == rows["liver"]
    assert part.index("not a map of voxels") < part.index("Where each dose comes from")
    # the dose rate is no activity: it stands with the doses
    kinetics = text[text.index('<section id="kinetics">') : text.index('<section id="body">')]
    assert "Gy/h" not in kinetics
    assert "Dose rate over time" in text


def test_values_of_an_arm_are_its_own(result):
    arm = "25 mCi per m2"
    values = run_values(result.run, arm)
    rows = [r for r in result.run.results if r.subject.arm == arm and r.subject.region == "liver"]
    assert values.value["liver"] == rows[0].summary["value"]
    assert values.unit == "Gy"
    assert run_values(result.run, "no such arm") is None


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome is installed")
def test_page_is_drawn_in_silence(page, tmp_path):
    dom, console = opened(page, tmp_path)
    assert console == []
    drawn = re.findall(r'<div id="(fig-[^"]+)" class="plotly-graph-div js-plotly-plot"', dom)
    assert sorted(drawn) == [
        "fig-organs-bars-0", "fig-organs-marrow", "fig-organs-rate-0", "fig-organs-s",
    ]  # fmt: skip
