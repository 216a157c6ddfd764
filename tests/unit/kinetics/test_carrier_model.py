"""What must be true of the carrier in a body, each claim against something outside the code."""

import itertools

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.kinetics.carrier.courses import time_courses
from pdcraft.kinetics.carrier.excretion import excretion
from pdcraft.kinetics.carrier.model import build
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import host, priors
from pdcraft.kinetics.carrier.raft import RaftChange

SPECIES = ("mouse", "human")
TIMES_h = np.array([0.0, 0.5, 6.0, 24.0, 96.0, 336.0, 1008.0])


def draws(species, n=200, seed=20261121):
    return priors(species).draw(n, np.random.default_rng(seed))


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize("label", ["iodine", "metal"])
def test_all_of_it_stays_without_clearance(species, label):
    parameters = draws(species) | {"clearance_mL_per_h": np.zeros(200)}
    model = build(host(species), parameters, label=label)
    total = model.system.curves(model.initial, TIMES_h).sum(axis=-2)
    # rounding of the engine: 2e-16 x fastest rate x time, below 1e-9 for rates under 1000/h
    np.testing.assert_allclose(total, 1.0, rtol=1e-9, atol=0)


@pytest.mark.parametrize("species", SPECIES)
def test_what_leaves_the_plasma_by_the_liver_is_clearance_times_area(species):
    # clearance is dose over area: with one way out, the area of the plasma to infinity is 1/CL,
    # however the rest of the body exchanges (Gibaldi and Perrier, chapter 2)
    parameters = draws(species)
    area = observe(host(species), parameters).integral("plasma")
    # the slowest draws hold rates 1e6 apart: cancellation of the terms takes 1e-16 x 1e6 and more
    np.testing.assert_allclose(area * parameters["clearance_mL_per_h"], 1.0, rtol=1e-6, atol=0)


@pytest.mark.parametrize("species", SPECIES)
def test_terms_agree_with_the_matrix_exponential(species):
    parameters = draws(species, 20)
    seen = observe(host(species), parameters, blocked=0.5)
    model = seen.model
    curves = model.system.curves(model.initial, TIMES_h)
    for region in model.regions:
        want = np.einsum(
            "ns,nst->nt", np.broadcast_to(model.weights(region), curves.shape[:2]), curves
        )
        got = seen.concentration(region, TIMES_h)
        # the tumor holds a millionth of the body: 1e-16 of the whole is 1e-10 of it, times 1e3
        scale = want.max(axis=-1, keepdims=True)
        np.testing.assert_allclose(got / scale, want / scale, rtol=0, atol=1e-7)


def test_integral_with_decay_is_the_area_under_the_decaying_curve():
    seen = observe(host("mouse"), priors("mouse").typical())
    fine_h = np.concatenate([[0.0], np.geomspace(1e-3, 20000.0, 40001)])
    half_life_h = 159.5
    for region in ("plasma", "tumor", "liver", "red_marrow"):
        curve = seen.concentration(region, fine_h)[0] * np.exp2(-fine_h / half_life_h)
        want = np.trapezoid(curve, fine_h)
        got = seen.integral(region, half_life_h=half_life_h)[0]
        assert got == pytest.approx(want, rel=1e-5, abs=0)  # trapezoid of 4e-4 relative steps


def test_decay_takes_away_and_never_adds():
    # a sign fault in decay makes the integral of the label longer than that of the carrier
    seen = observe(host("human"), draws("human"))
    carrier = seen.integral("red_marrow")
    label = seen.integral("red_marrow", half_life_h=192.5)
    shorter = seen.integral("red_marrow", half_life_h=100.2)
    assert np.all(shorter < label)
    assert np.all(label < carrier)


@pytest.mark.parametrize("species", SPECIES)
def test_without_rafts_tissue_only_washes_out(species):
    # a tumor without rafts follows the membrane's own convolution: no memory beyond exchange
    bare = observe(host(species), priors(species).typical(), raft=RaftChange(cholesterol=0.0))
    retained = bare.model.system.index("tumor_retained")
    assert np.all(bare.coefficients[:, retained] == 0.0)
    late_h = np.array([200.0, 400.0]) * (1 if species == "mouse" else 20)
    ratio = bare.ratio("tumor", "remainder", late_h)
    parameters = priors(species).typical()
    # at the slow rate both membranes follow plasma: their ratio is that of the partitions
    want = parameters["tumor_partition_mL_per_g"] / parameters["body_partition_mL_per_g"]
    np.testing.assert_allclose(ratio[0], want[0], rtol=1e-3, atol=0)  # feedback of a tracer


def test_tumor_that_weighs_more_takes_more_but_a_small_one_is_a_tracer():
    typical = priors("mouse").typical()
    tracer = observe(host("mouse"), typical).integral("tumor", half_life_h=159.5)
    small = observe(host("mouse"), typical, tumor_mass_g=1e-4).integral("tumor", half_life_h=159.5)
    large = observe(host("mouse"), typical, tumor_mass_g=1.0).integral("tumor", half_life_h=159.5)
    np.testing.assert_allclose(small, tracer, rtol=1e-3, atol=0)  # 1e-4 g hold 1e-5 of the dose
    assert large < 0.99 * tracer


@pytest.mark.parametrize("species", SPECIES)
def test_less_cholesterol_means_less_uptake(species):
    left = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)

    def uptake(cholesterol, where):
        seen = observe(host(species), draws(species, 50), raft=RaftChange(cholesterol, where=where))
        return seen.concentration("tumor", [24.0, 96.0]), (
            seen.integral("tumor", to_h=1000.0) / seen.integral("plasma", to_h=1000.0)
        )

    tumor_only = [uptake(c, "tumor")[0] for c in left]
    for more, less in itertools.pairwise(tumor_only):
        assert np.all(less < more)
    # where normal tissue loses its rafts too, plasma holds more: uptake per exposure falls
    everywhere = [uptake(c, "all")[1] for c in left]
    for more, less in itertools.pairwise(everywhere):
        assert np.all(less < more)


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize("label", ["iodine", "metal"])
def test_every_draw_of_the_prior_has_a_solution(species, label):
    parameters = draws(species, 20_000)
    seen = observe(host(species), parameters, label=label)
    assert np.all(seen.rates_per_h >= 0)
    assert np.all(seen.concentration("tumor", TIMES_h[1:]) > 0)


def test_draws_with_equal_rates_are_solved_and_move_no_other_draw():
    parameters = draws("mouse", 50)
    alone = observe(host("mouse"), parameters, label="metal").integral("liver", half_life_h=159.5)
    # the liver empties as fast as the chelate leaves it: one and the same rate
    residence = parameters["liver_residence_h"].copy()
    residence[7] = parameters["residual_h"][7]
    equal = parameters | {"liver_residence_h": residence}
    got = observe(host("mouse"), equal, label="metal").integral("liver", half_life_h=159.5)
    assert np.isfinite(got[7])
    np.testing.assert_allclose(np.delete(got, 7), np.delete(alone, 7), rtol=1e-12, atol=0)
    near = residence * (1 + 1e-3)
    beside = observe(host("mouse"), parameters | {"liver_residence_h": near}, label="metal")
    want = beside.integral("liver", half_life_h=159.5)[7]
    assert got[7] == pytest.approx(want, rel=2e-3, abs=0)  # continuous: 1e-3 off in one time


def test_a_metal_stays_in_the_liver_that_iodine_leaves():
    parameters = draws("mouse")
    iodine = observe(host("mouse"), parameters).integral("liver", half_life_h=159.5)
    metal = observe(host("mouse"), parameters, label="metal").integral("liver", half_life_h=159.5)
    assert np.all(metal > iodine)
    # where nothing is broken down, the label makes no difference
    whole = parameters | {"catabolized_odds": np.zeros(200)}
    iodine = observe(host("mouse"), whole).integral("liver", half_life_h=159.5)
    metal = observe(host("mouse"), whole, label="metal").integral("liver", half_life_h=159.5)
    np.testing.assert_allclose(metal, iodine, rtol=1e-6, atol=0)  # cancellation of the terms


def test_time_courses_hold_what_is_observed_and_decay_enters_once():
    parameters = draws("human", 30)
    seen = observe(host("human"), parameters, blocked=0.0)
    plasma, tissues, whole = time_courses(host("human"), parameters, "test")
    at = tissues.at(TIMES_h)
    for i, region in enumerate(tissues.regions):
        want = seen.concentration(region, TIMES_h)
        np.testing.assert_allclose(at[:, 0, i], want, rtol=1e-12, atol=1e-15 * want.max())
    integral = plasma.activity(192.5).integral().values[:, 0, 0]
    np.testing.assert_allclose(
        integral, seen.integral("plasma", half_life_h=192.5), rtol=1e-12, atol=0
    )
    body = whole.at(TIMES_h)[:, 0, 0]
    assert np.all(np.diff(body, axis=-1) < 0)
    np.testing.assert_allclose(body[:, 0], 1.0, rtol=1e-9, atol=0)  # sum of terms


def test_the_body_empties_of_iodine_but_for_what_the_thyroid_keeps():
    _, _, whole = time_courses(host("mouse"), priors("mouse").typical(), "test", blocked=1.0)
    body, thyroid = (
        whole.at(np.array([5000.0]))[0, 0, whole.regions.index(r), 0]
        for r in ("total_body", "thyroid")
    )
    assert thyroid < 1e-12  # no iodide; its membranes hold what all tissue does, which is gone
    assert body < 1e-5  # half-life of days: nothing stays, and urine is not the body


def test_unknown_region_is_refused_with_those_known():
    seen = observe(host("mouse"), priors("mouse").typical())
    with pytest.raises(DataError, match=r"mouse has no region 'spleen'; it has liver, red_marrow"):
        seen.integral("spleen")


def test_organs_of_iodide_hold_the_carrier_of_all_tissue_beside_it():
    parameters = draws("human", 20)
    seen = observe(host("human"), parameters, blocked=1.0)
    _, _, whole = time_courses(host("human"), parameters, "test", blocked=1.0)
    thyroid = whole.at(TIMES_h)[:, 0, whole.regions.index("thyroid")]
    tissue = 20.0 * seen.concentration("remainder", TIMES_h)  # g of ICRP 89
    np.testing.assert_allclose(thyroid, tissue, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("label", "ways"), [("iodine", {"urine", "bile"}), ("metal", {"bile"})])
def test_what_leaves_is_what_the_body_loses(label, ways):
    """Balance: the body and all that flowed out of it by then are what was given."""
    parameters = draws("human", 40)
    out = excretion(host("human"), parameters, label=label, blocked=1.0)
    assert set(out) == ways
    *_, whole = time_courses(host("human"), parameters, "test", label=label, blocked=1.0)
    times = np.array([1.0, 10.0, 100.0, 500.0])
    body = whole.at(times)[:, 0, whole.regions.index("total_body")]
    for c, r in out.values():
        rate = np.where(r > 1e-9, r, 1.0)[..., None]
        body = body + ((c[..., None] / rate) * -np.expm1(-rate * times)).sum(axis=1)
    if label == "iodine":  # the thyroid takes nothing, so no hormone leaves with feces
        np.testing.assert_allclose(body, 1.0, rtol=1e-7, atol=0)
    else:  # a metal's residue leaves the liver on a way that is in neither flow
        assert np.all(body <= 1.0 + 1e-9)
        assert np.all(np.diff(body, axis=1) <= 1e-12)
