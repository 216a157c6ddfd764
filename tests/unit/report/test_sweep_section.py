"""What a sweep's summary says of sizes: the best payload, and those that cannot be told from it."""

from dataclasses import replace

import pytest
from conftest import row

from pdcraft.report.sweep_section import sweep_sentences

BEARS = ("I-125, marrow bears 2 Gy", "I-125, marrow bears 5 Gy")


@pytest.fixture
def said(result):
    """Sentence of sizes for shares by arm at 1 mm; names without a space are radionuclides."""

    def sentence(shares, draws=300):
        at = "tumor:1e+03 um"
        rows = [row("sweep", "probability", [s, s], at, arm) for arm, s in shares.items()]
        rows += [
            row("sweep", "tumor_over_marrow_dose", [1.0, 1.0], at, name)
            for name in dict.fromkeys(arm.split(",")[0] for arm in shares)
            if " " not in name
        ]
        run = replace(result.run, stages=("sweep",), results=tuple(rows), n_draws=draws)
        found = next(s for s in sweep_sentences(run) if s.startswith("By radius"))
        return found.split("share of draws: ")[1].split(" What a tumor")[0]

    return sentence


def test_a_clear_best_stands_alone(said):
    assert said({BEARS[1]: 0.66, "Ac-225, marrow bears 5 Gy": 0.50}) == (
        "1 mm: I-125, marrow bears 5 Gy (66%)."
    )


def test_shares_within_five_points_are_named_together(said):
    """Of 1e6 draws the standard error is 0.0007: five points of assumed spreads remain."""
    names = ("Lu-177", "I-125", "Ac-225", "I-131")
    by_name = dict(zip(names, (0.60, 0.62, 0.64, 0.58), strict=True))
    text = said({f"{n}, marrow bears 5 Gy": p for n, p in by_name.items()}, 1_000_000)
    assert text.startswith("1 mm: Ac-225, marrow bears 5 Gy (64%) or I-125 (62%) or Lu-177 (60%). ")
    assert "5 points, or by less than 2 times the standard error that 1000000 draws" in text


def test_shares_within_two_standard_errors_are_named_together(said):
    """At 0.59 and 0.52 two errors of the difference are 8 points of 300 draws, 5.1 of 750."""
    shares = {BEARS[1]: 0.59, "Ac-225, marrow bears 5 Gy": 0.52}
    assert "I-125, marrow bears 5 Gy (59%) or Ac-225 (52%)" in said(shares)
    assert " or " not in said(shares, 750)


def test_only_payloads_under_one_condition_are_compared(said):
    shares = dict.fromkeys(BEARS, 0.8) | {"Ac-225, marrow bears 5 Gy": 0.8}
    assert said(shares) == "1 mm: I-125, marrow bears 2 Gy (80%)."
    shares = {"I-124 PET": 0.9, "CLR 1502, 1 mm deep": 0.88, "CLR 1502, 3 mm deep": 0.86}
    assert said(shares).startswith("1 mm: I-124 PET (90%) or CLR 1502, 1 mm deep (88%). ")


def test_what_serves_nothing_ties_with_nothing(said):
    shares = {BEARS[1]: 0.03, "I-131, marrow bears 5 Gy": 0.005, "I-124 PET": 0.0}
    assert said(shares) == "1 mm: I-125, marrow bears 5 Gy (3%)."


def test_nothing_serves_where_all_shares_are_zero(said):
    assert said({BEARS[0]: 0.0, "Ac-225, marrow bears 2 Gy": 0.0}) == "1 mm: none."


def test_one_payload_ties_with_nothing_and_dyes_stand_without_radionuclides(said):
    assert said(dict.fromkeys(BEARS, 0.8)) == "1 mm: I-125, marrow bears 2 Gy (80%)."
    shares = {"CLR 1502, 1 mm deep": 0.5, "CLR 1502, 3 mm deep": 0.49, "I-124 PET": 0.47}
    text = said(shares | {"CLR 1501, 1 mm deep": 0.48})
    assert text.startswith("1 mm: CLR 1502, 1 mm deep (50%) or CLR 1501 (48%) or I-124 PET (47%). ")


def test_the_rule_says_that_conditions_are_kept_apart(said):
    text = said({BEARS[1]: 0.5, "Ac-225, marrow bears 5 Gy": 0.49})
    assert "under the same condition or none, differ from the best by less than 5 points" in text


def test_sizes_are_the_decades_and_the_largest(result):
    shares = {"1e+02 um": 0.9, "3e+02 um": 0.8, "1e+03 um": 0.7, "2.5e+03 um": 0.6}
    rows = [
        row("sweep", "probability", [s, s], f"tumor:{size}", "I-124 PET")
        for size, s in shares.items()
    ]
    run = replace(result.run, stages=("sweep",), results=tuple(rows))
    text = next(s for s in sweep_sentences(run) if s.startswith("By radius"))
    said = text.split("share of draws: ")[1]
    assert said.startswith(
        "100 µm: I-124 PET (90%); 1 mm: I-124 PET (70%); 2.5 mm: I-124 PET (60%). "
    )
