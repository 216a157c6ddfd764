"""Drug concentrations that say what they are of: a drug parameter works only on its own kind.

A slope per ng/mL of total drug in mouse plasma means nothing against unbound drug in a human tumor:
`ConcentrationTag` travels with parameters and with exposures, and a model refuses two that differ.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.errors import DataError, KindError, PhysicsRangeError

__all__ = ["BINDINGS", "SITES", "UNITS", "ConcentrationTag", "DrugExposure", "require_tag"]

SITES = ("plasma", "blood", "tumor")
BINDINGS = ("total", "unbound")
#: Units by what they count, each with its size in ng/mL or in nmol/L.
UNITS: dict[str, tuple[str, float]] = {
    "ng/mL": ("mass", 1.0),
    "ug/L": ("mass", 1.0),
    "ug/mL": ("mass", 1e3),
    "mg/L": ("mass", 1e3),
    "nmol/L": ("molar", 1.0),
    "umol/L": ("molar", 1e3),
}


@dataclass(frozen=True, slots=True)
class ConcentrationTag:
    """Which concentration a parameter was estimated on, or an exposure gives.

    Parameters
    ----------
    drug : str
    species : str
        mouse, rat, human ...
    site : {"plasma", "blood", "tumor"}
    binding : {"total", "unbound"}
    unit : str
        One of `UNITS`.

    Raises
    ------
    DataError
        If a part is missing or unknown.

    Examples
    --------
    >>> ConcentrationTag("paclitaxel", "mouse", "plasma", "total", "ng/mL").text
    'total paclitaxel in mouse plasma, ng/mL'
    """

    drug: str
    species: str
    site: str
    binding: str
    unit: str

    def __post_init__(self) -> None:
        for part in ("drug", "species"):
            if not getattr(self, part).strip():
                raise DataError(f"concentration tag: {part} is empty; name it")
        for part, known in (("site", SITES), ("binding", BINDINGS), ("unit", tuple(UNITS))):
            name = look_up(
                part,
                getattr(self, part),
                index_of((k, ()) for k in known),
                f"a concentration tag has one of {', '.join(known)}",
            )
            object.__setattr__(self, part, name)

    @property
    def text(self) -> str:
        """The tag in words."""
        return f"{self.binding} {self.drug} in {self.species} {self.site}, {self.unit}"


def require_tag(parameters: ConcentrationTag | None, exposure: ConcentrationTag | None) -> None:
    """Refuse parameters and an exposure that do not speak of the same concentration.

    Raises
    ------
    DataError
        If one of them has no tag.
    KindError
        If the tags differ; every difference is named.
    """
    if parameters is None or exposure is None:
        whose = "parameters have" if parameters is None else "exposure has"
        raise DataError(
            f"the {whose} no concentration tag; say which drug, species, site, binding and unit "
            "the number belongs to (ConcentrationTag)"
        )
    unlike = [
        f"{f.name} '{getattr(parameters, f.name)}' and '{getattr(exposure, f.name)}'"
        for f in fields(ConcentrationTag)
        if getattr(parameters, f.name) != getattr(exposure, f.name)
    ]
    if unlike:
        raise KindError(
            f"parameters are for {parameters.text}; the exposure is {exposure.text}: "
            f"{'; '.join(unlike)}. Give the exposure that the parameters were estimated on"
            + (", or convert its unit with converted()" if len(unlike) == 1 else "")
        )


@dataclass(frozen=True, slots=True)
class DrugExposure:
    r"""Concentration against time as exponential pieces, leading axes (draw, subject) or none.

    :math:`C(t) = \sum_{p:\,t \ge s_p} c_p e^{-r_p (t - s_p)}`. Make one with `bolus` or `infusion`.

    Parameters
    ----------
    tag : ConcentrationTag
    coefficient : ndarray, shape (..., pieces)
        In the tag's unit; may be negative where pieces cancel.
    rate_per_h : ndarray, shape (..., pieces)
        Zero or more.
    at_h : ndarray, shape (pieces,)
        Starts, the same for all.
    """

    tag: ConcentrationTag
    coefficient: Floats
    rate_per_h: Floats
    at_h: Floats

    def __post_init__(self) -> None:
        c, r = np.broadcast_arrays(np.atleast_1d(self.coefficient), np.atleast_1d(self.rate_per_h))
        at = frozen(np.atleast_1d(self.at_h), "start of a piece of exposure")
        object.__setattr__(self, "coefficient", frozen(c, "coefficient of exposure"))
        object.__setattr__(self, "rate_per_h", frozen(r, "rate constant of exposure"))
        object.__setattr__(self, "at_h", at)
        if at.ndim != 1 or c.shape[-1] != at.size:
            raise DataError(
                f"drug exposure: coefficients {c.shape} for starts {at.shape}; wanted "
                "(..., pieces) and (pieces,)"
            )
        if np.any(r < 0) or np.any(at < 0):
            raise PhysicsRangeError(
                f"drug exposure: rate {r.min():g} per h, start {at.min():g} h; neither is negative"
            )

    @classmethod
    def bolus(
        cls,
        tag: ConcentrationTag,
        coefficient: ArrayLike,
        rate_per_h: ArrayLike,
        at_h: ArrayLike = 0.0,
    ) -> DrugExposure:
        """Concentration after bolus doses, each the same sum of exponentials.

        Parameters
        ----------
        tag : ConcentrationTag
        coefficient, rate_per_h : array_like, shape (..., terms)
            After one dose; coefficients zero or more, rates above zero.
        at_h : array_like, shape (doses,)

        Examples
        --------
        >>> tag = ConcentrationTag("paclitaxel", "mouse", "plasma", "total", "ng/mL")
        >>> DrugExposure.bolus(tag, 5000.0, 0.3, [0.0, 24.0]).at(0.0).item()
        5000.0
        """
        c, r, at = _checked_dose(coefficient, rate_per_h, at_h)
        return cls(tag, np.tile(c, at.size), np.tile(r, at.size), np.repeat(at, c.shape[-1]))

    @classmethod
    def infusion(
        cls,
        tag: ConcentrationTag,
        coefficient: ArrayLike,
        rate_per_h: ArrayLike,
        at_h: ArrayLike,
        duration_h: float,
    ) -> DrugExposure:
        """Concentration of infusions at a constant rate.

        Parameters
        ----------
        tag, coefficient, rate_per_h, at_h
            As for `bolus`: what the whole dose would give at once.
        duration_h : float
            Above zero.
        """
        if not 0 < duration_h < np.inf:
            raise PhysicsRangeError(
                f"infusion of {duration_h:g} h: its duration is above 0 h; use bolus for none"
            )
        c, r, at = _checked_dose(coefficient, rate_per_h, at_h)
        level = c / (r * duration_h)  # each term climbs to it: a constant less an exponential
        one = np.concatenate([level, -level, -level, level], axis=-1)
        rates = np.concatenate([np.zeros_like(r), r, np.zeros_like(r), r], axis=-1)
        starts = np.repeat([0.0, 0.0, duration_h, duration_h], c.shape[-1])
        shifted = (at[:, None] + starts).ravel()
        return cls(tag, np.tile(one, at.size), np.tile(rates, at.size), shifted)

    @property
    def shape(self) -> tuple[int, ...]:
        """The leading axes."""
        return self.coefficient.shape[:-1]

    @property
    def breaks_h(self) -> Floats:
        """Times at which the concentration jumps or turns."""
        return np.unique(self.at_h)

    def at(self, time_h: ArrayLike) -> Floats:
        """Concentration, shape (...) for a scalar time and (..., times) for an array."""
        t = np.asarray(time_h, dtype=float)
        since = t[..., None] - self.at_h
        c, r = (v[(...,) + (None,) * t.ndim + (slice(None),)] for v in self._pieces)
        value = c * np.exp(-r * np.maximum(since, 0.0))
        return np.where(since >= 0, value, 0.0).sum(axis=-1)

    @property
    def _pieces(self) -> tuple[Floats, Floats]:
        return self.coefficient, self.rate_per_h

    def converted(self, unit: str, molar_mass_g_per_mol: float | None = None) -> DrugExposure:
        """Return the same exposure in another unit.

        Parameters
        ----------
        unit : str
            One of `UNITS`.
        molar_mass_g_per_mol : float, optional
            Needed between mass and amount.

        Raises
        ------
        DataError
            If the molar mass is needed and missing.

        Examples
        --------
        >>> tag = ConcentrationTag("paclitaxel", "human", "plasma", "total", "umol/L")
        >>> round(DrugExposure.bolus(tag, 1.0, 0.1).converted("ng/mL", 853.92).at(0.0).item(), 6)
        853.92
        """
        tag = replace(self.tag, unit=unit)
        (old_kind, old), (new_kind, new) = UNITS[self.tag.unit], UNITS[tag.unit]
        factor = old / new
        if old_kind != new_kind:
            if molar_mass_g_per_mol is None or not molar_mass_g_per_mol > 0:
                raise DataError(
                    f"{self.tag.unit} to {tag.unit} of {self.tag.drug}: mass and amount of "
                    "substance; give the molar mass, above 0 g/mol"
                )
            grams = molar_mass_g_per_mol * 1e-3  # 1 nmol/L is that many ng/mL
            factor *= grams if old_kind == "molar" else 1.0 / grams
        return replace(self, tag=tag, coefficient=self.coefficient * factor)


def _checked_dose(
    coefficient: ArrayLike, rate_per_h: ArrayLike, at_h: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    c, r = np.broadcast_arrays(
        np.atleast_1d(np.asarray(coefficient, float)), np.atleast_1d(np.asarray(rate_per_h, float))
    )
    at = np.atleast_1d(np.asarray(at_h, dtype=float))
    if np.any(c < 0) or not np.all(r > 0):
        raise PhysicsRangeError(
            f"drug exposure: coefficient {c.min():g}, rate {r.min():g} per h; a dose gives no "
            "negative concentration and its terms decay"
        )
    return c, r, at
