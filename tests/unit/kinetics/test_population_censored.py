"""Values below quantification: their term against direct integration, and what it corrects."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from pdcraft.errors import DataError
from pdcraft.io.biodist import read_biodist
from pdcraft.kinetics.population import (
    Exponentials,
    Parameter,
    cwres,
    fit,
    fit_biodist,
    from_observations,
    npde,
)
from pdcraft.kinetics.population import residual as residual_error
from pdcraft.kinetics.population.objective import joint, minus_twice_log_l
from pdcraft.kinetics.population.statement import Statement

TIMES = np.array([1.0, 6.0, 24.0, 72.0, 144.0])
ERRORS = {"additive": (0.15, 0.0), "proportional": (0.0, 0.1), "combined": (0.15, 0.1)}


def one_subject(error, spread=0.3):
    """Two equal subjects (the least a fit takes); the last two values are below 0.7."""
    values = np.array([4.9, 4.2, 2.9, 0.7, 0.7])
    names = ["a"] * 5 + ["b"] * 5
    records = from_observations(
        names, np.tile(TIMES, 2), np.tile(values, 2), censored=np.tile(values == 0.7, 2)
    )
    parameters = (Parameter("A1", 5.0, random=False), Parameter("k1", 0.025, spread=spread))
    return Statement(Exponentials(1), parameters, records, error=error), values


@pytest.mark.parametrize(("spread", "close"), [(0.3, 0.3), (0.1, 0.15), (0.03, 0.001)])
@pytest.mark.parametrize("error", list(ERRORS))
def test_the_likelihood_agrees_with_direct_integration(error, spread, close):
    """Adaptive quadrature over eta of densities and probabilities as the definition has them.

    What remains is the next order of Laplace's method, which vanishes with the spread.
    """
    statement, values = one_subject(error, spread)
    a, b = ERRORS[error]

    def density(eta):
        curve = 5.0 * np.exp(-0.025 * np.exp(eta) * TIMES)
        sd = np.sqrt(a**2 + (b * curve) ** 2)
        known = stats.norm.pdf(values, curve, sd)
        below = stats.norm.cdf(values, curve, sd)
        return np.where(values == 0.7, below, known).prod() * stats.norm.pdf(eta, 0, spread)

    whole = integrate.quad(density, -5 * spread, 5 * spread, epsabs=0, epsrel=1e-10, limit=200)[0]
    vector = statement.start(0.15, 0.1)
    got, _ = minus_twice_log_l(statement, vector[None], np.zeros((1, 2, 1)), "laplace")
    assert got[0] == pytest.approx(-4 * np.log(whole), rel=0, abs=close)


@pytest.mark.parametrize("error", list(ERRORS))
def test_the_slope_agrees_with_differences(error):
    statement, _ = one_subject(error)
    values = statement.values(statement.start(0.15, 0.1)[None])
    u = np.array([[[0.8], [-1.3]]])
    step = 1e-5
    up, down = joint(statement, values, u + step), joint(statement, values, u - step)
    want = (up.cost - down.cost) / (2 * step)
    # truncation 1e-10 of slopes near 10, rounding 1e-16 / 1e-5 of costs near 100
    got = joint(statement, values, u).slope[..., 0]
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-8)


def test_far_from_the_limit_the_term_keeps_its_digits():
    """At 1000 SD below, the ratio of density to probability is z + 1/z by its series."""
    twice, slope, curvature = residual_error.below(
        np.array([-1000.0]), np.array([1.0]), np.array([0.0])
    )
    assert twice == pytest.approx(1000.0**2 + np.log(2 * np.pi) + 2 * np.log(1000), rel=1e-9, abs=0)
    assert slope == pytest.approx(1000.001, rel=1e-8, abs=0)
    assert curvature == pytest.approx(1, rel=1e-3, abs=0)


def population(n=60, limit=0.7, seed=3):
    rng = np.random.default_rng(seed)
    names = np.repeat(np.arange(n), TIMES.size)
    times = np.tile(TIMES, n)
    size = 5 * np.exp(0.2 * rng.standard_normal(n))[names]
    rate = 0.025 * np.exp(0.3 * rng.standard_normal(n))[names]
    value = size * np.exp(-rate * times) * (1 + 0.2 * rng.standard_normal(times.size))
    below = value < limit
    return [f"p{i}" for i in names], times, np.where(below, limit, value), below


PARAMETERS = (Parameter("A1", 4.0), Parameter("k1", 0.03))


def test_the_probability_removes_the_bias_of_leaving_values_out():
    """The rate within 4 standard errors of the truth; without the values it falls 10 % short."""
    names, times, value, below = population()
    assert 0.2 < below.mean() < 0.4
    known = from_observations(names, times, value, censored=below)
    right = fit(Exponentials(1), PARAMETERS, known, error="proportional", method="laplace")
    assert right.typical["k1"] == pytest.approx(0.025, rel=4 * 0.3 / np.sqrt(60), abs=0)
    left = from_observations([n for n, b in zip(names, below, strict=True) if not b],
                             times[~below], value[~below])  # fmt: skip
    biased = fit(Exponentials(1), PARAMETERS, left, error="proportional", method="laplace")
    assert biased.typical["k1"] < 0.95 * right.typical["k1"]
    for residuals in (cwres(right), npde(right, n=200)):
        assert np.array_equal(np.isfinite(residuals), known.quantified)


@pytest.mark.parametrize("method", ["foce", "lindstrom-bates"])
def test_methods_that_cannot_use_such_values_refuse_them(method):
    names, times, value, below = population(8)
    records = from_observations(names, times, value, censored=below)
    with pytest.raises(DataError, match=r"below quantification.*use method='laplace'"):
        fit(Exponentials(1), PARAMETERS, records, method=method)


def test_a_limit_that_is_never_reached_changes_nothing():
    names, times, value, _ = population(8, limit=0.0)
    plain = from_observations(names, times, value)
    marked = replace(plain, censored=np.zeros(plain.value.shape, dtype=bool))
    vector = Statement(Exponentials(1), PARAMETERS, plain).start(0.3, 0.1)[None]
    one, two = (
        minus_twice_log_l(
            Statement(Exponentials(1), PARAMETERS, r), vector, np.zeros((1, 8, 2)), "laplace"
        )[0][0]
        for r in (plain, marked)
    )
    assert one == two


def test_a_file_says_how_many_values_were_below(tmp_path):
    names, times, value, below = population(12)
    rows = [
        f"plasma,{n},{t},{'' if b else repr(float(v))},%IA,{0.7 if b else ''}"
        for n, t, v, b in zip(names, times, value, below, strict=True)
    ]
    path = tmp_path / "below.csv"
    path.write_text("region,subject,time_h,value,unit,lloq\n" + "\n".join(rows) + "\n")
    found = fit_biodist(read_biodist(path), "Lu-177", draws=100)
    region = found["regions"]["plasma"]
    assert region["n_censored"] == below.sum() > 5
    assert region["n"] == 60
    assert found["method"] == "population/laplace"
    assert "censored: values below quantification entered by their probability" in region["flags"]
