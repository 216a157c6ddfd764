"""Tables of evidence and priors: what they hold, and rows that break a rule."""

import copy

import pytest

from pdcraft.data.files import load_toml
from pdcraft.errors import DataError
from pdcraft.response.marrow.evidence import marrow_evidence, read_evidence
from pdcraft.response.marrow.parameters import FORMS, priors, read_priors


@pytest.fixture
def table():
    return copy.deepcopy(load_toml("response", "marrow_evidence.toml"))


@pytest.fixture
def stated():
    return copy.deepcopy(load_toml("response", "marrow_priors.toml"))


def row(table, name):
    return next(r for r in table["item"] if r["id"] == name)


def test_table_of_the_antibody_is_as_printed():
    """Clin Cancer Res table 2, highwire markup 77272: row of 1480 MBq/m2."""
    items = {item.id: item for item in marrow_evidence()}
    printed = {
        "neutrophils": (0.8, 0.1, 7.8),
        "platelets": (15, 8, 150),
        "lymphocytes": (0.2, 0.1, 0.58),
    }
    for lineage, figures in printed.items():
        item = items[f"cht25-1480-{lineage}"]
        assert (item.median, item.low, item.high, item.n) == (*figures, 6)


def test_what_is_to_be_predicted_is_never_fitted():
    held = {item.study for item in marrow_evidence() if item.use == "hold"}
    fitted = {item.study for item in marrow_evidence() if item.use == "fit"}
    assert held == {"hnc", "myeloma72", "dtc"}
    assert fitted == {"cht25", "cc49", "clover1"}


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("cc49-platelets", {"low": 0.5}, "out of order"),
        ("cc49-platelets", {"source": "nobody"}, "source 'nobody' is not in the table"),
        ("cc49-platelets", {"grade": "R"}, "only remembered is no row"),
        ("hnc-grade4-platelets", {"use": "fit"}, "cannot be fitted"),
        ("hnc-grade4-platelets", {"k": 13}, "13 of 12 patients"),
        ("clover1-nadir-day", {"log_sd": None}, "a fitted time needs log_sd"),
        ("clover1-nadir-day", {"at_d": [0.0, 7.0]}, "go in pairs"),
        (
            "clover1-nadir-day",
            {"at_d": [0.0, 7.0], "MBq_per_m2": [578.0, 578.0]},
            "a fitted row has one administration",
        ),
        ("dtc-platelets", {"day": None}, "a fall needs day"),
        ("cc49-platelets", {"reason": ""}, "no reason given"),
        ("cc49-platelets", {"id": "dtc-platelets"}, "dtc-platelets: stated twice"),
    ],
)
def test_rows_that_break_a_rule_are_named(table, name, change, message):
    changed = row(table, name)
    for key, value in change.items():
        if value is None:
            del changed[key]
        else:
            changed[key] = value
    with pytest.raises(DataError, match=message):
        read_evidence(table)


def test_few_parameters_are_estimated():
    for form, extra in zip(FORMS, (set(), {"stem_per_d"}), strict=True):
        estimated = {row.key for row in priors(form) if row.role == "estimated"}
        lineages = ("platelets", "neutrophils", "lymphocytes")
        assert (
            estimated
            == {f"radiosensitivity_per_Gy:{x}" for x in lineages} | {"pretreatment"} | extra
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"log_sd": 0.0}, "both are positive"),
        ({"origin": "derived", "source": []}, "derived from nothing"),
        ({"source": ["nobody"]}, "source 'nobody' is not in the table"),
        ({"lineage": "erythrocytes"}, "lineage 'erythrocytes'"),
    ],
)
def test_priors_that_break_a_rule_are_named(stated, change, message):
    stated["parameter"][0].update(change)
    with pytest.raises(DataError, match=message):
        read_priors("chain", stated)
