"""Decay data of ICRP Publication 107 from the optional package ``icrp107-database``.

The files are JSON text inside a JSON string. What is done to them: beta spectra are scaled to the
branches' yields (their integrals are off by up to 3%); spectra that hold electrons and positrons
together are split in the ratio of pdcraft's own spectra, with end points that reproduce the listed
mean energies; X-rays below 100 eV (refilling of the valence shells) count as energy absorbed on the
spot. There are no daughters in these data; some entries hold a daughter's emissions already (Zr-89
those of Y-89m). Nuclides with alpha or spontaneous-fission emissions are refused.

References
----------
.. [ICRP107] K.F. Eckerman, A. Endo, ICRP Publication 107, Ann. ICRP 38(3), 2008.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pdcraft.data.radiation import BetaTable, Kind, Line, Nuclide
from pdcraft.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pdcraft.physics.beta import Charge

    Floats = NDArray[np.float64]

__all__ = ["EXTRA", "NOTICE", "TERMS", "holds", "icrp107_nuclide", "installed"]

PACKAGE = "icrp107_database"
EXTRA = "pip install pdcraft[icrp107]"
TERMS = "whose notice allows educational, research and not-for-profit use"
NOTICE = (
    "decay data of ICRP Publication 107 (icrp107-database, an optional extra): the data's notice "
    "allows use for educational, research and not-for-profit purposes and must be kept with them"
)
HOURS: Mapping[str, float] = {
    "us": 1e-6 / 3600,
    "ms": 1e-3 / 3600,
    "s": 1 / 3600,
    "m": 1 / 60,
    "h": 1.0,
    "d": 24.0,
    "y": 24.0 * 365.2422,
}
LINES: tuple[tuple[str, Kind], ...] = (
    ("gamma", "gamma"),
    ("annihilation", "annihilation"),
    ("IE", "conversion electron"),
)
REFUSED = ("alpha", "neutron", "fission", "betaD")
VALENCE_BELOW_keV = 0.1
keV_per_MeV = 1e3


def installed() -> bool:
    """Whether the optional package is there."""
    return find_spec(PACKAGE) is not None


def holds(name: str) -> bool:
    """Whether the optional package is there and has this nuclide, spelled as ``"I-131"``."""
    return installed() and files(PACKAGE).joinpath("icrp107", f"{name}.json").is_file()


@cache
def icrp107_nuclide(name: str) -> Nuclide:
    """Nuclide with the half-life and emissions of ICRP 107.

    Parameters
    ----------
    name : str
        ``"I-131"``.

    Raises
    ------
    DataError
        If the package is not installed, has no such nuclide, or lists particles that pdcraft
        cannot use.

    References
    ----------
    [ICRP107]_
    """
    if not installed():
        raise DataError(
            f"--spectra icrp107: the ICRP-107 data are an optional extra `{EXTRA}`, {TERMS}; "
            "--spectra own needs nothing"
        )
    if not holds(name):
        raise DataError(f"the ICRP-107 data have no nuclide '{name}'; write it as 'I-131'")
    text = files(PACKAGE).joinpath("icrp107", f"{name}.json").read_text(encoding="utf-8")
    return _nuclide(name, json.loads(json.loads(text)))


def _nuclide(name: str, entry: Mapping[str, Any]) -> Nuclide:
    import xraylib

    emitted: dict[str, list[list[float]]] = entry["emissions"]
    found = [kind for kind in REFUSED if emitted.get(kind)]
    if found:
        raise DataError(
            f"{name} of ICRP 107 emits {', '.join(found)}, which this version cannot count"
        )
    match = re.fullmatch(r"([A-Z][a-z]?)-(\d+)[mn]?\d?", name)
    assert match is not None
    z, a = int(xraylib.SymbolToAtomicNumber(match[1])), int(match[2])
    x_rays = [Line("X", keV_per_MeV * e, n) for e, n, *_ in emitted.get("X", ())]
    lines = [
        Line(kind, keV_per_MeV * e, n) for key, kind in LINES for e, n, *_ in emitted.get(key, ())
    ]
    auger = [Line("Auger electron", keV_per_MeV * e, n) for e, n, *_ in emitted.get("auger", ())]
    valence = [x for x in x_rays if x.energy_keV < VALENCE_BELOW_keV]
    photons = [x for x in lines if x.kind != "conversion electron"]
    return Nuclide(
        name=name,
        z=z,
        a=a,
        daughter_z=_vacancy_z(name, z, emitted),
        half_life_h=float(entry["half_life"]) * HOURS[entry["time_unit"]],
        half_life_unc_h=float("nan"),
        beta=(),
        photons=(*photons, *(x for x in x_rays if x.energy_keV >= VALENCE_BELOW_keV)),
        electrons=(*(x for x in lines if x.kind == "conversion electron"), *auger),
        soft_keV=sum(x.energy_keV * x.per_decay for x in valence),
        includes=(name,),
        progeny_note="ICRP 107 as tabulated: no daughter is added",
        sources=("ICRP Publication 107, Ann. ICRP 38(3), 2008 (icrp107-database 0.0.3)",),
        beta_tables=_beta_tables(z, a, emitted),
        notice=NOTICE,
    )


def _vacancy_z(name: str, z: int, emitted: Mapping[str, list[list[float]]]) -> int:
    """Atomic number after the main decay: beta minus raises it, capture and positrons lower it."""
    if sum(n for _, n in emitted.get("beta-", ())) > 0.5:
        return z + 1
    return z if name[-1] in "mn" else z - 1


def _beta_tables(z: int, a: int, emitted: Mapping[str, list[list[float]]]) -> tuple[BetaTable, ...]:
    import numpy as np

    spectrum = emitted.get("b-spectra") or []
    if not spectrum:
        return ()
    energy, density = (np.array(column, dtype=np.float64) for column in zip(*spectrum, strict=True))
    energy *= keV_per_MeV
    keep = np.concatenate(([True], np.diff(energy) > 0.0))
    energy, density = energy[keep], density[keep]
    branches: dict[Charge, list[list[float]]] = {
        "minus": emitted.get("beta-") or [],
        "plus": emitted.get("beta+") or [],
    }
    own: dict[Charge, Floats] = {
        charge: _own_density(energy, z + (1 if charge == "minus" else -1), a, charge, rows)
        for charge, rows in branches.items()
        if rows
    }
    both = np.sum(list(own.values()), axis=0)
    tables: list[BetaTable] = []
    for charge, part in own.items():
        share = np.divide(part, both, out=np.zeros_like(both), where=both > 0.0)
        shape = density * (share if len(own) > 1 else 1.0)
        per_keV = shape / np.trapezoid(shape, energy)
        for array in (energy, per_keV):
            array.setflags(write=False)
        tables.append(BetaTable(charge, energy, per_keV, sum(n for _, n in branches[charge])))
    return tuple(tables)


def _own_density(
    energy_keV: Floats, daughter_z: int, a: int, charge: Charge, rows: list[list[float]]
) -> Floats:
    """Compute allowed spectra of branches that are known by mean energy and yield."""
    import numpy as np

    from pdcraft.physics.beta import mean_energy_keV, spectrum_per_keV

    out = np.zeros_like(energy_keV)
    for mean_MeV, per_decay in rows:
        mean = keV_per_MeV * mean_MeV

        low, high = 1.2 * mean, min(6.0 * mean + 5.0, 1e4)
        for _ in range(40):  # bisection: the mean rises with the end point
            end_point = 0.5 * (low + high)
            if mean_energy_keV(end_point, daughter_z, a, charge) < mean:
                low = end_point
            else:
                high = end_point
        end_point = 0.5 * (low + high)
        fine = end_point * np.linspace(0.0, 1.0, 801) ** 2
        area = np.trapezoid(spectrum_per_keV(fine, end_point, daughter_z, a, charge), fine)
        out += per_decay * spectrum_per_keV(energy_keV, end_point, daughter_z, a, charge) / area
    return out
