"""Effective dose: the weights, both sexes, and what it refuses."""

import numpy as np
import pytest

from pdcraft.data.tissue_weights import tissues
from pdcraft.dosimetry.effective_dose import LABEL, effective_dose, tiac_of_adult
from pdcraft.dosimetry.organ_dose import OrganDose, organ_dose
from pdcraft.dosimetry.organ_s import OrganS
from pdcraft.errors import DataError

TARGETS = {
    "male": ("testes",),
    "female": ("ovaries", "uterus", "breast"),
    "both": (
        "red_marrow", "bone_surface", "brain", "thyroid", "thymus", "heart_wall", "esophagus_wall",
        "adrenals", "kidneys", "spleen", "pancreas", "gallbladder_wall", "stomach_wall",
        "urinary_bladder_wall", "lungs", "liver", "upper_large_intestine_wall",
        "lower_large_intestine_wall", "small_intestine_contents", "remainder", "skin",
    ),
}  # fmt: skip


def doses(sex, per_target, draws=1, body=None, without=(), **changes):
    """Doses of one sex in mGy/MBq by hand: `per_target` for those named, 1 for the others."""
    names = [t for t in (*TARGETS["both"], *TARGETS[sex]) if t not in without]
    n = len(names)
    S = OrganS(
        body or f"adult-{sex}", "I-131", "prompt", "own", 192.6, "ICRP 89", "transported",
        ("liver",), tuple(names), np.linspace(10.0, 100.0, n), np.ones(1), np.ones((n, 1)),
        np.zeros((n, 1)), np.zeros((n, 1)), np.zeros((n, 1), bool), "kerma", (), {}, {},
    )  # fmt: skip
    values = np.array([per_target.get(t, 1.0) for t in names])
    return OrganDose(S, {}, {}, np.tile(values, (draws, 1)), 0.1 * values, **changes)


def test_equal_doses_everywhere_are_the_effective_dose():
    total = effective_dose(doses("male", {}), doses("female", {}))
    # weights sum to 1
    assert total.coefficient_mSv_per_MBq == pytest.approx([1.0], rel=1e-12, abs=0)
    assert sum(total.by_tissue.values()) == pytest.approx(1.0, rel=1e-12, abs=0)
    assert total.label == LABEL == "non-reference phantom"


@pytest.mark.parametrize(
    ("sex", "target", "weight"),
    # ICRP 103, Table 3: a dose of 1 mGy more to one target of one sex counts half its weight
    [
        ("male", "red_marrow", 0.12 / 2),
        ("female", "red_marrow", 0.12 / 2),
        ("female", "breast", 0.12 / 2),
        ("male", "testes", 0.08 / 2),
        ("female", "ovaries", 0.08 / 2),
        ("male", "liver", 0.04 / 2),
        ("male", "urinary_bladder_wall", 0.04 / 2),
        ("female", "bone_surface", 0.01 / 2),
        ("male", "skin", 0.01 / 2),
        # one of the 13 remainder tissues of each sex
        ("male", "kidneys", 0.12 / 13 / 2),
        ("female", "uterus", 0.12 / 13 / 2),
        # soft tissue stands for salivary glands, male breast, prostate, muscle, lymph nodes,
        # airways and oral mucosa
        ("male", "remainder", (0.01 + 0.12 + 5 * 0.12 / 13) / 2),
        ("female", "remainder", (0.01 + 4 * 0.12 / 13) / 2),
    ],
)
def test_weights_of_icrp_103(sex, target, weight):
    more = {"male": {}, "female": {}} | {sex: {target: 2.0}}
    total = effective_dose(doses("male", more["male"]), doses("female", more["female"]))
    # a difference from 1
    assert total.coefficient_mSv_per_MBq[0] - 1.0 == pytest.approx(weight, rel=1e-9, abs=0)


def test_the_colon_is_the_mean_of_its_parts_by_mass():
    male = doses("male", {"upper_large_intestine_wall": 2.0})
    mass = dict(zip(male.targets, male.S.target_mass_g, strict=True))
    upper, lower = (mass[f"{x}_large_intestine_wall"] for x in ("upper", "lower"))
    total = effective_dose(male, doses("female", {}))
    want = 0.12 / 2 * upper / (upper + lower)
    assert total.coefficient_mSv_per_MBq[0] - 1.0 == pytest.approx(want, rel=1e-9, abs=0)


def test_what_stands_for_a_tissue_is_listed():
    total = effective_dose(doses("male", {}), doses("female", {}))
    assert "breast (male): remainder" in total.surrogates
    assert "salivary_glands (female): remainder" in total.surrogates
    assert not any(s.startswith("breast (female)") for s in total.surrogates)
    assert (
        len([t for t in tissues("male") if t.weight == pytest.approx(0.12 / 13, rel=1e-12, abs=0)])
        == 13
    )
    assert (
        len(
            [t for t in tissues("female") if t.weight == pytest.approx(0.12 / 13, rel=1e-12, abs=0)]
        )
        == 13
    )


@pytest.mark.parametrize(
    ("male", "female", "words"),
    [
        (doses("male", {}), doses("male", {}), "got adult-male as the female one"),
        (doses("male", {}, body="child-10y"), doses("female", {}), "got child-10y as the male one"),
        (doses("male", {}, without=("red_marrow",)), doses("female", {}), "needs red marrow"),
        (doses("male", {}, draws=2), doses("female", {}), "one set of draws"),
    ],
)
def test_other_doses_are_refused(male, female, words):
    with pytest.raises(DataError, match=words):
        effective_dose(male, female)


def test_an_organ_that_the_other_adult_lacks_counts_in_its_remainder(adult_male, made_fractions):
    from pdcraft.dosimetry.organ_s import organ_S

    S = organ_S(adult_male, made_fractions, "I-131")
    one = np.ones(1)
    tiac, moved = tiac_of_adult(S, {"liver": one, "ovaries": 2 * one, "remainder": 3 * one})
    assert moved == ("ovaries",)
    assert tiac["remainder"] == 5.0
    organ_dose(S, tiac)
    whole, _ = tiac_of_adult(S, {"ovaries": 2 * one, "total_body": 3 * one})
    assert {k: v.tolist() for k, v in whole.items()} == {"total_body": [3.0]}
