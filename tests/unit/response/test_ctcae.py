"""Grades of counts: anchors of the published tables, both versions, and what is refused."""

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.ctcae import grade, thresholds_1e9_per_L


@pytest.mark.parametrize(
    ("cells", "counts", "grades"),
    [
        ("platelets", [160, 149, 75, 74.9, 50, 49.9, 25, 24.9], [0, 1, 1, 2, 2, 3, 3, 4]),
        ("neutrophils", [1.6, 1.5, 1.49, 1.0, 0.99, 0.5, 0.49], [1, 1, 2, 2, 3, 3, 4]),
        ("lymphocytes", [1.0, 0.79, 0.5, 0.49, 0.2, 0.19], [0, 2, 2, 3, 3, 4]),
        ("leukocytes", [4.0, 2.9, 1.9, 1.0, 0.9], [0, 2, 3, 3, 4]),
    ],
)
def test_version_5(cells, counts, grades):
    assert grade(cells, counts).tolist() == grades


def test_version_6_moved_the_last_grades():
    assert grade("platelets", [24.0, 9.9], "6.0").tolist() == [3, 4]
    assert grade("neutrophils", [0.9, 0.49, 0.09], "6.0").tolist() == [2, 3, 4]


@pytest.mark.parametrize("cells", ["platelets", "neutrophils", "lymphocytes", "leukocytes"])
def test_grades_fall_with_the_count(cells):
    grades = grade(cells, np.linspace(0.0, 300.0, 4001))
    assert grades[0] == 4
    assert np.all(np.diff(grades) <= 0)
    assert np.all(np.diff(thresholds_1e9_per_L(cells)) < 0)


def test_what_has_no_table_or_no_sense_is_refused():
    with pytest.raises(DataError, match="did you mean 'platelets'"):
        grade("platelet", 100.0)
    with pytest.raises(DataError, match=r"version of CTCAE is called '4.0'"):
        grade("platelets", 100.0, "4.0")
    with pytest.raises(PhysicsRangeError, match="zero or more"):
        grade("platelets", -1.0)
