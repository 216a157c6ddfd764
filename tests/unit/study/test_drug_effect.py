"""Effects of free drug: the published curve through the tumor, steps, tags; the index by hand."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.errors import DataError, KindError, PhysicsRangeError
from pdcraft.exposure.chain import conjugate_chain, plain_chain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.linker import Linker
from pdcraft.exposure.paclitaxel import paclitaxel
from pdcraft.response.concentration import ConcentrationTag, DrugExposure
from pdcraft.response.friberg import friberg, friberg_set
from pdcraft.response.tumor_simeoni import paclitaxel_a2780, simeoni
from pdcraft.study.exposure.drug_effect import (
    equivalent_exposure,
    knots_h,
    sampled_exposure,
    step_for_kill,
    stepwise,
)
from pdcraft.study.exposure.drug_network import carrier_network, carrier_parameters
from pdcraft.study.exposure.therapeutic_index import (
    Goal,
    dose_for_nadir,
    dose_for_tumor,
    scaling,
    therapeutic_index,
)

DRAWS = 4
DAYS = [0.0, 5.0, 10.0, 14.0]
TAG = paclitaxel_a2780().tag


@pytest.fixture(scope="module")
def mouse():
    return paclitaxel("mouse", DRAWS, 11)


@pytest.fixture(scope="module")
def human():
    return paclitaxel("human", DRAWS, 11)


def chains(species, drug, linker):
    carrier, _ = carrier_parameters(species, DRAWS, 11)
    network = carrier_network(species, carrier)
    return conjugate_chain(network, linker, drug.free, drug.tumor, drug.marrow)


def test_the_plain_arm_is_the_published_model(mouse):
    """Mass of the tumor with total plasma by two exponentials: nothing of the tumor enters."""
    chain = plain_chain(mouse.plain, mouse.tumor, mouse.marrow)
    nmol = 770.0
    given = equivalent_exposure(chain, [DrugDose(nmol)], TAG, mouse.plain, 14 * 24.0)
    got = simeoni(paclitaxel_a2780(), given, DAYS).mass_g
    for draw in range(DRAWS):
        scale = mouse.inputs["exposure.mouse.clearance"][draw]
        out, there, back = 0.868 * scale, 0.006, 0.0838
        total = out + there + back
        root = np.sqrt(total**2 - 4 * out * back)
        fast, slow = (total + root) / 2, (total - root) / 2
        start = nmol * 853.92 / (0.022 * 810.0)
        shares = np.array([fast - back, back - slow]) / (fast - slow)
        plasma = DrugExposure.bolus(TAG, start * shares, [fast, slow])
        want = simeoni(paclitaxel_a2780(), plasma, DAYS).mass_g
        np.testing.assert_allclose(got[draw], want, rtol=5e-4)  # 48 steps of exact area


def test_steps_keep_the_area_and_end(mouse):
    chain = plain_chain(mouse.plain, mouse.tumor, mouse.marrow)
    doses = [DrugDose(100.0, 0.0, 2.0), DrugDose(50.0, 72.0)]
    given = equivalent_exposure(chain, doses, TAG, mouse.plain, 240.0)
    fine = np.unique(np.concatenate([given.at_h, np.linspace(0, 240, 2001)]))
    level = given.at(fine[:-1] + 1e-9)
    area = (level * np.diff(fine)).sum(axis=-1)
    want = chain.area_until("plasma_total", doses, [240.0])[:, 0] * 853.92
    np.testing.assert_allclose(area, want, rtol=1e-7)
    np.testing.assert_allclose(given.at(241.0), 0.0, atol=1e-9 * level.max())


def test_knots_land_on_doses():
    doses = [DrugDose(1.0, 0.0, 3.0), DrugDose(1.0, 48.0)]
    knots = knots_h(100.0, doses)
    assert {0.0, 3.0, 48.0, 100.0} <= set(knots)
    assert np.all(np.diff(knots) > 0)


def test_a_sampled_course_drives_as_the_exact_one(mouse):
    chain = plain_chain(mouse.plain, mouse.tumor, mouse.marrow)
    times = np.concatenate([[0.0], np.geomspace(0.01, 336.0, 1500)])
    course = chain.course([DrugDose(770.0)], times)
    sampled = sampled_exposure(course, "tumor_equivalent", TAG, mouse.plain)
    exact = equivalent_exposure(chain, [DrugDose(770.0)], TAG, mouse.plain, 336.0)
    one, two = (simeoni(paclitaxel_a2780(), e, DAYS).mass_g for e in (sampled, exact))
    np.testing.assert_allclose(one, two, rtol=1e-3)


def test_another_concentration_is_refused(mouse):
    chain = plain_chain(mouse.plain, mouse.tumor, mouse.marrow)
    for change in ({"species": "human"}, {"site": "tumor"}, {"drug": "docetaxel"}):
        with pytest.raises(KindError, match="give the drug on which the effect was estimated"):
            equivalent_exposure(chain, [DrugDose(1.0)], replace(TAG, **change), mouse.plain, 24.0)
    unbound = replace(TAG, binding="unbound", unit="umol/L")
    given = equivalent_exposure(chain, [DrugDose(1.0)], unbound, mouse.plain, 24.0)
    with pytest.raises(KindError, match="binding 'total' and 'unbound'"):
        simeoni(paclitaxel_a2780(), given, DAYS)
    with pytest.raises(DataError, match="no concentration tag"):
        replace(paclitaxel_a2780(), tag=None)


def test_a_strong_kill_takes_short_steps():
    tag = ConcentrationTag("x", "mouse", "plasma", "total", "ng/mL")
    knots = np.array([0.0, 24.0, 240.0])
    weak = stepwise(tag, knots, np.array([0.0, 24.0, 48.0]))
    assert step_for_kill(weak, 1e-3, 0.25) == 0.25
    strong = stepwise(tag, knots, 1e5 * np.array([0.0, 24.0, 48.0]))
    # 1e5 ng/mL at 1e-3 per d: 100 per d
    assert step_for_kill(strong, 1e-3, 0.25) == pytest.approx(0.02, rel=1e-6)


def test_doses_reach_their_goals(mouse, human):
    goal = Goal.shipped()
    linker = Linker.of_half_lives(40.0, 300.0, 30.0)
    one = chains("mouse", mouse, linker)
    dose = dose_for_tumor(one, mouse.plain, goal)
    control = simeoni(paclitaxel_a2780(), None, [0.0, 14.0]).mass_g[-1]
    for draw in range(DRAWS):
        unit = equivalent_exposure(one, [DrugDose(dose[draw])], TAG, mouse.plain, 336.0)
        mass = simeoni(paclitaxel_a2780(), unit, [0.0, 14.0]).mass_g[draw, -1]
        assert mass / control == pytest.approx(0.1, rel=0.03)  # other steps than the search's
    counts = friberg_set("paclitaxel")
    two = chains("human", human, linker)
    borne = dose_for_nadir(two, human.plain, goal)
    given = equivalent_exposure(
        two, [DrugDose(borne[1])], counts.tag, human.plain, 672.0, of="marrow"
    )
    nadir = friberg(counts, given, np.linspace(0.0, 672.0, 113))[1].min()
    assert nadir == pytest.approx(2.0, rel=0.015)  # half-days, other steps


def test_the_index_by_hand(mouse, human):
    """Twice as much tumor exposure per dose in man, with marrow the same: twice the index."""
    goal = Goal.shipped()
    parts = (mouse.plain, mouse.tumor, mouse.marrow)
    scale = scaling(goal, DRAWS, 11)
    man = plain_chain(human.free, human.tumor, human.marrow)
    more = plain_chain(human.free, human.tumor, human.marrow, gain=2.0)
    one = therapeutic_index(plain_chain(*parts), mouse.plain, man, human.free, goal, scale)
    two = therapeutic_index(plain_chain(*parts), mouse.plain, more, human.free, goal, scale)
    np.testing.assert_allclose(two.index / one.index, 2.0, rtol=1e-6)
    # matched unbound exposure: dose in man = scaled area times clearance
    want = scale * one.matched_uM_h * np.asarray(human.free.clearance_mL_per_h)
    np.testing.assert_allclose(one.human_nmol, want, rtol=1e-6)
    none = replace(goal, species_log_sd=0.0)
    np.testing.assert_array_equal(scaling(none, DRAWS, 11), 1.0)


def test_goals_out_of_reach_are_refused(mouse):
    with pytest.raises(PhysicsRangeError, match="share lies between 0 and 1"):
        Goal(1.2, 14.0, 2.0, 0.3)
    with pytest.raises(PhysicsRangeError, match="baseline of 7"):
        Goal(0.1, 14.0, 9.0, 0.3)
    stable = chains("mouse", mouse, Linker("stable"))
    with pytest.raises(PhysicsRangeError, match="no dose reaches the goal"):
        dose_for_tumor(stable, mouse.plain, Goal.shipped())
