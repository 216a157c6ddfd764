"""Scenes as the contract writes them: what each key becomes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pdcraft.errors import StudyError
from pdcraft.optics.camera import sample_counts
from pdcraft.optics.scene_read import read_scene
from pdcraft.optics.spectra import Line

EXAMPLE = Path(__file__).with_name("b1.toml")
VESSEL = """[materials.vessel]
mua = "0.4 /mm"
mus = "10 /mm"
g = 0.9
n = 1.4
[[inclusion]]
name = "vessel"
material = "vessel"
shape = "cylinder"
axis = "y"
centre = ["3.5 mm","0 mm","1.5 mm"]
radius = "0.5 mm"
length = "20 mm"
priority = 2
"""


def test_the_contracts_example_is_read_as_it_stands():
    scene = read_scene(EXAMPLE)
    assert scene.name == "b1"
    assert scene.domain.shape == (100, 100, 50)
    assert scene.domain.size_mm == (20.0, 20.0, 10.0)
    assert [r.name for r in scene.regions] == ["background", "tumour"]
    brain = scene.materials["brain"].optics(760.0)
    assert (brain.mua_per_mm, brain.mus_per_mm, brain.g, brain.n) == (0.02, 10.0, 0.9, 1.4)
    assert scene.materials["brain"].optics(810.0) == brain
    assert scene.concentrations() == {"background": 200.0, "tumour": 1000.0}
    assert float(scene.dye.epsilon_at(760.0)) == pytest.approx(200_000.0, rel=1e-12, abs=0)
    assert scene.dye.quantum_yield == 0.08
    assert scene.illumination.light == Line(760.0)
    assert scene.illumination.irradiance_mW_per_cm2 == 10.0
    camera = scene.camera
    assert camera is not None
    assert camera.pixels == (64, 64)
    assert camera.exposure_s == pytest.approx(0.033, rel=1e-12, abs=0)
    assert camera.filter.band_nm == (800.0, 850.0)
    assert [r.rule for r in scene.rois] == ["disc r=1.5 mm", "annulus r=5 to 8 mm"]
    assert scene.run.max_time_s == 60.0
    assert scene.run.times_h == ()  # concentrations are numbers
    assert any("every time" in text for text in scene.assumed)


@pytest.mark.parametrize("said", ["64", "64.0"])
def test_a_converters_offset_is_whole(scene_file, said):
    """Readings are whole numbers; a fraction in the offset would have made them none."""
    made = read_scene(scene_file(("bits = 12", f"bits = 12\noffset = {said}"))).camera
    counts = sample_counts(made, np.ones(made.shape), np.random.default_rng(1))
    assert np.issubdtype(counts.dtype, np.integer)
    assert counts.min() >= 60  # light of 1 e, read noise of 2 e, steps of 7 e
    with pytest.raises(StudyError, match=r"camera\.offset.*fractional"):
        read_scene(scene_file(("bits = 12", "bits = 12\noffset = 64.5")))


def test_reading_loads_no_numba():
    code = (
        "import sys; from pdcraft.optics.scene_read import read_scene; "
        f"read_scene({str(EXAMPLE)!r}); sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_digest_changes_with_the_text_and_with_named_files(scene_file):
    one = read_scene(scene_file()).sha256
    assert one == read_scene(scene_file()).sha256
    assert one != read_scene(scene_file(("qe = 0.35", "qe = 0.36"))).sha256
    change = ('background = "200 nM"\ntumour = "1000 nM"', 'file = "c.csv"')
    digests = []
    for amount in (1, 2):
        path = scene_file(change)
        path.with_name("c.csv").write_text(f"time_h,region,conc_nM\n24,tumour,{amount}\n")
        digests.append(read_scene(path).sha256)
    assert digests[0] != digests[1]


def test_options_stand_in_for_the_files_run(scene_file):
    scene = read_scene(scene_file(), seed=7, draws=20)
    assert (scene.run.seed, scene.run.draws) == (7, 20)
    with pytest.raises(StudyError, match="greater than or equal to 0"):
        read_scene(scene_file(), draws=-1)


def test_a_vessel_along_y(scene_file):
    scene = read_scene(
        scene_file(('tumour = "1000 nM"', 'tumour = "1000 nM"\nvessel = "500 nM"'), extra=VESSEL)
    )
    body = scene.inclusions[1]
    assert body.axis == (0.0, 1.0, 0.0)
    assert body.half_mm == (0.5, 0.5, 10.0)
    assert scene.concentrations()["vessel"] == 500.0


def test_a_green_dye_declared_as_two_lines(scene_file):
    scene = read_scene(
        scene_file(
            ('name = "CLR 1502"', 'name = "custom"\nexcitation = "490 nm"\nemission = "517 nm"'),
            ('wavelength = "760 nm"', 'wavelength = "490 nm"'),
            ('["800 nm","850 nm"]', '["505 nm","545 nm"]'),
        )
    )
    assert scene.dye.emission == Line(517.0)
    assert float(scene.dye.epsilon_at(490.0)) == pytest.approx(200_000.0, rel=1e-12, abs=0)
    assert float(scene.dye.epsilon_at(517.0)) == 0.0
    assert any("emitted at 517 nm" in text for text in scene.assumed)


def test_lines_override_a_catalogue_dye_too(scene_file):
    scene = read_scene(
        scene_file(("quantum_yield = 0.08", 'quantum_yield = 0.08\nemission = "820 nm"'))
    )
    assert scene.dye.emission == Line(820.0)
    assert not any(p.name in ("absorption_nm", "stokes_nm") for p in scene.dye.priors)


def test_declared_widths_and_files_make_spectra(scene_file):
    path = scene_file(
        (
            'name = "CLR 1502"',
            'name = "custom"\nexcitation = "ex.csv"\nemission = "810 nm"\nemission_width = "40 nm"',
        )
    )
    path.with_name("ex.csv").write_text("nm,relative\n700,0\n770,4\n800,0\n")
    dye = read_scene(path).dye
    assert float(dye.epsilon_at(760.0)) == pytest.approx(200_000.0, rel=1e-12, abs=0)
    assert float(np.max(dye.absorption.value)) == pytest.approx(200_000 * 7 / 6, rel=1e-9, abs=0)
    assert dye.emission.integral() == pytest.approx(1.0, rel=1e-9, abs=0)
    assert dye.emission.integral(800.0, 850.0) < 0.8


def test_a_lamp_with_a_width_or_a_spectrum(scene_file):
    wide = read_scene(
        scene_file(('wavelength = "760 nm"', 'wavelength = "760 nm"\nfwhm = "20 nm"'))
    )
    low, high = wide.illumination.band_nm
    assert (low, high) == (pytest.approx(750.0, abs=0.5), pytest.approx(770.0, abs=0.5))
    path = scene_file(('wavelength = "760 nm"', 'spectrum = "lamp.csv"'))
    path.with_name("lamp.csv").write_text("740,0\n760,1\n780,0\n")
    lamp = read_scene(path).illumination
    assert lamp.wavelength_nm == pytest.approx(760.0, rel=1e-12, abs=0)
    assert lamp.band_nm == (pytest.approx(750.0), pytest.approx(770.0))


def test_materials_by_tissue_by_table_and_by_reduced_scattering(scene_file):
    plain = 'mua = "0.02 /mm"\nmus = "10 /mm"\ng = 0.9\nn = 1.4\nautofluorescence = "0 nM"'
    brain = read_scene(scene_file((plain, 'tissue = "brain"\nblood_volume = 0.02'))).materials
    assert brain["brain"].autofluorescence_nM == 1.0  # the table's, near infrared: assumed
    table = (
        'mua = [{wavelength = "700 nm", value = "0.02 /mm"}, '
        '{wavelength = "900 nm", value = "0.04 /mm"}]'
    )
    made = read_scene(
        scene_file(('mua = "0.02 /mm"', table), ('mus = "10 /mm"', 'musp = "1 /mm"'))
    ).materials["brain"]
    found = made.optics(800.0)
    assert found.mua_per_mm == pytest.approx(0.03, rel=1e-12, abs=0)
    assert found.mus_per_mm == pytest.approx(10.0, rel=1e-12, abs=0)
    shares = "blood_volume = 0.05\nsaturation = 0.5\nwater = 0.7\nfat = 0.1"
    own = shares + '\nmus = "10 /mm"\ng = 0.9\nn = 1.4'
    assert read_scene(scene_file((plain, own))).materials["brain"].varies


def test_the_tables_amounts_at_its_times(scene_file):
    path = scene_file(('background = "200 nM"\ntumour = "1000 nM"', 'file = "c.csv"'))
    path.with_name("c.csv").write_text(
        "time_h,region,conc_nM,draw\n0,tumour,0,0\n48,tumour,200,0\n0,tumour,0,1\n48,tumour,400,1\n"
    )
    scene = read_scene(path)
    assert scene.run.times_h == (24.0,)
    assert scene.concentrations(24.0) == {"background": 0.0, "tumour": 150.0}
    assert scene.concentrations(24.0, draw=1)["tumour"] == 200.0
    assert "background: no dye" in scene.assumed


def test_a_height_map_has_its_surface_by_column(scene_file):
    path = scene_file(
        ('kind = "slab"', 'kind = "height_map"\nfile = "h.tif"'),
        ('["20 mm","20 mm","10 mm"]', '["20 mm","10 mm","10 mm"]'),
        ('voxel = "0.2 mm"', 'voxel = "0.5 mm"'),
    )
    height = np.zeros((20, 40), dtype=np.float32)
    height[3, 7] = 1.25  # row: y, column: x
    tifffile.imwrite(path.with_name("h.tif"), height)
    surface = read_scene(path).domain.height_mm
    assert surface is not None
    assert surface.shape == (40, 20)
    assert surface[7, 3] == 1.25
    height[:] = 3.0  # through the tumor, whose top lies at 2 mm
    tifffile.imwrite(path.with_name("h.tif"), height)
    assert "tumour: cut by the surface" in read_scene(path).assumed


OTHER = {
    "plate": ('format = 96\nvolume = "100 uL"\nread = "top"', 'A1 = "0 nM"\nB12 = "100 nM"'),
    "dish": ('diameter = "35 mm"\nvolume = "2 mL"\nread = "bottom"', 'medium = "100 nM"'),
    "microscope": ("na = 0.75\nmagnification = 40", 'membrane = "900 nM"\ncytosol = "100 nM"'),
    "mouse": ('mass = "25 g"\nview = "flank"', 'liver = "100 nM"\ntumour = "1000 nM"'),
}


@pytest.mark.parametrize("kind", OTHER)
def test_other_kinds_are_read_and_checked(kind, scene_file):
    keys, amounts = OTHER[kind]
    body = scene_file().read_text()
    layer = '[[layer]]\nmaterial = "brain"\nname = "background"\n'
    inclusion = body[body.index("[[inclusion]]") : body.index("[dye]")]
    changes = [
        (
            body[body.index('kind = "slab"') : body.index("[materials")],
            f'kind = "{kind}"\n{keys}\n',
        ),
        (layer, ""),
        ('background = "200 nM"\ntumour = "1000 nM"', amounts),
    ]
    if kind != "mouse":
        changes.append((inclusion, ""))
    scene = read_scene(scene_file(*changes))
    assert scene.domain.kind == kind
    assert set(scene.concentration.regions) <= {r.name for r in scene.regions}
    details = scene.domain.details or {}
    if kind == "plate":
        assert (details["format"], details["volume_uL"], details["read"]) == (96, 100.0, "top")
        bad = ("B12", "Q12")
    elif kind == "mouse":
        assert details["mass_g"] == 25.0
        bad = ("liver", "livver")
    elif kind == "dish":
        bad = ("medium =", "medum =")
    else:
        bad = ("cytosol", "cytosool")
    with pytest.raises(StudyError, match="there is no region"):
        read_scene(scene_file(*changes, bad))


def test_an_efficiency_over_wavelength(scene_file):
    path = scene_file(("qe = 0.35", 'qe = "qe.csv"'))
    path.with_name("qe.csv").write_text("750,0.5\n1000,0.1\n")
    camera = read_scene(path).camera
    assert camera is not None
    assert float(camera.sensor.qe.at(875.0)) == pytest.approx(0.3, rel=1e-12, abs=0)
    path.with_name("qe.csv").write_text("750,50\n1000,10\n")
    with pytest.raises(StudyError, match="a share is 0 to 1"):
        read_scene(path)


def test_reflectance_needs_no_dye_and_no_camera(scene_file):
    body = scene_file().read_text()
    dye = body[body.index("[dye]") : body.index("[illumination]")]
    camera = body[body.index("[camera]") : body.index("[run]")]
    changes = [(dye, ""), (camera, "")]
    outputs = ('["metrics","image"]', '["reflectance"]')
    scene = read_scene(scene_file(*changes, outputs))
    assert scene.camera is None
    assert scene.dye.quantum_yield == 0.0
    assert scene.concentrations() == {"background": 0.0, "tumour": 0.0}
    with pytest.raises(StudyError) as caught:
        read_scene(scene_file(*changes))
    said = [p.message for p in caught.value.problems]
    assert "[dye] is missing" in said
    assert "[concentration] is missing" in said
    assert any("[camera] is missing" in text for text in said)


def test_a_line_may_lie_beside_the_lamp_where_the_extinction_is_stated(scene_file):
    change = ("quantum_yield = 0.08", 'quantum_yield = 0.08\nexcitation = "775 nm"')
    scene = read_scene(scene_file(change))
    assert float(scene.dye.epsilon_at(760.0)) == pytest.approx(200_000.0, rel=1e-12, abs=0)
    with pytest.raises(StudyError, match="is not excited by the lamp"):
        read_scene(scene_file(change, ('epsilon = "200000 L/mol/cm"', "")))
