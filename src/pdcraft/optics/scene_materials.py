"""Materials of a scene file: explicit optics, tissues of the table, or both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pdcraft.optics.material import Declared, Material, tissue
from pdcraft.optics.prior import Prior
from pdcraft.optics.scene_faults import Faults
from pdcraft.optics.scene_file import MaterialTable, SpreadTable
from pdcraft.optics.spectra import Spectrum
from pdcraft.optics.tissue import FRACTIONS, Chromophores

__all__ = ["build_materials", "lognormal_factor"]

NEEDED_FRACTIONS = FRACTIONS[:-1]  # melanosomes are none unless said
SPREAD_SOURCE = "the scene's [spread]"


def lognormal_factor(cv: float) -> float:
    """Factor of one standard deviation of a lognormal with a coefficient of variation."""
    return math.exp(math.sqrt(math.log1p(cv * cv)))


def build_materials(
    tables: Mapping[str, MaterialTable | None],
    spread: SpreadTable | None,
    excitation_nm: float,
    faults: Faults,
) -> dict[str, Material]:
    """Make every material that the file states without fault."""
    out: dict[str, Material] = {}
    for name, table in tables.items():
        if table is None:
            continue
        path = ("materials", name)
        with faults.at(path):
            made = _one(name, table, excitation_nm, faults)
            if made is not None:
                out[name] = _with_spread(made, table, spread)
    return out


def _declared(value: float | tuple[tuple[float, float], ...], what: str) -> Declared:
    if isinstance(value, tuple):
        nm, numbers = np.array(value).T
        return Declared(Spectrum(nm, numbers, what, edge="stop"))
    return Declared(value)


def _one(name: str, table: MaterialTable, excitation_nm: float, faults: Faults) -> Material | None:
    path = ("materials", name)
    fractions = {k: v for k in FRACTIONS if (v := getattr(table, k)) is not None}
    before = len(faults.problems)
    if table.mus is not None and table.musp is not None:
        faults.add(path, "mus and musp are both given", "musp = mus (1 - g): keep one")
    if table.mua is not None and fractions:
        said = ", ".join(fractions)
        faults.add(path, f"mua and {said} are both given", "mua is the sum of what absorbs")
    scattering = table.mus if table.mus is not None else table.musp
    if table.tissue is None:
        if table.mua is None and not fractions:
            faults.add(path, "mua is missing", 'mua = "0.02 /mm", or tissue = "brain"')
        elif table.mua is None:
            lacking = [k for k in NEEDED_FRACTIONS if k not in fractions]
            if lacking:
                faults.add(path, f"{', '.join(lacking)} missing", 'or start from tissue = "brain"')
        for key, value in (("mus", scattering), ("g", table.g), ("n", table.n)):
            if value is None:
                hint = {"mus": 'mus = "10 /mm", or musp = "1 /mm"', "g": "g = 0.9", "n": "n = 1.4"}
                faults.add(path, f"{key} is missing", hint[key])
    if len(faults.problems) > before:
        return None
    given = {
        key: value
        for key in ("g", "n", "autofluorescence")
        if (value := getattr(table, key)) is not None
    }
    made: Material | None = None
    if table.tissue is not None:
        with faults.at((*path, "tissue")):
            made = tissue(table.tissue, name, excitation_nm, **fractions, **given)
        if made is None:
            return None
    dropped: set[str] = set()
    if made is None:
        absorption = (
            _declared(table.mua, f"mua of {name}")
            if table.mua is not None
            else Chromophores(**{"melanosome": 0.0} | fractions)
        )
        made = Material(
            name,
            absorption,
            _declared(scattering or 0.0, f"scattering of {name}"),
            given["g"],
            given["n"],
            reduced=table.musp is not None,
            autofluorescence_nM=given.get("autofluorescence", 0.0),
        )
        if "autofluorescence" not in given:
            made = replace(made, assumed=(f"{name}: no autofluorescence",))
        return made
    if table.mua is not None:
        made = replace(made, absorption=_declared(table.mua, f"mua of {name}"))
        dropped |= {*FRACTIONS, "mua"}
    if scattering is not None:
        law = _declared(scattering, f"scattering of {name}")
        made = replace(made, scattering=law, reduced=table.musp is not None)
        dropped |= {"scattering", "power", "mus"}
    return replace(
        made,
        priors=tuple(p for p in made.priors if p.name not in dropped),
        assumed=tuple(
            text for text in made.assumed if not any(f": {k} =" in text for k in dropped)
        ),
    )


def _with_spread(made: Material, table: MaterialTable, spread: SpreadTable | None) -> Material:
    """Add priors of what the scene states with its own spread."""
    if spread is None:
        return made
    new: list[Prior] = []
    for key, kind, stated in (
        ("mua", "absorption", table.mua),
        ("mus", "scattering", table.mus if table.mus is not None else table.musp),
    ):
        cv = float(getattr(spread, key))
        if cv and stated is not None:
            factor = lognormal_factor(cv)
            new.append(Prior(key, kind, 1.0, "lognormal", factor, source=SPREAD_SOURCE))  # pyright: ignore[reportArgumentType]
    for key, sd, low, high in (("g", spread.g, -0.99, 0.995), ("n", spread.n, 1.0, 3.0)):
        if sd and getattr(table, key) is not None:
            value = float(getattr(made, key))
            new.append(
                Prior(key, "scattering", value, "normal", sd, low, high, source=SPREAD_SOURCE)
            )
    if spread.autofluorescence and table.autofluorescence:
        factor = lognormal_factor(spread.autofluorescence)
        value = made.autofluorescence_nM
        kind = "autofluorescence"
        new.append(Prior(kind, kind, value, "lognormal", factor, source=SPREAD_SOURCE))
    return replace(made, priors=(*made.priors, *new))
