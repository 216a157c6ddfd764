"""Dyes: what is published, shapes, quenching, bleaching, draws, and what cannot be."""

import numpy as np
import pytest

from pdcraft.data.optics.tissues import dye_names, dye_table
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.dye import Dye, catalogue_dye
from pdcraft.optics.spectra import Line, Spectrum


def box(value=1e5):
    return Spectrum(np.array([740.0, 760.0, 780.0]), np.array([0.0, value, 0.0]), "absorption")


@pytest.mark.parametrize("name", dye_names())
def test_every_dye_is_whole(name):
    dye = catalogue_dye(name)
    assert dye.emission.integral() == pytest.approx(1.0, rel=1e-9, abs=0)
    assert 0.0 < dye.quantum_yield <= 1.0
    assert dye.absorption.peak_nm < dye.emission.peak_nm
    assert dye.absorption.range_nm[0] > 300.0
    assert dye.emission.range_nm[1] < 1200.0


@pytest.mark.parametrize("name", dye_names())
def test_what_is_not_published_is_marked_and_has_a_spread(name):
    dye = catalogue_dye(name)
    for prior in dye.priors:
        assert prior.quantile(0.05) < prior.quantile(0.95)
        if prior.grade == "assumed" and prior.nominal:
            assert any(f": {prior.name} =" in text for text in dye.assumed)
        if prior.grade == "published":
            assert prior.source in dye_table()["source"]


def test_the_heptamethine_is_that_of_its_paper():
    # Theranostics 3 (2013): 261 000 L/(mol cm), yield 0.084, in methanol
    dye = catalogue_dye("heptamethine cyanine")
    assert float(np.max(dye.absorption.value)) == 261_000.0
    assert dye.quantum_yield == 0.084


def test_clr_dyes_overlap_their_own_emission():
    # Stokes shifts of 15 to 20 nm: emission is absorbed again
    for name in ("CLR 1501", "CLR 1502"):
        dye = catalogue_dye(name)
        shift = dye.emission.peak_nm - dye.absorption.peak_nm
        assert 15.0 <= shift <= 20.0
        at_peak = float(dye.epsilon_at(dye.emission.peak_nm))
        assert at_peak > 0.2 * float(np.max(dye.absorption.value))


def test_absorption_of_a_concentration():
    dye = catalogue_dye("CLR 1502").scaled_to(200_000.0, 760.0)
    # published estimate: 0.046 /mm at 1 uM
    assert dye.mua_per_mm(760.0, 1000.0) == pytest.approx(0.046, rel=0.005, abs=0)
    assert dye.mua_per_mm(760.0, 0.0) == 0.0
    assert dye.mua_per_mm(500.0, 1000.0) == 0.0


def test_a_stated_extinction_stays_when_the_peak_is_drawn():
    dye = catalogue_dye("CLR 1502").scaled_to(200_000.0, 760.0)
    drawn = dye.with_values({"absorption_nm": 778.0, "stokes_nm": 25.0})
    assert float(drawn.epsilon_at(760.0)) == pytest.approx(200_000.0, rel=1e-9, abs=0)
    assert drawn.absorption.peak_nm == pytest.approx(778.0, rel=0, abs=0.5)
    assert drawn.emission.peak_nm == pytest.approx(803.0, rel=0, abs=0.5)


def test_draws_move_what_they_name():
    dye = catalogue_dye("CLR 1501")
    drawn = dye.with_values({"epsilon": 60_000.0, "quantum_yield": 0.4})
    assert float(np.max(drawn.absorption.value)) == pytest.approx(60_000.0, rel=1e-12, abs=0)
    assert drawn.quantum_yield == 0.4
    twice = dye.with_values({"epsilon_factor": 2.0})
    assert twice.mua_per_mm(490.0, 10.0) == pytest.approx(
        2 * dye.mua_per_mm(490.0, 10.0), rel=1e-12, abs=0
    )


def test_quenching_halves_the_yield_at_its_constant():
    dye = Dye("x", box(), Line(800.0), 0.1, quenching_per_uM=0.02)
    np.testing.assert_allclose(dye.yield_at([0.0, 50_000.0]), [0.1, 0.05], rtol=1e-12)


def test_bleaching_is_first_order_in_the_radiant_exposure():
    dye = Dye("x", box(), Line(800.0), 0.1, bleaching_J_per_cm2=20.0)
    left = dye.left_after([0.0, 20.0, 40.0])
    np.testing.assert_allclose(left, np.exp([0.0, -1.0, -2.0]), rtol=1e-12)
    assert Dye("x", box(), Line(800.0), 0.1).left_after(1e6) == 1.0


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"quantum_yield": 1.01}, PhysicsRangeError, "at most one photon"),
        ({"quantum_yield": -0.1}, PhysicsRangeError, "at most one photon"),
        ({"quantum_yield": float("nan")}, PhysicsRangeError, "at most one photon"),
        ({"quenching_per_uM": -1.0}, PhysicsRangeError, "quenching"),
        ({"bleaching_J_per_cm2": 0.0}, PhysicsRangeError, "above zero"),
        ({"emission": Line(800.0, 0.0)}, DataError, "emission spectrum is zero"),
        ({"absorption": box(0.0)}, DataError, "absorption spectrum is zero"),
    ],
)
def test_impossible_dyes_are_refused(changes, error, message):
    whole = {"absorption": box(), "emission": Line(800.0), "quantum_yield": 0.1} | changes
    with pytest.raises(error, match=message):
        Dye("x", **whole)


def test_scaling_where_a_dye_is_dark_is_refused():
    with pytest.raises(PhysicsRangeError, match="does not absorb at 500 nm"):
        catalogue_dye("CLR 1502").scaled_to(1e5, 500.0)


def test_unknown_dyes_name_the_near_one():
    with pytest.raises(DataError, match="CLR 1502"):
        catalogue_dye("CLR 1503")
    assert catalogue_dye("clr1502").name == "CLR 1502"
    assert catalogue_dye("5-ALA").name == "PpIX"
