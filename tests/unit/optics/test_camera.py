"""Cameras: radiance in, electrons out, each claim against optics computed otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate

from pdcraft.errors import ApproximationWarning, DataError, PhysicsRangeError
from pdcraft.optics.camera import (
    Exposure,
    Filter,
    ambient_electrons,
    camera,
    electron_response,
    etendue_map_cm2_sr,
    expected_electrons,
    lens_mtf,
    mean_electrons,
    radiance_of_electrons,
    require_apart,
    scalar_electrons,
)
from pdcraft.optics.camera.blur import blur, diffraction_mtf
from pdcraft.optics.camera.distortion import distort

H_C_J_nm = 1.98644586e-16  # CODATA 2022


def watt_through(cam, row, column):
    """uW that a Lambertian plane of 1 uW/(cm² sr) sends through the aperture from one pixel's
    patch, summed over patch and aperture: nothing of the closed form is used.
    """
    lens, (px, py) = cam.lens, cam.pixel_mm
    x, y = cam.centers_mm()
    radius, h = 0.5 * lens.aperture_mm, lens.working_distance_mm
    nodes, weights = np.polynomial.legendre.leggauss(24)
    s = 0.5 * radius * (nodes + 1)
    ring = 0.5 * radius * weights * s
    angle = 2 * np.pi * np.arange(48) / 48
    ax = (s[:, None] * np.cos(angle)).ravel()
    ay = (s[:, None] * np.sin(angle)).ravel()
    ring = np.repeat(ring * 2 * np.pi / 48, 48)
    chief = (0.0, 0.0) if lens.projection == "perspective" else (x[column], y[row])
    total = 0.0
    for u, wu in zip(nodes[::4], weights[::4], strict=True):
        for v, wv in zip(nodes[::4], weights[::4], strict=True):
            dx = ax + chief[0] - (x[column] + 0.5 * px * u)
            dy = ay + chief[1] - (y[row] + 0.5 * py * v)
            if lens.projection == "telecentric":  # the cone moves with the point
                dx, dy = ax, ay
            r2 = dx**2 + dy**2 + h**2
            total += wu * wv * float((ring * h**2 / r2**2).sum())
    return total / sum(weights[::4]) ** 2 * px * py * 0.01


@pytest.mark.parametrize("projection", ["telecentric", "perspective"])
@pytest.mark.parametrize("f_number", [1.2, 2.0, 8.0])
@pytest.mark.parametrize("distance", [60.0, 200.0, 1000.0])
def test_a_lambertian_emitter_comes_back(projection, f_number, distance):
    cam = camera(
        "open-field",
        projection=projection,
        f_number=f_number,
        working_distance_mm=distance,
        pixels=(41, 33),
        field_of_view_mm=(41.0, 33.0),
        effective_index=1e9,
    )
    for row, column in [(16, 20), (0, 0), (30, 12)]:
        energy_J = 37.0 * 1e-6 * watt_through(cam, row, column) * cam.exposure_s
        image = np.zeros(cam.shape)
        image[row, column] = energy_J * 0.42 * 0.35 * 820.0 / H_C_J_nm
        back = radiance_of_electrons(cam, image, 820.0)[row, column]
        # promised is 0.1%; 1e-4 is lost by taking a pixel of 1 mm at 60 mm at its center
        assert back == pytest.approx(37.0, rel=2e-4, abs=0)


def test_a_flat_scene_gives_its_electrons_on_every_pixel():
    cam = camera("open-field", blur_mm=0.3)
    light = np.full((1, *cam.shape), 5.0)
    got = expected_electrons(cam, np.array([820.0]), light)
    want = scalar_electrons(cam, np.array([820.0]), np.array([5.0]))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=0)  # sums of a Fourier transform


@pytest.mark.parametrize("nm", [517.0, 820.0])
def test_photons_make_electrons_whatever_their_energy(nm):
    """The budget of a dye in semi-infinite tissue, from photons: no energy enters."""
    cam = camera("open-field", band_nm=(500.0, 850.0))
    mua_dye = np.log(10) * 2e5 * 1e-9 / 10  # 1 nM of 200 000 L/(mol cm), per mm
    # nadir photon radiance over photon irradiance: mua QY / mut dl/da, about 2.2 for a = 0.98
    per_photon = mua_dye * 0.08 / 1.02 * 2.2
    photons = 10e-3 * 760.0 / H_C_J_nm  # per cm² and s at 10 mW/cm²
    want = photons * per_photon * (0.025**2 * np.pi * 6.25**2 / (6.25**2 + 200**2))
    want *= 0.42 * 0.35 * 0.033
    radiance = photons * per_photon * H_C_J_nm / nm * 1e6  # uW/(cm² sr)
    got = scalar_electrons(cam, np.array([nm]), np.array([radiance]))
    assert got == pytest.approx(want, rel=1e-8, abs=0)
    assert 1e3 < got < 1e4  # some thousand electrons per nM and frame


def test_a_regions_mean_is_that_of_its_pixels():
    cam = camera("open-field", projection="perspective", field_of_view_mm=(80.0, 80.0), f_number=9)
    inside = np.zeros(cam.shape, bool)
    inside[3:9, 40:60] = True
    nm, light = np.array([810.0, 840.0]), np.array([3.0, 4.0])
    image = expected_electrons(cam, nm, light[:, None, None] * np.ones(cam.shape))
    want = image[inside].mean()
    assert mean_electrons(cam, nm, light, inside) == pytest.approx(want, rel=1e-12, abs=0)
    assert want < 0.97 * scalar_electrons(cam, nm, light)


def test_nodes_add_up():
    cam = camera("open-field")
    both = np.array([3.0, 4.0])
    parts = [scalar_electrons(cam, np.array([nm]), np.array([v])) for nm, v in [(810, 3), (840, 4)]]
    assert scalar_electrons(cam, np.array([810.0, 840.0]), both) == pytest.approx(
        sum(parts), rel=1e-14, abs=0
    )


def test_quantum_efficiency_may_be_a_curve():
    class Falling:
        def at(self, wavelength_nm):
            return 0.9 - 0.001 * (wavelength_nm - 800.0)

    cam, flat = camera("open-field", qe=Falling()), camera("open-field", qe=0.88)
    a, b = electron_response(cam, 820.0), electron_response(flat, 820.0)
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)
    with pytest.raises(PhysicsRangeError, match=r"quantum efficiency is 1\.2; it is a share"):
        electron_response(camera("open-field", qe=1.2), 820.0)


def test_perspective_falls_off_and_telecentric_does_not():
    wide = {"field_of_view_mm": (200.0, 200.0), "pixels": (41, 41), "f_number": 22.0}
    flat = etendue_map_cm2_sr(camera("open-field", **wide))
    fall = etendue_map_cm2_sr(camera("open-field", projection="perspective", **wide))
    assert np.ptp(flat) < 1e-12 * flat.max()
    x = camera("open-field", **wide).centers_mm()[0]
    cosine = 200.0 / np.hypot(200.0, x)
    # the aperture is 1.1 mm wide at 200 mm: next order 1e-5
    np.testing.assert_allclose(fall[20] / fall[20, 20], cosine**4, rtol=2e-5, atol=0)


def test_mechanical_vignetting_takes_its_share_at_the_corner():
    cam = camera("open-field", vignetting=0.4, pixels=(201, 201))
    loss = etendue_map_cm2_sr(cam) / etendue_map_cm2_sr(
        replace(cam, lens=replace(cam.lens, vignetting=0))
    )
    assert loss[100, 100] == pytest.approx(1.0, rel=1e-12, abs=0)
    assert loss[0, 0] == pytest.approx(0.6, rel=0.01, abs=0)  # half a pixel inside the corner
    assert loss[50, 50] == pytest.approx(0.9, rel=0.01, abs=0)  # halfway: a quarter of it


def test_leak_is_the_optical_density():
    cam = camera("open-field", out_of_band_od=4.0)
    inside, beside = electron_response(cam, 820.0), electron_response(cam, 760.0)
    # the longer wavelength has more photons per joule
    np.testing.assert_allclose(beside / inside, 1e-4 * 760 / 820, rtol=1e-10, atol=0)


def test_a_band_moves_to_the_blue_with_the_angle():
    band = Filter((800.0, 850.0), 6.0, effective_index=2.0)
    edge = 800.0 * np.sqrt(1 - (np.sin(np.radians(20.0)) / 2.0) ** 2)
    sine = np.sin(np.radians(20.0))
    assert 788.0 < edge < 789.0
    assert band.at(np.array([edge + 0.1]), sine)[0] == 1.0
    assert band.at(np.array([edge - 0.1]), sine)[0] == pytest.approx(1e-6, rel=1e-12, abs=0)
    assert band.at(np.array([799.9]))[0] == pytest.approx(1e-6, rel=1e-12, abs=0)


def test_a_filter_sees_the_chief_ray_and_the_cone():
    lens = camera("open-field", projection="perspective", f_number=1.0).lens
    got = lens.sin_ray(np.array([0.0, 100.0]))
    # mean of sin² over an evenly lit pupil, by quadrature over the aperture of 12.5 mm radius
    s = (np.arange(4000) + 0.5) / 4000 * 12.5
    cone = (s * s / (s * s + 200.0**2) * s).sum() / s.sum()
    assert got[0] ** 2 == pytest.approx(cone, rel=0.005, abs=0)  # next order 0.2%
    assert got[1] ** 2 == pytest.approx(cone + 0.2, rel=1e-4, abs=0)  # tan 0.5: sin² 1/5
    flat = camera("open-field", f_number=1.0).lens.sin_ray(np.array([0.0, 100.0]))
    assert flat[0] == flat[1] == pytest.approx(got[0], rel=1e-12, abs=0)


def test_edges_rise_evenly_in_density():
    band = Filter((800.0, 850.0), 6.0, edge_nm=12.0)
    density = -np.log10(band.at(np.array([800.0, 794.0, 788.0, 760.0, 853.0])))
    np.testing.assert_allclose(density, [0, 3, 6, 6, 1.5], rtol=1e-12, atol=1e-12)


def test_wide_field_leak_is_at_the_rim():
    cam = camera(
        "open-field", projection="perspective", field_of_view_mm=(200.0, 200.0), band_nm=(800, 850)
    )
    just_below = electron_response(cam, 799.0)
    rim, middle = just_below[0, 0], just_below[32, 32]
    assert rim > 1e5 * middle


def test_pass_band_over_excitation_is_refused():
    cam = camera("open-field", band_nm=(750.0, 850.0))
    with pytest.raises(
        DataError, match="band 750 to 850 nm passes the excitation at 755 to 765 nm"
    ):
        require_apart(cam.filter, 755.0, 765.0)
    with pytest.raises(DataError, match="passes the excitation"):  # a common nanometer is enough
        require_apart(camera("open-field").filter, 755.0, 801.0)
    require_apart(camera("open-field").filter, 755.0, 765.0)


def test_a_gaussian_blur_widens_a_gaussian_spot():
    cam = camera("open-field", pixels=(161, 161), blur_mm=0.4, diffraction=False)
    x, y = cam.centers_mm()
    spot = np.exp(-0.5 * (x[None, :] ** 2 + y[:, None] ** 2) / 0.5**2)
    got = blur(cam, spot, 820.0)
    total = 0.5**2 + 0.4**2
    want = 0.5**2 / total * np.exp(-0.5 * (x[None, :] ** 2 + y[:, None] ** 2) / total)
    # sampled Gaussians alias by exp(-2 (pi sd/px)²): far below 1e-12; edges cut exp(-78)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-12)


def test_blur_keeps_the_light():
    cam = camera("open-field", blur_mm=1.0)
    image = np.random.default_rng(3).uniform(0, 1, cam.shape)
    assert blur(cam, image, 820.0).sum() == pytest.approx(image.sum(), rel=1e-12, abs=0)


def test_diffraction_transfer_is_the_overlap_of_two_pupils():
    def overlap(shift):  # share of a unit disc covered by its copy, one axis integrated
        half = shift / 2
        part = integrate.quad(lambda x: np.sqrt(1 - x * x), half, 1, epsabs=0)[0]
        return 4 * part / np.pi

    cutoff = 2 * 0.03 / 820e-6
    for share in (0.1, 0.5, 0.9):
        got = diffraction_mtf(np.array([share * cutoff]), 0.03, 820.0)[0]
        assert got == pytest.approx(overlap(2 * share), rel=1e-8, abs=0)


def test_defocus_blurs_by_the_cone():
    lens = camera("open-field", diffraction=False).lens
    # 12.5 mm aperture at 200 mm; 20 mm beyond focus the cone is 12.5 * 20 / 220 mm wide in focus
    first_zero = 1.2196699 / (12.5 * 20 / 220)  # of 2 J1(x)/x at x = 3.8317
    assert abs(lens_mtf(lens, np.array([first_zero]), 820.0, 20.0)[0]) < 1e-7
    assert lens_mtf(lens, np.array([0.5 * first_zero]), 820.0, 20.0)[0] > 0.3


def test_distortion_moves_the_corner_by_its_share():
    cam = camera("open-field", pixels=(201, 201), distortion=-0.1)
    x, y = cam.centers_mm()
    ring = np.hypot(x[None, :], y[:, None])
    seen = distort(cam, ring)  # an image whose value is its radius tells where each pixel looks
    r = ring[100, 40]
    want = r / (1 - 0.1 * (r / cam.corner_mm) ** 2)
    assert seen[100, 40] == pytest.approx(want, rel=1e-6, abs=0)


def test_distorted_pixels_still_calibrate():
    cam = camera("open-field", distortion=-0.1, projection="perspective")
    light = np.full((1, *cam.shape), 5.0)
    image = expected_electrons(cam, np.array([820.0]), light)
    np.testing.assert_allclose(radiance_of_electrons(cam, image, 820.0), 5.0, rtol=1e-12, atol=0)
    # the light of the whole field is the same however pixels share it, but for what barrel
    # distortion brings in from beyond the edge
    straight = replace(cam, lens=replace(cam.lens, distortion=0.0))
    edge = etendue_map_cm2_sr(cam).sum() / etendue_map_cm2_sr(straight).sum()
    assert 1.05 < edge < 1.25


def test_area_of_a_distorted_pixel_is_the_maps_jacobian():
    cam = camera("open-field", pixels=(101, 101), distortion=0.2)
    x, y = cam.centers_mm()
    from pdcraft.optics.camera.distortion import seen_area

    aside, area = seen_area(cam)
    ring = np.hypot(x[None, :], y[:, None])
    ratio = np.divide(aside, ring, out=np.ones_like(aside), where=ring > 0)
    sx, sy = x[None, :] * ratio, y[:, None] * ratio
    px = cam.pixel_mm[0]
    det = np.gradient(sx, px, axis=1) * np.gradient(sy, px, axis=0)
    det -= np.gradient(sx, px, axis=0) * np.gradient(sy, px, axis=1)
    inner = (slice(5, -5), slice(5, -5))
    # central differences: second order in a pixel of 0.16 mm over a corner of 11 mm
    np.testing.assert_allclose(area[inner], det[inner], rtol=2e-3, atol=0)


def test_sharp_edges_that_ring_are_told():
    cam = camera("open-field", distortion=-0.2)
    dots = np.zeros((1, *cam.shape))
    dots[0, ::2, 1::3] = 1.0
    with pytest.warns(ApproximationWarning, match="render with finer pixels"):
        image = expected_electrons(cam, np.array([820.0]), dots)
    assert image.min() >= 0.0


def test_ambient_is_the_bands():
    cam = camera("open-field", ambient_uW_per_cm2_sr=0.5)
    want = scalar_electrons(cam, np.array([825.0]), np.array([0.5]))
    np.testing.assert_allclose(ambient_electrons(cam), want, rtol=1e-12, atol=0)


def test_exposure_adds_its_parts_and_refuses_negative_light():
    one = np.ones((2, 2))
    assert Exposure(one, 2 * one, 3 * one, 4 * one).light.sum() == 40.0
    with pytest.raises(DataError, match="electrons of leak"):
        Exposure(one, one, -one, one)
    cam = camera("open-field")
    with pytest.raises(DataError, match="radiance has shape"):
        expected_electrons(cam, np.array([820.0]), np.ones((1, 3, 3)))
    with pytest.raises(DataError, match="smooth the estimate, do not clip it"):
        expected_electrons(cam, np.array([820.0]), np.full((1, *cam.shape), -1.0))


def test_presets_say_what_is_assumed_and_devices_without_numbers_are_refused():
    cam = camera("zyla-5-5", qe=0.5)
    assert "hardware manual" in cam.sources[0]
    assert "qe" not in cam.assumed
    assert "read_noise_e" not in cam.assumed
    assert "transmission" in cam.assumed
    with pytest.raises(DataError, match=r"'Lab-FLARE' has no numbers.*state the camera's own"):
        camera("lab flare")
    with pytest.raises(DataError, match="did you mean 'open-field'"):
        camera("open-feld")


def test_faults_of_keys_come_all_at_once():
    with pytest.raises(DataError, match=r"no 'f_numbr' \(did you mean 'f_number'\?\), 'gane'"):
        camera("open-field", f_numbr=2.0, gane=1)
    with pytest.raises(DataError, match=r"lacks projection, focal_length_mm.*out_of_band_od"):
        camera(f_number=2.0)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"f_number": 0.0}, "f_number is 0; it must be above 0"),
        ({"working_distance_mm": 20.0}, "no real image of a plane at 20 mm"),
        ({"projection": "fisheye"}, "it is telecentric or perspective"),
        ({"band_nm": (850.0, 800.0)}, "the first is the lower"),
        ({"vignetting": 1.0}, "vignetting is 1"),
        ({"distortion": 0.8}, "distortion is 0.8"),
        ({"blur_mm": -1.0}, "blur_mm is -1"),
        ({"effective_index": 1.0}, "effective_index is 1"),
        ({"out_of_band_od": -1.0}, "out_of_band_od -1"),
        ({"bits": 40}, "bits is 40"),
        ({"full_well_e": 0.0}, "full_well_e is 0"),
        ({"read_noise_e": -1.0}, "read_noise_e is -1"),
        ({"exposure_s": 0.0}, "exposure is 0 s"),
        ({"pixels": (0, 4)}, "pixels"),
        ({"field_of_view_mm": (0.0, 4.0)}, "field_of_view"),
        ({"ambient_uW_per_cm2_sr": -1.0}, "ambient is -1"),
        ({"gain_e_per_dn": 0.0}, "gain_e_per_dn is 0"),
        ({"offset_dn": 5000}, "offset_dn is 5000"),
    ],
)
def test_impossible_cameras_are_refused(keys, text):
    with pytest.raises(DataError, match=text):
        camera("open-field", **keys)
