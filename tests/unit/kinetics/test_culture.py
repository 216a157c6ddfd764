"""Cells in a dish: amounts are kept, the balance is the partition's, rafts decide what is kept."""

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.kinetics.carrier.culture import Culture, culture_draws, culture_uptake
from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.kinetics.carrier.raft import RaftChange, membrane

ONE = {
    "tumor_partition_mL_per_g": np.array([0.5]),
    "body_partition_mL_per_g": np.array([0.3]),
    "tumor_trapping_mL_per_g_h": np.array([0.02]),
    "exchange_h": np.array([2.0]),
    "tumor_retention_h": np.array([300.0]),
    "normal_retention_h": np.array([24.0]),
}
DISH = {"cell_mass_ng": np.array([2.0]), "bound_over_free_in_plasma": np.array([30.0])}
TIMES_h = np.array([0.0, 1.0, 24.0, 96.0])


def test_amounts_are_kept():
    got = culture_uptake(ONE, DISH, Culture(1000.0, 0.1, 1e4), TIMES_h)
    total = got.membrane_pmol + got.retained_pmol + got.medium_pmol
    assert total == pytest.approx(np.full((1, 4), 100.0), rel=1e-12, abs=0)
    assert got.medium_pmol[0, 0] == pytest.approx(100.0, rel=1e-12, abs=0)


def test_without_rafts_the_balance_is_the_partition_times_the_free_share():
    """A membrane alone holds K (1 + B)/(1 + sB) times the medium, per gram; by hand."""
    bare = Culture(10.0, 1e6, 1e4, raft=RaftChange(cholesterol=0.0))  # a sea: not emptied
    got = culture_uptake(ONE, DISH, bare, [200.0])
    per_g = got.membrane_pmol[0, 0] / (1e4 * 2e-9)
    assert per_g / 10.0 == pytest.approx(0.5 * 31 / 4, rel=1e-6, abs=0)  # 10 nM = 10 pmol/mL
    assert got.retained_pmol[0, 0] == 0


def test_first_hours_follow_from_the_rates():
    """Retained after a short time: trapping x seen concentration x t^2/(2 exchange), by series."""
    culture, t = Culture(10.0, 1e6, 1e4), 1e-3
    got = culture_uptake(ONE, DISH, culture, [t])
    grams = 1e4 * 2e-9
    expected = 0.02 * 10.0 * 31 / 4 * grams * t**2 / (2 * 2.0)
    assert got.retained_pmol[0, 0] == pytest.approx(expected, rel=2e-3, abs=0)  # next order: t/2


def test_normal_cells_have_the_rafts_of_normal_membranes():
    """The same series, with the body's partition and the raft share of `raft.toml`, by hand."""
    t = 1e-3
    got = culture_uptake(ONE, DISH, Culture(10.0, 1e6, 1e4, kind="normal"), [t])
    rafts = membrane("normal").raft_share / membrane("tumor").raft_share
    assert rafts < 0.9
    expected = 0.02 / 0.5 * rafts * 0.3 * 10.0 * 31 / 4 * 1e4 * 2e-9 * t**2 / (2 * 2.0)
    assert got.retained_pmol[0, 0] == pytest.approx(expected, rel=2e-3, abs=0)  # next order: t/2


def test_units_of_uptake():
    got = culture_uptake(ONE, DISH, Culture(1000.0, 0.1, 1e4), [24.0])
    pmol = got.membrane_pmol + got.retained_pmol
    assert got.pmol_per_million_cells == pytest.approx(pmol * 100, rel=1e-12, abs=0)
    assert got.molecules_per_cell == pytest.approx(pmol * 6.02214076e7, rel=1e-12, abs=0)


def test_dose_is_linear_and_serum_competes():
    low, high = (culture_uptake(ONE, DISH, Culture(c, 0.1, 1e4), [24.0]) for c in (1.0, 50.0))
    assert high.retained_pmol == pytest.approx(50 * low.retained_pmol, rel=1e-10, abs=0)
    bare = culture_uptake(ONE, DISH, Culture(1.0, 0.1, 1e4, serum_share=0.0), [24.0])
    assert bare.molecules_per_cell[0, 0] > 2 * low.molecules_per_cell[0, 0]


def test_cancer_cells_keep_after_the_medium_is_changed():
    """The retained pool empties by its retention and is refilled: at least exp(-96 h/retention)."""
    kept = {}
    for kind in ("cancer", "normal"):
        well = Culture(100.0, 0.5, 1e4, kind=kind)
        got = culture_uptake(ONE, DISH, well, [24.0, 120.0], change_medium_at_h=24.0)
        kept[kind] = got.retained_pmol[0, 1] / got.retained_pmol[0, 0]
    assert kept["cancer"] > np.exp(-96 / 300)
    assert np.exp(-96 / 24) < kept["normal"] < 0.2  # little comes back to a fresh medium


def test_disrupted_rafts_take_up_less_in_every_shipped_draw():
    p = carrier_draws("mouse").named()
    n = p["exchange_h"].size
    dish = culture_draws(1, n)
    whole = culture_uptake(p, dish, Culture(100.0, 0.1, 1e4), [24.0]).molecules_per_cell
    half = Culture(100.0, 0.1, 1e4, raft=RaftChange(cholesterol=0.4))
    less = culture_uptake(p, dish, half, [24.0]).molecules_per_cell
    normal = Culture(100.0, 0.1, 1e4, kind="normal")
    assert np.all(less < whole)
    assert np.median(culture_uptake(p, dish, normal, [24.0]).molecules_per_cell) < np.median(whole)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"cells": 0.0}, "cells is 0"),
        ({"medium_nM": -1.0}, "medium_nM is -1"),
        ({"serum_share": 1.2}, "serum_share is 1.2"),
        ({"medium_mL": float("nan")}, "medium_mL is nan"),
    ],
)
def test_bad_wells_are_refused(more, words):
    with pytest.raises(PhysicsRangeError, match=words):
        Culture(**{"medium_nM": 1.0, "medium_mL": 0.1, "cells": 1e4, **more})


def test_an_unknown_kind_and_negative_times_are_refused():
    with pytest.raises(DataError, match="'cancer' or 'normal'"):
        Culture(1.0, 0.1, 1e4, kind="stem")
    with pytest.raises(PhysicsRangeError, match="zero or later"):
        culture_uptake(ONE, DISH, Culture(1.0, 0.1, 1e4), [-1.0])
