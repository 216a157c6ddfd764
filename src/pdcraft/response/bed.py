r"""Biologically effective dose of any course of radionuclide and external beam.

.. math:: \mathrm{BED} = D_r + \frac{S_r}{\alpha/\beta} + D_x + \frac{S_x}{\alpha/\beta}
          + \frac{2C}{\alpha/\beta} - \frac{\ln 2}{\alpha T_d}(T - T_k)_+

S are the double integrals with incomplete repair (`pdcraft.response.irradiation`), 2C what
radionuclide and fractions add to each other. A BED belongs to one α/β: it adds only to BEDs of the
same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.dose_rate import DoseRate
from pdcraft.core.quantity import QUANTITIES, Quantity
from pdcraft.errors import KindError, PhysicsRangeError
from pdcraft.physics.linear_quadratic import eqd2_Gy, repopulation_bed_Gy, surviving_fraction
from pdcraft.response.external_beam import Fractions
from pdcraft.response.fewest_cells import fewest_cells_h
from pdcraft.response.irradiation import Products, products
from pdcraft.response.sensitivity import Repair, Sensitivity

__all__ = ["Bed", "biologically_effective_dose", "lea_catcheside_G"]

HOURS = 24.0


@dataclass(frozen=True, slots=True)
class Bed:
    """Biologically effective dose in its parts, Gy, shapes (...).

    Parameters
    ----------
    alpha_per_Gy, alpha_beta_Gy : ndarray
        That it belongs to.
    linear_Gy : ndarray
        The radionuclide's absorbed dose.
    quadratic_Gy : ndarray
        Its quadratic part, lessened by repair.
    external_Gy : ndarray
        Fractions, with what repair leaves between them.
    interplay_Gy : ndarray
        What radionuclide and fractions add to each other while not repaired.
    repopulation_Gy : ndarray
        What clonogens grow back, subtracted.
    until_d : ndarray
        End of what is counted; infinite for all.
    """

    alpha_per_Gy: Floats
    alpha_beta_Gy: Floats
    linear_Gy: Floats
    quadratic_Gy: Floats
    external_Gy: Floats
    interplay_Gy: Floats
    repopulation_Gy: Floats
    until_d: Floats

    def __post_init__(self) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, frozen(getattr(self, name), name, finite=False))

    @property
    def quantity(self) -> Quantity:
        """The kind of number."""
        return QUANTITIES["biologically_effective_dose"]

    @property
    def total_Gy(self) -> Floats:
        """The BED."""
        return self.scaled_radionuclide(1.0)

    @property
    def eqd2_Gy(self) -> Floats:
        """Dose in 2-Gy fractions with the same effect."""
        return eqd2_Gy(self.total_Gy, self.alpha_beta_Gy)

    @property
    def surviving_fraction(self) -> Floats:
        """Clonogens that survive."""
        return surviving_fraction(self.total_Gy, self.alpha_per_Gy)

    def scaled_radionuclide(self, factor: ArrayLike) -> Floats:
        """BED where the radionuclide's dose rate is higher or lower by a factor, shape (...).

        For a dose distribution give the factors a last axis and the parts' axes before it.
        """
        f = np.asarray(factor, dtype=float)
        return (
            f * self.linear_Gy
            + f**2 * self.quadratic_Gy
            + self.external_Gy
            + f * self.interplay_Gy
            - self.repopulation_Gy
        )

    def __add__(self, other: object) -> Floats:
        """Sum of two BEDs of the same α/β whose doses do not meet unrepaired."""
        if not isinstance(other, Bed):
            raise KindError(
                "cannot add biologically effective dose (Gy) and another number; convert the other "
                "with biologically_effective_dose()"
            )
        if not np.array_equal(self.alpha_beta_Gy, other.alpha_beta_Gy):
            raise KindError(
                f"cannot add BEDs of alpha/beta {np.ravel(self.alpha_beta_Gy)[0]:g} Gy and "
                f"{np.ravel(other.alpha_beta_Gy)[0]:g} Gy: a BED belongs to one alpha/beta"
            )
        return self.total_Gy + other.total_Gy


def biologically_effective_dose(
    tissue: Sensitivity,
    rate: DoseRate | None = None,
    beam: Fractions | None = None,
    until_d: ArrayLike | None = None,
) -> Bed:
    """Biologically effective dose of a radionuclide, of external beam, or of both.

    Parameters
    ----------
    tissue : Sensitivity
    rate : DoseRate, optional
    beam : Fractions, optional
        One of the two at least.
    until_d : array_like, shape (...), optional
        End of what is counted, days from the start. If not given: all doses for a tissue that
        does not repopulate; else the time with the fewest clonogens, when dose rate no longer
        outweighs growth.

    Raises
    ------
    DataError
        Without any irradiation.
    PhysicsRangeError
        For a time that is not above zero.

    Examples
    --------
    >>> tissue = Sensitivity.of(0.3, 10.0, Repair.of(1.5))
    >>> rate = DoseRate.of_terms([20.0 * np.log(2) / 156.0], [np.log(2) / 156.0])  # 20 Gy
    >>> bed = biologically_effective_dose(tissue, rate)
    >>> round(float(bed.total_Gy), 6), round(float(bed.eqd2_Gy), 6)
    (20.380952, 16.984127)
    """
    if until_d is not None:
        until_h = HOURS * np.asarray(until_d, dtype=float)
        if not np.all(until_h > 0):
            raise PhysicsRangeError(f"BED until day {np.min(until_d):g}: a time above 0 d")
    elif tissue.repopulates:
        until_h = fewest_cells_h(tissue, rate, beam)
    else:
        until_h = None
    parts = products(tissue.repair, rate, beam, until_h)
    return _assemble(tissue, parts, until_h)


def _assemble(tissue: Sensitivity, parts: Products, until_h: Floats | None) -> Bed:
    ratio = tissue.alpha_beta_Gy
    end_d = np.asarray(np.inf if until_h is None else until_h / HOURS)
    grown = np.zeros(())
    if tissue.repopulates:
        grown = repopulation_bed_Gy(
            end_d, tissue.kick_off_d, tissue.doubling_time_d, tissue.alpha_per_Gy
        )
    return Bed(
        tissue.alpha_per_Gy,
        ratio,
        parts.radionuclide_Gy,
        parts.radionuclide_Gy2 / ratio,
        parts.external_Gy + parts.external_Gy2 / ratio,
        2.0 * parts.cross_Gy2 / ratio,
        grown,
        end_d,
    )


def lea_catcheside_G(rate: DoseRate, repair: Repair) -> Floats:
    """Lea-Catcheside factor of a dose rate: exact for terms and for samples linear between.

    Examples
    --------
    >>> rate = DoseRate.of_terms([1.0], [np.log(2) / 12.0])
    >>> round(float(lea_catcheside_G(rate, Repair.of(0.5))), 12)
    0.04
    """
    return products(repair, rate).lea_catcheside_G
