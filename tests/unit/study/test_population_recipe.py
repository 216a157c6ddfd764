"""Patients through kinetics, dose and counts: against the route by organ doses, and by axes."""

import numpy as np
import pytest

from pdcraft.core.cohort import Cohort
from pdcraft.data.nuclides import half_life_h
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.kinetics.carrier.courses import time_courses
from pdcraft.kinetics.carrier.iodide import blocked_share
from pdcraft.kinetics.carrier.parameters import host
from pdcraft.response.marrow.parameters import priors
from pdcraft.response.population.attributes import COUNTS
from pdcraft.response.population.patients import virtual_patients
from pdcraft.study.recipes import population as recipe
from pdcraft.study.recipes.marrow_rates import marrow_rates
from pdcraft.study.recipes.population import Regimen, simulate_population
from pdcraft.study.recipes.population_chain import population_chain

TWICE = Regimen((578.0, 578.0), (0.0, 7.0))
DRAWS = 4


def marrow_model(draws=DRAWS, seed=1):
    rng = np.random.default_rng(seed)
    return {
        row.key: row.median * np.exp(0.5 * row.log_sd * rng.standard_normal(draws))
        for row in priors("stem")
    }


def person(**changes):
    """Reference man, typical in everything."""
    said = {
        "female": 0.0,
        "age_years": 60.0,
        "height_cm": 176.0,
        "body_mass_kg": 73.0,
        "body_surface_m2": 1.89,
        "marrow_infiltration": 0.0,
        "uptake_score": 0.0,
        "clearance_score": 0.0,
        **dict(zip(COUNTS, (230.0, 4.5, 1.5), strict=True)),
    }
    return {name: np.atleast_1d(value) for name, value in (said | changes).items()}


def mGy_per_MBq(common, who):
    zeros = {name: np.zeros(1) for name in common.scores(who)}
    amplitude, rate, _ = common.terms(who, zeros)
    return 1e3 * (amplitude / rate).sum(axis=-1)[:, 0]


@pytest.fixture(scope="module")
def common():
    return marrow_rates(20, seed=1)


@pytest.fixture(scope="module")
def patients():
    return virtual_patients(60, "clover1", seed=2).cohort


def test_reference_man_has_the_dose_of_organ_dosimetry(common):
    """The other route: time-integrated activities of the organs, S values of the whole body."""
    from pdcraft.dosimetry.organ_dose import organ_dose
    from pdcraft.dosimetry.organ_s import organ_S
    from pdcraft.dosimetry.phantom import phantom

    courses = time_courses(host("human"), common.parameters, "x", blocked=blocked_share())
    hours = {}
    for course in courses:
        total = course.activity(half_life_h("I-131")).integral().spread_values("knowledge")
        hours |= {region: total[:, i] for i, region in enumerate(course.regions)}
    mass = host("human").region_g
    tiac = {region: hours[region] * mass[region] for region in ("red_marrow", "liver", "brain")}
    tiac |= {region: hours[region] for region in ("thyroid", "stomach_wall", "total_body")}
    want = organ_dose(organ_S(*phantom("adult-male"), "I-131"), tiac).target("red_marrow")
    # the same sums in another order: rounding
    assert mGy_per_MBq(common, person()) == pytest.approx(want, rel=1e-11, abs=0)


def test_published_marrow_dose_is_inside_the_draws(common):
    # 0.54 mSv/MBq, 8 patients (PLoS ONE 2014;9:e111652), which the kinetics were fitted to
    low, high = np.quantile(mGy_per_MBq(common, person()), [0.025, 0.975])
    assert low < 0.54 < high


def test_a_blown_up_man_has_concentrations_thinned_by_his_mass(common):
    from dataclasses import replace

    same_time = replace(common, exponent=np.ones(20))  # clearance in proportion: curves keep time
    big = person(body_mass_kg=146.0, height_cm=176.0 * 2 ** (1 / 3))
    ratio = mGy_per_MBq(same_time, big) / mGy_per_MBq(same_time, person())
    # electrons halve; photons fall to 2^(-2/3) = 0.63 at most: between, nearer to half
    assert np.all((ratio > 0.5) & (ratio < 0.6))
    # slower clearance per mass raises what a big body keeps
    slower = common.exponent < 1
    assert np.all(mGy_per_MBq(common, big)[slower] > mGy_per_MBq(same_time, big)[slower])


def test_women_have_their_own_body(common):
    man, woman = person(), person(female=1.0)
    ratio = mGy_per_MBq(common, woman) / mGy_per_MBq(common, man)
    assert np.all((ratio > 0.8) & (ratio < 1.3))
    assert np.all(ratio != 1.0)


def test_marrow_goes_with_lean_mass_and_gives_way_to_tumor(common):
    # reference masses of ICRP 89: 1170 and 900 g
    assert common.marrow_mass_g(person()) == pytest.approx([1170.0], rel=1e-12, abs=0)
    woman = person(female=1.0, height_cm=163.0, body_mass_kg=60.0)
    assert common.marrow_mass_g(woman) == pytest.approx([900.0], rel=1e-12, abs=0)
    # fat adds less marrow than muscle would
    assert common.marrow_mass_g(person(body_mass_kg=110.0))[0] < 1170.0 * 110.0 / 73.0
    cohort = Cohort(("a",), person(marrow_infiltration=0.25), {}, "none")
    run = simulate_population(cohort, TWICE, draws=1, seed=1, marrow=marrow_model(1))
    assert run.cohort.attributes["red_marrow_g"] == pytest.approx([877.5], rel=1e-12, abs=0)


def test_blocks_do_not_change_a_patient(patients, monkeypatch):
    whole = simulate_population(patients, TWICE, draws=DRAWS, seed=3, marrow=marrow_model())
    monkeypatch.setattr(recipe, "ROWS", 7 * DRAWS)
    parts = simulate_population(patients, TWICE, draws=DRAWS, seed=3, marrow=marrow_model())
    for name, values in whole.cohort.outcomes.items():
        if name.endswith("_Gy") or name.endswith("_per_g"):
            # solved one by one: rounding of the eigenvalues of other batches
            assert parts.cohort.outcomes[name] == pytest.approx(values, rel=1e-9, abs=0)
    # a block's step follows its fastest chain: Runge-Kutta's error, below 1 % of a baseline
    nadir = "platelets_nadir_1e9_per_L"
    baseline = patients.attributes[COUNTS[0]]
    off = np.abs(parts.cohort.outcomes[nadir] - whole.cohort.outcomes[nadir]) / baseline
    assert off.max() < 0.01


def test_a_patient_is_the_same_in_every_draw():
    """Of one build: subjects drawn anew in each draw would not correlate; 3 SE of 0 are 0.15."""
    alike = {name: np.repeat(value, 400) for name, value in person().items()}
    alike["clearance_score"] = np.random.default_rng(1).standard_normal(400)
    cohort = Cohort(tuple(str(i) for i in range(400)), alike, {}, "none")
    run = simulate_population(cohort, TWICE, draws=DRAWS, seed=3, marrow=marrow_model())
    pairs = np.triu_indices(DRAWS, 1)
    for outcome in ("marrow_Gy", "neutrophils_nadir_1e9_per_L"):
        between = np.corrcoef(np.log(run.cohort.outcomes[outcome]))
        assert between[pairs].min() > 0.2
        assert np.median(between[pairs]) > 0.5


def test_spread_of_effect_between_patients_counts_once():
    people = virtual_patients(2000, "clover1", seed=2).cohort
    marrow = marrow_model() | {"between_log_sd": np.full(DRAWS, 0.4)}
    activity = TWICE.activity_MBq(people.attributes["body_surface_m2"])
    rest = population_chain(people, activity, draws=DRAWS, seed=3, marrow=marrow).rest_log_sd
    run = simulate_population(people, TWICE, draws=DRAWS, seed=3, marrow=marrow)
    dose = np.log(run.cohort.outcomes["marrow_Gy"]).std(axis=1)
    assert np.all(dose > 0.05)
    # variances add to the model's: 0.16, of 2000 patients within 3 SE of 3 %
    assert rest**2 + dose**2 == pytest.approx(np.full(DRAWS, 0.16), rel=0.1, abs=0)


def test_tumor_in_marrow_acts_once():
    """Either the marrow's dose or the factor on its effect, never both."""
    cohort = Cohort(("a",), person(pretreated=1.0, marrow_infiltration=0.5), {}, "none")
    treated = {"pretreatment": np.full(DRAWS, 2.0), "between_log_sd": np.zeros(DRAWS)}
    plain = marrow_model() | {"between_log_sd": np.zeros(DRAWS)}
    seen = [
        simulate_population(
            cohort, TWICE, draws=DRAWS, seed=3, marrow=plain | changed, tumor_in_marrow=how
        ).cohort.outcomes
        for how in ("effect", "dose")
        for changed in ({}, treated)
    ]
    effect, effect_twice, dose, dose_twice = (s["platelets_nadir_1e9_per_L"] for s in seen)
    assert np.all(effect_twice < effect)
    assert np.array_equal(dose_twice, dose)
    assert np.array_equal(seen[0]["marrow_Gy"], seen[1]["marrow_Gy"])
    assert not np.any(seen[2]["marrow_Gy"] == seen[0]["marrow_Gy"])


def test_tumor_in_marrow_raises_its_dose_by_its_share_and_uptake():
    common = marrow_rates(20, seed=3, tumor_in_marrow="dose")
    none, some, more = (mGy_per_MBq(common, person(marrow_infiltration=f)) for f in (0.0, 0.3, 0.6))
    # the mean concentration is linear in tumor's share
    assert more - none == pytest.approx(2.0 * (some - none), rel=1e-6, abs=0)
    assert mGy_per_MBq(marrow_rates(20, seed=3), person()) == pytest.approx(none, rel=1e-12, abs=0)
    hot = person(marrow_infiltration=0.6)
    scores = {name: np.zeros(1) for name in common.scores(hot)}
    amplitude, rate, _ = common.terms(hot, scores | {"tumor_trapping_mL_per_g_h": np.full(1, 2.0)})
    hotter = 1e3 * (amplitude / rate).sum(axis=-1)[:, 0] / more
    # in a draw where tumor takes most of the plasma, more of it leaves less for the marrow
    assert np.mean(hotter > 1.0) >= 0.9
    assert hotter.mean() > 1.02


def test_activity_caps_and_no_activity(patients):
    nothing = simulate_population(
        patients, Regimen((0.0,), (0.0,)), draws=2, seed=3, marrow=marrow_model(2)
    )
    for name, column in zip(("platelets", "neutrophils", "lymphocytes"), COUNTS, strict=True):
        nadir = nothing.cohort.outcomes[f"{name}_nadir_1e9_per_L"]
        # the chain stays at its steady state to the rounding of its steps
        assert nadir == pytest.approx(
            np.broadcast_to(patients.attributes[column], nadir.shape), rel=1e-9, abs=0
        )
    capped = Regimen((925.0,), (0.0,), surface_cap_m2=1.0, step_MBq=50.0)
    assert capped.activity_MBq(patients.attributes["body_surface_m2"]).tolist() == [[950.0]] * 60


def test_nothing_happens_before_the_activity_is_given(patients):
    late = simulate_population(
        patients, Regimen((1156.0,), (56.0,)), draws=2, seed=3, marrow=marrow_model(2), shown=60
    )
    before = late.curves_1e9_per_L[..., late.time_d <= 56.0]
    baseline = np.stack([patients.attributes[name] for name in COUNTS], axis=-1)[..., None]
    # the chain's steady state, to the rounding of its steps
    assert np.abs(before / baseline - 1.0).max() < 1e-9
    assert np.all(late.cohort.outcomes["platelets_nadir_day"] > 56.0)


def test_outcomes_are_a_cohort_with_both_axes(patients):
    run = simulate_population(patients, TWICE, draws=DRAWS, seed=3, marrow=marrow_model(), shown=5)
    assert run.curves_1e9_per_L.shape == (DRAWS, 5, 3, run.time_d.size)
    grades = run.cohort.outcomes["platelets_grade"]
    lowest = run.cohort.outcomes["platelets_nadir_1e9_per_L"]
    assert grades.shape == (DRAWS, 60)
    assert np.all((lowest < 25.0) == (grades == 4))
    assert run.curves_1e9_per_L[:, :, 0].min(axis=-1) == pytest.approx(
        lowest[:, :5], rel=1e-12, abs=0
    )


def test_refuses_what_it_cannot_do(patients):
    columns = {k: v for k, v in patients.attributes.items() if k != COUNTS[2]}
    bare = Cohort(patients.subjects, columns, {}, "none")
    with pytest.raises(DataError, match="patients lack lymphocytes_1e9_per_L"):
        simulate_population(bare, TWICE, draws=1, seed=1, marrow=marrow_model(1))
    with pytest.raises(DataError, match=r"has the shape \(3,\) for 2 draws"):
        simulate_population(patients, TWICE, draws=2, seed=1, marrow=marrow_model(3))
    with pytest.raises(PhysicsRangeError, match="2 activities on 1 days"):
        Regimen((1.0, 2.0), (0.0,))
