"""Voxels on an NVIDIA card: the same histories as on the CPU, by simulator, compiler and card."""

import inspect
import os
import re
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from pdcraft.cli.transport_options import require_device
from pdcraft.errors import DataError
from pdcraft.transport import electron, gpu, history, photon, photon_interaction, stack
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels

# numba's simulator runs the card's functions in Python, with its atomic additions and local arrays
PROBLEM = """
import numpy as np
from pdcraft.data.materials import material
from pdcraft.transport import voxels
from pdcraft.data.nuclides import nuclide
from pdcraft.transport.emissions import Group, groups_of
from pdcraft.transport.engine import run_batches
from pdcraft.transport.gpu_batches import run_batches_on_card
from pdcraft.transport.settings import Settings

np.seterr(over="ignore")  # of whole numbers, which are meant to wrap
water, bone = material("water"), material("cortical bone")
groups = groups_of(nuclide("I-131"))
pair = Group(1, 3, np.array([40.0]), np.zeros(1), np.full(1, 0.2))  # positrons
kind = np.zeros((3, 3, 7), np.uint8)
kind[:, :, 5:] = 1  # photons score by track length far from it, by electrons near it
grid = voxels.VoxelPhantom(
    kind, 1.0 + kind.astype(np.float32), np.full(3, 3.0), (water, bone), surround=SURROUND
)
settings = Settings(deflection=0.3, loss=0.3, hard_loss_keV=5.0, electron_cutoff_keV=5.0)
problem, _ = voxels._problem(
    grid, (*groups, pair), np.ones(kind.shape), 0.5, settings, False, None, 40
)
"""
SIMULATED = """
transports = problem.geometry.cell & 128
assert transports.any() and not transports.all()  # both ways of scoring photons
cpu = list(run_batches(problem, 3, 2, 40, 7, 1))
card = list(run_batches_on_card(problem, 3, 2, 40, 7))
assert len(card) == 2
for a, b in zip(cpu, card, strict=True):
    assert a.energy_keV.sum() > 0.0
    # rounded to 2**-28 keV a score: some thousand scores in a voxel at most
    np.testing.assert_allclose(b.energy_keV, a.energy_keV, rtol=0, atol=2e-5)
    np.testing.assert_allclose(b.balance, a.balance, rtol=1e-9, atol=1e-5)
print("equal")
"""
COMPILED = """
from types import SimpleNamespace
from unittest import mock
import numba
from numba import cuda
from pdcraft.transport.gpu_functions import histories

tally = problem.tally._replace(
    energy=problem.tally.energy.astype(np.int64), balance=np.zeros(4, np.int64)
)
given = (
    0, 10, np.uint64(5), problem.photons, problem.electrons, problem.geometry, problem.source,
    problem.emissions, tally, problem.options, np.zeros((4, 64, 14)), np.zeros((4, 2, 64)),
    np.zeros((4, 4), np.int64),
)
card = SimpleNamespace(compute_capability=(8, 0))
with mock.patch("numba.cuda.dispatcher.get_current_device", lambda: card):
    ptx, _ = cuda.compile_ptx(histories, tuple(numba.typeof(a) for a in given), cc=(8, 0))
assert ".target sm_80" in ptx
assert "atom" in ptx and ".add.u64" in ptx  # tallies of whole numbers, added atomically
print("compiled")
"""


def _run(program, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.split()[-1]


@pytest.mark.parametrize("module", [photon, photon_interaction, electron, history, stack])
def test_kernels_score_in_one_way_alone(module):
    # else a card would lose what threads add at the same time
    source = inspect.getsource(module)
    assert "accumulate(" in source or "score(" in source
    assert not re.search(r"(energy|balance)\[[^\n]*\] [+-]=", source)


@pytest.mark.parametrize("surround", [pytest.param(None, marks=pytest.mark.slow), 0])
def test_simulated_card_scores_what_the_cpu_scores(surround):
    program = (PROBLEM + SIMULATED).replace("SURROUND", repr(surround))
    assert _run(program, NUMBA_ENABLE_CUDASIM="1") == "equal"


@pytest.mark.skipif(find_spec("numba_cuda") is None, reason="numba-cuda is not installed")
def test_kernels_compile_for_a_card_that_is_not_there():
    assert _run(PROBLEM.replace("SURROUND", "None") + COMPILED) == "compiled"


def test_without_the_compiler_the_option_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(gpu, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install 'pdcraft\[cuda\]'.*use-a-gpu\.md says how"):
        require_device("cuda")


@pytest.mark.skipif(gpu.missing() is None, reason="there is a card")
def test_without_a_card_transport_is_refused():
    water = VoxelPhantom(
        np.zeros((1, 1, 1), np.uint8), np.ones((1, 1, 1), np.float32), np.ones(3), (_water(),)
    )
    with pytest.raises(DataError, match=r"device cuda: n.*--device cpu needs nothing"):
        transport_voxels(water, (), np.ones((1, 1, 1)), max_histories=10, device="cuda")


def _water():
    from pdcraft.data.materials import material

    return material("water")


def test_other_devices_are_refused():
    with pytest.raises(DataError, match="'tpu' is not one of cpu, cuda"):
        require_device("tpu")
    require_device("cpu")


@pytest.mark.gpu
@pytest.mark.skipif(gpu.missing() is not None, reason=str(gpu.missing()))
def test_a_card_agrees_with_the_cpu():
    from pdcraft.data.nuclides import nuclide
    from pdcraft.transport.emissions import groups_of

    water = VoxelPhantom(
        np.zeros((21, 21, 21), np.uint8),
        np.ones((21, 21, 21), np.float32),
        np.full(3, 3.0),
        (_water(),),
    )
    source = np.zeros((21, 21, 21))
    source[8:13, 8:13, 8:13] = 1.0
    asked = {"precision": 1e-4, "seed": 4}
    runs = [
        transport_voxels(
            water,
            groups_of(nuclide("I-131")),
            source,
            device=device,
            max_histories=2_000_000,
            **asked,
        )
        for device in ("cpu", "cuda", "cuda")
    ]
    cpu, card, again = (sum(np.asarray(v) for v in r.energy_keV.values()) for r in runs)
    np.testing.assert_array_equal(card, again)  # atomic additions of whole numbers: the same bits
    # the same tracks but for last digits, 1% of which may turn: total to far below its 1e-4
    assert card.sum() == pytest.approx(cpu.sum(), rel=1e-4, abs=0)
    inside = source > 0
    np.testing.assert_allclose(card[inside], cpu[inside], rtol=5e-3, atol=0)  # 4 of 0.1% noise
