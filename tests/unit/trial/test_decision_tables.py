"""Decision tables of the interval designs, against the R packages and plain second ways."""

from fractions import Fraction
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.boin import BoinRule, boin
from pdcraft.trial.i3plus3 import i3plus3
from pdcraft.trial.keyboard import IntervalRule, keyboard, mtpi2
from pdcraft.trial.table import Boundary, DecisionTable, checked
from pdcraft.trial.table_design import ExtraSafe
from pdcraft.trial.three_plus_three import three_plus_three_table
from pdcraft.validate.tables import reference_rows

MAKERS = {"boin": boin, "keyboard": keyboard, "mtpi2": mtpi2, "i3+3": i3plus3}
targets = st.sampled_from([0.1, 0.15, 0.2, 0.25, 0.3, 0.33, 0.35, 0.4])


def letters(design, max_n=30):
    return {(n, t): letter for n, t, letter in design.table.cells() if n <= max_n}


def count(text):
    return None if text == "NA" else int(text)


@pytest.mark.parametrize(
    ("make", "file"),
    [(boin, "boin_boundary_n1_30.csv"), (keyboard, "keyboard_boundary_n1_30.csv")],
)
def test_boundaries_are_those_of_the_r_package_in_every_row(make, file):
    rows = reference_rows("trials", file)
    assert len(rows) > 100
    for target, group in groupby(rows, lambda r: float(r["target"])):
        held = {b.n: b for b in make(3, target, max_n=30).table.boundaries()}
        for r in group:
            names = ("escalate_if_le", "deescalate_if_ge", "eliminate_if_ge")
            assert held[int(r["n"])] == Boundary(int(r["n"]), *(count(r[k]) for k in names)), r


def test_boin_boundaries_are_the_published_ones():
    # target 0.30, the table printed by Liu and Yuan, Yuan et al.: n = 3, 6, 9, 12, 18, 30
    held = {b.n: b for b in boin(1, 0.3, max_n=30).table.boundaries()}
    published = {3: (0, 2, 3), 6: (1, 3, 4), 9: (2, 4, 5), 12: (2, 5, 7), 18: (4, 7, 9)}
    for n, want in (published | {30: (7, 11, 14)}).items():
        assert held[n] == Boundary(n, *want)


def test_mtpi2_decisions_are_those_of_escalation_in_every_cell():
    rows = reference_rows("trials", "escalation_mtpi2_mtpi_decisions.csv")
    for target, group in groupby(rows, lambda r: float(r["target"])):
        held = letters(mtpi2(3, target, max_n=30))
        for r in group:
            assert held[int(r["n"]), int(r["tox"])] == r["mtpi2_dec"], r


def test_extra_safe_stops_where_the_r_package_does():
    for r in reference_rows("trials", "boin_extrasafe_stop.csv"):
        n = int(r["n"])
        stop = ExtraSafe().stop(np.full(n + 1, n), np.arange(n + 1), float(r["target"]))
        assert (int(np.argmax(stop)) if stop.any() else None) == count(r["stop_if_ge"]), r


def test_lambdas():
    for r in reference_rows("trials", "boin_lambda.csv"):
        rule = BoinRule(float(r["target"]))
        # 15 digits are printed
        assert rule.lambda_e == pytest.approx(float(r["lambda_e"]), rel=1e-13, abs=0)
        assert rule.lambda_d == pytest.approx(float(r["lambda_d"]), rel=1e-13, abs=0)


def naive_i3plus3(n, tox, target, half):
    """i3+3 in exact fractions, sentence by sentence (no independent reference exists)."""
    if n >= 3 and stats.beta.sf(float(target), tox + 1, n - tox + 1) > 0.95:
        return "DU"
    low, high = target - half, target + half
    if Fraction(tox, n) < low:
        return "E"
    if Fraction(tox, n) <= high:
        return "S"
    return "S" if Fraction(tox - 1, n) < low else "D"


@pytest.mark.parametrize("percent", [15, 20, 25, 30, 33, 40])
@pytest.mark.parametrize("half", [3, 5])
def test_i3plus3_against_a_naive_second_implementation(percent, half):
    target, width = Fraction(percent, 100), Fraction(half, 100)
    held = letters(i3plus3(3, percent / 100, below=half / 100, above=half / 100, max_n=30))
    for (n, tox), letter in held.items():
        assert letter == naive_i3plus3(n, tox, target, width), (n, tox)


def test_i3plus3_stays_where_one_patient_decides():
    # the case the design is named for: 1 of 2 is above 0.35, but 0 of 2 is below 0.25
    held = letters(i3plus3(3, 0.3, max_n=30))
    assert (held[2, 1], held[3, 1], held[3, 2], held[4, 1], held[6, 2]) == tuple("SSDSS")
    assert held[20, 5] == held[20, 7] == "S"  # 0.25 and 0.35: the ends belong to the interval


@pytest.mark.parametrize("target", [0.2, 0.25, 0.3])
def test_keyboard_by_plain_integration_of_the_posterior(target):
    held = letters(keyboard(1, target, max_n=12))
    grid = (np.arange(20000) + 0.5) / 20000
    key = np.floor((grid - (target - 0.05)) / 0.1 + 1e-9)
    for (n, tox), letter in held.items():
        if letter == "DU":
            continue
        density = stats.beta.pdf(grid, tox + 1, n - tox + 1)
        # keys of full width only, as the paper has them
        whole = [k for k in np.unique(key) if np.count_nonzero(key == k) > 1990]
        best = max(whole, key=lambda k: density[key == k].sum())
        assert letter == ("E" if best < 0 else "D" if best > 0 else "S"), (n, tox)


def test_an_end_interval_cut_short_counts_by_its_width():
    # 0 of 3, target interval 0.05 to 0.15: below it 0.1855 on a width of 0.05, in it 0.2925 on 0.1
    assert letters(mtpi2(1, 0.1, max_n=3))[3, 0] == "E"


@pytest.mark.parametrize("name", MAKERS)
@given(target=targets)
def test_more_toxicity_never_brings_a_milder_decision(name, target):
    assert checked(MAKERS[name](3, target, max_n=30).table).max_n == 30


@given(targets, st.floats(0.02, 0.09))
def test_intervals_cover_zero_to_one_and_one_holds_the_target(target, half):
    edges, at = IntervalRule(target, half, half).edges()
    assert edges[0] == 0
    assert edges[-1] == pytest.approx(1, rel=0, abs=1e-12)  # a sum of widths
    assert np.all(np.diff(edges) > 0)
    assert edges[at] == pytest.approx(target - half, rel=0, abs=1e-12)
    assert edges[at + 1] == pytest.approx(target + half, rel=0, abs=1e-12)


def test_three_plus_three_table_is_the_rule_and_ends_at_six():
    held = {(n, t): letter for n, t, letter in three_plus_three_table(30).cells()}
    assert max(n for n, _ in held) == 6
    assert [held[3, t] for t in range(4)] == ["E", "S", "DU", "DU"]
    assert [held[6, t] for t in range(4)] == ["E", "E", "DU", "DU"]


GOOD = {(3, 0): "E", (3, 1): "S", (3, 2): "D", (3, 3): "DU"}


def test_a_users_table_is_read_as_it_stands():
    table = DecisionTable.from_letters(GOOD)
    assert {(n, t): letter for n, t, letter in table.cells()} == GOOD
    assert list(table.boundaries()) == [Boundary(3, 0, 2, 3)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({(3, 2): "E"}, "more toxicities must not bring a milder decision"),
        ({(3, 1): "X"}, "'X' is not one of E, S, D, DU"),
        ({(3, 4): "DU"}, "0 to n toxicities"),
        ({(0, 0): "E"}, "1 patient or more"),
        ({(6, t): "S" if t == 0 else "D" for t in range(7)}, "must not bring a stricter decision"),
        ({(6, 0): "E"}, "no decision for tox = 1"),
    ],
)
def test_users_tables_that_make_no_sense_are_refused(change, words):
    with pytest.raises(DataError, match=words):
        DecisionTable.from_letters(GOOD | change)


def test_an_empty_table_and_missing_cells_are_refused():
    with pytest.raises(DataError, match="it has no cell"):
        DecisionTable.from_letters({})
    table = DecisionTable.from_letters(GOOD)
    with pytest.raises(DataError, match="no cell for n = 2"):
        table.look_up(np.array([2]), np.array([0]))
    with pytest.raises(DataError, match="the table ends at 3"):
        table.look_up(np.array([6]), np.array([0]))


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("target", [0.0, 1.0, -0.1, 1.3, float("nan")])
def test_targets_outside_zero_to_one_are_refused(name, target):
    with pytest.raises(PhysicsRangeError, match="between 0 and 1"):
        MAKERS[name](3, target)


def test_other_impossible_rules_are_refused():
    with pytest.raises(PhysicsRangeError, match="must rise"):
        BoinRule(0.3, p_saf=0.35)
    with pytest.raises(PhysicsRangeError, match=r"p_tox 1\.12"):
        BoinRule(0.8)
    with pytest.raises(PhysicsRangeError, match="holds the target"):
        IntervalRule(0.03)
    with pytest.raises(PhysicsRangeError, match=r"offset 0\.6"):
        ExtraSafe(offset=0.6)
    with pytest.raises(DataError, match="0 doses"):
        boin(0, 0.3)


def test_a_design_shows_itself_as_its_table_of_decisions():
    title, head, *rows = repr(boin(5, 0.25, max_n=6)).splitlines()
    assert title.startswith("BOIN, target 0.25, 5 doses: decision")
    assert head.split() == ["n", "0", "1", "2", "3", "4", "5", "6"]
    assert rows[2].split() == ["3", "E", "D", "D", "DU"]
