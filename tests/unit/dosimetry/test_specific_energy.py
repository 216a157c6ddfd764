"""Specific energy in nuclei of cells: chord theorems, equilibrium, Laplace transforms."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.data.nuclides import nuclide
from pdcraft.data.radiation import Line
from pdcraft.dosimetry import nucleus_hits
from pdcraft.dosimetry.alpha_tracks import alpha_sphere_keV
from pdcraft.dosimetry.atom_events import atom_events
from pdcraft.dosimetry.specific_energy import multi_event, single_event, survival
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.alpha import RangeTable
from pdcraft.physics.constants import J_per_keV

NUCLEUS_um, CELL_um = 4.0, 5.0
NUCLEUS_kg = 4.0 / 3.0 * np.pi * NUCLEUS_um**3 * 1e-15


@pytest.fixture
def constant_LET(monkeypatch):
    """100 keV/um everywhere; 100 MeV run a millimeter."""
    energy = np.geomspace(1.0, 1e5, 40)
    monkeypatch.setattr(
        nucleus_hits, "water_alpha_ranges", lambda: RangeTable(energy, energy / 100.0)
    )
    return replace(nuclide("Po-212"), alpha=(Line("alpha", 9e4, 1.0),), recoil_keV=0.0)


def test_chords_of_a_uniform_field_have_cauchys_mean(constant_LET):
    # tracks 900 um long from all around: mean chord 4V/S = 4R/3; mean square 2R^2 (chord of a
    # sphere in a uniform isotropic field has the density l/(2R^2))
    found = single_event(constant_LET, NUCLEUS_um, CELL_um, "medium")
    per_um = 100.0 * J_per_keV / NUCLEUS_kg
    # stopping within the nucleus happens to 0.4% of tracks, which shortens chords
    assert found.mean_Gy == pytest.approx(4.0 / 3.0 * NUCLEUS_um * per_um, rel=6e-3, abs=0)
    expected = 2.0 * NUCLEUS_um**2 / (4.0 / 3.0 * NUCLEUS_um) * per_um
    assert found.dose_mean_Gy == pytest.approx(expected, rel=6e-3, abs=0)
    # triangular density of chords: P(z) rises in proportion up to 2R
    z = found.z_Gy / per_um
    cumulative = np.cumsum(found.probability)
    for chord in (2.0, 4.0, 6.0):
        at = np.searchsorted(z, chord)
        assert cumulative[at] == pytest.approx((chord / (2 * NUCLEUS_um)) ** 2, abs=0.01)


def test_paths_from_inside_have_three_quarters_of_the_radius(constant_LET):
    found = single_event(constant_LET, NUCLEUS_um, CELL_um, "nucleus")
    per_um = 100.0 * J_per_keV / NUCLEUS_kg
    assert found.hits_per_decay == pytest.approx(1.0, rel=1e-12, abs=0)
    assert found.mean_Gy == pytest.approx(0.75 * NUCLEUS_um * per_um, rel=1e-4, abs=0)
    # mean square of the path from interior points: half the third over the first moment of chords,
    # (1/3) <l^3>/<l> = (1/3)(8/5 R^3... ) = 4/5 R^2... by integration: <s^2> = 4/5 R^2
    second = 0.8 * NUCLEUS_um**2 * per_um**2
    assert found.dose_mean_Gy * found.mean_Gy == pytest.approx(second, rel=1e-3, abs=0)


def test_surface_hits_by_the_solid_angle(constant_LET):
    found = single_event(constant_LET, NUCLEUS_um, CELL_um, "cell_surface")
    expected = 0.5 * (1.0 - np.sqrt(1.0 - (NUCLEUS_um / CELL_um) ** 2))
    assert found.hits_per_decay == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["At-211", "Ac-225", "Bi-212"])
def test_a_uniformly_active_medium_gives_all_its_energy(name):
    # charged-particle equilibrium: dose = emitted energy per mass, whatever the stopping power
    source = nuclide(name)
    cell_um3 = 4.0 / 3.0 * np.pi * CELL_um**3
    around = single_event(source, NUCLEUS_um, CELL_um, "medium").dose_per_decay_Gy
    inside = single_event(source, NUCLEUS_um, CELL_um, "cell").dose_per_decay_Gy * cell_um3
    expected = source.alpha_keV * J_per_keV / 1e-15  # J per decay and kg, of a decay per um3
    # quadrature of 200 starts and 400 directions
    assert around + inside == pytest.approx(expected, rel=1e-4, abs=0)


def test_mean_dose_is_that_of_the_sphere():
    source = nuclide("Ac-225", "equilibrium")
    found = single_event(source, NUCLEUS_um, CELL_um, "nucleus").dose_per_decay_Gy
    bare = replace(source, recoil_keV=0.0)
    expected = alpha_sphere_keV(bare, 1e-3 * NUCLEUS_um) * J_per_keV / NUCLEUS_kg
    # lines within 25 keV are one; quadratures of both
    assert found == pytest.approx(expected, rel=2e-4, abs=0)


def test_a_cell_is_nucleus_and_cytoplasm():
    source = nuclide("At-211")
    share = (NUCLEUS_um / CELL_um) ** 3
    parts = {
        p: single_event(source, NUCLEUS_um, CELL_um, p).dose_per_decay_Gy
        for p in ("nucleus", "cytoplasm", "cell")
    }
    expected = share * parts["nucleus"] + (1.0 - share) * parts["cytoplasm"]
    assert parts["cell"] == pytest.approx(expected, rel=2e-3, abs=0)  # starts beside the border


def test_the_grid_keeps_the_means():
    found = single_event(nuclide("At-211"), NUCLEUS_um, CELL_um, "cytoplasm")
    assert found.probability.sum() == pytest.approx(1.0, rel=1e-12, abs=0)
    assert found.probability @ found.z_Gy == pytest.approx(found.mean_Gy, rel=1e-12, abs=0)
    second = found.probability @ found.z_Gy**2
    # sharing a weight between neighbors adds at most step^2/4
    assert second / found.mean_Gy == pytest.approx(found.dose_mean_Gy, rel=1e-5, abs=0)
    assert found.dose_mean_Gy > found.mean_Gy


def test_specific_energy_of_a_dose():
    single = single_event(nuclide("At-211"), NUCLEUS_um, CELL_um, "nucleus")
    found = multi_event(single, 1.5)
    assert found.mean_events == pytest.approx(1.5 / single.mean_Gy, rel=1e-12, abs=0)
    assert found.mean_Gy == pytest.approx(1.5, rel=1e-9, abs=0)
    # variance = dose x dose mean of single events, Kellerer and Rossi
    assert found.sd_Gy**2 == pytest.approx(1.5 * single.dose_mean_Gy, rel=2e-5, abs=0)
    assert found.missed == pytest.approx(np.exp(-found.mean_events), rel=1e-12, abs=0)


@pytest.mark.parametrize("dose_Gy", [0.05, 1.0, 20.0])
def test_survival_is_the_laplace_transform(dose_Gy):
    # S = exp(-n (1 - int f1 exp(-z/z0))), Roeske and Stinchcomb: no convolution is needed
    single = single_event(nuclide("Ac-225"), NUCLEUS_um, CELL_um, "cell_surface")
    many = multi_event(single, dose_Gy)
    kept = float(single.probability @ np.exp(-single.z_Gy / 0.8))
    expected = np.exp(-many.mean_events * (1.0 - kept))
    # the transform rounds each of the 1e5 probabilities to 1e-17
    assert survival(many, 1 / 0.8) == pytest.approx(expected, rel=1e-8, abs=1e-15)
    assert survival(many, 1 / 0.8) > np.exp(-dose_Gy / 0.8)  # spread spares cells
    assert survival(many, 1 / 0.8, 0.1) < survival(many, 1 / 0.8)
    assert survival(many, 0.0) == pytest.approx(1.0, rel=1e-9, abs=0)


def test_what_cannot_be_is_refused():
    source = nuclide("At-211")
    with pytest.raises(PhysicsRangeError, match="nucleus of radius 6 um in a cell of 5 um"):
        single_event(source, 6.0, 5.0, "nucleus")
    with pytest.raises(DataError, match=r"Pb-212 .* emits no alpha particles"):
        single_event(nuclide("Pb-212", "prompt"), 4.0, 5.0, "nucleus")
    with pytest.raises(DataError, match="source 'blood' is not one of nucleus, cytoplasm"):
        single_event(source, 4.0, 5.0, "blood")
    single = single_event(source, 4.0, 5.0, "nucleus")
    with pytest.raises(PhysicsRangeError, match="0 or more, got -1 per Gy"):
        survival(multi_event(single, 1.0), -1.0)


@pytest.mark.parametrize("place", ["nucleus", "cell_surface", "cell"])
def test_atoms_with_one_alpha_particle_are_single_events(place):
    # At-211 emits one alpha particle, its own or Po-211's, never both
    atom = atom_events("At-211", NUCLEUS_um, CELL_um, place)
    single = single_event(nuclide("At-211"), NUCLEUS_um, CELL_um, place)
    # 1.00005 alpha particles per decay in the evaluation
    assert atom.hits_per_decay == pytest.approx(single.hits_per_decay, rel=1e-4, abs=0)
    assert atom.dose_per_decay_Gy == pytest.approx(single.dose_per_decay_Gy, rel=1e-6, abs=0)
    assert atom.dose_mean_Gy == pytest.approx(single.dose_mean_Gy, rel=1e-4, abs=0)  # grid


def test_atoms_of_a_chain_hit_together():
    chain = nuclide("Ac-225", "equilibrium")
    atom = atom_events("Ac-225", NUCLEUS_um, CELL_um, "cell_surface", progeny="equilibrium")
    single = single_event(chain, NUCLEUS_um, CELL_um, "cell_surface")
    assert atom.dose_per_decay_Gy == pytest.approx(single.dose_per_decay_Gy, rel=1e-6, abs=0)
    # from a surface each of four misses with the same chance, whatever its range
    miss = 0.5 * (1.0 + np.sqrt(1.0 - (NUCLEUS_um / CELL_um) ** 2))
    assert 1.0 - atom.hits_per_decay == pytest.approx(miss**4, rel=2e-4, abs=0)  # weak branches
    # mean square of a sum of four: sum of mean squares + cross terms of the means at one start;
    # on a surface all starts are alike, so the means multiply
    each = [
        single_event(nuclide(n, "none"), NUCLEUS_um, CELL_um, "cell_surface").dose_per_decay_Gy
        for n in ("Ac-225", "Fr-221", "At-217", "Bi-213", "Po-213")
    ]
    each[3:] = [0.999885 * each[3] + 0.999885 * 0.9791 * each[4]]  # exclusive
    cross = sum(each) ** 2 - sum(x**2 for x in each)
    expected = single.dose_mean_Gy * single.dose_per_decay_Gy + cross
    assert atom.dose_mean_Gy * atom.dose_per_decay_Gy == pytest.approx(expected, rel=2e-4, abs=0)


def test_daughters_that_leave_take_their_alphas_from_the_atom():
    alone = atom_events("Ac-225", 4.0, 5.0, "nucleus", progeny="none")
    gone = atom_events("Ac-225", 4.0, 5.0, "nucleus", progeny="equilibrium", stay={"Fr-221": 0.0})
    # grids differ with the largest alpha particle counted
    assert gone.dose_per_decay_Gy == pytest.approx(alone.dose_per_decay_Gy, rel=1e-9, abs=0)
    half = atom_events("Ac-225", 4.0, 5.0, "nucleus", progeny="equilibrium", stay={"Fr-221": 0.5})
    whole = atom_events("Ac-225", 4.0, 5.0, "nucleus", progeny="equilibrium")
    expected = 0.5 * (alone.dose_per_decay_Gy + whole.dose_per_decay_Gy)
    assert half.dose_per_decay_Gy == pytest.approx(expected, rel=1e-9, abs=0)


def test_atoms_in_the_medium_are_refused():
    with pytest.raises(DataError, match="no 'medium'"):
        atom_events("At-211", 4.0, 5.0, "medium")
    with pytest.raises(DataError, match="emits no alpha particles"):
        atom_events("Pb-212", 4.0, 5.0, "nucleus", progeny="prompt")
