"""TIAC.csv: both forms, and every fault with its line."""

import pytest

from pdcraft.errors import DataError
from pdcraft.io.tiac_table import read_tiac


def write(folder, text):
    path = folder / "t.csv"
    path.write_text(text)
    return path


def test_means_and_spreads(tmp_path):
    text = "# from: images\nregion,tiac_h,sd_h\nLiver,20,4\nwhole body,60,\nlesion:one,0.5,0.1\n"
    table = read_tiac(write(tmp_path, text), "human")
    assert {k: v.tolist() for k, v in table.tiac_h.items()} == {
        "liver": [20.0],
        "total_body": [60.0],
        "lesion:one": [0.5],
    }
    assert table.sd_h == {"liver": 4.0, "lesion:one": 0.1}
    assert table.lines == {"liver": 3, "total_body": 4, "lesion:one": 5}


@pytest.mark.parametrize("header", ["region,draw_1,draw_2,draw_3", "region,1,2,3"])
def test_draws(tmp_path, header):
    table = read_tiac(write(tmp_path, f"{header}\nliver,1,2,3\nkidney,4,5,6\n"))
    assert table.tiac_h["kidneys"].tolist() == [4.0, 5.0, 6.0]
    assert not table.sd_h


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "the first line is: region,tiac_h, or"),
        ("region,tiac\nliver,1\n", 1, "columns are 'region,tiac'"),
        ("region\nliver\n", 1, "columns are 'region'"),
        ("region,tiac_h,sd\nliver,1,2\n", 1, "columns are 'region,tiac_h,sd'"),
        ("region,1,1\nliver,1,2\n", 1, "columns are 'region,1,1'"),
        ("region,tiac_h\n", None, "holds no regions"),
        ("region,tiac_h\nliver,-1\n", 2, "a number of hours, zero or more"),
        ("region,tiac_h\nliver,nan\n", 2, "a number of hours, zero or more"),
        ("region,tiac_h\nliver,1 h\n", 2, "a number of hours, zero or more"),
        ("region,tiac_h\nliver,\n", 2, "a number of hours, zero or more"),
        ("region,tiac_h,sd_h\nliver,1,-2\n", 2, "a number of hours, zero or more"),
        ("region,draw_1,draw_2\nliver,1\n", 2, "has 2 cells, the first line has 3"),
        ("region,tiac_h\nkidneys,1\nKidney,2\n", 3, "kidneys stands twice, also in line 2"),
        ("region,tiac_h\nstomach,1\n", 2, "name the part: 'stomach_wall' or 'stomach_contents'"),
        ("region,tiac_h\nlivr,1\n", 2, "did you mean 'liver'"),
        ("region,tiac_h\ntail,1\n", 2, "no region of the human is called 'tail'"),
    ],
)
def test_faults(tmp_path, text, line, words):
    with pytest.raises(DataError) as caught:
        read_tiac(write(tmp_path, text), "human")
    assert words in str(caught.value)
    assert caught.value.problems[0].line == line


def test_all_faults_at_once(tmp_path):
    text = "region,tiac_h\nlivr,-1\nliver,x\nliver,1\nstomach,2\n"
    with pytest.raises(DataError) as caught:
        read_tiac(write(tmp_path, text), "human")
    assert [p.line for p in caught.value.problems] == [2, 2, 3, 4, 5]


def test_an_error_of_the_sources_gets_its_line(tmp_path):
    table = read_tiac(write(tmp_path, "region,tiac_h\nliver,1\nblood,2\n"), "human")
    from pdcraft.errors import Problem

    found = table.located(DataError(Problem("no source", key="blood"))).problems[0]
    assert (found.file, found.line, found.key) == ("t.csv", 3, "blood")
