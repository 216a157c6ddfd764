"""Alias tables and emission tables: nothing is lost between a nuclide and what histories draw."""

import numpy as np
import pytest
from scipy.stats import chisquare

from pdcraft.data.nuclides import nuclide
from pdcraft.errors import PhysicsRangeError
from pdcraft.transport.alias import alias_table
from pdcraft.transport.emissions import Group, emissions_of, groups_of, largest_photon_keV
from pdcraft.transport.history import energy_of
from pdcraft.transport.rng import key_of
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import AUGER, BETA, PHOTON, POSITRON


def shares(keep, alias):
    """Probability of each entry that an alias table gives."""
    n = len(keep)
    out = keep / n
    np.add.at(out, alias, (1.0 - keep) / n)
    return out


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_alias_tables_hold_the_weights(n):
    weights = np.random.default_rng(n).exponential(size=n) ** 3
    keep, alias = alias_table(weights)
    assert np.all((keep >= 0.0) & (keep <= 1.0 + 1e-12))
    # sums of n numbers in double precision
    np.testing.assert_allclose(shares(keep, alias), weights / weights.sum(), rtol=1e-9, atol=1e-15)


def test_entries_without_weight_are_never_drawn():
    keep, alias = alias_table(np.array([0.0, 2.0, 0.0, 1.0]))
    np.testing.assert_allclose(shares(keep, alias), [0, 2 / 3, 0, 1 / 3], rtol=0, atol=1e-15)


def carried(em):
    """Mean energy per decay of the tables, by particle, and numbers."""
    energy, number = {}, {}
    for g in range(em.particle.size):
        part = slice(em.first[g], em.first[g + 1])
        share = shares(em.keep[part], em.alias[part])
        mean = float(share @ (em.low[part] + 0.5 * em.width[part]))
        key = int(em.particle[g])
        number[key] = number.get(key, 0.0) + float(em.number[g])
        energy[key] = energy.get(key, 0.0) + mean * float(em.number[g])
    return energy, number


@pytest.mark.parametrize("name", ["I-131", "I-125", "I-124", "Y-90", "Lu-177"])
def test_energy_of_a_decay_is_kept(name):
    source = nuclide(name)
    groups = groups_of(source)
    em = emissions_of(groups, Settings(electron_cutoff_keV=10.0), source.soft_keV)
    energy, _ = carried(em)
    middle = [g.low_keV + 0.5 * g.width_keV for g in groups]
    listed = sum(float(m @ g.per_decay) for m, g in zip(middle, groups, strict=True))
    total = sum(energy.values()) + em.local_keV.sum()
    assert total == pytest.approx(listed + source.soft_keV, rel=1e-9, abs=0)
    lines = sum(x.energy_keV * x.per_decay for x in source.photons if x.kind != "annihilation")
    assert energy.get(PHOTON_PARTICLE, 0.0) <= lines * (1 + 1e-12)


def test_numbers_are_kept_above_the_cut():
    groups = (
        Group(ELECTRON, BETA, np.array([2.0, 50.0]), np.array([1.0, 0.0]), np.array([0.5, 0.25])),
        Group(ELECTRON, AUGER, np.array([20.0]), np.zeros(1), np.array([1.7])),
        Group(POSITRON_PARTICLE, POSITRON, np.array([2.0]), np.zeros(1), np.array([0.1])),
        Group(PHOTON_PARTICLE, PHOTON, np.array([0.8, 30.0]), np.zeros(2), np.array([0.3, 0.4])),
    )
    em = emissions_of(groups, Settings(electron_cutoff_keV=10.0), soft_keV=0.2)
    energy, number = carried(em)
    assert number == pytest.approx({ELECTRON: 1.95, POSITRON_PARTICLE: 0.1, PHOTON_PARTICLE: 0.4})
    assert energy[ELECTRON] == pytest.approx(0.25 * 50 + 1.7 * 20, rel=1e-12, abs=0)
    # below the cuts: electrons of 2.5 keV on average, photons of 0.8 keV, and what was soft
    assert em.local_keV.sum() == pytest.approx(0.5 * 2.5 + 0.3 * 0.8 + 0.2, rel=1e-12, abs=0)
    assert energy[POSITRON_PARTICLE] == pytest.approx(0.2, rel=1e-12, abs=0)  # still annihilates


def test_drawn_energies_follow_the_table():
    """Chi-square at P > 1e-6 with a fixed seed."""
    low, width = np.array([5.0, 20.0, 40.0]), np.array([0.0, 10.0, 20.0])
    number = np.array([0.2, 0.5, 0.3])
    em = emissions_of((Group(ELECTRON, BETA, low, width, number),), Settings())
    rng = np.array([key_of(8), 0], dtype=np.uint64)
    energy = np.array([energy_of(em, 0, rng) for _ in range(40_000)])
    counts = np.histogram(energy, [5, 5.01, 20, 25, 30, 40, 50, 60])[0]
    assert counts[1] == counts[4] == 0
    want = 40_000 * np.array([0.2, 0.25, 0.25, 0.15, 0.15])
    assert chisquare(counts[[0, 2, 3, 5, 6]], want).pvalue > 1e-6


def test_energies_beyond_the_tables_are_refused():
    group = Group(ELECTRON, BETA, np.array([3100.0]), np.zeros(1), np.ones(1))
    with pytest.raises(PhysicsRangeError, match="3100 keV lies above the transport's 3000 keV"):
        emissions_of((group,), Settings())


def test_positrons_make_photons_of_511_keV():
    positron = Group(POSITRON_PARTICLE, POSITRON, np.array([2.0]), np.zeros(1), np.ones(1))
    soft = Group(PHOTON_PARTICLE, PHOTON, np.array([30.0]), np.zeros(1), np.ones(1))
    assert largest_photon_keV((positron, soft)) == 511.0
    assert largest_photon_keV((soft,)) == 30.0
    assert largest_photon_keV(()) == 0.0
