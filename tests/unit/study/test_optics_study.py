"""Optics in a study: dye by the carrier's kinetics, what the scene shows, cells in a dish."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import StudyError
from pdcraft.optics.dye import catalogue_dye
from pdcraft.optics.in_vitro.reader import default_reading
from pdcraft.optics.in_vitro.vessel import plate_well
from pdcraft.optics.in_vitro.well import electrons_per_nM
from pdcraft.optics.scene_read import read_scene
from pdcraft.report.html import report_html
from pdcraft.study.read import read_study
from pdcraft.study.recipes.imaging import (
    DyeDose,
    concentration_nM,
    region_sources,
    table_of,
)
from pdcraft.study.record import study_of_record
from pdcraft.study.run import run_study

EXAMPLES = Path(__file__).parents[3] / "examples"
SURGERY, PLATE, MOUSE = (
    EXAMPLES / name for name in ("clr1502_glioma_surgery", "clr1501_plate", "mouse_flank")
)
SMALL = (("draws = 200", "draws = 50"),)


def copied(folder, source, name, *pairs):
    """Copy an example and change its study (or scene) file."""
    place = folder / source.name
    if not place.is_dir():
        shutil.copytree(source, place)
    path = place / name
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return place / "study.toml"


def course(kind, coefficients, rates, regions=("tumor",)):
    shape = (1, 1, len(regions), len(coefficients))
    return TimeCourse(
        regions,
        QUANTITIES[kind],
        "test",
        coefficients=np.broadcast_to(coefficients, shape),
        rates_per_h=np.broadcast_to(rates, shape),
    )


def test_concentration_by_hand():
    """1 % of 500 nmol in a gram of density 1.05: 5 nmol x 1.05 / mL = 5250 nM, halved in 10 h."""
    found = course("amount_fraction_per_g", [0.01], [np.log(2.0) / 10.0])
    times = np.array([0.0, 10.0, 30.0])
    got = concentration_nM(found, "tumor", (DyeDose(500.0, 0.0, 0.0),), times, 1.05)
    np.testing.assert_allclose(got[0], [5250.0, 2625.0, 656.25], rtol=1e-12, atol=0)
    plasma = course("amount_fraction_per_mL", [0.01], [np.log(2.0) / 10.0])
    got = concentration_nM(plasma, "tumor", (DyeDose(500.0, 0.0, 0.0),), times, 1.05)
    assert got[0, 0] == pytest.approx(5000.0, rel=1e-12, abs=0)


def test_doses_add_and_begin_when_given():
    found = course("amount_fraction_per_g", [0.02, -0.02], [0.01, 0.5])
    times = np.array([3.0, 20.0])
    both = (DyeDose(100.0, 0.0, 0.0), DyeDose(50.0, 5.0, 0.0))
    got = concentration_nM(found, "tumor", both, times, 1.0)[0]

    def one(t):
        return 1000.0 * 0.02 * (np.exp(-0.01 * t) - np.exp(-0.5 * t))

    np.testing.assert_allclose(
        got, [100.0 * one(3.0), 100.0 * one(20.0) + 50.0 * one(15.0)], rtol=1e-12, atol=0
    )


def test_an_infusion_is_the_mean_of_its_parts():
    found = course("amount_fraction_per_g", [0.02, -0.015, 0.001], [0.01, 0.5, 0.0])
    times = np.array([1.0, 3.0, 12.0])
    got = concentration_nM(found, "tumor", (DyeDose(100.0, 0.5, 4.0),), times, 1.0)[0]
    starts = 0.5 + 4.0 * (np.arange(4000) + 0.5) / 4000
    parts = [
        concentration_nM(found, "tumor", (DyeDose(100.0, float(s), 0.0),), times, 1.0)[0]
        for s in starts
    ]
    # a midpoint sum whose last part begins within 1 ms x 100/1 of the time asked for
    np.testing.assert_allclose(got, np.mean(parts, axis=0), rtol=1e-3, atol=0)


def scene_and_courses(tmp_path, *pairs):
    study = copied(tmp_path, SURGERY, "study.toml")
    copied(tmp_path, SURGERY, "scene.toml", *pairs)
    scene = read_scene(study.parent / "scene.toml")
    tissues = course("amount_fraction_per_g", [0.01], [0.1], ("brain", "lesion:glioma"))
    plasma = course("amount_fraction_per_mL", [0.02], [0.1], ("plasma",))
    return scene, (plasma, tissues)


def test_regions_find_their_kinetics(tmp_path):
    scene, courses = scene_and_courses(tmp_path)
    found = region_sources(scene, courses, {"cavity": "brain", "remnant": "lesion:glioma"})
    assert dict(found.source) == {"cavity": "brain", "remnant": "lesion:glioma", "vessel": "blood"}
    table = table_of(
        found, courses, (DyeDose(10.0, 0.0, 0.0),), (0.0, 5.0),
        density_g_per_mL=1.0, hematocrit=0.4,
    )  # fmt: skip
    row = table.row(0.0, 0)
    assert row["vessel"] == pytest.approx(0.6 * 0.02 * 10.0 * 1000.0, rel=1e-12, abs=0)
    assert row["cavity"] == pytest.approx(0.01 * 10.0 * 1000.0, rel=1e-12, abs=0)


def test_regions_that_nothing_speaks_of_are_named(tmp_path):
    scene, courses = scene_and_courses(tmp_path)
    with pytest.raises(StudyError, match="nothing says what 'cavity', 'remnant' of the scene is"):
        region_sources(scene, courses, {})
    with pytest.raises(StudyError, match="no region 'brian'; did you mean 'brain'"):
        region_sources(scene, courses, {"cavity": "brian"})
    with pytest.raises(StudyError, match="scene has no region 'cavty'; did you mean 'cavity'"):
        region_sources(scene, courses, {"cavty": "brain"})
    empty = region_sources(scene, courses, {"cavity": "brain", "remnant": "none"})
    assert empty.source["remnant"] is None


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([('scene = "scene.toml"', 'scene = "scne.toml"')], "no file 'scne.toml'"),
        ([('scene = "scene.toml"', 'scene = "../scene.toml"')], "outside the folder of study"),
        ([('times = ["6 h", "24 h", "48 h", "96 h"]\n', "")], "when is the scene looked at"),
        ([('"6 h", "24 h"', '"24 h", "6 h"')], "times must increase"),
        ([('amount = "2 umol"', 'amount = "2 MBq"')], "no amount of a dye"),
        ([('source = "calibrated"', 'source = "fit"\ndata = "x.csv"')], "calibrated carrier model"),
        ([("[report]", "[dosimetry]\n[report]")], "goes by another payload than the dye"),
        ([('scene = "scene.toml"\n', "")], "says neither scene nor culture"),
    ],
)
def test_what_is_missing_is_told(tmp_path, pairs, said):
    path = copied(tmp_path, SURGERY, "study.toml", *pairs)
    with pytest.raises(StudyError, match=said):
        read_study(path)


def test_a_mass_needs_a_molar_mass_and_an_agent_a_dye(tmp_path):
    path = copied(tmp_path, SURGERY, "study.toml", ('amount = "2 umol"', 'amount = "2 mg"'), *SMALL)
    with pytest.raises(StudyError, match=r"state molar_mass \(g/mol\) in \[optics\]"):
        run_study(path)
    other = copied(tmp_path, SURGERY, "study.toml", ('name = "CLR 1502"', 'name = "CLR 131"'))
    with pytest.raises(StudyError, match="carries a radionuclide, I-131; a scene needs a dye"):
        run_study(other)


def test_the_scenes_dye_must_be_the_agents(tmp_path):
    path = copied(tmp_path, SURGERY, "study.toml", ('"CLR 1502"', '"CLR 1501"'), *SMALL)
    with pytest.raises(StudyError, match="is of CLR 1502, the study's agent is CLR 1501"):
        run_study(path)


def rows_of(result, kind, **where):
    return [
        r
        for r in result.run.results
        if r.quantity.key == kind and all(getattr(r.subject, k) == v for k, v in where.items())
    ]


def test_cells_in_a_dish(tmp_path):
    path = copied(tmp_path, PLATE, "study.toml", *SMALL, ('"50 nM", "500 nM", "5 uM"', '"500 nM"'))
    result = run_study(path)
    taken = {r.id.split("/", 2)[2]: r for r in rows_of(result, "cell_uptake")}
    counted = {r.id.split("/", 2)[2]: r for r in rows_of(result, "molecules_per_cell")}
    assert len(taken) == 2 * 2 * 3  # kinds, rafts, times
    for key, row in taken.items():  # Avogadro: 1 pmol in 1e6 cells is 6.022e5 molecules in each
        ratio = counted[key].summary["value"] / row.summary["value"]
        assert ratio == pytest.approx(6.02214076e5, rel=1e-9, abs=0)
    read = {r.id.split("/", 2)[2]: r for r in rows_of(result, "plate_reading")}
    slopes = [read[key].summary["value"] / taken[key].summary["value"] for key in taken]
    assert np.ptp(slopes) <= 1e-9 * slopes[0]  # readings follow the lysate's concentration
    # 1 pmol per 1e6 cells is 0.02 pmol of 2e4 cells in 0.1 mL: 0.2 nM
    reading = default_reading(catalogue_dye("CLR 1501"))
    per_nM = electrons_per_nM(catalogue_dye("CLR 1501"), plate_well(96, 100.0), reading)
    assert slopes[0] == pytest.approx(0.2 * per_nM / reading.camera.sensor.gain, rel=1e-9, abs=0)
    over = [r for r in rows_of(result, "ratio") if "over normal" in (r.subject.arm or "")]
    less = [r for r in rows_of(result, "ratio") if "over whole rafts" in (r.subject.arm or "")]
    assert len(over) == 6
    assert all(r.summary["value"] > 1.0 for r in over)
    assert len(less) == 6
    assert all(0.0 < r.summary["value"] < 1.0 for r in less)
    for row in rows_of(result, "positive_share"):
        assert 0.0 <= row.summary["low"] <= row.summary["high"] <= 1.0
    assert "Fluorescence imaging" in report_html(result)


@pytest.fixture(scope="module")
def surgery(tmp_path_factory):
    """Run the example with one second of light: numbers are rough, their places are not."""
    folder = tmp_path_factory.mktemp("surgery")
    path = copied(
        folder, SURGERY, "study.toml", *SMALL, ('"6 h", "24 h", "48 h", "96 h"', '"6 h", "48 h"')
    )
    copied(folder, SURGERY, "scene.toml", ('max_time = "90 s"', 'max_time = "1 s"'))
    return run_study(path)


@pytest.mark.slow
def test_contrast_at_every_time(surgery):
    for time in (6.0, 48.0):
        (ratio,) = rows_of(surgery, "target_to_background", time_h=time)
        assert ratio.subject.region == "remnant over brain"
        assert 1.0 < ratio.summary["low"] < ratio.summary["value"] < ratio.summary["high"]
        assert ratio.summary["std_err"] > 0.0
        (contrast,) = rows_of(surgery, "optical_contrast", time_h=time)
        assert contrast.summary["value"] == pytest.approx(
            ratio.summary["value"] - 1.0, rel=1e-9, abs=0
        )
    (best,) = rows_of(surgery, "imaging_time")
    assert 6.0 <= best.summary["value"] <= 48.0
    assert surgery.run.stages == ("chemistry", "kinetics", "optics")


@pytest.mark.slow
def test_the_record_holds_concentrations_scene_and_assumptions(surgery):
    series = {s.subject.region: s for s in surgery.run.series}
    assert set(series) == {"cavity", "remnant", "vessel"}
    assert np.all(series["remnant"].high >= series["remnant"].low)
    with study_of_record({"study": "study.toml", "inputs": surgery.inputs}) as again:
        assert read_study(again)[0].optics.scene == "scene.toml"
        held = again.with_name("cavity.tif").read_bytes()  # a file of the scene, no text
    assert held == (SURGERY / "cavity.tif").read_bytes()
    told = {a.id for a in surgery.run.assumptions}
    assert {"optics.payload_effect", "optics.blood", "optics.intact"} <= told
    html = report_html(surgery)
    assert "Best of the computed times to image" in html
    assert "Contrast by time" in html


def test_examples_of_mice_are_read():
    study, _ = read_study(MOUSE / "study.toml")
    assert study.optics is not None
    for name in ("clr1501.toml", "clr1502.toml"):
        scene = read_scene(MOUSE / name)
        assert scene.domain.kind == "mouse"
        assert {roi.role for roi in scene.rois} == {"target", "background"}
    courses = (
        course("amount_fraction_per_g", [0.01], [0.1], ("liver", "remainder", "lesion:tumor")),
    )
    found = region_sources(scene, courses, {})
    assert found.source["tumor"] == "lesion:tumor"
    assert found.source["kidneys"] == "remainder"
    assert found.source["food"] is None
    assert "kidneys" in found.assumed
