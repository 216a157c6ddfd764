"""Red-marrow dose by several methods: parts that add up, masses, draws, the spread."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.core.body_fractions import MarrowKerma
from pdcraft.dosimetry.blood_marrow import blood_method_faults, marrow_tiac_h
from pdcraft.dosimetry.marrow_dose import COMPARED, marrow_dose, marrow_dose_of
from pdcraft.dosimetry.marrow_fractions import DEFAULT_METHOD
from pdcraft.dosimetry.organ_dose import organ_dose
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.errors import DataError

HOURS = 3600.0


@pytest.fixture(scope="module")
def with_marrow(made_fractions):
    edges = np.array([5.0, 40.0, 100.0, 1000.0, 3000.0])
    shape = (len(made_fractions.photon.energy_keV), len(made_fractions.sources), 4)
    per_g = np.full(shape, 1e-6)
    kerma = MarrowKerma(edges, per_g, 0.01 * per_g.sum(axis=-1))
    return replace(made_fractions, marrow=kerma)


@pytest.fixture(scope="module")
def S(adult_male, with_marrow):
    return organ_S(adult_male, with_marrow, "I-131")


def _tiac(*values):
    return np.array(values, dtype=float)


def test_parts_are_activity_times_S(S):
    tiac = {"red_marrow": _tiac(4.0, 8.0), "liver": _tiac(20.0, 10.0), "kidneys": _tiac(2.0, 2.0)}
    got = marrow_dose_of(S, tiac)
    t = S.targets.index("red_marrow")
    value = {name: HOURS * S.total[t, S.sources.index(name)] for name in tiac}
    assert got.self_mGy_per_MBq == pytest.approx(
        tiac["red_marrow"] * value["red_marrow"], rel=1e-12, abs=0
    )
    want = tiac["liver"] * value["liver"] + tiac["kidneys"] * value["kidneys"]
    assert got.cross_mGy_per_MBq == pytest.approx(want, rel=1e-9, abs=0)
    assert np.all(got.remainder_mGy_per_MBq == 0.0)
    assert sum(got.shares.values()) == pytest.approx(1.0, rel=1e-12, abs=0)


def test_remainder_is_what_the_whole_body_leaves(S):
    tiac = {"red_marrow": _tiac(4.0), "liver": _tiac(20.0), "total_body": _tiac(100.0)}
    whole = marrow_dose_of(S, tiac)
    named = marrow_dose_of(S, {**{k: tiac[k] for k in ("red_marrow", "liver")}, "remainder": 76.0})
    for part in ("self", "cross", "remainder"):
        name = f"{part}_mGy_per_MBq"
        assert getattr(whole, name) == pytest.approx(getattr(named, name), rel=1e-12, abs=0)
    assert whole.shares["remainder"] > 0.1
    t = S.targets.index("red_marrow")
    liver = HOURS * 20.0 * S.total[t, S.sources.index("liver")]
    assert whole.cross_mGy_per_MBq == pytest.approx(liver, rel=1e-9, abs=0)
    total = organ_dose(S, tiac).target("red_marrow")
    assert whole.mGy_per_MBq == pytest.approx(total, rel=1e-12, abs=0)


def test_electrons_of_the_remainder_by_hand(S, adult_male):
    # even in the skeleton: its energy per gram, less what marrow would have of its own
    got = marrow_dose_of(S, {"red_marrow": _tiac(4.0), "remainder": _tiac(50.0)})
    t = S.targets.index("red_marrow")
    mass = adult_male.mass_table().mass_g
    bone = S.electron[t, S.sources.index("skeleton")] * mass("skeleton")
    own = S.electron[t, S.sources.index("red_marrow")] * mass("red_marrow")
    rest = sum(mass(s) for s in S.parts) - mass("red_marrow")
    want = 50.0 * HOURS * (bone - own) / rest
    assert got.remainder_electrons_mGy_per_MBq == pytest.approx(want, rel=1e-9, abs=0)
    assert 0.0 < got.remainder_electrons_mGy_per_MBq < got.remainder_mGy_per_MBq


def test_marrow_mass_cancels_where_activity_is_a_concentration(S):
    # electrons of I-131 give 94% of the self-dose; photons go with m^(1/3)
    heavy, light = 1500.0, 900.0
    doses = [
        marrow_dose_of(S, {"red_marrow": marrow_tiac_h(_tiac(0.02), m)}, _tiac(m))
        for m in (heavy, light)
    ]
    ratio = doses[0].mGy_per_MBq / doses[1].mGy_per_MBq
    assert ratio == pytest.approx(1.0, rel=0.05, abs=0)
    known = marrow_dose_of(S, {"red_marrow": _tiac(4.0)}, _tiac(heavy))
    assert known.mGy_per_MBq < 0.9 * marrow_dose_of(S, {"red_marrow": _tiac(4.0)}).mGy_per_MBq


def test_all_combinations_and_their_spread(adult_male, with_marrow, S):
    got = marrow_dose(
        adult_male,
        with_marrow,
        "I-131",
        {"liver": _tiac(20.0), "total_body": _tiac(120.0)},
        {"blood": _tiac(4.0), "vertebrae": _tiac(6.0)},
        remarks={"blood": blood_method_faults(True, 0.3)},
    )
    assert {(d.activity, d.method) for d in got.doses} == {
        (a, m) for a in ("blood", "vertebrae") for m in COMPARED
    }
    assert (got.preferred.activity, got.preferred.method) == ("blood", DEFAULT_METHOD)
    alone = marrow_dose_of(
        S, {"liver": _tiac(20.0), "red_marrow": _tiac(4.0), "total_body": _tiac(120.0)}
    )
    assert got.preferred.mGy_per_MBq == pytest.approx(alone.mGy_per_MBq, rel=1e-12, abs=0)
    means = [d.mGy_per_MBq.mean() for d in got.doses]
    assert got.spread[1] == max(means)
    lowest = min((d.mGy_per_MBq - d.remainder_electrons_mGy_per_MBq).mean() for d in got.doses)
    assert got.spread[0] == lowest < min(means)
    # electrons of I-131 that all stay: about twice those that ICRP 133 leaves in marrow
    unity = got.by("blood", "icrp116+unity").self_mGy_per_MBq
    assert 1.7 < (unity / got.preferred.self_mGy_per_MBq)[0] < 2.0
    assert any("lower bound" in r for r in got.preferred.remarks)
    assert not any("lower bound" in r for r in got.by("vertebrae").remarks)
    with pytest.raises(DataError, match="no marrow dose by 'biopsy"):
        got.by("biopsy")


def test_given_activity(adult_male, with_marrow):
    got = marrow_dose(
        adult_male, with_marrow, "I-131", {"red_marrow": _tiac(4.0)}, methods=[DEFAULT_METHOD]
    )
    assert [d.activity for d in got.doses] == ["given"]


def test_refusals(adult_male, with_marrow, made_fractions):
    with pytest.raises(DataError, match="needs an activity of the red marrow"):
        marrow_dose(adult_male, with_marrow, "I-131", {"liver": _tiac(1.0)})
    bare = organ_S(adult_male, made_fractions, "I-131")
    with pytest.raises(DataError, match="no target 'red_marrow'"):
        marrow_dose_of(bare, {"liver": _tiac(1.0)})


def test_ten_thousand_draws_at_once_are_as_one_by_one(S):
    rng = np.random.default_rng(1)
    draws = {n: 5.0 * rng.random(10_000) for n in ("red_marrow", "liver", "kidneys", "remainder")}
    mass = 1170.0 * (0.8 + 0.4 * rng.random(10_000))
    got = marrow_dose_of(S, draws, mass)
    assert got.mGy_per_MBq.shape == (10_000,)
    for i in (0, 4321, 9999):
        alone = marrow_dose_of(S, {n: x[i : i + 1] for n, x in draws.items()}, mass[i : i + 1])
        assert got.mGy_per_MBq[i] == pytest.approx(alone.mGy_per_MBq[0], rel=1e-12, abs=0)
