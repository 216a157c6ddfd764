"""The alimentary tract as compartments: transit, gallbladder, absorption.

References
----------
.. [ICRP100] ICRP Publication 100, Human alimentary tract model for radiological protection,
   Ann. ICRP 36 (1-2) (2006)
.. [ICRP30] ICRP Publication 30, part 1, Ann. ICRP 2 (3-4) (1979)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.alimentary import TractTransit, tract_transit
from pdcraft.dosimetry.inflow import Inflow, check_axes
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.compartments import LinearSystem, Transfer

__all__ = ["FECES", "GALLBLADDER", "SMALL", "STOMACH", "Gallbladder", "Tract"]

GALLBLADDER, STOMACH = "gallbladder_contents", "stomach_contents"
SMALL, FECES = "small_intestine_contents", "feces"


@dataclass(frozen=True, slots=True)
class Gallbladder:
    """A gallbladder that takes up a share of the bile and empties by first order.

    Parameters
    ----------
    share : array_like, shape (...)
        Of the bile, 0 to 1; the rest flows straight into the small intestine.
    half_time_h : array_like, shape (...)
        Of its emptying, above zero.
    """

    share: ArrayLike
    half_time_h: ArrayLike

    def __post_init__(self) -> None:
        for name in ("share", "half_time_h"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"gallbladder: {name}"))
        share, half_time = np.asarray(self.share), np.asarray(self.half_time_h)
        if np.any(share < 0) or np.any(share > 1):
            raise PhysicsRangeError(
                f"gallbladder: takes {share.min():g} to {share.max():g} of the bile; give 0 to 1"
            )
        if np.any(half_time <= 0):
            raise PhysicsRangeError(
                f"gallbladder: empties with a half-time of {half_time.min():g} h; above 0 h only"
            )


@dataclass(frozen=True, slots=True)
class Tract:
    """An alimentary tract.

    Parameters
    ----------
    transit : str or TractTransit
        Name of a table in `pdcraft.data.alimentary`: ``icrp100-adult-male``,
        ``icrp100-adult-female``, ``icrp100-child``, ``icrp30``.
    gallbladder : Gallbladder, optional
        None: all bile flows straight into the small intestine.
    absorbed_fraction : array_like, shape (...)
        Fraction (without decay) of what reaches the small intestine that is absorbed there: it
        leaves the contents, and where it goes is the kinetics' matter. 0 to below 1.
    transit_factor : array_like, shape (...)
        Multiplies all residence times, for instance one per draw: transit differs much between
        people.

    Raises
    ------
    DataError
        For an unknown table, with near matches.
    PhysicsRangeError
        For an absorbed fraction or a factor outside its range.
    """

    transit: str | TractTransit = "icrp100-adult-male"
    gallbladder: Gallbladder | None = None
    absorbed_fraction: ArrayLike = 0.0
    transit_factor: ArrayLike = 1.0

    def __post_init__(self) -> None:
        absorbed = frozen(self.absorbed_fraction, "absorbed fraction")
        factor = frozen(self.transit_factor, "transit factor")
        object.__setattr__(self, "absorbed_fraction", absorbed)
        object.__setattr__(self, "transit_factor", factor)
        if np.any(absorbed < 0) or np.any(absorbed >= 1):
            raise PhysicsRangeError(
                f"absorbed fraction {absorbed.min():g} to {absorbed.max():g}; give 0 to below 1"
            )
        if np.any(factor <= 0):
            raise PhysicsRangeError(f"transit factor {factor.min():g}; give a number above 0")
        _ = self.table  # an unknown name is refused here

    @property
    def table(self) -> TractTransit:
        """Transit times."""
        return tract_transit(self.transit) if isinstance(self.transit, str) else self.transit

    @property
    def by_gallbladder(self) -> Floats:
        """Share of the bile that takes the way through the gallbladder, shape (...)."""
        return np.asarray(0.0 if self.gallbladder is None else self.gallbladder.share)

    def check(self, bile: Inflow) -> None:
        """Refuse values of the tract per draw beside bile per draw and subject."""
        check_axes("transit_factor", np.shape(self.transit_factor), bile)
        check_axes("absorbed_fraction", np.shape(self.absorbed_fraction), bile)
        check_axes("gallbladder: share", self.by_gallbladder.shape, bile)

    def system(self) -> LinearSystem:
        """Make the compartments, from the gallbladder or stomach to the feces."""
        table = self.table
        absorbed, factor = np.asarray(self.absorbed_fraction), np.asarray(self.transit_factor)
        states, transfers = [*table.regions, FECES], list[Transfer]()
        for source, target, hours in zip(states[:-1], states[1:], table.residence_h, strict=True):
            transfers.append(Transfer(source, target, 1.0 / (hours * factor)))
        if np.any(absorbed > 0):
            small = 1.0 / (table.residence_h[table.regions.index(SMALL)] * factor)
            transfers.append(Transfer(SMALL, None, small * absorbed / (1 - absorbed)))
        if self.gallbladder is not None:
            states.insert(0, GALLBLADDER)
            rate = np.log(2) / np.asarray(self.gallbladder.half_time_h)
            transfers.append(Transfer(GALLBLADDER, SMALL, rate))
        return LinearSystem.from_transfers(states, transfers)
