"""Growth records and members: every number with its source, near matches for names."""

from dataclasses import replace

import pytest

from pdcraft.data.xenografts import (
    PARAMETERS,
    Cell,
    growth_records,
    member,
    members,
    published_figures,
    radiobiology,
    select_members,
    xenograft_prior,
    xenograft_source,
)
from pdcraft.errors import DataError


def test_records_have_sources_and_plausible_growth():
    records = growth_records()
    for one in records:
        assert xenograft_source(one.source)[0]
        doubling = 0.693 / one.lambda0_per_d
        assert 1.5 < doubling < 40.0  # tumors of mice, from the fastest lines to slow grafts
        if one.has_spread:
            assert one.n_animals is not None
            assert one.n_animals >= 2
            assert 0 < (one.sd_ln_lambda0 or 0.0) < 1
    spread = [r for r in records if r.has_spread]
    assert len(spread) >= 40
    assert sum((r.n_animals or 0) >= 3 for r in spread) >= 40


def test_rates_agree_with_the_slopes_that_a_source_prints_itself():
    """Mean semilogarithmic slopes, 1/d, of nearly the same animals, model_doubling_times_lung.csv.

    A fit whose growth slows above a volume starts faster than one straight line, never slower:
    -5% for other last days and single animals left out, +40% where most volumes are above it.
    """
    slopes = {
        "PHLC108": 0.1284, "PHLC200": 0.0751, "PHLC215": 0.0546, "PHLC228": 0.0816,
        "PHLC229": 0.1030, "PHLC267": 0.1195, "PHLC402": 0.0686,
    }  # fmt: skip
    rates = {r.model: r.lambda0_per_d for r in growth_records()}
    for model, slope in slopes.items():
        assert 0.95 * slope <= rates[model] <= 1.4 * slope


def test_published_models_are_named_members():
    for name in ("PC3", "Capan-1", "MDA-MB-231", "4T1", "4T07", "U251", "A2780"):
        assert not member(name).virtual
        assert member(name).published
    assert member("pc-3").name == "PC3"


def test_what_is_measured_says_of_whom_and_by_whom():
    cell = member("4T1").provenance["growth"]
    assert cell.origin == "measured"
    assert cell.n == "10"
    assert cell.sources == ("synergylmm-4t1",)
    assert member("PC3").provenance["growth"].origin == "pooled"
    assert set(member("PC3").provenance) == set(PARAMETERS)


def test_cells_without_a_source_are_refused():
    with pytest.raises(DataError, match="names its source"):
        Cell("measured")
    with pytest.raises(DataError, match="is one of measured, pooled, assumed"):
        Cell("guessed")


def test_unknown_names_get_near_matches():
    with pytest.raises(DataError, match="did you mean 'PC3'"):
        member("PC4")
    with pytest.raises(DataError, match="no xenograft prior"):
        xenograft_prior("nothing")
    with pytest.raises(DataError, match="no indication is called"):
        radiobiology("toe")


def test_selections():
    everyone = select_members("all")
    named, virtual = select_members("named"), select_members("virtual")
    assert len(everyone) == len(named) + len(virtual) == len(members())
    assert {m.indication for m in select_members("colon")} == {"colon"}
    assert [m.name for m in select_members(["U251", "PC3"])] == ["U251", "PC3"]
    assert [m.name for m in select_members("PC3")] == ["PC3"]


def test_published_outcomes_inform_no_parameter():
    for figure in published_figures():
        assert figure.member in members()
        assert xenograft_source(figure.source)[0]
    for name in ("PC3", "Capan-1"):  # their survival is known, and nothing else
        assert all(c.origin != "measured" for c in member(name).provenance.values())
    assert replace(member("PC3"), published=()).provenance == member("PC3").provenance
