"""Decay chains of the package's tables: members, branchings, decays by Bateman."""

import numpy as np
import pytest

from pdcraft.data.chains import chain, decays_per_parent_decay, progeny_words
from pdcraft.data.nuclides import nuclide
from pdcraft.errors import PhysicsRangeError


def test_members_with_half_life_and_branching():
    parent, isomer = chain("131I")
    assert (parent.name, parent.branching) == ("I-131", 1.0)
    # DDEP: 0.01086 of decays feed the 163.93 keV level, 11.962 d
    assert (isomer.name, isomer.branching) == ("Xe-131m", 0.01086)
    assert isomer.half_life_h == pytest.approx(11.962 * 24, rel=1e-12, abs=0)
    assert [m.name for m in chain("Zr-89")] == ["Zr-89", "Y-89m"]
    assert [m.name for m in chain("Tc-99m")] == ["Tc-99m", "Tc-99"]
    assert len(chain("Y-90")) == 1


def test_decays_grow_from_nothing_to_the_branching():
    until = np.array([1e-3, 24.0, 240.0, np.inf])
    got = decays_per_parent_decay("I-131", until)
    np.testing.assert_array_equal(got["I-131"], 1.0)
    isomer = got["Xe-131m"]
    # early on a daughter decays half as often as it would in steady state: L2 t / 2 x branching
    early = 0.01086 * 0.5 * np.log(2) * 1e-3 / (11.962 * 24)
    assert isomer[0] == pytest.approx(early, rel=1e-4, abs=0)
    assert np.all(np.diff(isomer) > 0)
    assert isomer[-1] == pytest.approx(0.01086, rel=1e-12, abs=0)


def test_a_short_lived_daughter_keeps_up():
    # Y-89m lives 15.84 s: after a day it lags by its mean life, 22.9 s of 24 h
    got = float(decays_per_parent_decay("Zr-89", 24.0)["Y-89m"])
    assert got == pytest.approx(0.99873, rel=4e-4, abs=0)


def test_times_must_be_above_zero():
    with pytest.raises(PhysicsRangeError, match="above 0 h, got 0 h; leave the time out"):
        decays_per_parent_decay("I-131", 0.0)


@pytest.mark.parametrize(
    ("name", "progeny", "words"),
    [
        ("I-131", "prompt", "Xe-131m (1.086% of decays, half-life 11.96 d): not counted"),
        ("I-131", "equilibrium", "Xe-131m (1.086% of decays, half-life 11.96 d): counted"),
        ("Zr-89", "prompt", "Y-89m (99.87% of decays, half-life 15.84 s): counted"),
        ("Tc-99m", "equilibrium", "half-life 2.111e+05 years): not counted"),
        ("Y-90", "prompt", "no radioactive progeny"),
    ],
)
def test_what_is_counted_is_said(name, progeny, words):
    assert progeny_words(nuclide(name, progeny)).endswith(words)
