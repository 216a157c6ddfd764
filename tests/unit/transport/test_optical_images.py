"""Images, contrast and reweighting of one scene by methods that share nothing but the walk."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.transport.optical.backward import PixelWalks, backward_image
from pdcraft.transport.optical.domain import slab
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.images import (
    corrected_image,
    follows_layers,
    image,
    source_of_groups,
)
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.psf import layered_spread, spread_image
from pdcraft.transport.optical.reweight import reweighted_signals
from pdcraft.transport.optical.shapes import Shape
from pdcraft.transport.optical.signals import contrast_stop, region_signals

CONC = np.array([0.0, 0.2, 1.0, 0.5])  # uM: background, ball, vessel
GROUPS = np.array([-1, 0, 1, 2])
VIEW = View(16, 16, 8.0, 8.0)


def scene(vessel=0.4):
    """Brain-like tissue, a ball 1 mm below the surface, a vessel above its side."""
    shapes = (
        Shape.sphere(2, (0.0, 0.0, 2.0), 1.0, 1),
        Shape.cylinder(3, (2.0, 0.0, 1.0), 0.4, 10.0, "y", 2),
    )
    domain = slab((10.0, 10.0, 5.0), 0.25, shapes=shapes)
    ones = np.ones(4)
    return domain, OpticalMedium([0, 0.02, 0.02, vessel], 10 * ones, 0.9 * ones, 1.4 * ones)


def rois():
    p = (np.arange(16) + 0.5) / 2 - 4.0
    r = np.hypot(p[:, None], p[None, :])
    return np.array([r < 1.0, (r > 2.5) & (r < 4.0)], dtype=float)


def roi_means(found):
    total = np.einsum("g,gij->ij", CONC[1:], found.mean)
    error = np.sqrt(np.einsum("g,gij->ij", CONC[1:] ** 2, found.std_err**2))
    w = rois() / rois().sum(axis=(1, 2))[:, None, None]
    return np.einsum("rij,ij->r", w, total), np.sqrt(np.einsum("rij,ij->r", w**2, error**2))


@pytest.fixture(scope="module")
def lit():
    domain, medium = scene()
    return fluence(domain, medium, Beam(), histories=60_000)


@pytest.fixture(scope="module")
def backward(lit):
    domain, medium = scene()
    return backward_image(
        domain, medium, VIEW, lit.mean, GROUPS, weights=CONC[1:], rel_err=(0.11, 0.16)
    )


def test_corrected_image_is_the_backward_image(lit, backward):
    domain, medium = scene()
    assert follows_layers(domain, medium, VIEW)
    found = corrected_image(
        domain, medium, VIEW, lit.mean, GROUPS, weights=CONC[1:], rel_err=(0.05, 0.12)
    )
    assert found.reached
    assert backward.reached
    (a, ea), (b, eb) = roi_means(found), roi_means(backward)
    assert np.all(np.abs(a - b) < 4.0 * np.hypot(ea, eb))
    spread = np.einsum("g,gij->ij", CONC[1:], found.mean - backward.mean) / np.sqrt(
        np.einsum("g,gij->ij", CONC[1:] ** 2, found.std_err**2 + backward.std_err**2)
    )
    assert abs(spread.mean()) < 0.3  # 256 pixels: 4 errors, the spread's own error is shared
    assert 0.8 < spread.std() < 1.25
    # fewer walks for a smaller error
    assert found.rel_std_err(CONC[1:])[0] < 0.6 * backward.rel_std_err(CONC[1:])[0]


def test_the_spread_alone_misses_the_vessel_on_the_way_out(lit, backward):
    domain, medium = scene()
    spread = layered_spread(domain, medium, histories=20_000)
    base, _ = spread_image(domain, spread, source_of_groups(domain, lit.mean, GROUPS, 3), VIEW)
    over_vessel = (slice(4, 12), slice(11, 13))
    alone = np.einsum("g,gij->ij", CONC[1:], base)[over_vessel].mean()
    true = np.einsum("g,gij->ij", CONC[1:], backward.mean)[over_vessel].mean()
    assert alone > 1.1 * true


def test_region_signals_are_means_of_the_image(lit, backward):
    domain, medium = scene()
    found = region_signals(
        domain, (medium,), (medium,), Beam(), VIEW, rois(), histories=(60_000, 10_000)
    )

    def radiance(mean):
        return np.einsum("xmrl,l->r", mean, CONC)

    value, error = radiance(found.mean), found.std_err_of(radiance)
    want, want_error = roi_means(backward)
    source = 0.015 * want  # noise of the image's own fluence, which is common
    assert np.all(np.abs(value - want) < 4.0 * np.sqrt(error**2 + want_error**2 + source**2))


def test_contrast_runs_until_its_error_is_small_and_no_further():
    domain, medium = scene()
    stop = contrast_stop(0, 1, CONC, 0.06)
    found = region_signals(domain, (medium,), (medium,), Beam(), VIEW, rois(), stop=stop,
                           histories=(20_000, 5_000), seed=3)  # fmt: skip
    contrast = stop.quantity(found.mean)
    assert found.reached
    assert float(found.std_err_of(stop.quantity)) <= 0.06 * contrast
    cut = region_signals(domain, (medium,), (medium,), Beam(), VIEW, rois(),
                         stop=contrast_stop(0, 1, CONC, 1e-4), histories=(20_000, 5_000),
                         max_time_s=0.0)  # fmt: skip
    assert not cut.reached
    again = region_signals(domain, (medium,), (medium,), Beam(), VIEW, rois(), stop=stop,
                           histories=(20_000, 5_000), seed=3, threads=1)  # fmt: skip
    assert np.array_equal(found.mean, again.mean)


@pytest.mark.parametrize("make", [backward_image, corrected_image])
def test_a_stop_by_time_leaves_no_pixel_without_its_walks(lit, make, monkeypatch):
    begun, works = [], []
    real = PixelWalks.add

    def add(self, *rest):
        done = real(self, *rest)
        begun.append(self.walks.copy())
        works.append(self)
        return done

    monkeypatch.setattr(PixelWalks, "add", add)
    domain, medium = scene()
    view = replace(VIEW, rows=40, columns=40)  # more than two batches
    found = make(domain, medium, view, lit.mean, GROUPS, weights=CONC[1:], max_time_s=0.0)
    assert not found.reached
    assert len(begun) == 1
    assert np.all(begun[0] > 0)
    assert not real(works[0], 64, 1, None, time.monotonic())  # later passes end with the time
    assert np.any(works[0].walks == begun[0])


def test_wavelengths_whose_walks_time_cut_short_have_errors_of_their_own():
    """The second wavelength begins after the time is over: two groups of walks, not sixteen."""
    domain, medium = scene()

    def slow(done, words):
        if done == 1.0:
            time.sleep(0.5)

    found = region_signals(domain, (medium, medium), (medium,), Beam(), VIEW, rois(), threads=1,
                           histories=(2_000, 1_000), progress=slow, max_time_s=0.5)  # fmt: skip
    assert not found.reached
    first, second = found.region_fluence_std_err[:, 1] / found.region_fluence[:, 1]
    assert 0.0 < first < 0.2
    assert 0.0 < second < 0.6
    assert np.all(np.isfinite(found.mean))


def test_scattering_that_leaves_the_layers_needs_backward_walks(lit):
    domain, medium = scene()
    mus = np.array([0, 10.0, 8.0, 10.0])
    other = OpticalMedium(medium.mua_per_mm, mus, medium.g, medium.n)
    assert not follows_layers(domain, other, VIEW)
    assert not follows_layers(domain, medium, View(4, 4, 8.0, 8.0, "perspective", 100.0))
    found = image(domain, other, View(2, 2, 8.0, 8.0), lit.mean, rel_err=(0.3, 0.3))
    assert found.smoothing_bias is None
    with pytest.raises(DataError, match="telecentric"):
        spread_image(
            domain, layered_spread(domain, medium, histories=100), lit.mean[None],
            View(4, 4, 8.0, 8.0, "perspective", 100.0),
        )  # fmt: skip


def dyed(medium, micromolar, emission=0.3):
    """Absorption of a dye of 200 000 L/(mol cm), at emission a share of it."""
    mua = math.log(10.0) * 2e5 * CONC * micromolar * 1e-6 / 10.0
    return (
        medium.with_absorption(medium.mua_per_mm + mua),
        medium.with_absorption(medium.mua_per_mm + emission * mua),
    )


def nonlinear(histories, reweighted):
    """Change of both regions' signals by the dye's absorption: reweighted, and run anew."""
    domain, medium = scene()
    doses = (0.1, 1.0, 10.0)
    ridden = reweighted_signals(
        domain, medium, medium, Beam(), VIEW, rois(), [dyed(medium, d) for d in doses],
        histories=reweighted,
    )  # fmt: skip
    assert ridden.serves().all()
    value, error = ridden.change(CONC)

    def radiance(mean):
        return np.einsum("xmrl,l->r", mean, CONC)

    plain, *full = (
        region_signals(domain, (x,), (m,), Beam(), VIEW, rois(), histories=histories, copies=False)
        for x, m in [(medium, medium), *(dyed(medium, d) for d in doses)]
    )
    first, first_error = radiance(plain.mean), plain.std_err_of(radiance)
    for i, run in enumerate(full):
        signal = radiance(run.mean)
        relative = np.hypot(run.std_err_of(radiance) / signal, first_error / first)
        ours = (1.0 + value[i]) / (signal / first)
        whole = np.hypot(relative, error[i] / (1.0 + value[i]))
        yield doses[i], ours, whole


def test_reweighting_agrees_with_new_runs():
    for _, ratio, error in nonlinear((20_000, 10_000), (8_000, 4_000)):
        assert np.all(error < 0.05)
        assert np.all(np.abs(ratio - 1.0) < 0.01 + 3.0 * error)


@pytest.mark.slow
def test_reweighting_agrees_with_new_runs_to_one_percent():
    for _, ratio, error in nonlinear((600_000, 250_000), (100_000, 50_000)):
        assert np.all(error < 0.012)
        assert np.all(np.abs(ratio - 1.0) < 0.01 + 3.0 * error)


def test_small_doses_are_linear_and_large_are_not():
    domain, medium = scene()
    found = reweighted_signals(
        domain, medium, medium, Beam(), VIEW, rois(),
        [(medium, medium), dyed(medium, 0.02), dyed(medium, 1.0)], histories=(4_000, 2_000),
    )  # fmt: skip
    value, error = found.change(CONC)
    assert np.abs(value[0]).max() < 1e-12  # the same medium on the same paths
    assert found.effective[0] == pytest.approx(1.0, rel=1e-12, abs=0)
    assert np.all(np.abs(value[1]) < 0.02)
    assert np.all(value[2] < -0.05)
    assert np.all(error[1:] < 0.1 * np.abs(value[1:]))


def test_reweighting_far_to_less_absorption_tells_that_paths_do_not_serve():
    domain, medium = scene()
    dark = medium.with_absorption(medium.mua_per_mm + 4.0)
    found = reweighted_signals(
        domain, dark, dark, Beam(), VIEW, rois(), [(medium, medium)], histories=(4_000, 2_000)
    )
    assert not found.serves().any()


def test_reweighting_refuses_other_scattering():
    domain, medium = scene()
    other = OpticalMedium(medium.mua_per_mm, medium.mus_per_mm * 1.01, medium.g, medium.n)
    with pytest.raises(DataError, match="differs in mus_per_mm"):
        reweighted_signals(domain, medium, medium, Beam(), VIEW, rois(), [(other, medium)])
    with pytest.raises(DataError, match="no other medium"):
        reweighted_signals(domain, medium, medium, Beam(), VIEW, rois(), [])


def test_a_periodic_scene_is_corrected_round_its_sides():
    """A vessel along the right side darkens the left end as well, as walks from pixels see it."""
    vessel = Shape.cylinder(2, (2.0, 0.0, 0.8), 0.5, 10.0, "y", 1)
    domain = slab((4.0, 4.0, 4.0), 0.25, shapes=(vessel,), lateral="periodic")
    ones = np.ones(3)
    medium = OpticalMedium([0, 0.05, 0.8], 5 * ones, 0.8 * ones, 1.4 * ones)
    view = View(4, 1, 4.0, 4.0)
    source = np.ones(domain.labels.shape)
    made = [
        make(domain, medium, view, source, rel_err=(0.02, 0.03))
        for make in (corrected_image, backward_image)
    ]
    assert all(m.reached for m in made)
    pull = (made[0].mean - made[1].mean) / np.hypot(made[0].std_err, made[1].std_err)
    assert np.abs(pull).max() < 4.0
    left, inner, _, right = made[1].mean[0, 0]
    assert left < 0.95 * inner
    assert right < 0.9 * inner
