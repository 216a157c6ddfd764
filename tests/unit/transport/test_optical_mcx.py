"""MCX's own self-check scenes, with MCX's boundary conventions, at reduced size.

Absorbed fractions that MCX's benchmark scripts expect: cube60 17.69%, cubesph60b 27.02%,
cube60planar 25.51%, each with a tolerance of 0.5% of the incident energy (Q. Fang, MCX source,
mcx_gpu_benchmarks.m and utils/speedcontest). Scene: 60 mm cube, mua 0.005, mus 1, g 0.01, n 1.37;
in the last two a ball of 15 mm radius, mua 0.002, mus 5, g 0.9, n 1; 5 ns gate.
"""

import numpy as np
import pytest

from pdcraft.validate.optics_light import mcx_absorbed

KNOWN = {"cube60": 0.1769, "cubesph60b": 0.2702, "cube60planar": 0.2551}


@pytest.mark.parametrize("name", KNOWN)
def test_absorbed_fraction(name):
    value, error = mcx_absorbed(name, 25_000)
    assert error < 0.002
    assert abs(value - KNOWN[name]) < 0.005 + 3.0 * error


@pytest.mark.slow
def test_cube60_to_one_per_mille():
    value, error = mcx_absorbed("cube60", 4_000_000)
    assert error < 2e-4
    assert abs(value - KNOWN["cube60"]) < 0.001


def test_gate_takes_what_is_late():
    assert np.isfinite(mcx_absorbed("cube60", 2_000)[1])
