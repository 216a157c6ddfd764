"""Words, headline and figures of the report against the numbers that they show."""

import dataclasses

import numpy as np
import pytest

from pdcraft.core.quantity import quantity
from pdcraft.core.run import Driver, ResultRow, Subject
from pdcraft.report.curves import time_activity_panels
from pdcraft.report.evidence import agrees, beside, first_regions, rows_of, strongest
from pdcraft.report.figures import dose_bars, dose_coefficients, dose_panels, drivers
from pdcraft.report.headline import cards, is_drawn, summary_sentences
from pdcraft.report.style import PALETTE, add_band, figure_html, region_colors
from pdcraft.report.tables import arm_table, result_tables
from pdcraft.report.words import arm_labels, interval_words, number, region_order
from pdcraft.study.run import FROM_COEFFICIENT


def made(key, value, low=None, high=None, origin="published"):
    summary = {"value": value, "sd": None, "low": low, "high": high, "std_err": None}
    return ResultRow("dosimetry", quantity(key), Subject(region="liver"), origin, summary)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (999.6, "1000"),
        (0.0009994, "9.99e-4"),
        (0.00099996, "0.00100"),
        (123456.0, "123000"),
        (1.5e7, "1.50e7"),
        (-2.0, "-2.00"),
    ],
)
def test_numbers_around_the_edges_of_their_format(value, text):
    assert number(value) == text
    # three digits: half a unit of the third is at most 0.5 %
    assert float(text) == pytest.approx(value, rel=5e-3, abs=0)


def test_published_value_agrees_only_inside_the_limits_and_in_the_same_unit():
    computed = made("absorbed_dose_coefficient", 0.8, 0.4, 1.6, "computed")
    assert agrees(computed, made("equivalent_dose_coefficient", 0.54)) is True
    assert agrees(computed, made("equivalent_dose_coefficient", 0.39)) is False
    assert agrees(computed, made("absorbed_dose", 0.54)) is None  # Gy is not mGy/MBq
    assert agrees(computed, made("half_life", 0.54)) is None


def test_regions_to_show_first_have_a_curve_of_their_own(result):
    """Hours of the dosimetry stage are of sources without one: remainder, contents of the bowel."""
    hours = quantity("time_integrated_activity_coefficient")
    summary = {"value": 219.5, "sd": None, "low": 168.0, "high": 259.0, "std_err": None}
    rest = ResultRow("dosimetry", hours, Subject(region="remainder"), "computed", summary)
    run = dataclasses.replace(result.run, results=(*result.run.results, rest))
    assert first_regions(run) == first_regions(result.run)
    assert "liver" in first_regions(run)


def test_intervals_say_what_they_are_of():
    row = made("absorbed_dose", 2.0, 1.0, 4.0, "computed")
    assert interval_words(row, 0.95) == "1.00 to 4.00, 95% credible interval"
    population = dataclasses.replace(row, spread="population")
    assert interval_words(population, 0.9) == "1.00 to 4.00, 90% of subjects"
    assert interval_words(made("absorbed_dose", 2.0, 2.0, 2.0, "computed"), 0.95) == (
        "exact arithmetic"
    )


def test_arms_are_in_the_order_of_their_numbers_and_share_a_unit():
    assert arm_labels(["12.5 mCi per m2", "25 mCi per m2"]) == (["12.5", "25"], "mCi per m2")
    assert arm_labels(["1 MBq", "1 GBq"]) == (["1 MBq", "1 GBq"], "")


def test_lesions_come_first_and_the_body_last():
    regions = ["total_body", "liver", "lesion:index", "brain"]
    assert sorted(regions, key=region_order) == ["lesion:index", "brain", "liver", "total_body"]


def test_regions_have_different_colors():
    regions = ["plasma", "blood", "lesion:a", "lesion:b", "liver", "kidneys"]
    colors = region_colors(regions)
    assert len(set(colors.values())) == len(regions)
    assert set(colors.values()) <= set(PALETTE)


def test_headline_names_marrow_lesion_and_the_published_number(result):
    shown = cards(result)
    assert 3 <= len(shown) <= 5
    assert shown[0].title == "red marrow: dose coefficient"
    assert shown[0].given == "published: 0.54 mSv/MBq"
    strip = shown[0].strip
    assert strip.low < strip.given < strip.value < strip.high
    marrow = result.run.row(next(iter(beside(result.run)))).summary
    low, value, high = (np.log(marrow[key]) for key in ("low", "value", "high"))
    # places are rounded to 0.01 % of a width of 92
    part = (strip.value - strip.low) / (strip.high - strip.low)
    assert part == pytest.approx((value - low) / (high - low), rel=0, abs=3e-4)
    highest = next(c for c in shown if c.title == "red marrow: dose at 37.5 mCi per m2")
    row = result.run.row("dosimetry/absorbed_dose/red_marrow/CLR 131/human/37.5 mCi per m2")
    # three printed digits
    assert float(highest.value) == pytest.approx(row.summary["value"], rel=5e-3, abs=0)


def test_summary_says_whether_the_published_value_lies_inside(result):
    text = " ".join(summary_sentences(result))
    assert "the published value is 0.54 mSv/MBq, inside this interval" in text
    assert "2 assumptions and come with 1 warning," in text
    rows = tuple(
        dataclasses.replace(r, summary=r.summary | {"value": 9.0}) if r.compare_with else r
        for r in result.run.results
    )
    other = dataclasses.replace(result, run=dataclasses.replace(result.run, results=rows))
    assert "9 mSv/MBq, outside this interval" in " ".join(summary_sentences(other))


def test_time_activity_shows_the_series_in_percent(result):
    series, points = result.run.series, result.points
    order = [s.subject.region for s in series]
    panels = time_activity_panels(series, points, order)
    assert (panels[0].title, panels[0].unit) == ("plasma", "%IA/mL")
    band, line, measured = panels[0].figure.data
    # five significant digits are kept
    np.testing.assert_allclose(line.y, 100 * series[0].value, rtol=1e-4, atol=0)
    n = series[0].times_h.size
    np.testing.assert_allclose(band.y[:n], 100 * series[0].high, rtol=1e-4, atol=0)
    np.testing.assert_allclose(band.y[n:][::-1], 100 * series[0].low, rtol=1e-4, atol=0)
    np.testing.assert_allclose(measured.y, 100 * points[0].values, rtol=1e-4, atol=0)
    assert measured.error_y.array[-1] == 0.0  # an unknown error has no bar


def test_panels_of_one_unit_share_their_axis(result):
    series = result.run.series
    order = [s.subject.region for s in series]
    panels = time_activity_panels(series, result.points, order)
    ranges = {p.title: p.figure.layout.yaxis.range for p in panels}
    assert ranges["index lesion"] == ranges["liver"] != ranges["plasma"]


def test_doses_are_drawn_with_their_limits(result):
    rows = rows_of(result.run, "absorbed_dose_coefficient", arms=False)
    dots, diamonds = dose_coefficients(result.run, rows).data
    for x, up, down, row in zip(
        dots.x, dots.error_x.array, dots.error_x.arrayminus, rows, strict=True
    ):
        # five significant digits of the value and of each difference, so 1e-4 of either
        assert x + up == pytest.approx(row.summary["high"], rel=1e-4, abs=0)
        assert x - down == pytest.approx(row.summary["low"], rel=0, abs=1e-4 * x)
    assert list(diamonds.x) == [0.54]
    assert diamonds.marker.symbol != dots.marker.symbol  # not by color alone


def test_arms_get_their_own_bars(result):
    doses = rows_of(result.run, "absorbed_dose")
    panels = dose_panels(result.run, doses, list(result.arms))
    bar = next(p for p in panels if p.title == "red marrow").figure.data[0]
    assert list(bar.x) == ["12.5", "25", "37.5"]
    # doses are proportional to activity; five significant digits are kept
    assert bar.y[2] / bar.y[0] == pytest.approx(3.0, rel=1e-4, abs=0)


def test_a_band_that_reaches_zero_is_cut_not_lost(result):
    series = dataclasses.replace(
        result.run.series[0], low=np.zeros_like(result.run.series[0].value)
    )
    (panel,) = time_activity_panels([series], (), [series.subject.region])
    band, line = panel.figure.data
    bottom, top = panel.figure.layout.yaxis.range
    assert len(band.x) == 0  # zero has no place on a logarithmic axis
    assert 10**bottom < min(line.y) < max(line.y) < 10**top


def test_one_arm_is_one_figure_with_a_bar_per_region(result):
    doses = [r for r in rows_of(result.run, "absorbed_dose") if r.subject.arm == "25 mCi per m2"]
    (bars,) = dose_bars(doses).data
    assert list(bars.x) == ["index lesion", "liver", "red marrow", "total body"]
    # five significant digits are kept
    np.testing.assert_allclose(bars.y, [r.summary["value"] for r in doses], rtol=1e-4, atol=0)


def test_table_of_one_arm_lists_regions_downwards(result):
    rows = tuple(
        dataclasses.replace(r, subject=dataclasses.replace(r.subject, arm=None))
        if r.subject.arm == "25 mCi per m2"
        else r
        for r in result.run.results
        if r.subject.arm in (None, "25 mCi per m2")
    )
    single = dataclasses.replace(result, run=dataclasses.replace(result.run, results=rows))
    table = arm_table(single)
    assert table is not None
    assert table.title == "Absorbed dose by region, Gy"
    assert [row[0] for row in table.rows] == ["index lesion", "liver", "red marrow", "total body"]
    assert [g.text for g in table.groups] == ["", "computed, Gy"]
    assert any(card.title == "red marrow: dose at 1665 MBq" for card in cards(single))


def test_published_dose_of_an_arm_has_its_own_column(result):
    arm = "25 mCi per m2"
    other = ResultRow(
        "dosimetry",
        quantity("equivalent_dose"),
        Subject("CLR 131", "human", arm, "red_marrow"),
        "published",
        {"value": 0.9, "sd": None, "low": None, "high": None, "std_err": None},
        compare_with=(f"dosimetry/absorbed_dose/red_marrow/CLR 131/human/{arm}",),
    )
    run = dataclasses.replace(result.run, results=(*result.run.results, other))
    table = arm_table(dataclasses.replace(result, run=run))
    assert table is not None
    places = [g.text for g in table.groups for _ in range(g.span)]
    column = places.index("published, Sv")
    assert [row[column] for row in table.rows] == ["", "0.9", ""]
    assert places[column - 1] == "red marrow, Gy"
    panels = dose_panels(run, rows_of(run, "absorbed_dose"), list(result.arms))
    bar, diamond = next(p for p in panels if p.title == "red marrow").figure.data
    assert (list(diamond.x), list(diamond.y)) == (["25"], [0.9])
    assert len(bar.x) == 3


def test_a_dose_from_a_published_coefficient_is_never_called_published(result):
    arm = list(result.arms)[-1]
    scaled = ResultRow(
        "dosimetry",
        quantity("equivalent_dose"),
        Subject("CLR 131", "human", arm, "red_marrow"),
        "published",
        {"value": 1.349, "sd": None, "low": None, "high": None, "std_err": None},
        compare_with=(f"dosimetry/absorbed_dose/red_marrow/CLR 131/human/{arm}",),
        flags=(FROM_COEFFICIENT,),
    )
    run = dataclasses.replace(result.run, results=(*result.run.results, scaled))
    again = dataclasses.replace(result, run=run)
    words = "from the published coefficient"
    given = [card.given for card in cards(again) if "1.349" in card.given]
    assert given == [f"{words}: 1.349 Sv"]
    assert f"{words}, Sv" in [g.text for g in arm_table(again).groups]
    doses = next(t for t in result_tables(run) if t.id == "table-dosimetry-absorbed_dose")
    assert f"{words}, Sv" in [g.text for g in doses.groups]
    column = next(i for i, c in enumerate(doses.columns) if c.kind == "origin")
    origins = {row[column] for row in doses.rows}
    assert origins == {"computed", "computed " + words.replace(" ", "_")}
    panels = dose_panels(run, rows_of(run, "absorbed_dose"), list(result.arms))
    _, diamond = next(p for p in panels if p.title == "red marrow").figure.data
    assert list(diamond.text) == [f"{words}: 1.349 Sv"]


def test_doses_far_apart_are_dots_on_a_logarithmic_axis():
    def doses(*values):
        regions = ("thyroid", "liver")
        return [
            ResultRow(
                "dosimetry",
                quantity("absorbed_dose"),
                Subject("a", "mouse", None, region),
                "computed",
                {"value": v, "sd": None, "low": 0.8 * v, "high": 1.2 * v, "std_err": None},
            )
            for region, v in zip(regions, values, strict=True)
        ]

    figure = dose_bars(doses(218.0, 2.6))
    assert (figure.data[0].mode, figure.layout.yaxis.type) == ("markers", "log")
    assert list(figure.data[0].y) == [218.0, 2.6]
    figure = dose_bars(doses(20.0, 2.6))
    assert (figure.data[0].type, figure.layout.yaxis.rangemode) == ("bar", "tozero")


def test_drivers_stack_to_the_whole_variance(result):
    found = drivers(rows_of(result.run, "absorbed_dose_coefficient"))
    assert found is not None
    figure, legend = found
    assert [label for label, _ in legend][-1] == "not due to one input alone"
    total = np.sum([bar.x for bar in figure.data], axis=0)
    # each share is rounded to 0.1 %
    np.testing.assert_allclose(total, 100.0, rtol=0, atol=0.3)


def test_one_input_each_needs_no_figure():
    row = dataclasses.replace(
        made("absorbed_dose", 2.0, 1.0, 4.0, "computed"), drivers=(Driver("kinetics.fit.liver", 1),)
    )
    assert drivers([row]) is None
    assert drivers([]) is None


def test_strongest_result_of_an_assumption_is_one_of_the_last_stage(result):
    found = strongest(result.run, "kinetics.lesion.species_factor")
    assert found is not None
    share, row = found
    assert row.id.startswith("dosimetry/absorbed_dose_coefficient/lesion:index")
    assert 0.5 < share <= 1
    assert strongest(result.run, "chemistry.carrier_free") is None
    auc = strongest(result.run, "kinetics.plasma.auc")  # explains the kinetics even better
    assert auc is not None
    assert auc[1].stage == "dosimetry"


def test_published_numbers_are_found_by_what_they_compare_with(result):
    pairs = beside(result.run)
    assert list(pairs) == ["dosimetry/absorbed_dose_coefficient/red_marrow/CLR 131/human/-"]


def test_a_figure_is_the_same_text_twice(result):
    rows = rows_of(result.run, "absorbed_dose_coefficient", arms=False)
    texts = {figure_html(dose_coefficients(result.run, rows), "one") for _ in range(2)}
    assert len(texts) == 1
    assert 'id="one"' in texts.pop()


def test_band_is_an_area_without_points_of_its_own():
    """Few points and no mode would make Plotly draw markers along the limits."""
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.add_scatter(x=[0.0, 1.0], y=[2.0, 2.0], name="drawn before it")
    add_band(figure, [0.0, 1.0], [1.0, 2.0], [3.0, float("nan")], "#0072b2")
    band, line = figure.data
    assert line.name == "drawn before it"  # and lies above it
    assert (band.mode, band.fill, band.line.width, band.showlegend) == ("lines", "toself", 0, False)
    assert list(band.x) == [0.0, 1.0, 1.0, 0.0]
    assert list(band.y) == [3.0, None, 2.0, 1.0]


def ratio(
    region, value, origin="computed", time_h=None, flags=("concentration over that in brain",)
):
    summary = {"value": value, "sd": 0.1, "low": 0.5 * value, "high": 2 * value, "std_err": None}
    subject = Subject("CLR 124", "human", origin, region, time_h)
    return ResultRow("kinetics", quantity("ratio"), subject, origin, summary, flags=flags)


def test_a_study_that_ends_with_kinetics_answers_with_its_ratios_lesions_first(result):
    rows = (
        ratio("liver", 1.0),
        ratio("lesion:glioma", 12.0, "predicted", 24.0),
        ratio("lesion:glioma", 8.0, "fitted", 24.0),
    )
    stages = ("chemistry", "kinetics")
    run = dataclasses.replace(result.run, results=rows, stages=stages)
    shown = cards(dataclasses.replace(result, run=run))
    assert [card.value for card in shown] == ["8.00", "12.0", "1.00"]
    assert shown[0].title == "glioma lesion: concentration over that in brain, 24 h"
    assert [card.origin for card in shown] == ["fitted", "predicted", "computed"]
    text = " ".join(summary_sentences(dataclasses.replace(result, run=run)))
    assert "24 h: fitted 8.00 (4.00 to 16.0); predicted 12.0 (6.00 to 24.0)." in text
    # with a later stage the ratios are no longer the answer
    dosed = dataclasses.replace(run, stages=(*stages, "dosimetry"))
    assert not any("brain" in card.title for card in cards(dataclasses.replace(result, run=dosed)))


def test_every_card_says_its_interval_or_why_it_has_none_and_its_origin(result):
    for card in cards(result):
        assert card.interval
        assert card.origin in ("computed", "fitted", "predicted")


def test_exact_arithmetic_is_not_called_drawn(result):
    assert is_drawn(result.run)
    exact = (made("half_life", 8.0, 8.0, 8.0, "computed"),)
    run = dataclasses.replace(result.run, results=exact, stages=("dosimetry",))
    assert not is_drawn(run)
    assert "joint draws" not in summary_sentences(dataclasses.replace(result, run=run))[0]


def test_limits_that_leave_out_the_mean_are_said_in_words():
    row = ratio("liver", 0.005)
    row = dataclasses.replace(row, summary={**row.summary, "low": 0.0, "high": 0.0})
    assert interval_words(row, 0.95) == "0 in at least 95% of the draws"
