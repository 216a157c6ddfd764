"""What must be true of the report: every number in its column, nothing loaded, nothing injected."""

import dataclasses
import re

import pytest
from report_page import Page

from pdcraft.core.conjugate import Conjugate, Payload
from pdcraft.core.run import RunWarning
from pdcraft.report import artefacts
from pdcraft.report.html import NOTICE, agent_status

GROUP = {"computed": "computed", "published": "published", "assumed": "assumed"}


def page_of(result):
    kind, content = artefacts(result)["report.html"]
    assert kind == "report"
    return content.decode()


@pytest.fixture(scope="module")
def html(result):
    return page_of(result)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def cell(page, row, key="value"):
    """Text of a row's number: found by quantity, region, arm and the group of its origin."""
    words = {"lesion:index": "index lesion", None: ""}
    region = words.get(row.subject.region, (row.subject.region or "").replace("_", " "))
    for grid in page.tables:
        columns = grid.columns()
        single = "quantity" in columns
        if not single and not grid.title.lower().startswith(
            (f"{row.quantity.name},", f"{row.quantity.name} ")
        ):
            continue
        for cells in grid.rows:
            named = dict(zip(columns, cells, strict=True))
            wanted = [
                not single or named["quantity"] == row.quantity.name,
                named.get("region", region) == region,
                named.get("arm", row.subject.arm) == row.subject.arm,
            ]
            found = [
                c for c in columns if c.startswith(GROUP[row.origin]) and c.endswith(f"| {key}")
            ]
            if all(wanted) and found and named[found[0]]:
                return named[found[0]]
    return None


def test_every_number_stands_in_the_column_of_its_origin(page, result):
    for row in (r for r in result.run.results if not r.compare_with):
        for key in ("value", "low", "high"):
            if row.summary[key] is None or (key != "value" and row.origin != "computed"):
                continue
            text = cell(page, row, key)
            assert text is not None, f"{row.id}: no {key}"
            # computed numbers are printed with three digits: half a unit of the third is 0.5 %
            assert float(text) == pytest.approx(row.summary[key], rel=5e-3, abs=0), row.id


def test_published_number_stands_beside_the_computed_one_in_its_own_column(page):
    grid = page.table("Absorbed dose coefficient, mGy/MBq")
    columns = grid.columns()
    marrow = next(dict(zip(columns, r, strict=True)) for r in grid.rows if r[0] == "red marrow")
    assert marrow["published, mSv/MBq | value"] == "0.54"
    assert 0.5 < float(marrow["computed, mGy/MBq | value"]) < 1.2
    assert marrow["origin"] == "computed published"
    liver = next(dict(zip(columns, r, strict=True)) for r in grid.rows if r[0] == "liver")
    assert liver["published, mSv/MBq | value"] == ""


def test_a_number_stands_in_one_column_only(page):
    grid = page.table("Single numbers of the stage kinetics")
    published = next(row for row in grid.rows if row[0] == "half-life")
    filled = [c for c, text in zip(grid.columns(), published, strict=True) if text == "822"]
    assert filled == ["published | value"]
    assert published.count("") == 3 + 1  # computed value, low, high; the inputs that drive them


def test_assumed_inputs_are_told_apart_from_other_drivers(page):
    grid = page.table("Absorbed dose coefficient")
    columns = grid.columns()
    lesion = next(dict(zip(columns, r, strict=True)) for r in grid.rows if r[0] == "index lesion")
    assumed = next(c for c in columns if c.startswith("assumed"))
    assert lesion[assumed].startswith("lesion species factor")
    others = lesion["other inputs, share of variance"]
    assert others.startswith("plasma AUC") or others == ""


def test_cells_of_numbers_hold_plain_numbers(page):
    """A spreadsheet reads them: no unit, no thousands separator, no dash for nothing."""
    for grid in page.tables:
        for place, column in enumerate(grid.columns()):
            if column.split("| ")[-1] in ("value", "low", "high") and "|" in column:
                for row in grid.rows:
                    assert row[place] == "" or re.fullmatch(r"\d+(\.\d+)?(e-?\d+)?", row[place])


def test_doses_by_arm(page, result):
    grid = page.table("Absorbed dose by arm")
    assert [row[0] for row in grid.rows] == list(result.arms)
    place = grid.columns().index("red marrow, Gy | high")
    row = result.run.row(f"dosimetry/absorbed_dose/red_marrow/CLR 131/human/{grid.rows[-1][0]}")
    # three printed digits
    assert float(grid.rows[-1][place]) == pytest.approx(row.summary["high"], rel=5e-3, abs=0)


def test_measured_values_have_a_table_of_their_own(page):
    grid = page.table("Measured values")
    assert grid.columns()[3:] == ["measured | value", "measured | SEM"]
    # 2e-4 per mL is 0.02 %IA/mL; an error that is not known is empty
    assert grid.rows[0] == ["plasma", "%IA/mL", "1", "0.02", "0.002"]
    assert grid.rows[2][3:] == ["0.009", ""]


def test_notice_stands_at_the_foot(html, page):
    words = " ".join(page.text.split())
    assert (
        "Research software. Not a medical device; not for diagnosis, treatment planning or "
        "activity prescription." in words
    )
    assert html.rindex(NOTICE) > html.rindex("How to repeat")
    assert "CLR 131 (iopofosine I 131) is investigational: Phase 2" in words


def test_status_follows_the_catalogue():
    assert agent_status("miltefosine").startswith("miltefosine")
    assert "investigational" not in agent_status("miltefosine")
    assert "investigational" in agent_status("CLR 125")
    assert agent_status("a molecule of mine") is None


def test_all_parts_are_there(page):
    words = " ".join(page.text.split())
    for part in (
        "pdcraft run run.json",
        "lesion species factor",  # assumption
        "The tail is <extrapolated> by 31 %.",  # warning, its characters intact
        "Grudzinski JJ et al., PLoS ONE 2014",  # citation
        "doi:10.1371/journal.pone.0",
        'name = "clr131"',  # study file
        "C[N+](C)(C)CCOP",
    ):
        assert part in words


def test_nothing_is_loaded(page):
    for tag, attributes in page.tags:
        assert not {"src", "srcset", "data", "poster", "background"} & set(attributes), tag
        assert tag not in ("link", "iframe", "object", "embed", "img", "base"), tag
        if tag == "a":
            assert attributes["href"].startswith(("#", "https://doi.org/"))
    for style in page.styles:
        assert "@import" not in style
        assert "url(" not in style
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


def test_no_nan_reaches_the_page(page):
    shown = [script for script in page.scripts if len(script) < 1_000_000]  # all but Plotly itself
    assert len(shown) == len(page.scripts) - 1
    assert not any(re.search(r"\b(NaN|Infinity|undefined)\b", script) for script in shown)
    assert not re.search(r"\b(nan|inf|None)\b", page.text)


def test_same_result_same_bytes(make):
    assert artefacts(make()) == artefacts(make())


def test_hostile_texts_stay_texts(make, page):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    run = make().run
    image = "<img src=x onerror=alert(1)>"
    arms, regions = {"12.5 mCi per m2": f"low {image}"}, {"lesion:index": f"lesion:{image}"}
    rows = tuple(
        dataclasses.replace(
            row,
            subject=dataclasses.replace(
                row.subject,
                arm=arms.get(row.subject.arm, row.subject.arm),
                region=regions.get(row.subject.region, row.subject.region),
            ),
        )
        for row in run.results
    )
    warnings = (RunWarning("bad", "kinetics", evil),)
    run = dataclasses.replace(run, results=rows, warnings=warnings)
    hostile = Page(
        page_of(
            make(
                title=evil,
                summary=evil,
                run=run,
                arms={evil: evil},
                inputs={"study.toml": evil},
                conjugate=Conjugate(evil, Payload("radionuclide", "I-131", half_life_h=192.5)),
            )
        )
    )
    assert evil in hostile.text
    assert len(hostile.scripts) == len(page.scripts)
    assert not any(tag == "img" for tag, _ in hostile.tags)
    assert not any("onerror" in attributes for _, attributes in hostile.tags)
    # Plotly reads tags in labels: they must be escaped there too, not only in the JSON
    assert not any(re.search(r"(<|\\u003c)img", script) for script in hostile.scripts[1:])


def test_structure_that_is_not_disclosed(make):
    conjugate = Conjugate("CLR 1502", Payload("fluorophore", "a dye"))
    files = artefacts(make(conjugate=conjugate))
    assert list(files) == ["report.html"]
    words = " ".join(Page(files["report.html"][1].decode()).text.split())
    assert "Structure not disclosed" in words
    assert "SMILES" not in words


def test_pictures(result):
    files = artefacts(result)
    assert files["images/structure.svg"][1].startswith(b"<svg")
    assert files["images/structure.png"][1].startswith(b"\x89PNG")
    assert {kind for path, (kind, _) in files.items() if path != "report.html"} == {"image"}


def test_page_without_dose_or_curves(make):
    run = make().run
    rows = tuple(r for r in run.results if r.stage == "kinetics")
    bare = dataclasses.replace(run, results=rows, series=(), stages=("kinetics",))
    words = Page(page_of(make(run=bare, points=(), arms={}))).text
    assert "Absorbed dose" not in words
    assert "822" in words
