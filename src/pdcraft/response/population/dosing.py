"""What a patient is given: activity by body surface, with cap and rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = ["administered_MBq"]

ROUNDING = 1e-9  # steps


def administered_MBq(
    MBq_per_m2: ArrayLike,
    body_surface_m2: ArrayLike,
    *,
    surface_cap_m2: float | None = None,
    cap_MBq: float | None = None,
    step_MBq: float | None = None,
) -> Floats:
    """Activity of one administration.

    Parameters
    ----------
    MBq_per_m2 : array_like
        Prescribed, zero or more; broadcasts with the body surface.
    body_surface_m2 : array_like
    surface_cap_m2 : float, optional
        A larger body surface counts as this.
    cap_MBq : float, optional
        Most that is given.
    step_MBq : float, optional
        Rounded to a multiple of this, halves up; where that exceeds `cap_MBq`, the multiple below.

    Returns
    -------
    ndarray

    Raises
    ------
    PhysicsRangeError
        For a negative activity, a surface, cap or step that is not above zero, or a step that
        rounds an activity to nothing.

    Examples
    --------
    >>> administered_MBq(925.0, [1.62, 2.5], surface_cap_m2=2.0, step_MBq=50.0).tolist()
    [1500.0, 1850.0]
    """
    asked, surface = np.asarray(MBq_per_m2, float), np.asarray(body_surface_m2, float)
    if not np.all(np.isfinite(asked) & (asked >= 0)):
        raise PhysicsRangeError(f"activity per body surface {asked.min():g} MBq/m²: zero or more")
    if not np.all(np.isfinite(surface) & (surface > 0)):
        raise PhysicsRangeError(f"body surface {surface.min():g} m²: above zero")
    for name, value in (("surface cap", surface_cap_m2), ("cap", cap_MBq), ("step", step_MBq)):
        if value is not None and not 0 < value < np.inf:
            raise PhysicsRangeError(f"dosing: {name} {value:g}; above zero, or leave it out")
    capped = surface if surface_cap_m2 is None else np.minimum(surface, surface_cap_m2)
    given = asked * capped
    most = np.inf if cap_MBq is None else cap_MBq
    if step_MBq is None:
        return np.minimum(given, most)
    # 25.9 / 3.7 is 7 steps, whatever the last digit says
    steps = np.floor(given / step_MBq + 0.5 + ROUNDING)
    out = step_MBq * np.minimum(steps, np.floor(most / step_MBq + ROUNDING))
    if np.any((out == 0) & (given > 0)):
        raise PhysicsRangeError(
            f"dosing: in steps of {step_MBq:g} MBq, {given[given > 0].min():g} MBq and a cap of "
            f"{most:g} MBq round to nothing; take a smaller step"
        )
    return out
