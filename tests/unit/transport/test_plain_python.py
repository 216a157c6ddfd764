"""The kernels compiled, and as plain Python: the same numbers."""

import os
import subprocess
import sys

import numpy as np

PROGRAM = """
import numpy as np
from pdcraft.data.materials import material
from pdcraft.transport.emissions import Group
from pdcraft.transport.settings import Settings
from pdcraft.transport.spheres import Shells, transport_spheres
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels

np.seterr(over="ignore")  # of whole numbers, which are meant to wrap
water, bone = material("water"), material("cortical bone")
settings = Settings(deflection=0.3, loss=0.3, hard_loss_keV=5.0, electron_cutoff_keV=5.0)
groups = tuple(
    Group(particle, row, np.array([energy]), np.zeros(1), np.ones(1))
    for particle, row, energy in ((0, 1, 60.0), (1, 3, 40.0), (2, 0, 80.0))
)
kind = np.zeros((3, 3, 4), np.uint8)
kind[:, :, 2:] = 1
source = np.ones(kind.shape)
grid = VoxelPhantom(kind, 1.0 + kind.astype(np.float32), np.full(3, 1.0), (water, bone))
voxels = transport_voxels(
    grid, groups, source, precision=0.0, max_histories=10, settings=settings, threads=1
)
shells = transport_spheres(
    Shells((0.5, 1.0), (bone, water, water)), groups, histories=4, batches=2, settings=settings,
    threads=1,
)
for value in [*np.ravel(sum(voxels.energy_keV.values())), *np.ravel(shells.energy_keV)]:
    print(repr(float(value)))
"""


def numbers(**environment):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return np.array([float(word) for word in done.stdout.split()])


def test_compiled_and_plain_kernels_agree():
    compiled, plain = numbers(), numbers(NUMBA_DISABLE_JIT="1")
    assert compiled.sum() > 0.0
    # fused and reordered arithmetic: tracks stay the same to rounding over some hundred steps
    np.testing.assert_allclose(plain, compiled, rtol=1e-6, atol=1e-9)
