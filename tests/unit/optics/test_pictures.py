"""Pictures of scenes: against region signals, closed forms, energy balance and geometry."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pdcraft.optics.bands import Nodes
from pdcraft.optics.prediction import detect, layered, pictures, reflect
from pdcraft.optics.prediction.detect import detection
from pdcraft.optics.prediction.files import ImageFiles, color_files, frame_files
from pdcraft.optics.prediction.joined import joined_pixels
from pdcraft.optics.prediction.layered import Sphere, flat_reason, layered_scene
from pdcraft.optics.prediction.margins import margin_document
from pdcraft.optics.prediction.numbers import FrameInput, frame_numbers
from pdcraft.optics.prediction.pictures import basis_images, frame_images, joined_media
from pdcraft.optics.prediction.reflect import reflectance, reflectance_factor
from pdcraft.optics.prediction.setup import setup_of
from pdcraft.optics.prediction.target import find_target, target_mask, target_voxels
from pdcraft.optics.rgb import Rgb
from pdcraft.optics.scene_read import read_scene
from pdcraft.transport.optical import images
from pdcraft.transport.optical.domain import slab
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.signals import region_signals

# coarse, of strong absorption (short walks), its dye glowing at one wavelength and absorbing little
SMALL = (
    ('size = ["20 mm","20 mm","10 mm"]', 'size = ["12 mm","12 mm","4 mm"]'),
    ('voxel = "0.2 mm"', 'voxel = "0.5 mm"'),
    ('mua = "0.02 /mm"', 'mua = "0.2 /mm"'),
    ('autofluorescence = "0 nM"', 'autofluorescence = "10 nM"'),
    ('centre = ["0 mm","0 mm","3.5 mm"]', 'centre = ["0 mm","0 mm","1.8 mm"]'),
    ('name = "CLR 1502"', 'name = "custom"\nexcitation = "760 nm"\nemission = "810 nm"'),
    ('epsilon = "200000 L/mol/cm"', 'epsilon = "200 L/mol/cm"'),
    ("pixels = [64,64]", "pixels = [16,16]"),
    ('field_of_view = ["16 mm","16 mm"]', 'field_of_view = ["10 mm","10 mm"]'),
    ('inner = "5 mm"\nouter = "8 mm"', 'inner = "3.5 mm"\nouter = "5 mm"'),
    ('times = ["24 h"]', ""),
)


def given_of(setup, conc, own=0.0, left=1.0):
    labels = len(setup.scene.regions) + 1
    amount = setup.labels_of(conc)
    return FrameInput(
        setup.scene.dye,
        amount,
        np.r_[0.0, np.full(labels - 1, own)],
        np.full(labels, left),
        np.full(len(setup.nodes.excitation), 0.4),
        np.zeros(len(setup.masks)),
    )


@pytest.fixture(scope="module", autouse=True)
def few_walks():
    """Walks enough for the tolerances below: 2% and 3% of error in common to an image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "SPREAD_HISTORIES", 60_000)
        patch.setattr(layered, "SPREAD_HISTORIES", 30_000)
        patch.setattr(layered, "FORWARD_HISTORIES", 60_000)
        patch.setattr(pictures, "FORWARD_HISTORIES", 100_000)
        patch.setattr(reflect, "HISTORIES", 100_000)
        patch.setattr(reflect, "EMITTED", 60_000)
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    import re
    from pathlib import Path

    text = re.sub(r"(?m)\s+#.*$", "", Path(__file__).with_name("b1.toml").read_text())
    for old, new in SMALL:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path_factory.mktemp("scene") / "small.toml"
    path.write_text(text)
    setup = setup_of(read_scene(path))
    conc = setup.scene.concentrations()
    return setup, conc, basis_images(setup, conc, seed=2, threads=2, wanted=(0.05, 0.1))


def test_image_agrees_with_region_signals(small):
    """Two estimators of one number, of independent walks of light: electrons and radiance."""
    setup, conc, basis = small
    given = given_of(setup, conc, own=10.0)
    shown = frame_images(setup, basis, given, seed=1)
    lit, glow = setup.media(setup.scene, conc)
    found = region_signals(
        setup.domain, lit, glow, setup.beam, setup.view, setup.roi_weights,
        histories=(200_000, 40_000), seed=77, threads=2, copies=False,
    )  # fmt: skip
    numbers = frame_numbers(setup, found.mean, given)[: 8 * len(setup.masks)].reshape(-1, 8)
    error = found.std_err_of(lambda m: frame_numbers(setup, m, given))[: numbers.size]
    error = error.reshape(-1, 8) / np.maximum(numbers, 1e-30)
    for r, mask in enumerate(setup.masks):
        pairs = (
            (0, shown.radiance_uW_per_cm2_sr),
            (1, shown.photon_radiance_per_s_cm2_sr),
            (2, shown.yield_per_sr),
            (4, shown.exposure.autofluorescence),
            (5, shown.exposure.leak),
            (3, shown.exposure.light),
        )
        for key, image in pairs:
            # 3 errors of the regions' and 3 of the image's common part (lamp and spread, 2%),
            # and 1% by the lens's blur at the region's rim
            allowed = 3.0 * error[r, key] + 3.0 * 0.02 + 0.01
            assert image[mask].mean() == pytest.approx(numbers[r, key], rel=allowed, abs=0), key


def test_frames_are_linear_and_bleach(small):
    """Twice the dye gives twice the light without new transport; half bleached, half of it."""
    setup, conc, basis = small
    once = frame_images(setup, basis, given_of(setup, conc), seed=1)
    twice = frame_images(
        setup, basis, given_of(setup, {k: 2 * v for k, v in conc.items()}, left=0.5), seed=1
    )
    # the yield is constant without quenching, so the two are the same sums: rounding only
    np.testing.assert_allclose(
        twice.radiance_uW_per_cm2_sr, once.radiance_uW_per_cm2_sr, rtol=1e-9, atol=0
    )
    assert not np.array_equal(once.counts, frame_images(
        setup, basis, given_of(setup, conc), seed=1, frame=1
    ).counts)  # fmt: skip


def test_saturation_is_told(small):
    setup, conc, basis = small
    bright = frame_images(setup, basis, given_of(setup, {k: 1e9 for k in conc}), seed=1)
    dim = frame_images(setup, basis, given_of(setup, conc), seed=1)
    assert np.all(bright.saturated_fraction == 1.0)
    assert np.all(dim.saturated_fraction == 0.0)


def test_layers_place_a_sphere_as_full_transport_does(small):
    """The scene's own target by layers and in full: same optics here, so same light."""
    setup, conc, basis = small
    layers = layered_scene(setup, conc, seed=5, threads=2)
    amount = setup.labels_of(conc) * setup.scene.dye.quantum_yield
    body = setup.scene.inclusions[0]
    (by_layers,) = layers.photon_radiance([Sphere(body.center_mm, 1.5, float(amount[2]))])
    only = np.where(np.arange(3) == 2, amount, 0.0)
    full = setup.nodes.emission.weight.sum() * np.einsum(
        "g,igyx->yx", basis.amounts(only), basis.mean
    )
    # lamp and spread of both runs, about 3% each, in common to all pixels
    assert by_layers.sum() == pytest.approx(full.sum(), rel=0.10, abs=0)
    assert by_layers.max() == pytest.approx(full.max(), rel=0.14, abs=0)
    deeper = layers.photon_radiance([Sphere((0.0, 0.0, 2.4), 1.5, float(amount[2]))])
    assert deeper.max() < 0.8 * by_layers.max()
    assert flat_reason(setup, conc) is None


def test_target_is_the_body_and_its_edge_is_measured(small):
    setup, conc, basis = small
    target = find_target(setup, conc)
    assert target is not None
    assert (target.labels, target.around) == ((2,), 1)
    area = target_mask(setup, target).sum() * setup.camera.pixel_mm[0] ** 2
    # a disc of 1.5 mm on columns of 0.5 mm and pixels of 0.6 mm
    assert area == pytest.approx(np.pi * 1.5**2, rel=0.25, abs=0)
    volume = target_voxels(setup, target).sum() * 0.5**3
    assert volume == pytest.approx(4 / 3 * np.pi * 1.5**3, rel=0.1, abs=0)  # centers of voxels
    shown = frame_images(setup, basis, given_of(setup, conc), seed=1)
    margin = margin_document(setup, target, shown)
    assert margin is not None
    assert margin["tumor_mm3"] == pytest.approx(volume, rel=1e-12, abs=0)
    # light spreads: halfway between the means lies at the body's edge within two pixels
    assert abs(margin["mean_mm"]) < 2 * setup.camera.pixel_mm[0]
    assert 0.0 <= margin["residual_mm3"] < 0.7 * margin["tumor_mm3"]
    same = dict.fromkeys(conc, 100.0)
    assert find_target(setup, same) is None  # nothing to be told apart


@pytest.mark.parametrize(("mua", "musp"), [(1.2, 2.87), (0.2, 1.0)])
def test_color_follows_the_law_of_kirchhoff(mua, musp):
    """What a pixel sees of diffuse light is what a beam into it reflects, by reciprocity."""
    domain = slab((10, 10, 4), 0.5, n_outside=1.0, lateral="mirror")
    medium = OpticalMedium(
        np.array([0.0, mua]), np.array([0.0, musp / 0.1]), np.array([0.0, 0.9]), np.array([1, 1.4])
    )
    scene = SimpleNamespace(domain=domain, view=View(6, 6, 6.0, 6.0))
    seen = reflectance_factor(scene, medium, (6, 6), seed=3, threads=2)  # pyright: ignore
    budget = fluence(
        domain, medium, Beam("plane"), histories=60_000, seed=2, copies=False, voxels=False,
        threads=2,
    ).budget  # fmt: skip
    # 36 pixels of 10% error in the absorbed part (0.8): 3 errors are 0.04 at most
    assert seen.mean() == pytest.approx(budget.reflected_diffuse, rel=0, abs=0.03)


def test_exitance_of_a_half_space_is_chandrasekhar_s(scene_file):
    """Isotropic scattering, no index step, albedo 0.9: (mua_dye QY / mut) dR/da, dR/da 1.8242."""
    changes = [c for c in SMALL if "mua =" not in c[0]]
    path = scene_file(
        *changes,
        ('mua = "0.02 /mm"', 'mua = "1 /mm"'),
        ('mus = "10 /mm"', 'mus = "9 /mm"'),
        ("g = 0.9", "g = 0.0"),
        ("n = 1.4", "n = 1.0"),
        ('lateral = "open"', 'lateral = "periodic"'),
        ('background = "200 nM"\ntumour = "1000 nM"', 'background = "500 nM"\ntumour = "500 nM"'),
        ("quantum_yield = 0.08", "quantum_yield = 0.5"),
    )
    setup = setup_of(read_scene(path))
    conc = setup.scene.concentrations()
    found = reflectance(setup, conc, seed=4, threads=2)
    dye = setup.scene.dye.mua_per_mm(760.0, 500.0)
    want = dye * 0.5 / 10.0 * 1.8242
    # 3 errors, and 0.5% by the dye's own absorption (2.3e-5 of 1/mm) and voxels of 0.1 path
    err = found.exitance_per_irradiance["std_err"]
    value = found.exitance_per_irradiance["value"]
    assert value is not None
    assert err is not None
    assert value == pytest.approx(want, rel=0.005, abs=3 * err)
    assert err < 0.02 * value
    diffuse = found.diffuse["value"]
    assert diffuse == pytest.approx(0.41495, rel=0, abs=3 * (found.diffuse["std_err"] or 0))
    assert found.specular["value"] == 0.0  # no step, no gloss


def test_joined_pixels_keep_light_and_noise(small):
    setup, _, _ = small
    joined = joined_pixels(setup.camera, 64)
    assert joined.block == 2
    assert joined.camera.pixel_mm == pytest.approx((1.25, 1.25), rel=1e-12)
    image = np.arange(256.0).reshape(16, 16)
    assert joined.sums(image).sum() == image.sum()
    assert joined.sums(image)[0, 0] == 0 + 1 + 16 + 17
    assert joined.camera.sensor.read_noise_e == 2 * setup.camera.sensor.read_noise_e
    assert joined.camera.sensor.full_well_e == 4 * setup.camera.sensor.full_well_e
    assert joined_pixels(setup.camera, 10_000).camera is setup.camera


def test_files_hold_what_they_say(small, tmp_path):
    import tifffile

    setup, conc, basis = small
    shown = frame_images(setup, basis, given_of(setup, conc), seed=1)
    files = ImageFiles()
    frame_files(files, setup, shown, 24.0)
    rgb = Rgb(np.full((16, 16, 3), 0.5), (), "D65", 1.0, 0.0)
    color_files(files, setup, rgb, None)
    assert {e["kind"] for e in files.entries} == {
        "radiance", "yield", "electrons", "counts", "png", "rgb"
    }  # fmt: skip
    assert [e["path"] for e in files.entries] == list(files.contents)
    path = tmp_path / "radiance_24h.ome.tif"
    path.write_bytes(files.contents[path.name])
    with tifffile.TiffFile(path) as opened:
        values = opened.asarray()
        assert "uW/(cm2 sr)" in (opened.ome_metadata or "")
    np.testing.assert_allclose(values, shown.radiance_uW_per_cm2_sr, rtol=1e-6, atol=0)  # 32 bits
    assert files.contents["rgb.png"].startswith(b"\x89PNG")


def test_regions_beyond_a_camera_s_center_see_their_own_light(small):
    """A sphere at positive x and negative y shows at large columns and small rows."""
    setup, conc, _ = small
    layers = layered_scene(setup, conc, seed=6, threads=2, max_time_s=5)
    (image,) = layers.photon_radiance([Sphere((2.5, -2.5, 1.0), 0.8, 1.0)])
    row, column = np.unravel_index(np.argmax(image), image.shape)
    x, y = setup.camera.centers_mm()
    assert x[column] == pytest.approx(2.5, rel=0, abs=0.7)  # a pixel
    assert y[row] == pytest.approx(-2.5, rel=0, abs=0.7)


def test_a_band_is_the_weighted_sum_of_its_nodes(small):
    """Two nodes of weights 0.3 and 0.2, the second's image three times as bright: 0.9."""
    setup, conc, basis = small
    both = Nodes(np.array([800.0, 840.0]), np.array([0.3, 0.2]))
    two = replace(setup, nodes=replace(setup.nodes, emission=both))
    images_of_two = replace(
        basis,
        mean=np.concatenate([basis.mean, 3.0 * basis.mean]),
        std_err=np.concatenate([basis.std_err, basis.std_err]),
        image_of=(0, 1),
    )
    given = given_of(setup, conc)
    one = frame_images(setup, basis, given, seed=1).photon_radiance_per_s_cm2_sr
    seen = frame_images(two, images_of_two, given, seed=1).photon_radiance_per_s_cm2_sr
    np.testing.assert_allclose(seen, 0.9 * one, rtol=1e-9, atol=0)  # rounding


def test_near_wavelengths_share_an_image():
    def medium(mua):
        return OpticalMedium(
            np.array([0, mua]), np.array([0, 10.0]), np.array([0, 0.9]), np.ones(2)
        )

    of, media, share = joined_media(
        (medium(0.020), medium(0.022), medium(0.040)), np.array([1.0, 3.0, 4.0])
    )
    assert of == (0, 0, 1)
    assert media[0].mua_per_mm[1] == pytest.approx(0.0215, rel=1e-12, abs=0)  # (0.020 + 3·0.022)/4
    np.testing.assert_allclose(share, [0.5, 0.5], rtol=1e-12, atol=0)


def test_detection_of_a_body_and_its_limits(small, monkeypatch):
    """A brighter target is found better, and may be smaller and deeper."""
    monkeypatch.setattr(detect, "TRIED", 4)
    setup, conc, basis = small
    target = find_target(setup, conc)
    layers = layered_scene(setup, conc, seed=5, threads=2)
    found = {}
    for factor in (0.35, 0.7):
        more = conc | {"tumour": conc["background"] + factor * (conc["tumour"] - 200.0)}
        given = given_of(setup, more)
        shown = frame_images(setup, basis, given, seed=1)
        found[factor] = detection(
            setup, basis, given, shown, target, layers, seed=3, gains=np.linspace(0.8, 1.25, 21)
        ).numbers
    dim, bright = found[0.35], found[0.7]
    ratio = bright["d_prime"]["value"] / dim["d_prime"]["value"]
    # twice the signal in one background: twice d', within 3 errors of the trials' images
    err = np.hypot(*(f["d_prime"]["std_err"] / f["d_prime"]["value"] for f in (dim, bright)))
    assert ratio == pytest.approx(2.0, rel=3 * err, abs=0)
    assert bright["auc"]["value"] > dim["auc"]["value"]
    # beside the light, only shot noise is in the way of an observer who knows the background
    assert bright["background_known_auc"]["value"] >= bright["auc"]["value"]
    low, high = bright["d_prime"]["interval95"]
    assert low < 0.9 * bright["d_prime"]["value"] < 1.1 * bright["d_prime"]["value"] < high
    sizes = [f["min_diameter_mm"]["value"] for f in (dim, bright)]
    assert None not in sizes
    # light of a sphere goes as its volume: a factor 2 in strength is at most 2^(1/3) in diameter,
    # with a fifth for growth in width and the trials' luck
    assert 1.0 < sizes[0] / sizes[1] < 2 ** (1 / 3) * 1.2
    for f in (dim, bright):
        assert f["max_depth_mm"]["value"] is None or 1.5 < f["max_depth_mm"]["value"] < 2.5
    none = detection(setup, basis, given, shown, target, "its surface is curved", seed=3)
    assert none.numbers["min_diameter_mm"]["value"] is None
    assert any("its surface is curved" in note for note in none.notes)
