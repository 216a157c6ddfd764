"""Transport in the analytic surfaces of the adult male: histories and look-ups per second.

The peer, in the same run, is the membership test in numpy that the compiled one has to agree with.
"""

from __future__ import annotations

import time

import numpy as np

from pdcraft.anatomy import flank_center_cm, mouse_body, region_of, stylised_body, with_tumor
from pdcraft.data.body_fractions import mouse_fractions
from pdcraft.transport.bodies import prepare_body
from pdcraft.transport.body_cells import BodyCells, region_at
from pdcraft.transport.body_fractions import settings_of
from pdcraft.transport.compile import kernel
from pdcraft.transport.emissions import mono
from pdcraft.transport.lesion_fractions import lesion_fractions
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON

POINTS = 500_000


@kernel
def _look_up(cells: BodyCells, points_mm: np.ndarray, out: np.ndarray) -> None:
    for i in range(points_mm.shape[0]):
        out[i] = region_at(cells, points_mm[i, 0], points_mm[i, 1], points_mm[i, 2])


def main() -> None:
    """Print the figures."""
    body = stylised_body("adult-male")
    prepared = prepare_body(body)
    low, high = body.bounds_cm
    points = low + np.random.default_rng(1).random((POINTS, 3)) * (high - low)
    start = time.perf_counter()
    region_of(body, points)
    peer = time.perf_counter() - start
    out = np.empty(POINTS, np.int64)
    _look_up(prepared.cells, points[:10] * 10.0, out[:10])
    start = time.perf_counter()
    _look_up(prepared.cells, points * 10.0, out)
    own = time.perf_counter() - start
    print(f"region of a point: {1e9 * own / POINTS:.0f} ns, numpy {peer / own:.0f} times that")

    settings = settings_of(body)
    runs = [(PHOTON_PARTICLE, PHOTON, e, 20_000) for e in (30.0, 100.0, 364.0, 1000.0)]
    runs += [(ELECTRON, BETA, e, 2_000) for e in (100.0, 192.0, 1000.0)]
    prepared.run("liver", mono(ELECTRON, BETA, 500.0), histories=20, settings=settings)
    for particle, row, energy, n in runs:
        name = "photons" if particle == PHOTON_PARTICLE else "electrons"
        speeds: list[str] = []
        for scale in (1, 10, 100) if energy == 100.0 else (10,):
            start = time.perf_counter()
            groups = mono(particle, row, energy)
            prepared.run("liver", groups, histories=n * scale, settings=settings)
            speeds.append(f"{n * scale / (time.perf_counter() - start):,.0f}/s ({n * scale:,})")
        print(f"{name} of {energy:g} keV from the liver: {', '.join(speeds)}")

    mouse = mouse_body(25.0)
    tumor = with_tumor(mouse, flank_center_cm(mouse, 0.3), 0.3, "tumor", may_protrude=True)
    start = time.perf_counter()
    lesion_fractions(tumor, mouse_fractions(25.0))
    print(f"a tumor of 0.3 g in a mouse, all energies: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
