"""What is deposited and what escapes is what was emitted, to rounding, in every kind of cell."""

import numpy as np
import pytest

from pdcraft.data.materials import material
from pdcraft.transport.emissions import Group, mono
from pdcraft.transport.settings import Settings
from pdcraft.transport.spheres import Shells, transport_spheres
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON, POSITRON
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels

WATER, BONE, LUNG = (material(name) for name in ("water", "cortical bone", "lung"))
SOURCES = {
    "electrons": (ELECTRON, BETA, 2000.0),
    "positrons": (POSITRON_PARTICLE, POSITRON, 1500.0),
    "soft photons": (PHOTON_PARTICLE, PHOTON, 12.0),  # fluorescence of calcium
    "hard photons": (PHOTON_PARTICLE, PHOTON, 2500.0),  # pairs
}
#: additions of some 1e7 numbers of either sign
ROUNDING = 1e-9


def group(name):
    particle, row, energy = SOURCES[name]
    return (Group(particle, row, np.array([0.5 * energy]), np.array([0.5 * energy]), np.ones(1)),)


def mixed(surround=None):
    rng = np.random.default_rng(1)
    kind = rng.integers(0, 3, (6, 5, 4)).astype(np.uint8)
    density = np.array([1.0, 1.92, 0.26])[kind].astype(np.float32)
    density[0, 0, 0] = 0.0  # a vacuum
    source = rng.uniform(size=kind.shape)
    return VoxelPhantom(
        kind, density, np.array([3.0, 2.0, 4.0]), (WATER, BONE, LUNG), surround
    ), source


@pytest.mark.parametrize("surround", [None, 0], ids=["in a vacuum", "in water"])
@pytest.mark.parametrize("name", SOURCES)
def test_voxels_keep_the_balance(name, surround):
    # in water photons come back; what they left there has escaped
    phantom, source = mixed(surround)
    found = transport_voxels(
        phantom, group(name), source, precision=0.0, max_histories=4000, analog=True
    )
    kept = sum(float(e.sum()) for e in found.energy_keV.values())
    assert found.emitted_keV == pytest.approx(kept + found.escaped_keV, rel=1e-6, abs=0)
    assert kept > 0.0
    assert found.escaped_keV > 0.0


@pytest.mark.parametrize("name", SOURCES)
def test_spheres_in_water_keep_everything(name):
    settings = Settings(deflection=0.3, loss=0.3, hard_loss_keV=10.0, electron_cutoff_keV=10.0)
    shells = Shells((0.5, 3.0), (BONE, WATER, WATER))
    found = transport_spheres(shells, group(name), histories=400, settings=settings)
    kept = float(found.energy_keV[-1].sum())
    assert kept == pytest.approx(found.emitted_keV, rel=ROUNDING, abs=0)


def test_positrons_bring_two_rest_energies():
    phantom, source = mixed()
    found = transport_voxels(
        phantom, group("positrons"), source, precision=0.0, max_histories=4000, analog=True
    )
    # mean kinetic energy 1125 keV; 5 standard errors of 4000 uniform energies are 17 keV
    assert found.emitted_keV == pytest.approx(1125.0 + 2 * 510.99895, abs=17.0)


def test_track_length_keeps_the_balance_in_the_mean():
    """Photons that score by track length: their mean deposit is what does not escape.

    5 standard errors, 6e-7 by chance.
    """
    grid = VoxelPhantom(
        np.zeros((11, 11, 11), np.uint8), np.ones((11, 11, 11), np.float32), np.full(3, 20.0),
        (WATER,),
    )  # fmt: skip
    source = np.zeros((11, 11, 11))
    source[5, 5, 5] = 1.0
    everywhere = {"all": np.ones((11, 11, 11), bool)}
    found = transport_voxels(
        grid,
        mono(PHOTON_PARTICLE, PHOTON, 100.0),
        source,
        precision=0.0,
        max_histories=400_000,
        regions=everywhere,
    )
    assert np.any(found.estimator == 0)
    mean, error = found.region_keV["all"]
    assert error < 0.002 * mean
    # 0.2%: water's share of radiated energy and the table's straight pieces
    assert mean == pytest.approx(
        found.emitted_keV - found.escaped_keV, abs=5 * error + 0.002 * mean
    )
