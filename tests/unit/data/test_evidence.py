"""The carrier's evidence: complete, and refused by name where it is not."""

import copy
import re

import pytest

from pdcraft.data.evidence import carrier_evidence, read_items
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

TABLE = load_toml("carrier", "evidence.toml")
ROW = "nm600-liver-dose"


def changed(**parts):
    """Return the packaged table with one row's parts changed; None drops a part."""
    table = copy.deepcopy(TABLE)
    row = next(r for r in table["item"] if r["id"] == ROW)
    for key, value in parts.items():
        row.pop(key, None)
        if value is not None:
            row[key] = value
    return table


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"source": None}, f"item '{ROW}': source is missing"),
        ({"source": "nobody1999"}, f"item '{ROW}': source 'nobody1999' is not in the table's list"),
        ({"grade": None}, f"item '{ROW}': grade is missing"),
        ({"grade": "X"}, f"item '{ROW}': grade 'X' is not one of T, A, P, C, D, R"),
        ({"unit": None}, f"item '{ROW}': unit is missing"),
        ({"unit": "h"}, f"item '{ROW}': unit 'h' is not one of dose_per_activity: Gy/MBq"),
        ({"use": None}, f"item '{ROW}': use is missing"),
        ({"use": "maybe"}, f"item '{ROW}': use 'maybe' is not one of fit, hold, excluded"),
        ({"reason": None}, f"item '{ROW}': reason is missing"),
        ({"grade": "R"}, f"item '{ROW}': grade R is recollection"),
        ({"analyte": "mass"}, f"item '{ROW}': mass is of the stable carrier"),
        ({"nuclide": None}, f"item '{ROW}': a number with physical decay in it needs its nuclide"),
        ({"value": -1.0}, f"item '{ROW}': value -1 must be more than 0"),
        ({"value": None}, f"item '{ROW}': value is missing for mean of dose_per_activity"),
        ({"dose_factor": None}, f"item '{ROW}': dose_factor is missing"),
        ({"spread": "none"}, f"item '{ROW}': ± is printed"),
        ({"plusminus": 1.0}, f"item '{ROW}': unknown key 'plusminus'"),
        ({"quantity": "other"}, f"item '{ROW}': the model has no such quantity; exclude it"),
    ],
)
def test_a_faulty_row_is_refused_by_name(parts, message):
    with pytest.raises(DataError, match=re.escape(message)):
        read_items(changed(**parts), "my.toml")


def test_all_faults_come_at_once():
    table = changed(source=None)
    table["item"][0]["grade"] = "X"
    with pytest.raises(DataError, match="2 problems") as caught:
        read_items(table, "my.toml")
    assert {p.file for p in caught.value.problems} == {"my.toml"}


def test_the_same_id_twice_is_refused():
    table = copy.deepcopy(TABLE)
    table["item"].append(table["item"][0])
    with pytest.raises(DataError, match="stands twice"):
        read_items(table, "my.toml")


def test_recollections_carry_no_number():
    remembered = [i for i in carrier_evidence() if i.grade == "R"]
    assert remembered
    assert all(i.use == "excluded" and i.value is None for i in remembered)


def test_units_have_one_base():
    marrow = next(i for i in carrier_evidence() if i.id == "human-marrow-dose")
    # 740 MBq to 400 mSv, Grudzinski 2014: 0.54 mSv/MBq, printed to 1 figure
    assert marrow.in_base(marrow.value) == pytest.approx(0.400 / 740, rel=0.01, abs=0)
