"""The report's section on free drug: its caution, its map, and numbers of the rows."""

from pathlib import Path

import pytest
from report_page import Page

from pdcraft.report import artefacts
from pdcraft.report.exposure_figures import map_figure, map_values
from pdcraft.report.exposure_section import exposure_section, exposure_sentences, key_exposures
from pdcraft.study.run import run_study

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    text = (EXAMPLES / "clr1602_ptx" / "study.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(text.replace("map = 7 ", "map = 3\nmap_draws = 10 "), encoding="utf-8")
    return run_study(path, draws=50)


@pytest.fixture(scope="module")
def html(result):
    return artefacts(result)["report.html"][1].decode()


def test_the_caution_stands_at_the_top_and_in_the_section(html):
    assert "A map over assumptions, not a prediction of this compound." in html
    assert html.index("no prediction of this compound") < html.index('id="exposure"')
    assert "Linker assumed here: plasma 6 to 240 h" in html


def test_the_map_s_numbers_are_the_rows(result):
    rows = [r for r in result.run.results if (r.subject.arm or "").startswith("map")]
    plasma, tumor, value, low, high = map_values(rows)
    assert plasma.tolist() == tumor.tolist() == [2.0, 31.6, 500.0]
    for i, p in enumerate(("2", "31.6", "500")):
        for j, t in enumerate(("2", "31.6", "500")):
            row = next(r for r in rows if r.subject.arm == f"map: plasma {p} h, tumor {t} h")
            ends = (row.summary["value"], row.summary["low"], row.summary["high"])
            assert ends == (value[i, j], low[i, j], high[i, j])
    figure = map_figure(rows)
    assert len(figure.layout.annotations) == 9
    corner = next(a for a in figure.layout.annotations if (a.x, a.y) == (0, 2))
    assert corner.text == f"{value[2, 0]:.2g}"  # slow in plasma is up, fast in tumor is left


def test_tables_hold_the_rows(html, result):
    table = next(t for t in Page(html).tables if t.title.startswith("AUC, "))
    line = next(r for r in table.rows if r[:2] == ["tumor", "conjugate"])
    row = result.run.row(
        "exposure/unbound_drug_integral/lesion:A2780/CLR 1602-PTX/mouse/conjugate"
    ).summary
    assert float(line[2]) == pytest.approx(row["value"], rel=5e-3)
    delivery = next(t for t in Page(html).tables if t.title.startswith("The one published"))
    assert len(delivery.rows) == 14


def test_a_column_that_no_row_fills_is_left_out(html, result):
    for title in ("Effect by arm", "Therapeutic index"):
        table = Page(html).table(title)
        columns = [name.removeprefix("computed | ") for name in table.columns()]
        assert columns[0] == "quantity"
        assert columns[-3:] == ["value", "low", "high"]
        assert [c for c, cells in zip(columns, zip(*table.rows, strict=True), strict=True)
                if not any(cells)] == []  # fmt: skip
    # of these, no effect has a unit; amounts of the index are in nmol
    assert "unit" not in Page(html).table("Effect by arm").columns()
    assert "unit" in Page(html).table("Therapeutic index").columns()
    assert Page(html).table("Its parts").columns() == ["property", "value"]  # none is disclosed


def test_headline_rows(result):
    keys = [r.quantity.key for r in key_exposures(result.run)]
    assert keys == ["delivery_ratio", "relative_tumor_mass", "relative_index"]
    said = exposure_sentences(result.run)
    assert len(said) == 4
    assert "would be" in said[1]


def test_other_runs_have_no_such_section(result, tmp_path):
    assert exposure_section(result.run) is not None
    path = tmp_path / "study.toml"
    path.write_text(
        'schema = "pdcraft.study/1"\nname = "x"\ndraws = 50\n[agent]\nname = "CLR 131"\n'
        '[host]\nspecies = "human"\n',
        encoding="utf-8",
    )
    other = run_study(path).run
    assert exposure_section(other) is None
    assert exposure_sentences(other) == []
