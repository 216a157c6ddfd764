"""BED of courses: hand calculations, two forms of a dose rate, incomplete repair between both."""

import numpy as np
import pytest

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError, KindError, PhysicsRangeError
from pdcraft.response.bed import biologically_effective_dose, lea_catcheside_G
from pdcraft.response.external_beam import Fractions, treatment_days
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.validate.tables import reference_rows

LN2 = np.log(2)
REPAIR = Repair.of(1.5)
TUMOR = Sensitivity.of(0.3, 10.0, REPAIR)


def exponential(dose_Gy=20.0, half_life_h=156.0, **more):
    return DoseRate.of_terms([dose_Gy * LN2 / half_life_h], [LN2 / half_life_h], **more)


def dense(rate, until_h):
    """Samples of a dose rate, dense where it is young."""
    starts = np.unique(rate.terms[2])
    early = np.geomspace(1e-4, until_h, 4000)
    times = np.unique(np.concatenate([s + np.append([-1e-9, 0.0], early) for s in starts]))
    times = times[(times >= 0) & (times <= until_h)]
    return DoseRate.sampled(times, rate.at(times))


def test_two_components_of_repair_are_their_weighted_factors():
    rate = exponential()
    single = [float(lea_catcheside_G(rate, Repair.of(t))) for t in (0.3, 4.0)]
    both = lea_catcheside_G(rate, Repair.of(0.3, 4.0, share=0.6))
    assert both == pytest.approx(0.6 * single[0] + 0.4 * single[1], rel=1e-14, abs=0)


def test_samples_give_the_factor_of_the_terms():
    for row in reference_rows("response", "lea_catcheside_biexp.csv"):
        amplitude = [float(row["A1"]), float(row["A2"])]
        loss = LN2 / np.array([float(row["T1_h"]), float(row["T2_h"])])
        curve = dense(DoseRate.of_terms(amplitude, loss), 30 * float(row["T2_h"]))
        got = lea_catcheside_G(curve, Repair.of(float(row["T_rep_h"])))
        # geometric steps of 0.4%: relative curvature error (0.004)²/12 of the larger terms
        assert got == pytest.approx(float(row["G"]), rel=2e-5, abs=0)


def test_administrations_far_apart_add_and_near_ones_help_each_other():
    one = biologically_effective_dose(TUMOR, exponential()).total_Gy
    far = biologically_effective_dose(TUMOR, exponential(at_h=[0.0, 20_000.0])).total_Gy
    week = biologically_effective_dose(TUMOR, exponential(at_h=[0.0, 168.0])).total_Gy
    assert far == pytest.approx(2 * one, rel=1e-12, abs=0)
    # cross term by hand: 2 a² e^(-r d)/(r + mu)/r + the short meeting at the start of the second
    a, r, mu, d = 20 * LN2 / 156, LN2 / 156, LN2 / 1.5, 168.0
    alone = (np.exp(-r * d) - np.exp(-mu * d)) / (mu - r) / (r + mu)
    cross = 2 * a**2 * (np.exp(-r * d) / (r + mu) / r + alone) / 10.0
    assert week - 2 * one == pytest.approx(cross, rel=1e-10, abs=0)


def test_fractions_once_a_day_are_the_textbook_bed():
    beam = Fractions.of(2.0, treatment_days(30))
    bed = biologically_effective_dose(Sensitivity.of(0.3, 10.0, Repair.of(0.25)), beam=beam)
    # 24 h are 96 repair half-lives
    assert bed.total_Gy == pytest.approx(72.0, rel=1e-12, abs=0)
    assert bed.eqd2_Gy == pytest.approx(60.0, rel=1e-12, abs=0)


def test_two_fractions_at_nearly_the_same_time_are_one():
    apart = biologically_effective_dose(TUMOR, beam=Fractions.of(2.0, [0.0, 1e-9])).total_Gy
    assert apart == pytest.approx(4.0 * (1 + 4.0 / 10), rel=1e-6, abs=0)


def test_fractions_meet_the_dose_rate():
    """Interplay of both by quadrature of dose rate times what a fraction leaves, both sides."""
    from scipy import integrate

    rate, day = exponential(), 10.0
    mu, t = LN2 / 1.5, 24 * day
    before = integrate.quad(
        lambda s: rate.at(s) * np.exp(-mu * (t - s)), t - 60, t, epsabs=0, epsrel=1e-12
    )[0]
    after = integrate.quad(
        lambda s: rate.at(s) * np.exp(-mu * (s - t)), t, t + 60, epsabs=0, epsrel=1e-12
    )[0]
    bed = biologically_effective_dose(TUMOR, rate, Fractions.of(2.0, [day]))
    # 60 h are 40 repair half-lives: 1e-12 is left out
    want = 2 * 2.0 * (before + after) / 10.0
    assert bed.interplay_Gy == pytest.approx(want, rel=1e-10, abs=0)


def test_samples_and_terms_agree_on_a_combination():
    rate = exponential(12.0, 60.0, at_h=[0.0, 168.0])
    beam = Fractions.of(2.0, treatment_days(27, first_d=14.0))
    repair = Repair.of(0.3, 4.0, share=0.5)
    tissue = Sensitivity.of(0.24, 10.6, repair)
    terms = biologically_effective_dose(tissue, rate, beam)
    curve = biologically_effective_dose(tissue, dense(rate, 2400.0), beam)
    for part in ("linear_Gy", "quadratic_Gy", "external_Gy", "interplay_Gy"):
        want = float(getattr(terms, part))
        # curvature between samples, relative (0.004)²/12 per piece, and e^-26 of the tail
        assert getattr(curve, part) == pytest.approx(want, rel=1e-5, abs=0), part


@pytest.mark.parametrize("until_d", [3.0, 9.0, 30.0])
def test_a_course_cut_short_in_both_forms(until_d):
    rate = exponential(12.0, 60.0, at_h=[0.0, 168.0])
    beam = Fractions.of(2.0, treatment_days(10, first_d=5.0))
    terms = biologically_effective_dose(TUMOR, rate, beam, until_d)
    curve = biologically_effective_dose(TUMOR, dense(rate, 2400.0), beam, until_d)
    assert curve.total_Gy == pytest.approx(float(terms.total_Gy), rel=1e-5, abs=0)
    assert terms.total_Gy < biologically_effective_dose(TUMOR, rate, beam).total_Gy


def test_fewest_clonogens_of_a_single_exponential():
    """Without a quadratic term, dose rate = ln 2/(alpha Td) at the fewest: solved by hand."""
    tissue = Sensitivity.of(0.3, 1e9, REPAIR, doubling_time_d=4.0)
    bed = biologically_effective_dose(tissue, exponential())
    rate0, growth = 20.0 * LN2 / 156.0, LN2 / (0.3 * 96.0)
    want_h = np.log(rate0 / growth) * 156.0 / LN2
    assert 24 * bed.until_d == pytest.approx(want_h, rel=1e-8, abs=0)  # bisection to 1e-13
    want = 20.0 * (1 - growth / rate0) - growth * want_h
    assert bed.total_Gy == pytest.approx(want, rel=1e-8, abs=0)


def test_fewest_clonogens_with_a_strong_quadratic_term():
    """Slow repair and a low alpha/beta: the end that a search over ends finds."""
    from scipy import optimize

    tissue = Sensitivity.of(0.1, 2.0, Repair.of(20.0), doubling_time_d=6.0)
    rate = exponential(20.0, 60.0)
    found = optimize.minimize_scalar(
        lambda end: -float(biologically_effective_dose(tissue, rate, until_d=end).total_Gy),
        bounds=(1.0, 30.0),
        method="bounded",
        options={"xatol": 1e-6},
    )
    best = biologically_effective_dose(tissue, rate)
    # a maximum is flat: its height is known to 1e-12, its place to 1e-5
    assert best.until_d == pytest.approx(found.x, rel=1e-4, abs=0)


def test_relative_amounts_of_administrations():
    """A second administration of half the amount is terms of half the amplitude."""
    rate = exponential(at_h=[0.0, 48.0], amount=[1.0, 0.5])
    half = DoseRate.of_terms([10.0 * LN2 / 156.0], [LN2 / 156.0], at_h=48.0)
    bed = biologically_effective_dose(TUMOR, rate)
    assert bed.linear_Gy == pytest.approx(30.0, rel=1e-12, abs=0)
    # whichever comes first: the square of a sum less those of its parts is the cross term
    one = biologically_effective_dose(TUMOR, exponential()).quadratic_Gy
    other = biologically_effective_dose(TUMOR, half).quadratic_Gy
    full = biologically_effective_dose(TUMOR, exponential(at_h=[0.0, 48.0])).quadratic_Gy
    assert bed.quadratic_Gy - one - other == pytest.approx(
        0.5 * float(full - 2 * one), rel=1e-10, abs=0
    )


def test_a_factor_on_the_radionuclide_is_that_of_its_dose_rate():
    beam = Fractions.of(2.0, [2.0, 3.0])
    bed = biologically_effective_dose(TUMOR, exponential(), beam)
    want = biologically_effective_dose(TUMOR, exponential().scaled(1.7), beam).total_Gy
    assert bed.scaled_radionuclide(1.7) == pytest.approx(float(want), rel=1e-12, abs=0)


def test_no_other_end_has_fewer_clonogens():
    rate = exponential(25.0, 60.0, at_h=[0.0, 168.0])
    beam = Fractions.of(2.0, treatment_days(5, first_d=12.0))
    tissue = Sensitivity.of(0.3, 10.0, Repair.of(0.3, 4.0, share=0.5), 3.0, kick_off_d=14.0)
    best = biologically_effective_dose(tissue, rate, beam)
    ends = np.linspace(0.5, 60.0, 120)
    others = [float(biologically_effective_dose(tissue, rate, beam, t).total_Gy) for t in ends]
    assert best.total_Gy >= max(others) * (1 - 1e-9)
    curve = biologically_effective_dose(tissue, dense(rate, 2400.0), beam)
    # the samples end the count at one of their times, 0.4% apart
    assert curve.total_Gy == pytest.approx(float(best.total_Gy), rel=1e-4, abs=0)


def test_beam_alone_ends_with_a_fraction():
    beam = Fractions.of(2.0, treatment_days(35))
    tissue = Sensitivity.of(0.24, 10.6, REPAIR, doubling_time_d=3.5, kick_off_d=19.2)
    bed = biologically_effective_dose(tissue, beam=beam)
    assert bed.until_d == 46.0  # Friday of the seventh week
    want = 70 * (1 + 2 / 10.6) - LN2 / (0.24 * 3.5) * (46.0 - 19.2)
    assert bed.total_Gy == pytest.approx(want, rel=1e-4, abs=0)  # 2^-16 between daily fractions


def test_draws_and_subjects_stay_apart():
    alpha = np.linspace(0.2, 0.4, 5)[:, None]
    dose = np.array([10.0, 20.0, 30.0])
    rate = DoseRate.of_terms((dose * LN2 / 156.0)[:, None], [LN2 / 156.0])
    tissue = Sensitivity.of(alpha, 10.0, REPAIR, doubling_time_d=5.0)
    bed = biologically_effective_dose(tissue, rate)
    assert bed.total_Gy.shape == (5, 3)
    alone = biologically_effective_dose(
        Sensitivity.of(0.4, 10.0, REPAIR, doubling_time_d=5.0), exponential(30.0)
    )
    assert bed.total_Gy[4, 2] == pytest.approx(float(alone.total_Gy), rel=1e-9, abs=0)


def test_beds_add_only_within_one_alpha_beta():
    one = biologically_effective_dose(TUMOR, exponential())
    other = biologically_effective_dose(Sensitivity.of(0.3, 3.0, REPAIR), exponential())
    assert one + one == pytest.approx(2 * float(one.total_Gy), rel=1e-14)
    with pytest.raises(KindError, match="alpha/beta 10 Gy and 3 Gy"):
        _ = one + other
    with pytest.raises(KindError, match="cannot add biologically effective dose"):
        _ = one + 3.0
    assert one.quantity.key == "biologically_effective_dose"


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: biologically_effective_dose(TUMOR), DataError, "no irradiation"),
        (
            lambda: biologically_effective_dose(TUMOR, exponential(), until_d=0.0),
            PhysicsRangeError,
            "a time above 0 d",
        ),
        (lambda: Sensitivity.of(0.0, 10.0, REPAIR), PhysicsRangeError, "alpha 0 per Gy"),
        (lambda: Sensitivity.of(0.3, -1.0, REPAIR), PhysicsRangeError, "alpha/beta -1 Gy"),
        (lambda: Sensitivity.of(0.3, 3.0, REPAIR, 0.0), PhysicsRangeError, "doubling time 0 d"),
        (lambda: Sensitivity.of(0.3, 3.0, REPAIR, 3.0, -1), PhysicsRangeError, "kick-off time -1"),
        (lambda: Repair.of(0.0), PhysicsRangeError, "repair half-life 0 h"),
        (lambda: Repair.of(1.0, 2.0), DataError, "two and the share of the first"),
        (lambda: Repair.of(1.0, 2.0, share=1.2), PhysicsRangeError, "share 1.2"),
        (lambda: Fractions.of(-2.0, [0.0]), PhysicsRangeError, "dose per fraction -2 Gy"),
        (lambda: Fractions.of(2.0, [1.0, 0.0]), PhysicsRangeError, "their times increase"),
    ],
)
def test_refuses_with_a_reason(call, error, said):
    with pytest.raises(error, match=said):
        call()
