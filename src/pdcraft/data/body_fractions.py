"""The shipped specific absorbed fractions of bodies, made by ``python -m pdcraft.dosimetry``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.body_fractions import BodyFractions, Fractions, MarrowKerma
from pdcraft.errors import DataError

__all__ = [
    "MOUSE_MASSES_g",
    "body_fractions",
    "mouse_fractions",
    "read_fractions",
    "write_fractions",
]

MOUSE_MASSES_g = (20.0, 27.0, 35.0)
SMALLEST = 1e-30  # 1/g: stands for zero in the logarithm


def _file(name: str) -> Any:
    return files("pdcraft").joinpath("data", "bodies", f"fractions-{name}.npz")


@cache
def body_fractions(name: str) -> BodyFractions:
    """Specific absorbed fractions of a stylised human.

    Parameters
    ----------
    name : str
        As of `pdcraft.anatomy.stylised_body`.

    Raises
    ------
    DataError
        If none are shipped.
    """
    path = _file(name)
    if not path.is_file():
        raise DataError(
            f"no absorbed fractions of '{name}' are shipped; make them: python -m "
            f"pdcraft.dosimetry fractions {name}"
        )
    return read_fractions(BytesIO(path.read_bytes()))


def mouse_fractions(mass_g: float) -> BodyFractions:
    """Specific absorbed fractions of the stylised mouse, between the masses that are shipped.

    Logarithms of absorbed fractions are linear in the body's mass to the power 1/3.

    Parameters
    ----------
    mass_g : float
        20 to 35 g.

    Raises
    ------
    DataError
        Outside of that.
    """
    low, high = MOUSE_MASSES_g[0], MOUSE_MASSES_g[-1]
    if not low <= mass_g <= high:
        raise DataError(
            f"a mouse of {mass_g:g} g: absorbed fractions are for {low:g} to {high:g} g"
        )
    k = min(int(np.searchsorted(MOUSE_MASSES_g, mass_g, side="right")) - 1, len(MOUSE_MASSES_g) - 2)
    a, b = (body_fractions(f"mouse-{m:g}g") for m in MOUSE_MASSES_g[k : k + 2])
    x = mass_g ** (1 / 3)
    first, last = (m ** (1 / 3) for m in MOUSE_MASSES_g[k : k + 2])
    share = (x - first) / (last - first)
    if share == 0.0:
        return a

    def between(p: Fractions, q: Fractions) -> Fractions:
        one, two = p.per_g * a.target_mass_g, q.per_g * b.target_mass_g
        both = (1 - share) * np.log(np.maximum(one, SMALLEST))
        both += share * np.log(np.maximum(two, SMALLEST))
        mean = np.where((one > 0) & (two > 0), np.exp(both), (1 - share) * one + share * two)
        error = np.hypot(
            (1 - share) * p.std_err_per_g * a.target_mass_g,
            share * q.std_err_per_g * b.target_mass_g,
        )
        return Fractions(p.energy_keV, mean / target, error / target)

    target: Floats = a.target_mass_g * (mass_g / MOUSE_MASSES_g[k])
    return replace(
        a,
        target_mass_g=target,
        source_mass_g=a.source_mass_g * (mass_g / MOUSE_MASSES_g[k]),
        photon=between(a.photon, b.photon),
        electron=between(a.electron, b.electron),
    )


def read_fractions(file: Path | BytesIO) -> BodyFractions:
    """Read a table that `write_fractions` wrote."""
    with np.load(file, allow_pickle=False) as z:
        particles = [
            Fractions(
                z[f"{p}_energy_keV"],
                z[f"{p}_per_g"].astype(np.float64),
                z[f"{p}_rel_err"].astype(np.float64) * z[f"{p}_per_g"],
            )
            for p in ("photon", "electron")
        ]
        marrow = None
        if "marrow_per_g" in z:
            per_g = z["marrow_per_g"].astype(np.float64)
            error = z["marrow_rel_err"].astype(np.float64) * per_g.sum(axis=-1)
            marrow = MarrowKerma(z["marrow_bin_keV"], per_g, error)
        return BodyFractions(
            str(z["body"]),
            tuple(z["sources"].tolist()),
            tuple(z["targets"].tolist()),
            z["target_mass_g"],
            z["source_mass_g"],
            particles[0],
            particles[1],
            marrow,
            str(z["made_by"]),
        )


def write_fractions(table: BodyFractions, path: Path) -> None:
    """Write a table: single precision, compressed."""
    out: dict[str, Any] = {
        "body": table.body,
        "sources": table.sources,
        "targets": table.targets,
        "target_mass_g": table.target_mass_g,
        "source_mass_g": table.source_mass_g,
        "made_by": table.made_by,
    }

    def relative(error: Floats, value: Floats) -> Any:
        return np.divide(error, value, out=np.zeros_like(value), where=value > 0).astype(np.float16)

    for name, p in (("photon", table.photon), ("electron", table.electron)):
        out[f"{name}_energy_keV"] = p.energy_keV
        out[f"{name}_per_g"] = p.per_g.astype(np.float32)
        out[f"{name}_rel_err"] = relative(p.std_err_per_g, p.per_g)
    if table.marrow is not None:
        out["marrow_bin_keV"] = table.marrow.bin_keV
        out["marrow_per_g"] = table.marrow.per_g.astype(np.float32)
        whole = table.marrow.per_g.sum(axis=-1)
        out["marrow_rel_err"] = relative(table.marrow.std_err_per_g, whole)
    np.savez_compressed(path, **out)
