r"""Control and complication of a course: dose distribution, clonogens, patients who differ.

.. math:: \mathrm{TCP} = \left\langle \exp\Bigl(-N \sum_i v_i\, e^{-\alpha\,
          \mathrm{BED}(f_i)}\Bigr)\right\rangle_\alpha

The distribution is one of the radionuclide's dose relative to its mean (:math:`f_i`, with the same
course in time everywhere); external beam is uniform. Patients differ in α at a given α/β: a
log-normal distribution over which the probability is averaged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.control_probability import check_volumes, lkb_ntcp, log_tcp
from pdcraft.physics.linear_quadratic import bed_Gy, check_dose, eqd2_Gy
from pdcraft.response.bed import Bed

__all__ = [
    "UNIFORM",
    "DoseDistribution",
    "clonogens",
    "control_probability",
    "equivalent_uniform_bed_Gy",
    "expected_survivors",
    "organ_ntcp",
]

SPREAD_NODES = 241
SPREAD_WIDTH = 6.0  # standard deviations: 2e-9 of the patients lie outside
MEAN_WITHIN = 1e-6
MOST_GROWTH = 600.0  # of the logarithm of clonogens: 866 doublings


@dataclass(frozen=True, slots=True)
class DoseDistribution:
    """Differential histogram of dose relative to the mean.

    Parameters
    ----------
    relative_dose : ndarray, shape (bins,)
        Zero or more; the mean is 1.
    volume_fraction : ndarray, shape (bins,)
        Of sum 1.
    """

    relative_dose: Floats
    volume_fraction: Floats

    @classmethod
    def of(cls, dose: ArrayLike, volume_fraction: ArrayLike) -> DoseDistribution:
        """Histogram of doses of any unit, divided by their mean.

        Examples
        --------
        >>> DoseDistribution.of([10.0, 30.0], [0.5, 0.5]).relative_dose.tolist()
        [0.5, 1.5]
        """
        values, volume = check_dose(dose), check_volumes(volume_fraction)
        mean = float((values * volume).sum())
        if not mean > 0:
            raise PhysicsRangeError("dose distribution: the mean dose is 0, so nothing is relative")
        return cls(frozen(values / mean, "relative dose"), frozen(volume, "volume fraction"))

    @classmethod
    def log_normal(cls, spread: float, bins: int = 101) -> DoseDistribution:
        """Log-normal distribution of dose with a relative standard deviation, mean 1.

        Examples
        --------
        >>> d = DoseDistribution.log_normal(0.3)
        >>> round(float((d.relative_dose * d.volume_fraction).sum()), 9)
        1.0
        """
        if not spread > 0 or bins < 2:
            raise PhysicsRangeError(f"log-normal dose: spread {spread:g}, {bins} bins; above 0, 2")
        sigma = np.sqrt(np.log1p(spread**2))
        z, weight = _normal_nodes(bins)
        return cls.of(np.exp(sigma * z - 0.5 * sigma**2), weight)

    def __post_init__(self) -> None:
        dose, volume = check_dose(self.relative_dose), check_volumes(self.volume_fraction)
        if dose.shape != volume.shape or dose.ndim != 1:
            raise PhysicsRangeError(
                f"dose distribution: {dose.shape} doses, {volume.shape} volumes"
            )
        if abs(float((dose * volume).sum()) - 1.0) > MEAN_WITHIN:
            raise PhysicsRangeError("dose distribution: relative doses have the mean 1; use of()")


UNIFORM = DoseDistribution(np.ones(1), np.ones(1))


def _normal_nodes(n: int) -> tuple[Floats, Floats]:
    """Nodes of the standard normal and weights of sum 1: the trapezoid rule converges fast here."""
    z = np.linspace(-SPREAD_WIDTH, SPREAD_WIDTH, n)
    weight = np.exp(-0.5 * z**2)
    return z, weight / weight.sum()


def clonogens(mass_g: ArrayLike, density_per_g: ArrayLike) -> Floats:
    """Clonogens of a lesion.

    Examples
    --------
    >>> float(clonogens(10.0, 1e7))
    100000000.0
    """
    mass, density = np.asarray(mass_g, dtype=float), np.asarray(density_per_g, dtype=float)
    if np.any(mass <= 0) or np.any(density < 0):
        raise PhysicsRangeError(
            f"clonogens: mass {mass.min():g} g, density {density.min():g} per g; a mass is above 0 "
            "and a density not negative"
        )
    return mass * density


def expected_survivors(
    bed: Bed, clonogens: ArrayLike, distribution: DoseDistribution = UNIFORM, z: float = 0.0
) -> Floats:
    """Clonogens that are expected to survive a course, shape (...).

    Parameters
    ----------
    bed : Bed
        Of the mean dose, shapes (...).
    clonogens : array_like, shape (...)
        Number at the start.
    distribution : DoseDistribution
        Of the radionuclide's dose.
    z : float
        ln of the factor by which α differs from that of `bed`. Growth does not depend on it.

    Raises
    ------
    PhysicsRangeError
        For a negative number of clonogens, or growth beyond any number.
    """
    number = np.asarray(clonogens, dtype=float)
    survival = np.exp(-np.exp(z) * bed.alpha_per_Gy[..., None] * _killing_Gy(bed, distribution))
    growth = bed.alpha_per_Gy * bed.repopulation_Gy
    if np.any(growth > MOST_GROWTH):
        raise PhysicsRangeError(
            f"clonogens: repopulation until day {np.max(bed.until_d):g} doubles them "
            f"{np.max(growth) / np.log(2.0):.0f} times, more than any number; end it earlier"
        )
    grown = np.exp(growth)
    return -log_tcp(number * grown, survival, distribution.volume_fraction)


def _killing_Gy(bed: Bed, distribution: DoseDistribution) -> Floats:
    """BED of every bin without repopulation, shape (..., bins)."""
    f = distribution.relative_dose
    parts = (bed.linear_Gy, bed.quadratic_Gy, bed.external_Gy, bed.interplay_Gy)
    linear, quadratic, external, interplay = (part[..., None] for part in parts)
    return f * (linear + interplay) + f**2 * quadratic + external


def equivalent_uniform_bed_Gy(bed: Bed, distribution: DoseDistribution) -> Floats:
    r"""Return the uniform BED that leaves as many clonogens as a dose distribution does.

    :math:`-\ln(\sum v_i e^{-\alpha \mathrm{BED}_i})/\alpha`: where cold parts decide, far below
    the mean.

    References
    ----------
    A. Niemierko, Med Phys 24, 103 (1997), doi:10.1118/1.598063; J. A. O'Donoghue, J Nucl Med 40,
    1337 (1999)
    """
    present = distribution.volume_fraction > 0
    alpha = bed.alpha_per_Gy[..., None]
    log_parts = np.log(distribution.volume_fraction[present])
    log_parts = log_parts - alpha * _killing_Gy(bed, distribution)[..., present]
    most = log_parts.max(axis=-1)  # so that no kill is too large for a number
    survivors = most + np.log(np.exp(log_parts - most[..., None]).sum(axis=-1))
    return -survivors / bed.alpha_per_Gy - bed.repopulation_Gy


def control_probability(
    bed: Bed,
    clonogens: ArrayLike,
    distribution: DoseDistribution = UNIFORM,
    alpha_spread: float = 0.0,
) -> Floats:
    """Probability that no clonogen survives a course.

    Parameters
    ----------
    bed, clonogens, distribution
        As in `expected_survivors`.
    alpha_spread : float
        Standard deviation of ln α between patients around the α of `bed` as their median. 0 for
        none: α then varies only along the draws and subjects of `bed`.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    PhysicsRangeError
        For negative numbers.

    References
    ----------
    S. Webb, A. E. Nahum, Phys Med Biol 38, 653 (1993), doi:10.1088/0031-9155/38/6/001
    """
    if not alpha_spread >= 0:
        raise PhysicsRangeError(f"spread of ln alpha {alpha_spread:g}; it is 0 or more")
    if alpha_spread == 0:
        return np.exp(-expected_survivors(bed, clonogens, distribution))
    total = np.zeros(())
    for z, weight in zip(*_normal_nodes(SPREAD_NODES), strict=True):
        survivors = expected_survivors(bed, clonogens, distribution, alpha_spread * z)
        total = total + weight * np.exp(-survivors)
    return total


def organ_ntcp(
    dose_Gy: ArrayLike,
    volume_fraction: ArrayLike,
    *,
    G: ArrayLike,
    alpha_beta_Gy: float,
    n: float,
    m: float,
    td50_Gy: float,
) -> Floats:
    """Complication probability (LKB) of a radionuclide's dose histogram in an organ.

    Each bin's dose becomes the dose in 2-Gy fractions of the same effect, the unit in which
    tolerance doses are known.

    Parameters
    ----------
    dose_Gy, volume_fraction : array_like, shape (..., bins)
        Absorbed doses of the radionuclide.
    G : array_like, shape (..., 1) or scalar
        Lea-Catcheside factor of the course.
    alpha_beta_Gy, n, m, td50_Gy : float
        Of the organ; `td50_Gy` in 2-Gy fractions.
    """
    eqd2 = eqd2_Gy(bed_Gy(dose_Gy, G, alpha_beta_Gy), alpha_beta_Gy)
    return lkb_ntcp(eqd2, volume_fraction, n, m, td50_Gy)
