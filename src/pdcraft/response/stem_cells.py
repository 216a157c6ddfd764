r"""Cancer stem cells: few cells with their own dose and sensitivity, which decide the outcome.

Stem cells S renew themselves with the rate :math:`\lambda` and feed progeny P, which do not renew:

.. math:: \dot S = (\lambda - k_S) S, \quad
          \dot P = \kappa S - (\delta + k_P) P, \quad
          \kappa = (\lambda + \delta)\,\frac{1 - f}{f}

so that an untreated tumor grows with :math:`\lambda` at the constant stem-cell share f. k are the
kill rates by radiation and by drug; progeny are lost with :math:`\delta`. Only stem cells count as
clonogens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.bed import Bed, biologically_effective_dose
from pdcraft.response.control import UNIFORM, DoseDistribution, control_probability
from pdcraft.response.external_beam import Fractions
from pdcraft.response.sensitivity import Sensitivity

__all__ = ["CellKind", "Regrowth", "StemCellTumor", "killed", "regrowth", "stem_cell_control"]

HOURS = 24.0


@dataclass(frozen=True, slots=True)
class CellKind:
    """What one kind of cell gets and how it answers.

    Parameters
    ----------
    tissue : Sensitivity
        Growth is said by the tumor, not here: no doubling time.
    dose_factor : float
        Dose of the radionuclide to these cells relative to the tumor's mean, by their own uptake.
        For long-range emitters in a compact tumor near 1 whatever the uptake.
    drug_kill_per_exposure : float
        ln of the survival that a unit of exposure takes; its unit is that of the exposure given.
    """

    tissue: Sensitivity
    dose_factor: float = 1.0
    drug_kill_per_exposure: float = 0.0

    def __post_init__(self) -> None:
        if not self.dose_factor >= 0 or not self.drug_kill_per_exposure >= 0:
            raise PhysicsRangeError(
                f"cells: dose factor {self.dose_factor:g}, drug kill "
                f"{self.drug_kill_per_exposure:g}; neither is negative"
            )
        if self.tissue.repopulates:
            raise PhysicsRangeError(
                "cells: leave the doubling time out of the sensitivity; the tumor's growth is that "
                "of its stem cells"
            )


@dataclass(frozen=True, slots=True)
class StemCellTumor:
    """Stem cells and progeny of a tumor.

    Parameters
    ----------
    stem, progeny : CellKind
    stem_share : float
        Of all cells, above 0 and below 1.
    doubling_time_d : float
        Of the untreated tumor.
    progeny_half_life_d : float
        Of progeny that is not fed.
    """

    stem: CellKind
    progeny: CellKind
    stem_share: float
    doubling_time_d: float
    progeny_half_life_d: float

    def __post_init__(self) -> None:
        if not 0 < self.stem_share < 1:
            raise PhysicsRangeError(
                f"stem-cell share {self.stem_share:g}: above 0 and below 1 of all cells"
            )
        if not self.doubling_time_d > 0 or not self.progeny_half_life_d > 0:
            raise PhysicsRangeError(
                f"doubling time {self.doubling_time_d:g} d, progeny half-life "
                f"{self.progeny_half_life_d:g} d: both above 0 d"
            )


@dataclass(frozen=True, slots=True)
class Regrowth:
    """Cells against time, relative to all cells at the start; shapes (..., times).

    Parameters
    ----------
    time_d : ndarray, shape (times,)
    stem, progeny : ndarray
    """

    time_d: Floats
    stem: Floats
    progeny: Floats

    @property
    def total(self) -> Floats:
        """All cells."""
        return self.stem + self.progeny

    def time_to_start_size_d(self) -> Floats:
        """Time after the lowest size at which that of the start is reached again; else infinite."""
        total = self.total
        lowest = np.argmin(total, axis=-1)[..., None]
        later = (np.arange(self.time_d.size) >= lowest) & (total >= 1.0)
        found = later.any(axis=-1)
        return np.where(found, self.time_d[np.argmax(later, axis=-1)], np.inf)


def cells_bed(
    cells: CellKind,
    rate: DoseRate | None,
    beam: Fractions | None,
    until_d: ArrayLike | None = None,
) -> Bed:
    """BED of one kind of cell, with its own dose of the radionuclide."""
    own = None if rate is None else rate.scaled(cells.dose_factor)
    return biologically_effective_dose(cells.tissue, own, beam, until_d)


def stem_cell_control(
    tumor: StemCellTumor,
    cells: ArrayLike,
    rate: DoseRate | None = None,
    beam: Fractions | None = None,
    *,
    exposure: ArrayLike = 0.0,
    distribution: DoseDistribution = UNIFORM,
    alpha_spread: float = 0.0,
) -> Floats:
    """Probability of control: that no stem cell survives radiation and drug.

    Stem cells repopulate during treatment with the tumor's doubling time; what is counted ends
    with their fewest.

    Parameters
    ----------
    tumor : StemCellTumor
    cells : array_like, shape (...)
        All cells at the start.
    rate, beam
        As in `biologically_effective_dose`; one of them at least.
    exposure : array_like, shape (...)
        Of the drug, in the unit of the cells' `drug_kill_per_exposure`.
    distribution, alpha_spread
        As in `control_probability`.
    """
    part = tumor.stem.tissue
    growing = Sensitivity.of(
        part.alpha_per_Gy, part.alpha_beta_Gy, part.repair, tumor.doubling_time_d
    )
    own = None if rate is None else rate.scaled(tumor.stem.dose_factor)
    bed = biologically_effective_dose(growing, own, beam)
    spared = np.exp(-tumor.stem.drug_kill_per_exposure * _exposure(exposure))
    number = np.asarray(cells, dtype=float) * tumor.stem_share * spared
    return control_probability(bed, number, distribution, alpha_spread)


def _exposure(exposure: ArrayLike) -> Floats:
    value = np.asarray(exposure, dtype=float)
    if np.any(value < 0):
        raise PhysicsRangeError(f"exposure {value.min():g}: it is not negative")
    return value


def killed(
    cells: CellKind,
    time_d: Floats,
    rate: DoseRate | None,
    beam: Fractions | None,
    exposure: Floats | None = None,
) -> Floats:
    """Return -ln of the survival up to some times by radiation and drug, shape (..., times).

    Parameters
    ----------
    cells : CellKind
    time_d : ndarray, shape (times,)
    rate, beam
        As in `biologically_effective_dose`.
    exposure : ndarray, shape (..., times), optional
        Cumulative exposure to the drug.
    """
    effects: list[Floats] = []
    alpha = cells.tissue.alpha_per_Gy
    for t in time_d:
        if t <= 0 or (rate is None and beam is None):
            effects.append(np.zeros(()))
        else:
            effects.append(alpha * cells_bed(cells, rate, beam, t).total_Gy)
    out = np.stack(np.broadcast_arrays(*effects), axis=-1)
    if exposure is None:
        return out
    return out + cells.drug_kill_per_exposure * _exposure(exposure)


def regrowth(
    tumor: StemCellTumor,
    time_d: ArrayLike,
    rate: DoseRate | None = None,
    beam: Fractions | None = None,
    exposure: ArrayLike | None = None,
) -> Regrowth:
    """Stem cells and progeny after radiation and drug: shrinkage and regrowth.

    The kill of each kind is exact at the given times and even between them; stem cells are exact,
    progeny to second order in the steps.

    Parameters
    ----------
    tumor : StemCellTumor
    time_d : array_like, shape (times,)
        Increasing from 0.
    rate, beam
        As in `biologically_effective_dose`.
    exposure : array_like, shape (..., times), optional
        Cumulative exposure to the drug.
    """
    t = np.asarray(time_d, dtype=float)
    if t.ndim != 1 or t.size < 2 or t[0] != 0 or np.any(np.diff(t) <= 0):
        raise PhysicsRangeError("regrowth: times increase strictly from 0 d")
    drug = None if exposure is None else np.asarray(exposure, dtype=float)
    growth, loss = np.log(2) / tumor.doubling_time_d, np.log(2) / tumor.progeny_half_life_d
    share = tumor.stem_share
    stem = share * np.exp(growth * t - killed(tumor.stem, t, rate, beam, drug))
    lost = loss * t + killed(tumor.progeny, t, rate, beam, drug)
    feed = (growth + loss) * (1.0 - share) / share
    progeny = np.zeros(np.broadcast_shapes(stem.shape, lost.shape))
    progeny[..., 0] = 1.0 - share
    for k in range(t.size - 1):
        step = lost[..., k + 1] - lost[..., k]
        with_stem = step + np.log(stem[..., k + 1] / stem[..., k])
        fed = feed * (t[k + 1] - t[k]) * stem[..., k] * np.exp(-step) * _mean_exp(with_stem)
        progeny[..., k + 1] = progeny[..., k] * np.exp(-step) + fed
    return Regrowth(t, stem, progeny)


def _mean_exp(x: Floats) -> Floats:
    """Mean of exp over 0 to x: (exp(x) - 1)/x."""
    small = np.abs(x) < 1e-6
    safe = np.where(small, 1.0, x)
    return np.where(small, 1.0 + 0.5 * x, np.expm1(safe) / safe)
