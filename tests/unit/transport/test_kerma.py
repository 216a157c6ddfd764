"""Kerma is not dose where electrons leave: small spheres, and voxels beside a boundary.

At 364 keV kerma is 29% too high in a sphere of 1 mg, and 3.8 times the dose at a radius of 100 µm.
Transported electrons must meet the EGSnrc reference there, and kerma must fail the same judgment.
"""

import numpy as np
import pytest

from pdcraft.data.materials import material
from pdcraft.physics.sphere import geometric_reduction
from pdcraft.transport.emissions import mono
from pdcraft.transport.engine import prepare_photons
from pdcraft.transport.point import point_kernel
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import PHOTON_PARTICLE
from pdcraft.transport.tally import PHOTON
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels
from pdcraft.validate.decide import decide
from pdcraft.validate.tables import reference_rows

KEV = 364.0
WATER = material("water")
LINE = mono(PHOTON_PARTICLE, PHOTON, KEV)
SMALL, SMALLER = 0.62035, 0.1  # mm: 1 mg, and 100 µm


def reference(radius_mm):
    for row in reference_rows("transport", "egsnrc_sphere_fractions.csv"):
        same = abs(10.0 * float(row["radius_cm"]) - radius_mm) < 1e-6
        if same and row["particle"] == "photon" and float(row["E_MeV"]) == 0.001 * KEV:
            phi = float(row["phi_self"])
            return phi, 0.01 * float(row["rel_unc_pct"]) * phi
    raise AssertionError(radius_mm)


def kerma_fraction(radius_mm):
    """Kerma of unscattered photons, by quadrature: in spheres this small no other counts."""
    data = prepare_photons((WATER,), "normalized")
    kerma, total = (
        float(np.interp(np.log(KEV), data.log_energy, table[:, 0]))
        for table in (data.kerma, data.total)
    )
    s = np.linspace(0.0, 2.0 * radius_mm, 2001)
    inside = geometric_reduction(s, radius_mm) * np.exp(-total * s)
    return kerma / KEV * np.trapezoid(inside, s)


def judged(radius_mm, value):
    return decide("t", "n", value, reference(radius_mm), "EGSnrc", rel=0.01, why="w").passed


def test_kerma_fails_where_equilibrium_does():
    ratio = {r: kerma_fraction(r) / reference(r)[0] for r in (SMALL, SMALLER)}
    # the printed 29% and 3.8, to their digits and the reference's 0.4 and 1%
    assert ratio[SMALL] == pytest.approx(1.29, abs=0.02)
    assert ratio[SMALLER] == pytest.approx(3.8, abs=0.1)
    assert judged(SMALL, (kerma_fraction(SMALL), 0.0)) is False


def test_transported_electrons_at_rest_are_kerma():
    """The engine with electrons that go nowhere gives kerma: 5 standard errors, 6e-7 by chance."""
    rest = Settings(electron_cutoff_keV=3000.0, photoelectric="normalized")
    mean, error = point_kernel(LINE, WATER, histories=200_000, settings=rest).absorbed_keV(SMALL)
    assert error[-1] < 0.02 * mean[-1]
    # scattered photons add 0.3% at this radius
    want = kerma_fraction(SMALL) * KEV
    assert abs(mean[-1] - want) < 5.0 * error[-1] + 0.005 * want


@pytest.mark.parametrize("radius_mm", [SMALL])
def test_transport_is_far_from_kerma(radius_mm):
    settings = Settings(deflection=0.1, loss=0.1, hard_loss_keV=2.0, photoelectric="normalized")
    kernel = point_kernel(
        LINE, WATER, histories=60_000, settings=settings, thin_mm=3.0, thin_most=1e6
    )
    mean, error = kernel.absorbed_keV(radius_mm)
    phi, sigma = reference(radius_mm)
    assert abs(mean[-1] / KEV - phi) < 0.01 * phi + 4.0 * np.hypot(error[-1] / KEV, sigma)
    assert mean[-1] / KEV < 0.9 * kerma_fraction(radius_mm)


@pytest.mark.slow
@pytest.mark.parametrize("radius_mm", [SMALL, SMALLER])
def test_transport_passes_where_kerma_fails(radius_mm):
    settings = Settings(photoelectric="normalized")
    kernel = point_kernel(
        LINE, WATER, histories=2_000_000, settings=settings, thin_mm=3.0, thin_most=1e6
    )
    mean, error = kernel.absorbed_keV(radius_mm)
    phi, sigma = reference(radius_mm)
    assert abs(mean[-1] / KEV - phi) < 0.01 * phi + 2.0 * np.hypot(error[-1] / KEV, sigma)
    assert kerma_fraction(radius_mm) > 1.25 * phi


def test_voxels_beside_a_boundary_transport_electrons_by_themselves():
    """A layer of lung density in water: what the run chooses agrees with full transport.

    4 combined standard errors: 6e-5 by chance.
    """
    density = np.ones((9, 9, 9), np.float32)
    density[:, :, 4] = 0.2
    phantom = VoxelPhantom(np.zeros((9, 9, 9), np.uint8), density, np.full(3, 2.0), (WATER,))
    source = np.zeros((9, 9, 9))
    source[3:6, 3:6, 3] = 1.0
    layer = {"layer": density < 0.5}
    asked = {"precision": 0.0, "regions": layer, "seed": 3, "max_histories": 800_000}
    chosen = transport_voxels(phantom, LINE, source, **asked)
    analog = transport_voxels(phantom, LINE, source, analog=True, **asked)
    (a, da), (b, db) = chosen.region_keV["layer"], analog.region_keV["layer"]
    assert np.all(chosen.estimator[layer["layer"]] == 1)
    assert max(da / a, db / b) < 0.03
    assert abs(a - b) < 4.0 * np.hypot(da, db)
