"""The catalogue: every fact has a source with a grade, nothing is invented, dates are kept."""

import json
import re
from datetime import date
from importlib.resources import files

import pytest

from pdcraft.chemistry import agents, catalogue_agent, citations, entry
from pdcraft.data import catalogue
from pdcraft.errors import DataError

NAMES = {
    "CLR 131", "CLR 125", "CLR 124", "CLR 1501", "CLR 1502", "CLR 1602-PTX", "CLR 1603-PTX",
    "CLR1404", "177Lu-NM600", "90Y-NM600", "NM324", "NM294", "miltefosine", "perifosine",
    "edelfosine", "paclitaxel", "5-ALA", "ICG",
}  # fmt: skip


def all_facts():
    for agent in catalogue.agent_records():
        stage = (agent.stage,) if agent.stage else ()
        fields = (agent.designations, agent.indications, agent.trials, agent.events)
        for facts in (stage, *fields, agent.contradictions):
            yield from ((agent.name, fact) for fact in facts)


def test_all_agents_are_there():
    assert {agent.name for agent in agents()} == NAMES


def test_every_fact_and_patent_has_a_graded_source():
    graded = [*(fact for _, fact in all_facts()), *catalogue.patents().values()]
    assert len(graded) > 60
    for item in graded:
        assert item.sources
        assert item.grade in "TAPCD"
        assert all(catalogue.sources()[key].grade in "TAPCD" for key in item.sources)


def test_no_source_is_left_unused():
    used = {key for agent in catalogue.agent_records() for key in agent.sources}
    parts = files("pdcraft.data").joinpath("catalogue", "parts.toml").read_text("utf-8")
    used |= set(re.findall(r'"([a-z0-9-]+)"', parts))
    assert set(catalogue.sources()) <= used


def test_trials_have_registry_numbers():
    numbers = [fact.number for agent in catalogue.agent_records() for fact in agent.trials]
    assert len(numbers) == len(set(numbers)) == 8
    assert all(re.fullmatch(r"NCT\d{8}", number) for number in numbers)


def test_the_two_names_of_the_paclitaxel_conjugate_are_shown_as_a_contradiction():
    for name in ("CLR 1602-PTX", "CLR 1603-PTX"):
        record = catalogue.agent_record(name)
        assert any("1602-PTX in one" in fact.text for fact in record.contradictions)
        item = entry(catalogue_agent(name), record)
        cited = {"cellectar-2017-01", "cellectar-2017-03"}
        assert cited <= set(item["contradictions"][0]["sources"])
        assert cited <= set(item["sources"])


def test_structure_and_half_life_carry_their_sources():
    record = catalogue.agent_record("CLR 124")
    item = entry(catalogue_agent("CLR 124"), record)
    facts = {fact["field"]: fact for fact in item["facts"]}
    assert (facts["structure"]["grade"], facts["structure"]["sources"]) == ("D", ["chemical-name"])
    assert facts["half_life"]["sources"] == ["ensdf"]
    assert {"chemical-name", "ensdf"} <= set(item["sources"])


def test_patent_dates_as_published():
    japan = catalogue.patents()["JP6073961"]
    assert (japan.territory, japan.expires) == ("Japan", date(2030, 5, 11))
    pet = catalogue.patents()["US 8,877,160"]
    assert (pet.filed, pet.granted) == (date(2013, 8, 12), date(2014, 11, 4))
    assert catalogue.patents()["US 9,550,002"].expires is None  # not in the sources read


def test_days_left_counts_to_the_last_day():
    japan = catalogue.patents()["JP6073961"]
    # 2026-11-21 to 2030-05-11 by hand: 3 years with one leap day (1096) to 2029-11-21, then
    # 9 + 31 + 31 + 28 + 31 + 30 + 11 = 171
    assert japan.days_left(date(2026, 11, 21)) == 1096 + 171
    assert japan.days_left(date(2030, 5, 11)) == 0
    assert japan.days_left(date(2030, 5, 12)) == -1
    assert catalogue.days_left(None, date(2026, 11, 21)) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2018", date(2018, 1, 1), date(2018, 12, 31)),
        ("2018-02", date(2018, 2, 1), date(2018, 2, 28)),
        ("2018-02-03", date(2018, 2, 3), date(2018, 2, 3)),
    ],
)
def test_partial_dates(text, first, last):
    assert catalogue.day_of(text) == first
    assert catalogue.day_of(text, last=True) == last


@pytest.mark.parametrize("text", ["21.11.2026", "2026-13", "2026-02-30", "soon"])
def test_other_dates_are_refused(text):
    with pytest.raises(DataError, match=f"'{text}' is not a date"):
        catalogue.day_of(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("clr131", "CLR 131"),
        ("Iopofosine I-131", "CLR 131"),
        ("nm404", "CLR1404"),
        ("CLR-1603", "CLR 1603-PTX"),
        ("indocyanine green", "ICG"),
    ],
)
def test_names_as_people_write_them(text, name):
    assert catalogue_agent(text).name == name


def test_unknown_names_get_near_matches():
    with pytest.raises(DataError, match="no agent is called 'CLR 132'; did you mean 'CLR 131'"):
        catalogue_agent("CLR 132")


def test_entries_have_the_same_keys_and_no_nan():
    """CONTRACT: all keys always present, null for unknown; nested patents too."""
    at = date(2026, 11, 21)
    items = [entry(catalogue_agent(r.name), r, at) for r in catalogue.agent_records()]
    assert len({tuple(item) for item in items}) == 1
    wanted = {"name", "payload", "smiles", "formula", "molar_mass_g_per_mol", "stage"}
    wanted |= {"designations", "indications", "trials", "patents", "sources"}
    assert wanted <= set(items[0])
    patent_keys = {"number", "territory", "filed", "granted", "expires", "claim", "sources"}
    assert all(patent_keys <= set(patent) for item in items for patent in item["patents"])
    text = json.dumps(items, allow_nan=False)
    assert "CLR 131" in text
    keys = {key for item in items for key in item["sources"]}
    assert [row["key"] for row in citations(keys)] == sorted(keys)


def test_a_users_molecule_has_the_same_keys():
    from pdcraft.chemistry import conjugate_from_smiles

    mine = entry(conjugate_from_smiles("CCO"))
    theirs = entry(catalogue_agent("CLR 131"), catalogue.agent_record("CLR 131"))
    assert list(mine) == list(theirs)
    assert mine["sources"] == []
    assert mine["payload"] == {"kind": None, "name": None}
