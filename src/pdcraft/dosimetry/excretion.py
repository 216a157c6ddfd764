"""Coefficients of bladder and bowel contents from what the whole body loses."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.timecourse import TimeCourse
from pdcraft.dosimetry.alimentary import alimentary_tiac_h, stylised_regions
from pdcraft.dosimetry.bladder import contents_tiac_h
from pdcraft.dosimetry.inflow import inflow_of_losses
from pdcraft.dosimetry.tract import Tract
from pdcraft.dosimetry.urine_history import modeled_urine
from pdcraft.dosimetry.voiding import Bladder

__all__ = ["excretion_tiac_h"]

BLADDER = "urinary_bladder_contents"


def excretion_tiac_h(
    retention: TimeCourse,
    half_life_h: float,
    bladder: Bladder,
    *,
    urinary_share: ArrayLike,
    region: str = "total_body",
    tract: Tract | None = None,
) -> dict[str, Floats]:
    """Time-integrated activity coefficients of the contents that excretion passes, h.

    Parameters
    ----------
    retention : TimeCourse
        Amount fraction of the body without urine and bowel contents, without decay, as terms.
    half_life_h : float
        Physical.
    bladder : Bladder
    urinary_share : array_like, shape (draw, subject) or less
        Share of the loss that goes into the urine, 0 to 1; the rest enters the small intestine as
        bile.
    region : str
        In ``retention``.
    tract : Tract, optional
        The reference man's without gallbladder by default.

    Returns
    -------
    dict of str to ndarray, shape (draw, subject)
        By region of the stylised bodies. A whole body measured from outside holds these contents
        too; one of a model whose retention ends at urine and bile does not: there they come on top.

    Raises
    ------
    KindError, PhysicsRangeError
        As `pdcraft.dosimetry.inflow.inflow_of_losses`.
    """
    share = np.asarray(urinary_share, dtype=float)
    urine = inflow_of_losses(retention, region, share)
    bile = inflow_of_losses(retention, region, 1.0 - share)
    bowel = alimentary_tiac_h(half_life_h, tract, bile=bile)
    bowel.pop("stomach_contents")
    history = modeled_urine(bladder, urine)
    return {BLADDER: contents_tiac_h(history, half_life_h), **stylised_regions(bowel)}
