"""A mouse under a camera: which way it lies, what covers it, what readers say of it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pdcraft.anatomy.mouse import mouse_body
from pdcraft.errors import DataError, StudyError
from pdcraft.optics.mouse.geometry import SKIN_mm, mouse_voxels
from pdcraft.optics.mouse.readings import mouse_numbers
from pdcraft.optics.mouse.tray import tray_places
from pdcraft.optics.prediction.frame import Frame
from pdcraft.optics.prediction.numbers import PAIR_KEYS, ROI_KEYS
from pdcraft.optics.prediction.setup import setup_of
from pdcraft.optics.scene_read import read_scene
from pdcraft.optics.scene_volume import scene_domain, scene_medium

SCENE = """schema = "pdcraft.scene/1"
name = "mouse"
[domain]
kind = "mouse"
mass = "25 g"
view = "VIEW"
voxel = "1 mm"
control = true
[materials.tumor]
tissue = "soft"
[[inclusion]]
name = "tumor"
material = "tumor"
shape = "sphere"
centre = ["9 mm", "18 mm", "6 mm"]
radius = "4 mm"
[dye]
name = "CLR 1502"
[concentration]
tumor = "500 nM"
liver = "100 nM"
[illumination]
wavelength = "760 nm"
irradiance = "2 mW/cm^2"
[camera]
preset = "open-field"
field_of_view = ["64 mm", "90 mm"]
pixels = [32, 45]
[[roi]]
name = "tumor"
role = "target"
shape = "disc"
centre = ["9 mm", "18 mm"]
radius = "3 mm"
[[roi]]
name = "back"
role = "background"
shape = "disc"
centre = ["-8 mm", "18 mm"]
radius = "3 mm"
"""
VOXEL = 1.0


@pytest.fixture
def scene_of(tmp_path):
    def make(view="dorsal", *changes):
        text = SCENE.replace("VIEW", view)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "scene.toml"
        path.write_text(text)
        return read_scene(path)

    return make


def middle_mm(scene, name):
    """Center of a region's voxels in the domain's axes."""
    domain = scene_domain(scene)
    at = np.argwhere(domain.labels == scene.region_index(name)).mean(axis=0) + 0.5
    return at * VOXEL - np.array([0.5, 0.5, 0.0]) * np.array(domain.size_mm)


# the atlas has the spleen at the animal's left (stylised body: x > 0), the bladder at its belly
@pytest.mark.parametrize(
    ("view", "left"), [("dorsal", (0, -1)), ("ventral", (0, 1)), ("flank", (2, -1))]
)
def test_sides_of_the_animal(scene_of, view, left):
    scene = scene_of(view)
    assert middle_mm(scene, "brain")[1] < middle_mm(scene, "liver")[1]  # head at the top
    assert middle_mm(scene, "liver")[1] < middle_mm(scene, "urinary_bladder")[1]
    axis, sign = left
    spleen, liver = middle_mm(scene, "spleen")[axis], middle_mm(scene, "liver")[axis]
    assert sign * spleen > sign * liver


def test_belly_and_back(scene_of):
    deep = {v: middle_mm(scene_of(v), "kidneys")[2] for v in ("dorsal", "ventral")}
    assert deep["dorsal"] < deep["ventral"]  # kidneys lie at the back
    low = {v: middle_mm(scene_of(v), "urinary_bladder")[2] for v in ("dorsal", "ventral")}
    assert low["ventral"] < low["dorsal"]


def test_volumes_are_the_bodys(scene_of):
    scene = scene_of()
    labels = scene_domain(scene).labels
    body = mouse_body(25.0)
    for name in ("liver", "brain", "lungs"):
        got = float((labels == scene.region_index(name)).sum())
        want = 1000.0 * float(body.volume_cm3[body.regions.index(name)])
        # 450 voxels at least; those on the surface count whole or not at all
        assert got == pytest.approx(want, rel=0.06, abs=0)


def test_skin_covers_all(scene_of):
    scene = scene_of("dorsal", ('voxel = "1 mm"', 'voxel = "0.5 mm"'))
    names = tuple(r.name for r in scene.regions)
    found = mouse_voxels(25.0, "dorsal", 0.5, False, names, scene.inclusions)
    skin = scene.region_index("skin")
    assert np.all(found.labels[(found.level_mm > 0.0) & (found.level_mm < SKIN_mm)] == skin)
    assert not np.any(found.labels[found.level_mm > SKIN_mm] == skin)
    assert np.all(found.labels[found.level_mm > 0.0] > 0)


def test_a_tumor_lifts_the_skin(scene_of):
    """Over the middle of a tumor that stands out, the surface is a skin's breadth above it."""
    moved = ('centre = ["9 mm", "18 mm", "6 mm"]', 'centre = ["0 mm", "18 mm", "1 mm"]')
    scene = scene_of("dorsal", moved, ('voxel = "1 mm"', 'voxel = "0.5 mm"'))
    domain = scene_domain(scene)
    (shape,) = domain.shapes
    nx = domain.labels.shape[0]
    at_y = int((18.0 + 0.5 * domain.size_mm[1]) / 0.5)
    column = domain.level_mm[nx // 2, at_y]
    z = (np.arange(column.size) + 0.5) * 0.5
    first = int(np.argmax(column > 0.0))
    surface = float(np.interp(0.0, column[first - 1 : first + 1], z[first - 1 : first + 1]))
    assert surface == pytest.approx(shape.center_mm[2] - 4.0 - SKIN_mm, abs=0.02)  # off axis 0.25


def test_fur_lies_on_the_skin(scene_of):
    plain, furred = scene_of(), scene_of("dorsal", ("control = true", "control = true\nfur = true"))
    domain = scene_domain(furred)
    inside = domain.labels[domain.level_mm > 0.0]
    assert np.any(inside == furred.region_index("fur"))
    more = float((domain.level_mm > 0.0).sum() - (scene_domain(plain).level_mm > 0.0).sum())
    surface = 4.0 * math.pi * ((14.0 * 9.5) ** 1.6 + (14.0 * 43.0) ** 1.6 + (9.5 * 43.0) ** 1.6)
    # 1 mm on an ellipsoid of about these semi-axes: Thomsen's area
    area = 4.0 * math.pi * (surface / (4.0 * math.pi) / 3.0) ** (1.0 / 1.6)
    assert more == pytest.approx(area, rel=0.15, abs=0)


def test_tissues_and_food(scene_of):
    scene = scene_of("ventral", ("control = true", 'food = "40 nM"'))
    stomach = next(r for r in scene.regions if r.name == "food")
    assert scene.materials[stomach.material].autofluorescence_nM == 40.0
    gut = next(r for r in scene.regions if r.name == "small_intestine")
    own = scene.materials["mouse soft"].autofluorescence_nM
    assert scene.materials[gut.material].autofluorescence_nM == pytest.approx(
        0.5 * (40.0 + own), rel=1e-12, abs=0
    )
    medium = scene_medium(scene, 760.0, scene.concentrations())
    assert np.ptp(medium.n[1:]) == 0.0  # the transport takes no steps between voxels
    assert medium.mua_per_mm[scene.region_index("tumor")] > 0.0
    assert any("human" in text for text in scene.assumed)


def test_a_stated_material_is_the_organs(scene_of):
    stated = (
        "[materials.tumor]",
        '[materials.liver]\nmua = "1 /mm"\nmus = "5 /mm"\ng = 0.9\nn = 1.4\n[materials.tumor]',
    )
    scene = scene_of("dorsal", stated)
    medium = scene_medium(scene, 760.0)
    assert medium.mua_per_mm[scene.region_index("liver")] == 1.0


def test_what_cannot_be_is_refused(scene_of):
    with pytest.raises(DataError, match="does not touch the mouse"):
        scene_domain(scene_of("dorsal", ('["9 mm", "18 mm", "6 mm"]', '["40 mm", "0 mm", "6 mm"]')))
    with pytest.raises(DataError, match=r"take 0\.2 to 1 mm"):
        scene_domain(scene_of("dorsal", ('voxel = "1 mm"', 'voxel = "2 mm"')))
    with pytest.raises(StudyError, match="no region 'livr'"):
        scene_of("dorsal", ("liver =", "livr ="))


def frame_with(setup, values):
    row = np.zeros(len(ROI_KEYS) * len(setup.rois) + len(PAIR_KEYS) * len(setup.pairs))
    for key, value in values:
        row[ROI_KEYS.index(key)] = value
    return Frame(None, {}, row, np.zeros_like(row), np.array([row, 2.0 * row]))


def test_readings_by_hand(scene_of):
    setup = setup_of(scene_of())
    frame = frame_with(
        setup,
        [
            ("photon_radiance_per_s_cm2_sr", 1e9),
            ("electrons_per_pixel", 700.0),
            ("electrons_autofluorescence", 60.0),
            ("electrons_leak", 30.0),
            ("electrons_ambient", 10.0),
        ],
    )
    found = mouse_numbers(setup, frame)["rois"]["tumor"]
    area_cm2 = float(setup.masks[0].sum()) * 0.04  # pixels of 2 mm
    assert found["total_flux_per_s"]["value"] == pytest.approx(
        math.pi * area_cm2 * 1e9, rel=1e-12, abs=0
    )
    assert found["radiant_efficiency"]["value"] == pytest.approx(1e9 / 2000.0, rel=1e-12, abs=0)
    assert found["control_electrons_per_pixel"]["value"] == 100.0
    assert found["treated_over_control"]["value"] == 7.0
    low, high = found["radiant_efficiency"]["interval95"]
    assert low < 1e9 / 2000.0 * 1.1 < high
    assert mouse_numbers(setup, frame)["ex_vivo"] is None
    plain = replace(setup.scene, domain=replace(setup.scene.domain, details={"view": "dorsal"}))
    without = mouse_numbers(replace(setup, scene=plain), frame)["rois"]["tumor"]
    assert without["treated_over_control"] is None


def test_errors_of_readings_follow_those_of_the_light(scene_of):
    setup = setup_of(scene_of())
    frame = frame_with(setup, [("photon_radiance_per_s_cm2_sr", 1e9)])
    errors = np.zeros_like(frame.values)
    errors[ROI_KEYS.index("photon_radiance_per_s_cm2_sr")] = 3e7
    found = mouse_numbers(setup, replace(frame, std_err=errors))["rois"]["tumor"]
    assert found["radiant_efficiency"]["std_err"] == pytest.approx(3e7 / 2000.0, rel=1e-3, abs=0)


def test_organs_on_a_tray(scene_of):
    scene = scene_of("tray", (SCENE[SCENE.index("[[roi]]") :], ""))
    places = {p.name: p for p in tray_places(25.0, scene.inclusions)}
    assert next(roi.name for roi in scene.rois) == "tumor"
    roles = {roi.name: roi.role for roi in scene.rois}
    assert roles["tumor"] == "target"
    assert roles["liver"] == "background"
    liver = places["liver"]
    body = mouse_body(25.0)
    want = 1000.0 * float(body.volume_cm3[body.regions.index("liver")])
    volume = 4.0 / 3.0 * math.pi * liver.radius_mm**2 * 0.5 * liver.height_mm
    assert volume == pytest.approx(want, rel=1e-9, abs=0)
    for a in places.values():  # no piece on another
        for b in places.values():
            if a is not b:
                apart = math.dist(a.center_mm, b.center_mm)
                assert apart > a.radius_mm + b.radius_mm
    domain = scene_domain(scene)
    assert {s.label for s in domain.shapes} == {scene.region_index(n) for n in places}
    found = mouse_numbers(setup_of(scene), frame_with(setup_of(scene), []))["ex_vivo"]
    assert {(row["tumor"], row["normal"]) for row in found} == {
        ("tumor", n) for n in places if n != "tumor"
    }
