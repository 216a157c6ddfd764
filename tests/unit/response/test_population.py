"""Virtual patients against the survey's own tables, published baselines and hand arithmetic."""

import numpy as np
import pytest

from pdcraft.data.populations import Baseline, Eligibility, anthropometry, population
from pdcraft.errors import ConvergenceError, DataError, PhysicsRangeError
from pdcraft.physics.body import body_surface_m2
from pdcraft.response.population.attributes import COUNTS, DRAWN, checked_columns
from pdcraft.response.population.copula import draw_attributes, quantile
from pdcraft.response.population.matching import eligible_rows, matched_to, target_edges
from pdcraft.response.population.patients import MATCHING, virtual_patients

PERCENT = np.array([5, 10, 15, 25, 50, 75, 85, 90, 95])
# table 10 of the survey: body mass index, which no marginal was made from
INDEX = {
    (0, 35.0): [21.2, 22.7, 23.3, 24.9, 27.8, 33.0, 35.6, 38.0, 42.5],
    (0, 65.0): [21.2, 22.7, 23.9, 25.2, 28.3, 32.1, 34.1, 36.0, 39.9],
    (1, 35.0): [19.7, 21.3, 22.3, 24.2, 28.6, 35.2, 40.4, 42.1, 47.4],
    (1, 65.0): [20.0, 22.0, 23.1, 24.8, 28.8, 34.5, 37.9, 40.0, 42.5],
}


@pytest.mark.parametrize(("sex", "age"), INDEX)
def test_heights_go_with_masses_as_the_surveys_body_mass_index_says(sex, age):
    # printed percentiles of 385 to 810 people are themselves known to 1.5 % (median) to 4 % (ends):
    # two of these; without the correlation of height and mass ends in men are 9 % off
    n = 60_000
    rng = np.random.default_rng(4)
    made = draw_attributes(population("adults"), np.full(n, sex), np.full(n, age), rng)
    index = made["body_mass_kg"] / (made["height_cm"] / 100.0) ** 2
    assert np.percentile(index, PERCENT) == pytest.approx(INDEX[sex, age], rel=0.07, abs=0)
    middle = np.percentile(index, 50)
    assert middle == pytest.approx(INDEX[sex, age][4], rel=0.03, abs=0)


@pytest.mark.parametrize("name", ["height_cm", "body_mass_kg"])
def test_printed_percentiles_come_back(name):
    from scipy.special import ndtri

    table = anthropometry(name)
    for sex in (0, 1):
        for band, age in enumerate(table.from_age):
            z = ndtri(table.percent[sex][band] / 100.0)
            n = z.size
            got = quantile(table, np.full(n, float(sex)), np.full(n, age), z)
            # interpolation through its own knots: rounding only
            assert got == pytest.approx(table.value[sex][band], rel=1e-12, abs=0)


# tables 4 and 8 of the survey: the same percentiles once more, in tenths of pounds and of inches,
# men and women by decade from 20; they were not used
POUNDS = """
1256 1334 1416 1591 1845 2166 2383 2529 2829
1403 1538 1567 1699 1920 2238 2425 2668 2920
1454 1537 1613 1731 1950 2375 2638 2757 3128
1344 1501 1570 1693 1935 2250 2505 2641 3059
1380 1480 1542 1675 1917 2182 2387 2513 2732
1340 1458 1517 1643 1909 2128 2355 2463 2675
1279 1395 1470 1561 1762 1984 2127 2196 2392
1050 1165 1209 1309 1519 1827 2165 2365 2674
1134 1221 1299 1392 1653 2057 2379 2527 2775
1164 1234 1295 1409 1648 1998 2229 2458 2727
1171 1277 1328 1437 1730 2106 2315 2458 2675
1137 1223 1299 1395 1638 1981 2168 2303 2410
1099 1203 1251 1366 1580 1816 2014 2122 2282
1031 1116 1166 1276 1448 1657 1829 1924 2078
"""
INCHES = """
638 660 666 675 693 712 727 732 741
644 656 661 674 695 712 722 729 737
639 657 667 674 694 719 729 735 748
642 649 658 666 687 705 714 723 731
637 650 658 668 689 708 718 725 735
628 640 648 660 680 696 708 715 725
623 630 641 654 669 689 700 706
603 611 614 624 643 662 672 677 687
591 602 609 623 641 659 667 672 681
590 600 605 619 638 655 665 671 677
592 601 608 616 633 654 663 671 679
589 597 604 613 631 650 660 667 674
585 593 599 608 622 639 647 654 662
566 575 589 595 618 638 648 652
"""


@pytest.mark.parametrize(
    ("name", "printed", "unit"),
    [("body_mass_kg", POUNDS, 0.45359237), ("height_cm", INCHES, 2.54)],
)
def test_the_survey_is_transcribed_right(name, printed, unit):
    table = anthropometry(name)
    rows = [[0.1 * int(cell) for cell in line.split()] for line in printed.split("\n") if line]
    for row, value in zip(rows, (*table.value[0], *table.value[1]), strict=True):
        # half a tenth of either unit
        assert value == pytest.approx(np.array(row) * unit, rel=0, abs=0.05 * (1 + unit) + 1e-9)


def test_tails_go_on_beyond_the_printed_percentiles():
    # men of 65: 5th percentile 161.8 cm (score -1.645), 15th 167.0 (-1.036): by hand at -3
    table = anthropometry("height_cm")
    got = quantile(table, np.zeros(2), np.full(2, 65.0), np.array([-3.0, 3.0]))
    slope = np.log(167.0 / 161.8) / (1.6449 - 1.0364)
    low = 161.8 * np.exp(slope * (1.6449 - 3.0))
    slope = np.log(186.6 / 182.5) / (1.6449 - 1.0364)
    high = 186.6 * np.exp(slope * (3.0 - 1.6449))
    assert got == pytest.approx([low, high], rel=1e-4, abs=0)  # digits of the scores


def test_correlations_are_those_that_the_table_states():
    n = 200_000
    rng = np.random.default_rng(2)
    made = draw_attributes(population("myeloma"), np.zeros(n), np.full(n, 65.0), rng)
    logit = np.log(made["marrow_infiltration"] / (1 - made["marrow_infiltration"]))
    # standard error of a correlation of 200,000 pairs: 0.002; five of them
    height, mass = np.log(made["height_cm"]), np.log(made["body_mass_kg"])
    assert np.corrcoef(logit, np.log(made["tumor_burden_g"]))[0, 1] == pytest.approx(0.5, abs=0.01)
    assert np.corrcoef(logit, np.log(made[COUNTS[0]]))[0, 1] == pytest.approx(-0.3, abs=0.01)
    assert np.corrcoef(mass, made["uptake_score"])[0, 1] == pytest.approx(0.0, abs=0.01)
    # percentiles are not quite log-normal: 0.42 of the scores is a little less of the logarithms
    assert np.corrcoef(height, mass)[0, 1] == pytest.approx(0.42, abs=0.03)


def test_clover1_patients_are_as_published():
    made = virtual_patients(20_000, "clover1", seed=7)
    age, female = (made.cohort.attributes[k] for k in ("age_years", "female"))
    # standard errors: median age 0.08, share 0.0034; four of them
    assert np.median(age) == pytest.approx(71.0, abs=0.35)
    assert female.mean() == pytest.approx(7 / 20, abs=0.014)
    assert made.cohort.attributes[COUNTS[0]].min() >= 75.0
    # a trial of 20 of these patients shows, on average, the range that the trial printed; the tails
    # are cut and even within the outer bins, which costs a year of the 19 below the median
    groups = age.reshape(1000, 20)
    assert groups.min(axis=1).mean() == pytest.approx(52.0, abs=1.0)
    assert groups.max(axis=1).mean() == pytest.approx(82.0, abs=0.6)


def test_matching_leaves_the_rest_of_a_patient_alone():
    """Height given sex and age is the survey's before and after; false alarm 1 in 1000."""
    from scipy.stats import ks_2samp

    after = virtual_patients(8000, "clover1", seed=3).cohort.attributes
    before = virtual_patients(60_000, "clover1", seed=4, baseline=()).cohort.attributes
    heights = [
        c["height_cm"][(c["female"] == 0) & (c["age_years"] >= 70) & (c["age_years"] < 80)]
        for c in (before, after)
    ]
    assert ks_2samp(*heights).pvalue > 1e-3


def test_rejected_shares_are_reported_as_they_are():
    # even ages from 20 to 90, half of them women: hand arithmetic
    old = [Eligibility("age_years", least=55.0, origin="assumed")]
    quarter = [Baseline("female", 100, share=0.25, origin="assumed")]
    made = virtual_patients(20_000, "adults", seed=1, eligible=old, baseline=quarter)
    assert made.rejected_by["age_years"] == pytest.approx(0.5, abs=0.01)
    # all men and a third of the women stay: 2/3 of those within the limit
    assert made.rejected_by[MATCHING] == pytest.approx(1 / 3, abs=0.01)
    assert made.rejected_share == pytest.approx(2 / 3, abs=0.01)
    nothing = virtual_patients(100, "adults", seed=1, eligible=(), baseline=())
    assert nothing.rejected_share == 0.0
    assert nothing.rejected_by == {}


def test_raking_fills_bins_of_attributes_that_hang_together():
    rng = np.random.default_rng(5)
    female = (rng.random(50_000) < 0.5).astype(float)
    age = np.where(female > 0, rng.normal(50, 10, female.size), rng.normal(65, 10, female.size))
    rows = (
        Baseline("female", 50, share=0.7),
        Baseline("age_years", 50, median=60.0, low=40.0, high=80.0),
    )
    match = matched_to({"female": female, "age_years": age}, rows)
    weight = match.kept_probability({"female": female, "age_years": age})
    assert weight.max() <= 1.0
    assert np.average(female, weights=weight) == pytest.approx(0.7, rel=1e-6, abs=0)
    younger = np.average(age < 60.0, weights=weight)
    assert younger == pytest.approx(0.5, rel=1e-6, abs=0)


def test_bins_of_a_printed_range():
    edges, share = target_edges(Baseline("age_years", 20, median=71.0, low=52.0, high=82.0))
    assert edges[[1, 7, -2]] == pytest.approx([52.0, 71.0, 82.0], rel=1e-12, abs=0)
    # 20 values: the largest is expected 1.867 SD up, with 3.1 % of the population beyond
    assert share[0] == pytest.approx(0.0309, abs=1e-4)
    assert share.sum() == pytest.approx(1.0, rel=1e-12, abs=0)
    with pytest.raises(DataError, match="give a share, or the median"):
        target_edges(Baseline("age_years", 20, median=71.0))


def _rows(n=60, seed=8):
    made = virtual_patients(n, "adults", seed=seed, baseline=(), eligible=()).cohort.attributes
    return {k: made[k] for k in ("female", "age_years", "height_cm", "body_mass_kg", *COUNTS)}


def test_a_users_rows_are_drawn_whole():
    rows = _rows()
    made = virtual_patients(500, "myeloma", seed=1, rows=rows, baseline=()).cohort.attributes
    known = set(zip(*(rows[k] for k in rows), strict=True))
    assert set(zip(*(made[k] for k in rows), strict=True)) <= known
    assert made["marrow_infiltration"].min() > 0  # not in the table: from the population
    notes = virtual_patients(50, "myeloma", seed=1, rows=rows, baseline=()).assumptions
    assert any("the table does not say" in note and "marrow_infiltration" in note for note in notes)


def test_one_seed_makes_one_population():
    first, again, other = (virtual_patients(50, "myeloma", seed=s) for s in (1, 1, 2))
    for name in DRAWN:
        assert np.array_equal(first.cohort.attributes[name], again.cohort.attributes[name])
    assert not np.array_equal(
        first.cohort.attributes["height_cm"], other.cohort.attributes["height_cm"]
    )


def test_body_surface_is_of_the_named_formula():
    made = virtual_patients(40, "adults", seed=1, body_surface="Du Bois").cohort.attributes
    want = body_surface_m2(made["height_cm"], made["body_mass_kg"], "Du Bois")
    assert np.array_equal(made["body_surface_m2"], want)


# -- tables that are not a population --------------------------------------------------------------


def test_missing_and_unknown_columns_are_told_together():
    rows = _rows()
    rows.pop("height_cm")
    rows["hight_cm"] = np.full(60, 170.0)
    with pytest.raises(DataError) as told:
        virtual_patients(10, rows=rows, seed=1)
    assert "height_cm is missing" in str(told.value)
    assert "no column is called hight_cm" in str(told.value)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("age_years", -3.0, "-3 is beyond what a patient has, 18 to 110"),
        ("age_years", np.nan, "beyond what a patient has"),
        ("height_cm", 1.75, "1.75 is beyond what a patient has, 120 to 230"),
        ("body_mass_kg", 299.0, "body mass index"),
        ("female", 0.5, "female is 0 or 1"),
        (COUNTS[0], 230_000.0, "230000 is beyond what a patient has, 1 to 3000"),
    ],
)
def test_impossible_patients_are_refused(column, value, why):
    rows = {k: v.copy() for k, v in _rows().items()}
    rows["height_cm"][3] = 150.0
    rows[column][3] = value
    with pytest.raises(DataError, match=why):
        virtual_patients(10, rows=rows, seed=1)


def test_faults_of_a_file_name_its_lines():
    rows = {k: v.copy() for k, v in _rows(12).items()}
    rows["age_years"][1], rows["body_mass_kg"][2] = -1.0, 700.0
    with pytest.raises(DataError) as told:
        checked_columns(rows, file="mine.csv", lines=range(3, 15))
    assert str(told.value).startswith("mine.csv: 2 problems")
    assert "line 4: age_years: -1 is beyond" in str(told.value)
    assert "line 5: body_mass_kg: 700 is beyond" in str(told.value)


def test_one_row_is_no_population():
    one = {k: v[:1] for k, v in _rows().items()}
    with pytest.raises(DataError, match=r"1 patient: no population; it needs 10 at least"):
        virtual_patients(10, rows=one, seed=1)
    same = {k: np.full(30, v[0]) for k, v in _rows().items()}
    with pytest.raises(DataError, match="all patients are the same"):
        virtual_patients(10, rows=same, seed=1)
    uneven = _rows() | {"age_years": np.full(7, 50.0)}
    with pytest.raises(DataError, match="different lengths"):
        virtual_patients(10, rows=uneven, seed=1)


def test_a_body_surface_that_is_not_the_patients_is_refused():
    rows = _rows()
    rows["body_surface_m2"] = body_surface_m2(rows["height_cm"], rows["body_mass_kg"])
    assert virtual_patients(10, rows=rows, seed=1).cohort.attributes["body_surface_m2"].size == 10
    rows["body_surface_m2"] = rows["body_surface_m2"] * 1.3
    with pytest.raises(DataError, match="does not go with"):
        virtual_patients(10, rows=rows, seed=1)


def test_limits_and_baselines_that_no_one_meets_are_refused():
    never = [Eligibility(COUNTS[0], least=1000.0, origin="assumed")]
    with pytest.raises(DataError, match=r"are kept; most are lost to platelets"):
        virtual_patients(10, "adults", seed=1, eligible=never)
    with pytest.raises(DataError, match="no limit of 'ecog'"):
        virtual_patients(10, "adults", seed=1, eligible=[Eligibility("ecog", most=1.0)])
    # the table has no one above 60
    rows = {k: v[_rows()["age_years"] < 60] for k, v in _rows().items()}
    with pytest.raises(DataError, match="no patient between"):
        virtual_patients(10, "clover1", seed=1, rows=rows, eligible=())
    with pytest.raises(PhysicsRangeError, match="ask for 1 or more"):
        virtual_patients(0, seed=1)


def test_baselines_that_contradict_each_other_are_refused():
    # women are exactly those below 50: half women and three quarters below 50 cannot be
    female = np.repeat([1.0, 0.0], 500)
    age = np.where(female > 0, 40.0, 60.0) + np.tile(np.linspace(-9.9, 9.9, 500), 2)
    rows = (
        Baseline("female", 100, share=0.75),
        Baseline("age_years", 100, median=50.0, low=30.2, high=69.8),
    )
    with pytest.raises(ConvergenceError, match="contradict"):
        matched_to({"female": female, "age_years": age}, rows)


def test_eligibility_counts_each_limit():
    columns = {"age_years": np.array([20.0, 40.0, 80.0])}
    limits = [Eligibility("age_years", least=30.0), Eligibility("age_years", most=70.0)]
    within, beyond = eligible_rows(columns, limits)
    assert within.tolist() == [False, True, False]
    assert beyond["age_years"].tolist() == [True, False, True]
