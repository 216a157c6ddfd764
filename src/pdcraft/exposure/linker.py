r"""Linkers: how fast a payload comes off in plasma, in normal tissue and in tumor cells.

A mechanism is a property of the linker; its rate is what the mechanism does in an environment:

.. math::
    k = \frac{\ln 2}{T_{1/2}}, \qquad
    k = \frac{\ln 2}{T_{1/2}}\,10^{\,m\,(\mathrm{pH}_0 - \mathrm{pH})}, \qquad
    k = k_2 [\mathrm{RSH}], \qquad
    k = \frac{V_{max}}{K_m + C}.

The last is an esterase that the conjugate can saturate: C is the conjugate's concentration at the
site. Several mechanisms at one site add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml
from pdcraft.errors import PhysicsRangeError

__all__ = [
    "SITES",
    "AcidLabile",
    "Environment",
    "FirstOrder",
    "Linker",
    "Mechanism",
    "Saturable",
    "Site",
    "ThiolLabile",
    "environment",
]

Site = Literal["plasma", "tissue", "tumor"]
SITES: tuple[Site, ...] = ("plasma", "tissue", "tumor")
LN2 = float(np.log(2.0))


@dataclass(frozen=True, slots=True)
class Environment:
    """What a linker meets at a site: pH, and thiols (glutathione above all) in mmol/L."""

    ph: float
    thiol_mM: float

    def __post_init__(self) -> None:
        if not 0 < self.ph < 14 or not 0 <= self.thiol_mM < np.inf:
            raise PhysicsRangeError(
                f"environment: pH {self.ph:g}, thiols {self.thiol_mM:g} mmol/L; a pH lies between "
                "0 and 14 and a concentration is zero or more"
            )


@cache
def environment(site: Site) -> Environment:
    """Return the assumed environment of a site."""
    row = load_toml("exposure", "environments.toml")[site]
    return Environment(row["ph"], row["thiol_mM"])


def _checked(value: ArrayLike, what: str, *, above_zero: bool = False) -> Floats:
    array = frozen(value, what, finite=False)
    wrong = np.isnan(array) | (array <= 0 if above_zero else array < 0)
    if np.any(wrong):
        rule = "above zero" if above_zero else "zero or more"
        raise PhysicsRangeError(
            f"linker: {what} is {array[wrong].flat[0]:g}; it is {rule}: cleavage does not run "
            "backward (leave the mechanism out for none)"
        )
    return array


@dataclass(frozen=True, slots=True)
class FirstOrder:
    """Cleavage with a half-life, whatever the environment; infinite for none."""

    half_life_h: ArrayLike

    def __post_init__(self) -> None:
        value = _checked(self.half_life_h, "half-life (h)", above_zero=True)
        object.__setattr__(self, "half_life_h", value)

    def rate_per_h(self, at: Environment) -> Floats:
        """Rate constant, 1/h."""
        del at
        return LN2 / np.asarray(self.half_life_h, dtype=float)


@dataclass(frozen=True, slots=True)
class AcidLabile:
    """Cleavage by acid: faster by `order` decades for each unit of pH below the reference."""

    half_life_h: ArrayLike
    reference_ph: float = 5.0
    order: float = 1.0

    def __post_init__(self) -> None:
        value = _checked(self.half_life_h, "half-life at the reference pH (h)", above_zero=True)
        object.__setattr__(self, "half_life_h", value)
        _checked(self.order, "decades per unit of pH")

    def rate_per_h(self, at: Environment) -> Floats:
        """Rate constant, 1/h."""
        gain = 10.0 ** (self.order * (self.reference_ph - at.ph))
        return gain * LN2 / np.asarray(self.half_life_h, dtype=float)


@dataclass(frozen=True, slots=True)
class ThiolLabile:
    """Cleavage in proportion to thiols, 1/(h mmol/L), such as of a disulfide by glutathione."""

    rate_per_h_mM: ArrayLike

    def __post_init__(self) -> None:
        value = _checked(self.rate_per_h_mM, "rate per thiol (1/(h mmol/L))")
        object.__setattr__(self, "rate_per_h_mM", value)

    def rate_per_h(self, at: Environment) -> Floats:
        """Rate constant, 1/h."""
        return np.asarray(self.rate_per_h_mM, dtype=float) * at.thiol_mM


@dataclass(frozen=True, slots=True)
class Saturable:
    """Cleavage by an enzyme after Michaelis and Menten.

    Parameters
    ----------
    largest_uM_per_h : array_like
        Vmax at the site.
    half_at_uM : array_like
        Km, of the conjugate's concentration at the site.
    """

    largest_uM_per_h: ArrayLike
    half_at_uM: ArrayLike

    def __post_init__(self) -> None:
        vmax = _checked(self.largest_uM_per_h, "Vmax of cleavage (umol/(L h))")
        km = _checked(self.half_at_uM, "Km of cleavage (umol/L)", above_zero=True)
        object.__setattr__(self, "largest_uM_per_h", vmax)
        object.__setattr__(self, "half_at_uM", km)

    def rate_at(self, conjugate_uM: Floats) -> Floats:
        """Rate constant at a concentration of conjugate, 1/h."""
        return np.asarray(self.largest_uM_per_h) / (np.asarray(self.half_at_uM) + conjugate_uM)


Mechanism = FirstOrder | AcidLabile | ThiolLabile | Saturable


@dataclass(frozen=True, slots=True)
class Linker:
    """A linker: mechanisms of cleavage by site.

    Parameters
    ----------
    name : str
    plasma, tissue, tumor : tuple of Mechanism
        None of them: stable there.
    environments : mapping of site to Environment, optional
        In place of the assumed ones.

    Examples
    --------
    >>> disulfide = Linker.same_everywhere("disulfide", [ThiolLabile(0.1)])
    >>> [round(float(disulfide.first_order_per_h(site)), 3) for site in SITES]
    [0.002, 0.2, 0.5]
    """

    name: str
    plasma: tuple[Mechanism, ...] = ()
    tissue: tuple[Mechanism, ...] = ()
    tumor: tuple[Mechanism, ...] = ()
    environments: tuple[tuple[Site, Environment], ...] = ()

    @classmethod
    def of_half_lives(
        cls, plasma_h: ArrayLike, tissue_h: ArrayLike, tumor_h: ArrayLike, name: str = "linker"
    ) -> Linker:
        """Make a first-order linker from its half-lives in h; infinite for none."""
        p, t, c = (
            FirstOrder(frozen(h, "half-life (h)", finite=False))
            for h in (plasma_h, tissue_h, tumor_h)
        )
        return cls(name, (p,), (t,), (c,))

    @classmethod
    def same_everywhere(
        cls,
        name: str,
        mechanisms: Iterable[Mechanism],
        environments: Iterable[tuple[Site, Environment]] = (),
    ) -> Linker:
        """Make one whose mechanisms act at all sites, each as its environment has it."""
        all_of_them = tuple(mechanisms)
        return cls(name, all_of_them, all_of_them, all_of_them, tuple(environments))

    def mechanisms(self, site: Site) -> tuple[Mechanism, ...]:
        """Return what acts at a site."""
        return {"plasma": self.plasma, "tissue": self.tissue, "tumor": self.tumor}[site]

    def first_order_per_h(self, site: Site) -> Floats:
        """Sum of what does not depend on the conjugate's concentration, 1/h."""
        at = dict(self.environments).get(site) or environment(site)
        rates = [m.rate_per_h(at) for m in self.mechanisms(site) if not isinstance(m, Saturable)]
        return np.sum(np.broadcast_arrays(*rates), axis=0) if rates else np.zeros(())

    def saturable(self, site: Site) -> tuple[Saturable, ...]:
        """Enzymes that act at a site."""
        return tuple(m for m in self.mechanisms(site) if isinstance(m, Saturable))

    @property
    def is_linear(self) -> bool:
        """Whether the rates do not depend on the dose."""
        return not any(self.saturable(site) for site in SITES)
