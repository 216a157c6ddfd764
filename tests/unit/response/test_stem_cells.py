"""Stem cells decide: control counts them alone, and they bring a shrunken tumor back."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.bed import biologically_effective_dose
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.response.stem_cells import CellKind, StemCellTumor, regrowth, stem_cell_control

LN2 = np.log(2)
REPAIR = Repair.of(1.5)
STEM = CellKind(Sensitivity.of(0.15, 10.0, REPAIR), 0.8, 0.01)
PROGENY = CellKind(Sensitivity.of(0.4, 10.0, REPAIR), 1.0, 0.05)
TUMOR = StemCellTumor(STEM, PROGENY, 0.02, doubling_time_d=20.0, progeny_half_life_d=8.0)
RATE = DoseRate.of_terms([25.0 * LN2 / 120.0], [LN2 / 120.0])


def test_untreated_tumor_keeps_its_share_and_doubles():
    # progeny are exact to second order in steps of a tenth of a day: (0.1 d x 0.12 per d)²/24
    t = np.linspace(0, 60, 601)
    grown = regrowth(TUMOR, t)
    np.testing.assert_allclose(grown.stem, 0.02 * 2 ** (t / 20), rtol=1e-12)
    np.testing.assert_allclose(grown.total, 2 ** (t / 20), rtol=1e-5)


def test_regrowth_against_an_integrator():
    """The two equations solved by an adaptive method of order 8, kill as a rate."""
    growth, loss = LN2 / 20, LN2 / 8
    feed = (growth + loss) * 0.98 / 0.02

    def kill(kind, t):
        hours, factor = 24 * t, kind.dose_factor
        rate = factor * float(RATE.at(hours)) * 24
        r, mu, a = LN2 / 120, LN2 / 1.5, factor * 25 * LN2 / 120
        waiting = a * (np.exp(-r * hours) - np.exp(-mu * hours)) / (mu - r)
        return float(kind.tissue.alpha_per_Gy) * rate * (1 + 2 * waiting / 10)

    def slope(t, y):
        stem, progeny = y
        return [
            (growth - kill(STEM, t)) * stem,
            feed * stem - (loss + kill(PROGENY, t)) * progeny,
        ]

    days = np.linspace(0, 90, 1801)
    want = integrate.solve_ivp(
        slope, (0, 90), [0.02, 0.98], "DOP853", days, rtol=1e-10, atol=1e-14
    ).y
    got = regrowth(TUMOR, days, RATE)
    np.testing.assert_allclose(got.stem, want[0], rtol=1e-7)
    # second order: steps of 1.2 h against a kill rate of up to 1.4 per day
    np.testing.assert_allclose(got.progeny, want[1], rtol=2e-4)
    back = got.time_to_start_size_d()
    assert 40 < back < 90
    assert got.total.min() < 0.2


def test_a_tumor_that_stays_small_is_not_back():
    assert regrowth(TUMOR, np.linspace(0, 20, 201), RATE).time_to_start_size_d() == np.inf


def test_control_counts_stem_cells_with_their_own_dose():
    growing = Sensitivity.of(0.15, 10.0, REPAIR, 20.0)
    bed = biologically_effective_dose(growing, RATE.scaled(0.8 * 6))
    survivors = 1e9 * 0.02 * np.exp(-0.15 * float(bed.total_Gy)) * np.exp(-0.01 * 100)
    got = stem_cell_control(TUMOR, 1e9, RATE.scaled(6.0), exposure=100.0)
    assert np.log(got) == pytest.approx(-survivors, rel=1e-9, abs=0)


def test_resistant_stem_cells_lower_control_though_the_bulk_dies():
    sensitive = StemCellTumor(PROGENY, PROGENY, 0.02, 20.0, 8.0)
    high = RATE.scaled(3.0)
    assert stem_cell_control(sensitive, 1e7, high) > 0.9
    assert stem_cell_control(TUMOR, 1e7, high) < 1e-6


def test_drug_kills_each_kind_by_its_sensitivity():
    t = np.linspace(0, 5, 51)
    with_drug = regrowth(TUMOR, t, exposure=np.minimum(t, 1.0) * 20.0)
    # 0.01 x 20 for stem cells: exact
    assert with_drug.stem[-1] == pytest.approx(0.02 * 2**0.25 * np.exp(-0.2), rel=1e-12)
    assert with_drug.progeny[10] < 0.98 * np.exp(-0.05 * 20) * 1.5


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: StemCellTumor(STEM, PROGENY, 0.0, 20.0, 8.0), "stem-cell share 0"),
        (lambda: StemCellTumor(STEM, PROGENY, 0.1, 0.0, 8.0), "doubling time 0 d"),
        (lambda: CellKind(STEM.tissue, -1.0), "dose factor -1"),
        (lambda: CellKind(Sensitivity.of(0.1, 3.0, REPAIR, 9.0)), "leave the doubling time out"),
        (lambda: regrowth(TUMOR, [1.0, 2.0]), "increase strictly from 0 d"),
        (lambda: stem_cell_control(TUMOR, 1e9, RATE, exposure=-1.0), "exposure -1"),
    ],
)
def test_refuses_with_a_reason(call, said):
    with pytest.raises(PhysicsRangeError, match=said):
        call()
