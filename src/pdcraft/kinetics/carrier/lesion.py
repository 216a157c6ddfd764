r"""Tumor of a patient: the mouse's calibrated tumor in the plasma of man.

No human figure speaks of uptake by a tumor outside the brain. The mouse's tumor parameters go to
man by time scaling: trapping slows and retention lengthens by the body-mass ratio to the power
:math:`1 - b`, with the exponent of clearance :math:`b = 0.74 \pm 0.16` over 91 compounds. That a
xenograft stands for a patient's lesion is assumed, right within a factor 4.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.parameters import host
from pdcraft.kinetics.carrier.scaling import CLEARANCE_EXPONENT
from pdcraft.numerics.inputs import stream

__all__ = ["XENOGRAFT_LOG_SD", "with_mouse_tumor"]

XENOGRAFT_LOG_SD = float(np.log(4.0) / 1.96)  # a patient's lesion against a xenograft: assumed


def with_mouse_tumor(
    human: Mapping[str, Floats], mouse: Mapping[str, Floats], seed: int
) -> dict[str, Floats]:
    """Put the mouse's tumor into draws of man.

    Parameters
    ----------
    human, mouse : mapping of str to ndarray, shape (n,)
        Draws of both species; they pair by place, independent of each other.
    seed : int

    Returns
    -------
    dict of str to ndarray, shape (n,)
    """
    n = next(iter(human.values())).size
    mean, sd = CLEARANCE_EXPONENT
    exponent = mean + sd * stream(seed, "kinetics.scaling.exponent").standard_normal(n)
    slower = (host("human").body_mass_g / host("mouse").body_mass_g) ** (1 - exponent)
    unit = stream(seed, "kinetics.scaling.xenograft").standard_normal(n)
    lesion = np.exp(XENOGRAFT_LOG_SD * unit)
    return dict(human) | {
        "tumor_trapping_mL_per_g_h": mouse["tumor_trapping_mL_per_g_h"] * lesion / slower,
        "tumor_partition_mL_per_g": mouse["tumor_partition_mL_per_g"],
        "tumor_retention_h": mouse["tumor_retention_h"] * slower,
    }
