"""Transcribed facts of the skeleton: shares, responses, S coefficients that hang together."""

import numpy as np
import pytest

from pdcraft.anatomy import stylised_body
from pdcraft.data.marrow import bone_responses, skeletal_electrons

JOULE_PER_keV = 1.602176634e-16


@pytest.mark.parametrize("body", ["adult-male", "adult-female"])
def test_shares_of_marrow_are_those_of_the_stylised_body(body):
    # two transcriptions from different copies: Cristy (1981) and ICRP's reference adults
    ours = stylised_body(body).red_marrow
    theirs = bone_responses(body).share_of_regions("red_marrow")
    assert set(ours) == set(theirs)
    for region, share in ours.items():
        assert theirs[region] == pytest.approx(share, rel=0, abs=3e-4)


@pytest.mark.parametrize("tissue", ["red_marrow", "bone_surface"])
def test_every_bone_has_a_region_and_shares_sum_to_one(tissue):
    table = bone_responses()
    body = stylised_body("adult-male")
    share = table.share_of_regions(tissue)
    assert sum(share.values()) == pytest.approx(1.0, rel=1e-12, abs=0)
    assert set(share) <= set(body.groups["skeleton"])
    assert all(np.all(row > 0) for row in table.by_bone[tissue].values())


def test_printed_responses():
    # ICRP 116: os coxae 60 keV, cranium 1 MeV; Gy m2
    table = bone_responses()
    at = {float(e): i for i, e in enumerate(table.energy_keV)}
    marrow = table.by_bone["red_marrow"]
    assert marrow["os coxae"][at[60.0]] == pytest.approx(2.8806e-17, rel=1e-9, abs=0)
    assert marrow["cranium"][at[1000.0]] == pytest.approx(4.7832e-16, rel=1e-9, abs=0)
    surface = table.by_bone["bone_surface"]
    assert surface["ribs"][at[50.0]] == pytest.approx(5.1922e-17, rel=1e-9, abs=0)
    # one response for both tissues from 200 keV on
    for energy in (200.0, 500.0, 3000.0):
        i = at[energy]
        assert surface["ribs"][i] == marrow["ribs"][i]


def test_responses_rise_and_fall_smoothly():
    # a digit dropped while copying would stand out from its neighbors among the bones
    table = bone_responses()
    for tissue, spread in (("red_marrow", 1.25), ("bone_surface", 4.0)):
        rows = np.array(list(table.by_bone[tissue].values()))
        assert np.all(rows.max(axis=0) < spread * rows.min(axis=0))
        bends = np.diff(np.log(rows), 2, axis=1)
        assert np.all(np.abs(bends - np.median(bends, axis=0)) < 0.35)


def test_skull_has_the_largest_photoelectron_gain_of_marrow():
    # King and Spiers (1985) found the same: its marrow cavities are the smallest
    table = bone_responses()
    at = list(table.energy_keV).index(50.0)
    marrow = table.by_bone["red_marrow"]
    assert max(marrow, key=lambda bone: marrow[bone][at]) == "cranium"


def test_mass_of_red_marrow_holds_the_lowest_electrons():
    # H-3's electrons run 0.5 µm: S times mass is its mean energy but for the edges of fat cells
    table = skeletal_electrons()
    tritium = table.betas[0]
    absorbed = tritium.gray["red_marrow"]["red_marrow"] * table.mass_g["red_marrow"] / 1000
    assert 0.97 < absorbed / (tritium.mean_keV * JOULE_PER_keV) < 1.0


def test_fat_next_to_marrow_is_reciprocal_in_energy():
    # marrow gains from fat and bone as electrons get faster, and keeps less of its own
    rows = skeletal_electrons().betas
    energy = np.array([b.mean_keV for b in rows]) * JOULE_PER_keV
    own = np.array([b.gray["red_marrow"]["red_marrow"] for b in rows]) / energy
    fat = np.array([b.gray["red_marrow"]["yellow_marrow"] for b in rows]) / energy
    assert np.all(np.diff(own) < 0)
    assert np.all(np.diff(fat[:5]) > 0)
    assert np.all(fat < own)
