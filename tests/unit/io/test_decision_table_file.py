"""A user's decision table as CSV."""

import pytest

from pdcraft.errors import DataError
from pdcraft.io.decision_table import read_decisions


def written(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_it_is_read_whatever_the_order_of_columns(tmp_path):
    path = written(tmp_path, "# ours\ndecision,n,tox\ne,3,0\nDU, 3 ,1\n\n")
    assert read_decisions(path) == {(3, 0): "E", (3, 1): "DU"}


def test_all_faults_are_named_with_their_lines(tmp_path):
    path = written(tmp_path, "n,tox,decision\n3,0,E\n3,zero,S\n3,0,D\n6\n")
    with pytest.raises(DataError) as caught:
        read_decisions(path)
    assert [p.line for p in caught.value.problems] == [3, 4, 5]
    assert "given twice" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"), [("", "holds no line"), ("a,b,c\n", "wanted n, tox, decision")]
)
def test_files_that_are_no_table_are_refused(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        read_decisions(written(tmp_path, text))


@pytest.mark.parametrize(("name", "words"), [("none.csv", "no such file"), ("", "is a folder")])
def test_a_missing_file_or_a_folder_is_refused(tmp_path, name, words):
    with pytest.raises(DataError, match=words):
        read_decisions(tmp_path / name)
