"""Tables of populations load, say where they come from, and are refused with every fault."""

import copy

import pytest

from pdcraft.data.files import load_toml
from pdcraft.data.populations import (
    population,
    population_names,
    read_correlations,
    read_population,
)
from pdcraft.errors import DataError


@pytest.mark.parametrize("name", population_names())
def test_every_population_loads_with_its_sources(name):
    said = population(name)
    assert said.text
    assert said.citations
    assert {m.origin for m in said.marginals.values()} <= {"published", "derived", "assumed"}


def test_clover1_takes_marrow_from_myeloma_and_people_from_its_own_table():
    said = population("CLOVER-1")
    assert said.name == "clover1"
    assert said.marginals == population("myeloma").marginals
    rows = {row.name: row for row in said.baseline}
    assert (rows["age_years"].median, rows["age_years"].low, rows["age_years"].high) == (71, 52, 82)
    assert rows["female"].share == pytest.approx(7 / 20, rel=1e-12, abs=0)


def test_unknown_name():
    with pytest.raises(DataError, match="called 'mieloma'; did you mean 'myeloma'"):
        population("mieloma")


def test_every_fault_of_a_population_is_told():
    table = copy.deepcopy(load_toml("response", "populations.toml"))
    said = table["population"]["myeloma"]
    said["platelets_1e9_per_L"]["log_sd"] = -0.1
    said["lymphocytes_1e9_per_L"]["source"] = ["nowhere"]
    said["marrow_infiltration"]["median"] = 39.0
    said["baseline"]["age_years"]["low"] = 70.0
    with pytest.raises(DataError) as told:
        read_population("myeloma", table)
    text = str(told.value)
    assert text.startswith("populations.toml: 4 problems")
    for part in (
        "platelets_1e9_per_L: median 160.0, SD -0.1",
        "source 'nowhere' is not in the table",
        "marrow_infiltration: median 39.0",
        "baseline of age_years",
    ):
        assert part in text


def test_correlations_that_contradict_each_other():
    rows = [
        {"between": ["a", "b"], "male": 0.9, "female": 0.1},
        {"between": ["b", "c"], "male": 0.9, "female": 0.1},
        {"between": ["a", "c"], "male": -0.9, "female": 0.1},
    ]
    with pytest.raises(DataError, match="correlations of male patients contradict each other"):
        read_correlations(("a", "b", "c"), rows)
