"""What every page of every kind keeps: captions, origins, readable colors, tables that paste."""

import html as html_text
import re
from datetime import date
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import test_report_browser
from test_line_looks import check as check_lines
from test_line_looks import pages_of
from test_report_browser import BROWSER, FLAGS, opened

from pdcraft.chemistry import series
from pdcraft.io.biodist import read_biodist
from pdcraft.io.event_table import read_events
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.population import fit_events
from pdcraft.kinetics.region_fit import FitOptions
from pdcraft.report import artefacts, dose_colors, style
from pdcraft.report.carrier_page import carrier_html
from pdcraft.report.figures import _text_on
from pdcraft.report.page import NOTICE
from pdcraft.report.payload_page import payload_html
from pdcraft.report.population_page import population_html
from pdcraft.report.series_page import series_html
from pdcraft.report.time_activity_page import time_activity_html
from pdcraft.report.timeline_page import timeline_html
from pdcraft.report.words import ORIGIN_WORDS
from pdcraft.study.recipes.payload_size import payload_size

EXAMPLE_FOLDER = Path(__file__).parents[3] / "examples"
EXAMPLES = sorted(EXAMPLE_FOLDER.glob("*/*.toml"))
SHORTEST = 60  # characters of a caption that says what is seen and what it means
DRAWS = 100


class Parts(HTMLParser):
    """Figures with their captions, and tables with the headings that stand over them."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.bare = []  # figures outside of <figure>
        self.captions = []
        self.tables = []
        self.links = []
        self._figure = self._caption = self._table = None
        self._heading = ""
        self._in_head = self._number = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag == "figure":
            self._figure = ""
        if "plotly-graph-div" in classes or tag == "img":
            if self._figure is None:
                self.bare.append(given.get("id"))
        if tag == "figcaption":
            self._caption = ""
        if tag == "section":
            self._heading = ""
        if tag == "h4":
            self._heading, self._in_head = "", True
        if tag == "table":
            self._table = {"heading": self._heading, "head": "", "numbers": 0, "words": ""}
        if self._table is not None and tag == "th":
            self._in_head = True
        self._number = tag == "td" and "num" in classes
        if tag in ("a", "link", "script", "iframe"):
            self.links.append(given.get("href") or given.get("src"))

    def handle_endtag(self, tag):
        if tag in ("h4", "th"):
            self._in_head = False
        if tag == "figcaption":
            self.captions.append(" ".join(self._caption.split()))
            self._figure, self._caption = self._caption, None
        if tag == "figure":
            if self._figure == "":
                self.bare.append("figure without a caption")
            self._figure = None
        if tag == "table":
            self.tables.append(self._table)
            self._table = None

    def handle_data(self, data):
        if self._caption is not None:
            self._caption += data
        if self._in_head and self._table is None:
            self._heading += data
        if self._table is not None:
            if self._in_head:
                self._table["head"] += f" {data} "
            else:
                self._table["words"] += f" {data} "
            if self._number and re.search(r"\d", data):
                self._table["numbers"] += 1


def check(text):
    """Assert what holds for a page: captions, an origin for every table of numbers, no loads."""
    parts = Parts(text)
    assert parts.bare == []
    for caption in parts.captions:
        assert len(caption) >= SHORTEST, caption
    for table in parts.tables:
        if table["numbers"]:
            said = f"{table['heading']} {table['head']}"
            named = any(re.search(rf"\b{origin}\b", said) for origin in ORIGIN_WORDS)
            in_rows = " origin " in table["head"]
            assert named or in_rows, f"no origin: {table['heading']!r} {table['head']!r}"
    loads = [
        link for link in parts.links if link and not link.startswith(("#", "https://doi.org/"))
    ]
    assert set(loads) <= {"trial.html"}
    assert "default-src 'none'" in text
    return parts


def test_every_figure_has_a_caption_and_every_table_an_origin(result):
    parts = check(artefacts(result)["report.html"][1].decode())
    assert len(parts.captions) >= 4
    assert sum(table["numbers"] > 0 for table in parts.tables) >= 4


def test_the_checks_see_what_is_missing():
    figure = '<div class="plotly-graph-div" id="f"></div>'
    policy = "default-src 'none'"
    caption = f"<figcaption>{'what is seen ' * 6}</figcaption>"
    assert check(f"{policy}<figure>{figure}{caption}</figure>").captions
    for faulty in (
        f"{policy}{figure}",
        f"{policy}<figure>{figure}</figure>",
        f"{policy}<figure>{figure}<figcaption>Short.</figcaption></figure>",
        f"{policy}<table><tr><th>value</th></tr><tr><td class='num'>1</td></tr></table>",
        f"{policy}<script src='https://example.org/a.js'></script>",
    ):
        with pytest.raises(AssertionError):
            check(faulty)


def population_page():
    file = files("pdcraft.validate").joinpath("cases", "kinetics", "theoph.csv")
    return population_html(fit_events(read_events(file), "oral-1cpt"), data="theoph.csv")


def fit_page():
    data = read_biodist(EXAMPLE_FOLDER / "mouse_i131" / "biodistribution.csv")
    fitted = fit_biodistribution(data, "I-131", options=FitOptions(draws=DRAWS))
    return time_activity_html(fitted, data="biodistribution.csv")


PAGES = {
    "carrier": lambda: carrier_html("human"),
    "fit": fit_page,
    "payload-size": lambda: payload_html(payload_size(("I-125", "Ac-225"), radii=7, draws=DRAWS)),
    "population": population_page,
    "series": lambda: series_html(series("headgroup"), "headgroup"),
    "timeline": lambda: timeline_html(date(2026, 11, 21)),
}  # of the command line, without a study
FIGURES = {"carrier": 1, "fit": 1, "payload-size": 1, "population": 4, "series": 0, "timeline": 1}


@cache
def page_without_a_study(name):
    return PAGES[name]()


@pytest.mark.parametrize("name", PAGES)
def test_pages_without_a_study(name):
    page = page_without_a_study(name)
    parts = check(page)
    check_lines(page)
    assert len(parts.captions) == FIGURES[name]
    assert len(parts.tables) >= 1
    assert page.count('<button type="button" class="copy">') == len(parts.tables)
    assert NOTICE in page
    assert 'class="badge">research use only' in page


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome is installed")
@pytest.mark.parametrize("width_px", [1300, 500])
@pytest.mark.parametrize("name", PAGES)
def test_pages_without_a_study_in_a_browser(name, width_px, tmp_path, monkeypatch):
    page = page_without_a_study(name)
    flags = [f"--window-size={width_px},900" if "window-size" in f else f for f in FLAGS]
    monkeypatch.setattr(test_report_browser, "FLAGS", flags)
    probe = """<script>window.addEventListener("load", function () {
      var page = document.documentElement;
      document.title = "over " + (page.scrollWidth - page.clientWidth); });</script></body>"""
    dom, console = opened(probe.join(page.rsplit("</body>", 1)), tmp_path)
    assert console == []
    assert "<title>over 0</title>" in dom
    assert dom.count("plotly-graph-div js-plotly-plot") == page.count("Plotly.newPlot(")


def contrast(one, other):
    """Contrast of two colors, 1 to 21, after WCAG 2.1."""

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21, rel=1e-12, abs=0)
    # WebAIM's contrast checker prints 4.54 for this gray
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, rel=0, abs=0.005)


def test_words_are_readable_on_their_ground():
    css = (Path(style.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
    written = set(re.findall(r"(?<![-\w])color: (#[0-9a-f]{6})", css))
    assert written
    for color in (style.INK, style.MUTED, *written):
        assert contrast(color, "#ffffff") >= 4.5, color
    for color in style.PALETTE:
        assert contrast(color, _text_on(color)) >= 4.5, color


def deuteranope(color):
    """Linear RGB as a reader without M cones sees it (Machado et al. 2009, severity 1)."""
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    )  # fmt: skip
    return np.clip(matrix @ linear, 0, 1)


def lab(linear):
    """CIE L*a*b* of linear sRGB, D65."""
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    ratio = matrix @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_lines_are_told_apart_without_green_cones():
    """A just noticeable difference is about 2.3 in L*a*b*; red and green of one lightness fail."""
    seen = [lab(deuteranope(color)) for color in style.PALETTE]
    apart = [np.linalg.norm(a - b) for a, b in combinations(seen, 2)]
    assert min(apart) > 10
    red, green = lab(deuteranope("#c03b2b")), lab(deuteranope("#6f6b00"))
    assert np.linalg.norm(red - green) < 10  # control: such a pair would be refused


def test_scale_of_doses_darkens_for_every_reader():
    for view in (lambda c: lab(deuteranope(c)), lambda c: lab(deuteranope(c) * 0 + gray(c))):
        lightness = [view(color)[0] for color in dose_colors.STOPS]
        assert all(a > b for a, b in pairwise(lightness))


def gray(color):
    """What a print without color keeps."""
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.full(3, np.dot([0.2126, 0.7152, 0.0722], linear))


TABLE = """<div class="tablebox"><button type="button" class="copy">Copy</button><table>
<thead><tr><th></th><th colspan="2">computed, Gy</th></tr>
<tr><th>level</th><th>rate, %</th><th>all</th></tr></thead>
<tbody><tr><td>25 MBq</td><td>16.5 ± 3.0</td><td>1,234</td></tr>
<tr><td>50 MBq</td><td>42 (34 to 58)</td><td>360<small>62.5 to 9,280</small></td></tr>
<tr><td>none</td><td></td><td>−2.5e-3</td></tr></tbody></table></div>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome is installed")
def test_copy_gives_plain_numbers_in_columns_of_their_own(result, tmp_path):
    page = artefacts(result)["report.html"][1].decode()
    probe = """<script>window.addEventListener("load", function () {
      var out = document.createElement("pre");
      document.addEventListener("copy", function (event) {
        window.setTimeout(function () { return event; });
      });
      out.id = "probe";
      out.textContent = tabbed(cellsOf(document.querySelector(".mine table")));
      document.body.append(out); });</script></body>"""
    page = page.replace("<main>", f'<main><div class="mine">{TABLE}</div>')
    dom, console = opened(page.replace("</body>", probe), tmp_path)
    assert console == []
    found = html_text.unescape(re.search(r'<pre id="probe">(.*?)</pre>', dom, re.S)[1])
    assert [line.split("\t") for line in found.split("\n")] == [
        ["level", *(f"computed, Gy rate, % {part}" for part in ("value", "±", "low", "high")),
         *(f"computed, Gy all {part}" for part in ("value", "low", "high"))],
        ["25 MBq", "16.5", "3.0", "", "", "1234", "", ""],
        ["50 MBq", "42", "", "34", "58", "360", "62.5", "9280"],
        ["none", "", "", "", "", "-2.5e-3", "", ""],
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_reports_of_the_examples(file):
    for page in pages_of(file, draws=DRAWS, trials=200):
        check(page)
        check_lines(page)
