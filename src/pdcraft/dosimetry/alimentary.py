r"""Transit of excreted activity through the alimentary tract, with decay in the contents.

Bile enters the small intestine, what is swallowed the stomach. Each segment is well mixed and
empties into the next, the last into feces [ICRP100]_:

.. math:: \dot x_i = x_{i-1}/\tau_{i-1} - x_i/\tau_i - \lambda x_i .

The system is linear, so the time-integrated activity coefficients are the solution of one linear
system for a unit that enters, times the activity that enters:
:math:`\tilde a = (\lambda - A)^{-1} e_{SI} \sum_k c_k/(r_k + \lambda)`. A part of the bile may wait
in the gallbladder, which empties into the small intestine with a half-time.

References
----------
.. [ICRP100] ICRP Publication 100, Human alimentary tract model for radiological protection,
   Ann. ICRP 36 (1-2) (2006)
.. [ICRP30] ICRP Publication 30, part 1, Ann. ICRP 2 (3-4) (1979)
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.dosimetry.inflow import Inflow
from pdcraft.dosimetry.tract import FECES, GALLBLADDER, SMALL, STOMACH, Tract
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.compartments import LinearSystem, Transfer
from pdcraft.numerics.schedule import Dose, curves
from pdcraft.physics.decay import decay_constant_per_h

__all__ = [
    "LEFT_COLON_IN_UPPER",
    "alimentary_curves",
    "alimentary_tiac_h",
    "stylised_regions",
]

UPPER, LOWER = "upper_large_intestine_contents", "lower_large_intestine_contents"
#: Share of ICRP 100's left colon that lies in the stylised bodies' upper large intestine: half of
#: their transverse colon by contents (63.3 of 126.7 cm³) over that half and the descending colon
#: (102.3 cm³). Assumed: the border of left and right colon at the middle of the transverse colon.
LEFT_COLON_IN_UPPER = 63.3 / (63.3 + 102.3)


def alimentary_tiac_h(
    half_life_h: float,
    tract: Tract | None = None,
    *,
    bile: Inflow | None = None,
    swallowed: ArrayLike = 0.0,
) -> dict[str, Floats]:
    """Time-integrated activity coefficients of the contents, h.

    Parameters
    ----------
    half_life_h : float
        Physical.
    tract : Tract, optional
        The reference man's without gallbladder by default.
    bile : Inflow, optional
        Into the small intestine, or by way of the gallbladder.
    swallowed : array_like, shape (...)
        Fraction of the administered activity that is in the stomach at time 0; 1 for an oral
        administration (mouth and esophagus take seconds and are left out).

    Returns
    -------
    dict of str to ndarray, shape (...)
        By region; ``gallbladder_contents`` where there is a gallbladder.

    Raises
    ------
    PhysicsRangeError
        For fractions outside 0 to 1 (bile and swallowed together too) or other values outside
        their range.

    Examples
    --------
    A tenth of the activity of I-131 leaves in bile with a biological half-life of 24 h:

    >>> from pdcraft.dosimetry.inflow import inflow_of_exponentials
    >>> bile = inflow_of_exponentials(0.1, 24.0, "bile")
    >>> tiac_h = alimentary_tiac_h(192.56, bile=bile)
    >>> {region: round(float(value), 3) for region, value in tiac_h.items()}
    {'stomach_contents': 0.0, 'small_intestine_contents': 0.351, 'right_colon_contents': 1.008, \
'left_colon_contents': 0.967, 'rectosigmoid_contents': 0.927}
    """
    decay = np.asarray(decay_constant_per_h(half_life_h))
    tract = tract or Tract()
    system = tract.system()
    oral = _oral(swallowed, bile, tract)
    into: dict[str, ArrayLike] = {STOMACH: oral}
    if bile is not None:
        tract.check(bile)
        entered = bile.entered_activity(decay)
        into[SMALL] = entered * (1 - tract.by_gallbladder)
        if tract.gallbladder is not None:
            into[GALLBLADDER] = entered * tract.by_gallbladder
    regions = [state for state in system.states if state != FECES]
    total = system.integrals(into, decay_per_h=decay, of=regions)
    return {region: total[..., i] for i, region in enumerate(regions)}


def alimentary_curves(
    half_life_h: float,
    times_h: ArrayLike,
    tract: Tract | None = None,
    *,
    bile: Inflow | None = None,
    swallowed: ArrayLike = 0.0,
) -> dict[str, Floats]:
    """Activity of the contents per administered activity against time, shape (..., times).

    As `alimentary_tiac_h`, with ``times_h`` of shape (times,) from 0 h on; ``feces`` too, as if
    they were kept.
    """
    tract = tract or Tract()
    system = tract.system()
    doses = [Dose(_oral(swallowed, bile, tract), STOMACH)]
    decay = decay_constant_per_h(half_life_h)
    out = curves(system, doses, times_h, decay_per_h=decay)
    if bile is not None:
        tract.check(bile)
        out = out + _of_bile(system, bile, tract, times_h, decay)
    return {state: out[..., i, :] for i, state in enumerate(system.states)}


def _of_bile(
    system: LinearSystem,
    bile: Inflow,
    tract: Tract,
    times_h: ArrayLike,
    decay: Floats,
) -> Floats:
    """Every exponential of the inflow is a pool that empties into the tract."""
    share = tract.by_gallbladder
    n, total = len(system.states), np.zeros(())
    for k in range(bile.rates_per_h.shape[-1]):
        c, r = bile.coefficients_per_h[..., k], bile.rates_per_h[..., k]
        pool = np.where(c != 0, c / np.where(r > 0, r, 1.0), 0.0)
        transfers = [Transfer("bile", SMALL, r * (1 - share))]
        if tract.gallbladder is not None:
            transfers.append(Transfer("bile", GALLBLADDER, r * share))
        transfers += [
            Transfer(
                system.states[i], None if j < 0 else system.states[j], system.rates_per_h[..., m]
            )
            for m, (i, j) in enumerate(system.links)
        ]
        extended = LinearSystem.from_transfers([*system.states, "bile"], transfers)
        amounts = extended.curves({"bile": pool}, times_h, decay_per_h=decay)
        total = total + amounts[..., :n, :]
    return total


def _oral(swallowed: ArrayLike, bile: Inflow | None, tract: Tract) -> Floats:
    oral = frozen(swallowed, "swallowed fraction")
    if np.any(oral < 0) or np.any(oral > 1):
        raise PhysicsRangeError(f"swallowed fraction {oral.min():g} to {oral.max():g}; give 0 to 1")
    in_body = 1 - oral * (1 - np.asarray(tract.absorbed_fraction))
    if bile is not None and np.any(bile.fraction > in_body + 1e-9):
        raise PhysicsRangeError(
            f"bile holds {np.max(bile.fraction):.4g} of what was administered, but after "
            f"swallowing {oral.max():g} only {np.min(in_body):.4g} gets into the body; raise "
            "absorbed_fraction or lower the bile"
        )
    return oral


def stylised_regions(
    contents: Mapping[str, Floats], left_colon_in_upper: float = LEFT_COLON_IN_UPPER
) -> dict[str, Floats]:
    """Sum ICRP 100's colon segments into the upper and lower large intestine of stylised bodies.

    The stylised upper large intestine is the ascending and transverse colon, the lower the
    descending and sigmoid colon with the rectum. The right colon goes to the upper, the
    rectosigmoid to the lower, the left colon to both. Other regions stay as they are, feces are
    left out.

    Parameters
    ----------
    contents : mapping of str to ndarray
        Coefficients or activities by region, from `alimentary_tiac_h` or `alimentary_curves`.
    left_colon_in_upper : float
        Share of the left colon that lies in the upper large intestine, 0 to 1.
    """
    if not 0 <= left_colon_in_upper <= 1:
        raise PhysicsRangeError(f"left_colon_in_upper is {left_colon_in_upper:g}; give 0 to 1")
    parts = ("right_colon_contents", "left_colon_contents", "rectosigmoid_contents")
    out = {region: x for region, x in contents.items() if region not in (*parts, FECES)}
    if all(part in contents for part in parts):
        right, left, end = (contents[part] for part in parts)
        out[UPPER] = right + left_colon_in_upper * left
        out[LOWER] = (1 - left_colon_in_upper) * left + end
    return out
