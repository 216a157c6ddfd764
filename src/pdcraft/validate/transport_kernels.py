"""Energy about point sources in water against EGSnrc: electrons of 0.5 MeV, photons of 364 keV."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pdcraft.transport.point import PointKernel
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.validate.case import Case
from pdcraft.validate.decide import decide
from pdcraft.validate.egsnrc_emissions import line
from pdcraft.validate.point_runs import COARSE, Run, kernel
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "transport"
EGSNRC = "EGSnrc, I = 75 eV, 1.000 g/mL"
WITHIN = 0.01
BY_SHELL_TO, BY_GROUP_TO, GROUP = 0.58, 0.80, 3  # of the range
MERGED_SIGMA = 0.005  # photon shells are merged until the reference is known better
ELECTRONS = Run(0.0, 500_000)
NEAR_PHOTONS = Run(5.0, 2_000_000, 3.0)
FAR_PHOTONS = Run(1e9, 3_000_000, 0.0, COARSE)
ELECTRON_RANGE_mm = 0.46  # of the fastest Compton electron: shells that one track can cross
Shell = tuple[float, float, float, float]  # inner and outer mm, share of the energy, its σ


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield shells; none without `full`, for they take minutes."""
    if full:
        yield from _electrons()
        yield from _photons()


def _electrons() -> Iterator[Case]:
    keV = 500.0
    run = kernel(line(ELECTRON, keV), ELECTRONS, 75.0)
    single: list[Shell] = []
    grouped: list[Shell] = []
    for row in reference_rows("transport", "egsnrc_electron_kernel.csv"):
        csda = 10.0 * float(row["csda_cm"])
        inner, outer = float(row["inner"]), float(row["outer"])
        share = float(row["scaled"]) * (outer - inner)
        shell = (inner * csda, outer * csda, share, 0.01 * float(row["sigma_pct"]) * share)
        if outer <= BY_SHELL_TO + 1e-9:
            single.append(shell)
        elif outer <= BY_GROUP_TO + 1e-9:
            grouped.append(shell)
    merged = [_together(grouped[i : i + GROUP]) for i in range(0, len(grouped), GROUP)]
    for shell in single + merged:
        yield _judge("electrons of 500 keV", keV, run, shell, "the same I and density")


def _photons() -> Iterator[Case]:
    keV = 364.0
    near = kernel(line(PHOTON_PARTICLE, keV), NEAR_PHOTONS, 75.0)
    far = kernel(line(PHOTON_PARTICLE, keV), FAR_PHOTONS, 75.0)
    waiting: list[Shell] = []
    for row in reference_rows("transport", "egsnrc_photon_kernel.csv"):
        share = float(row["fraction"])
        sigma = 0.01 * float(row["sigma_pct"]) * share
        waiting.append((10.0 * float(row["inner_cm"]), 10.0 * float(row["outer_cm"]), share, sigma))
        whole = _together(waiting, ELECTRON_RANGE_mm)
        if whole[3] < MERGED_SIGMA * whole[2]:
            waiting = []
            run = near if whole[1] <= NEAR_PHOTONS.up_to_mm else far
            why = (
                "photoelectric cross sections normalized, as EGSnrc has; errors of shells that one "
                "electron can cross count as one"
            )
            yield _judge("photons of 364 keV", keV, run, whole, why)


def _together(shells: list[Shell], correlated_mm: float = 0.0) -> Shell:
    """Merge shells; errors of shells that one track crosses together add up, others in squares."""
    assert all(abs(a[1] - b[0]) <= 1e-3 * b[0] for a, b in pairwise(shells))
    variance = linear = 0.0
    start = shells[0][0]
    for inner, outer, _, sigma in shells:
        if outer - start > correlated_mm:
            variance += linear**2
            start, linear = inner, 0.0
        linear += sigma
    variance += linear**2
    return shells[0][0], shells[-1][1], sum(s[2] for s in shells), variance**0.5


def _judge(what: str, keV: float, run: PointKernel, shell: Shell, why: str) -> Case:
    inner, outer, share, sigma = shell
    mean, error = run.in_shell_keV(inner, outer)
    return decide(
        SUITE,
        f"{what} at a point: share of energy from {inner:.4g} to {outer:.4g} mm",
        (float(mean[-1]) / keV, float(error[-1]) / keV),
        (share, sigma),
        EGSNRC,
        rel=WITHIN,
        why=why,
    )
