"""The likelihood of published counts, each kind of row against a direct computation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pdcraft.core.dose_rate import DoseRate
from pdcraft.response.marrow.evidence import marrow_evidence
from pdcraft.response.marrow.observation import log_reported_nadir, nadir_and_recovery, observe
from pdcraft.response.marrow.parameters import MarrowParameters, priors
from pdcraft.response.marrow.simulate import simulate_counts
from pdcraft.response.marrow.target import MarrowTarget, named

ITEMS = {item.id: item for item in marrow_evidence()}
LINEAGES = ("platelets", "neutrophils", "lymphocytes")


@pytest.fixture(scope="module")
def unit():
    return 0.4 * np.random.default_rng(5).standard_normal((4, len(priors("stem"))))


def curve(unit, item, factor=1.0, form="stem"):
    """Daily counts over baseline by the general simulation, and the values behind them."""
    v = named("stem", unit)
    half_life = v["clr131_half_life_h" if item.study == "clover1" else "antibody_half_life_h"]
    rate = np.log(2) / half_life
    dose = 1e-3 * v[item.marrow] * item.MBq_per_m2[0] * 1.8 * factor
    if item.pretreated:
        dose = dose * v["pretreatment"]

    def of(name):
        return np.stack([v[f"{name}:{x}"] for x in LINEAGES], axis=-1)

    p = MarrowParameters.of(
        of("radiosensitivity_per_Gy"), of("transit_d"), of("feedback"), 1.0,
        stem_share=np.minimum(v["stem_share"], 1) * (form == "stem"), stem_per_d=v["stem_per_d"],
    )  # fmt: skip
    counts = simulate_counts(
        p, DoseRate.of_terms((dose * rate)[:, None], rate[:, None]), np.arange(141.0), step_d=0.2
    )
    return counts[:, LINEAGES.index(item.lineage)].T, v


def alone(item, unit):
    return MarrowTarget("stem", [item]).log_likelihood(unit)


def center_and_spread(unit, item, baseline_sd, form="stem"):
    here, v = curve(unit, item, form=form)
    steep, _ = curve(unit, item, 1.2, form)
    center = log_reported_nadir(here)
    slope = (log_reported_nadir(steep) - center) / np.log(1.2)
    return center, np.sqrt((slope * v["between_log_sd"]) ** 2 + 0.1**2 + baseline_sd**2), v


def test_a_median_and_range_of_three_is_three_patients(unit):
    item = ITEMS["cht25-370-neutrophils"]
    center, spread, v = center_and_spread(unit, item, 0.33)
    center = center + np.log(v["baseline_1e9_per_L:neutrophils"])
    seen = np.log([2.7, 3.0, 3.7])[:, None]
    want = np.log(6.0) + stats.norm.logpdf(seen, center, spread).sum(axis=0)
    # steps of the likelihood: 2 % of a count, a fraction of the spread of 0.35
    np.testing.assert_allclose(alone(item, unit), want, rtol=0, atol=0.05)


def test_a_least_count_below_the_trigger_is_censored(unit):
    item = replace(ITEMS["cht25-370-platelets"], low=6.0, median=30.0, high=60.0)
    center, spread, v = center_and_spread(unit, item, 0.33)
    center = center + np.log(v["baseline_1e9_per_L:platelets"])
    low = stats.norm.logcdf(np.log(10.0), center, spread)  # transfused below 10
    rest = stats.norm.logpdf(np.log([30.0, 60.0])[:, None], center, spread).sum(axis=0)
    np.testing.assert_allclose(alone(item, unit), np.log(6.0) + low + rest, rtol=0, atol=0.05)
    lower = alone(replace(item, low=2.0), unit)
    np.testing.assert_allclose(alone(item, unit), lower, rtol=1e-12, atol=0)


def test_a_range_of_shares_needs_no_baseline(unit):
    item = replace(ITEMS["cc49-platelets"], n=2)
    center, spread, _ = center_and_spread(unit, item, 0.1)
    want = np.log(2) + stats.norm.logpdf(np.log([0.05, 0.33])[:, None], center, spread).sum(axis=0)
    np.testing.assert_allclose(alone(item, unit), want, rtol=0, atol=0.1)
    other = unit.copy()
    keys = [row.key for row in priors("stem")]
    other[:, keys.index("baseline_1e9_per_L:platelets")] += 1.0
    np.testing.assert_allclose(alone(item, unit), alone(item, other), rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", ["clover1-nadir-day", "clover1-recovery"])
def test_times_are_those_of_the_typical_curve(unit, name):
    item = ITEMS[name]
    here, v = curve(unit, item)
    day, back = nadir_and_recovery(here, np.minimum(v["recovered_share"], 0.95))
    time = day if name.endswith("day") else back
    want = stats.norm.logpdf(np.log(item.value / time), 0.0, item.log_sd)
    # a day of 20 to 50 against errors of 15 and 30 %
    np.testing.assert_allclose(alone(item, unit), want, rtol=0, atol=0.6)


def test_rows_add_up_and_studies_can_be_left_out(unit):
    fitted = [item for item in marrow_evidence() if item.use == "fit"]
    whole = MarrowTarget("stem", fitted)
    parts = sum(whole.only(study).log_likelihood(unit) for study in whole.studies)
    np.testing.assert_allclose(whole.log_likelihood(unit), parts, rtol=1e-9, atol=0)
    without = whole.without("cc49").log_likelihood(unit) + whole.only("cc49").log_likelihood(unit)
    np.testing.assert_allclose(whole.log_likelihood(unit), without, rtol=1e-9, atol=0)


def test_only_the_product_of_dose_and_sensitivity_counts_for_an_antibody(unit):
    """Marrow dose of the antibody twofold, radiosensitivities halved: the same nadirs."""
    rows = priors("stem")
    keys = [row.key for row in rows]
    other = unit.copy()
    changes = {"cht25_mGy_per_MBq": 2.0} | {f"radiosensitivity_per_Gy:{x}": 0.5 for x in LINEAGES}
    for key, factor in changes.items():
        i = keys.index(key)
        other[:, i] += np.log(factor) / rows[i].log_sd
    study = MarrowTarget(
        "stem", [i for i in marrow_evidence() if i.study == "cht25" and i.use == "fit"]
    )
    np.testing.assert_allclose(
        study.log_likelihood(other), study.log_likelihood(unit), rtol=1e-9, atol=0
    )


def test_feedback_beyond_its_end_is_impossible(unit):
    i = [row.key for row in priors("stem")].index("feedback:platelets")
    other = unit.copy()
    other[0, i] = 2.0  # 0.4 exp(1) = 1.09
    found = MarrowTarget("stem", [ITEMS["cc49-platelets"]]).log_likelihood(other)
    assert np.isneginf(found[0])
    assert np.all(np.isfinite(found[1:]))


@pytest.mark.parametrize("name", ["cht25-370-platelets", "cht25-1480-neutrophils"])
def test_patients_scatter_as_the_likelihood_says(name):
    """2000 patients with their own baselines and effects, counted weekly, against center and SD."""
    item, n = ITEMS[name], 2000
    v = {
        key: values[0]
        for key, values in named("chain", np.zeros((1, len(priors("chain"))))).items()
    }
    rng = np.random.default_rng(8)

    def of(name):
        return np.array([v[f"{name}:{x}"] for x in LINEAGES])

    effect = np.exp(v["between_log_sd"] * rng.standard_normal((n, 1)))
    p = MarrowParameters.of(
        of("radiosensitivity_per_Gy") * effect, of("transit_d"), of("feedback"),
        of("baseline_1e9_per_L") * np.exp([0.33, 0.33, 0.5] * rng.standard_normal((n, 3))),
    )  # fmt: skip
    dose = 1e-3 * v[item.marrow] * 1.8 * item.MBq_per_m2[0]
    rate = np.log(2) / v["antibody_half_life_h"]
    counts = simulate_counts(p, DoseRate.of_terms(dose * rate, rate), np.arange(92.0))
    lineage = counts[:, LINEAGES.index(item.lineage)]
    seen = np.log(observe(lineage, item.lineage, rng).nadir_1e9_per_L)
    center, spread, _ = center_and_spread(np.zeros((1, len(priors("stem")))), item, 0.33, "chain")
    center = center + np.log(v[f"baseline_1e9_per_L:{item.lineage}"])
    # the least of several counts with 10 % error lies up to 0.1 lower: not in the likelihood
    assert np.median(seen) == pytest.approx(center[0], rel=0, abs=0.13)
    assert seen.std() == pytest.approx(spread[0], rel=0.1, abs=0)
