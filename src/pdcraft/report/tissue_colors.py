"""Names and muted colors of a body's regions in pictures: the same organ always looks the same.

Some thirty organs cannot all differ for every eye, so neighbors differ in lightness, every area is
outlined and labels name the organs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pdcraft.core.body import Body
from pdcraft.report.words import region_words

__all__ = [
    "BONE",
    "NO_VALUE",
    "SOFT",
    "TUMOR",
    "is_bone",
    "mixed",
    "organ_key",
    "organ_words",
    "tissue_color",
]

BONE, SOFT, SKIN, TUMOR = "#f3eddc", "#f4e3d8", "#dcb9a3", "#d6006c"
NO_VALUE = "#e8eaed"
_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "upper_large_intestine": "ULI",
        "lower_large_intestine": "LLI",
        "large_intestine": "large int.",
        "small_intestine": "small int.",
        "urinary_bladder": "bladder",
    }
)
CONTENTS_WHITE = 0.55  # share of white in the color of what a wall holds

_ORGANS: Mapping[str, str] = MappingProxyType(
    {
        "brain": "#d8a7ad",
        "thyroid": "#8667ab",
        "thymus": "#c9b56b",
        "heart": "#b6463f",
        "esophagus": "#8f6a4f",
        "adrenals": "#d07f22",
        "kidneys": "#8c3a4c",
        "spleen": "#6a4a7f",
        "pancreas": "#e2b34b",
        "gallbladder": "#55823c",
        "stomach": "#d98f7b",
        "urinary_bladder": "#d9c43f",
        "lungs": "#a5c6da",
        "liver": "#9b5b3b",
        "testes": "#5c8db0",
        "ovaries": "#5c8db0",
        "uterus": "#c4708b",
        "breast": "#e6bda6",
        "eyes": "#4a7fb5",
        "salivary_glands": "#b08fbf",
        "upper_large_intestine": "#79a184",
        "lower_large_intestine": "#4f7f78",
        "large_intestine": "#79a184",
        "small_intestine": "#cfa98a",
        "remainder": SOFT,
        "skin": SKIN,
    }
)
_OTHER = "#9aa7b4"


def organ_key(region: str) -> str:
    """Organ that a region is part of: walls and contents belong to one.

    Examples
    --------
    >>> organ_key("stomach_wall"), organ_key("liver")
    ('stomach', 'liver')
    """
    return region.removesuffix("_wall").removesuffix("_contents")


def is_bone(body: Body, region: str) -> bool:
    """Say whether a region is a bone or the skeleton."""
    return region == "skeleton" or region in body.groups.get("skeleton", ())


def organ_words(body: Body, region: str) -> str:
    """Say the organ of a region on a label, shortly; all bones share one.

    Examples
    --------
    >>> from pdcraft.anatomy import stylised_body
    >>> organ_words(stylised_body("adult-male"), "spine_middle")
    'skeleton'
    """
    if is_bone(body, region):
        return "skeleton"
    key = organ_key(region)
    return _SHORT.get(key, region_words(key))


def tissue_color(body: Body, region: str) -> str:
    """Color of a region as ``#rrggbb``; contents are a paler tone of their wall."""
    if region == "tumor" or region.startswith("lesion:"):
        return TUMOR
    if is_bone(body, region):
        return BONE
    color = _ORGANS.get(organ_key(region), _OTHER)
    return mixed(color, "#ffffff", CONTENTS_WHITE) if region.endswith("_contents") else color


def mixed(one: str, two: str, share: float) -> str:
    """Mix two colors ``#rrggbb``; `share` is that of the second.

    Examples
    --------
    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = [(int(one[i : i + 2], 16), int(two[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{int((1 - share) * a + share * b + 0.5):02x}" for a, b in pairs)
