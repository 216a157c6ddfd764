"""Estimands: what each strategy does to one patient's days, and what cannot be stated."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.trial.estimand import EVENTS, STRATEGIES, Estimand, followed

WORDS = {
    "endpoint": "DLT",
    "population": "treated",
    "treatment": "one infusion",
    "variable": "grade 4",
    "summary": "proportion",
}


def stated(**strategies):
    named = {name.replace("_", "-"): how for name, how in strategies.items()}
    return Estimand(**WORDS, strategies=dict.fromkeys(EVENTS, "hypothetical") | named)


def one(estimand, endpoint, event, day):
    got, end = followed(estimand, np.array([endpoint]), {event: np.array([day])})
    return got[0], end[0]


INF = np.inf


@pytest.mark.parametrize(
    ("strategy", "endpoint", "event", "wanted"),
    [
        ("treatment-policy", 40.0, 30.0, (40.0, INF)),
        ("hypothetical", 40.0, 30.0, (40.0, INF)),
        ("composite", 40.0, 30.0, (30.0, INF)),
        ("composite", INF, 30.0, (30.0, INF)),
        ("composite", 20.0, 30.0, (20.0, INF)),
        ("while-on-treatment", 40.0, 30.0, (INF, 30.0)),
        ("while-on-treatment", 20.0, 30.0, (20.0, 30.0)),
        ("while-on-treatment", 40.0, INF, (40.0, INF)),
    ],
)
def test_each_strategy(strategy, endpoint, event, wanted):
    assert one(stated(transfusion=strategy), endpoint, "transfusion", event) == wanted


def test_a_composite_event_after_follow_up_is_not_seen():
    both = stated(transfusion="composite", new_therapy="while-on-treatment")
    days = {"transfusion": np.array([50.0]), "new-therapy": np.array([30.0])}
    day, end = followed(both, np.array([INF]), days)
    assert (day[0], end[0]) == (INF, 30.0)


def test_every_event_needs_a_strategy():
    some = dict.fromkeys(list(EVENTS)[:-2], "composite")
    with pytest.raises(DataError, match=r"no strategy for death-before-nadir, progression-before"):
        Estimand(**WORDS, strategies=some)


@pytest.mark.parametrize(
    ("strategies", "words"),
    [
        ({"transfusion": "ignore"}, rf"'ignore' is not one of {', '.join(STRATEGIES)}"),
        ({"transfusion": "principal-stratum"}, r"no patient of a trial shows whether"),
        ({"death_before_nadir": "treatment-policy"}, r"there are no data after death"),
        ({"relapse": "composite"}, r"'relapse' is no event"),
    ],
)
def test_refuses(strategies, words):
    with pytest.raises(DataError, match=words):
        stated(**strategies)


def test_refuses_what_is_not_said():
    with pytest.raises(DataError, match="says no treatment"):
        Estimand(**(WORDS | {"treatment": " "}), strategies=dict.fromkeys(EVENTS, "composite"))
