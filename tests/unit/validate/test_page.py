"""The validation page counts right and its cells stay cells."""

from pdcraft.validate.case import Case
from pdcraft.validate.page import validation_page


def test_sums_and_rows():
    cases = [
        Case("a", "x|y, *mm*", 1.0, 1.1, "rule", "source", True),
        Case("a", "u", None, 2.0, "rule", "source", None),
        Case("b", "v", 1.0, 2.0, "rule", "source", False),
    ]
    page = validation_page(cases, "9.9", "pdcraft validate")
    assert "| a | 2 | 1 | 0 | 1 |" in page
    assert "| b | 1 | 0 | 1 | 0 |" in page
    assert "| all | 3 | 1 | 1 | 1 |" in page
    assert r"| x\|y, \*mm\* | 1 | 1.1 | pass | rule | source |" in page
    assert "| v | 1 | 2 | **fail** |" in page
