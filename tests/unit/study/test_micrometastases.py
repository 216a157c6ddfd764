"""Payloads beside each other on micrometastases: rows that fit together, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from pdcraft.cli.run_metastases import metastases_table
from pdcraft.core.dose_rate import DoseRate
from pdcraft.dosimetry.cell_pairs import CellShape
from pdcraft.dosimetry.cluster_dose import cluster_dose
from pdcraft.dosimetry.cluster_packing import cluster_of
from pdcraft.dosimetry.cluster_uptake import Uptake
from pdcraft.dosimetry.radial_energy import radial_energy
from pdcraft.errors import PhysicsRangeError, StudyError
from pdcraft.report.html import report_html
from pdcraft.report.payload_figure import TARGET_Gy, payload_panels
from pdcraft.study.agent import conjugate_of
from pdcraft.study.micrometastases.sizes import sizes_of
from pdcraft.study.read import read_study
from pdcraft.study.recipes.cluster_response import cluster_response
from pdcraft.study.recipes.metastasis_dose import metastasis_doses
from pdcraft.study.recipes.payload_kinetics import payload_kinetics
from pdcraft.study.recipes.payload_size import payload_size, size_dose
from pdcraft.study.run import run_study

EXAMPLE = Path(__file__).parents[3] / "examples" / "clr125_micrometastases" / "study.toml"
SMALL = (  # sizes and payloads that take a second
    ('"I-125", "I-131", "Lu-177"', '"I-125", "I-131"'),
    ('largest = "1 mm"', 'largest = "150 um"'),
    ("subjects = 20", "subjects = 4"),
    ('packing = "random"', 'packing = "fcc"'),
)
AGENT = "CLR 125/human"
DRAWS = 60


def changed(folder, *pairs):
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return run_study(changed(tmp_path_factory.mktemp("metastases"), *SMALL), draws=DRAWS)


def of(result, kind, region=None, arm=None, end="value"):
    rows = [
        r
        for r in result.run.results
        if r.quantity.key == kind
        and (region is None or r.subject.region == region)
        and (arm is None or r.subject.arm == arm)
    ]
    return [r.summary[end] for r in rows]


def test_inputs_are_those_that_doses_and_control_depend_on(result):
    stage = "micrometastases."
    own = {n.removeprefix(stage) for n in result.run.inputs if n.startswith(stage)}
    assert {"alpha", "clonogens"} <= own
    assert "uptake_factor" not in own  # the carrier's kinetics are


def test_the_example_is_short():
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 60


def test_the_median_marrow_dose_is_equal(result):
    """The mean of a skew draw lies above its median of 2 Gy, the lower limit below."""
    for arm in ("I-125", "I-131"):
        (low,), (high,) = (
            of(result, "marrow_dose_beside", "red_marrow", arm, end) for end in ("low", "high")
        )
        assert low < 2.0 < high
    given = of(result, "activity_at_marrow_dose")
    # I-131 gives marrow more per MBq: its electrons and photons carry ten times as much
    assert given[0] > 1.5 * given[1]


def test_activity_is_that_of_the_median_draw(result, tmp_path):
    study, _ = read_study(changed(tmp_path, *SMALL), draws=DRAWS)
    for arm in ("I-125", "I-131"):
        kinetics = payload_kinetics(study, tmp_path, conjugate_of(study.agent), arm)
        want = 2000.0 / np.median(kinetics.marrow_mGy_per_MBq)
        assert of(result, "activity_at_marrow_dose", arm=arm)[0] == pytest.approx(want, rel=1e-9)


def test_a_metastasis_of_cells_has_the_dose_of_its_sphere():
    """Nuclei of I-131 in an even cluster of 100 um get 2% more than its tissue (own decays)."""
    cell = CellShape(8.0, 6.0)
    for packing in ("fcc", "random"):
        (one,) = metastasis_doses("I-131", np.array([100.0]), cell, packing=packing)
        want = size_dose("I-131", np.array([100.0])).Gy_g_per_MBq_h[0]
        assert one.Gy_g_per_MBq_h == pytest.approx(want, rel=0.07, abs=0)
        assert one.tissue_g == pytest.approx(4 / 3 * np.pi * 1e-6, rel=1e-3, abs=0)


def test_sizes_of_settings_keep_their_median(tmp_path):
    study, _ = read_study(changed(tmp_path))
    sizes = sizes_of(study.micrometastases)
    for name, median_um in (("adjuvant", 30.0), ("neoadjuvant", 100.0)):
        share = sizes.share[name]
        assert share.sum() == pytest.approx(1.0, rel=1e-12, abs=0)
        # the truncation takes the largest of adjuvant metastases; nodes are a factor 1.9 apart
        mean = np.exp(share @ np.log(sizes.radius_um))
        assert mean == pytest.approx(median_um, rel=0.12, abs=0)


def test_little_dose_controls_nothing(result):
    """0.1 Gy of I-131 to a single cell: e^-0.02 of a clonogen that is there lives on."""
    smallest = min(
        (r for r in result.run.results if r.quantity.key == "metastasis_dose"),
        key=lambda r: float(r.subject.region.split(":")[1].split(" ")[0]),
    ).subject.region
    assert of(result, "tumor_control_probability", smallest, "I-131")[0] < 0.05


def test_doses_of_small_metastases(result):
    """I-125's dose hardly depends on size, I-131's rises in proportion: electrons leave."""
    regions = sorted(
        {r.subject.region for r in result.run.results if r.quantity.key == "metastasis_dose"},
        key=lambda text: float(text.split(":")[1].split(" ")[0]),
    )
    assert len(regions) == 8
    first, last = regions[0], regions[-1]
    short = [of(result, "metastasis_dose", r, "I-125")[0] for r in (first, last)]
    long = [of(result, "metastasis_dose", r, "I-131")[0] for r in (first, last)]
    assert short[1] / short[0] < 1.3
    assert long[1] / long[0] > 4.0
    ratio = of(result, "ratio", first, "I-125 over I-131")[0]
    assert 20.0 < ratio < 200.0
    low, high = (of(result, "ratio", first, "I-125 over I-131", e)[0] for e in ("low", "high"))
    spread = [of(result, "metastasis_dose", first, "I-125", e)[0] for e in ("low", "high")]
    # what payloads share cancels between them
    assert high / low < 0.5 * spread[1] / spread[0]


def test_control_is_a_probability_that_falls_with_number(result):
    for kind in ("tumor_control_probability", "controlled_share"):
        assert all(0.0 <= v <= 1.0 for v in of(result, kind))
    one = of(result, "controlled_share", "metastases:adjuvant", "I-125")[0]
    every = of(result, "tumor_control_probability", "metastases:adjuvant", "I-125")[0]
    assert every <= one
    gain = of(result, "control_gain", "metastases:adjuvant", "I-125 less I-131")[0]
    less = of(result, "tumor_control_probability", "metastases:adjuvant", "I-131")[0]
    assert gain == pytest.approx(every - less, rel=1e-9, abs=1e-15)  # pure numbers


def test_assumptions_are_listed(result):
    said = {a.id: a.value for a in result.run.assumptions}
    assert said["micrometastases.marrow"] == "2 Gy"
    assert "95% of the cells" in said["micrometastases.uptake"]
    assert said["micrometastases.setting.adjuvant"].startswith("10 of 30 um")


@pytest.mark.slow
def test_the_page_shows_sizes_and_settings(result):
    page = report_html(result)
    assert '<section id="metastases">' in page
    assert "Payloads of one carrier at 2 Gy to the red marrow" in page
    assert "fig-metastases-1" in page
    assert "At equal marrow dose I-125 gives the cells of a metastasis" in page


def test_the_terminal_shows_sizes_and_settings(result):
    shown = metastases_table(result)
    assert [column.header for column in shown.columns][1:] == ["I-125", "I-131"]
    lines = list(shown.columns[0].cells)
    assert len(lines) == 8 + 2 + 2
    assert lines[-1] == "neoadjuvant metastases: p(all controlled)"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('nucleus_radius = "6 um"', 'nucleus_radius = "8 um"', "a nucleus of 8.0 um in a cell"),
        ("labelled = 0.95", "labelled = 1.2", "less than or equal to 1"),
        ('"Lu-177"]', '"Lu-1777"]', "Lu-177"),
        ('indication = "triple-negative breast"', 'indication = "brest"', "breast"),
        ('largest = "1 mm"', 'largest = "5 mm"', "cells in a metastasis"),
        ('largest = "1 mm"', 'largest = "10 um"', "below the median"),
        ('largest = "1 mm" ', "", "needs the largest"),
        ('radius = "30 um"', 'radius = "3 um"', "smaller than a cell"),
        ('name = "neoadjuvant"', 'name = "adjuvant"', "two settings are called"),
        ('packing = "random"', 'packing_fraction = 0.7\npacking = "random"', "cannot be cells"),
        ('[[lesion]]\nname = "primary"\nmass = "4 g" ', "", "need the calibrated carrier"),
    ],
)
def test_refused(tmp_path, old, new, said):
    with pytest.raises(StudyError, match=said.replace("(", r"\(")):
        read_study(changed(tmp_path, (old, new)))


def test_survival_of_cells_and_control_by_hand():
    """Two doses, one dose rate: linear-quadratic with G = Tr/(Tr + Te) of one exponential."""
    cluster, cell = cluster_of(40.0, 8.0), CellShape(8.0, 6.0)
    dose = cluster_dose(
        radial_energy("I-131"), cluster, cell, uptake=Uptake(spread=0.5), decays_per_cell=300.0
    )
    course = DoseRate.of_terms([1.0], [np.log(2.0) / 100.0])
    found = cluster_response(
        dose, course, alpha_per_Gy=0.3, alpha_beta_Gy=5.0, repair_half_life_h=2.0, clonogenic=0.2
    )
    assert found.G == pytest.approx(2.0 / 102.0, rel=1e-9, abs=0)
    want = np.exp(-0.3 * dose.dose_Gy - 0.06 * found.G * dose.dose_Gy**2)
    np.testing.assert_allclose(found.survival, want, rtol=1e-12, atol=0)
    assert found.control == pytest.approx(np.prod(1.0 - 0.2 * want), rel=1e-9, abs=0)
    assert found.survivors == pytest.approx(0.2 * want.sum(), rel=1e-12, abs=0)
    assert found.control < np.exp(-found.survivors)  # Poisson forgets that a cell dies once
    with pytest.raises(PhysicsRangeError, match=r"clonogenic share 1\.5"):
        cluster_response(
            dose, course, alpha_per_Gy=0.3, alpha_beta_Gy=5.0, repair_half_life_h=2.0,
            clonogenic=1.5,
        )  # fmt: skip


def test_dose_against_size():
    """Hindie's and other sets: 1 MeV/um3 of Lu-177 electrons gives a 2 mm sphere 128 Gy,
    200 um 42 Gy, 20 um 6.6 Gy (cited by Alcocer-Avila et al. 2020, introduction).

    1 MeV/um3 is 1e12 MeV/g; per decay 147.9 keV of electrons. Other spectra and stopping: 8%.
    """
    size = size_dose("Lu-177", np.array([10.0, 100.0, 1000.0]))
    decays_per_g = 1e12 / 0.1479
    dose = size.Gy_g_per_MBq_h * decays_per_g / 3.6e9
    np.testing.assert_allclose(dose, [6.6, 42.0, 128.0], rtol=0.08, atol=0)
    mass_g = 4 / 3 * np.pi * (size.radius_um * 1e-4) ** 3
    np.testing.assert_allclose(
        size.Gy_per_decay * mass_g * 3.6e9, size.Gy_g_per_MBq_h, rtol=1e-9, atol=0
    )
    assert (np.diff(size.absorbed_share) > 0).all()
    assert size.progeny == "prompt"
    assert size_dose("Ac-225", np.array([10.0])).progeny == "equilibrium"


@pytest.mark.slow
def test_payloads_at_equal_marrow_dose():
    found = payload_size(("I-125", "I-131", "Ac-225"), radii=3, draws=60)
    ratio = {one.size.nuclide: np.median(one.ratio, axis=0) for one in found}
    assert ratio["I-125"][0] > 20 * ratio["I-131"][0]
    assert ratio["I-125"][-1] > ratio["I-131"][-1]
    assert ratio["Ac-225"][0] > 5 * ratio["I-131"][0]
    k = found[0].kinetics
    want = k.tumor_h_per_g[:, None] * found[0].size.Gy_g_per_MBq_h * 1e3
    np.testing.assert_allclose(
        found[0].ratio, want / k.marrow_mGy_per_MBq[:, None], rtol=1e-12, atol=0
    )
    panels = payload_panels(found)
    lines = [[t for t in p.figure.data if t.mode == "lines+markers"] for p in panels]
    assert [len(each) for each in lines] == [3, 3, 3]
    marrow = np.median(TARGET_Gy / found[0].ratio, axis=0)
    assert lines[2][0].y == pytest.approx(marrow, rel=1e-4, abs=0)  # five digits are drawn
