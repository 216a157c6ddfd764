r"""A tumor that grows, is killed by a drug or by radiation, and clears what is doomed.

Populations of living cells :math:`x_p` share one growth law of the whole mass :math:`w`; what is
killed passes through stages :math:`d_1 \dots d_n` before it is gone [S04]_:

.. math::
    \dot x_p &= g(w) x_p - k_p(t) x_p, \qquad
    g(w) = \lambda_0 / [1 + (\lambda_0 w/\lambda_1)^\psi]^{1/\psi}, \\
    \dot d_1 &= \sum_p k_p x_p - k_1 d_1, \qquad \dot d_i = k_1 (d_{i-1} - d_i), \qquad
    w = \sum_p x_p + \sum_i d_i, \\
    k_p &= k_{2,p} C(t) + \alpha_p \dot D_p \Big(1 + \frac{2}{(\alpha/\beta)_p}
           \sum_j s_j q_{p,j}\Big), \qquad \dot q_{p,j} = \dot D_p - \mu_j q_{p,j}.

:math:`q` is the dose that waits for repair: over a whole treatment the integral of :math:`k_p` is
the linear-quadratic effect :math:`\alpha D + \beta G D^2` with incomplete repair [G13]_.

A further population of stem cells has its own uptake, radiosensitivity and drug sensitivity; what
it has above its first share of the living cells turns into the first population at a rate.

Range: the dose rate is given; it is not raised when the tumor shrinks. Cells are mass (1 g is taken
as 1 mL where a volume was measured: assumed).

References
----------
.. [S04] M. Simeoni et al., Cancer Res. 64, 1094 (2004), doi:10.1158/0008-5472.CAN-03-2524
.. [G13] J. Gustafsson et al., Phys. Med. Biol. 58, 1507 (2013)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.concentration import ConcentrationTag, DrugExposure, require_tag
from pdcraft.response.sensitivity import Sensitivity
from pdcraft.response.tumor_curve import TumorCurve, integrated
from pdcraft.response.tumor_rates import TumorRates, Waiting

__all__ = ["DrugKill", "TumorCells", "TumorGrowth", "grow"]

STAGES = 3


@dataclass(frozen=True, slots=True)
class TumorGrowth:
    """Growth without treatment, and the way of doomed cells out.

    Parameters
    ----------
    mass_g : array_like, shape (...)
        At time 0, above zero.
    lambda0_per_d : array_like, shape (...)
        Exponential growth, zero or more.
    lambda1_g_per_d : array_like, shape (...)
        Linear growth, above zero; infinite for none.
    psi : array_like, shape (...)
        Sharpness of the change, above zero.
    transit_per_d : array_like, shape (...)
        Rate constant of each stage of doomed cells, above zero.
    stages : int
        One or more.

    Raises
    ------
    PhysicsRangeError
        For a value out of range.
    """

    mass_g: Floats
    lambda0_per_d: Floats
    lambda1_g_per_d: Floats
    psi: Floats
    transit_per_d: Floats
    stages: int = STAGES

    @classmethod
    def of(
        cls,
        mass_g: ArrayLike,
        lambda0_per_d: ArrayLike,
        lambda1_g_per_d: ArrayLike = np.inf,
        psi: ArrayLike = 20.0,
        transit_per_d: ArrayLike = 1.0,
        stages: int = STAGES,
    ) -> TumorGrowth:
        """Make one from numbers or arrays."""
        return cls(
            frozen(mass_g, "tumor mass"),
            frozen(lambda0_per_d, "exponential growth"),
            frozen(lambda1_g_per_d, "linear growth", finite=False),
            frozen(psi, "psi"),
            frozen(transit_per_d, "transit of doomed cells"),
            stages,
        )

    def __post_init__(self) -> None:
        for name in ("mass_g", "lambda1_g_per_d", "psi", "transit_per_d"):
            value = getattr(self, name)
            if not np.all(value > 0):
                raise PhysicsRangeError(f"tumor growth: {name} {np.min(value):g}; above zero")
        if np.any(self.lambda0_per_d < 0):
            raise PhysicsRangeError(
                f"tumor growth: lambda0_per_d {self.lambda0_per_d.min():g}; zero or more"
            )
        if self.stages < 1:
            raise PhysicsRangeError(
                f"tumor growth: {self.stages} stages of doomed cells; 1 or more"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """The leading axes."""
        return np.broadcast_shapes(
            self.mass_g.shape,
            self.lambda0_per_d.shape,
            self.lambda1_g_per_d.shape,
            self.psi.shape,
            self.transit_per_d.shape,
        )


@dataclass(frozen=True, slots=True)
class DrugKill:
    """Kill of cells in proportion to a concentration, and which one that is.

    Parameters
    ----------
    slope_per_d : array_like, shape (...)
        Per day and unit of `tag`; zero or more.
    tag : ConcentrationTag
        Without it the slope cannot be used.
    """

    slope_per_d: Floats
    tag: ConcentrationTag

    def __post_init__(self) -> None:
        require_tag(self.tag, self.tag)
        object.__setattr__(self, "slope_per_d", frozen(self.slope_per_d, "drug kill"))
        if np.any(self.slope_per_d < 0):
            raise PhysicsRangeError(
                f"drug kill: slope {self.slope_per_d.min():g} per d; zero or more"
            )


@dataclass(frozen=True, slots=True)
class TumorCells:
    """One population of living cells.

    Parameters
    ----------
    name : str
        ``bulk``, ``stem`` ...
    share : array_like, shape (...)
        Of the living cells at time 0, above 0 to 1.
    sensitivity : Sensitivity, optional
        To radiation; none is not killed by it. Its repopulation must be infinite: growth is here.
    relative_dose : array_like, shape (...)
        Dose rate over the tumor's: uptake of its own.
    drug : DrugKill, optional
    turns_per_d : array_like, shape (...)
        Rate at which an excess over its first share turns into the first population.
    """

    name: str = "bulk"
    share: ArrayLike = 1.0
    sensitivity: Sensitivity | None = None
    relative_dose: ArrayLike = 1.0
    drug: DrugKill | None = None
    turns_per_d: ArrayLike = 0.0

    def __post_init__(self) -> None:
        for name in ("share", "relative_dose", "turns_per_d"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"{self.name}: {name}"))
        share, other = np.asarray(self.share), (self.relative_dose, self.turns_per_d)
        if not np.all((share > 0) & (share <= 1)):
            raise PhysicsRangeError(f"{self.name}: share {share.min():g}; above 0 and at most 1")
        if any(np.any(np.asarray(v) < 0) for v in other):
            raise PhysicsRangeError(f"{self.name}: relative dose and turning rate are not negative")
        if self.sensitivity is not None and self.sensitivity.repopulates:
            raise DataError(
                f"{self.name}: the radiosensitivity brings a doubling time, but this model grows "
                "its cells itself; leave the doubling time infinite"
            )


def grow(
    growth: TumorGrowth,
    cells: Sequence[TumorCells],
    time_d: ArrayLike,
    *,
    dose_rate: DoseRate | None = None,
    exposure: DrugExposure | None = None,
    step_d: float | None = None,
) -> TumorCurve:
    """Mass of a tumor against time under a dose rate, a drug, both or none.

    Parameters
    ----------
    growth : TumorGrowth
    cells : sequence of TumorCells
        Shares sum to 1; names differ.
    time_d : array_like, shape (times,)
        Increasing; the first is the start, usually 0.
    dose_rate : DoseRate, optional
        In the tumor, Gy/h; hour 0 is day 0.
    exposure : DrugExposure, optional
        With the same tag as the cells' slopes.
    step_d : float, optional
        Fixed steps; by default the error is controlled for few systems and steps follow the fastest
        rate for many.

    Raises
    ------
    DataError, KindError
        For a drug without a slope, a slope without a drug's tag, or tags that differ.
    PhysicsRangeError
        For shares that do not sum to 1.

    Examples
    --------
    >>> free = grow(TumorGrowth.of(0.1, 0.1), [TumorCells()], [0.0, 10.0])
    >>> round(free.mass_g[-1].item(), 6)
    0.271828
    """
    _checked(cells, exposure, dose_rate)
    shape = np.broadcast_shapes(
        growth.shape,
        () if dose_rate is None else dose_rate.shape,
        () if exposure is None else exposure.shape,
        *(_shape(c) for c in cells),
    )

    def flat(value: ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(value, dtype=float), shape).ravel()

    waiting = [
        Waiting(index, flat(share), flat(mu) * 24.0)
        for index, c in enumerate(cells)
        if c.sensitivity is not None and dose_rate is not None
        for mu, share in c.sensitivity.repair.parts()
    ]
    rates = TumorRates(
        mass=flat(growth.mass_g),
        lambda0=flat(growth.lambda0_per_d),
        lambda1=flat(growth.lambda1_g_per_d),
        psi=flat(growth.psi),
        transit=flat(growth.transit_per_d),
        stages=growth.stages,
        share=np.stack([flat(c.share) for c in cells]),
        turns=np.stack([flat(c.turns_per_d) for c in cells]),
        slope=np.stack([flat(c.drug.slope_per_d if c.drug else 0.0) for c in cells]),
        alpha=np.stack([flat(c.sensitivity.alpha_per_Gy if c.sensitivity else 0.0) for c in cells]),
        quadratic=np.stack(
            [flat(2.0 / c.sensitivity.alpha_beta_Gy if c.sensitivity else 0.0) for c in cells]
        ),
        relative=np.stack([flat(c.relative_dose) for c in cells]),
        waiting=tuple(waiting),
        dose_rate=None if dose_rate is None else lambda d: 24.0 * flat(dose_rate.at(24.0 * d)),
        concentration=None if exposure is None else lambda d: flat(exposure.at(24.0 * d)),
        breaks_d=_breaks_d(dose_rate, exposure),
        drivers_per_d=_fastest_driver_per_d(dose_rate, exposure),
    )
    states = integrated(rates, time_d, step_d)
    names = (*(c.name for c in cells), *(f"doomed {i + 1}" for i in range(growth.stages)))
    return TumorCurve.of(time_d, states[:, : len(names)], names, shape)


def _breaks_d(dose_rate: DoseRate | None, exposure: DrugExposure | None) -> Floats:
    found = [np.empty(0)]
    if dose_rate is not None:
        at = dose_rate.samples[0] if dose_rate.is_sampled else dose_rate.terms[2]
        found.append(np.unique(at))
    if exposure is not None:
        found.append(exposure.breaks_h)
    return np.unique(np.concatenate(found)) / 24.0


def _fastest_driver_per_d(dose_rate: DoseRate | None, exposure: DrugExposure | None) -> float:
    rates = [0.0]
    if dose_rate is not None and not dose_rate.is_sampled:
        rates.append(float(dose_rate.terms[1].max()))
    if exposure is not None:
        rates.append(float(exposure.rate_per_h.max()))
    return 24.0 * max(rates)


def _shape(cells: TumorCells) -> tuple[int, ...]:
    shapes = [np.shape(v) for v in (cells.share, cells.relative_dose, cells.turns_per_d)]
    if cells.drug is not None:
        shapes.append(cells.drug.slope_per_d.shape)
    if cells.sensitivity is not None:
        s = cells.sensitivity
        shapes += [s.alpha_per_Gy.shape, s.alpha_beta_Gy.shape, s.repair.half_life_h.shape[:-1]]
    return np.broadcast_shapes(*shapes)


def _checked(
    cells: Sequence[TumorCells], exposure: DrugExposure | None, dose_rate: DoseRate | None
) -> None:
    if not cells or len({c.name for c in cells}) < len(cells):
        raise DataError("a tumor has one or more populations of cells, with different names")
    total = np.asarray(sum(np.asarray(c.share) for c in cells))
    if np.any(np.abs(total - 1.0) > 1e-9):
        raise PhysicsRangeError(f"tumor: shares of the populations sum to {total.flat[0]:g}, not 1")
    slopes = [c.drug for c in cells if c.drug is not None]
    if exposure is not None and not slopes:
        raise DataError(
            f"tumor: an exposure to {exposure.tag.drug} but no population has a drug's slope; give "
            "TumorCells(drug=DrugKill(...))"
        )
    for drug in slopes if exposure is not None else ():
        require_tag(drug.tag, exposure.tag if exposure else None)
    if dose_rate is not None and not any(c.sensitivity for c in cells):
        raise DataError(
            "tumor: a dose rate but no population has a radiosensitivity; give "
            "TumorCells(sensitivity=...)"
        )
