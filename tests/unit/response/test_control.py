"""Control and complication: limits, averages over dose and patients, against direct sums."""

import numpy as np
import pytest
from scipy import integrate, stats

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.bed import biologically_effective_dose
from pdcraft.response.control import (
    DoseDistribution,
    clonogens,
    control_probability,
    equivalent_uniform_bed_Gy,
    organ_ntcp,
)
from pdcraft.response.external_beam import Fractions, treatment_days
from pdcraft.response.sensitivity import Repair, Sensitivity

LN2 = np.log(2)
TISSUE = Sensitivity.of(0.35, 10.0, Repair.of(1.5))
RATE = DoseRate.of_terms([60.0 * LN2 / 100.0], [LN2 / 100.0])
BED = biologically_effective_dose(TISSUE, RATE)


def test_one_expected_survivor_is_1_over_e():
    number = 1.0 / float(BED.surviving_fraction)
    assert control_probability(BED, number) == pytest.approx(np.exp(-1), rel=1e-12, abs=0)


def test_dose_distribution_against_the_sum_over_its_bins():
    dist = DoseDistribution.of([12.0, 24.0, 30.0], [0.1, 0.5, 0.4])
    dose = 60.0 * dist.relative_dose
    g = 1.5 / 101.5
    survivors = 1e8 * (dist.volume_fraction * np.exp(-0.35 * dose * (1 + g * dose / 10))).sum()
    got = control_probability(BED, 1e8, dist)
    assert np.log(got) == pytest.approx(-survivors, rel=1e-10, abs=0)
    assert got < control_probability(BED, 1e8)


def test_uniform_bed_of_a_distribution():
    uniform = DoseDistribution.of([1.0, 1.0], [0.4, 0.6])
    assert equivalent_uniform_bed_Gy(BED, uniform) == pytest.approx(float(BED.total_Gy), rel=1e-12)
    # a tenth without any dose: -ln(0.1)/alpha to within the survivors of the rest
    cold = DoseDistribution.of([0.0, 1.0], [0.1, 0.9])
    got = equivalent_uniform_bed_Gy(BED, cold)
    assert got == pytest.approx(np.log(10) / 0.35, rel=1e-7, abs=0)


def test_beam_reaches_what_the_radionuclide_spares():
    beam = Fractions.of(2.0, treatment_days(25, first_d=30.0))
    both = biologically_effective_dose(TISSUE, RATE, beam)
    cold = DoseDistribution.of([0.0, 1.0], [0.5, 0.5])
    survivors = 0.5e8 * np.exp(-0.35 * float(both.external_Gy))
    # the other half has twice the dose: nothing survives there
    got = control_probability(both, 1e8, cold)
    assert np.log(got) == pytest.approx(-survivors, rel=1e-10, abs=0)


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_patients_who_differ_against_adaptive_quadrature(spread):
    bed = float(BED.total_Gy)

    def density(z):
        return stats.norm.pdf(z) * np.exp(-1e9 * np.exp(-0.35 * np.exp(spread * z) * bed))

    want, _ = integrate.quad(density, -8, 8, epsabs=0, epsrel=1e-10, limit=500)
    # 2e-9 of the patients lie outside six standard deviations
    assert control_probability(BED, 1e9, alpha_spread=spread) == pytest.approx(want, rel=1e-7)


def test_growth_does_not_depend_on_sensitivity():
    """What clonogens grow is a number of doublings: the same for sensitive and other patients."""
    grown = Sensitivity.of(0.35, 10.0, Repair.of(1.5), doubling_time_d=10.0)
    bed = biologically_effective_dose(grown, RATE, until_d=40.0)
    gross = float(bed.total_Gy + bed.repopulation_Gy)

    def density(z):
        survivors = 1e7 * 2**4 * np.exp(-0.35 * np.exp(0.3 * z) * gross)
        return stats.norm.pdf(z) * np.exp(-survivors)

    want, _ = integrate.quad(density, -8, 8, epsabs=0, epsrel=1e-10, limit=500)
    got = control_probability(bed, 1e7, alpha_spread=0.3)
    assert got == pytest.approx(want, rel=1e-7, abs=0)


def test_log_normal_dose_has_its_mean_and_spread():
    dist = DoseDistribution.log_normal(0.4)
    f, v = dist.relative_dose, dist.volume_fraction
    assert (v * f).sum() == pytest.approx(1.0, rel=1e-9)
    # the tails beyond six standard deviations carry 1e-7 of the variance
    assert np.sqrt((v * (f - 1) ** 2).sum()) == pytest.approx(0.4, rel=1e-6)


def test_an_organ_dose_given_slowly_is_better_tolerated():
    asked = {"alpha_beta_Gy": 2.5, "n": 0.7, "m": 0.1, "td50_Gy": 28.0}
    slow = organ_ntcp([23.0], [1.0], G=2.8 / 62.8, **asked)
    at_once = organ_ntcp([23.0], [1.0], G=1.0, **asked)
    eqd2 = 23 * (1 + 2.8 / 62.8 * 23 / 2.5) / (1 + 2 / 2.5)
    assert slow == pytest.approx(stats.norm.cdf((eqd2 - 28) / 2.8), rel=1e-10, abs=0)
    assert at_once > slow


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: control_probability(BED, -1.0), "-1 clonogens"),
        (lambda: control_probability(BED, 1.0, alpha_spread=-0.1), "spread of ln alpha -0.1"),
        (lambda: DoseDistribution.of([1.0, 2.0], [0.5, 0.6]), "sum to 1.1"),
        (lambda: DoseDistribution.of([0.0], [1.0]), "mean dose is 0"),
        (lambda: DoseDistribution(np.array([2.0]), np.array([1.0])), "the mean 1"),
        (lambda: clonogens(0.0, 1e7), "mass 0 g"),
        (lambda: DoseDistribution.log_normal(0.0), "spread 0"),
    ],
)
def test_refuses_with_a_reason(call, said):
    with pytest.raises(PhysicsRangeError, match=said):
        call()


def test_equivalent_uniform_bed_of_any_kill():
    """A uniform dose is its own equivalent, also where survivors are below any number."""
    rate = DoseRate.of_terms([6000.0 * LN2 / 100.0], [LN2 / 100.0])
    bed = biologically_effective_dose(TISSUE, rate)
    got = equivalent_uniform_bed_Gy(bed, DoseDistribution(np.ones(1), np.ones(1)))
    assert got == pytest.approx(bed.total_Gy, rel=1e-12, abs=0)


def test_equivalent_uniform_bed_subtracts_growth():
    growing = Sensitivity.of(0.35, 10.0, Repair.of(1.5), doubling_time_d=3.0, kick_off_d=0.0)
    bed = biologically_effective_dose(growing, RATE, until_d=30.0)
    got = equivalent_uniform_bed_Gy(bed, DoseDistribution(np.ones(1), np.ones(1)))
    assert got == pytest.approx(bed.total_Gy, rel=1e-12, abs=0)


def test_growth_beyond_any_number_is_refused():
    growing = Sensitivity.of(0.3, 10.0, Repair.of(1.0), doubling_time_d=1.0, kick_off_d=0.0)
    bed = biologically_effective_dose(growing, RATE, until_d=3000.0)
    with pytest.raises(PhysicsRangeError, match="until day 3000 doubles them 3000 times"):
        control_probability(bed, 1e9)
