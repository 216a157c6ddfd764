"""Growth inhibition of xenografts by a drug after Simeoni: the shipped parameters and their tag.

References
----------
.. [S04] M. Simeoni et al., Cancer Res. 64, 1094 (2004), doi:10.1158/0008-5472.CAN-03-2524, as in
   code that transcribes its table 2
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml
from pdcraft.response.concentration import ConcentrationTag, DrugExposure, require_tag
from pdcraft.response.tumor_curve import TumorCurve
from pdcraft.response.tumor_growth import DrugKill, TumorCells, TumorGrowth, grow

__all__ = ["Simeoni", "paclitaxel_a2780", "simeoni"]


@dataclass(frozen=True, slots=True)
class Simeoni:
    """Parameters of the model, each a number or shape (...).

    Parameters
    ----------
    mass_g : array_like
        At time 0, w0.
    lambda0_per_d, lambda1_g_per_d, psi : array_like
        Growth.
    k1_per_d : array_like
        Passage of doomed cells.
    k2 : array_like
        Kill per day and unit of concentration.
    tag : ConcentrationTag
        What `k2` was estimated on: without it there is no model.
    """

    mass_g: Floats
    lambda0_per_d: Floats
    lambda1_g_per_d: Floats
    psi: Floats
    k1_per_d: Floats
    k2: Floats
    tag: ConcentrationTag

    def __post_init__(self) -> None:
        require_tag(self.tag, self.tag)
        for name in ("mass_g", "lambda0_per_d", "lambda1_g_per_d", "psi", "k1_per_d", "k2"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"Simeoni {name}"))


def paclitaxel_a2780(mass_g: ArrayLike | None = None) -> Simeoni:
    """Paclitaxel against A2780 xenografts in mice [S04]_.

    Parameters
    ----------
    mass_g : array_like, optional
        At time 0; by default 0.055 g, illustrative.

    Examples
    --------
    >>> one = paclitaxel_a2780()
    >>> round((one.lambda0_per_d / one.k2).item())  # ng/mL that, if steady, hold the living cells
    434
    """
    row = load_toml("response", "simeoni.toml")["paclitaxel_a2780"]
    return Simeoni(
        mass_g=frozen(row["mass_g"] if mass_g is None else mass_g, "tumor mass"),
        lambda0_per_d=row["lambda0_per_d"],
        lambda1_g_per_d=row["lambda1_g_per_d"],
        psi=row["psi"],
        k1_per_d=row["k1_per_d"],
        k2=row["k2_per_d_per_concentration"],
        tag=ConcentrationTag(**row["tag"]),
    )


def simeoni(
    parameters: Simeoni,
    exposure: DrugExposure | None,
    time_d: ArrayLike,
    *,
    step_d: float | None = None,
) -> TumorCurve:
    """Mass of a xenograft under a drug.

    Parameters
    ----------
    parameters : Simeoni
    exposure : DrugExposure or None
        None for the control. Its tag must be the parameters' own.
    time_d : array_like, shape (times,)
        Increasing, from 0.
    step_d : float, optional
        See `pdcraft.response.tumor_growth.grow`.

    Raises
    ------
    DataError, KindError
        Without a tag, or with tags that differ.

    Examples
    --------
    >>> control = simeoni(paclitaxel_a2780(), None, [0.0, 10.0])
    >>> round(control.mass_g[-1].item(), 4)
    0.8433
    """
    growth = TumorGrowth(
        parameters.mass_g,
        parameters.lambda0_per_d,
        parameters.lambda1_g_per_d,
        parameters.psi,
        parameters.k1_per_d,
    )
    cells = TumorCells("proliferating", drug=DrugKill(parameters.k2, parameters.tag))
    return grow(growth, [cells], time_d, exposure=exposure, step_d=step_d)
