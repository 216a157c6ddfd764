"""Voxel transport: decays per second, figure of merit beside peers, cost of size, compile time.

Iodine-131 with all its emissions on the patient-like phantom, float64 tallies and standard-error
image included. Rates are of the wall clock on the threads named, figures of merit of CPU seconds on
one core. EGSnrc is taken as pdcraft's analog mode at the rates measured for EGSnrc on one core.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from benchmarks import penelope_peer
from benchmarks._first_call import first_calls_s
from benchmarks._merit import figures_of_merit
from benchmarks.phantom import Phantom, build
from numpy.typing import NDArray

from pdcraft.data.emissions import electron_nodes, photon_lines
from pdcraft.data.materials import material
from pdcraft.data.nuclides import nuclide
from pdcraft.transport.emissions import groups_of
from pdcraft.transport.voxel_sums import VoxelTally
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels

EGSNRC_DECAYS_PER_S = {"1 keV": 10_000.0, "10 keV": 33_000.0}  # 128³, one core, measured before
DECAYS = 4_000_000
PEER_DECAYS = 40_000
FIRST_CALL = """
import time
start = time.perf_counter()
from benchmarks.transport import run
from benchmarks.phantom import build
imported = time.perf_counter()
run(build(32), 1000)
print(time.perf_counter() - imported)
"""


def matter(phantom: Phantom) -> VoxelPhantom:
    """Make pdcraft's phantom of the benchmark's arrays."""
    return VoxelPhantom(
        phantom.material,
        phantom.density_g_per_mL,
        np.full(3, phantom.voxel_mm),
        tuple(material(name) for name in phantom.names),
    )


def run(
    phantom: Phantom, decays: int, threads: int = 1, analog: bool = False, **more: Any
) -> tuple[VoxelTally, float, float]:
    """Transport iodine-131; returns the result, wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    source = nuclide("I-131")
    tally = transport_voxels(
        matter(phantom),
        groups_of(source),
        phantom.source,
        soft_keV=source.local_keV,
        max_histories=decays,
        precision=1e-9,
        threads=threads,
        analog=analog,
        **more,
    )
    return tally, time.perf_counter() - wall, time.process_time() - cpu


def dose(tally: VoxelTally, phantom: Phantom) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean and standard error per voxel, keV/g per decay."""
    mass_g = phantom.density_g_per_mL.astype(float) * (phantom.voxel_mm / 10.0) ** 3
    mean = sum(tally.energy_keV.values(), np.zeros(mass_g.shape))
    return mean / mass_g, tally.std_err_keV / mass_g


def regions(phantom: Phantom) -> dict[str, NDArray[np.bool_]]:
    """Regions whose doses are compared, from the source outward."""
    body, source = phantom.material > 0, phantom.source > 0.0
    return {
        "source": source,
        "tissue outside": (phantom.material == 2) & ~source,
        "lungs": phantom.material == 1,
        "spine": phantom.material == 3,
        "body": body,
    }


def main() -> None:
    """Print the tables."""
    cold, cached = first_calls_s(FIRST_CALL)
    print(f"first call: {cold:.1f} s with nothing compiled, {cached:.1f} s from the cache")

    phantom = build()
    print(f"{'grid':>6} {'threads':>7} {'decays':>10} {'decays/s':>10}  MB of tallies a thread")
    for n, threads, decays in (
        (128, 1, DECAYS),
        (128, 2, DECAYS // 10),
        (128, 2, DECAYS),
        (128, 2, 4 * DECAYS),
        (64, 2, DECAYS),
        (256, 2, DECAYS),
    ):
        _, wall, _ = run(build(n), decays, threads)
        print(f"{n:>5}³ {threads:>7} {decays:>10,} {decays / wall:>10,.0f} {n**3 * 32e-6:>8.0f}")

    parts = regions(phantom)
    ours, _, cpu_s = run(phantom, DECAYS, regions=parts, seed=1)
    analog, _, analog_cpu_s = run(phantom, DECAYS, analog=True, regions=parts, seed=2)
    print("\nmean dose, track length and known deposits against the analog mode:")
    for name, (mean, err) in ours.region_keV.items():
        other, other_err = analog.region_keV[name]
        print(
            f"  {name:15} {100 * (mean / other - 1):+6.2f} % (1 sigma "
            f"{100 * np.hypot(err / mean, other_err / other):.2f} %)"
        )
    inside = parts["source"]
    outside = parts["body"] & ~inside
    mean, err = dose(ours, phantom)
    analog_mean, analog_err = dose(analog, phantom)
    print("\nfigure of merit, 1/(relative variance x CPU-s), ratio to a peer, median over blocks:")
    print(f"  {'peer':36} {'in the source':>14} {'outside':>10}")

    def compare(name: str, peer: Any, peer_err: Any, peer_cpu_s: float) -> None:
        ratios = [
            np.median(figures_of_merit(mean, err, cpu_s, where))
            / np.median(figures_of_merit(peer, peer_err, peer_cpu_s, where))
            for where in (inside, outside)
        ]
        print(f"  {name:36} {ratios[0]:>14.1f} {ratios[1]:>10.1f}")

    compare("pdcraft, analog", analog_mean, analog_err, analog_cpu_s)
    for cutoff, rate in EGSNRC_DECAYS_PER_S.items():
        compare(f"EGSnrc to {cutoff} (analog at its rate)", analog_mean, analog_err, DECAYS / rate)
    if not penelope_peer.available():
        print("  PENELOPE: pip install pypenred, or set PENRED_PYTHON")
        return
    source = nuclide("I-131")
    made_of = [material(name) for name in phantom.names]
    compositions = [(m.density_g_per_mL, list(m.mass_fractions)) for m in made_of]
    for cutoff_keV in (1.0, 10.0):
        found = penelope_peer.measure(
            phantom,
            compositions,
            electron_nodes(source),
            photon_lines(source),
            PEER_DECAYS,
            cutoff_keV,
        )
        rate = PEER_DECAYS / found.cpu_s
        name = f"PENELOPE to {cutoff_keV:g} keV ({rate:,.0f} decays/s)"
        compare(name, found.mean_keV_per_g, found.sigma_keV_per_g, found.cpu_s)


if __name__ == "__main__":
    main()
