"""How a tissue answers radiation: sensitivity, repair, repopulation, in draws and subjects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.incomplete_repair import repair_rate_per_h
from pdcraft.physics.linear_quadratic import check_alpha, check_alpha_beta

__all__ = ["Repair", "Sensitivity"]

SUM_WITHIN = 1e-9


@dataclass(frozen=True, slots=True)
class Repair:
    """Repair of what could become lethal: one half-life, or several with their shares.

    Make one with `of`.

    Parameters
    ----------
    half_life_h : ndarray, shape (..., components)
    share : ndarray, shape (..., components)
        Of the damage; they sum to 1.
    """

    half_life_h: Floats
    share: Floats

    @classmethod
    def of(cls, *half_life_h: ArrayLike, share: ArrayLike | None = None) -> Repair:
        """Repair with one or several half-lives.

        Parameters
        ----------
        *half_life_h : array_like, shape (...)
            Each above 0 h; given once for one exponential, twice for two.
        share : array_like, shape (...), optional
            Of the first of two half-lives, 0 to 1; needed exactly when there are two.

        Raises
        ------
        PhysicsRangeError
            For a half-life or a share out of range.

        Examples
        --------
        >>> Repair.of(0.3, 4.0, share=0.5).components
        2
        """
        if len(half_life_h) not in (1, 2) or (share is None) != (len(half_life_h) == 1):
            raise DataError("repair has one half-life, or two and the share of the first")
        if share is None:
            parts = [np.ones(np.shape(half_life_h[0]))]
        else:
            first = np.asarray(share, dtype=float)
            if not np.all((first >= 0) & (first <= 1)):
                raise PhysicsRangeError(f"repair: share {first.min():g} to {first.max():g}; 0 to 1")
            parts = [first, 1.0 - first]
        halves = np.broadcast_arrays(*half_life_h, *parts)[: len(half_life_h)]
        shares = np.broadcast_arrays(*parts, *half_life_h)[: len(parts)]
        return cls(
            frozen(np.stack(halves, axis=-1), "repair half-life"),
            frozen(np.stack(shares, axis=-1), "repair share"),
        )

    def __post_init__(self) -> None:
        repair_rate_per_h(self.half_life_h)
        off = np.abs(self.share.sum(axis=-1) - 1.0)
        if self.share.shape != self.half_life_h.shape or np.any(off > SUM_WITHIN):
            raise DataError("repair: every half-life needs a share, and shares sum to 1")

    @property
    def components(self) -> int:
        """Number of half-lives."""
        return self.half_life_h.shape[-1]

    def parts(self) -> list[tuple[Floats, Floats]]:
        """Rate constant, 1/h, and share of each component, shapes (...)."""
        rates = repair_rate_per_h(self.half_life_h)
        return [(rates[..., k], self.share[..., k]) for k in range(self.components)]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Linear-quadratic parameters of clonogens or of an organ.

    Parameters
    ----------
    alpha_per_Gy, alpha_beta_Gy : array_like, shape (...)
        Above zero.
    repair : Repair
    doubling_time_d : array_like, shape (...)
        Of clonogens once they repopulate; infinite for none.
    kick_off_d : array_like, shape (...)
        Start of repopulation after the first dose.

    Raises
    ------
    PhysicsRangeError
        For values out of range.
    """

    alpha_per_Gy: Floats
    alpha_beta_Gy: Floats
    repair: Repair
    doubling_time_d: Floats
    kick_off_d: Floats

    @classmethod
    def of(
        cls,
        alpha_per_Gy: ArrayLike,
        alpha_beta_Gy: ArrayLike,
        repair: Repair,
        doubling_time_d: ArrayLike = np.inf,
        kick_off_d: ArrayLike = 0.0,
    ) -> Sensitivity:
        """Make one from numbers or arrays."""
        return cls(
            frozen(alpha_per_Gy, "alpha"),
            frozen(alpha_beta_Gy, "alpha/beta"),
            repair,
            frozen(doubling_time_d, "doubling time", finite=False),
            frozen(kick_off_d, "kick-off time"),
        )

    def __post_init__(self) -> None:
        check_alpha(self.alpha_per_Gy)
        check_alpha_beta(self.alpha_beta_Gy)
        if not np.all(self.doubling_time_d > 0):
            raise PhysicsRangeError(
                f"doubling time {np.min(self.doubling_time_d):g} d: above 0 d, or infinite for no "
                "repopulation"
            )
        if np.any(self.kick_off_d < 0):
            raise PhysicsRangeError(f"kick-off time {self.kick_off_d.min():g} d: zero or later")

    @property
    def repopulates(self) -> bool:
        """Whether clonogens grow during treatment."""
        return bool(np.any(np.isfinite(self.doubling_time_d)))

    @property
    def growth_per_h(self) -> Floats:
        """Growth rate constant after the kick-off, 1/h."""
        return np.log(2.0) / (24.0 * self.doubling_time_d)
