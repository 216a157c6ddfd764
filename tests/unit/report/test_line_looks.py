"""Lines of every figure are told apart without color: by dash, by marker or by a word at them.

``test_pages`` holds the pages of all examples, and those without a study, to `check` too.
"""

import json
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from plotly import graph_objects as go

from pdcraft.report import artefacts
from pdcraft.report.bench_page import bench_html
from pdcraft.report.style import PALETTE, figure_html, line_look
from pdcraft.report.trial_page import trial_html
from pdcraft.study.recipes.bench import run_bench
from pdcraft.study.recipes.trial import run_trial
from pdcraft.study.run import run_study

EXAMPLES = Path(__file__).parents[3] / "examples"
DRAWS = 50  # the fewest that a study takes


def drawn(page):
    """Traces and layout of every Plotly figure of a page, by the name of its element."""
    out = {}
    for start in re.finditer(r'Plotly\.newPlot\(\s*"([\w-]+)",\s*', page):
        data, end = json.JSONDecoder().raw_decode(page, start.end())
        layout, _ = json.JSONDecoder().raw_decode(page, page.index("{", end))
        out[start[1]] = data, layout
    return out


def told_by_line(trace):
    """Whether a trace is a line that a legend, or the keys beside small figures, must tell."""
    mode = trace.get("mode", "")
    return (
        trace["type"] in ("scatter", "scattergl")
        and "lines" in mode
        and "text" not in mode  # a word stands at it
        and trace.get("showlegend", True)
        and trace.get("line", {}).get("width", 2) > 0
    )


def alike(data):
    """Names of lines in one plot with the dash and the marker of an earlier one."""
    out, seen = [], defaultdict(set)
    for trace in filter(told_by_line, data):
        marks = "markers" in trace["mode"]
        look = (
            trace.get("line", {}).get("dash", "solid"),
            trace.get("marker", {}).get("symbol", "circle") if marks else None,
        )
        plot = seen[trace.get("xaxis", "x"), trace.get("yaxis", "y")]
        out += [trace.get("name", trace.get("hovertemplate"))] if look in plot else []
        plot.add(look)
    return out


def check(page):
    """Assert it for every figure, and that dashes without a legend stand in the page's keys."""
    figures = drawn(page)
    keys = "".join(re.findall(r'<ul class="keys">.*?</ul>', page, re.S))
    for name, (data, layout) in figures.items():
        assert alike(data) == [], name
        if not layout["showlegend"]:
            lines = [trace["line"] for trace in filter(told_by_line, data)]
            for dash in {line.get("dash", "solid") for line in lines} - {"solid"}:
                assert f'stroke-dasharray="{dash}"' in keys, (name, dash)
    return figures


def pages_of(file, draws=DRAWS, trials=100):
    """Pages of what an example's file describes; none for a file that is only a part of one."""
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    if file.name == "trial.toml":
        return [trial_html(run_trial(file, trials=trials))]
    if "bench" in said:
        return [bench_html(run_bench(file, draws=20))]
    if said.get("schema") != "pdcraft.study/1":
        return []
    made = artefacts(run_study(file, draws=draws if "draws" in said else None))
    return [content.decode() for kind, content in made.values() if kind == "report"]


def example(folder, *pairs):
    """A study file of the examples, made smaller."""
    text = (EXAMPLES / folder / "study.toml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("folder", "several", "smaller"),
    [
        ("head_neck_beam", "fig-counts-0", [("subjects = 30", "subjects = 10")]),
        ("clr1501_plate", "fig-optics-0", []),
    ],
)
def test_lines_differ_without_color(folder, several, smaller, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(example(folder, *smaller), encoding="utf-8")
    figures = {name: one for page in pages_of(file) for name, one in check(page).items()}
    assert sum(map(told_by_line, figures[several][0])) > 1


def test_the_check_sees_lines_that_color_alone_tells():
    def page(*looks, keys=""):
        figure = go.Figure(layout={"showlegend": False})
        for look in looks:
            figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=look)
        return f'<ul class="keys">{keys}</ul>{figure_html(figure, "fig")}'

    first, second = line_look(0), line_look(1)
    keys = f'<line stroke-dasharray="{second["dash"]}"/>'
    assert list(check(page(first, second, keys=keys))) == ["fig"]
    for faulty in (
        page(first, first | {"color": second["color"]}),
        page(first, second),  # no key has the dash
    ):
        with pytest.raises(AssertionError):
            check(faulty)


def test_looks_repeat_late():
    looks = [line_look(k) for k in range(len(PALETTE) ** 2)]
    assert len({look["dash"] for look in looks[: len(PALETTE)]}) == len(PALETTE)
    assert len({(look["color"], look["dash"]) for look in looks}) == len(looks)
