"""Scaling of the bladder wall's S values with the volume of the contents."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate

from pdcraft.anatomy import stylised_body
from pdcraft.data.body_fractions import body_fractions
from pdcraft.data.nuclides import nuclide
from pdcraft.dosimetry.absorbed_fraction import absorbed_fraction
from pdcraft.dosimetry.bladder import contents_tiac_h, wall_dose_mGy_per_MBq
from pdcraft.dosimetry.bladder_wall import SHORT_RANGE_POWER, WallS, effective_range_mm, wall_S
from pdcraft.dosimetry.inflow import inflow_of_exponentials
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.dosimetry.urine_history import modeled_urine
from pdcraft.dosimetry.voiding import Bladder
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.electron import csda_range_g_per_cm2

VOLUMES = [20.0, 200.0, 600.0]


def shell_mean(volume, wall):
    """Mean of 1/(4 pi s^2) from a sphere to the shell around it, by nested quadrature."""
    radius, outer = np.cbrt(3 * volume / (4 * np.pi)), np.cbrt(3 * (volume + wall) / (4 * np.pi))

    def at(r):
        def layer(u):  # a spherical layer of radius u seen from r
            return u**2 * np.log((r + u) / (r - u)) / (2 * r * u)

        return integrate.quad(layer, 0, radius, epsabs=0, epsrel=1e-9)[0] / volume

    mean, _ = integrate.quad(lambda r: 4 * np.pi * r**2 * at(r), radius, outer, epsrel=1e-8)
    return mean / wall


def test_photons_are_the_inverse_square_mean_over_the_wall():
    photon = WallS(0.0, 1.0, 200.0, 46.0)
    reference = shell_mean(200.0, 46.0)
    want = [shell_mean(v, 46.0) / reference for v in VOLUMES]
    # 12 Gauss points against the logarithm at the inner surface
    assert photon.at(VOLUMES) == pytest.approx(want, rel=1e-4, abs=0)


def test_photons_at_the_surface_fall_with_two_thirds_of_the_volume():
    skin = WallS(0.0, 1.0, 200.0, 1e-4)  # a wall of no thickness
    want = (np.array(VOLUMES) / 200.0) ** (-2 / 3)
    assert skin.at(VOLUMES) == pytest.approx(want, rel=2e-3, abs=0)


def test_electrons_that_leave_a_sphere_fall_as_transported():
    """Energy that leaves spheres of water at 500 keV, from the transport's tables.

    Per decay it is proportional to 1/R, so to the volume to -1/3, in a wall of constant mass. Of
    the 1.5 % to 3 % that leave, 0.1 % are bremsstrahlung, which leaves any sphere: 6 % less power.
    """
    radius_mm = 10.0 * np.cbrt(3 * np.array([50.0, 400.0]) / (4 * np.pi))
    escaped = [1 - absorbed_fraction("electron", 500.0, r)[0].item() for r in radius_mm]
    power = np.log(escaped[1] / escaped[0]) / np.log(8.0)
    assert power == pytest.approx(SHORT_RANGE_POWER, rel=0.07, abs=0)


@pytest.mark.parametrize(
    ("range_mm", "small", "large", "tolerance"),
    [(2.19, 1.846, 0.679, 0.06), (9.51, 2.683, 0.490, 0.07)],
)
def test_electrons_of_the_packages_transport(range_mm, small, large, tolerance):
    """Electrons of 600 keV and 2 MeV in a sphere of 30, 202.6, 500 mL in 45.7 mL of wall.

    Own runs of pdcraft.transport.bodies (60,000 and 30,000 histories, errors 3 to 5 %); ranges of
    the continuous-slowing-down approximation. Without the range the second would be 30 % off.
    """
    wall = WallS(1.0, 0.0, 202.6, 45.7, electron_range_mm=range_mm)
    assert wall.at([30.0, 500.0]) == pytest.approx([small, large], rel=tolerance, abs=0)


def test_photons_of_the_packages_transport():
    """364 keV, the same spheres in soft tissue: own runs, 200,000 histories, errors 0.3 %."""
    wall = WallS(0.0, 1.0, 202.6, 45.7)
    assert wall.at([30.0, 500.0]) == pytest.approx([2.4505, 0.5858], rel=0.01, abs=0)


def test_short_ranges_are_the_limit():
    limit = WallS(1.0, 0.0, 200.0, 46.0).at(VOLUMES)
    short = WallS(1.0, 0.0, 200.0, 46.0, electron_range_mm=0.05).at(VOLUMES)
    assert short == pytest.approx(limit, rel=1e-4, abs=0)


def test_ranges_of_nuclides_are_between_those_of_their_electrons():
    # between the ranges of the mean energies (DDEP: 133 and 182 keV) and of the maxima of the main
    # branches (498 and 606 keV), in soft tissue of 1.04 g/mL
    for name, mean, highest in (("Lu-177", 133.0, 498.0), ("I-131", 182.0, 606.0)):
        low, high = csda_range_g_per_cm2([mean, highest]) * 10 / 1.04
        assert low < effective_range_mm(nuclide(name)) < high


def test_half_contents_is_the_concentration():
    half = WallS(1.0, 0.0, 200.0, 46.0, "half-contents")
    assert half.at(VOLUMES) == pytest.approx([10.0, 1.0, 1 / 3], rel=1e-12, abs=0)


def test_a_bladder_of_one_volume_needs_no_scaling():
    wall = WallS(3e-5, 1e-5, 150.0, 46.0)
    still = modeled_urine(
        Bladder(3.0, 3.0, 1e-6, 150.0, 149.9999999), inflow_of_exponentials(0.3, 5.0)
    )
    want = contents_tiac_h(still, 6.0) * 3600 * 4e-5
    assert wall_dose_mGy_per_MBq(still, 6.0, wall) == pytest.approx(float(want), rel=1e-6, abs=0)


def test_fuller_bladders_give_their_wall_less_per_decay():
    wall, urine = WallS(3e-5, 1e-5, 200.0, 46.0), inflow_of_exponentials(0.3, 5.0)
    per_decay = [
        float(wall_dose_mGy_per_MBq(h, 6.0, wall) / contents_tiac_h(h, 6.0))
        for h in (
            modeled_urine(Bladder(3.0, 3.0, 60.0, initial), urine) for initial in (10.0, 400.0)
        )
    ]
    assert per_decay[1] < per_decay[0]


def test_stylised_bladder_is_a_reference():
    """The man's contents have 203 cm3 and his wall 50 g; at that volume nothing is scaled."""
    values = organ_S(stylised_body("adult-male"), body_fractions("adult-male"), "I-131")
    wall = wall_S(values)
    row = values.targets.index("urinary_bladder_wall")
    column = values.sources.index("urinary_bladder_contents")
    assert wall.reference_volume_mL == pytest.approx(202.6, rel=0.01, abs=0)
    assert wall.wall_volume_mL == pytest.approx(50.0 / 1.04, rel=1e-6, abs=0)
    assert wall.at(wall.reference_volume_mL) == pytest.approx(
        values.total[row, column], rel=1e-12, abs=0
    )


def test_a_body_without_a_walled_bladder_has_no_model():
    values = organ_S(stylised_body("adult-male"), body_fractions("adult-male"), "I-131")
    names = tuple(name.replace("urinary_bladder_contents", "urine") for name in values.sources)
    with pytest.raises(DataError, match="adult-male has no urinary_bladder_contents"):
        wall_S(replace(values, sources=names))


def test_values_that_cannot_be_are_refused():
    with pytest.raises(DataError, match="'transported' and 'half-contents'"):
        WallS(1e-5, 1e-5, 200.0, 46.0, "surface")
    with pytest.raises(PhysicsRangeError, match="electron_mGy_per_MBq_s is -1"):
        WallS(-1.0, 1e-5, 200.0, 46.0)
    with pytest.raises(PhysicsRangeError, match="reference_volume_mL is 0"):
        WallS(1e-5, 1e-5, 0.0, 46.0)
    with pytest.raises(PhysicsRangeError, match="above 0 mL"):
        WallS(1e-5, 1e-5, 200.0, 46.0).at([0.0, 10.0])
