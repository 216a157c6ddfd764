r"""Free drug in a tissue so small that it takes nothing away, from its plasma equivalent.

.. math:: \dot T_f = \frac{P\,C_{eq} - (P + E)\,T_f}{1 + b}

solved exactly for an equivalent that is linear between the times.
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.exposure.drug import TissueExchange

__all__ = ["lagged"]


def lagged(times_h: Floats, equivalent_uM: Floats, tissue: TissueExchange) -> Floats:
    """Free concentration in the tissue, from none at the first time.

    Parameters
    ----------
    times_h : ndarray, shape (times,)
    equivalent_uM : ndarray, shape (..., times)
    tissue : TissueExchange
        Of linear binding.

    Returns
    -------
    ndarray, shape (..., times)
    """
    rate, gain = tissue.out_per_h, tissue.free_share
    out = np.zeros_like(equivalent_uM)
    for i, step in enumerate(np.diff(times_h)):
        x = rate * step
        decay = np.exp(-x)
        # weights of the two ends of a straight line under an exponential
        late = 1.0 - np.where(x > 1e-6, -np.expm1(-x) / np.where(x > 0, x, 1.0), 1.0 - x / 2)
        early = -np.expm1(-x) - late
        start, end = equivalent_uM[..., i], equivalent_uM[..., i + 1]
        out[..., i + 1] = out[..., i] * decay + gain * (early * start + late * end)
    return out
