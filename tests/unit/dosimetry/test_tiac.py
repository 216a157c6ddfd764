"""Sources and the rules that their activities obey."""

import numpy as np
import pytest

from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.dosimetry.tiac import source_tiac
from pdcraft.dosimetry.tiac_draws import drawn_masses, drawn_tiac
from pdcraft.errors import ApproximationWarning, DataError

ONE = np.ones(1)
LIMIT_h = 8.0233 * 24 / np.log(2)  # half-life of I-131 by DDEP (2014), d


@pytest.fixture(scope="module")
def S(adult_male, made_fractions):
    return organ_S(adult_male, made_fractions, "I-131")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("livr", "no source 'livr'; did you mean 'liver'?"),
        ("salivary_glands", "add its hours to 'remainder' (under 'total_body' leave it out), or"),
        ("stomach", "name the part: 'stomach_wall' or 'stomach_contents'"),
        ("left_kidney", "give the sum of both sides as 'kidneys'"),
        ("blood", "count blood where it is"),
        ("lesion:met", "no such lesion was put into the body"),
        ("urine", "urine in the body is urinary_bladder_contents"),
        ("ribs", "bones are one source, 'skeleton', or 'red_marrow'"),
        ("trabecular_bone", "bones are one source, 'skeleton', or 'red_marrow'"),
    ],
)
def test_what_is_no_source_is_refused_with_the_way_out(S, name, words):
    with pytest.raises(DataError) as caught:
        source_tiac(S, {name: ONE, "liver": ONE})
    assert words in str(caught.value)
    assert caught.value.problems[0].key == name


@pytest.mark.parametrize(
    ("tiac", "words"),
    [
        ({}, "there are no sources"),
        ({"liver": -ONE}, "a time-integrated activity coefficient is -1 h; it is zero or more"),
        ({"liver": np.array([1.0, np.nan])}, "is nan h; it is zero or more"),
        ({"liver": ONE, "spleen": np.ones(2)}, "different numbers of draws: liver 1, spleen 2"),
        ({"remainder": ONE, "total_body": ONE}, "'remainder' and 'total_body' exclude each other"),
        ({"liver": 2 * ONE, "total_body": ONE}, "the remainder is -1 h: listed regions exceed"),
        ({"liver": 10.01 * ONE, "total_body": 10 * ONE}, "the remainder is -0.01 h"),
        ({"liver": np.array([1.0, 3.0]), "total_body": np.array([2.0, 2.0])}, "in 1 of 2 draws"),
        ({"liver": 0.6 * LIMIT_h * ONE, "remainder": 0.41 * LIMIT_h * ONE}, "above T½/ln 2 = 277."),
        ({"total_body": 1.01 * LIMIT_h * ONE}, "more decays than there are atoms"),
    ],
)
def test_rules(S, tiac, words):
    with pytest.raises(DataError) as caught:
        source_tiac(S, tiac)
    assert words in str(caught.value)


def test_all_faults_come_at_once(S):
    with pytest.raises(DataError) as caught:
        source_tiac(S, {"livr": -ONE, "blood": ONE, "total_body": ONE, "remainder": ONE})
    assert len(caught.value.problems) == 4


def test_everything_that_decays_in_the_body_is_the_limit(S):
    assert source_tiac(S, {"liver": LIMIT_h * (1 - 1e-6) * ONE})["liver"] > 0


def test_a_remainder_beside_every_region_is_refused(S):
    from pdcraft.dosimetry.organ_dose import organ_dose

    tiac = {("muscle" if s == "remainder" else s): 0.1 * ONE for s in S.parts}
    with pytest.warns(ApproximationWarning, match="all soft tissue of no organ"):
        organ_dose(S, tiac)
    with pytest.raises(DataError, match="every region of adult-male is a source already"):
        organ_dose(S, {**tiac, "remainder": ONE})


def test_draws_have_the_stated_mean_and_spread(S):
    """4000 draws: the mean is known to 0.3 %, the spread to 1.3 % and the skew of a log-normal."""
    drawn = drawn_tiac(S, {"liver": 20 * ONE, "spleen": 2 * ONE}, {"liver": 4.0}, 4000, seed=1)
    assert drawn["liver"].mean() == pytest.approx(20.0, rel=0.012, abs=0)
    assert drawn["liver"].std() == pytest.approx(4.0, rel=0.06, abs=0)
    assert np.all(drawn["liver"] > 0)
    assert np.all(drawn["spleen"] == 2.0)
    again = drawn_tiac(S, {"liver": 20 * ONE, "spleen": 2 * ONE}, {"liver": 4.0}, 4000, seed=1)
    assert np.array_equal(again["liver"], drawn["liver"])


def test_draws_that_no_body_can_have_are_drawn_again(S):
    near = {"liver": 20 * ONE, "total_body": 0.97 * LIMIT_h * ONE}
    drawn = drawn_tiac(S, near, {"total_body": 4.0}, 1000, seed=1)
    assert drawn["total_body"].size == 1000
    assert drawn["total_body"].max() <= LIMIT_h * (1 + 1e-8)
    again = pytest.warns(ApproximationWarning, match=r"\d+% of the draws .* were drawn again")
    mean = pytest.warns(ApproximationWarning, match=r"the mean of the draws is .* was 269\.")
    with again, mean:
        drawn_tiac(S, near, {"total_body": 30.0}, 1000, seed=1)
    wide = {"liver": 20 * ONE, "total_body": 20 * ONE}  # median of the whole body: 18.6 h
    with pytest.raises(DataError, match="of 2000 draws have a negative remainder or more"):
        drawn_tiac(S, wide, {"total_body": 8.0}, 1000, seed=1)


def test_a_spread_of_nothing_is_refused(S):
    with pytest.raises(DataError, match="a mean of zero hours has no spread"):
        drawn_tiac(S, {"liver": 0 * ONE}, {"liver": 1.0}, 100, seed=1)


def test_masses_without_spread_are_not_drawn():
    drawn = drawn_masses({"liver": 1800.0, "spleen": 150.0}, {"spleen": 15.0, "liver": 0.0}, 500, 1)
    assert list(drawn) == ["spleen"]
    assert drawn["spleen"].std() == pytest.approx(15.0, rel=0.15, abs=0)


def test_means_that_a_wide_spread_moves_are_told_or_refused(S):
    """Cut at a whole body of 20 h, a log-normal of mean 12 and spread 16 h keeps its lower part.

    The mean of what is kept is that of the truncated log-normal; 4000 draws know it to 1 %.
    """
    from scipy.stats import norm

    whole = {"total_body": 20 * ONE}
    sigma = np.sqrt(np.log1p((16 / 12) ** 2))
    mu = np.log(12) - sigma**2 / 2
    top = (np.log(20) - mu) / sigma
    kept = 12 * norm.cdf(top - sigma) / norm.cdf(top)
    assert 6.0 < kept < 0.9 * 12
    with pytest.warns(ApproximationWarning) as caught:
        drawn = drawn_tiac(S, {"liver": 12 * ONE, **whole}, {"liver": 16.0}, 4000, seed=1)
    mean = drawn["liver"].mean()
    assert mean == pytest.approx(kept, rel=0.05, abs=0)
    words = f"liver: the mean of the draws is {mean:.4g} h, stated was 12 h"
    assert any(words in str(w.message) for w in caught)
    assert not any("total_body: the mean" in str(w.message) for w in caught)
    refused = pytest.raises(DataError, match=r"liver: the mean .* stated was 19 h: the spread")
    with refused, pytest.warns(ApproximationWarning, match="drawn again"):
        drawn_tiac(S, {"liver": 19 * ONE, **whole}, {"liver": 60.0}, 4000, seed=1)


def test_masses_whose_spread_is_beyond_what_draws_can_have_are_refused():
    """Of a log-normal with a CV of 1000 nearly all of the mean is in draws that are never made."""
    with pytest.raises(DataError, match=r"liver: the mean of the draws is .* stated was 1800 g"):
        drawn_masses({"liver": 1800.0}, {"liver": 1.8e6}, 1000, 1)
    drawn_masses({"liver": 1800.0}, {"liver": 900.0}, 1000, 1)  # chance is no fault
    drawn_masses({"liver": 1800.0}, {"liver": 1800.0}, 5, 1)  # nor of few draws
