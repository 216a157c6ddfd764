"""Numbers and words of a population fit's page against the fit itself."""

import html
import re
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from pdcraft.io.event_table import EventTable, read_events
from pdcraft.kinetics.population import Parameter, diagnostics, fit, fit_events, predictive_check
from pdcraft.kinetics.population.checks import shrinkage
from pdcraft.kinetics.population.event_fit import EventOptions
from pdcraft.report import population_page
from pdcraft.report.population_page import population_html
from pdcraft.report.words import number

FEW = "the spreads between them come out too low"


@pytest.fixture(scope="module")
def found():
    file = files("pdcraft.validate").joinpath("cases", "kinetics", "theoph.csv")
    return fit_events(read_events(file), "oral-1cpt", EventOptions(error="additive"))


@pytest.fixture(scope="module")
def page(found):
    return population_html(found)


def cells(page, table):
    body = page[page.index(f'id="{table}"') :].split("<tbody>")[1].split("</tbody>")[0]
    rows = (re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body.split("</tr>")[:-1])
    return {first: rest for first, *rest in rows}


def test_likelihood_and_residual_error_are_those_of_the_fit(found, page):
    said = cells(page, "table-residual")
    assert said["additive SD"] == [number(found.residual_sd["additive_sd"])]
    assert said["−2 log likelihood"] == [f"{found.objective:.3f}"]
    criteria = [said[name][0] for name in ("AIC", "AICc", "BIC")]
    assert criteria == [f"{v:.3f}" for v in (found.aic, found.aicc, found.bic)]
    assert len(set(criteria)) == 3


def test_each_table_says_where_its_numbers_come_from(page):
    for table, origin in (("estimates", "fitted"), ("residual", "fitted"), ("diagnostics", "comp")):
        assert f">{origin}" in page.split(f'id="table-{table}"')[1].split("<thead>")[0]


def test_residuals_and_shrinkage_are_those_of_the_diagnostics(found, page):
    numbers = diagnostics(found, seed=1)
    said = cells(page, "table-diagnostics")
    for key, name in (("cwres", "CWRES"), ("npde", "NPDE")):
        one = numbers[key]
        want = [number(one[part]) for part in ("mean", "variance", "normality_p")]
        assert said[name] == [str(one["n"]), *want]
    shrunk = shrinkage(found)
    rows = cells(page, "table-estimates")
    assert {name: row[-1] for name, row in rows.items()} == {
        n: number(v) for n, v in shrunk.items()
    }


def test_the_spread_of_a_kept_value_is_not_left_out(found):
    statement = found.statement
    kept = (Parameter("ka", 1.5, fixed=True), Parameter("CL", 0.04), Parameter("V", 0.45))
    result = fit(statement.model, kept, statement.records)
    row = cells(population_html(result), "table-estimates")["ka"]
    spread = number(result.variances["ka"] ** 0.5)
    assert row[:6] == ["1.50", "", "", "", "", spread]


def test_captions_count_what_is_drawn(found, page, monkeypatch):
    inside = predictive_check(found, seed=1).inside
    assert f"Of the measured quantiles {100 * inside:.0f}% lie inside" in page
    assert "are not drawn" not in page
    limits = "triangles: limits of quantification that were not reached"
    assert limits not in page
    monkeypatch.setattr(population_page, "MOST_PANELS", 10)
    censored = np.zeros(found.statement.records.observed.shape, dtype=bool)
    censored[0, 3] = True
    records = replace(found.statement.records, censored=censored)
    limited = population_html(replace(found, statement=replace(found.statement, records=records)))
    assert "2 more subjects are not drawn" in limited  # of 12
    assert limits in limited
    assert "<b>1 below</b>" in limited


def test_few_subjects_are_warned_of(page):
    assert FEW not in page  # 12 subjects
    file = files("pdcraft.validate").joinpath("cases", "kinetics", "theoph.csv")
    table = read_events(file)
    six = EventTable({k: v[table.columns["ID"] <= 6] for k, v in table.columns.items()})
    few = population_html(fit_events(six, "oral-1cpt", EventOptions(error="additive")))
    assert f"With 6 subjects {FEW}" in few


def test_what_users_write_is_text(found):
    evil = "<script>alert(1)</script>"
    records = replace(found.statement.records, ids=(evil,) * found.statement.records.n_subjects)
    named = replace(found, statement=replace(found.statement, records=records))
    page = population_html(named, data=evil, warnings=[evil])
    assert evil not in page
    assert f"subject {html.escape(evil)}" in page


def test_figures_have_their_library(page):
    assert "Plotly.newPlot" in page
    assert "plotly.js v" in page


def test_the_seed_is_that_of_all_simulated_studies(found, monkeypatch):
    seeds = []
    for name in ("predictive_check", "diagnostics", "npde"):
        real = getattr(population_page, name)

        def kept(*rest, real=real, **named):
            seeds.append(named["seed"])
            return real(*rest, **named)

        monkeypatch.setattr(population_page, name, kept)
    assert "<span>seed 7</span>" in population_html(found, seed=7)
    assert seeds == [7, 7, 7]
