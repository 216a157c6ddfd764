"""Studies on the calibrated carrier: what is fitted, what is predicted, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from pdcraft.errors import StudyError
from pdcraft.study.run import run_study

EXAMPLES = Path(__file__).parents[3] / "examples"


def run(name, draws=200):
    return run_study(EXAMPLES / name / "study.toml", draws=draws).run


def changed(tmp_path, name, *pairs):
    """Return the path of an example with some of its text replaced."""
    text = (EXAMPLES / name / "study.toml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    for file in (EXAMPLES / name).iterdir():
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return tmp_path / "study.toml"


def test_marrow_stands_beside_its_publication_as_fitted_and_as_predicted():
    record = run("clr131")
    marrow = "dosimetry/absorbed_dose_coefficient/red_marrow/CLR 131/human"
    fitted = record.row(f"{marrow}/-")
    predicted = record.row(f"{marrow}/without human-dosimetry-trial")
    published = record.row("dosimetry/equivalent_dose_coefficient/red_marrow/CLR 131/human/-")
    assert (fitted.origin, predicted.origin) == ("fitted", "predicted")
    assert set(published.compare_with) == {fitted.id, predicted.id}

    def width(row):
        return np.log(row.summary["high"] / row.summary["low"])

    assert width(predicted) > 1.5 * width(fitted)  # what the trial had told is not in it
    # the prediction never saw the trial: wide, and it holds what 8 patients showed
    assert predicted.summary["low"] < published.summary["value"] < predicted.summary["high"]


def test_no_row_beside_a_publication_claims_to_be_computed():
    for name in ("clr131", "clr125_mouse", "nm600_lu177_mouse", "clr124_glioma_pet"):
        record = run(name, 60)
        fitted = {
            row.subject.region
            for row in record.results
            if row.origin == "fitted" and row.stage == "dosimetry"
        }
        for row in record.results:  # nor do the integrals behind it
            if "integrated" in row.quantity.key and row.subject.arm is None:
                assert (row.origin == "fitted") == (row.subject.region in fitted)
        beside = [
            i for row in record.results if row.origin == "published" for i in row.compare_with
        ]
        assert beside, name
        assert {record.row(i).origin for i in beside} == {"fitted", "predicted"}, name


def test_a_new_patient_differs_by_more_than_what_is_not_known():
    record = run("clr131", 1000)
    path = "kinetics/time_integrated_activity_coefficient_per_g/lesion:index/CLR 131/human"
    typical, patient = (record.row(f"{path}/{arm}") for arm in ("-", "a new patient"))
    assert (typical.spread, patient.spread) == ("knowledge", "predictive")

    def width(row):
        return np.log(row.summary["high"] / row.summary["low"])

    # the same draws with the spread between patients on top: wider, for any seed but a rare one
    assert width(patient) > width(typical)


def test_published_mouse_doses_are_shown_as_printed():
    record = run("nm600_lu177_mouse", 60)
    # Hernandez 2020: 1.28 Gy/MBq to liver, in the study's mGy/MBq
    row = record.row(
        "dosimetry/absorbed_dose_coefficient/liver/177Lu-NM600/mouse/published nm600-liver-dose"
    )
    assert row.summary["value"] == pytest.approx(1280.0, rel=1e-12, abs=0)
    assert row.flags == ("printed as 1.28 ± 0.09 Gy/MBq (SD or SEM, not said)",)


def test_glioma_ratio_is_shown_over_time_beside_the_patients():
    record = run("clr124_glioma_pet")
    ratio = "kinetics/ratio/lesion:glioma/CLR 124/human"
    for time_h, value in ((24, 9.32), (48, 10.04)):
        published = record.row(f"{ratio}/published glioma-ratio-{time_h}h/{time_h}")
        fitted = record.row(f"{ratio}/-/{time_h}")
        assert published.summary["value"] == value
        assert fitted.summary["low"] < value < fitted.summary["high"]
    (series,) = [s for s in record.series if s.quantity.key == "ratio"]
    assert series.value[0] < series.value[-1]  # plasma in normal brain falls, glioma keeps
    at_24h = np.interp(24.0, series.times_h, series.value)
    assert at_24h == pytest.approx(record.row(f"{ratio}/-/24").summary["value"], rel=0.01, abs=0)


def test_half_of_the_cholesterol_takes_uptake_from_the_tumor_alone():
    record = run("carrier_depletion")

    def left(region):
        path = f"kinetics/ratio/{region}/CLR 125/mouse/against unchanged membranes"
        return record.row(path).summary

    # raft share by hand: 0.200 with half of the cholesterol, 0.288 with all; trapping falls to
    # 0.695, and what only sits in the membrane stays
    assert 0.695 < left("lesion:tumor")["low"] < left("lesion:tumor")["high"] < 0.9
    assert left("red_marrow")["value"] == pytest.approx(1.0, rel=1e-6, abs=0)
    assert not [row for row in record.results if row.origin in ("fitted", "published")]


def test_blocking_spares_the_thyroid(tmp_path):
    blocked = run("clr131", 60)
    path = changed(tmp_path, "clr131", ('thyroid = "blocked"', 'thyroid = "open"'))
    thyroid = "kinetics/time_integrated_activity_coefficient/thyroid/CLR 131/human/-"
    closed, open_ = (
        r.row(thyroid).summary["value"] for r in (blocked, run_study(path, draws=60).run)
    )
    # 98 % of the uptake of iodide prevented; the carrier in the thyroid's 20 g stays
    muscle = "dosimetry/absorbed_dose_coefficient/muscle/CLR 131/human/-"
    tissue = blocked.row(muscle).summary["value"]
    assert closed < 0.15 * open_
    dose = "dosimetry/absorbed_dose_coefficient/thyroid/CLR 131/human/-"
    assert blocked.row(dose).summary["value"] < 2 * tissue


def test_the_carrier_is_not_taken_for_another_molecule(tmp_path):
    path = changed(
        tmp_path, "clr131", ('name = "CLR 131"', 'label = "antibody"\npayload = "I-131"')
    )
    with pytest.raises(StudyError, match=r"calibrated carrier is CLR1404 .* use source = 'fit'"):
        run_study(path, draws=60)


def test_lipids_belong_to_the_calibrated_carrier(tmp_path):
    path = changed(
        tmp_path,
        "clr131_parameters",
        ('data = "carrier.toml"', 'data = "carrier.toml"\ncholesterol = 0.5'),
    )
    with pytest.raises(StudyError, match="cholesterol belongs to the calibrated carrier model"):
        run_study(path, draws=60)


def test_same_seed_same_rows():
    first, second = (run("clr125_mouse", 60) for _ in range(2))
    assert [r.summary for r in first.results] == [r.summary for r in second.results]


def test_mouse_iodide_is_said_to_be_an_assumption():
    assert "mouse_iodide" in {w.code for w in run("clr125_mouse", 60).warnings}
    assert "mouse_iodide" not in {w.code for w in run("nm600_lu177_mouse", 60).warnings}
