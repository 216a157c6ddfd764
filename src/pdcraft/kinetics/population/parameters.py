r"""Individual parameters: typical value, random effect, covariates.

Log-normal: :math:`\phi_i = \theta \prod_c (x_{ci}/x_c)^{e_c} \exp \eta_i`; normal:
:math:`\phi_i = \theta \prod_c (x_{ci}/x_c)^{e_c} + \eta_i`. The fixed effect is
:math:`\mu = \ln\theta` or :math:`\mu = \theta`.

References
----------
.. [AH08] B. J. Anderson, N. H. G. Holford, Annu. Rev. Pharmacol. Toxicol. 48, 303 (2008),
   doi:10.1146/annurev.pharmtox.48.113006.094708 (allometry: 3/4 for flows, 1 for volumes)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.errors import DataError

__all__ = ["FLOW_EXPONENT", "VOLUME_EXPONENT", "Covariate", "Parameter", "allometry"]

FLOW_EXPONENT = 0.75  # clearances and flows with body mass [AH08]
VOLUME_EXPONENT = 1.0  # volumes with body mass [AH08]
FIRST_SPREAD = 0.3  # where the search for a spread starts: 30 %


@dataclass(frozen=True, slots=True)
class Covariate:
    """A power of a covariate over its reference.

    Parameters
    ----------
    name : str
        Column of the records, positive.
    reference : float
        Value at which the typical value holds, positive.
    exponent : float
        Fixed, or where the search starts.
    estimate : bool
        Whether the exponent is a fixed effect of its own.
    """

    name: str
    reference: float
    exponent: float
    estimate: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.reference < np.inf or not np.isfinite(self.exponent):
            raise DataError(
                f"covariate {self.name}: reference {self.reference}, exponent {self.exponent}; "
                "the reference is positive and both are finite"
            )


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the structural model over the population.

    Parameters
    ----------
    name : str
        As the model calls it.
    start : float
        Typical value, natural scale, where the search starts (or stays).
    scale : {"log-normal", "normal"}
        How individuals spread; log-normal parameters are positive.
    random : bool
        Whether individuals differ beyond the covariates.
    fixed : bool
        Keep the typical value at ``start``.
    covariates : tuple of Covariate
    spread : float or None
        First guess of the SD of the random effect, on the scale of the spread. Default 0.3 for
        log-normal, 30 % of the start for normal.
    """

    name: str
    start: float
    scale: Literal["log-normal", "normal"] = "log-normal"
    random: bool = True
    fixed: bool = False
    covariates: tuple[Covariate, ...] = ()
    spread: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "covariates", tuple(self.covariates))
        if not np.isfinite(self.start) or (self.logarithmic and self.start <= 0):
            raise DataError(
                f"parameter {self.name}: start {self.start}; a log-normal parameter starts above "
                "0, a normal one at a finite value"
            )
        if self.spread is not None and not 0 < self.spread < np.inf:
            raise DataError(f"parameter {self.name}: spread {self.spread} must be positive")

    @property
    def logarithmic(self) -> bool:
        """Whether individuals are log-normal."""
        return self.scale == "log-normal"

    @property
    def start_effect(self) -> float:
        """Fixed effect where the search starts."""
        return float(np.log(self.start)) if self.logarithmic else self.start

    @property
    def unit_size(self) -> float:
        """Size of a change of the fixed effect that matters: 1 on the log scale."""
        return 1.0 if self.logarithmic else abs(self.start) or 1.0

    @property
    def start_spread(self) -> float:
        """SD of the random effect where the search starts."""
        return self.spread if self.spread is not None else FIRST_SPREAD * self.unit_size


def allometry(
    of: Literal["flow", "volume"],
    reference: float,
    *,
    name: str = "WT",
    estimate: bool = False,
) -> Covariate:
    """Body-mass effect on a flow (exponent 0.75) or a volume (1), fixed or estimated [AH08]_."""
    exponent = {"flow": FLOW_EXPONENT, "volume": VOLUME_EXPONENT}[of]
    return Covariate(name, reference, exponent, estimate)
