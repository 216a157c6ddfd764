"""The response stage: dose rates that carry their dose, counts, beams, responses, refusals."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import StudyError
from pdcraft.response.marrow.draws import marrow_draws
from pdcraft.response.marrow.parameters import LINEAGES, MarrowParameters
from pdcraft.response.marrow.simulate import simulate_counts
from pdcraft.study.ledger import Ledger
from pdcraft.study.model import Response
from pdcraft.study.response.counts import ArmCounts, MarrowModel, count_rows
from pdcraft.study.response.rates import bolus_rates
from pdcraft.study.run import run_study

EXAMPLES = Path(__file__).parents[3] / "examples"
DRAWS = 60
MAN = "CLR 131/human"
LN2 = np.log(2.0)


def changed(tmp_path, name, *pairs):
    """Return an example's study file with some of its text replaced and few patients."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


FEW = ("subjects = 30", "subjects = 12")
# one arm of the middle out: two remain with the fractionated one
FEWER_ARMS = (
    '[[arm]]\nname = "25 mCi per m2"\n[[arm.administration]]\namount = "25 mCi/m^2"\n\n', "",
)  # fmt: skip


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    path = changed(tmp_path_factory.mktemp("counts"), "clr131_counts/study.toml", FEW, FEWER_ARMS)
    return run_study(path, draws=DRAWS).run


@pytest.fixture(scope="module")
def beam(tmp_path_factory):
    path = changed(tmp_path_factory.mktemp("beam"), "head_neck_beam/study.toml", FEW)
    return run_study(path, draws=DRAWS).run


@pytest.fixture(scope="module")
def myeloma(tmp_path_factory):
    path = changed(tmp_path_factory.mktemp("mm"), "myeloma_waldenstrom/study.toml", FEW)
    return run_study(path, draws=DRAWS).run


def summary(run, kind, region, arm, stage="response"):
    return run.row(f"{stage}/{kind}/{region}/{MAN}/{arm}").summary


def test_dose_rates_integrate_to_the_dose_of_each_draw_and_each_administration():
    """Against exp(-kt) alone: 2 Gy and 5 Gy per GBq, half given at 0 h and half a week later."""
    half_life = 150.0
    k = LN2 / half_life

    def rates(regions, since_h):  # of another height than the coefficients: masses differ
        return np.exp(-k * since_h) * np.ones((2, len(regions), 1))

    coefficient = SimpleNamespace(mGy_per_MBq=np.array([2.0, 5.0]))
    organs = SimpleNamespace(regions={"red_marrow": coefficient}, rates_mGy_per_MBq_h=rates)
    one = bolus_rates(organs, ["red_marrow"], half_life)
    rate = one.of_arm("red_marrow", [0.0, 168.0], [500.0, 500.0])
    # a thousandth: the ramp before the second start, and what is later than 12 half-lives
    assert rate.total_Gy == pytest.approx([2.0, 5.0], rel=1e-3, abs=0)
    exact = DoseRate.of_terms([[1e-3 * 2.0 * k]], [[k]], [[0.0, 168.0]], [[500.0, 500.0]])
    until = np.array([24.0, 160.0, 170.0, 400.0, 1000.0])
    # samples are linear between: 1 % of the dose given by then
    assert rate.over(until)[0] == pytest.approx(exact.over(until)[0], rel=0.012, abs=0)
    patient = marrow_draws().parameters(1, 1, seed=3)
    days = np.arange(0.0, 100.0)
    sampled = DoseRate.sampled(rate.samples[0], rate.samples[1][:1, None])
    terms = DoseRate.of_terms([[[1e-3 * 2.0 * k]]], [[[k]]], [[[0.0, 168.0]]], [[[500.0, 500.0]]])
    a, b = (simulate_counts(patient, r, days) for r in (sampled, terms))
    assert a == pytest.approx(b, rel=0.02, abs=0)


def test_the_typical_patient_has_no_effect_of_his_own():
    n = 6
    values = marrow_draws().averaged(n, seed=4)
    model = MarrowModel(values, np.arange(0.0, 60.0), n, 3, True, 4)
    k = LN2 / 150.0
    time_h = np.append(0.0, np.geomspace(1.0, 3000.0, 60))
    rate = DoseRate.sampled(time_h, 1.5 * k * np.exp(-k * time_h) * np.ones((n, 1)))

    def lineages(name):
        return np.stack([values[f"{name}:{lineage}"] for lineage in LINEAGES], axis=-1)

    by_hand = MarrowParameters.of(
        lineages("radiosensitivity_per_Gy"),
        lineages("transit_d"),
        lineages("feedback"),
        lineages("baseline_1e9_per_L"),
        stem_share=np.minimum(values["stem_share"], 1.0),
        stem_per_d=values["stem_per_d"],
        pretreatment=values["pretreatment"],
    )
    wanted = simulate_counts(by_hand, rate, model.time_d)
    found = model.counts(rate)
    assert found.typical == pytest.approx(wanted, rel=1e-9, abs=0)
    assert found.patients.shape == (n, 3, 3, 60)
    assert np.all(np.ptp(found.patients.min(axis=-1), axis=1) > 0)


def test_grades_are_shares_of_patients_by_their_lowest_count():
    """Platelets of 24, 26, 49 and 51: CTCAE 5.0 has grade 4 below 25, grade 3 below 50."""
    days = np.arange(0.0, 30.0)
    dip = np.where(days == 10.0, 0.0, 1.0)
    lowest = np.array([24.0, 26.0, 49.0, 51.0])
    one = lowest[:, None] + (200.0 - lowest[:, None]) * dip
    patients = np.broadcast_to(one[None, :, None], (2, 4, 3, 30)).copy()
    arm = ArmCounts(days, patients[:, 1], patients)
    ledger = Ledger("CLR 131", "human")
    count_rows("a", arm, np.array([0.5, 0.5]), Response(), ledger)
    found = {(r.quantity.key, r.subject.region): r.summary for r in ledger.rows}
    assert found["grade_3_probability", "platelets"]["value"] == 0.75
    assert found["grade_4_probability", "platelets"]["value"] == 0.25
    assert found["blood_count_nadir", "platelets"]["value"] == 26.0
    assert found["blood_count_nadir_of_patients", "platelets"]["value"] == lowest.mean()
    assert found["nadir_day", "platelets"]["value"] == 10.0
    assert 0 < found["recovery_days", "platelets"]["value"] < 1.0


def test_the_marrow_is_given_the_dose_of_the_rows(counts):
    """The same dose in one and in two: equal in the rows, later and less deep in the cells."""
    once, twice = "37.5 mCi per m2", "37.5 mCi per m2 in two"
    doses = [
        summary(counts, "absorbed_dose", "red_marrow", arm, "dosimetry")["value"]
        for arm in (once, twice)
    ]
    assert doses[0] == pytest.approx(doses[1], rel=1e-12, abs=0)
    for cells in ("neutrophils", "lymphocytes"):
        nadir = [summary(counts, "blood_count_nadir", cells, a)["value"] for a in (once, twice)]
        day = [summary(counts, "nadir_day", cells, a)["value"] for a in (once, twice)]
        assert nadir[1] > nadir[0]
        assert 2.0 < day[1] - day[0] < 7.0  # half of it a week later


def test_counts_fall_with_activity_and_grades_follow(counts):
    arms = ("12.5 mCi per m2", "31.25 mCi per m2", "37.5 mCi per m2")
    for cells in ("platelets", "neutrophils", "lymphocytes"):
        nadirs = [summary(counts, "blood_count_nadir", cells, a)["value"] for a in arms]
        assert nadirs == sorted(nadirs, reverse=True)
        grades = [
            [summary(counts, f"grade_{g}_probability", cells, a)["value"] for a in arms]
            for g in (3, 4)
        ]
        assert grades[1] == sorted(grades[1])
        assert all(0 <= four <= three <= 1 for three, four in zip(*grades, strict=True))


def test_platelets_nadir_where_the_trial_saw_it(counts):
    """Day 49 was fitted to, at 25 mCi/m2 assumed: its neighbors must hold it."""
    at = summary(counts, "nadir_day", "platelets", "31.25 mCi per m2")
    assert at["low"] < 49.0 < at["high"]


def test_what_is_not_known_and_how_patients_differ_stay_apart(counts):
    rows = [r for r in counts.results if r.stage == "response"]
    between = [r for r in rows if r.quantity.key == "blood_count_nadir_of_patients"]
    assert {r.spread for r in between} == {"population"}
    assert {r.spread for r in rows if r not in between} == {"knowledge"}
    assert all(not r.drivers for r in between)
    nadir = counts.row(f"response/blood_count_nadir/platelets/{MAN}/37.5 mCi per m2")
    assert any("radiosensitivity" in d.input for d in nadir.drivers)
    series = {s.quantity.key for s in counts.series if s.stage == "response"}
    assert series == {"blood_count", "blood_count_of_patients"}
    one = next(s for s in counts.series if s.quantity.key == "blood_count")
    assert one.times_h[-1] == 126 * 24
    assert np.all((one.low <= one.value) & (one.value <= one.high))


def test_published_counts_stand_beside(beam):
    """Head and neck: 5 of 12 with grade 4 platelets, toxicity in weeks 6 to 8: never fitted."""
    given = {
        r.subject.arm: r for r in beam.results if r.stage == "response" and r.origin == "published"
    }
    four = given["trial hnc-grade4-platelets"]
    assert four.summary["value"] == pytest.approx(5 / 12, rel=1e-3, abs=0)
    assert "not fitted to" in four.flags
    own = summary(beam, "grade_4_probability", "platelets", "with external beam")
    assert own["low"] < four.summary["value"] < own["high"]
    day = summary(beam, "nadir_day", "platelets", "with external beam")
    assert day["low"] < given["trial hnc-nadir-day"].summary["value"] < day["high"]
    assert "fitted to" in given["trial clover1-nadir-day"].flags


def test_the_beam_completes_the_lesions_dose_to_the_prescribed_sum(beam):
    arm = "with external beam"
    total = beam.inputs["response.external_beam_total"]
    assert 60 <= total.min() < total.max() <= 70
    own = summary(beam, "absorbed_dose", "lesion:neck", arm, "dosimetry")["value"]
    rest = summary(beam, "external_beam_dose", "lesion:neck", arm)["value"]
    # a thousandth: the part of the dose rate after twelve half-lives
    assert own + rest == pytest.approx(total.mean(), rel=1e-3, abs=0)
    alone = summary(beam, "biologically_effective_dose", "lesion:neck", "CLR 131 alone")
    both = summary(beam, "biologically_effective_dose", "lesion:neck", arm)
    # 2 Gy fractions at an alpha/beta near 10 Gy, less what grows in six weeks at 3.5 d
    assert 0.6 * total.mean() < both["value"] < 1.2 * total.mean()
    assert alone["value"] < 0.1 * both["value"]
    marrow = [
        summary(beam, "blood_count_nadir", "platelets", a)["value"] for a in (arm, "CLR 131 alone")
    ]
    assert marrow[0] == marrow[1]  # the beam does not reach it


def test_responses_need_the_sum_that_their_link_is_for(beam):
    kind = "response_probability"
    mine = [r for r in beam.results if r.quantity.key == kind]
    assert {r.subject.arm for r in mine if r.origin != "published"} == {"with external beam"}
    assert "no_link" in {w.code for w in beam.warnings}
    published = {r.subject.region: r.summary["value"] for r in mine if r.origin == "published"}
    assert published["response:PR or better"] == pytest.approx(8 / 11, rel=1e-3, abs=0)
    assert published["response:CR"] == pytest.approx(7 / 11, rel=1e-3, abs=0)


def test_responses_are_predicted_and_rise_with_activity(myeloma):
    kind = "response_probability"
    rows = [r for r in myeloma.results if r.quantity.key == kind]
    own = [r for r in rows if r.origin != "published"]
    assert {r.origin for r in own} == {"predicted"}
    for region in {r.subject.region for r in own}:
        low, high = (
            summary(myeloma, kind, region, f"{a} mCi per m2")["value"] for a in ("25", "37.5")
        )
        assert low <= high
    better = [
        summary(myeloma, kind, f"response:{c}", "37.5 mCi per m2")["value"]
        for c in ("MR or better", "PR or better", "VGPR or better", "CR")
    ]
    assert better == sorted(better, reverse=True)
    # 9 of 28 at such activities fitted the link; the mean of a prediction lies near it
    assert summary(myeloma, kind, "response:PR or better", "37.5 mCi per m2")[
        "value"
    ] == pytest.approx(9 / 28, rel=0.35, abs=0)
    marker = next(s for s in myeloma.series if s.quantity.key == "tumor_marker")
    assert marker.value[0] == pytest.approx(1.0, rel=1e-9, abs=0)


def test_waldenstrom_runs_too(tmp_path):
    path = changed(tmp_path, "myeloma_waldenstrom/waldenstrom.toml", FEW)
    run = run_study(path, draws=50).run
    regions = {r.subject.region for r in run.results if r.quantity.key == "response_probability"}
    assert {"response:MR or better", "response:PR or better"} <= regions


def test_the_dose_that_the_marrow_model_was_fitted_with_can_be_taken(tmp_path, counts):
    asked = ("pretreated = true ", 'marrow_dose = "as fitted"\npretreated = true ')
    path = changed(tmp_path, "clr131_counts/study.toml", FEW, FEWER_ARMS, asked)
    run = run_study(path, draws=DRAWS).run
    assert "other_marrow_dose" in {w.code for w in counts.warnings}
    assert "other_marrow_dose" not in {w.code for w in run.warnings}
    key = ("blood_count_nadir", "platelets", "31.25 mCi per m2")
    assert summary(run, *key)["value"] > summary(counts, *key)["value"]


def test_virtual_patients_bring_their_own_dose(tmp_path):
    asked = ("pretreated = true ", 'patients = "myeloma" ')
    path = changed(tmp_path, "clr131_counts/study.toml", FEW, FEWER_ARMS, asked)
    run = run_study(path, draws=50).run
    noted = {a.id: a for a in run.assumptions}
    assert "12 of 'myeloma'" in noted["response.patients"].value
    assert "response.pretreated" not in noted
    row = run.row(f"response/blood_count_nadir_of_patients/platelets/{MAN}/37.5 mCi per m2")
    assert row.summary["low"] < 0.7 * row.summary["value"]


COUNTS, BEAM, MYELOMA = (
    f"{name}/study.toml" for name in ("clr131_counts", "head_neck_beam", "myeloma_waldenstrom")
)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (COUNTS, '[dosimetry]\nregions = ["red_marrow"]', "", "response needs dose rates"),
        (COUNTS, "[dosimetry]", '[dosimetry]\nmethod = "spheres"', "spheres have no dose rates"),
        (COUNTS, "[response]", "[response]\ncounts = false", "nothing is asked for"),
        (COUNTS, "subjects = 30", "subjects = 1", "greater than or equal to 2"),
        (COUNTS, "subjects = 30", "subjects = 900", "more than 200,000"),
        (COUNTS, 'until = "126 d"', 'until = "1 d"', "greater than or equal to 168"),
        (COUNTS, 'until = "126 d"', "until = 126", "unit"),
        (COUNTS, "subjects = 30", "subjcts = 30", "did you mean 'subjects'"),
        (COUNTS, "[response]", '[response]\nctcae = "7"', "not one of"),
        (COUNTS, "[response]", '[response]\npatients = "myelom"', "did you mean 'myeloma'"),
        (COUNTS, "[response]", '[response]\npatients = "myeloma"', "leave pretreated"),
        (COUNTS, "[response]", "[response.external_beam]\ntotal='60 Gy'\n[response]", "no lesion"),
        (BEAM, 'indication = "head and neck"', 'indication = "hed and neck"', "did you mean"),
        (BEAM, '["60 Gy", "70 Gy"]', '["70 Gy", "60 Gy"]', "the lower limit first"),
        (BEAM, '["60 Gy", "70 Gy"]', '["60 Gy", "65 Gy", "70 Gy"]', "one value, or a lower"),
        (BEAM, '["60 Gy", "70 Gy"]', '"-60 Gy"', "greater than 0"),
        (BEAM, 'fraction = "2 Gy"', 'fraction = "0 Gy"', "greater than 0"),
        (BEAM, 'fraction = "2 Gy"', 'fraction = "80 Gy"', "more than the sum"),
        (BEAM, "per_week = 5", "per_week = 8", "less than or equal to 7"),
        (BEAM, 'arms = ["with external beam"]', 'arms = ["with beam"]', "there is no arm"),
        (MYELOMA, '"multiple-myeloma"', '"multiple-mieloma"', "did you mean"),
        (MYELOMA, '"multiple-myeloma"', '"glioma"', "would be a guess"),
        (MYELOMA, '"multiple-myeloma"', '"head-and-neck"', "per Gy of a prescribed sum"),
        (
            MYELOMA,
            "[report]",
            '[response.external_beam]\ntotal = "60 Gy"\n[report]',
            "knows no external beam",
        ),
        (MYELOMA, 'indication = "multiple-myeloma"', "", "needs an indication"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_reason(tmp_path, name, old, new, words):
    path = changed(tmp_path, name, (old, new))
    with pytest.raises(StudyError) as caught:
        run_study(path)
    said = str(caught.value)
    assert words in said
    assert "study.toml" in said


def test_a_mouse_has_no_blood_counts_of_man(tmp_path):
    path = changed(
        tmp_path, MYELOMA, ('species = "human"', 'species = "mouse"'), ('"73 kg"', '"25 g"'),
        ('"1.8 m^2"', '"0.008 m^2"'),
    )  # fmt: skip
    with pytest.raises(StudyError, match="models of man"):
        run_study(path)


def test_a_beam_that_has_nothing_to_complete_is_refused(tmp_path):
    path = changed(
        tmp_path, BEAM, FEW, ('["60 Gy", "70 Gy"]', '"2 Gy"'), ('"15.6 mCi/m^2"', '"900 mCi/m^2"'),
    )  # fmt: skip
    with pytest.raises(StudyError, match=r"external_beam.*prescribe more"):
        run_study(path, draws=50)


def test_the_link_is_of_one_agent(tmp_path):
    path = changed(tmp_path, MYELOMA, ('name = "CLR 131"', 'name = "CLR 124"'))
    with pytest.raises(StudyError, match="only seen with CLR 131"):
        run_study(path, draws=50)


def test_a_dose_that_was_not_asked_for_is_missing(tmp_path):
    path = changed(tmp_path, MYELOMA, ('"red_marrow", "lesion:plasmacytoma"', '"red_marrow"'))
    with pytest.raises(StudyError, match="no dose of lesion:plasmacytoma"):
        run_study(path, draws=50)
