r"""A patient's red marrow: its mass, its activity from images of vertebrae, tumor in it.

Mass. No scan measures it; it is scaled from a reference by one quantity that both have,
:math:`m = m_{ref}\, q / q_{ref}` (`MASS_RULES`).

Vertebrae. Activity in lumbar vertebrae is divided by their share of the red marrow: that of the
lumbar spine in ICRP's reference adult, evenly over its five vertebrae (assumed): 7.4% for three.
(6.7% for L2 to L4 is often used; recalled, not verified.)

Tumor in the marrow. With a share :math:`f` of the marrow's mass tumor, whose cells hold :math:`k`
times the activity per gram of marrow cells, the mean concentration is :math:`1 - f + f k` times
that of marrow cells. Marrow cells get the dose of the mean concentration if both are mixed within
the range of the electrons, and of their own if tumor lies apart: two limits, the truth is between
(assumed model).

References
----------
.. [ICRP116] ICRP Publication 116 (2010): red marrow by bone.
.. [Bri06] J.M. Brindle et al., J. Nucl. Med. 47, 1875 (2006): spongiosa volume as a surrogate.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.marrow import bone_responses
from pdcraft.errors import DataError, ExtrapolationWarning, PhysicsRangeError, did_you_mean

__all__ = [
    "MASS_RULES",
    "infiltrated_dose_factors",
    "lumbar_marrow_share",
    "marrow_tiac_from_vertebrae_h",
    "normal_marrow_mass_g",
    "scaled_marrow_mass_g",
]

#: Quantities that marrow mass is scaled by, with what each rests on.
MASS_RULES: Mapping[str, str] = MappingProxyType(
    {
        "spongiosa_volume": "trabecular bone and marrow together, from CT; the best surrogate",
        "lean_body_mass": "assumed: marrow goes with lean tissue",
        "body_mass": "assumed; counts fat, which holds no marrow",
    }
)
LUMBAR, LUMBAR_VERTEBRAE = "lumbar vertebrae", 5
FAR = 2.0  # beyond this ratio a proportion is an extrapolation


def scaled_marrow_mass_g(
    reference_g: float, rule: str, patient: ArrayLike, reference: float
) -> Floats:
    """Mass of a patient's red marrow, in proportion to a quantity of `MASS_RULES`.

    Parameters
    ----------
    reference_g : float
        Red marrow of the reference person.
    rule : str
        Name of the quantity.
    patient : array_like
        The patient's, for instance one per draw.
    reference : float
        The reference person's, in the same unit.

    Raises
    ------
    DataError
        For an unknown rule.
    PhysicsRangeError
        For quantities that are not above zero.

    Warns
    -----
    ExtrapolationWarning
        If patient and reference differ more than twofold.

    Examples
    --------
    >>> float(scaled_marrow_mass_g(1170.0, "body_mass", 60.0, 73.0).round())
    962.0
    """
    if rule not in MASS_RULES:
        hint = f"{did_you_mean(rule, MASS_RULES, cutoff=0.4)} ".lstrip()
        raise DataError(
            f"marrow mass does not scale by '{rule}'; {hint}rules are {', '.join(MASS_RULES)}"
        )
    ratio = np.asarray(patient, dtype=np.float64) / reference
    if not (reference_g > 0 and reference > 0 and np.all(np.isfinite(ratio) & (ratio > 0))):
        raise PhysicsRangeError(f"masses and {rule} of patient and reference are above zero")
    if np.any((ratio > FAR) | (ratio < 1 / FAR)):
        warnings.warn(
            f"marrow mass: the patient's {rule} is {ratio.min():.3g} to {ratio.max():.3g} times "
            "the reference's; a proportion is not known to hold that far",
            ExtrapolationWarning,
            stacklevel=2,
        )
    return reference_g * ratio


def lumbar_marrow_share(vertebrae: int = 3, body: str = "adult-male") -> float:
    """Share of the red marrow in some lumbar vertebrae of the reference adult [ICRP116]_.

    Raises
    ------
    PhysicsRangeError
        For a number that is not 1 to 5.

    Examples
    --------
    >>> round(lumbar_marrow_share(3), 4)
    0.0738
    """
    if not 1 <= vertebrae <= LUMBAR_VERTEBRAE:
        raise PhysicsRangeError(f"there are 1 to 5 lumbar vertebrae, got {vertebrae}")
    return bone_responses(body).share["red_marrow"][LUMBAR] * vertebrae / LUMBAR_VERTEBRAE


def marrow_tiac_from_vertebrae_h(
    vertebrae_tiac_h: ArrayLike,
    *,
    vertebrae: int = 3,
    share: float | None = None,
    body: str = "adult-male",
) -> Floats:
    """TIAC of the whole red marrow, in h, from that of lumbar vertebrae in images.

    All activity in the vertebrae counts as in their red marrow (assumed: what bone or tumor holds
    there goes into the marrow of the whole skeleton, an overestimate).

    Parameters
    ----------
    vertebrae_tiac_h : array_like
        Of all vertebrae together, h.
    vertebrae : int
        Their number.
    share : float, optional
        Their share of the red marrow, instead of `lumbar_marrow_share`.
    body : {"adult-male", "adult-female"}

    Raises
    ------
    PhysicsRangeError
        For a share that is no fraction, or a negative TIAC.
    """
    part = lumbar_marrow_share(vertebrae, body) if share is None else share
    if not 0.0 < part <= 1.0:
        raise PhysicsRangeError(f"the vertebrae's share of marrow is a fraction, got {part:g}")
    tiac = np.asarray(vertebrae_tiac_h, dtype=np.float64)
    ok = np.isfinite(tiac) & (tiac >= 0)
    if not np.all(ok):
        raise PhysicsRangeError(f"TIAC of vertebrae is {tiac[~ok][0]:g} h; it is zero or more")
    return tiac / part


def _fraction(infiltrated: ArrayLike) -> Floats:
    out = np.asarray(infiltrated, dtype=np.float64)
    ok = (out >= 0.0) & (out < 1.0)
    if not np.all(ok):
        raise PhysicsRangeError(
            f"the tumor's share of marrow is a fraction from 0 to below 1, got {out[~ok][0]:g}; "
            "write 40% as 0.40"
        )
    return out


def normal_marrow_mass_g(marrow_g: ArrayLike, infiltrated: ArrayLike) -> Floats:
    """Mass of marrow cells that tumor left, g: tumor takes their place (assumed).

    Parameters
    ----------
    marrow_g : array_like
        Of the marrow before, or of all that is no fat now.
    infiltrated : array_like
        Tumor's share of that mass, 0 to below 1.
    """
    return np.asarray(marrow_g, dtype=np.float64) * (1.0 - _fraction(infiltrated))


def infiltrated_dose_factors(
    infiltrated: ArrayLike,
    tumor_to_marrow: ArrayLike,
    known: Literal["marrow", "whole"] = "whole",
) -> tuple[Floats, Floats]:
    """Factors on the marrow's electron self-dose for tumor in it: lying apart, and mixed.

    Parameters
    ----------
    infiltrated : array_like
        Tumor's share of the mass, 0 to below 1.
    tumor_to_marrow : array_like
        Activity per gram in tumor cells over that in marrow cells, zero or more.
    known : {"marrow", "whole"}
        What the self-dose was computed from: the concentration of marrow cells (blood method), or
        all activity over all mass (images).

    Returns
    -------
    apart, mixed : ndarray
        Of the dose to marrow cells. The truth lies between.

    Raises
    ------
    PhysicsRangeError
        Outside of these ranges.

    Examples
    --------
    A third of the marrow is tumor that holds five times as much per gram; the activity is from
    images:

    >>> apart, mixed = infiltrated_dose_factors(1 / 3, 5.0)
    >>> round(float(apart), 2), float(mixed)
    (0.43, 1.0)
    """
    part = _fraction(infiltrated)
    k = np.asarray(tumor_to_marrow, dtype=np.float64)
    ok = np.isfinite(k) & (k >= 0.0)
    if not np.all(ok):
        raise PhysicsRangeError(f"tumor over marrow is a ratio of zero or more, got {k[~ok][0]:g}")
    mean = 1.0 - part + part * k
    if known == "marrow":
        return np.ones_like(mean), mean
    return 1.0 / mean, np.ones_like(mean)
