"""The page of a population fit: its tables say the fit's numbers, its figures show the data."""

import re
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from pdcraft.io.event_table import read_events
from pdcraft.kinetics.population import fit_events, fixed_effects, predictive_check
from pdcraft.kinetics.population.event_fit import EventOptions
from pdcraft.kinetics.population.smooth import smooth_curves
from pdcraft.report import population_page
from pdcraft.report.population import (
    CURVES,
    MOST_PANELS,
    individual_panels,
    predictive_check_figure,
)
from pdcraft.report.population_page import population_html
from pdcraft.report.style import tinted
from pdcraft.report.words import number


def fitted(**options):
    file = files("pdcraft.validate").joinpath("cases", "kinetics", "theoph.csv")
    return fit_events(read_events(file), "oral-1cpt", EventOptions(**options))


@pytest.fixture(scope="module")
def found():
    return fitted(error="additive", mass="fixed", covariance="full")


@pytest.fixture(scope="module")
def uncorrelated():
    return fitted(error="additive")


@pytest.fixture(scope="module")
def page(found):
    return population_html(found, data="theoph.csv", warnings=["a <tail> was guessed"])


def cells(page, table):
    body = page[page.index(f'id="{table}"') :].split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return {r[0]: r[1:] for r in (re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows)}


def test_estimates_are_those_of_the_fit(uncorrelated):
    effects = fixed_effects(uncorrelated)
    rows = cells(population_html(uncorrelated), "table-estimates")
    assert list(rows) == list(effects) == ["ka", "CL", "V"]
    for name, effect in effects.items():
        said = [effect[f"typical{end}"] for end in ("", "_low", "_high", "_std_err")]
        # a standard error of the logarithm times the typical value
        said.append(effect["std_err_hessian"] * effect["typical"])
        said.append(float(np.sqrt(uncorrelated.variances[name])))
        assert rows[name][:6] == [number(v) for v in said]


def test_correlations_stand_where_they_were_fitted(found, uncorrelated, page):
    spread = np.sqrt(np.diagonal(found.omega))
    want = (found.omega / np.outer(spread, spread))[2, :2]
    assert cells(page, "table-correlations")["V"] == [f"{value:.2f}" for value in want]
    assert "table-correlations" not in population_html(uncorrelated)


def test_it_says_what_was_assumed_and_warned_of(page):
    assert "CL goes with the power 0.75 of WT; typical at WT 70" in page
    assert "V goes with the power 1 of WT" in page
    assert "random effects of all parameters may correlate" in page
    assert "individuals spread log-normally in ka, CL, V" in page
    assert re.search(r"settled after \d+ steps", page)
    assert "<li>a &lt;tail&gt; was guessed</li>" in page


def test_every_value_is_drawn_on_shared_axes(found):
    panels = individual_panels(found)  # of five digits; curves start at 0
    records = found.statement.records
    assert [p.title for p in panels] == [f"subject {name}" for name in records.ids]
    assert len({tuple(p.figure.layout.yaxis.range) for p in panels}) == 1
    low, high = panels[0].figure.layout.yaxis.range
    _, own, typical = smooth_curves(found)
    for i, panel in enumerate(panels):
        solid, dotted = panel.figure.data[:2]
        assert [dict(line.line.to_plotly_json()) for line in (solid, dotted)] == [*CURVES.values()]
        np.testing.assert_allclose(dotted.y, typical[i], rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(solid.y, own[i], rtol=1e-4, atol=1e-9)
        points = panel.figure.data[-1]
        assert points.mode == "markers"
        np.testing.assert_allclose(points.y, records.value[i, records.observed[i]], rtol=1e-4)
        assert low < min(points.y)
        assert max(points.y) < high
    assert len(panels) <= MOST_PANELS


def test_limits_not_reached_are_no_circles(found):
    records = found.statement.records
    censored = np.zeros(records.observed.shape, dtype=bool)
    censored[0, 3] = True
    limits = replace(found.statement, records=replace(records, censored=censored))
    first, second = individual_panels(replace(found, statement=limits))[:2]
    assert [t.marker.symbol for t in first.figure.data[2:]] == ["circle", "triangle-down"]
    assert [t.marker.symbol for t in second.figure.data[2:]] == ["circle"]
    assert len(first.figure.data[2].x) == int(records.observed[0].sum()) - 1


def test_each_quantile_has_its_name_its_look_and_its_band(found):
    figure = predictive_check_figure(predictive_check(found, n=40))
    named = [t for t in figure.data if t.showlegend is not False]
    assert [t.name for t in named] == [
        "single values", "5% quantile", "median", "95% quantile",
    ]  # fmt: skip
    lines = [t for t in named if t.mode == "lines+markers"]
    assert len({t.line.dash for t in lines}) == len({t.marker.symbol for t in lines}) == 3
    bands = [t for t in figure.data if t.fill == "toself"]
    assert {t.fillcolor for t in bands} == {tinted(t.line.color, 0.2) for t in lines}


def test_without_prediction_errors_it_says_so(found, monkeypatch):
    real = population_page.diagnostics

    def none(result, seed):
        nothing = {"n": 0, "mean": None, "variance": None, "normality_p": None}
        return real(result, seed=seed) | {"npde": nothing}

    monkeypatch.setattr(population_page, "diagnostics", none)
    page = population_html(found)
    assert "Not drawn: the values that the model simulates" in page
    assert cells(page, "table-diagnostics")["NPDE"] == ["0", "", "", ""]
