r"""Absorbed doses of all targets from activities in all sources, draw by draw.

.. math:: d(T) = \sum_S \tilde a(S)\, S(T \leftarrow S)

Draws of an organ's mass change its self-dose: electrons as :math:`1/m`, photons as
:math:`m^{-2/3}`. Of red marrow and endosteum, electrons from red marrow go as :math:`1/m` of red
marrow, those from the skeleton as :math:`1/m` of the skeleton, photons stay: a mass table does the
same, but for photons below 5 keV, which it scales too.

``remainder`` is all that is not a source of its own, its activity even by mass, so that
:math:`S(T \leftarrow R)\, m_R = S(T \leftarrow TB)\, m_{TB} - \sum_h S(T \leftarrow h)\, m_h`; its
concentration, and the dose from it, do not change with the drawn mass of an organ.

Units: TIAC in h, masses in g, coefficients in mGy/MBq.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.notebook import Shown, Table, number
from pdcraft.dosimetry.marrow_s import MARROW_TARGETS
from pdcraft.dosimetry.organ_s import MARROW, PHOTON_SELF_POWER, SKELETON, TOTAL, OrganS
from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR
from pdcraft.dosimetry.tiac import (
    source_column,
    source_tiac,
    source_weights,
    words_of_soft_tissue,
)
from pdcraft.errors import ApproximationWarning, DataError, Problem

__all__ = ["PARTS", "OrganDose", "organ_dose", "uncertainty_shares"]

ROUNDING = 1e-24  # of a squared dose: what is left of a variance of equal numbers
PARTS = ("kinetics", "mass", "statistical")


@dataclass(frozen=True, slots=True, repr=False)
class OrganDose(Shown):
    """Doses of all targets per administered activity.

    Parameters
    ----------
    S : OrganS
    tiac_h : mapping of str to ndarray, shape (draws,)
        Of the sources as they count: no ``total_body``, but a ``remainder`` of all else.
    mass_g : mapping of str to ndarray, shape (draws,)
        Masses that were drawn.
    coefficient_mGy_per_MBq : ndarray, shape (draws, targets)
    std_err : ndarray, shape (targets,)
        Monte Carlo error of the mean dose.
    """

    S: OrganS
    tiac_h: Mapping[str, Floats]
    mass_g: Mapping[str, Floats]
    coefficient_mGy_per_MBq: Floats
    std_err: Floats

    def __post_init__(self) -> None:
        for name in ("coefficient_mGy_per_MBq", "std_err"):
            object.__setattr__(self, name, frozen(getattr(self, name), name))

    def _table(self) -> Table:
        draws = self.coefficient_mGy_per_MBq
        columns = {"mean": draws.mean(axis=0)}
        if len(draws) > 1:
            columns["2.5 %"], columns["97.5 %"] = np.quantile(draws, [0.025, 0.975], axis=0)
        columns["Monte Carlo error"] = self.std_err
        rows = [
            (target, *map(number, row))
            for target, *row in zip(
                self.targets, *(c.tolist() for c in columns.values()), strict=True
            )
        ]
        title = f"{self.S.body}, {self.S.nuclide}: absorbed dose coefficient, mGy/MBq"
        return Table(title, ("target", *columns), rows)

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets."""
        return self.S.targets

    @property
    def by_source(self) -> Mapping[str, Floats]:
        """Doses from each source, mGy/MBq, each (draws, targets); computed when looked up."""
        return _BySource(self)

    def target(self, name: str) -> Floats:
        """Dose coefficients of a target, or of the region that stands for it, shape (draws,).

        Raises
        ------
        DataError
            If the body has no such target.
        """
        known = self.S.stands_for.get(name, name)
        if known not in self.targets:
            raise DataError(
                f"{self.S.body} has no target '{name}'; it has {', '.join(self.targets)}"
            )
        return self.coefficient_mGy_per_MBq[:, self.targets.index(known)]


@dataclass(frozen=True, slots=True)
class _BySource(Mapping[str, Floats]):
    """Doses by source. All of 10,000 draws at once would take a tenth of a gigabyte and more."""

    dose: OrganDose

    def __getitem__(self, source: str) -> Floats:
        one = self.dose
        weight = source_weights(one.S, tuple(one.tiac_h))
        row = list(one.tiac_h).index(source)
        decays = SECONDS_PER_HOUR * one.tiac_h[source]
        out: Floats = decays[:, None] * (one.S.total @ weight[row])
        _other_masses(out, decays, one.S, source, one.mass_g)
        return out

    def __iter__(self) -> Iterator[str]:
        return iter(self.dose.tiac_h)

    def __len__(self) -> int:
        return len(self.dose.tiac_h)


def organ_dose(
    S: OrganS, tiac_h: Mapping[str, Floats], mass_g: Mapping[str, Floats] | None = None
) -> OrganDose:
    """Doses of all targets.

    Parameters
    ----------
    S : OrganS
    tiac_h : mapping of str to ndarray, shape (draws,)
        By source. Either ``remainder`` (all that is not listed) or ``total_body`` (the remainder
        is then what the listed leave of it), or neither.
    mass_g : mapping of str to ndarray, shape (draws,), optional
        Drawn masses of sources that are targets too; others have that of ``S``.

    Raises
    ------
    DataError
        For unknown sources, draws of different number, masses of what is no source or not above
        zero; whatever `pdcraft.dosimetry.tiac.source_tiac` refuses.

    Warns
    -----
    ApproximationWarning
        If ``muscle`` is a source of a body whose soft tissue of no organ stands for it.
    """
    out = _dose(S, tiac_h, mass_g)
    words = words_of_soft_tissue(S, tuple(out.tiac_h))
    if words:
        warnings.warn(words, ApproximationWarning, stacklevel=2)
    return out


def _dose(
    S: OrganS, tiac_h: Mapping[str, Floats], mass_g: Mapping[str, Floats] | None
) -> OrganDose:
    tiac = source_tiac(S, tiac_h)
    masses = _checked_masses(S, mass_g or {}, len(next(iter(tiac.values()))))
    weight = source_weights(S, tuple(tiac))
    decays = SECONDS_PER_HOUR * np.stack(list(tiac.values()), axis=1)
    dose = decays @ (weight @ S.total.T)
    for k, source in enumerate(tiac):
        _other_masses(dose, decays[:, k], S, source, masses)
    error = np.sqrt(S.std_err**2 @ (decays.mean(axis=0) @ weight) ** 2)
    return OrganDose(S, tiac, masses, dose, error)


def _other_masses(
    dose: Floats, decays: Floats, S: OrganS, source: str, mass_g: Mapping[str, Floats]
) -> None:
    """Add what a source's own drawn mass changes of its self-dose, in place."""
    column = source_column(S, source)
    if column is None or not mass_g:
        return
    for t in np.flatnonzero(S.own[:, column]):
        name = S.targets[t]
        groups = [g for g in mass_g if name in S.groups.get(g, ())]
        of = next((n for n in (name, *groups) if n in mass_g), None)
        if of is not None and name not in MARROW_TARGETS:
            ratio = S.target_mass_g[S.targets.index(of)] / mass_g[of]
            change = S.electron[t, column] * (ratio - 1.0)
            change += S.photon[t, column] * (ratio**PHOTON_SELF_POWER - 1.0)
            dose[:, t] += decays * change
    of = S.sources[column]
    if of in (MARROW, SKELETON) and of in mass_g:  # as of a table with this mass, in `marrow_S`
        more = S.target_mass_g[S.targets.index(of)] / mass_g[of] - 1.0
        for t in [S.targets.index(name) for name in MARROW_TARGETS if name in S.targets]:
            dose[:, t] += decays * S.electron[t, column] * more


def _checked_masses(S: OrganS, mass_g: Mapping[str, Floats], draws: int) -> Mapping[str, Floats]:
    out: dict[str, Floats] = {}
    problems: list[Problem] = []
    for name, values in mass_g.items():
        mass = np.atleast_1d(np.asarray(values, dtype=np.float64))
        if name not in S.targets or name == TOTAL:
            known = ", ".join(t for t in S.targets if t != TOTAL)
            problems.append(Problem(f"no mass of '{name}' can be drawn", hint=f"there are {known}"))
        elif mass.shape != (draws,):
            message = f"mass of {name} has shape {mass.shape}, activities have {draws} draws"
            problems.append(Problem(message))
        elif not np.all(ok := (mass > 0) & np.isfinite(mass)):
            message = f"mass of {name} is {mass[~ok][0]:g} g in a draw; it must be above zero"
            problems.append(Problem(message))
        out[name] = mass
    if problems:
        raise DataError(problems)
    return MappingProxyType(out)


def uncertainty_shares(dose: OrganDose) -> Mapping[str, Floats]:
    """Shares of the variance of each target's dose, by what is uncertain.

    The variance with one input drawn and the other at its mean, and the square of the Monte Carlo
    error, each over their sum. NaN where nothing is uncertain.

    Returns
    -------
    mapping of {"kinetics", "mass", "statistical"} to ndarray, shape (targets,)
    """
    n = len(dose.coefficient_mGy_per_MBq)

    def frozen_at_mean(draws: Mapping[str, Floats]) -> dict[str, Floats]:
        return {name: np.full(n, values.mean()) for name, values in draws.items()}

    kinetics = _dose(dose.S, dose.tiac_h, frozen_at_mean(dose.mass_g))
    mass = _dose(dose.S, frozen_at_mean(dose.tiac_h), dose.mass_g)
    parts = np.stack(
        [
            kinetics.coefficient_mGy_per_MBq.var(axis=0),
            mass.coefficient_mGy_per_MBq.var(axis=0),
            dose.std_err**2,
        ]
    )
    parts[parts < ROUNDING * dose.coefficient_mGy_per_MBq.mean(axis=0) ** 2] = 0.0
    total = parts.sum(axis=0)
    shares = np.divide(parts, total, out=np.full_like(parts, np.nan), where=total > 0)
    return dict(zip(PARTS, shares, strict=True))
