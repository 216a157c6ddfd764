"""The report's section on response: every number of the rows, grades where CTCAE has them."""

import re
from pathlib import Path

import pytest
from report_page import Page

from pdcraft.report import artefacts
from pdcraft.report.response_section import response_section
from pdcraft.response.ctcae import thresholds_1e9_per_L
from pdcraft.study.run import run_study

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    text = (EXAMPLES / "head_neck_beam" / "study.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(text.replace("subjects = 30", "subjects = 10"), encoding="utf-8")
    return run_study(path, draws=50)


@pytest.fixture(scope="module")
def html(result):
    return artefacts(result)["report.html"][1].decode()


def grid(html, title):
    return next(t for t in Page(html).tables if t.title.startswith(title))


def test_the_tables_hold_the_rows(html, result):
    table = grid(html, "Lowest counts")
    cells = next(r for r in table.rows if r[:2] == ["platelets", "with external beam"])
    arm = "CLR 131/human/with external beam"
    nadir = result.run.row(f"response/blood_count_nadir/platelets/{arm}").summary
    day = result.run.row(f"response/nadir_day/platelets/{arm}").summary
    found = [float(c) for c in cells[2:]]
    # three digits are shown
    assert found[:3] == pytest.approx([nadir[k] for k in ("value", "low", "high")], rel=5e-3)
    assert found[6] == pytest.approx(day["value"], rel=5e-3)
    lesion = grid(html, "Lesions")
    alone = next(r for r in lesion.rows if r[1] == "CLR 131 alone")
    assert alone[2:5] == ["", "", ""]  # no external beam


def test_grades_begin_where_ctcae_has_them(html):
    section = html[html.index('id="response"') :]
    for i, cells in enumerate(("platelets", "neutrophils", "lymphocytes")):
        start = section.index(f'id="fig-counts-{i}"')
        figure = section[start : start + 60_000]
        limits = thresholds_1e9_per_L(cells)
        assert re.search(rf'"y0":{limits[3]:g}(\.0)?,"y1":{limits[2]:g}(\.0)?[,}}]', figure), cells


def test_activity_curves_are_those_of_kinetics_alone(html, result):
    """Counts and markers have axes of their own: days, cells, grams."""
    regions = {s.subject.region for s in result.run.series if s.stage == "kinetics"}
    drawn = {int(k) for k in re.findall(r'id="fig-time-(\d+)"', html)}
    assert drawn == set(range(len(regions)))


def test_bars_stand_beside_published_counts(result, html):
    section = response_section(result.run)
    assert section is not None
    assert section["published"]
    assert section["response_arms"] == [
        ("with external beam", dict(section["arms"])["with external beam"])
    ]
    assert "8 of 11" in html
    assert "effects are those of the models named here" in html


def test_a_study_without_response_has_no_section():
    study = EXAMPLES / "clr131_parameters" / "study.toml"
    other = run_study(study, draws=50)
    assert response_section(other.run) is None
    assert 'id="response"' not in artefacts(other)["report.html"][1].decode()


def test_the_summary_says_the_effects(html):
    summary = html[html.index('id="summary"') : html.index('id="molecule"')]
    assert "platelets fall to" in summary
    assert "partial response or better" in summary
