"""Region names: one spelling, foreign names mapped, unknown ones refused with help."""

import pytest

from pdcraft.core.regions import region_name, regions
from pdcraft.errors import DataError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kidney", "kidneys"),
        ("bone marrow", "red_marrow"),
        ("Whole-Body", "total_body"),
        ("Bladder wall", "urinary_bladder_wall"),
        ("stomach cont", "stomach_contents"),
        ("Oesophagus wall", "esophagus_wall"),
        ("Left kidney", "left_kidney"),
        ("Tumour", "tumor"),
        ("lesion:left lung 2", "lesion:left lung 2"),
    ],
)
def test_foreign_names_are_mapped(text, name):
    assert region_name(text) == name


@pytest.mark.parametrize(
    ("text", "host", "words"),
    [
        ("kidnys", None, "did you mean 'kidneys'"),
        ("Stomach", None, "name the part: 'stomach_wall' or 'stomach_contents'"),
        ("tumor", "human", "no region of the human is called 'tumor'"),
        ("tail", "human", "no region of the human"),
        ("", None, "no region is called ''"),
        ("lesion:", None, "a lesion is written 'lesion:NAME'"),
        ("lesion:a/b", None, "a lesion is written 'lesion:NAME'"),
    ],
)
def test_unknown_names_are_refused_with_help(text, host, words):
    with pytest.raises(DataError) as caught:
        region_name(text, host)
    assert words in str(caught.value)


def test_every_name_is_snake_case_and_maps_to_itself():
    for name, region in regions().items():
        assert name == name.lower()
        assert " " not in name
        assert region_name(name) == name
        assert set(region.hosts) <= {"human", "mouse"}
