"""A fault points at the line of its key: in tables, arrays of tables and items of an array."""

import pytest

from pdcraft.io.toml_lines import read_toml

TEXT = """\
top = 1
[trial]
target = 0.25   # [not, an, array]
level = [
  { name = "one, [of] {two}", amount = ["1 MBq", "2 MBq"] },
  { name = "two" },
  # a comment, with commas
  { name = "three", amount = [
    "3 MBq"] },
]
short = ["a", "b"]
dosing.step = "1 MBq"
[[arm]]
name = "A"
[[arm]]
name = "B"
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("top",), 1),
        (("trial", "target"), 3),
        (("trial", "level"), 4),
        (("trial", "level", 0, "amount", 1), 5),
        (("trial", "level", 1, "name"), 6),
        (("trial", "level", 2), 8),
        (("trial", "short", 1), 11),
        (("trial", "dosing", "step"), 12),
        (("arm", 1, "name"), 16),
        (("arm", 1, "amount"), 15),
        (("nothing",), None),
    ],
)
def test_line_of_a_key(tmp_path, key, line):
    path = tmp_path / "study.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert read_toml(path).line_of(key) == line
