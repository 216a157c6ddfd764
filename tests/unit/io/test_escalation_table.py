"""Data of a dose-escalation trial: both forms, and every fault with its line."""

import pytest

from pdcraft.errors import DataError
from pdcraft.io.escalation_table import read_escalation


def write(tmp_path, text):
    path = tmp_path / "trial.csv"
    path.write_text(text)
    return path


def test_rows_of_patients(tmp_path):
    text = "# a trial\nlevel,tox,followup\n1,0,28\n2,1,10\n"
    found = read_escalation(write(tmp_path, text))
    assert found.is_patients
    assert found.is_level
    assert found.label.tolist() == [1, 2]
    assert found.tox.tolist() == [0, 1]
    assert found.followup.tolist() == [28, 10]
    assert found.weight is None
    assert found.prior is None


def test_rows_of_doses(tmp_path):
    found = read_escalation(write(tmp_path, '"dose","n","tox","prior"\n12.5,3,0,0.1\n25,0,0,0.3\n'))
    assert not found.is_patients
    assert not found.is_level
    assert found.n.tolist() == [3, 0]
    assert found.prior.tolist() == [0.1, 0.3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no patient"),
        ("level,tox\n", "holds no row of data: no patient"),
        ("level,toxic\n1,0\n", "unknown column 'toxic'; there are dose, followup"),
        ("level,dose,tox\n1,1,0\n", r"wanted level or dose \(one of them\), and tox"),
        ("level,n\n1,3\n", r"wanted level or dose \(one of them\), and tox"),
        ("dose,n,tox,weight\n1,3,0,1\n", "follow-up and weights are of patients"),
        ("level,tox,prior\n1,0,0.1\n", "a prior rate is of a dose"),
        ("level,tox,tox\n1,0,0\n", "a column is given twice"),
        ("level,tox\n1,0\n2\n", "line 3: is not one number for each column"),
        ("level,tox\n1,yes\n", "line 2: is not one number for each column"),
        ("level,tox\n1,nan\n", "line 2: holds a value that is not finite"),
        ("level,tox\n1,0.5\n", r"tox is 0\.5; it is a whole number"),
        ("level,tox\n1,2\n", "2 toxicities among 1 patients"),
        ("dose,n,tox\n1,3,4\n", "4 toxicities among 3 patients"),
        ("dose,n,tox\n1,-3,0\n", "n is -3; it is a whole number, 0 or more"),
        ("dose,n,tox\n1,0,0\n2,0,0\n", "no dose has a patient"),
        ("level,tox\n0,0\n", "level is 0; levels are whole numbers from 1"),
    ],
)
def test_faults_are_named(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_escalation(write(tmp_path, text))


def test_all_faults_at_once(tmp_path):
    with pytest.raises(DataError) as caught:
        read_escalation(write(tmp_path, "level,tox\n0,0\n1,0\n1,7\n"))
    assert [p.line for p in caught.value.problems] == [2, 4]
