"""Runs in batches: the same numbers on any number of threads, in pieces, and cancelled."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.data.materials import material
from pdcraft.errors import DataError
from pdcraft.transport.batches import default_threads, in_order, thread_count
from pdcraft.transport.emissions import Group
from pdcraft.transport.spheres import Shells, transport_spheres
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels

WATER, BONE = material("water"), material("cortical bone")
BOTH = (
    Group(ELECTRON, BETA, np.array([60.0]), np.array([80.0]), np.ones(1)),
    Group(PHOTON_PARTICLE, PHOTON, np.array([80.0]), np.zeros(1), np.ones(1)),
)


class Cancelled(Exception):
    pass


def phantom():
    kind = np.zeros((4, 4, 4), np.uint8)
    kind[2:] = 1
    density = np.where(kind, 1.92, 1.0).astype(np.float32)
    source = np.zeros((4, 4, 4))
    source[1:3, 1:3, 1] = 1.0
    return VoxelPhantom(kind, density, np.full(3, 2.0), (WATER, BONE)), source


def run(**more):
    grid, source = phantom()
    asked = {"precision": 0.0, "max_histories": 40_000, "seed": 5} | more
    return transport_voxels(grid, BOTH, source, **asked)


def test_jobs_come_back_in_order_whoever_runs_them():
    assert list(in_order(lambda i: i * i, 3, 5, 1)) == [9, 16, 25, 36, 49]
    assert list(in_order(lambda i: i * i, 3, 5, 3)) == [9, 16, 25, 36, 49]


def test_no_job_begins_after_the_reader_has_stopped():
    begun = []
    reader = in_order(begun.append, 0, 100, 2)
    next(reader)
    reader.close()
    assert len(begun) <= 4  # two threads and one that waited


@pytest.mark.parametrize("threads", [0, -3])
def test_threads_must_be_one_or_more(threads):
    with pytest.raises(DataError, match=rf"threads: {threads} is not a number of threads"):
        thread_count(threads)
    with (
        pytest.raises(DataError, match=rf"threads: {threads} is not a number of threads"),
        default_threads(threads),
    ):
        pass


def test_a_default_of_threads_holds_within_its_block_where_none_are_asked_for():
    processors = thread_count(None)
    with default_threads(processors + 2):
        assert thread_count(None) == processors + 2
        assert thread_count(1) == 1
        with pytest.raises(Cancelled), default_threads(3):
            raise Cancelled
        assert thread_count(None) == processors + 2
        with default_threads(None):
            assert thread_count(None) == processors
    assert thread_count(None) == processors


def test_voxels_are_the_same_to_the_last_bit_on_any_number_of_threads():
    one, two, three = (run(threads=n) for n in (1, 2, 3))
    for other in (two, three):
        for name in one.energy_keV:
            np.testing.assert_array_equal(one.energy_keV[name], other.energy_keV[name])
        np.testing.assert_array_equal(one.std_err_keV, other.std_err_keV)
        assert (one.escaped_keV, one.emitted_keV) == (other.escaped_keV, other.emitted_keV)


def test_spheres_are_the_same_to_the_last_bit_on_any_number_of_threads():
    shells = Shells((1.0, 2.0), (WATER, BONE, WATER))
    one, two, three = (
        transport_spheres(shells, BOTH, histories=2000, threads=n) for n in (1, 2, 3)
    )
    np.testing.assert_array_equal(one.energy_keV, two.energy_keV)
    np.testing.assert_array_equal(one.energy_keV, three.energy_keV)


def test_a_run_goes_on_where_it_ended():
    # from 200,000 on, batches have one size whatever the limit
    whole = run(max_histories=400_000)
    half = run(max_histories=200_000)
    rest = run(max_histories=400_000, resume=half)
    assert (half.histories, rest.histories) == (200_000, 400_000)
    # means become sums again: rounding only
    for name in whole.energy_keV:
        np.testing.assert_allclose(
            rest.energy_keV[name], whole.energy_keV[name], rtol=1e-12, atol=1e-15
        )
    np.testing.assert_allclose(rest.std_err_keV, whole.std_err_keV, rtol=1e-6, atol=1e-12)


def test_another_seed_does_not_go_on():
    with pytest.raises(DataError, match="another run: grid, seed and regions must be the same"):
        run(seed=6, resume=run())


def test_progress_ends_a_run():
    seen = []

    def stop(share, words):
        seen.append((share, words))
        raise Cancelled

    with pytest.raises(Cancelled):
        run(progress=stop, threads=2)
    assert len(seen) == 1
    assert 0.0 < seen[0][0] <= 1.0
    assert seen[0][1].endswith("decays")


def test_std_err_is_that_of_the_mean():
    """Spread of 30 runs of different seeds against the error that each states.

    The ratio of the two has a relative spread of 13%: bounds of 4.5 of that fail one seed in 1e5.
    """
    grid, source = phantom()
    mask = {"source": source > 0}
    runs = [
        transport_voxels(
            grid, BOTH, source, precision=0.0, max_histories=1000, seed=seed, regions=mask
        ).region_keV["source"]
        for seed in range(30)
    ]
    mean, stated = np.array(runs).T
    assert 0.4 < mean.std(ddof=1) / np.sqrt(np.mean(stated**2)) < 1.6


def test_settings_take_part_in_the_answer():
    # a guard against tables that are kept for the wrong settings
    coarse = run(max_histories=2000)
    grid, source = phantom()
    heavier = replace(BONE, mean_excitation_eV=200.0)
    other = VoxelPhantom(grid.material, grid.density_g_per_mL, grid.voxel_mm, (WATER, heavier))
    again = transport_voxels(other, BOTH, source, precision=0.0, max_histories=2000, seed=5)
    assert not np.array_equal(coarse.energy_keV["beta"], again.energy_keV["beta"])
