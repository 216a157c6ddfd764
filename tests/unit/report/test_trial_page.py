"""Page and figures of a simulated trial: the numbers of the document, nothing from outside."""

import re

import numpy as np
import pytest
from fixed_trial import small_phase1

from pdcraft.report.trial_figures import delayed_figure, rates_figure, selection_figure
from pdcraft.report.trial_page import trial_html
from pdcraft.study.recipes.trial import CHAIN, run_trial


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return run_trial(small_phase1(tmp_path_factory.mktemp("page"), 40, 4), trials=200)


def test_page_states_estimands_and_sources(result):
    page = trial_html(result)
    for estimand in result.estimands:
        assert estimand.population in page
        for strategy in set(estimand.strategies.values()):
            assert f"{strategy}: " in page
    for level in result.file.trial.level:
        assert level.source in page
    assert "assumed" in page
    assert page == trial_html(result)  # the same result, the same text
    assert not re.search(r"""(?:src|href)=["']https?:""", page.split("<body>")[1])


def test_page_shows_the_documents_numbers(result):
    body = trial_html(result).split("<body>")[1]
    late = result.document()["delayed"]
    for rate, error in zip(late["rate"][0], late["mcse"]["rate"][0], strict=True):
        assert f"{100 * rate:.1f} ± {100 * error:.1f}" in body
    for one in result.scenarios:
        for value, error in zip(one["select"], one["mcse"]["select"], strict=True):
            assert f"{100 * value:.1f} ± {100 * error:.1f}" in body


def test_figures_hold_the_documents_numbers(result):
    chain = [s for s in result.scenarios if s["name"] == CHAIN]
    assert result.chain is not None
    late = delayed_figure(result.chain.delayed, result.doses, 56.0)
    lines = [t for t in late.data if t.mode == "lines"]
    assert [t.name for t in lines] == list(result.doses)
    # four digits are kept of each
    last = result.document()["delayed"]["rate"][-1]
    got = [t.y[-1] for t in lines]
    assert got == pytest.approx([100 * r for r in last], rel=1e-3, abs=1e-3)
    bars = selection_figure(chain, result.doses)
    assert [b.name for b in bars.data] == [s["design"] for s in chain]
    for bar in bars.data:
        assert sum(bar.y) == pytest.approx(100.0, rel=1e-3, abs=0)
    rates = rates_figure(chain[0]["by_draw"]["true_rate"], result.doses, 0.25)
    mean = next(t for t in rates.data if t.name == "mean of the draws")
    assert np.array(mean.y) == pytest.approx(100 * np.array(chain[0]["true_rate"]), rel=1e-3)
