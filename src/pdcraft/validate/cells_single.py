"""One cell: spheres of I-125 and I-131, slow electrons, doses to nuclei, the MIRD convention."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from pdcraft.data.emissions import electron_keV
from pdcraft.data.nuclides import nuclide
from pdcraft.dosimetry.cell_geometry import Cell
from pdcraft.dosimetry.cell_mird import mird_kernel_of
from pdcraft.dosimetry.cells import cell_S
from pdcraft.dosimetry.point_kernel import LowModel, Nodes, RadialKernel, kernel_of_nodes
from pdcraft.dosimetry.spheres import sphere_S
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV
from pdcraft.physics.sphere import geometric_reduction
from pdcraft.transport.emissions import Group
from pdcraft.validate.case import Case, compare
from pdcraft.validate.cells_mird import absorbed_by_quadrature_keV
from pdcraft.validate.decide import decide, show
from pdcraft.validate.egsnrc_emissions import (
    BINS_LACK_keV,
    SOFT_keV,
    beta_lines,
    conversion_and_auger,
    electron_bins,
    photons,
)
from pdcraft.validate.tables import reference_rows, reference_toml

__all__ = ["cases"]

SUITE = "cells"
EGSNRC = "EGSnrc, I = 75 eV, 1.000 g/mL"
PENELOPE = "PENELOPE-2018 through pyPenred 1.15.2.0, collision by collision, I = 78 eV"
CELLDOSE = "Alcocer-Avila et al., EJNMMI Phys 2020;7:33 (CELLDOSE), abstract"
LIKE = "the same emissions, I and density; its electrons below 1 keV stay where they start"
LARGEST_mm = 0.5
WITHIN = 0.02
POINTS_IN_BIN = 8


def cases() -> Iterator[Case]:
    """Yield spheres, slow electrons, nuclei, then the MIRD convention."""
    yield from _spheres()
    yield from _fractions()
    yield from _slow()
    yield from _nuclei()
    yield from _own_spheres()
    yield from _mird()


def _self(kernel: RadialKernel, radius_mm: float) -> tuple[float, float]:
    """Energy absorbed in a sphere that is the uniform source, and its standard error."""
    return kernel.absorbed_keV(lambda d: geometric_reduction(d, radius_mm))


def _nodes(groups: tuple[Group, ...], kind: str) -> Nodes:
    """Discrete energies of groups; bins as some energies in them."""
    part = (np.arange(POINTS_IN_BIN) + 0.5) / POINTS_IN_BIN
    energy, number = [], []
    for group in groups:
        wide = group.width_keV > 0.0
        energy += [group.low_keV[~wide]]
        number += [group.per_decay[~wide]]
        energy += [(group.low_keV[wide][:, None] + group.width_keV[wide][:, None] * part).ravel()]
        number += [np.repeat(group.per_decay[wide] / POINTS_IN_BIN, POINTS_IN_BIN)]
    return {kind: (np.concatenate(energy), np.concatenate(number))}


def _like_egsnrc(nodes: Nodes, soft_keV: float = 0.0) -> RadialKernel:
    return kernel_of_nodes("EGSnrc", nodes, soft_keV, water_I_eV=75.0, least_keV=1.0)


@cache
def _parts(name: str) -> dict[str, RadialKernel]:
    """Kernels of the emissions that EGSnrc's S values were made with, by column."""
    light = _like_egsnrc(_nodes(photons(name), "photon"))
    soft = SOFT_keV[name] + BINS_LACK_keV.get(name, 0.0)
    if name == "I-125":
        nodes = _nodes(electron_bins(name), "Auger")
        return {"S_electron": _like_egsnrc(nodes, soft), "S_photon": light}
    return {
        "S_beta": _like_egsnrc(_nodes(beta_lines(name), "beta")),
        "S_CE_Auger": _like_egsnrc(_nodes(conversion_and_auger(name), "Auger"), soft),
        "S_photon": light,
    }


def _spheres() -> Iterator[Case]:
    for name, table in (("I-125", "egsnrc_sphere_S.csv"), ("I-131", "egsnrc_sphere_S_I-131.csv")):
        for row in reference_rows("transport", table):
            radius, mass = 10.0 * float(row["radius_cm"]), float(row["mass_g"])
            if row["nuclide"] != name or radius > LARGEST_mm:
                continue
            to_S = S_UNIT_mGy_g_per_MBq_s_keV / mass
            found = [_self(kernel, radius) for kernel in _parts(name).values()]
            value = sum(v for v, _ in found) * to_S
            error = sum(e**2 for _, e in found) ** 0.5 * to_S
            want = float(row["S_total_mGy_per_MBq_s"])
            other = 0.01 * float(row.get("total_pct") or row["unc_pct"]) * want
            yield decide(
                SUITE,
                f"S of {name} in a sphere of {1e3 * radius:g} um, mGy/(MBq s)",
                (value, error),
                (want, other),
                EGSNRC,
                rel=WITHIN,
                why=LIKE,
            )


def _fractions() -> Iterator[Case]:
    for row in reference_rows("transport", "egsnrc_sphere_fractions.csv"):
        keV, radius = 1e3 * float(row["E_MeV"]), 10.0 * float(row["radius_cm"])
        if row["particle"] != "electron" or keV > 100.5 or radius > LARGEST_mm:
            continue
        value, error = _self(_like_egsnrc(_line(keV)), radius)
        want = float(row["phi_self"])
        yield decide(
            SUITE,
            f"absorbed fraction, electrons of {keV:g} keV in a sphere of {1e3 * radius:g} um",
            (value / keV, error / keV),
            (want, 0.01 * float(row["rel_unc_pct"]) * want),
            EGSNRC,
            rel=WITHIN,
            why=LIKE,
        )


def _line(keV: float) -> Nodes:
    return {"beta": (np.array([keV]), np.ones(1))}


def _slow() -> Iterator[Case]:
    """Judge spheres that keep a tenth and more, where the reference is known well."""
    other: LowModel = "electron dielectric"
    for row in reference_rows("cells", "penelope_slow_electrons.csv"):
        keV, radius_um = float(row["energy_keV"]), float(row["radius_um"])
        want = float(row["absorbed_fraction"]), float(row["sigma"])
        if not 0.1 <= want[0] <= 0.97:
            continue
        name = f"absorbed fraction, electrons of {keV:g} keV in a sphere of {radius_um:g} um"
        value, error = _self(kernel_of_nodes("one", _line(keV)), 1e-3 * radius_um)
        yield decide(
            SUITE,
            name,
            (value / keV, error / keV),
            want,
            PENELOPE,
            rel=WITHIN,
            why="the same kind of model, with its own oscillators",
        )
        if keV <= 5.0:
            value, _ = _self(kernel_of_nodes("one", _line(keV), low_model=other), 1e-3 * radius_um)
            why = "the other stopping power; its difference is in the model error of S values"
            yield show(SUITE, f"{name}, dielectric model", value / keV, want[0], why, PENELOPE)


def _nuclei() -> Iterator[Case]:
    table = reference_toml("cells", "celldose.toml")
    for row in table["dose"]:
        name, source = row["name"], row["source"]
        found = cell_S(name, table["cell_radius_um"], table["nucleus_radius_um"])
        decays = table["released_keV"] / electron_keV(nuclide(name))
        yield compare(
            SUITE,
            f"{name} in {source.replace('_', ' ')}: dose to the nucleus, 1436 MeV released, Gy",
            found.S_Gy_per_Bq_s["nucleus"][source].value * decays,
            row["Gy"],
            CELLDOSE,
            rel=0.08,
            why="digits printed (2.6%), other decay data (ICRP 107: 2%), cross sections of vapor",
        )


def _own_spheres() -> Iterator[Case]:
    import warnings

    for name in ("I-131", "Lu-177", "Y-90"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = sphere_S(name, radius_mm=0.02)
        cell = cell_S(name, 20.0, 10.0).S_Gy_per_Bq_s["cell"]["cell"]
        yield compare(
            SUITE,
            f"{name}, whole cell of 20 um to itself, Gy/(Bq s)",
            cell.value,
            1e-9 * table.total,
            "pdcraft sphere: other runs, condensed histories that end at 1 keV",
            rel=0.01,
            why="statistics of both tables",
        )


MIRD_CELLS = ((5.0, 4.0), (10.0, 3.0))
MIRD_keV = (2.0, 10.0, 30.0, 200.0)


def _mird() -> Iterator[Case]:
    """Judge kernel and closed geometry by direct integrals over the track."""
    for cell_um, nucleus_um in MIRD_CELLS:
        cell = Cell(cell_um, nucleus_um)
        for keV in MIRD_keV:
            kernel = mird_kernel_of("one", _line(keV))
            for target, source in (
                ("nucleus", "nucleus"),
                ("nucleus", "cytoplasm"),
                ("nucleus", "cell_surface"),
                ("cell", "cell"),
                ("cell", "cell_surface"),
            ):
                want = absorbed_by_quadrature_keV(keV, target, source, cell_um, nucleus_um)
                value, _ = kernel.absorbed_keV(cell.share(target, source))
                yield compare(
                    SUITE,
                    f"mird, {keV:g} keV, cell {cell_um:g} um, nucleus {nucleus_um:g} um: keV to "
                    f"{target} from {source.replace('_', ' ')}",
                    value,
                    want,
                    "geometric factors of MIRDcell's public source with Cole's losses, quadrature",
                    rel=2e-3,
                    absolute=1e-5 * keV,
                    why="shells of the kernel, 60 per decade",
                )
