"""Dose rates: the rate is the derivative of the dose, both forms agree, nothing negative enters."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError, PhysicsRangeError

LN2 = np.log(2)


def uptake(at_h=(0.0, 168.0), amount=(1.0, 0.5)):
    """Uptake with 3 h, loss with 60 h, twice."""
    return DoseRate.of_terms([-0.02, 0.02], [LN2 / 3, LN2 / 60], at_h, amount)


def test_total_is_amplitude_times_mean_life():
    # 0.02 Gy/h (60 - 3 h)/ln 2 for each relative amount: pencil and paper
    want = 1.5 * 0.02 * (60 - 3) / LN2
    assert uptake().total_Gy == pytest.approx(want, rel=1e-14, abs=0)


@pytest.mark.parametrize("until_h", [0.5, 100.0, 168.0, 171.0, 900.0])
def test_dose_is_the_integral_of_the_rate(until_h):
    rate = uptake()
    starts = [t for t in (168.0,) if t < until_h]
    want, _ = integrate.quad(rate.at, 0, until_h, points=starts, epsabs=0, epsrel=1e-11)
    # 1e-9: what quad reaches over the kink at the second start
    assert rate.over(until_h) == pytest.approx(want, rel=1e-9, abs=0)


def test_nothing_before_an_administration_and_all_of_it_at_its_start():
    rate = DoseRate.of_terms([0.1], [0.01], at_h=[24.0])
    assert rate.at([0.0, 23.999, 24.0]).tolist() == [0.0, 0.0, 0.1]
    assert rate.over(24.0) == 0.0


def test_leading_axes_are_draws_and_subjects():
    amplitude = np.full((5, 3, 1), 0.1) * np.arange(1, 4)[:, None]
    rate = DoseRate.of_terms(amplitude, [0.01], at_h=np.zeros((1, 3, 2)), amount=[1.0, 1.0])
    assert rate.shape == (5, 3)
    assert rate.at([0.0, 10.0, 20.0, 30.0]).shape == (5, 3, 4)
    assert rate.at(0.0).shape == rate.total_Gy.shape == (5, 3)
    np.testing.assert_allclose(rate.total_Gy[2], [20.0, 40.0, 60.0], rtol=1e-14)


def test_samples_integrate_as_the_trapezoid_and_end_where_they_end():
    rate = DoseRate.sampled([1.0, 3.0, 7.0], [[0.0, 2.0, 1.0]])
    np.testing.assert_allclose(rate.at([0.5, 1.0, 2.0, 5.0, 7.0, 7.1]), [[0, 0, 1, 1.5, 1, 0]])
    # triangle 2 Gy, trapezoid 6 Gy; to 5 h: 2 + 2 (2 + 1.5)/2
    np.testing.assert_allclose(rate.over([1.0, 3.0, 5.0, 99.0]), [[0, 2, 5.5, 8]], rtol=1e-14)


def test_dense_samples_approach_the_terms():
    time_h = np.concatenate([np.linspace(0, 40, 2001), np.linspace(40.1, 1200, 4000)])
    terms = uptake(at_h=0.0, amount=1.0)
    curve = DoseRate.sampled(time_h, terms.at(time_h))
    # trapezoid error h^2/12 R'': 2e-6 with 0.3 h steps; 1e-6 of the tail after 20 half-lives
    assert curve.total_Gy == pytest.approx(float(terms.total_Gy), rel=5e-6, abs=0)


def test_a_draw_without_dose_is_no_way_around_the_sign_of_another():
    falls = [[0.1, -0.2], [0.0, 0.0]]
    with pytest.raises(PhysicsRangeError, match="a dose rate is not negative"):
        DoseRate.of_terms(falls, [1.0, 0.01])
    rises = DoseRate.of_terms([[-0.1, 0.1], [0.0, 0.0]], [1.0, 0.01])  # and 0/0 is no warning
    assert rises.total_Gy.tolist() == pytest.approx([9.9, 0.0], rel=1e-12, abs=1e-15)


def test_a_factor_scales_each_subject():
    doubled = uptake().scaled([1.0, 2.0])
    np.testing.assert_allclose(doubled.total_Gy, uptake().total_Gy * [1.0, 2.0], rtol=1e-14)
    curve = DoseRate.sampled([0, 1], [1.0, 1.0]).scaled(3.0)
    assert curve.total_Gy == pytest.approx(3.0, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: DoseRate.of_terms([-0.1], [0.01]), "a dose rate is not negative"),
        (lambda: DoseRate.of_terms([0.1, -0.2], [1.0, 0.01]), "a dose rate is not negative"),
        (lambda: DoseRate.of_terms([0.1], [0.0]), "rate constant 0 per h; a term decays"),
        (lambda: DoseRate.of_terms([0.1], [0.1], [-1.0]), "start -1 h"),
        (lambda: DoseRate.of_terms([0.1], [0.1], [0.0], [-1.0]), "amount -1"),
        (lambda: DoseRate.sampled([0, 1], [0.1, -0.1]), "a sample of -0.1 Gy/h"),
        (lambda: DoseRate.sampled([1, 1], [0.1, 0.1]), "increase strictly"),
        (lambda: DoseRate.of_terms([0.1], [0.1]).scaled(-2.0), "factor -2"),
    ],
)
def test_refuses_what_is_no_dose_rate(make, said):
    with pytest.raises(PhysicsRangeError, match=said):
        make()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: DoseRate(), "either terms or a sampled curve"),
        (lambda: DoseRate.of_terms([0.1, 0.1], [0.1, 0.1, 0.1]), "do not fit"),
        (lambda: DoseRate.of_terms([np.nan], [0.1]), "not a finite number"),
        (lambda: DoseRate.sampled([0, 1], [0.1, 0.1, 0.1]), r"wanted \(times,\)"),
        (lambda: DoseRate.sampled([0, 1], [1, 1]).terms, "has no terms"),
        (lambda: uptake().samples, "has no samples"),
    ],
)
def test_refuses_shapes_that_do_not_fit(make, said):
    with pytest.raises(DataError, match=said):
        make()


@pytest.mark.parametrize("time_h", [0.0, 0.5, 1.0, 2.7, 4.0, 9.0])
def test_the_dose_until_one_time_is_the_integral(time_h):
    sampled = DoseRate.sampled([0.5, 1.0, 4.0], [[0.2, 0.4, 0.0], [0.0, 0.0, 0.3]])
    for rate in (sampled, DoseRate.of_terms([[0.1, 0.2]], [[0.3, 0.01]], [[0.0, 2.0]])):
        assert rate.dose_until()(time_h) == pytest.approx(rate.over(time_h), rel=1e-13, abs=1e-15)
