"""A masses file: every fault named with its line."""

import pytest

from pdcraft.errors import DataError
from pdcraft.io.masses import read_masses


def test_masses_are_read_with_mapped_names(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("# from: scales\nregion,mass_g\nKidney,0.34\n\nTumor,0.8\n")
    assert read_masses(path, "mouse") == {"kidneys": 0.34, "tumor": 0.8}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("organ,g\nliver,1\n", 1, "the first line is: region,mass_g"),
        ("", None, "the first line is"),
        ("region,mass_g\n", None, "holds no masses"),
        ("region,mass_g\nliver,0\n", 2, "positive number of grams"),
        ("region,mass_g\nliver,-1\n", 2, "positive number of grams"),
        ("region,mass_g\nliver,nan\n", 2, "positive number of grams"),
        ("region,mass_g\nliver,1 g\n", 2, "positive number of grams"),
        ("region,mass_g\nliver\n", 2, "positive number of grams"),
        ("region,mass_g\nliver,1\nLiver,2\n", 3, "stands twice"),
        ("region,mass_g\nlivr,1\n", 2, "did you mean 'liver'"),
    ],
)
def test_faults(tmp_path, text, line, words):
    path = tmp_path / "m.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_masses(path, "mouse")
    assert words in str(caught.value)
    assert caught.value.problems[0].line == line


def test_all_faults_at_once(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("region,mass_g\nlivr,1\nliver,-1\nspleen,x\n")
    with pytest.raises(DataError) as caught:
        read_masses(path, "mouse")
    assert len(caught.value.problems) == 3
