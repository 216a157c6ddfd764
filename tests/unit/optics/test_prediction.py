"""Whole predictions: a closed form in absolute units, linearity, times, draws, refusals."""

import json
import math
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from pdcraft.cli import run_app
from pdcraft.errors import DataError
from pdcraft.optics.prediction import signal
from pdcraft.optics.prediction.document import image_document
from pdcraft.optics.prediction.run import predict
from pdcraft.optics.prediction.signal import _Independent as IndependentSignals
from pdcraft.optics.roi import pixels_of
from pdcraft.optics.scene_read import read_scene
from pdcraft.transport.optical.backward import Image

B1 = (Path(__file__).parent / "b1.toml").read_text(encoding="utf-8")
THIN = B1.replace('"200000 L/mol/cm"', '"200 L/mol/cm"')
SCHEMA = json.loads(files("pdcraft.data").joinpath("schema", "image.schema.json").read_text())

SEMI_INFINITE = """
schema = "pdcraft.scene/1"
name = "half-space"
[domain]
kind = "slab"
size = ["40 mm", "40 mm", "40 mm"]
voxel = "1 mm"
lateral = "periodic"
n_outside = 1.0
[materials.gray]
mua = "0.1 /mm"
mus = "0.9 /mm"
g = 0.0
n = 1.0
[[layer]]
material = "gray"
name = "all"
[dye]
name = "custom"
epsilon = "100 L/mol/cm"
quantum_yield = 0.5
excitation = "760 nm"
emission = "810 nm"
[concentration]
all = "1000 nM"
[illumination]
kind = "plane"
wavelength = "760 nm"
irradiance = "1 mW/cm^2"
[camera]
projection = "telecentric"
pixels = [8, 8]
field_of_view = ["8 mm", "8 mm"]
focal_length = "25 mm"
f_number = 2.0
working_distance = "200 mm"
band = ["800 nm", "850 nm"]
transmission = 1.0
out_of_band_od = 99
qe = 1.0
read_noise = "0 e"
dark_current = "0 e/s"
full_well = "1000000 e"
bits = 16
exposure = "1 s"
ambient = "0 uW/cm^2/sr"
[[roi]]
name = "all"
role = "other"
shape = "disc"
radius = "3.9 mm"
[run]
target_rel_err = 0.003
max_time = "60 s"
"""


@pytest.fixture(autouse=True, scope="module")
def few_walks():
    """First passes of a few thousand walks: the stop rules still decide when there are enough."""
    patch = pytest.MonkeyPatch()
    patch.setattr("pdcraft.optics.prediction.signal.FIRST_HISTORIES", (8_000, 4_000))
    patch.setattr("pdcraft.optics.prediction.absorption.HISTORIES", (2_000, 2_000))
    yield
    patch.undo()


def scene_of(text, folder, **changes):
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / "scene.toml"
    path.write_text(text, encoding="utf-8")
    return read_scene(path)


@pytest.fixture(scope="module")
def gray(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gray")
    return predict(scene_of(SEMI_INFINITE, folder))


def test_a_homogeneous_half_space_gives_chandrasekhars_radiance(gray):
    """Photon radiance over irradiance: (dye x yield / total) x dl/da of the issue's table, a = 0.9.

    Dye: ln 10 x 100 L/mol/cm x 1 uM = 2.3e-5 /mm of 1 /mm; l is known to four digits, the walks to
    0.3 %.
    """
    dye = math.log(10) * 100 * 1e-6 * 0.1
    expected = dye * 0.5 / 1.0 * 0.59756
    found = gray.frames[0].roi(0)["fluorescence_yield_per_sr"]
    assert found["value"] == pytest.approx(expected, rel=0.005, abs=3 * found["std_err"])


def test_photons_become_power_and_electrons_by_hand(gray):
    """1 mW/cm² of 760 nm; a photon of 810 nm carries hc/810 nm; cone of f/2 from 200 mm."""
    roi = gray.frames[0].roi(0)
    photons = 1e-3 / (6.62607015e-34 * 299792458 / 760e-9)
    radiance = roi["fluorescence_yield_per_sr"]["value"] * photons
    assert roi["photon_radiance_per_s_cm2_sr"]["value"] == pytest.approx(radiance, rel=1e-6, abs=0)
    power = radiance * 6.62607015e-34 * 299792458 / 810e-9 * 1e6
    assert roi["radiance_uW_per_cm2_sr"]["value"] == pytest.approx(power, rel=1e-6, abs=0)
    sine2 = 6.25**2 / (6.25**2 + 200.0**2)
    electrons = radiance * 0.01 * math.pi * sine2
    assert roi["electrons_per_pixel"]["value"] == pytest.approx(electrons, rel=1e-3, abs=0)


@pytest.mark.parametrize("method", ["psf", "backward"])
def test_errors_by_images_hold_the_noise_of_the_lamp(gray, tmp_path, method):
    """Error over stated error, four seeds, that of psf's walks alone is far too small.

    A mean square above 4 has a chance of 3e-3 by chi-square with 4 degrees of freedom.
    """
    scene = scene_of(SEMI_INFINITE, tmp_path, **{"err = 0.003": "err = 0.02"})
    expected = math.log(10) * 100 * 1e-6 * 0.1 * 0.5 * 0.59756
    over = []
    for seed in range(4):
        found = predict(replace(scene, run=replace(scene.run, method=method, seed=seed)))
        roi = found.frames[0].roi(0)["fluorescence_yield_per_sr"]
        over.append((roi["value"] - expected) / roi["std_err"])
    assert np.mean(np.square(over)) < 4.0


def test_a_lamp_that_is_not_known_as_asked_reaches_no_target(tmp_path):
    """The image is done within the time; the lamp's walks never come to 1e-5."""
    scene = scene_of(SEMI_INFINITE, tmp_path, **{"err = 0.003": "err = 1e-5"})
    run = replace(scene.run, method="psf", max_time_s=6.0)
    assert not predict(replace(scene, run=run)).signals.reached


def test_images_are_made_from_the_light_of_their_own_wavelength(tmp_path, monkeypatch):
    """In place of the walks back an image says how much light its wavelength brings."""
    made = []

    def known(domain, medium, view, source, groups, **rest):
        mean = np.full((len(groups), *view.shape), source.mean())
        mean[..., 0] *= 3.0  # of even pixels the mean is known
        made.append(source.mean())
        return Image(mean, 0.1 * mean, 1, None, True)

    monkeypatch.setattr(signal, "image", known)
    sloped = (
        'mua = [{wavelength = "500 nm", value = "0.02 /mm"}, '
        '{wavelength = "900 nm", value = "0.3 /mm"}]'
    )
    wide = {
        'wavelength = "': 'fwhm = "30 nm"\nwavelength = "',
        'mua = "0.1 /mm"': sloped,
        "err = 0.003": "err = 0.1",
    }
    scene = scene_of(SEMI_INFINITE, tmp_path, **wide)
    found = predict(replace(scene, run=replace(scene.run, method="psf"))).signals
    lit = found.fluence.mean(axis=(1, 2, 3))
    assert len(lit) > 1
    assert len(set(lit)) == len(lit)
    assert made == [light for light in lit for _ in range(found.mean.shape[1])]
    mask = pixels_of(scene.rois[0], scene.camera)
    pixel = np.ones(mask.shape)
    pixel[:, 0] = 3.0
    want = lit * pixel[mask].mean()
    assert found.mean[:, 0, 0, 0] == pytest.approx(want, rel=1e-12, abs=0)
    error = 0.1 * lit * math.sqrt(np.mean(pixel[mask] ** 2))
    assert found.signals.std_err[:, 0, 0, 0] == pytest.approx(error, rel=1e-12, abs=0)


def test_noise_of_the_lamp_adds_to_that_of_the_images_as_independent():
    """Of a weighted sum both are known in closed form; 1e-12 for the sums' rounding."""
    rng = np.random.default_rng(3)
    mean, own = rng.uniform(1.0, 2.0, (1, 2, 1, 3)), rng.uniform(0.1, 0.2, (1, 2, 1, 3))
    groups = mean + rng.normal(0.0, 0.3, (8, *mean.shape))
    lit = groups - groups.mean(axis=0) + mean
    weights = rng.uniform(0.5, 1.5, mean.shape)

    def total(values):
        return np.atleast_1d(np.sum(weights * values))

    common = np.std([total(one) for one in lit], ddof=1) / math.sqrt(8)
    apart = math.sqrt(float(np.sum((weights * own) ** 2)))
    found = IndependentSignals(mean, own, lit).std_err_of(total)
    assert found[0] == pytest.approx(math.hypot(common, apart), rel=1e-12, abs=0)


def test_energy_is_kept_and_the_reflectance_is_the_closed_one(gray):
    """R = 1 - H(1) sqrt(1 - a) = 0.41495 at a = 0.9; 1e-5 for the balance."""
    budget = gray.signals.budgets[0]
    assert budget.balance_error < 1e-5
    assert budget.reflected_diffuse == pytest.approx(
        0.41495, rel=0, abs=3 * budget.std_err["reflected_diffuse"] + 5e-4
    )


def small(text):
    """B1 on coarse voxels with few walks: for rules, not for precision."""
    return (
        text.replace('voxel = "0.2 mm"', 'voxel = "0.5 mm"')
        .replace("target_rel_err = 0.05", "target_rel_err = 0.5")
        .replace("pixels = [64,64]", "pixels = [32,32]")
    )


@pytest.fixture(scope="module")
def thin(tmp_path_factory):
    return predict(scene_of(small(THIN), tmp_path_factory.mktemp("thin")))


def test_the_document_holds_every_key(thin):
    document = image_document(thin, "0", 1)
    jsonschema.validate(document, SCHEMA)
    assert "NaN" not in json.dumps(document)
    assert document["method"]["linear"] is True
    assert abs(document["method"]["dye_absorption_signal_change"]) < 0.02
    assert document["best_time"] is None


def test_contrast_is_the_ratio_less_one_and_uses_all_electrons(thin):
    frame = thin.frames[0]
    target, background = frame.roi(0), frame.roi(1)
    pair = frame.pair(0, 2)
    t, b = (roi["electrons_per_pixel"]["value"] for roi in (target, background))
    assert pair["tbr"]["value"] == pytest.approx(t / b, rel=1e-12, abs=0)
    assert pair["contrast"]["value"] == pytest.approx(t / b - 1, rel=1e-12, abs=0)
    cnr = (t - b) / background["sd_electrons"]["value"]
    assert pair["cnr"]["value"] == pytest.approx(cnr, rel=1e-12, abs=0)
    assert background["electrons_leak"]["value"] > 0  # an OD of 6 leaves some


def test_without_leak_the_electrons_ratio_is_that_of_the_radiances(tmp_path):
    text = small(THIN).replace("out_of_band_od = 6.0", "out_of_band_od = 99")
    frame = predict(scene_of(text, tmp_path)).frames[0]
    target, background = frame.roi(0), frame.roi(1)
    ratio = (
        target["radiance_uW_per_cm2_sr"]["value"] / background["radiance_uW_per_cm2_sr"]["value"]
    )
    assert frame.pair(0, 2)["tbr"]["value"] == pytest.approx(ratio, rel=1e-3, abs=0)  # MTF, cos4


def test_a_dye_that_takes_its_own_light_is_not_linear(tmp_path):
    """At 1 uM an extinction of 2e5 adds 0.046 /mm to 0.02: known sign, beyond 2 %."""
    text = small(B1).replace('exposure = "33 ms"', 'exposure = "1 ms"')
    found = predict(scene_of(text, tmp_path))
    assert not found.linear
    assert found.dye_absorption_signal_change < -0.02


def test_a_full_pixel_is_refused_with_an_exposure_that_serves(tmp_path):
    with pytest.raises(DataError, match=r"'tumour' is saturated.*camera.exposure") as caught:
        predict(scene_of(small(B1), tmp_path))
    (fault,) = caught.value.problems
    lines = small(B1).splitlines()
    assert (fault.file, fault.key, fault.value) == ("scene.toml", "camera.exposure", "33 ms")
    assert lines[fault.line - 1].startswith("exposure")
    assert "refused" in fault.message
    assert "ms or less" in fault.hint


TIMES = """time_h,region,conc_nM
0,background,400
0,tumour,400
24,background,200
24,tumour,1000
48,background,100
48,tumour,600
"""


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("timed")
    (folder / "c.csv").write_text(TIMES, encoding="utf-8")
    text = small(THIN)
    head, _, tail = text.partition("[concentration]")
    tail = tail[tail.index("[illumination]") :]
    text = f'{head}[concentration]\nfile = "c.csv"\n{tail}'
    text = text.replace('lateral = "open" ', 'lateral = "periodic" ')  # no edges: alike everywhere
    text = text.replace('times = ["24 h"]', 'times = ["0 h", "24 h", "48 h"]')
    return predict(scene_of(text, folder))


def test_times_share_the_walks_and_scale_with_the_dye(timed):
    """Where one dose is everywhere, twice the dye is twice the light; contrast from the table."""
    first, second, third = timed.frames
    assert [f.time_h for f in timed.frames] == [0.0, 24.0, 48.0]
    assert abs(first.pair(0, 2)["contrast"]["value"]) < 0.05  # alike everywhere
    assert second.pair(0, 2)["contrast"]["value"] > 0.05
    signal = second.roi(1)["radiance_uW_per_cm2_sr"]["value"]
    later = third.roi(1)["radiance_uW_per_cm2_sr"]["value"]
    assert later == pytest.approx(0.5 * signal, rel=0.05, abs=0)  # the tumour's light spreads a bit


def test_the_best_time_is_named_where_a_contrast_serves(timed):
    """No frame reaches TBR 1.5 on its electrons unless the tumour is bright enough; it says so."""
    assert timed.best is not None
    assert timed.best.criterion == "d_prime"
    ratios = [f.pair(0, 2)["tbr"]["value"] for f in timed.frames]
    if max(ratios) < 1.5:
        assert timed.best.without == 1.0
    else:
        assert timed.best.time_h["value"] == [0, 24, 48][int(np.argmax(ratios))]


def test_draws_give_limits_about_the_value_and_name_their_drivers(tmp_path):
    text = (
        small(THIN)
        .replace("draws = 0", "draws = 40")
        .replace("[run]", "[spread]\nuptake = 0.3\nmua = 0.2\n[run]")
    )
    found = predict(scene_of(text, tmp_path))
    pair = found.frames[0].pair(0, 2)["contrast"]
    low, high = pair["interval95"]
    assert low < pair["value"] < high
    names = [c.input for c in found.drawn.contributors]
    assert any(name.startswith("uptake") for name in names[:2])
    document = image_document(found, "0", 1)
    jsonschema.validate(document, SCHEMA)
    assert document["uncertainty"]["draws"] == 40


def test_the_seed_decides_whatever_the_threads(tmp_path):
    one = predict(scene_of(small(THIN), tmp_path), threads=1)
    two = predict(scene_of(small(THIN), tmp_path), threads=2)
    assert np.array_equal(one.frames[0].values, two.frames[0].values, equal_nan=True)


def test_the_command_prints_one_document(tmp_path, capsys):
    path = tmp_path / "scene.toml"
    text = small(THIN).replace('outputs = ["metrics","image"]', 'outputs = ["metrics"]')
    path.write_text(text, encoding="utf-8")
    assert run_app(["image", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, SCHEMA)
    assert document["frames"][0]["metrics"][0]["target"] == "tumour"


def test_bad_scenes_print_the_error_document(tmp_path, capsys):
    path = tmp_path / "scene.toml"
    path.write_text(THIN.replace("g = 0.9", "g = 1.2"), encoding="utf-8")
    assert run_app(["image", str(path), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "pdcraft.error/1"
    assert "g" in found["errors"][0]["key"]
