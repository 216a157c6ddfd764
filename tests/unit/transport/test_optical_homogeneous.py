"""Every method on the half space whose fluorescence is known in closed form (g = 0, n = 1).

Dye spread evenly, same properties at both wavelengths, light straight from above: exitance is
(dye share) dR/da, nadir radiance (dye share) dl/da, see `pdcraft.physics.chandrasekhar`.
"""

import numpy as np
import pytest

from pdcraft.physics import chandrasekhar
from pdcraft.transport.optical.adjoint import importance
from pdcraft.transport.optical.backward import backward_image
from pdcraft.transport.optical.domain import OpticalDomain, slab
from pdcraft.transport.optical.emission import emission
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.images import corrected_image
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.psf import layered_spread, spread_image
from pdcraft.transport.optical.signals import region_signals

DEPTH_mm = {0.9: (20.0, 0.2), 0.99: (50.0, 0.5)}  # deeper light gives less than 1e-4
VIEW = View(2, 2, 8.0, 8.0)


def scene(albedo):
    """A half space of µt = 1/mm, periodic across."""
    depth, step = DEPTH_mm[albedo]
    domain = slab((8.0, 8.0, depth), (4.0, 4.0, step), lateral="periodic")
    return domain, OpticalMedium([0, 1.0 - albedo], [0, albedo], [0, 0], [1, 1])


def whole(mean):
    return mean[0, 0, 0].sum()


def check(value, error, want, histories_scale=1.0):
    """Within 0.5% and 3 errors of each other; the error itself small enough to mean something."""
    assert error < 0.012 * want * histories_scale
    assert abs(value - want) < 0.005 * want + 3.0 * error


@pytest.mark.parametrize("albedo", [0.9, 0.99])
def test_region_signal(albedo):
    domain, medium = scene(albedo)
    found = region_signals(
        domain, (medium,), (medium,), Beam(), VIEW, np.ones((1, 2, 2)),
        histories=(60_000, 40_000), copies=False,
    )  # fmt: skip
    want = chandrasekhar.nadir_radiance_slope(albedo)
    check(whole(found.mean), float(found.std_err_of(whole)), want)


def test_region_signal_below_a_surface_that_cuts_voxels():
    """Voxels that are half air count by their tissue; by all of their volume, 3% are missing."""
    _, medium = scene(0.9)
    cut = OpticalDomain(
        np.ones((2, 2, 100), np.uint16), (4.0, 4.0, 0.2), (), "periodic",
        height_mm=np.full((2, 2), 0.1),
    )  # fmt: skip
    found = region_signals(
        cut, (medium,), (medium,), Beam(), VIEW, np.ones((1, 2, 2)), histories=(60_000, 40_000),
        copies=False,
    )  # fmt: skip
    check(
        whole(found.mean), float(found.std_err_of(whole)), chandrasekhar.nadir_radiance_slope(0.9)
    )


@pytest.mark.slow
@pytest.mark.parametrize("albedo", [0.9, 0.99])
def test_region_signal_to_half_a_percent(albedo):
    domain, medium = scene(albedo)
    found = region_signals(
        domain, (medium,), (medium,), Beam(), VIEW, np.ones((1, 2, 2)),
        histories=(3_000_000, 1_500_000), copies=False,
    )  # fmt: skip
    want = chandrasekhar.nadir_radiance_slope(albedo)
    error = float(found.std_err_of(whole))
    assert error < 0.003 * want
    assert abs(whole(found.mean) - want) < max(0.005 * want, 3.0 * error)


@pytest.mark.parametrize("albedo", [0.9, 0.99])
def test_forward_emission_gives_the_exitance(albedo):
    domain, medium = scene(albedo)
    lit = fluence(domain, medium, Beam(), histories=60_000, copies=False)
    out = emission(domain, medium, lit.mean, histories=60_000)
    per_area = domain.voxel_mm3 / 64.0
    value = lit.mean.sum() * per_area * out.reflected_diffuse
    groups = lit.batch_sums.sum(axis=1, dtype=float) * per_area
    error = value * np.hypot(
        groups.std(ddof=1) / np.sqrt(len(groups)) / groups.mean(),
        out.std_err["reflected_diffuse"] / out.reflected_diffuse,
    )
    check(value, error, chandrasekhar.reflectance_slope(albedo))


def radiance_of(albedo, make):
    domain, medium = scene(albedo)
    lit = fluence(domain, medium, Beam(), histories=60_000, copies=False)
    value, error = make(domain, medium, lit.mean)
    groups = lit.batch_sums.sum(axis=1, dtype=float)
    error = np.hypot(error, value * groups.std(ddof=1) / np.sqrt(len(groups)) / groups.mean())
    check(value, error, chandrasekhar.nadir_radiance_slope(albedo))


@pytest.mark.parametrize("albedo", [0.9, 0.99])
def test_adjoint(albedo):
    def make(domain, medium, source):
        seen = importance(domain, medium, VIEW, np.ones((2, 2)), histories=40_000)
        error = np.sqrt(((seen.std_err[0] * source) ** 2).sum())
        return (seen.mean[0] * source).sum(), error  # no correlation: a lower bound of the error

    radiance_of(albedo, make)


@pytest.mark.parametrize("albedo", [0.9, 0.99])
def test_backward(albedo):
    def make(domain, medium, source):
        found = backward_image(domain, medium, VIEW, source, rel_err=(0.015, 0.02))
        assert found.reached
        return found.mean.mean(), np.sqrt((found.std_err**2).mean() / 4)

    radiance_of(albedo, make)


@pytest.mark.parametrize("albedo", [0.9, 0.99])
def test_spread_of_the_layers(albedo):
    def make(domain, medium, source):
        spread = layered_spread(domain, medium, histories=40_000)
        even = np.broadcast_to(source.mean(axis=(0, 1)), source.shape)
        mean, error = spread_image(domain, spread, even[None], VIEW)
        assert np.ptp(mean) < 1e-9 * mean.max()  # a periodic, even scene has an even image
        return mean.mean(), error.mean()

    radiance_of(albedo, make)


def test_corrected_image_has_nothing_to_correct():
    domain, medium = scene(0.9)
    lit = fluence(domain, medium, Beam(), histories=20_000, copies=False)
    found = corrected_image(domain, medium, VIEW, lit.mean, rel_err=(0.05, 0.05))
    assert found.mean.mean() == pytest.approx(
        chandrasekhar.nadir_radiance_slope(0.9), rel=0.05, abs=0
    )  # 4 errors


@pytest.mark.parametrize("n", [1.0, 1.4])
def test_exit_radiance_carries_fresnel_and_the_index_squared(n):
    """No scattering: straight up leave T/n² of S/(4 pi µa), T = 1 - ((n - 1)/(n + 1))²."""
    domain = slab((8.0, 8.0, 10.0), (4.0, 4.0, 0.5), lateral="periodic", n_below=n)
    clear = OpticalMedium([0, 1.0], [0, 0], [0, 0], [1, n])
    want = (1.0 - ((n - 1.0) / (n + 1.0)) ** 2) / (4.0 * np.pi * n**2)
    seen = importance(domain, clear, VIEW, np.ones((2, 2)), histories=40_000)
    found = backward_image(domain, clear, VIEW, np.ones(domain.labels.shape), rel_err=(0.02, 0.02))
    # one collision each: the weight ends there, so no noise but that of depth (1/e^10 is lost)
    assert seen.mean.sum() == pytest.approx(want, rel=1e-3, abs=0)
    assert found.mean.mean() == pytest.approx(want, rel=1e-3, abs=0)
