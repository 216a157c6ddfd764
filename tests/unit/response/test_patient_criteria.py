"""Categories of response, against the rules as published."""

from __future__ import annotations

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.patient_criteria import assess, best_response, criteria, progression_d


def names(rules, values, not_found_below=0.0):
    return [rules.categories[c] for c in assess(rules, values, not_found_below)]


def best(rules, values, not_found_below=0.0):
    return rules.categories[int(best_response(rules, assess(rules, values, not_found_below)))]


def test_recist_thresholds():
    rules = criteria("recist-1-1")
    # 30 % of the baseline; 20 % over the lowest sum and 5 mm
    assert names(rules, [100, 70.1, 70, 71]) == ["SD", "SD", "PR", "SD"]
    assert names(rules, [100, 60, 72]) == ["SD", "PR", "PD"]
    assert names(rules, [100, 60, 71.9]) == ["SD", "PR", "SD"]
    # 25 % over a lowest sum of 16 mm is 4 mm: no progression by the absolute rule
    assert names(rules, [20, 16, 20]) == ["SD", "SD", "SD"]
    assert names(rules, [20, 16, 21]) == ["SD", "SD", "PD"]
    # the baseline is the reference of a rise as long as it is the lowest
    assert names(rules, [50, 60]) == ["SD", "PD"]


def test_best_response_stays_after_small_rises():
    # example of the EORTC's RECIST pages: sums 100 70 70 80 80 80, best response PR
    rules = criteria("recist-1-1")
    assert best(rules, [100, 70, 70, 80, 80, 80]) == "PR"
    # what comes after progression does not count
    assert best(rules, [100, 130, 20]) == "PD"
    assert best(rules, [100, 90, 115, 20]) == "SD"


def test_disappearance_needs_a_limit():
    rules = criteria("recist-1-1")
    assert best(rules, [30, 4]) == "PR"
    assert best(rules, [30, 4], 5.0) == "CR"


def test_imwg_thresholds_and_confirmation():
    rules = criteria("imwg")
    assert rules.categories == ("PD", "SD", "MR", "PR", "VGPR", "CR")
    assert names(rules, [40, 30, 20, 4, 0.5], 1.0) == ["SD", "MR", "PR", "VGPR", "CR"]
    # two assessments in a row: the lower of both is held
    assert best(rules, [90, 45, 55, 55]) == "MR"
    assert best(rules, [40, 20, 20, 30]) == "PR"
    assert best(rules, [40, 35, 35, 18]) == "SD"  # the last one is not confirmed
    # 25 % and 5 g/L over the lowest value
    assert names(rules, [40, 10, 14.9])[-1] == "PR"
    assert names(rules, [40, 10, 15])[-1] == "PD"
    assert names(rules, [40, 36, 44.9])[-1] == "SD"
    # 10 g/L are enough where the lowest value is 50 g/L or more
    assert names(rules, [80, 60, 69])[-1] == "SD"
    assert names(rules, [80, 60, 70])[-1] == "PD"


def test_waldenstrom_thresholds():
    rules = criteria("iwwm-6")
    assert names(rules, [40, 30.1, 30, 20, 4]) == ["SD", "SD", "MR", "PR", "VGPR"]
    assert names(rules, [40, 8, 10])[-1] == "PD"


def test_progression_day_and_shapes():
    rules = criteria("recist")
    sums = np.array([[50.0, 40, 30, 30], [50, 55, 70, 20]])
    codes = assess(rules, sums[None])
    assert codes.shape == (1, 2, 4)
    assert progression_d(codes, [0, 56, 112, 168]).tolist() == [[np.inf, 112.0]]
    assert best_response(rules, codes).tolist() == [[2, 1]]


def test_refusals():
    with pytest.raises(DataError, match="did you mean 'recist-1-1'"):
        criteria("recist 1.0")
    with pytest.raises(DataError, match="imwg has PD, SD, MR"):
        criteria("imwg").code("nCR")
    with pytest.raises(PhysicsRangeError, match="not measurable"):
        assess(criteria("imwg"), [0.0, 1.0])
    with pytest.raises(PhysicsRangeError, match="not measurable"):
        assess(criteria("imwg"), [0.5, 1.0], 1.0)
    with pytest.raises(PhysicsRangeError, match="finite and not negative"):
        assess(criteria("imwg"), [10.0, -1.0])
    with pytest.raises(DataError, match="needs a baseline"):
        best_response(criteria("imwg"), np.array([1]))
