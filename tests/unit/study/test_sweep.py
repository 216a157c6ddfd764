"""Payloads of one carrier over tumor sizes, and the carrier's series: rows, report, refusals."""

import re
from pathlib import Path

import numpy as np
import pytest

from pdcraft.errors import DataError, StudyError
from pdcraft.optics.dye import catalogue_dye
from pdcraft.optics.material import tissue
from pdcraft.report.headline import summary_sentences
from pdcraft.report.html import report_html
from pdcraft.study.agent import conjugate_of
from pdcraft.study.read import read_study
from pdcraft.study.recipes import seen_tumor
from pdcraft.study.recipes.payload_kinetics import payload_kinetics
from pdcraft.study.recipes.payload_size import size_dose
from pdcraft.study.recipes.seen_tumor import Held, dye_contrast, held, pet_recovery
from pdcraft.study.run import run_study
from pdcraft.study.sweep.payloads import kinds_of

EXAMPLES = Path(__file__).parents[3] / "examples"
SMALL = (
    ('"I-131", "I-125", "Lu-177", "Ac-225",', '"I-131", "I-125",'),
    ("points = 16", "points = 4"),
    ('depths = ["0.2 mm", "1 mm", "3 mm"]', 'depths = ["0.2 mm", "3 mm"]'),
)
DOSES = '[dosimetry]\nmethod = "organs"\nregions = ["red_marrow", "brain", "liver"]\n'
KINETICS = """\
source = "calibrated"        # one set of draws for every payload
thyroid = "blocked"
"""
DRAWS = 60


def changed(folder, *pairs):
    text = (EXAMPLES / "payload_choice" / "study.toml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return changed(tmp_path_factory.mktemp("sweep"), *SMALL)


@pytest.fixture(scope="module")
def run(path):
    return run_study(path, draws=DRAWS)


def of(run, kind, arm):
    return [
        r.summary["value"]
        for r in run.run.results
        if r.stage == "sweep" and (r.quantity.key, r.subject.arm) == (kind, arm)
    ]


@pytest.mark.parametrize("name", ["payload_choice", "carrier_series"])
def test_examples_are_short(name):
    text = (EXAMPLES / name / "study.toml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60


def test_doses_are_those_of_kinetics_and_spheres(run, path):
    study, _ = read_study(path, draws=DRAWS)
    kinetics = payload_kinetics(study, path.parent, conjugate_of(study.agent), "I-125")
    size = size_dose("I-125", 1000 * np.geomspace(0.01, 10, 4))
    want = [
        np.mean(kinetics.tumor_h_per_g * one / (1e-3 * kinetics.marrow_mGy_per_MBq))
        for one in size.Gy_g_per_MBq_h
    ]
    assert of(run, "tumor_over_marrow_dose", "I-125") == pytest.approx(want, rel=1e-9, abs=0)


def test_shares_rise_with_what_marrow_bears(run):
    shares = [of(run, "probability", f"I-125, marrow bears {g} Gy") for g in (2, 5, 10)]
    assert np.all(np.diff(shares, axis=0) >= 0)
    assert max(shares[2]) > max(shares[0])


def test_small_tumors_are_for_short_ranges(run):
    """A ball of 10 um holds most of I-125's energy and 2% of I-131's."""
    small = [of(run, "tumor_over_marrow_dose", name)[0] for name in ("I-125", "I-131")]
    assert small[0] > 20 * small[1]


def test_a_dye_is_seen_near_the_surface_and_never_below_one(run):
    near, deep = (of(run, "image_contrast", f"CLR 1502, {d} mm deep") for d in ("0.2", "3"))
    assert np.all(np.diff(near) > 0)
    assert near[-1] > deep[-1] > 1.0
    assert near[0] == pytest.approx(1.0, rel=1e-3, abs=0)


def test_the_report_tells_the_choice(run):
    page = report_html(run)
    for words in ("Payload choice", "What is known, what is assumed", "CLR 1502, 3 mm deep"):
        assert words in page
    said = next(s for s in summary_sentences(run) if s.startswith("By radius of the tumor"))
    largest = of(run, "probability", "I-125, marrow bears 10 Gy")[-1]
    assert f"10 mm: I-125, marrow bears 10 Gy ({largest:.0%}), and " in said
    text = page[page.index('id="table-choice-drug"') :][:4000]
    assert "plain paclitaxel" in text


def test_the_index_is_that_of_the_exposure_stage(run):
    mean = of(run, "therapeutic_index", "paclitaxel on the carrier")[0]
    plain = of(run, "therapeutic_index", "plain paclitaxel")[0]
    assert mean > plain > 0


def test_recovery_is_a_sphere_under_a_gaussian():
    """Against the share of a Gaussian that lies within the radius, by sampling (0.5%)."""
    sd = 5.0 / (2 * np.sqrt(2 * np.log(2)))
    points = np.random.default_rng(1).normal(0.0, sd, (200_000, 3))
    inside = (np.linalg.norm(points, axis=1) < 3.0).mean()
    assert float(pet_recovery(3.0, 5.0)) == pytest.approx(inside, rel=0.005, abs=0)


def test_a_tumor_like_its_tissue_is_not_seen():
    same = Held(np.full(5, 1e-6), np.full(5, 1e-6))
    out = dye_contrast("CLR 1502", "brain", same, 5000.0, np.array([1.0]), np.array([1.0]), 1)
    assert out == pytest.approx(1.0, rel=1e-12, abs=0)


def test_a_wide_slab_of_dye_has_the_contrast_of_its_dye():
    """A ball of 40 mm just below the surface is all that the pixel sees (2%, its far parts)."""
    found = Held(np.full(3, 1.0), np.full(3, 0.25))  # so much that nothing else glows
    out = dye_contrast("CLR 1501", "brain", found, 5000.0, np.array([40.0]), np.array([1e-4]), 1)
    assert out == pytest.approx(4.0, rel=0.02, abs=0)


@pytest.mark.parametrize("dye", ["CLR 1501", "CLR 1502"])
def test_autofluorescence_counts_in_the_units_of_the_dye(dye):
    """From 5 umol, 4e-6 and 1e-6 per gram: 20 and 5 nM, beside what the tissue's table says glows.

    A ball that fills the share k of the view shows 1 + 15 k / (5 + c), and 1 + 3 k where so much is
    given that nothing else glows: c has the prior's median. Of 400 draws of a log-normal of a
    factor 5 the median's SE is 10 %, taken four times.
    """
    found = Held(np.full(400, 4e-6), np.full(400, 1e-6))
    ball = np.array([40.0]), np.array([1e-4])
    much, out = (dye_contrast(dye, "brain", found, n, *ball, 1)[0, 0] for n in (5e15, 5e3))
    glow_nM = 5.0 * (much - 1.0) / (out - 1.0) - 5.0
    excitation_nm = catalogue_dye(dye).peaks_nm[0]
    want_nM = tissue("brain", excitation_nm=excitation_nm).autofluorescence_nM
    assert np.median(glow_nM) == pytest.approx(want_nM, rel=0.4, abs=0)


def test_contrast_does_not_depend_on_the_nodes(monkeypatch):
    """Four times as many nodes in depth change nothing (1e-5), near or far, small or wide."""
    found = Held(np.full(2, 9e-6), np.full(2, 1e-6))
    sizes = np.array([0.01, 1.0, 10.0]), np.array([0.2, 3.0])
    own = dye_contrast("CLR 1501", "brain", found, 5000.0, *sizes, 1)
    monkeypatch.setattr(seen_tumor, "NODES", 512)
    finer = dye_contrast("CLR 1501", "brain", found, 5000.0, *sizes, 1)
    assert own - 1 == pytest.approx(finer - 1, rel=1e-5, abs=1e-12)


def test_glioma_and_brain_are_those_of_the_carrier():
    inside, outside = (held("human", 100, 1, 48.0, in_brain=b) for b in (True, False))
    ratio = [np.median(h.tumor_per_g / h.tissue_per_g) for h in (inside, outside)]
    assert ratio[0] > 2 * ratio[1]


def test_kinds():
    kinds = kinds_of(["I-124", "Paclitaxel", "CLR 1501"])
    assert (kinds.nuclides, kinds.positrons) == (("I-124",), ("I-124",))
    assert (kinds.dyes, kinds.drugs) == (("CLR 1501",), ("paclitaxel",))
    with pytest.raises(DataError, match="no payload of a sweep"):
        kinds_of(["vincristine"])


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (('"CLR 1502",', '"CLR 1599",'), "no payload of a sweep"),
        (('dye_amount = "5 umol"', ""), "dyes need the amount"),
        (("[sweep.linker]", "[sweep.linkers]"), "unknown key"),
        (('tissue = "brain" ', 'tissue = "brian" '), "brian"),
        ((KINETICS, 'source = "fit"\ndata = "x.csv"\n'), "need the calibrated carrier"),
        ((DOSES, ""), "payloads: payloads beside each other need the calibrated carrier, marrow"),
        (('["10 um", "10 mm"]', '["10 mm", "10 um"]'), "radii run from"),
        (('"paclitaxel",', '"paclitaxel", "I-131",'), "twice"),
    ],
)
def test_faults_are_told(pair, words, tmp_path):
    with pytest.raises(StudyError, match=words):
        read_study(changed(tmp_path, pair))


def test_a_linker_is_asked_for(tmp_path):
    path = changed(tmp_path)
    text = re.sub(r"\[sweep\.linker\][^\[]*\n", "", path.read_text(encoding="utf-8"))
    text = (
        text[: text.index("plasma =")] + text[text.index("[report]") :]
        if "plasma =" in text
        else text
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match="needs a linker"):
        read_study(path)


def test_the_series_is_that_of_its_structures():
    run = run_study(EXAMPLES / "carrier_series" / "study.toml")
    mass = [of(run, "molar_mass", f"chain C{n}")[0] for n in (16, 18)]
    assert mass[1] - mass[0] == pytest.approx(2 * 14.0266, rel=1e-4, abs=0)  # two CH2
    assert mass[1] == run.conjugate.molar_mass_g_per_mol
    assert "Carrier series" in report_html(run)


def test_the_portfolio_counts_days_from_its_date():
    """2030-05-11 is 1267 days after 2026-11-21, as calendars count."""
    run = run_study(EXAMPLES / "portfolio" / "study.toml")
    assert of(run, "protection_left", "CLR 1501, JP6073961") == [1267.0]
    page = report_html(run)
    assert "Development and protection" in page
    assert "CLR 1603-PTX" in page


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (('"CLR 131", "CLR 125",', '"CLR 133", "CLR 125",'), "CLR 133"),
        (('at = "2026-11-21"', ""), "the day from which"),
        (('at = "2026-11-21"', 'at = "2026-13-21"'), "is no day"),
    ],
)
def test_faults_of_a_portfolio(pair, words, tmp_path):
    text = (EXAMPLES / "portfolio" / "study.toml").read_text(encoding="utf-8")
    assert pair[0] in text
    path = tmp_path / "study.toml"
    path.write_text(text.replace(*pair), encoding="utf-8")
    with pytest.raises(StudyError, match=words):
        read_study(path)
