"""Fits of known curves: what was put in comes out, and what the data cannot say is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdcraft.data.nuclides import half_life_h
from pdcraft.errors import DataError
from pdcraft.io.biodist import Biodistribution, RegionData, read_biodist
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.region_fit import FitOptions

EXAMPLE = Path(__file__).parents[3] / "examples" / "mouse_i131" / "biodistribution.csv"
TIMES = np.array([0.5, 1, 2, 4, 8, 16, 24, 48, 72, 120])
I131, LU177 = half_life_h("I-131"), half_life_h("Lu-177")
FEW = FitOptions(draws=200)


def region(time_h, value, *, unit="%IA", name="liver", subject=None, sd=None, animals=None,
           censored=None, corrected=True, nuclide=None):  # fmt: skip
    n = len(value)
    return RegionData(
        region=name,
        unit=unit,
        decay_corrected=corrected,
        nuclide=nuclide,
        subject=tuple(subject) if subject is not None else ("",) * n,
        time_h=np.asarray(time_h, float),
        value=np.asarray(value, float),
        sd=np.full(n, np.nan) if sd is None else np.asarray(sd, float),
        animals=np.ones(n, int) if animals is None else np.asarray(animals),
        censored=np.zeros(n, bool) if censored is None else np.asarray(censored),
    )


def fit(*regions, payload="I-131", options=FEW, **known):
    return fit_biodistribution(
        Biodistribution("b.csv", tuple(regions)), payload, options=options, **known
    )


def value_of(result, name="liver", key="tiac_h"):
    return result.document()["regions"][name][key]["value"]


# -- what was put in comes out ---------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    st.floats(5, 60), st.floats(0.0, 0.02), st.floats(0.05, 0.6), st.floats(0.1, 0.9),
    st.sampled_from(["exp2", "uptake"]),
)  # fmt: skip
def test_noise_free_data_give_the_integral_back(amount, slow, fast, share, shape):
    c = np.array([share, 1 - share]) if shape == "exp2" else np.array([1.0, -1.0])
    r = np.array([slow, slow + fast])
    value = amount * (np.exp(-np.outer(TIMES, r)) @ c)
    options = FitOptions(draws=60, error="constant")
    got = fit(region(TIMES, value), options=options)
    want = amount / 100 * float((c / (r + np.log(2) / I131)).sum())
    # draws of a perfect fit have no spread but that of the loose directions; the fit stops at a
    # cost change of 1e-11, and where the rates nearly agree a flat valley remains
    assert got.region("liver").best[0].at(TIMES) == pytest.approx(value / 100, rel=1e-4, abs=1e-6)
    assert value_of(got) == pytest.approx(want, rel=2e-3, abs=0)


def test_scaling_the_data_scales_the_result():
    rng = np.random.default_rng(3)
    value = 20 * np.exp(-0.05 * TIMES) * np.exp(0.05 * rng.standard_normal(TIMES.size))
    one, three = fit(region(TIMES, value)), fit(region(TIMES, 3 * value))
    assert value_of(three) == pytest.approx(3 * value_of(one), rel=1e-6, abs=0)
    assert one.region("liver").weights == pytest.approx(three.region("liver").weights, abs=1e-6)


def test_values_not_corrected_for_decay_are_the_same_biology():
    value = 30 * np.exp(-0.02 * TIMES) + 5 * np.exp(-0.4 * TIMES)
    seen = value * 0.5 ** (TIMES / LU177)
    corrected = fit(region(TIMES, value), payload="Lu-177")
    raw = fit(region(TIMES, seen, corrected=False), payload="Lu-177")
    assert value_of(raw) == pytest.approx(value_of(corrected), rel=1e-6, abs=0)
    # measured with Lu-177, wanted for I-131: the decay taken out is that of Lu-177
    moved = fit(region(TIMES, seen, corrected=False), payload="I-131", measured_with="Lu-177")
    assert value_of(moved) == pytest.approx(value_of(fit(region(TIMES, value))), rel=1e-6, abs=0)
    said = fit(region(TIMES, seen, corrected=False, nuclide="Lu-177"), payload="I-131")
    assert value_of(said) == pytest.approx(value_of(moved), rel=1e-12, abs=0)
    assert said.measured_with == "Lu-177"


def test_another_payload_has_the_same_curves_and_its_own_coefficients():
    data = read_biodist(EXAMPLE)
    iodine = fit_biodistribution(data, "I-131", options=FEW)
    moved = iodine.for_payload("Y-90")
    fresh = fit_biodistribution(data, "Y-90", measured_with="I-131", options=FEW)
    assert moved.document()["regions"] == fresh.document()["regions"]
    assert value_of(moved, "tumor", "tiac_h_per_g") < value_of(iodine, "tumor", "tiac_h_per_g")
    for a, b in zip(iodine.regions, moved.regions, strict=True):
        assert np.array_equal(a.coefficients, b.coefficients)


def test_a_notebook_shows_the_integral_of_each_region():
    one = fit(
        region(TIMES, 10 * np.exp(-0.05 * TIMES)), region([1.0, 2.0], [3.0, 2.0], name="skin")
    )
    shown = one._repr_html_()
    assert "I-131: time-integrated activity coefficients" in shown
    assert f"<td>liver</td><td>exp1</td><td>{value_of(one):.4g}</td>" in shown
    assert "<td>skin</td><td>none</td><td></td>" in shown  # not fitted: no number


# -- units -----------------------------------------------------------------------------------


def test_concentrations_never_become_organ_totals():
    value = 10 * np.exp(-0.05 * TIMES)
    keys = {
        "%IA": "tiac_h", "MBq": "tiac_h", "%IA/g": "tiac_h_per_g", "SUV": "tiac_h_per_g",
        "MBq/mL": "tiac_h_per_mL",
    }  # fmt: skip
    for unit, key in keys.items():
        got = fit(region(TIMES, value, unit=unit), body_mass_g=25.0, administered_MBq=40.0)
        entry = got.document()["regions"]["liver"]
        assert [k for k in ("tiac_h", "tiac_h_per_g", "tiac_h_per_mL") if entry[k]] == [key]

    # SUV 1 is 1 / body mass: 100 / 25 = 4 %IA/g; 10 MBq of 40 MBq are 25 %IA
    def of(unit):
        got = fit(region(TIMES, value, unit=unit), body_mass_g=25.0, administered_MBq=40.0)
        return value_of(got, key=keys[unit])

    assert of("SUV") == pytest.approx(4 * of("%IA/g"), rel=1e-6, abs=0)
    assert of("MBq") == pytest.approx(2.5 * of("%IA"), rel=1e-6, abs=0)


def test_units_that_need_more_say_so_all_at_once():
    value = np.exp(-0.05 * TIMES)
    with pytest.raises(DataError) as caught:
        fit(region(TIMES, value, unit="SUV"), region(TIMES, value, unit="MBq/mL", name="blood"))
    hints = [p.hint for p in caught.value.problems]
    assert "--body-mass" in hints[0]
    assert "--administered" in hints[1]


# -- tails -----------------------------------------------------------------------------------


def test_the_three_tails_of_one_curve():
    value = 40 * np.exp(-0.03 * TIMES)
    tails = {
        tail: fit(region(TIMES, value), options=FitOptions(tail=tail, draws=60, error="constant"))
        for tail in ("none", "fitted", "physical")
    }
    rate, last = 0.03 + np.log(2) / I131, TIMES[-1]
    inside = 0.4 * (1 - np.exp(-rate * last)) / rate
    end = 0.4 * np.exp(-rate * last)
    # a perfect fit; what the draws keep is below 1e-4
    assert value_of(tails["none"]) == pytest.approx(inside, rel=1e-4, abs=0)
    assert value_of(tails["fitted"]) == pytest.approx(inside + end / rate, rel=1e-4, abs=0)
    want = inside + end * I131 / np.log(2)
    assert value_of(tails["physical"]) == pytest.approx(want, rel=1e-4, abs=0)
    assert tails["none"].region("liver").extrapolated_share == 0.0


def test_retention_is_a_rate_of_zero_and_flagged():
    value = 30 * (1 - np.exp(-0.5 * TIMES))
    got = fit(region(TIMES, value), options=FitOptions(draws=60, error="constant"))
    one = got.region("liver")
    assert one.model == "uptake_exp1"
    assert one.best[0].terms[1][0] == pytest.approx(0.0, abs=1e-6)  # of an uptake rate of 0.5/h
    share = one.extrapolated_share
    assert share == pytest.approx(np.exp(-np.log(2) / I131 * 120), rel=0.02)  # uptake adds 1.5%
    assert any(f.startswith("extrapolated: 6") for f in one.flags)
    assert got.time_courses()[0].activity(I131).integral().values.max() < 0.3 * I131 / np.log(2)


# -- which model -----------------------------------------------------------------------------


def test_a_model_without_aicc_is_refused_not_chosen():
    t = np.array([1.0, 4, 24, 48, 96])
    value = 10 * np.exp(-0.1 * t) + 20 * np.exp(-0.001 * t)
    sd = 0.001 * value
    one = fit(region(t, value, sd=sd)).region("liver")
    assert set(one.weights) == {"exp1", "uptake_exp1"}  # 2 and 3 parameters; 4 leave n - k - 1 = 0
    assert one.refused["exp2"] == "5 values for 4 parameters: n - k - 1 = 0"
    assert one.model == "exp1"


def test_too_few_values_leave_nulls_and_the_reason():
    few = region([1.0, 4, 24], [5.0, 4, 1])
    enough = region(TIMES, 10 * np.exp(-0.05 * TIMES), name="blood")
    entry = fit(few, enough).document()["regions"]["liver"]
    assert entry["model"] is None
    assert entry["aicc"] is None
    assert entry["tiac_h"] is None
    assert entry["extrapolated_share"] is None
    assert entry["flags"][0].startswith("not fitted: even exp1 is refused (3 values for 3")
    assert entry["nca"][0]["value"] > 0
    with pytest.raises(DataError, match="even exp1 is refused"):
        fit(few)


def test_many_animals_at_few_times_do_not_carry_a_model_of_many_rates():
    # 40 animals, but three times: four parameters would be free to do anything between
    t = np.repeat([1.0, 8, 48], 14)
    rng = np.random.default_rng(1)
    value = 10 * np.exp(-0.05 * t) * np.exp(0.1 * rng.standard_normal(t.size))
    one = fit(region(t, value, subject=[f"m{i}" for i in range(t.size)])).region("liver")
    assert one.refused["exp2"] == "3 distinct times for 4 parameters"


def test_weights_follow_the_aicc_of_models_that_explain_alike():
    # on an exact single exponential all models reach the same likelihood: only penalties differ
    value = 10 * np.exp(-0.05 * TIMES)
    rng = np.random.default_rng(8)
    noisy = value * np.exp(0.05 * rng.standard_normal(TIMES.size))
    one = fit(region(TIMES, noisy, sd=0.05 * value)).region("liver")
    assert one.model == "exp1"
    assert sum(one.weights.values()) == pytest.approx(1.0, rel=1e-12)
    # n = 10: penalty 2k + 2k(k+1)/(n-k-1) is 5.71 at k = 2 and 16 at k = 4; fits gain at most
    # a few units of deviance from two more parameters
    assert one.weights["exp2"] < one.weights["exp1"] * np.exp(-(16 - 5.71) / 2 + 4)


# -- designs ---------------------------------------------------------------------------------


def test_one_time_per_animal_makes_one_curve_and_says_so():
    t = np.repeat(TIMES, 4)
    rng = np.random.default_rng(4)
    value = 20 * np.exp(-0.03 * t) * np.exp(0.3 * rng.standard_normal(t.size))
    got = fit(region(t, value, subject=[f"m{i}" for i in range(t.size)]))
    entry = got.document()["regions"]["liver"]
    assert entry["design"] == "destructive"
    assert entry["n_subjects"] == 1
    assert entry["subjects"] is None
    assert entry["flags"][0].startswith("destructive sampling")
    assert got.time_courses()[0].coefficients.shape[1] == 1
    # 40 animals of 30% spread: the mean curve is known to about 30%/sqrt(40) = 5%
    e = entry["tiac_h"]
    assert 0.02 < e["sd"] / e["value"] < 0.12


def test_group_means_and_their_animals_choose_alike():
    rng = np.random.default_rng(11)
    t = np.repeat(TIMES[:8], 5)
    truth = 20 * np.exp(-0.6 * t) + 8 * np.exp(-0.02 * t)
    value = truth * (1 + 0.1 * rng.standard_normal(t.size))
    grouped = value.reshape(-1, 5)
    mean, sd = grouped.mean(axis=1), grouped.std(axis=1, ddof=1)
    means = fit(region(TIMES[:8], mean, sd=sd, animals=[5] * 8)).region("liver")
    animals = fit(region(t, value, subject=[f"m{i}" for i in range(40)])).region("liver")
    assert means.model == animals.model == "exp2"
    assert means.tiac_h.mean() == pytest.approx(animals.tiac_h.mean(), rel=0.05)


def test_six_means_of_five_animals_count_as_thirty_in_the_small_sample_term():
    # one exponential misses the liver's means by three standard errors each (chi-square 34 for 4
    # degrees of freedom); as a sample of six, AICc would still forbid the second one
    data = read_biodist(EXAMPLE)
    liver = Biodistribution(data.file, (data.region("liver"),))
    one = fit_biodistribution(liver, "I-131", options=FEW).region("liver")
    assert one.model == "exp2"
    best = one.best[0]
    deviance = best.likelihood.minus_two_log(best.model, best.theta[None], np.ones(1))[0]
    assert one.aicc == pytest.approx(deviance + 8 + 40 / 25, rel=1e-12, abs=0)


def test_the_error_of_a_group_mean_is_its_sem_not_the_sd():
    value = 20 * np.exp(-0.05 * TIMES)
    options = FitOptions(draws=200, models=("exp1",))
    means = region(TIMES, value, sd=0.3 * value, animals=[9] * TIMES.size)
    one = fit(means, options=options).region("liver")
    assert one.curves[0].sd == pytest.approx(0.1 * value / 100, rel=1e-12, abs=0)
    lone = fit(region(TIMES, value, sd=0.1 * value), options=options).region("liver")
    ratio = one.tiac_h.std() / lone.tiac_h.std()
    assert ratio == pytest.approx(1.0, rel=0.15)  # 200 draws know a spread to 5%


def test_each_subject_has_its_curve_and_the_mean_carries_their_spread():
    rng = np.random.default_rng(6)
    subjects, times, values = [], [], []
    scales = np.array([0.5, 0.8, 1.0, 1.3, 1.9])
    for i, scale in enumerate(scales):
        subjects += [f"s{i}"] * TIMES.size
        times += TIMES.tolist()
        noise = np.exp(0.03 * rng.standard_normal(TIMES.size))
        values += (scale * 20 * np.exp(-0.04 * TIMES) * noise).tolist()
    got = fit(region(times, values, subject=subjects), options=FitOptions(draws=4000))
    entry = got.document()["regions"]["liver"]
    assert entry["design"] == "serial"
    assert entry["n_subjects"] == 5
    assert got.time_courses()[0].coefficients.shape[:2] == (4000, 5)
    unit = 0.2 / (0.04 + np.log(2) / I131)
    # between subjects 0.53 of unit; noise of 3% in ten values moves a subject by 1% to 2%
    assert entry["subjects"]["sd"] == pytest.approx(unit * scales.std(ddof=1), rel=0.1)
    # 95% limits of a mean of five logarithms: t with 4 degrees of freedom, 2.776 (tables)
    logs = np.log(unit * scales)
    reach = 2.776 * logs.std(ddof=1) / 5**0.5
    for key, want in (("low", logs.mean() - reach), ("high", logs.mean() + reach)):
        assert entry["tiac_h"][key] == pytest.approx(np.exp(want), rel=0.05, abs=0)


def test_a_subject_with_too_few_values_is_left_out_by_name():
    subject = ["a"] * TIMES.size + ["b"] * 2
    value = 10 * np.exp(-0.05 * np.append(TIMES, [1.0, 2.0]))
    one = fit(region(np.append(TIMES, [1.0, 2.0]), value, subject=subject)).region("liver")
    assert [c.subject for c in one.curves] == ["a"]
    assert "subject b left out: 2 values are too few" in one.notes


# -- censored values -------------------------------------------------------------------------


def test_values_below_quantification_pull_as_limits_not_as_numbers():
    rng = np.random.default_rng(9)
    value = 10 * np.exp(-0.08 * TIMES) * np.exp(0.1 * rng.standard_normal(TIMES.size))
    limit = 0.5
    below = value < limit
    assert below.sum() == 3
    options = FitOptions(draws=300, models=("exp1",))

    def rate(seen, mask):
        one = fit(region(TIMES, seen, censored=mask), options=options).region("liver")
        return one.best[0].terms[1][0]

    none = np.zeros_like(below)
    truth = rate(value, none)
    censored = rate(np.where(below, limit, value), below)
    as_numbers = rate(np.where(below, limit, value), none)
    assert abs(censored - truth) < 0.1 * truth
    assert abs(as_numbers - truth) > 3 * abs(censored - truth)


def test_what_lies_behind_the_last_quantified_value_is_extrapolated():
    value = 10 * np.exp(-0.08 * TIMES)
    below = value < 0.5
    data = region(TIMES, np.where(below, 0.5, value), censored=below)
    one = fit(data, options=FitOptions(draws=60, models=("exp1",), tail="none")).region("liver")
    assert one.curves[0].last_h == 24.0
    rate = 0.08 + np.log(2) / I131
    # an exact curve; its censored values add a draw's spread of a percent
    assert one.tiac_h.mean() == pytest.approx(0.1 * (1 - np.exp(-rate * 24)) / rate, rel=0.02)


def test_a_region_wholly_below_quantification_is_not_fitted():
    nothing = region(TIMES, np.full(TIMES.size, 0.1), censored=np.ones(TIMES.size, bool))
    some = region(TIMES, 10 * np.exp(-0.05 * TIMES), name="blood")
    entry = fit(nothing, some).document()["regions"]["liver"]
    assert entry["tiac_h"] is None
    assert "every value is below quantification" in entry["flags"][0]


# -- the document ----------------------------------------------------------------------------


def test_the_document_has_every_key_no_nan_and_repeats_exactly():
    data = read_biodist(EXAMPLE)
    one, two = (fit_biodistribution(data, "131I", options=FEW).document() for _ in range(2))
    text = json.dumps(one, allow_nan=False)
    assert text == json.dumps(two, allow_nan=False)
    other = fit_biodistribution(data, "I-131", options=FitOptions(draws=200, seed=2)).document()
    assert other["regions"]["blood"]["tiac_h_per_g"] != one["regions"]["blood"]["tiac_h_per_g"]
    assert other["regions"]["blood"]["aicc"] == one["regions"]["blood"]["aicc"]


def test_regions_do_not_share_their_random_numbers_with_their_neighbors():
    data = read_biodist(EXAMPLE)
    alone = Biodistribution(data.file, (data.region("liver"),))
    together = fit_biodistribution(data, "I-131", options=FEW).region("liver")
    lone = fit_biodistribution(alone, "I-131", options=FEW).region("liver")
    assert np.array_equal(together.tiac_h, lone.tiac_h)


@pytest.mark.parametrize("method", ["laplace", "bootstrap"])
def test_time_courses_integrate_to_the_fitted_tail(method):
    options = FitOptions(draws=100, method=method)
    got = fit_biodistribution(read_biodist(EXAMPLE), "I-131", options=options)
    (course,) = got.time_courses()
    integral = course.activity(got.half_life_h).integral()
    want = np.stack([r.tiac_h for r in got.regions], axis=2)
    np.testing.assert_allclose(integral.values, want, rtol=1e-12, atol=0)  # two roundings
    assert course.at(np.linspace(0, 200, 300)).min() > -1e-12  # of values around 0.1


def test_options_are_checked():
    with pytest.raises(DataError, match="tail 'linear' is not one of fitted, physical, none"):
        FitOptions(tail="linear")
    with pytest.raises(DataError, match="'exp9' is not one of exp1"):
        FitOptions(models=("exp9",))
    with pytest.raises(DataError, match="needs sd"):
        fit(region(TIMES, 1.0 + TIMES / 10), options=FitOptions(error="sd", draws=60))


def test_few_animals_are_named_in_the_flags():
    found = fit_biodistribution(read_biodist(EXAMPLE), "I-131", options=FitOptions(draws=100))
    assert all("from 5 animals a time" in " ".join(r.flags) for r in found.regions)
