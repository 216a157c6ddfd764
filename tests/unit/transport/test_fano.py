"""Fano's theorem: emission uniform per mass gives one dose in one composition at any density.

Layers of four densities between buffers, of endless width; stopping and scattering depend on the
mass path alone, and no photon carries energy away. Every layer must then receive the energy that is
set free per mass: a step that ends at a boundary by a rule of its own would show here.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from pdcraft.data.materials import material
from pdcraft.transport.alias import alias_table
from pdcraft.transport.emissions import emissions_of, mono
from pdcraft.transport.engine import (
    Problem,
    options_of,
    prepare_electrons,
    prepare_photons,
    run_batches,
)
from pdcraft.transport.geometry import MAKE_ELECTRONS, TRANSPORT, VOXELS, Geometry
from pdcraft.transport.history import VOLUME, Source
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import ELECTRON, UNFOLLOWED_PHOTON
from pdcraft.transport.tally import BETA, PHOTON, tally_of_cells

WATER = material("water")
WIDE_mm = 1e9
BATCHES = 40
#: density and number of cells: two ranges of mass each, and at both ends as much, not judged
LAYERS = ((1.0, 2), (0.05, 40), (1.0, 2), (0.26, 8), (1.92, 1), (0.05, 40), (1.92, 1))
JUDGED = LAYERS[1:-1]
KEV = 30.0
#: cell of electrons: their range is 0.0176 mm of water; of photons' electrons: up to 0.46 mm
CELL_mm, PHOTON_CELL_mm = 0.02, 0.2

CONDENSED = Settings(hard_photon_keV=3000.0, electron_cutoff_keV=5.0)
SETTINGS = {
    "fine": CONDENSED,
    "as for voxels": replace(CONDENSED, deflection=0.2, loss=0.2, hard_loss_keV=3.0),
    "no hard losses": replace(CONDENSED, deflection=0.1, loss=0.3, hard_loss_keV=3000.0),
    "coarse deflections": replace(CONDENSED, deflection=0.3, loss=0.1, hard_loss_keV=5.0),
}


def layer_doses(settings, groups, histories, *, at_rest=False):
    """Energy per history and mass share: (batches, judged layers)."""
    density = np.concatenate([np.full(n, rho) for rho, n in LAYERS])
    cells = density.size
    flags = np.full(cells, TRANSPORT | MAKE_ELECTRONS, np.uint8)
    keep, alias = alias_table(density)
    # of electrons only what leaves their own cell is left to chance; their energy is added back
    electrons_start = groups[0].particle == ELECTRON
    cell_mm = CELL_mm if electrons_start else PHOTON_CELL_mm
    control = np.full(cells, electrons_start, np.uint8)
    options = options_of(settings, reject=False)
    if at_rest:
        options = options._replace(electron_cutoff_keV=1e6)
    problem = Problem(
        prepare_photons((WATER,)),
        prepare_electrons((WATER,), settings),
        Geometry(
            VOXELS, 1, 1, cells, WIDE_mm, WIDE_mm, cell_mm, -1, np.zeros(0), flags,
            density.astype(np.float32),
        ),
        Source(VOLUME, cell=np.arange(cells), keep=keep, alias=alias, control=control),
        emissions_of(groups, settings),
        tally_of_cells(cells),
        options,
    )  # fmt: skip
    size = histories // BATCHES
    scored = np.array(
        [b.energy_keV.sum(axis=0) / size for b in run_batches(problem, 0, BATCHES, size, 7, 2)]
    )
    edges = np.cumsum([0] + [n for _, n in LAYERS])
    energy = np.add.reduceat(scored, edges[:-1], axis=1)
    share = np.add.reduceat(density, edges[:-1]) / density.sum()
    per_mass = (energy / share)[:, 1:-1] + (KEV if electrons_start else 0.0)
    return per_mass


def electrons():
    return mono(ELECTRON, BETA, KEV)


def photons():
    return mono(UNFOLLOWED_PHOTON, PHOTON, 364.0)


def judge(excess, want, within):
    """Within the tolerance and 3 standard errors, of which each is below three quarters of it."""
    mean = excess.mean(axis=0) / want
    error = excess.std(axis=0, ddof=1) / math.sqrt(BATCHES) / want
    assert error.max() < 0.75 * within
    assert np.all(np.abs(mean) < within + 3.0 * error), (mean, error)


def of_electrons(settings, histories):
    """Excess over the energy emitted."""
    return layer_doses(settings, electrons(), histories) - KEV, KEV


def of_photons(settings, histories):
    """Excess over what the same collisions leave if their electrons go nowhere."""
    rest = layer_doses(settings, photons(), histories, at_rest=True)
    return layer_doses(settings, photons(), histories) - rest, float(rest.mean())


KINDS = {"electrons": of_electrons, "photons' electrons": of_photons}


@pytest.mark.parametrize("kind", KINDS)
def test_all_densities_receive_one_dose(kind):
    """Five layers, 3 standard errors: a right code fails for less than one seed in 10,000."""
    judge(*KINDS[kind](SETTINGS["as for voxels"], 60_000), 0.02)


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_all_densities_receive_one_dose_within_two_in_a_thousand(kind, settings):
    judge(*KINDS[kind](SETTINGS[settings], 2_000_000), 0.002)
