"""A page never calls a number computed, or a test, that was fitted to the figure beside it."""

from pathlib import Path

import pytest

from pdcraft.report.evidence import predictions_of, rows_of
from pdcraft.report.figures import dose_coefficients
from pdcraft.report.headline import cards, summary_sentences
from pdcraft.study.run import run_study

STUDY = Path(__file__).parents[3] / "examples" / "clr131" / "study.toml"


@pytest.fixture(scope="module")
def result():
    return run_study(STUDY, draws=100)


def test_summary_says_fitted_and_gives_the_prediction(result):
    (marrow,) = [s for s in summary_sentences(result) if "of the red marrow is" in s]
    assert "0.54 mSv/MBq, to which the kinetics were fitted; predicted without it" in marrow
    assert "inside that" in marrow
    assert "this interval" not in marrow


def test_card_says_that_the_number_was_fitted(result):
    (card,) = [c for c in cards(result) if c.title.lower() == "red marrow: dose coefficient"]
    assert card.origin == "fitted"
    assert card.given == "published: 0.54 mSv/MBq, fitted to"


def test_figure_shows_the_prediction_below_the_fit(result):
    rows = rows_of(result.run, "absorbed_dose_coefficient", arms=False)
    figure = dose_coefficients(result.run, rows)
    names = list(figure.layout.yaxis.ticktext)
    place = names.index("red marrow, fitted")
    assert names[place + 1] == "red marrow, predicted"
    (marrow,) = [row for row in rows if row.subject.region == "red_marrow"]
    (predicted,) = predictions_of(result.run, marrow)
    height = figure.layout.yaxis.tickvals[place + 1]
    dots = {
        y: x for trace in figure.data[:-1] for x, y in zip(trace.x, trace.y, strict=True)
    }  # the last trace holds the published number
    assert dots[height] == pytest.approx(predicted.summary["value"], rel=1e-4, abs=0)  # 5 digits
