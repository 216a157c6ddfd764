"""Documents of plates, dishes and microscopes: keys, and numbers worked out by hand beside them."""

import json
import math
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.in_vitro.cell_frames import microscope_field, microscope_picture
from pdcraft.optics.in_vitro.predict import in_vitro_document
from pdcraft.optics.scene_read import read_scene

SCHEMA = json.loads(files("pdcraft.data").joinpath("schema", "image.schema.json").read_text())
LIGHT = 6.62607015e-34 * 299792458.0  # J m
HEAD = 'schema = "pdcraft.scene/1"\nname = "test"\n'
DYE = """
[dye]
name = "custom"
epsilon = "80000 L/mol/cm"
quantum_yield = 0.5
excitation = "490 nm"
emission = "520 nm"
[illumination]
wavelength = "490 nm"
irradiance = "2 mW/cm^2"
[run]
outputs = ["metrics"]
"""
CAMERA = """
[camera]
projection = "telecentric"
pixels = [32, 32]
field_of_view = ["40 mm", "40 mm"]
focal_length = "25 mm"
f_number = 2.0
working_distance = "100 mm"
band = ["510 nm", "560 nm"]
transmission = 0.5
out_of_band_od = 99.0
qe = 0.8
read_noise = "2 e"
dark_current = "0 e/s"
full_well = "1e9 e"
bits = 24
exposure = "10 ms"
"""
PLATE = """
[domain]
kind = "plate"
format = 96
volume = "100 uL"
read = "top"
"""
WELLS = """
[concentration]
A1 = "{top} nM"
A2 = "100 nM"
A3 = "10 nM"
A4 = "0 nM"
A5 = "0 nM"
"""
EXAMPLES = Path(__file__).parents[3] / "examples"
KEYS = {
    "schema", "scene", "scene_sha256", "seed", "version", "method", "wavelengths_nm", "optics",
    "energy", "frames", "reflectance", "transmittance", "exitance_per_irradiance", "best_time",
    "safety", "uncertainty", "files", "assumed", "warnings", "citations",
}  # fmt: skip


@pytest.fixture
def scene_of(tmp_path):
    def make(*parts):
        path = tmp_path / "scene.toml"
        path.write_text(HEAD + "".join(parts))
        return read_scene(path)

    return make


def plate(scene_of, top=1000.0, extra=""):
    return scene_of(PLATE, extra, WELLS.format(top=top), DYE)


@pytest.mark.parametrize("kind", ["plate", "dish", "microscope"])
def test_every_key_is_there_and_nothing_is_nan(scene_of, kind):
    dish = '[domain]\nkind = "dish"\ndiameter = "35 mm"\nvolume = "2 mL"\nread = "top"\n'
    said = {
        "plate": (PLATE, WELLS.format(top=1000.0)),
        "dish": (dish, '[concentration]\nmedium = "100 nM"\n'),
        "microscope": (
            '[domain]\nkind = "microscope"\nna = 0.5\ncells = 2\n',
            '[concentration]\nmembrane = "1e5 nM"\nmedium = "10 nM"\n',
        ),
    }[kind]
    document = in_vitro_document(scene_of(*said, DYE), draws=3)
    assert set(document) >= KEYS
    jsonschema.validate(document, SCHEMA)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["uncertainty"]["draws"] == 3
    assert set(document["frames"][0]) >= {
        "time_h", "regions", "rois", "metrics", "detection", "image_rel_std_err",
    }  # fmt: skip
    # a reader that no file states is assumed number by number
    assert sum("default reader: " in text for text in document["assumed"]) >= 12


def test_wells_roll_off_as_the_inner_filter(scene_of):
    """Readings without noise: their ratio per nM is (1 - 10^-A)/(A ln 10), here to rounding."""
    document = in_vitro_document(plate(scene_of, 20_000.0))
    first, second = document["wells"][0], document["wells"][1]
    path_cm = 100.0 / (360.0 / 10.67) / 10.0  # plates.toml: capacity over depth
    a = 80_000.0 * 20_000e-9 * path_cm
    b = a / 200.0

    def kept(decades):
        return (1.0 - 10.0**-decades) / (math.log(10.0) * decades)

    # the inner filter and the leak, which every well has, apart
    net = [w["blank_subtracted"]["value"] / w["conc_nM"] for w in (first, second)]
    assert net[0] / net[1] == pytest.approx(kept(a) / kept(b), rel=1e-6, abs=0)
    assert first["inner_filter_factor"] == pytest.approx(kept(a), rel=1e-6, abs=0)
    assert document["wells"][3]["blank_subtracted"]["value"] == pytest.approx(0.0, abs=1e-6)
    assert "A1" in " ".join(document["warnings"])


def test_limits_follow_the_blanks(scene_of):
    assay = in_vitro_document(plate(scene_of))["assay"]
    lod, lloq = assay["lod_nM"]["value"], assay["lloq_nM"]["value"]
    assert lloq / lod == pytest.approx(10.0 / 3.0, rel=1e-9, abs=0)
    assert 0.0 < lod < 1.0  # far below 10 nM, which stands out of the blanks by eye
    assert assay["r2"] > 0.999
    assert assay["z_prime"]["value"] > 0.9


def test_spread_of_extinction_is_that_of_readings(scene_of):
    """Thin wells are linear: 95 % limits of a lognormal of CV 0.3, 200 stratified draws to 3 %."""
    scene = plate(scene_of, extra="[spread]\nepsilon = 0.3\n")
    low, high = in_vitro_document(scene, draws=200)["wells"][2]["blank_subtracted"]["interval95"]
    want = 2.0 * 1.959964 * math.sqrt(math.log(1.09))
    assert math.log(high / low) == pytest.approx(want, rel=0.03, abs=0)


def test_a_full_detector_is_told(scene_of):
    camera = CAMERA.replace('full_well = "1e9 e"', 'full_well = "1000 e"')
    document = in_vitro_document(scene_of(PLATE, WELLS.format(top=1000.0), DYE, camera))
    assert document["wells"][0]["saturated"]
    assert any("saturated: A1" in text for text in document["warnings"])
    # the default reader shortens its exposure instead
    bright = in_vitro_document(plate(scene_of, 1e7))
    assert not any("saturated" in text for text in bright["warnings"])


# 200 steps of 100 e above the offset, below a large well; a well a third full of dark charge
SENSORS = {
    "converter": 'full_well = "1e9 e"\ngain_e_per_count = 100.0\noffset = 55\nbits = 8\n',
    "dark": 'full_well = "30000 e"\ndark_current = "1e6 e/s"\nbits = 24\n',
}


@pytest.mark.parametrize("sensor", SENSORS)
@pytest.mark.parametrize("kind", ["plate", "dish", "microscope"])
def test_a_pixel_is_full_at_what_converter_and_dark_charge_leave(scene_of, kind, sensor):
    """20 000 e of light fill it, to a step of the converter: a tenth less does not, more does."""
    room = 20_000.0
    lines = [x for x in CAMERA.splitlines() if x.split(" ")[0] not in ("full_well", "bits")]
    camera = "\n".join(lines) + "\n"
    if sensor == "dark":
        camera = camera.replace('dark_current = "0 e/s"\n', "")
    camera += SENSORS[sensor]
    dish = '[domain]\nkind = "dish"\ndiameter = "35 mm"\nvolume = "1 mL"\nread = "top"\n'
    domain = {"plate": f"{PLATE}gain = 1.0\n", "dish": dish}.get(kind)
    if domain is None:
        domain = '[domain]\nkind = "microscope"\nna = 0.6\ncells = 1\ncell_radius = "10 um"\n'
        camera = camera.replace('["40 mm", "40 mm"]', '["0.032 mm", "0.032 mm"]')

    def seen(conc_nM):
        region = "A1" if kind == "plate" else "medium"
        conc = f'[concentration]\n{region} = "{conc_nM!r} nM"\n'
        document = in_vitro_document(scene_of(domain, conc, DYE, camera))
        if kind == "plate":
            return document["wells"][0]["rfu"]["value"], document["wells"][0]["saturated"]
        roi = document["frames"][0]["rois"]["dish" if kind == "dish" else "medium"]
        return roi["electrons_per_pixel"]["value"], roi["saturated_fraction"] == 1.0

    per_nM = seen(1e-3)[0] / 1e-3
    light, full = seen(0.9 * room / per_nM)
    assert 0.8 * room < light < 0.95 * room  # the inner filter takes some
    assert not full
    light, full = seen(1.15 * room / per_nM)
    assert full
    assert light < 1.2 * room


def test_cells_differ_by_the_sensors_pattern_too(scene_of):
    """A PRNU of a half on an even medium: its SD adds to that of shot noise in squares."""
    domain = '[domain]\nkind = "microscope"\nna = 0.6\ncells = 1\ncell_radius = "10 um"\n'
    camera = CAMERA.replace('["40 mm", "40 mm"]', '["0.032 mm", "0.032 mm"]') + "prnu = 0.5\n"
    scene = scene_of(domain, '[concentration]\nmedium = "1e7 nM"\n', DYE, camera)
    roi = in_vitro_document(scene)["frames"][0]["rois"]["medium"]
    light = roi["electrons_per_pixel"]["value"]
    want = math.hypot(0.5 * light, math.sqrt(light))
    assert roi["sd_electrons"] == pytest.approx(want, rel=0.01, abs=0)


def test_a_dish_by_hand(scene_of):
    """Photon radiance of a thin layer: absorbed x yield / (4 pi n^2), less two surfaces."""
    dish = '[domain]\nkind = "dish"\ndiameter = "35 mm"\nvolume = "1 mL"\nread = "top"\n'
    scene = scene_of(dish, '[concentration]\nmedium = "1 nM"\n', DYE, CAMERA)
    roi = in_vitro_document(scene)["frames"][0]["rois"]["dish"]
    depth_cm = 1000.0 / (math.pi * 17.5**2) / 10.0
    absorbed = 2e-3 / (LIGHT / 490e-9) * math.log(10.0) * 80_000.0 * 1e-9 * depth_cm
    through = 1.0 - (0.33 / 2.33) ** 2
    want = absorbed * 0.5 / (4.0 * math.pi * 1.33**2) * through**2
    # the inner filter of 1e-5 decades is the largest of what the hand leaves out
    got = roi["photon_radiance_per_s_cm2_sr"]["value"]
    assert got == pytest.approx(want, rel=1e-4, abs=0)
    micro = roi["radiance_uW_per_cm2_sr"]["value"]
    assert micro == pytest.approx(want * 1e6 * LIGHT / 520e-9, rel=1e-4, abs=0)


def test_a_cell_by_hand(scene_of):
    """The middle of a cell: photons x absorbed x yield x collected x losses."""
    domain = """[domain]
kind = "microscope"
na = 0.6
cells = 1
cell_radius = "10 um"
"""
    camera = CAMERA.replace('["40 mm", "40 mm"]', '["0.032 mm", "0.032 mm"]')
    scene = scene_of(domain, '[concentration]\ncytosol = "1000 nM"\n', DYE, camera)
    image, pixel_um = microscope_picture(scene)
    assert pixel_um == pytest.approx(1.0, rel=1e-12, abs=0)
    photons = 2e-3 * 0.01 / (LIGHT / 490e-9) * 1e-8  # of 1 um2
    absorbed = math.log(10.0) * 80_000.0 * 1e-6 * 20e-4  # over a chord of 20 um
    want = photons * absorbed * 0.5 * 0.5 * (1.0 - 0.8) * 0.5 * 0.8
    # pixels beside the axis see 0.3 % less: chord at 0.7 um, blur 0.18 um; membrane 0.01 um
    assert image[15, 15] == pytest.approx(want, rel=5e-3, abs=0)


def test_membranes_stand_out_as_rings(scene_of):
    domain = '[domain]\nkind = "microscope"\nna = 0.75\ncells = 1\n'
    scene = scene_of(domain, '[concentration]\nmembrane = "1e5 nM"\n', DYE)
    field = microscope_field(scene)
    row = field.numbers(scene.dye, scene.concentrations())
    assert row[0] > 2.0 * row[1] > 0.0  # a shell seen along its side and through its faces
    assert row[2] == pytest.approx(0.0, abs=1e-3 * row[0])
    # amount is kept: shell volume times concentration, whatever the blur
    total = float(field.basis_um[0].sum()) * field.pixel_um**2
    shell = 4.0 / 3.0 * math.pi * (7.5**3 - 7.49**3)
    assert total == pytest.approx(shell, rel=0.02, abs=0)  # a shell of 10 nm on 54 nm steps


def test_a_nucleus_takes_the_cytosols_place(scene_of):
    domain = '[domain]\nkind = "microscope"\nna = 0.75\ncells = 1\n'
    conc = '[concentration]\ncytosol = "1000 nM"\nnucleus = "0 nM"\n'
    field = microscope_field(scene_of(domain, conc, DYE))
    volume = field.basis_um.sum(axis=(1, 2)) * field.pixel_um**2
    want = 4.0 / 3.0 * math.pi * 3.75**3
    assert volume[2] == pytest.approx(want, rel=1e-3, abs=0)  # squares of 54 nm on its edge
    whole = 4.0 / 3.0 * math.pi * 7.49**3
    assert volume[1] == pytest.approx(whole - want, rel=1e-3, abs=0)


def test_what_is_not_computed_is_refused(scene_of):
    slanted = DYE.replace("[run]", 'incidence = "30 deg"\n[run]')
    with pytest.raises(PhysicsRangeError, match="straight down"):
        in_vitro_document(scene_of(PLATE, WELLS.format(top=10.0), slanted))
    turbid = '[materials.medium]\nmua = "0 /mm"\nmus = "1 /mm"\ng = 0.9\nn = 1.33\n'
    with pytest.raises(PhysicsRangeError, match="'medium' scatters"):
        in_vitro_document(scene_of(PLATE, WELLS.format(top=10.0), turbid, DYE))
    slab = """[domain]
kind = "slab"
size = ["8 mm", "8 mm", "4 mm"]
voxel = "1 mm"
[materials.a]
tissue = "brain"
[[layer]]
material = "a"
[concentration]
a = "1 nM"
"""
    with pytest.raises(DataError, match="slab scene is not in vitro"):
        in_vitro_document(scene_of(slab, DYE.replace('["metrics"]', '["fluence"]')))


def test_an_absorbing_medium_takes_light(scene_of):
    """mua L = 0.6 at both wavelengths: the signal falls by (1 - e^-1.2)/1.2."""
    path_mm = 100.0 / (360.0 / 10.67)
    medium = f'[materials.medium]\nmua = "{0.6 / path_mm} /mm"\nmus = "0 /mm"\ng = 0.0\nn = 1.33\n'
    lit = [
        in_vitro_document(scene_of(PLATE, WELLS.format(top=10.0), more, DYE, CAMERA))
        for more in ("", medium)
    ]
    net = [d["wells"][2]["blank_subtracted"]["value"] for d in lit]
    # dye at 10 nM adds 5e-4 to the exponent
    assert net[1] / net[0] == pytest.approx((1.0 - math.exp(-1.2)) / 1.2, rel=5e-4, abs=0)
    rate = [d["frames"][0]["regions"]["A3"]["mean_fluence_rate_mW_per_cm2"]["value"] for d in lit]
    assert rate[1] / rate[0] == pytest.approx((1.0 - math.exp(-0.6)) / 0.6, rel=1e-3, abs=0)
    assert np.isfinite(rate).all()


def test_the_example_plate():
    """Dilution keeps its order; the line's slope is that of its lowest standards, to the noise."""
    scene = read_scene(EXAMPLES / "clr1501_plate" / "scene.toml")
    document = in_vitro_document(scene, draws=0)
    wells = document["wells"]
    net = {w["conc_nM"]: w["blank_subtracted"]["value"] for w in wells if w["conc_nM"] > 0.0}
    assert sorted(net) == sorted(net, key=lambda c: net[c])
    assert wells[0]["inner_filter_factor"] < 0.8  # 30 uM bends the curve
    slope = document["assay"]["slope_rfu_per_nM"]["value"]
    low = min(net)
    # 3 % pipetting in three replicates of the weighted standards; crosstalk of empty wells is none
    assert slope == pytest.approx(net[low] / low, rel=0.1, abs=0)
