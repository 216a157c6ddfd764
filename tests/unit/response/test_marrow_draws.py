"""The shipped draws: made from these tables, averaged over both forms, and what they predict."""

import hashlib
import json
from dataclasses import replace
from importlib.resources import files
from io import BytesIO

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.response.marrow.draws import ALL, marrow_draws, read_draws, write_draws
from pdcraft.response.marrow.evidence import marrow_evidence
from pdcraft.response.marrow.fit import DRAWS, TABLES, fit_form, fit_jobs
from pdcraft.response.marrow.parameters import FORMS, priors
from pdcraft.response.marrow.predict import clr131_dose_rate, leukocytes, predict
from pdcraft.response.marrow.simulate import simulate_counts

ITEMS = {item.id: item for item in marrow_evidence()}


@pytest.fixture(scope="module")
def record():
    text = files("pdcraft.data").joinpath("response", "marrow_fit.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_the_draws_follow_from_the_packaged_tables(record):
    for name in TABLES:
        text = files("pdcraft.data").joinpath("response", name).read_text(encoding="utf-8")
        assert record["tables_sha256"][name] == hashlib.sha256(text.encode()).hexdigest(), (
            f"{name} has changed: fit anew with python -m pdcraft.response.marrow fit"
        )


def test_every_form_and_study_left_out_is_there():
    draws = marrow_draws()
    assert set(draws.values) == set(fit_jobs())
    for (form, _), values in draws.values.items():
        assert values.shape == (DRAWS, len(priors(form)))
        for i, row in enumerate(priors(form)):
            assert np.all((values[:, i] > 0) & (values[:, i] <= row.below)), row.key
            # priors end at 3 SD; single precision
            assert np.abs(np.log(values[:, i] / row.median)).max() <= 3.0001 * row.log_sd


def test_data_do_not_separate_the_forms(record):
    weight = marrow_draws().weight()
    assert sum(weight.values()) == pytest.approx(1.0, rel=1e-12, abs=0)
    assert not record["separated"]
    assert 0.05 < weight["stem"] < 0.95


def test_averaged_draws_hold_both_forms_by_weight():
    draws = marrow_draws()
    found = draws.averaged(1000, seed=1)
    share = np.mean(found["stem_share"] > 0)
    assert share == pytest.approx(draws.weight()["stem"], rel=0, abs=1e-3)  # rounded to a draw
    again = draws.averaged(1000, seed=1)
    np.testing.assert_array_equal(found["transit_d:platelets"], again["transit_d:platelets"])


def test_writing_and_reading_changes_nothing():
    file = BytesIO()
    write_draws(marrow_draws(), file)
    file.seek(0)
    back = read_draws(file)
    for key, values in marrow_draws().values.items():
        np.testing.assert_array_equal(back.values[key], values)
    assert back.log_evidence == dict(marrow_draws().log_evidence)


def test_a_study_that_was_not_left_out_is_refused():
    with pytest.raises(DataError, match="draws without is called 'cht-52'"):
        marrow_draws().averaged(10, without="cht-52")


def test_what_the_fit_does_not_describe_is_named():
    """Medians of the antibody outside the limits of draws that saw them: see the methods page."""
    nadirs = [item for item in ITEMS.values() if item.study == "cht25" and item.use == "fit"]
    found = [predict(item, marrow_draws()) for item in nadirs]
    outside = {p.item.id for p in found if p.verdict == "outside"}
    assert outside == {"cht25-740-platelets", "cht25-740-neutrophils"}


def test_more_activity_means_lower_counts():
    p = marrow_draws().parameters(50, 20, seed=2)
    days = np.arange(0.0, 99.0)
    counts = [
        simulate_counts(p, clr131_dose_rate(np.array(0.54), np.array(156.0), (MBq,), (0.0,)), days)
        for MBq in (832.0, 1665.0)
    ]
    low, high = (np.median(c.min(axis=-1), axis=(0, 1)) for c in counts)
    assert np.all(high < low)


def test_spread_of_the_effect_can_be_left_to_the_dose_rates():
    alike = marrow_draws().parameters(5, 4, effect_log_sd=0.0).radiosensitivity_per_Gy
    np.testing.assert_allclose(alike, alike[:, :1] * np.ones((1, 4, 1)), rtol=1e-12, atol=0)
    wide = marrow_draws().parameters(5, 4000, effect_log_sd=0.5).radiosensitivity_per_Gy
    # 5 SE of an SD of 4000 values
    np.testing.assert_allclose(np.log(wide).std(axis=1), 0.5, rtol=0.06, atol=0)


def test_patients_who_were_treated_before_lose_more():
    item = ITEMS["hnc-grade4-platelets"]
    days = np.arange(0.0, 99.0)
    rate = clr131_dose_rate(np.array(0.54), np.array(156.0), item.MBq_per_m2, item.at_d)
    plain, before = (
        simulate_counts(marrow_draws().parameters(100, 5, pretreated=b), rate.scaled(1.8), days)
        for b in (False, True)
    )
    worse = np.mean(before.min(axis=-1) < plain.min(axis=-1))
    assert worse > 0.6  # the factor is above 1 in most draws


def test_more_patients_reach_a_low_grade_than_a_high_one():
    anyone = replace(ITEMS["hnc-grade4-platelets"], ctcae_grade=1)
    third = replace(anyone, ctcae_grade=3)
    fourth = replace(anyone, ctcae_grade=4)
    found = [predict(item, marrow_draws(), n=200).median for item in (anyone, third, fourth)]
    assert found[0] > found[1] >= found[2]
    assert found[0] >= 6  # half of them fall below normal after 1.1 Gy


def test_without_activity_counts_below_75_are_rare_and_below_150_are_not():
    """Log-normal baselines about 250, SD 0.33: 0.2 % and 10 %, more by the least of 18 counts."""
    nobody = replace(ITEMS["myeloma72-grade3-platelets"], MBq_per_m2=(1e-6, 1e-6), ctcae_grade=2)
    assert predict(nobody, marrow_draws(), n=100).median <= 3
    below_normal = predict(replace(nobody, ctcae_grade=1), marrow_draws(), n=100).median
    assert 7 <= below_normal <= 30


def test_leukocytes_are_neutrophils_lymphocytes_and_a_tenth():
    counts = np.array([[200.0], [4.0], [1.0]])
    np.testing.assert_allclose(leukocytes(counts), [5.5], rtol=1e-12, atol=0)


def test_a_count_of_patients_is_a_whole_number_within_the_trial():
    found = predict(ITEMS["hnc-grade4-platelets"], marrow_draws(), n=100)
    assert 0 <= found.low <= found.median <= found.high <= 12
    assert found.printed == 5


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_short_fit_finds_the_shipped_one(form, record):
    found = fit_form(form, ALL, points=400, moves=3)
    shipped = marrow_draws().of_form(form)
    evidence = marrow_draws().log_evidence[form, ALL]
    # 400 points: the logarithm of the evidence scatters by some tenths
    assert found.log_evidence == pytest.approx(evidence, rel=0, abs=1.5)
    for i, row in enumerate(priors(form)):
        shift = np.median(np.log(found.draws[:, i])) - np.median(np.log(shipped[row.key]))
        assert abs(shift) < 0.4 * row.log_sd, row.key
