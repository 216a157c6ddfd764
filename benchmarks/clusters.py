"""Doses of every cell of clusters: work per second, and cost at ten and a hundred times the cells.

I-131, even uptake in every second cell, fcc packing, doses to the nuclei. Beside it the same sum
over all pairs, one by one, where that ends; and the error against it. No peer installs from a
package index: MIRDcell is an application for the web and the desktop.
"""

from __future__ import annotations

import resource
import time

import numpy as np

from pdcraft.dosimetry.cell_pairs import CellShape, pair_models
from pdcraft.dosimetry.cluster_dose import cluster_dose, farthest_um
from pdcraft.dosimetry.cluster_packing import cluster_of
from pdcraft.dosimetry.cluster_uptake import Uptake
from pdcraft.dosimetry.radial_energy import radial_energy

CELL = CellShape(5.0, 4.0)
RADII_um = (55.5, 119.5, 257.0, 554.0)  # a thousand to a million cells
CHECKED = 100


def main() -> None:
    """Print the table."""
    small = cluster_of(30.0, 5.0)
    energy = radial_energy("I-131")
    cluster_dose(energy, small, CELL)  # compiles
    print(
        f"{'cells':>9} {'packing, s':>11} {'tables, s':>10} {'doses, s':>9} {'CPU s':>7} "
        f"{'cells/CPU s':>12} {'all pairs, CPU s':>17} {'median error':>13} {'largest':>9} "
        f"{'MC error':>9} {'peak GB':>8}"
    )
    for radius in RADII_um:
        start = time.perf_counter()
        cluster = cluster_of(radius, 5.0)
        packed = time.perf_counter() - start
        start = time.perf_counter()
        tables = pair_models(energy, CELL, farthest_um=farthest_um(cluster))
        tabled = time.perf_counter() - start
        wall, cpu = time.perf_counter(), time.process_time()
        dose = cluster_dose(energy, cluster, CELL, uptake=Uptake(labelled=0.5), tables=tables)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        places = np.asarray(cluster.centers_um)
        some = np.linspace(0, cluster.cells - 1, CHECKED).astype(int)
        begun = time.process_time()
        want = np.empty(CHECKED)
        for i, one in enumerate(some):
            d = np.sqrt(((places - places[one]) ** 2).sum(axis=1))
            d[one] = 1e9
            near = d <= tables.dose.distance_um[-1]
            want[i] = tables.dose.at(d[near]) @ dose.weight[near]
        pairs = (time.process_time() - begun) * cluster.cells / CHECKED
        off = np.abs(dose.dose_Gy[some] / (want + dose.self_Gy[some]) - 1.0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{cluster.cells:9d} {packed:11.2f} {tabled:10.2f} {wall:9.2f} {cpu:7.2f} "
            f"{cluster.cells / cpu:12.0f} {pairs:17.1f} {np.median(off):13.1e} {off.max():9.1e} "
            f"{dose.rel_err:9.1e} {peak:8.2f}"
        )


if __name__ == "__main__":
    main()
