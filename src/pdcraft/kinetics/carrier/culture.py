r"""Uptake of the carrier by cells in a dish, with the rates of the calibrated body.

Medium takes the place of plasma. Proteins bind the carrier in proportion to the medium's serum
share :math:`s`, so that cells see :math:`(1 + B)/(1 + sB)` times what they would see at the same
total concentration in plasma, :math:`B` being bound over free in plasma. The medium is emptied by
the cells: amounts are conserved. Cancer cells have the tumor's membrane, trapping and retention;
normal cells the body's partition, the raft share of normal membranes, and the short retention of
normal tissue. As in the body model, internalization per raft is the same for all cells.

What is assumed beyond the body's draws stands in ``culture.toml``: the mass of a cell and
:math:`B`. No uptake of these compounds in cells was available to fit or to check it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.kinetics.carrier.raft import UNCHANGED, RaftChange
from pdcraft.numerics.compartments import LinearSystem, Transfer
from pdcraft.numerics.inputs import stream

__all__ = ["CellKind", "Culture", "CultureUptake", "culture_draws", "culture_uptake"]

CellKind = Literal["cancer", "normal"]
AVOGADRO_per_pmol = 6.02214076e11


@dataclass(frozen=True, slots=True)
class Culture:
    """A well with cells.

    Parameters
    ----------
    medium_nM : float
        Total concentration given at time 0, nM, zero or more.
    medium_mL : float
        Volume of medium, positive.
    cells : float
        Number of cells, positive.
    serum_share : float
        Volume share of serum, 0 to 1; 0.1 is 10 % serum.
    kind : {"cancer", "normal"}
    raft : RaftChange
        Lipids against untreated membranes, for disruption of rafts.
    """

    medium_nM: float
    medium_mL: float
    cells: float
    serum_share: float = 0.1
    kind: CellKind = "cancer"
    raft: RaftChange = UNCHANGED

    def __post_init__(self) -> None:
        if self.kind not in ("cancer", "normal"):
            raise DataError(f"cells are 'cancer' or 'normal', not '{self.kind}'")
        rules = (
            ("medium_nM", self.medium_nM, self.medium_nM >= 0, "zero or more"),
            ("medium_mL", self.medium_mL, self.medium_mL > 0, "positive"),
            ("cells", self.cells, self.cells > 0, "positive"),
            ("serum_share", self.serum_share, 0 <= self.serum_share <= 1, "within 0 and 1"),
        )
        for name, value, holds, rule in rules:
            if not (holds and np.isfinite(value)):
                raise PhysicsRangeError(f"culture: {name} is {value:g}; it must be {rule}")


@dataclass(frozen=True, slots=True, eq=False)
class CultureUptake:
    """Carrier in the cells of a well against time, in draws.

    Parameters
    ----------
    times_h : ndarray, shape (time,)
    membrane_pmol, retained_pmol, medium_pmol : ndarray, shape (draw, time)
        Amounts in the well: outer membranes, rafts and what lies behind them, medium.
    cells : float
    """

    times_h: Floats
    membrane_pmol: Floats
    retained_pmol: Floats
    medium_pmol: Floats
    cells: float

    def __post_init__(self) -> None:
        for name in ("times_h", "membrane_pmol", "retained_pmol", "medium_pmol"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"culture {name}"))

    @property
    def pmol_per_million_cells(self) -> Floats:
        """Uptake per 1e6 cells, shape (draw, time)."""
        return (self.membrane_pmol + self.retained_pmol) * (1e6 / self.cells)

    @property
    def molecules_per_cell(self) -> Floats:
        """Molecules in and on a cell, shape (draw, time)."""
        return (self.membrane_pmol + self.retained_pmol) * (AVOGADRO_per_pmol / self.cells)


def culture_draws(seed: int, n: int) -> dict[str, Floats]:
    """Draw what a dish adds to the body's parameters, each of shape (n,)."""
    table = load_toml("carrier", "culture.toml")
    return {
        name: row["median"]
        * np.exp(row["log_sd"] * stream(seed, f"kinetics.culture.{name}").standard_normal(n))
        for name, row in table.items()
        if name != "version"
    }


def culture_uptake(
    parameters: Mapping[str, Floats],
    dish: Mapping[str, Floats],
    culture: Culture,
    times_h: ArrayLike,
    *,
    change_medium_at_h: float | None = None,
) -> CultureUptake:
    """Uptake of a well's cells.

    Parameters
    ----------
    parameters : mapping of str to ndarray, shape (draw,)
        Of the carrier in the mouse or in man.
    dish : mapping of str to ndarray, shape (draw,)
        ``cell_mass_ng`` and ``bound_over_free_in_plasma``, from `culture_draws`.
    culture : Culture
    times_h : array_like, shape (time,)
        Zero or later, in any order.
    change_medium_at_h : float, optional
        Then the medium is replaced by one without the carrier; what is in the cells stays.

    Returns
    -------
    CultureUptake

    Raises
    ------
    PhysicsRangeError
        If a time is negative.
    """
    t = np.atleast_1d(np.asarray(times_h, dtype=float))
    if np.any(t < 0) or not np.all(np.isfinite(t)):
        raise PhysicsRangeError(f"uptake is asked at {t} h; times are zero or later")
    system = _system(parameters, dish, culture)
    given_pmol = culture.medium_nM * culture.medium_mL  # nM x mL = pmol
    start = {"medium": given_pmol}
    amounts = np.array(system.curves(start, t))  # (draw, state, time)
    if change_medium_at_h is not None:
        late = t > change_medium_at_h
        if change_medium_at_h < 0:
            raise PhysicsRangeError(f"medium changed at {change_medium_at_h:g} h: zero or later")
        if np.any(late):
            then = np.array(system.curves(start, [change_medium_at_h])[..., 0])
            then[..., system.index("medium")] = 0.0
            amounts[..., late] = system.curves(then, t[late] - change_medium_at_h)
    parts = {state: amounts[..., system.index(state), :] for state in system.states}
    return CultureUptake(
        t,
        parts["membrane"],
        parts["retained"],
        parts["medium"],
        culture.cells,
    )


def _system(p: Mapping[str, Floats], dish: Mapping[str, Floats], culture: Culture) -> LinearSystem:
    cancer = culture.kind == "cancer"
    tissue = "tumor" if cancer else "normal"
    bound = dish["bound_over_free_in_plasma"]
    seen = (1 + bound) / (1 + culture.serum_share * bound)
    partition = p["tumor_partition_mL_per_g" if cancer else "body_partition_mL_per_g"]
    cells_g = culture.cells * dish["cell_mass_ng"] * 1e-9
    out = 1 / p["exchange_h"]
    rafts = culture.raft.share(tissue) / UNCHANGED.share("tumor")
    into_raft = p["tumor_trapping_mL_per_g_h"] / p["tumor_partition_mL_per_g"] * rafts
    back = 1 / p["tumor_retention_h" if cancer else "normal_retention_h"]
    return LinearSystem.from_transfers(
        ("medium", "membrane", "retained"),
        [
            Transfer("medium", "membrane", partition * seen * cells_g / culture.medium_mL * out),
            Transfer("membrane", "medium", out),
            Transfer("membrane", "retained", into_raft),
            Transfer("retained", "membrane", back),
        ],
    )
