"""Where the conjugate goes: the carrier's compartments, each with the kind of site that it is.

A stage that knows the carrier makes one; this stage only cleaves in it and never asks how its
rates came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.exposure.linker import SITES, Site
from pdcraft.numerics.compartments import LinearSystem

__all__ = ["ConjugateNetwork"]


@dataclass(frozen=True, slots=True, eq=False)
class ConjugateNetwork:
    """Compartments of the conjugate as if nothing cleaved it.

    Parameters
    ----------
    system : LinearSystem
        Batch axis: draws. Amounts of carrier; what leaves is excreted or broken down whole.
    sites : mapping of state to {"plasma", "tissue", "tumor"}
        Of every state.
    start : str
        State that receives a dose.
    plasma_mL, tissue_g, tumor_g : float or ndarray, shape (draws,)
        Over which the conjugate of a site spreads.
    marrow_per_g : mapping of state to ndarray
        Share of a state's amount that lies in a gram of marrow; marrow is part of the tissue.
    uncleaved : frozenset of str
        States that belong to their site but hold the conjugate where nothing cleaves it, such as
        the outside of a cell's membrane.

    Raises
    ------
    DataError
        If a state has no site, or a site is unknown.
    PhysicsRangeError
        If a size is not above zero.
    """

    system: LinearSystem
    sites: Mapping[str, Site]
    start: str
    plasma_mL: float | Floats
    tissue_g: float | Floats
    tumor_g: float | Floats
    marrow_per_g: Mapping[str, Floats]
    uncleaved: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        missing = [s for s in self.system.states if s not in self.sites]
        if missing:
            raise DataError(
                f"conjugate: state '{missing[0]}' has no site; it is one of {', '.join(SITES)}"
            )
        for state, site in self.sites.items():
            if site not in SITES:
                raise DataError(f"conjugate: '{site}' of {state} is no site: {', '.join(SITES)}")
        for name in ("plasma_mL", "tissue_g", "tumor_g"):
            size = np.asarray(getattr(self, name), dtype=float)
            if not np.all(size > 0):
                raise PhysicsRangeError(f"conjugate: {name} is {size.min():g}; it is above zero")
        for state in (self.start, *self.uncleaved):
            self.system.index(state)

    def of_site(self, site: Site) -> tuple[int, ...]:
        """Places of a site's states."""
        return tuple(i for i, s in enumerate(self.system.states) if self.sites[s] == site)

    def cleaved(self, site: Site) -> tuple[int, ...]:
        """Places of a site's states in which the linker is cleaved."""
        states = self.system.states
        return tuple(i for i in self.of_site(site) if states[i] not in self.uncleaved)

    def size(self, site: Site) -> Floats:
        """Volume (mL) or mass (g) of a site."""
        sizes = {"plasma": self.plasma_mL, "tissue": self.tissue_g, "tumor": self.tumor_g}
        return np.asarray(sizes[site], dtype=float)
