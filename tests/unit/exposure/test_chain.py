"""The linear chain: closed forms, balance of matter, limits, and what its equivalent means."""

from dataclasses import replace

import numpy as np
import pytest
import small_conjugate as small
from scipy.linalg import expm

from pdcraft.errors import DataError
from pdcraft.exposure.chain import conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.drug import TissueExchange
from pdcraft.exposure.linker import FirstOrder, Linker, Saturable

TIMES = np.linspace(0.0, 200.0, 101)
LINKER = Linker.of_half_lives(10.0, 50.0, 20.0)
DOSES = [DrugDose(100.0, 0.0, 2.0), DrugDose(50.0, 24.0)]


def chain(linker=LINKER, **network):
    return conjugate_chain(
        small.network(**network), linker, small.drug(), small.TUMOR, small.MARROW
    )


def test_curves_are_those_of_the_matrix_exponential():
    one = chain()
    course = one.course([DrugDose(100.0)], TIMES)
    start = np.zeros(len(one.system.states))
    start[0] = 100.0
    for i in (1, 40, 100):
        amounts = expm(one.system.matrix_per_h[1] * TIMES[i]) @ start
        # tumor of 0.5 g, 61 times as much bound and free as free
        assert course.curve("tumor_free")[1, i] == pytest.approx(
            amounts[-1] / 0.5 / 61.0, rel=1e-9, abs=0
        )
        assert course.curve("plasma_unbound")[1, i] == pytest.approx(
            amounts[3] / 100.0, rel=1e-9, abs=0
        )


def test_areas_by_conservation():
    """Every nmol set free leaves through the clearance: AUC = released / CL, by hand."""
    one = chain()
    course = one.course(DOSES, TIMES)
    released = sum(course.shares[f"released in {s}"] for s in ("plasma", "tissue", "tumor"))
    np.testing.assert_allclose(course.auc("plasma_unbound"), 150.0 * released / 80.0, rtol=1e-10)
    np.testing.assert_allclose(course.shares["eliminated"], released, rtol=1e-10)
    # free in tumor at balance is P/(P+E) of the equivalent
    np.testing.assert_allclose(
        course.auc("tumor_free"), course.auc("tumor_equivalent") * 4.0 / 6.0, rtol=1e-10
    )


def test_matter_is_conserved():
    course = chain().course(DOSES, TIMES)
    assert course.balance_error < 1e-9  # the limit; rounding is 1e-14
    total = sum(v for k, v in course.shares.items() if k != "eliminated")
    np.testing.assert_allclose(total, 1.0, rtol=1e-10)


def test_no_release_is_the_carrier_alone():
    course = chain(Linker("stable")).course([DrugDose(100.0)], TIMES)
    alone = small.network().system.curves({"blood": 100.0}, TIMES)
    np.testing.assert_allclose(course.curve("plasma_conjugate"), alone[:, 0] / 2.0, rtol=1e-9)
    assert course.cmax("tumor_free").max() < 1e-12  # umol/L: rounding
    np.testing.assert_allclose(course.shares["lost on the conjugate"], 1.0, rtol=1e-10)


def test_instant_release_in_plasma_is_plain_drug():
    fast = chain(Linker("fast", (FirstOrder(1e-8),))).course([DrugDose(100.0, 0.0, 1.0)], TIMES)
    plain = plain_chain(small.drug(), small.TUMOR, small.MARROW, tumor_g=small.TUMOR_g)
    same = plain.course([DrugDose(100.0, 0.0, 1.0)], TIMES)
    for name in ("plasma_total", "tumor_total", "marrow_free"):
        gap = np.abs(fast.curve(name) - same.curve(name)).max()
        assert gap / same.cmax(name).max() < 1e-6  # a half-life of 1e-8 h beside 0.5 per h


def test_drug_set_free_in_tumor_counts_as_the_plasma_that_would_give_it():
    """The equivalent, given as plasma to a tumor that takes nothing away, gives the same drug."""
    one = chain()
    fine = np.linspace(0.0, 120.0, 24_001)
    course = one.course([DrugDose(100.0)], fine)
    equivalent, free = course.curve("tumor_equivalent")[0], course.curve("tumor_free")[0]
    p, e, held = 4.0, 2.0, 61.0
    by_hand = np.zeros_like(fine)
    step = fine[1]
    for i in range(fine.size - 1):  # Heun's method on the tumor's own equation
        now = (p * equivalent[i] - (p + e) * by_hand[i]) / held
        guess = by_hand[i] + step * now
        then = (p * equivalent[i + 1] - (p + e) * guess) / held
        by_hand[i + 1] = by_hand[i] + 0.5 * step * (now + then)
    np.testing.assert_allclose(by_hand[2000:], free[2000:], rtol=2e-5)  # step of Heun's method


def test_of_plain_drug_the_equivalent_is_its_plasma():
    course = plain_chain(small.drug(), small.TUMOR, small.MARROW).course(DOSES, TIMES)
    np.testing.assert_array_equal(course.curve("tumor_equivalent"), course.curve("plasma_unbound"))
    gained = plain_chain(small.drug(), small.TUMOR, small.MARROW, gain=1.33).course(DOSES, TIMES)
    np.testing.assert_allclose(
        gained.auc("tumor_free"), 1.33 * course.auc("tumor_free"), rtol=1e-6
    )  # a tumor of 1e-9 g


def test_the_outside_of_a_membrane_frees_nothing():
    net = replace(small.network(), uncleaved=frozenset({"growth"}))
    one = conjugate_chain(net, LINKER, small.drug(), small.TUMOR, small.MARROW)
    course = one.course([DrugDose(100.0)], TIMES)
    assert np.all(course.shares["released in tumor"] == 0.0)
    assert np.all(course.auc("tumor_conjugate") > 0)
    np.testing.assert_array_equal(course.curve("tumor_equivalent"), course.curve("plasma_unbound"))
    total = sum(v for k, v in course.shares.items() if k != "eliminated")
    np.testing.assert_allclose(total, 1.0, rtol=1e-10)


def test_marrow_has_its_part_of_what_tissue_frees():
    """Marrow equivalent less plasma: 0.05 of the tissue's payload per g, at its rate, over P."""
    course = chain().course([DrugDose(100.0)], TIMES)
    freed = np.log(2) / 50.0 * course.curve("marrow_conjugate")
    above = course.curve("marrow_equivalent") - course.curve("plasma_unbound")
    np.testing.assert_allclose(above[:, 1:], freed[:, 1:] / 8.0, rtol=1e-9)


def test_terms_and_steps_agree_with_the_curve():
    one = chain()
    amount, rate = one.terms("tumor_equivalent")
    curve = (amount[..., None] * np.exp(-rate[..., None] * TIMES)).sum(axis=1)
    want = one.course([DrugDose(1.0)], TIMES).curve("tumor_equivalent")
    assert np.abs(curve - want).max() < 1e-12 * want.max()
    area = one.area_until("tumor_equivalent", [DrugDose(1.0)], [2000.0])[:, 0]
    np.testing.assert_allclose(area, one.area("tumor_equivalent"), rtol=1e-6)  # all but gone


def test_draws_of_a_linker_and_of_a_carrier_broadcast():
    many = chain(Linker.of_half_lives(np.array([[5.0], [50.0]]), 50.0, 20.0))
    assert many.area("tumor_free").shape == (2, 3)
    one = chain(Linker.of_half_lives(50.0, 50.0, 20.0))
    np.testing.assert_allclose(many.area("tumor_total")[1], one.area("tumor_total"), rtol=1e-10)


def test_what_saturates_has_no_linear_system():
    with pytest.raises(DataError, match="enzyme of the linker saturates"):
        chain(Linker("enzyme", (Saturable(1.0, 1.0),)))
    bound = TissueExchange(4.0, 2.0, 60.0, capacity_uM=5.0)
    with pytest.raises(DataError, match="binding in tumor saturates"):
        plain_chain(small.drug(), bound, small.MARROW)


def test_no_dose_is_refused():
    with pytest.raises(DataError, match="there is no dose"):
        chain().course([], TIMES)


def test_names_of_concentrations_are_helped():
    with pytest.raises(DataError, match="did you mean"):
        chain().course(DOSES, TIMES).auc("tumour_free")
