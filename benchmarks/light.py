"""Light: walks per CPU second, contrast of three scenes, images, cost of more; peer where it runs.

Scenes: cube60 and tissue100 are those of MCX's self-check and of a brain-like slab; B1 is the
example scene, B2 adds a vessel, B3 is green light on a nodule below the surface. A CPU second is of
one core. The peer is MCX-CL (pmcxcl) on PoCL, which starts only in an environment made by hand; it
is run when it can be imported and finds a device, and named as missing otherwise.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from benchmarks._first_call import first_calls_s
from numpy.typing import NDArray

from pdcraft.transport.optical.domain import OpticalDomain, slab
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.images import image
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.reweight import reweighted_signals
from pdcraft.transport.optical.shapes import Shape
from pdcraft.transport.optical.signals import contrast_stop, region_signals

VIEW = View(64, 64, 16.0, 16.0)
FIRST_CALL = """
import time
start = time.perf_counter()
from benchmarks.light import contrast
contrast("B2")
print(time.perf_counter() - start)
"""


def medium(mua: list[float], mus: float, g: float, n: float) -> OpticalMedium:
    """Labels 1, 2 ... that differ in absorption."""
    ones = np.ones(len(mua) + 1)
    return OpticalMedium(np.array([0.0, *mua]), mus * ones, g * ones, n * ones)


def scene(name: str) -> tuple[OpticalDomain, OpticalMedium, NDArray[np.float64]]:
    """Domain, medium at both wavelengths and dye by label."""
    tumor = Shape.sphere(2, (0.0, 0.0, 3.5), 1.5, 1)
    vessel = Shape.cylinder(3, (3.5, 0.0, 1.5), 0.5, 20.0, "y", 2)
    size = (20.0, 20.0, 10.0)
    if name == "B1":
        return (
            slab(size, 0.2, shapes=(tumor,)),
            medium([0.02, 0.02], 10.0, 0.9, 1.4),
            np.array([0.0, 200.0, 1000.0]),
        )
    if name == "B2":
        return (
            slab(size, 0.2, shapes=(tumor, vessel)),
            medium([0.02, 0.02, 0.4], 10.0, 0.9, 1.4),
            np.array([0.0, 200.0, 1000.0, 500.0]),
        )
    nodule = Shape.sphere(2, (0.0, 0.0, 0.7), 0.5, 1)
    return (
        slab(size, 0.2, shapes=(nodule,)),
        medium([0.3, 0.3], 20.0, 0.9, 1.4),
        np.array([0.0, 200.0, 1000.0]),
    )


def rois() -> NDArray[np.float64]:
    """Disc of 1.5 mm and annulus of 5 to 8 mm."""
    p = ((np.arange(64) + 0.5) / 64 - 0.5) * 16.0
    r = np.hypot(p[:, None], p[None, :])
    return np.array([r <= 1.5, (r >= 5.0) & (r <= 8.0)], dtype=float)


def contrast(name: str, rel_err: float = 0.05) -> tuple[Any, Any]:
    """Run until the contrast is known; returns signals and what was asked."""
    domain, matter, dye = scene(name)
    stop = contrast_stop(0, 1, dye, rel_err)
    return (
        region_signals(domain, (matter,), (matter,), Beam(), VIEW, rois(), stop=stop),
        stop,
    )


def rates() -> None:
    """Print walks per CPU second."""
    pencil = Beam("spot", center_mm=(-1.0, -1.0), diameter_mm=1e-9)
    cube = np.ones((60, 60, 60), dtype=np.uint16)
    for name, domain, matter, count in (
        (
            "cube60",
            OpticalDomain(cube, (1, 1, 1), n_outside=1.37),
            [0.005, 1.0, 0.01, 1.37],
            400_000,
        ),
        ("cube60, interfaces", OpticalDomain(cube, (1, 1, 1)), [0.005, 1.0, 0.01, 1.37], 400_000),
        ("tissue100", slab((20.0, 20.0, 20.0), 0.2, n_outside=1.4), [0.02, 10.0, 0.9, 1.4], 60_000),
        ("tissue100, interfaces", slab((20.0, 20.0, 20.0), 0.2), [0.02, 10.0, 0.9, 1.4], 60_000),
    ):
        mua, mus, g, n = matter
        tissue = medium([mua], mus, g, n)
        fluence(domain, tissue, pencil, histories=1_000, threads=1)
        for factor in (1, 10, 100):
            cpu = time.process_time()
            found = fluence(domain, tissue, pencil, histories=count * factor // 100, threads=1)
            cpu = time.process_time() - cpu
            print(
                f"  {name:22} {found.histories:>9,} walks {found.histories / cpu:>10,.0f}/CPU-s  "
                f"absorbed {found.budget.absorbed:.4f}"
            )


def peer() -> None:
    """Run MCX-CL on cube60 if it starts."""
    try:
        import pmcxcl  # pyright: ignore[reportMissingImports]

        lab = np.ones((60, 60, 60), dtype=np.uint8)
        start = time.process_time()
        pmcxcl.run(
            {"nphoton": 1e6, "vol": lab, "srcpos": [29, 29, 0], "srcdir": [0, 0, 1],
             "tstart": 0, "tend": 5e-9, "tstep": 5e-9,
             "prop": [[0, 0, 1, 1], [0.005, 1, 0.01, 1.37]], "isreflect": 1}
        )  # fmt: skip
        print(f"  MCX-CL, cube60: {1e6 / (time.process_time() - start):,.0f}/CPU-s")
    except Exception as problem:  # whatever keeps it from starting is the finding
        print(f"  MCX-CL (pmcxcl) does not run here: {type(problem).__name__}: {problem}")


def main() -> None:
    """Print the tables."""
    print("walks, one thread, all voxels scored:")
    rates()
    peer()
    cold, warm = first_calls_s(FIRST_CALL)
    print(
        f"contrast of B2 to 5% from a new process: {cold:.1f} s with nothing compiled, "
        f"{warm:.1f} s after"
    )
    print("contrast:")
    for name in ("B1", "B2", "B3"):
        for rel_err in (0.05, 0.0158):  # 10 times the walks
            found, stop = contrast(name, rel_err)
            value = float(stop.quantity(found.mean))
            error = float(found.std_err_of(stop.quantity))
            print(
                f"  {name} to {100 * rel_err:4.1f}%: {value:.4f} ± {error:.4f}, "
                f"{found.wall_s:6.1f} s wall, {found.cpu_s:6.1f} CPU-s, {found.histories:,} walks"
            )
            if rel_err == 0.05:
                start = time.perf_counter()
                stop.quantity(found.mean)
                print(f"    another time point: {1e3 * (time.perf_counter() - start):.2f} ms")
    domain, matter, dye = scene("B2")
    for media in (1, 10, 200):
        others = [
            matter.with_absorption(matter.mua_per_mm + 1e-4 * (k + 1) * dye / 1000.0)
            for k in range(media)
        ]
        start = time.perf_counter()
        reweighted_signals(domain, matter, matter, Beam(), VIEW, rois(), [(m, m) for m in others])
        print(f"  {media:>3} other absorptions by reweighting: {time.perf_counter() - start:.1f} s")
    lit = fluence(domain, matter, Beam(), histories=400_000)
    for pixels in (64, 256):
        view = View(pixels, pixels, 16.0, 16.0)
        start, cpu = time.perf_counter(), time.process_time()
        found = image(
            domain, matter, view, lit.mean, np.array([-1, 0, 1, 2]), weights=dye[1:],
            source_groups=lit.batch_sums,
        )  # fmt: skip
        median, most = found.rel_std_err(dye[1:])
        print(
            f"  image {pixels}²: median error {100 * median:.1f}%, 95% below {100 * most:.1f}%, "
            f"{time.perf_counter() - start:.0f} s wall, {time.process_time() - cpu:.0f} CPU-s"
        )


if __name__ == "__main__":
    main()
