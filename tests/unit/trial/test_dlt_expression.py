"""Toxicity expressions: what they say of counts written by hand, and what they refuse."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.response.ctcae import thresholds_1e9_per_L
from pdcraft.trial.dlt import Condition, Joined, first_day, parse_expression

LINEAGES = ("platelets", "neutrophils")
DAYS = np.array([7.0, 14.0, 21.0, 28.0, 35.0])


def day_of(text, platelets=None, neutrophils=None):
    high = np.full(DAYS.size, 500.0)
    seen = {
        "platelets": high if platelets is None else np.array(platelets, float),
        "neutrophils": high if neutrophils is None else np.array(neutrophils, float),
    }
    expression = parse_expression(text, LINEAGES)
    return float(first_day(expression, seen, DAYS, thresholds_1e9_per_L))


@pytest.mark.parametrize(
    ("text", "platelets", "day"),
    [
        ("platelets < 25", [100, 24, 100, 100, 100], 14),
        ("platelets < 25", [100, 25, 100, 100, 100], np.inf),  # below, not at
        ("platelets <= 25", [100, 25, 100, 100, 100], 14),
        ("platelets grade >= 4", [100, 24.9, 100, 100, 100], 14),  # CTCAE: grade 4 below 25
        ("platelets grade >= 4", [100, 25, 100, 100, 100], np.inf),
        ("platelets grade >= 3", [100, 49, 100, 100, 100], 14),
        # a duration is met at the visit that shows it
        ("platelets < 25 for 7 d", [100, 20, 20, 100, 100], 21),
        ("platelets < 25 for 8 d", [100, 20, 20, 100, 100], np.inf),
        ("platelets < 25 for 14 d", [100, 20, 20, 20, 100], 28),
        # broken by one better visit, though two of three are low
        ("platelets < 25 for 14 d", [20, 20, 30, 20, 20], np.inf),
        # a missed visit breaks no run
        ("platelets < 25 for 14 d", [100, 20, np.nan, 20, 100], 28),
        ("platelets < 25 for 7 d", [100, 20, np.nan, 100, 100], np.inf),
        # only visits from a day on: not recovered by day 28
        ("platelets < 75 after 28 d", [20, 20, 20, 90, 70], 35),
        ("platelets < 75 after 28 d", [20, 20, 20, 90, 90], np.inf),
    ],
)
def test_one_condition(text, platelets, day):
    assert day_of(text, platelets) == day


def test_or_is_the_first_and_the_later():
    low, lower = [100, 20, 100, 100, 100], [9, 9, 9, 0.4, 9]
    assert day_of("platelets < 25 or neutrophils < 0.5", low, lower) == 14
    assert day_of("platelets < 25 and neutrophils < 0.5", low, lower) == 28
    assert day_of("platelets < 25 and neutrophils < 0.1", low, lower) == np.inf


def test_and_binds_before_or():
    expression = parse_expression("platelets < 1 or platelets < 25 and neutrophils < 0.5", LINEAGES)
    assert isinstance(expression, Joined)
    assert expression.how == "or"
    assert isinstance(expression.parts[0], Condition)
    grouped = parse_expression("(platelets < 1 or platelets < 25) and neutrophils < 0.5", LINEAGES)
    assert isinstance(grouped, Joined)
    assert grouped.how == "and"


def test_patients_side_by_side_are_those_one_by_one():
    rng = np.random.default_rng(3)
    seen = {name: rng.uniform(0.1, 60.0, (4, 5, DAYS.size)) for name in LINEAGES}
    days = np.sort(rng.uniform(0, 60, (5, DAYS.size)), axis=-1)
    expression = parse_expression("platelets < 25 for 7 d or neutrophils grade >= 2", LINEAGES)
    found = first_day(expression, seen, days, thresholds_1e9_per_L)
    for i, j in np.ndindex(4, 5):
        one = {name: values[i, j] for name, values in seen.items()}
        assert found[i, j] == first_day(expression, one, days[j], thresholds_1e9_per_L)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hemoglobin < 8", r"'hemoglobin' is not one of platelets, neutrophils"),
        ("platelets below 25", r"'below' stands where one of < <= > >= is expected"),
        ("platelets < low", r"'low' stands where a number is expected"),
        ("platelets grade >= 5", r"grade 5 is none of 0 to 4"),
        ("platelets grade >= 3.5", r"grade 3.5 is none"),
        ("platelets < 25 for 7", r"comes a number of days, like 'for 7 d'"),
        ("(platelets < 25", r"a parenthesis is not closed"),
        ("platelets < 25 neutrophils < 1", r"'neutrophils' is not expected there"),
        ("not platelets < 25", r"there is no 'not'"),
        ("platelets < 25 & neutrophils < 1", r"cannot read '& neutrophils"),
        ("", r"'' is not one of"),
    ],
)
def test_refuses_with_the_way_out(text, words):
    with pytest.raises(DataError, match=words) as error:
        parse_expression(text, LINEAGES)
    assert "for instance 'platelets grade >= 4 for 7 d" in str(error.value)
