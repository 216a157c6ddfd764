r"""Red-marrow self-dose by the blood method, for agents that do not bind in the marrow.

Marrow is taken to hold the activity of the plasma in its extracellular fluid,

.. math:: \frac{[A]_{rm}}{[A]_{blood}} = \mathrm{RMBLR} = \frac{\mathrm{RMECFF}}{1 - \mathrm{HCT}},

so that :math:`[A]_{rm} = \mathrm{RMECFF} \cdot [A]_{plasma}` when red cells hold nothing [Sgo93]_.
An agent that marrow cells, tumor cells in the marrow or bone take up breaks the method: the
result is then a lower bound. 1 mL of blood or marrow counts as 1 g, as the method has it. A ratio
that was measured (biopsy, images) replaces the formula.

`marrow_self_dose_mGy_per_MBq` counts only the marrow's own electrons, by default absorbed there
wholly: fat cells and trabeculae take half of those of I-131 (overestimate); photons of the rest of
the body add (underestimate). `pdcraft.dosimetry.marrow_dose` has both.

References
----------
.. [Sgo93] G. Sgouros, J. Nucl. Med. 34, 689 (1993): RMECFF 0.19.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.emissions import electron_keV
from pdcraft.data.nuclides import Progeny, nuclide
from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR
from pdcraft.errors import ApproximationWarning, PhysicsRangeError
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV

__all__ = [
    "RMECFF",
    "blood_method_faults",
    "marrow_self_dose_mGy_per_MBq",
    "marrow_tiac_from_blood_h",
    "marrow_tiac_h",
    "red_marrow_to_blood_ratio",
]

RMECFF = 0.19  # extracellular-fluid fraction of red marrow [Sgo93]_


def red_marrow_to_blood_ratio(hematocrit: ArrayLike, rmecff: ArrayLike = RMECFF) -> Floats:
    """Ratio of the activity concentrations of red marrow and whole blood [Sgo93]_.

    Parameters
    ----------
    hematocrit, rmecff : array_like
        Fractions between 0 and 1; broadcast.

    Raises
    ------
    PhysicsRangeError
        Outside 0 to 1.

    Examples
    --------
    >>> round(float(red_marrow_to_blood_ratio(0.40)), 3)
    0.317
    """
    cells = np.asarray(hematocrit, dtype=np.float64)
    fluid = np.asarray(rmecff, dtype=np.float64)
    for what, value, ok in (
        ("hematocrit", cells, (cells >= 0.0) & (cells < 1.0)),
        ("extracellular fraction", fluid, (fluid > 0.0) & (fluid <= 1.0)),
    ):
        if not np.all(ok):
            raise PhysicsRangeError(
                f"{what} is a fraction between 0 and 1, got {value[~ok][0]:g}; write 40% as 0.40"
            )
    return fluid / (1.0 - cells)


def marrow_tiac_h(
    plasma_tiac_h_per_mL: ArrayLike, marrow_mass_g: ArrayLike, rmecff: ArrayLike = RMECFF
) -> Floats:
    """TIAC of the whole red marrow, in h, from that of 1 mL of plasma; arguments broadcast."""
    concentration = np.asarray(rmecff, dtype=np.float64) * np.asarray(plasma_tiac_h_per_mL)
    return concentration * np.asarray(marrow_mass_g, dtype=np.float64)


def marrow_tiac_from_blood_h(
    blood_tiac_h_per_mL: ArrayLike,
    marrow_mass_g: ArrayLike,
    *,
    hematocrit: ArrayLike | None = None,
    rmecff: ArrayLike = RMECFF,
    ratio: ArrayLike | None = None,
) -> Floats:
    """TIAC of the whole red marrow, in h, from that of 1 mL of whole blood; arguments broadcast.

    Parameters
    ----------
    blood_tiac_h_per_mL : array_like
    marrow_mass_g : array_like
        Of the patient.
    hematocrit, rmecff : array_like
        For the ratio of `red_marrow_to_blood_ratio`.
    ratio : array_like, optional
        A ratio of concentrations, red marrow over blood, that is known otherwise; without
        hematocrit.

    Raises
    ------
    PhysicsRangeError
        If both or neither of hematocrit and ratio are given, or one is out of range.

    Examples
    --------
    >>> round(float(marrow_tiac_from_blood_h(0.012, 1170.0, hematocrit=0.40)), 2)
    4.45
    """
    if (ratio is None) == (hematocrit is None):
        raise PhysicsRangeError(
            "marrow from blood needs the hematocrit, or the ratio of concentrations of red marrow "
            "and blood, and not both"
        )
    if ratio is None:
        assert hematocrit is not None
        factor = red_marrow_to_blood_ratio(hematocrit, rmecff)
    else:
        factor = np.asarray(ratio, dtype=np.float64)
        ok = np.isfinite(factor) & (factor > 0.0)
        if not np.all(ok):
            raise PhysicsRangeError(
                f"the ratio of red marrow to blood is above zero and finite, got {factor[~ok][0]:g}"
            )
    return factor * np.asarray(blood_tiac_h_per_mL) * np.asarray(marrow_mass_g, dtype=np.float64)


def blood_method_faults(
    binds_marrow: bool | None, infiltrated: float | None = None
) -> tuple[str, ...]:
    """Say what breaks the blood method; empty if nothing does.

    Parameters
    ----------
    binds_marrow : bool or None
        Whether the agent binds to cells or bone in the marrow; None if that is not known.
    infiltrated : float, optional
        Share of the marrow's mass that is tumor; None if that is not known.
    """
    out: list[str] = []
    if binds_marrow is not False:
        state = "binds in the marrow" if binds_marrow else "may bind in the marrow"
        result = "invalid, a lower bound" if binds_marrow else "an assumption"
        out.append(
            f"blood method of marrow dose: the agent {state}, so the result is {result}; use "
            "imaging of the marrow or a published coefficient"
        )
    if infiltrated:
        out.append(
            f"blood method of marrow dose: tumor makes up {infiltrated:.0%} of the marrow, and "
            "what it takes up is not in the blood: the result is a lower bound; use imaging of the "
            "marrow"
        )
    return tuple(out)


def marrow_self_dose_mGy_per_MBq(
    name: str,
    plasma_tiac_h_per_mL: ArrayLike,
    *,
    rmecff: ArrayLike = RMECFF,
    binds_marrow: bool | None = None,
    infiltrated: float | None = None,
    progeny: Progeny | None = None,
) -> Floats:
    """Red-marrow self-dose coefficient by the blood method [Sgo93]_; the mass of marrow cancels.

    Parameters
    ----------
    name : str
        Nuclide.
    plasma_tiac_h_per_mL : array_like
        Time-integrated activity coefficient per mL of plasma; from whole blood divide by
        1 - hematocrit.
    rmecff : array_like
        Extracellular-fluid fraction of marrow; broadcasts, for instance one per draw.
    binds_marrow : bool, optional
        Whether the agent binds to cells or bone in the marrow; None if that is not known.
    infiltrated : float, optional
        Share of the marrow's mass that is tumor.
    progeny : {"none", "prompt", "equilibrium"}, optional
        As in `pdcraft.data.nuclides.nuclide`.

    Returns
    -------
    ndarray
        mGy/MBq.

    Warns
    -----
    ApproximationWarning
        If the agent binds in the marrow (the method is invalid, its result a lower bound), if
        that is not known, or if tumor infiltrates the marrow.

    Examples
    --------
    >>> round(float(marrow_self_dose_mGy_per_MBq("I-131", 0.02, binds_marrow=False)), 3)
    0.42
    """
    for message in blood_method_faults(binds_marrow, infiltrated):
        warnings.warn(message, ApproximationWarning, stacklevel=2)
    per_g = marrow_tiac_h(plasma_tiac_h_per_mL, 1.0, rmecff)
    source = nuclide(name, progeny)
    energy = electron_keV(source) + source.alpha_keV + source.recoil_keV
    return per_g * SECONDS_PER_HOUR * energy * S_UNIT_mGy_g_per_MBq_s_keV
