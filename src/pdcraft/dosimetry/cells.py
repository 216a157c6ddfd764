r"""S values of one cell: mean dose to nucleus, cytoplasm and cell per decay in a part of it.

.. math:: S(T \leftarrow S) = \frac{1}{m_T} \int e(d)\, p_{T\leftarrow S}(d)\, dd

with the energy e(d) that a decay leaves at distance d in water (`pdcraft.dosimetry.point_kernel`,
or the MIRD convention of `pdcraft.dosimetry.cell_mird`) and the share p of steps of length d from S
that end in T (`pdcraft.dosimetry.cell_geometry`). Exact for a cell in unbounded water of its own
density; nothing is said about doses to DNA or other parts of a nucleus.

References
----------
.. [GRH94] S.M. Goddu, D.V. Rao, R.W. Howell, J. Nucl. Med. 35, 303 (1994): cellular S values.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from pdcraft.core.notebook import Shown, Table, number
from pdcraft.data.chains import progeny_words, uncounted_alpha_words
from pdcraft.data.nuclides import Progeny, Spectra, Stay, nuclide, usual_progeny
from pdcraft.data.radiation import Nuclide
from pdcraft.dosimetry.alpha_tracks import RANGES_WITHIN, alpha_absorbed_keV
from pdcraft.dosimetry.auger_models import auger_models
from pdcraft.dosimetry.cell_geometry import SOURCES, TARGETS, Cell, Share
from pdcraft.dosimetry.cell_mird import BASIS, completed, mird_absorbed_keV
from pdcraft.dosimetry.point_kernel import kernel_of, require_emissions
from pdcraft.dosimetry.sphere_energy import words_beyond_tables
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.physics.constants import J_per_keV

__all__ = ["METHODS", "CellMethod", "CellS", "SValue", "cell_S"]

CellMethod = Literal["transport", "mird"]
METHODS: dict[CellMethod, str] = {
    "transport": "electrons down to 100 eV, positrons and photons transported in water",
    "mird": "MIRD cellular convention: straight tracks with Cole's losses, no photons",
}


@dataclass(frozen=True, slots=True)
class SValue:
    """One S value, Gy/(Bq s), its Monte Carlo standard error, and its spread between models."""

    value: float
    std_err: float
    model_err: float


@dataclass(frozen=True, slots=True, repr=False)
class CellS(Shown):
    """S values of a cell by target and source, and how they were made.

    ``S_Gy_per_Bq_s[target][source]``; ``models`` names what the model error spans;
    ``progeny_note`` says which daughters are in, ``notice`` the terms of data from an extra.
    """

    nuclide: str
    cell: Cell
    method: CellMethod
    S_Gy_per_Bq_s: Mapping[str, Mapping[str, SValue]]
    models: tuple[str, ...]
    progeny: Progeny
    spectra: Spectra
    sources: tuple[str, ...]
    progeny_note: str
    notice: str

    def _table(self) -> Table:
        rows = [
            (target, source, number(one.value), number(one.std_err), number(one.model_err))
            for target, sources in self.S_Gy_per_Bq_s.items()
            for source, one in sources.items()
        ]
        radii = f"{self.cell.cell_radius_um:g} and {self.cell.nucleus_radius_um:g} µm"
        title = f"{self.nuclide} in a cell and nucleus of radius {radii}: S, Gy/(Bq·s)"
        return Table(title, ("target", "source", "S", "Monte Carlo error", "model error"), rows)


def cell_S(
    name: str,
    cell_radius_um: float,
    nucleus_radius_um: float,
    *,
    method: CellMethod = "transport",
    progeny: Progeny | None = None,
    spectra: Spectra = "own",
    nucleus_offset_um: float = 0.0,
    stay: Stay = 1.0,
) -> CellS:
    """S values of a spherical cell with a spherical nucleus in unbounded water.

    Parameters
    ----------
    name : str
        Nuclide.
    cell_radius_um, nucleus_radius_um : float
        0.1 to 1000 um, the nucleus within the cell.
    method : {"transport", "mird"}
        Transported radiation, or the convention of the MIRD Committee's cellular S values.
    progeny, spectra, stay
        As in `pdcraft.data.nuclides.nuclide`; not ``"explicit"``.
    nucleus_offset_um : float
        Of the nucleus from the cell's center.

    Raises
    ------
    DataError
        For cells that cannot be, unknown nuclides, methods or spectra, and emitters of nothing.
    PhysicsRangeError
        If more than 1% of an energy lies above 3 MeV.

    Warns
    -----
    ApproximationWarning
        If less does: it counts as more particles of 3 MeV. Where daughters' alpha particles are not
        counted.
    """
    if method not in METHODS:
        raise DataError(f"cell: method '{method}' is not one of {', '.join(METHODS)}")
    progeny = progeny or usual_progeny(name, spectra)
    if progeny == "explicit":
        raise DataError(
            "cell: progeny 'explicit' has no one S value; ask each member with progeny 'none'"
        )
    cell = Cell(cell_radius_um, nucleus_radius_um, nucleus_offset_um)
    source = nuclide(name, progeny, spectra, stay)
    require_emissions(source)
    for words in (*words_beyond_tables(source), *uncounted_alpha_words(source)):
        warnings.warn(words, ApproximationWarning, stacklevel=2)
    made = _transported(source, cell) if method == "transport" else _by_convention(source, cell)
    energies, models = made
    table = {
        target: {region: _in_gray(energies[target, region], cell, target) for region in SOURCES}
        for target in TARGETS
    }
    return CellS(
        nuclide=source.name,
        cell=cell,
        method=method,
        S_Gy_per_Bq_s=table,
        models=models,
        progeny=progeny,
        spectra=spectra,
        sources=source.sources,
        progeny_note=progeny_words(source),
        notice=source.notice,
    )


def _in_gray(energies_keV: SValue, cell: Cell, target: str) -> SValue:
    per_keV = J_per_keV / cell.mass_kg(target)
    return SValue(
        energies_keV.value * per_keV,
        energies_keV.std_err * per_keV,
        energies_keV.model_err * per_keV,
    )


Energies = dict[tuple[str, str], SValue]  # keV per decay, by target and source


def _alphas(source: Nuclide, share: Share) -> tuple[float, float]:
    """Energy of alphas and recoils that a target absorbs, and its spread, keV."""
    if not source.alpha:
        return 0.0, 0.0
    value = alpha_absorbed_keV(source, share)
    return value, abs(alpha_absorbed_keV(source, share, 1.0 + RANGES_WITHIN) - value)


def _transported(source: Nuclide, cell: Cell) -> tuple[Energies, tuple[str, ...]]:
    """Energies that targets absorb, by transport; names of the other models."""
    kernel = kernel_of(source)
    out: Energies = {}
    for target, region in product(TARGETS, SOURCES):
        share = cell.share(target, region)
        value, std_err = kernel.absorbed_keV(share)
        alpha, alpha_err = _alphas(source, share)
        spread = math.hypot(kernel.model_err_keV(share), alpha_err)
        out[target, region] = SValue(value + alpha, std_err, spread)
    return out, tuple(kernel.models) + (("alpha ranges",) if source.alpha else ())


def _by_convention(source: Nuclide, cell: Cell) -> tuple[Energies, tuple[str, ...]]:
    """Energies that targets absorb, by the MIRD convention; names of the other models."""
    others = auger_models(source)
    others.pop("soft Auger electrons on the spot", None)  # the convention itself
    shares = {pair: cell.share(*pair) for pair in BASIS}
    alphas = {pair: _alphas(source, share) for pair, share in shares.items()}
    default, *rest = (
        completed(mird_absorbed_keV(decay, shares), cell) for decay in (source, *others.values())
    )
    alpha, alpha_far = (
        completed({pair: sum(both[: n + 1]) for pair, both in alphas.items()}, cell) for n in (0, 1)
    )
    out: Energies = {}
    for pair, value in default.items():
        spread = max((abs(other[pair] - value) for other in rest), default=0.0)
        alpha_err = abs(alpha_far[pair] - alpha[pair])
        out[pair] = SValue(value + alpha[pair], 0.0, math.hypot(spread, alpha_err))
    return out, tuple(others) + (("alpha ranges",) if source.alpha else ())
