"""Kernels of decays: energy, spheres of other codes, and what they refuse."""

import numpy as np
import pytest

from pdcraft.data.emissions import electron_keV, photon_keV
from pdcraft.data.nuclides import nuclide
from pdcraft.data.point_kernels import GROUPS, SCALED_DISTANCE, kernel_settings, kernels
from pdcraft.dosimetry.point_kernel import (
    TYPES,
    EDGES_mm,
    RadialKernel,
    kernel_of_nodes,
    nuclide_kernel,
)
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.sphere import geometric_reduction


def test_tables_are_shares_that_rise_to_one():
    for name, table in kernels().items():
        assert table.within.shape[0] == GROUPS
        # condensed histories add straggling of zero mean: single shells may come out below zero
        assert np.all(np.diff(table.within, axis=-1) > -2e-3)
        last = table.within[..., -1].mean(axis=0)
        if name.startswith("electron"):
            # half precision of 200 shells: 3e-4; condensed rows lack nothing but photons' chance
            assert last == pytest.approx(np.ones_like(last), rel=0.01, abs=0)
        assert np.all(last < 1.03)
    assert kernel_settings()["water_I_eV"] == 78.0


def test_tracks_end_within_their_range():
    table = kernels()["electron"]
    at = int(np.searchsorted(SCALED_DISTANCE, 1.0))
    within = table.within.mean(axis=0)[:, at]
    # x90 of 100 keV electrons in water is 0.809 of the range (PENELOPE): all but the slowest, whose
    # straggling is that of a few collisions, leave 95% and more within the range
    assert np.all(within[table.energy_keV > 1.0] > 0.95)
    at100 = int(np.flatnonzero(np.isclose(table.energy_keV, 100.0))[0])
    x90 = np.interp(0.9, table.within.mean(axis=0)[at100], SCALED_DISTANCE)
    assert x90 == pytest.approx(0.809, rel=0.02, abs=0)  # cells of 8% in distance: 1%


@pytest.mark.parametrize("name", ["I-125", "Lu-177", "F-18", "Y-90"])
def test_energy_of_a_decay_is_all_there(name):
    k = nuclide_kernel(name)
    source = nuclide(name)
    total = k.energy_keV.sum(axis=(1, 2)).mean()
    # photons' rows are noisy in their sum by 2% (stretched flights); F-18 has 990 of 1232 keV there
    assert total == pytest.approx(electron_keV(source) + photon_keV(source), rel=0.02, abs=0)
    electrons = k.energy_keV[:, 1:].sum(axis=(1, 2)).mean()
    assert electrons == pytest.approx(electron_keV(source), rel=2e-3, abs=0)
    assert k.emitted_keV == pytest.approx(
        electron_keV(source) + photon_keV(source), rel=1e-9, abs=0
    )


def test_energy_within_a_distance_rises_from_nothing():
    k = nuclide_kernel("Lu-177")
    assert np.all(np.diff(k.within_keV(np.geomspace(1e-4, 1e-2, 4001))) >= 0.0)
    assert float(k.within_keV(0.0)) == 0.0
    for r in (1e-3, 1e-2, 0.1):
        value, _ = k.absorbed_keV(lambda d, r=r: (d < r) * 1.0)
        assert float(k.within_keV(r)) == pytest.approx(value, rel=0.05, abs=0)  # shells of 4%
    total = k.energy_keV.sum(axis=(1, 2)).mean()
    assert float(k.within_keV(np.inf)) == pytest.approx(total, rel=1e-12, abs=0)


def test_a_point_at_rest_gives_all_to_its_sphere():
    k = kernel_of_nodes("none", {}, 3.0)
    value, error = k.absorbed_keV(lambda d: geometric_reduction(d, 0.005))
    assert value == pytest.approx(3.0, rel=1e-3, abs=0)  # spread over the first nanometer of 5 um
    assert error == 0.0


def test_slow_electrons_stay_where_they_start():
    slow = kernel_of_nodes("one", {"Auger": (np.array([0.09]), np.array([2.0]))})
    assert slow.energy_keV[:, TYPES.index("Auger"), 0] == pytest.approx(
        [0.18] * GROUPS, rel=1e-12, abs=0
    )
    ran = kernel_of_nodes("one", {"Auger": (np.array([0.11]), np.array([2.0]))})
    assert float(ran.within_keV(1e-6)) < 0.15 < float(ran.within_keV(2e-5))


def test_lower_mean_excitation_energy_shortens_tracks():
    nodes = {"beta": (np.array([30.0]), np.ones(1))}
    at78, at75 = (
        kernel_of_nodes("one", nodes, water_I_eV=i).within_keV(5e-3) for i in (78.0, 75.0)
    )
    assert 1.002 < float(at75 / at78) < 1.02


def test_model_errors_add_families_in_quadrature():
    k = nuclide_kernel("I-125")

    def share(d):
        return geometric_reduction(d, 0.004)

    value, _ = k.absorbed_keV(share)
    low = max(abs(m.absorbed_keV(share)[0] - value) for m in k.low_energy_models.values())
    auger = max(abs(m.absorbed_keV(share)[0] - value) for m in k.auger_models.values())
    assert k.model_err_keV(share) == pytest.approx(np.hypot(low, auger), rel=1e-12, abs=0)
    # ICRP 107 has 7% less between 10 and 50 keV, 2% more between 1 and 10 keV, which stays inside
    assert 0.01 < auger / value < 0.02
    # a spread of 7% of the stopping power at 1 keV hardly matters for a nucleus of 4 um
    assert low / value < 0.005


def test_other_spectrum_has_the_other_energies():
    from pdcraft.data.auger_sums import other_bands_keV
    from pdcraft.dosimetry.auger_models import auger_models

    source = nuclide("I-125")
    models = auger_models(source)
    other = models["energies of ICRP 107"]
    # facts of ICRP 107: 7.28 keV of conversion, 12.3 of Auger electrons with X-rays below 100 eV
    assert electron_keV(other) == pytest.approx(7.2795 + 12.3, rel=1e-3, abs=0)
    assert float(other_bands_keV()["I-125"].sum()) == pytest.approx(19.58, rel=1e-3, abs=0)
    hard = [x.per_decay * x.energy_keV for x in other.electrons if x.energy_keV > 10.0]
    assert sum(hard) == pytest.approx(8.982, rel=1e-3, abs=0)
    below = models["energies of ICRP 107 below 10 keV alone"]
    above = models["energies of ICRP 107 above 10 keV alone"]
    change = electron_keV(below) + electron_keV(above) - 2.0 * electron_keV(source)
    assert change == pytest.approx(electron_keV(other) - electron_keV(source), rel=1e-9, abs=0)
    hard_own, hard_below = (
        [x.per_decay for x in one.electrons if x.energy_keV > 10.0] for one in (source, below)
    )
    assert hard_below == hard_own
    still = models["soft Auger electrons on the spot"]
    assert electron_keV(still) == pytest.approx(electron_keV(source), rel=1e-12, abs=0)
    assert min(x.energy_keV for x in still.electrons) > 1.0


def test_positron_emitters_without_electrons_have_no_other_spectrum():
    assert "energies of ICRP 107" not in nuclide_kernel("F-18").auger_models


def test_what_lies_above_3_MeV_counts_as_3_MeV():
    k = nuclide_kernel("Y-86")  # photons of up to 3.9 MeV: 0.3% of their energy
    assert k.emitted_keV == pytest.approx(
        electron_keV(nuclide("Y-86")) + photon_keV(nuclide("Y-86")), rel=1e-9, abs=0
    )


def test_refuses_what_cannot_be():
    with pytest.raises(PhysicsRangeError, match="3500 keV"):
        kernel_of_nodes("fast", {"beta": (np.array([3500.0]), np.ones(1))})
    with pytest.raises(DataError, match="must ascend from 0"):
        RadialKernel("x", np.array([1.0, 2.0]), np.zeros((1, 4, 1)), 0.0)
    with pytest.raises(DataError, match="do not fit 2 shells"):
        RadialKernel("x", np.array([0.0, 1.0, 2.0]), np.zeros((1, 4, 3)), 0.0)


def test_edges_are_sixty_per_decade():
    assert EDGES_mm[1] == pytest.approx(1e-6, rel=1e-12, abs=0)
    assert EDGES_mm[61] / EDGES_mm[1] == pytest.approx(10.0, rel=1e-9, abs=0)
    assert EDGES_mm[-1] == np.inf
