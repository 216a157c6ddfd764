"""The stepped chain: against the linear one, against LSODA, with a vehicle and binding."""

import numpy as np
import pytest
import small_conjugate as small
from scipy.integrate import solve_ivp

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.exposure.chain import conjugate_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.drug import TissueExchange
from pdcraft.exposure.linker import FirstOrder, Linker, Saturable
from pdcraft.exposure.numeric import simulate
from pdcraft.exposure.vehicle import Vehicle

TIMES = np.linspace(0.0, 96.0, 49)
LINKER = Linker.of_half_lives(10.0, 50.0, 20.0)
DOSES = [DrugDose(100.0, 0.0, 2.0), DrugDose(50.0, 24.0)]
ENZYME = Linker("enzyme", (Saturable(0.5, 8.0),), (FirstOrder(50.0),), (FirstOrder(20.0),))


def stepped(linker=LINKER, tumor=small.TUMOR, doses=DOSES, **more):
    return simulate(
        small.drug(), tumor, small.MARROW, doses, TIMES, network=small.network(), linker=linker,
        **more,
    )  # fmt: skip


def test_it_is_the_linear_chain_where_that_holds():
    linear = conjugate_chain(
        small.network(), LINKER, small.drug(), small.TUMOR, small.MARROW
    ).course(DOSES, TIMES)
    found = stepped()
    for name in linear.curves:
        gap = np.abs(found.curve(name) - linear.curve(name)).max() / linear.cmax(name).max()
        assert gap < 5e-5, name  # Runge-Kutta at the default step, 0.25 of the fastest rate
    chain = conjugate_chain(small.network(), LINKER, small.drug(), small.TUMOR, small.MARROW)
    past = chain.area_until("tumor_total", DOSES, [96.0])[:, 0]
    np.testing.assert_allclose(found.auc("tumor_total"), past, rtol=5e-5)


def test_the_error_falls_with_the_fourth_power_of_the_step():
    best = stepped(step_h=0.05).curve("tumor_free")
    coarse = np.abs(stepped(step_h=0.5).curve("tumor_free") - best).max()
    fine = np.abs(stepped(step_h=0.25).curve("tumor_free") - best).max()
    assert 10 < coarse / fine < 25  # 16 for order 4, with the next order's share


@pytest.mark.parametrize(
    ("linker", "tumor"),
    [(ENZYME, small.TUMOR), (ENZYME, TissueExchange(4.0, 2.0, 20.0, 3.0, 0.02))],
    ids=["enzyme", "enzyme and binding"],
)
def test_matter_is_conserved(linker, tumor):
    found = stepped(linker, tumor)
    assert found.balance_error < 1e-9
    assert min(found.shares["released in plasma"]) > 0.05


def test_an_enzyme_that_saturates_frees_less():
    """With Vmax/Km as in first order: at high doses a smaller share comes off in plasma."""
    small_dose = stepped(ENZYME, doses=[DrugDose(0.01)]).shares["released in plasma"]
    large_dose = stepped(ENZYME, doses=[DrugDose(1000.0)]).shares["released in plasma"]
    assert np.all(large_dose < 0.5 * small_dose)


def test_binding_that_saturates_against_lsoda():
    """One draw of plain drug with a tumor that binds to capacity, written again."""
    tumor = TissueExchange(4.0, 2.0, 5.0, capacity_uM=3.0, half_at_uM=0.02)
    drug = small.drug()

    def slope(_, y):
        total = y[2] / small.TUMOR_g
        a, b, c = 6.0, 6.0 * 0.02 + 3.0 - total, -0.02 * total
        free = (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)
        unbound = y[0] / 100.0
        body = 30.0 * (unbound - y[1] / 200.0)
        into = small.TUMOR_g * (4.0 * unbound - 6.0 * free)
        return [-80.0 * unbound - body - into, body, into]

    want = solve_ivp(slope, (0, 96), [50.0, 0, 0], "LSODA", TIMES, rtol=1e-10, atol=1e-13).y
    found = simulate(drug, tumor, small.MARROW, [DrugDose(50.0)], TIMES, tumor_g=small.TUMOR_g)
    got = found.curve("tumor_total")[0] * small.TUMOR_g
    assert np.abs(got - want[2]).max() / want[2].max() < 1e-5


def test_a_vehicle_holds_drug_in_plasma():
    vehicle = Vehicle(0.05, 3.0, (1.0, 24.0), (0.2, 0.4), 2.0, 20.0)
    kwargs = {"tumor_g": small.TUMOR_g}
    free = simulate(small.drug(), small.TUMOR, small.MARROW, DOSES, TIMES, **kwargs)
    held = simulate(
        small.drug(), small.TUMOR, small.MARROW, DOSES, TIMES, vehicle=vehicle, **kwargs
    )
    assert held.balance_error < 1e-9
    # total rises, unbound drug's area does not: what is cleared is unbound
    assert held.auc("plasma_total")[0] > 2 * free.auc("plasma_total")[0]
    assert held.auc("plasma_unbound")[0] == pytest.approx(free.auc("plasma_unbound")[0], rel=0.01)
    doubled = [DrugDose(2 * d.payload_nmol, d.at_h, d.duration_h) for d in DOSES]
    twice = simulate(
        small.drug(), small.TUMOR, small.MARROW, doubled, TIMES, vehicle=vehicle, **kwargs
    )
    assert twice.auc("plasma_total")[0] > 2.5 * held.auc("plasma_total")[0]  # not linear in dose


def test_the_vehicle_takes_its_part_of_the_amount():
    """Right after a bolus: C_u = dose / (V1 + Vp s V), C = C_u (a + s V), by hand."""
    vehicle = Vehicle(0.05, 3.0, (1.0, 24.0), (0.2, 0.4), 2.0, 20.0)
    dose = [DrugDose(100.0)]
    found = simulate(small.drug(), small.TUMOR, small.MARROW, dose, TIMES, vehicle=vehicle)
    level = 100.0 * 0.05 / 3.0
    unbound = 100.0 / (100.0 + 2.0 * 20.0 * level)
    assert found.curve("plasma_unbound")[0, 0] == pytest.approx(unbound, rel=1e-12)
    assert found.curve("plasma_total")[0, 0] == pytest.approx(
        unbound * (10.0 + 20.0 * level), rel=1e-12
    )


def test_the_vehicle_s_own_kinetics():
    vehicle = Vehicle(0.05, 3.0, (1.0, 24.0), (0.2, 0.4), 2.0, 20.0)
    rate = vehicle.clearance(5.0) / 3.0
    assert vehicle.clearance(24.0) == pytest.approx(0.4)
    assert vehicle.clearance(0.0) == pytest.approx(0.2)
    dose = [DrugDose(100.0, 0.0, 5.0)]
    top = 5.0 / 5.0 / vehicle.clearance(5.0) * (1 - np.exp(-5.0 * rate))
    level = vehicle.level(dose, [0.0, 5.0, 15.0])
    np.testing.assert_allclose(level, [0.0, top, top * np.exp(-10 * rate)], rtol=1e-12)
    with pytest.raises(PhysicsRangeError, match="does not set bound drug free"):
        Vehicle(0.05, 3.0, (1.0,), (0.2,), 2.0, -1.0)


def test_half_a_conjugate_and_rates_out_of_reach_are_refused():
    with pytest.raises(DataError, match="give both or neither"):
        simulate(small.drug(), small.TUMOR, small.MARROW, DOSES, TIMES, linker=LINKER)
    with pytest.raises(DataError, match="use a linker that does not saturate"):
        stepped(Linker("fast", (Saturable(1e6, 1.0),)))
    with pytest.raises(DataError, match="there is no dose"):
        stepped(doses=[])
