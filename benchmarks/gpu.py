"""Voxel transport on an NVIDIA card: decays per second and equality to the CPU's answer, one table.

Iodine-131 with all its emissions on the patient-like phantom of 128³ voxels, as in
`benchmarks.transport`. Without a card it says what lacks. For scale: the best rate published for
a dose engine on one card is 5.6e7 decays per second (another nuclide, another card).
"""

from __future__ import annotations

import time

import numpy as np
from benchmarks.phantom import build
from benchmarks.transport import regions, run
from numpy.typing import NDArray

from pdcraft.transport.batches import thread_count
from pdcraft.transport.gpu import missing
from pdcraft.transport.voxel_sums import VoxelTally

CPU_DECAYS = 4_000_000
CARD_DECAYS = (10_000_000, 100_000_000, 1_000_000_000)  # the first at 1x, 10x, 100x
GRIDS = (64, 256)


def main() -> None:
    """Print the table."""
    lacks = missing()
    if lacks is not None:
        print(f"no card was reached: {lacks}")
        return
    from numba import cuda

    phantom = build()
    print(f"card: {cuda.get_current_device().name}")
    start = time.perf_counter()
    run(phantom, 1_000_000, device="cuda")
    print(f"first run, kernels compiled: {time.perf_counter() - start:.1f} s")
    cpu, wall, _ = run(phantom, CPU_DECAYS, threads=thread_count(None))
    print(f"CPU, all threads: {CPU_DECAYS / wall:,.0f} decays/s")
    parts = regions(phantom)
    print(f"{'grid':>6} {'decays':>14} {'decays/s':>13}  region: card over CPU - 1 (± 1 sigma), %")
    for decays in CARD_DECAYS:
        card, wall, _ = run(phantom, decays, device="cuda")
        words = [f"{name} {_difference(card, cpu, mask)}" for name, mask in parts.items()]
        print(f"  128³ {decays:>14,} {decays / wall:>13,.0f}  {'; '.join(words)}")
    one, two = (run(phantom, CARD_DECAYS[0], device="cuda")[0] for _ in range(2))
    same = all(np.array_equal(one.energy_keV[k], two.energy_keV[k]) for k in one.energy_keV)
    print(f"two runs of {CARD_DECAYS[0]:,} decays have the same bits: {same}")
    for n in GRIDS:
        other = build(n)
        run(other, 1_000_000, device="cuda")
        _, wall, _ = run(other, CARD_DECAYS[1], device="cuda")
        print(f"  {n}³ {CARD_DECAYS[1]:>14,} {CARD_DECAYS[1] / wall:>13,.0f}")


def _difference(card: VoxelTally, cpu: VoxelTally, mask: NDArray[np.bool_]) -> str:
    """Relative difference of a region's energy, and its error with voxels as if independent."""
    a, b = (sum(np.asarray(v)[mask].sum() for v in r.energy_keV.values()) for r in (card, cpu))
    errors = [float(np.sqrt((r.std_err_keV[mask] ** 2).sum())) for r in (card, cpu)]
    sigma = np.hypot(errors[0] / a, errors[1] / b)
    return f"{100 * (a / b - 1):+.3f} (± {100 * sigma:.3f})"


if __name__ == "__main__":
    main()
