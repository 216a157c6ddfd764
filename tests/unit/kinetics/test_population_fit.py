"""Population fits: against R's nlme, exact likelihoods, quadrature, and known truths."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import ApproximationWarning, ConvergenceError, DataError
from pdcraft.kinetics.population import (
    Compartments,
    Covariate,
    Exponentials,
    Parameter,
    Records,
    allometry,
    fit,
    from_observations,
)
from pdcraft.kinetics.population.objective import (
    conditional_modes,
    gradient,
    joint,
    minus_twice_log_l,
)
from pdcraft.kinetics.population.omega import cholesky_of, vector_of
from pdcraft.kinetics.population.records import Doses
from pdcraft.kinetics.population.simulate import simulate
from pdcraft.kinetics.population.statement import Statement
from pdcraft.kinetics.population.uncertainty import (
    hessian_covariance,
    linearized_covariance,
    standard_errors,
)
from pdcraft.validate.kinetics_population import cases, indometh, indometh_fit, theoph, theoph_fit

THEOPH = (
    Parameter("ke", 0.08, random=False),
    Parameter("ka", 1.5),
    Parameter("CL", 0.04),
)
ORAL = Compartments(1, oral=True, rates=True)


def test_theoph_and_indometh_agree_with_nlme():
    """Fixed effects within 0.1 standard error, variances within 5 %, as the issue asks."""
    found = list(cases())
    assert len(found) == 23
    assert [c.name for c in found if not c.passed] == []


def test_theoph_agrees_with_nlme_far_closer_than_asked():
    # nlme ends its inner least squares at 1e-3 of a step: what remains is a few 1e-4
    for case in cases():
        if case.name.startswith("Theoph"):
            assert case.value == pytest.approx(case.reference, rel=1e-3, abs=0), case.name


def test_the_fixed_point_does_not_depend_on_the_start():
    other = [replace(p, start=p.start * f) for p, f in zip(THEOPH, (1.5, 0.6, 1.4), strict=True)]
    again = fit(ORAL, other, theoph(), method="lindstrom-bates", residual_sd=(2.0, 0.1))
    # the rounds end at 1e-7 and shrink by about 10 each
    np.testing.assert_allclose(again.vector, theoph_fit().vector, rtol=0, atol=1e-5)


@pytest.mark.parametrize("method", ["foce", "laplace"])
def test_other_methods_stay_within_a_fifth_of_a_standard_error(method):
    """Both approximate the same likelihood; on these data their modes lie this close."""
    reference = theoph_fit()
    result = fit(ORAL, THEOPH, theoph(), method=method)
    for name, value in result.fixed_effects.items():
        assert abs(value - reference.fixed_effects[name]) < 0.25 * standard_errors(reference)[name]
    assert (
        result.objective
        <= minus_twice_log_l(result.statement, reference.vector[None], reference.u[None], method)[
            0
        ][0]
        + 1e-6
    )  # it is the minimum, so not above what another method found


def test_indometh_has_a_higher_likelihood_where_k1_does_not_vary():
    """A finding, not a fault: nlme's answer is a fixed point, not the maximum.

    With no spread of k1 the model is linear in its random effects and the likelihood exact.
    """
    start = [Parameter("A1", 3.0, "normal"), Parameter("k1", 2.0, random=False)]
    start += [Parameter("A2", 0.4, "normal"), Parameter("k2", 0.2, random=False)]
    simpler = fit(Exponentials(2), start, indometh())
    assert simpler.log_likelihood > indometh_fit().log_likelihood + 1


def linear_population(seed=5, n=7):
    """A1 normal, k1 known: linear in the random effect and the fixed effect."""
    rng = np.random.default_rng(seed)
    times = np.tile([0.0, 1.0, 3.0, 7.0], n)
    names = np.repeat(np.arange(n), 4)
    size = 5 + 1.5 * rng.standard_normal(n)
    value = size[names] * np.exp(-0.3 * times) + 0.4 * rng.standard_normal(times.size)
    records = from_observations([str(i) for i in names], times, value)
    parameters = [Parameter("A1", 4.0, "normal"), Parameter("k1", 0.3, random=False, fixed=True)]
    return records, parameters


@pytest.mark.parametrize("hessian", ["foce", "laplace"])
def test_a_linear_model_has_its_exact_gaussian_likelihood(hessian):
    records, parameters = linear_population()
    statement = Statement(Exponentials(1), tuple(parameters), records)
    vector = np.array([4.7 / 4.0, np.log(1.2 / 4.0), np.log(0.5)])
    z = np.exp(-0.3 * records.time_h[0])
    law = stats.multivariate_normal(4.7 * z, 1.2**2 * np.outer(z, z) + 0.5**2 * np.eye(4))
    want = -2 * law.logpdf(records.value).sum()
    got, _ = minus_twice_log_l(statement, vector[None], np.zeros((1, 7, 1)), hessian)
    # the mode is exact after one step; the full Hessian has 1e-8 of its differences
    assert got[0] == pytest.approx(want, rel=1e-9, abs=0)


def test_all_methods_agree_on_a_linear_model():
    records, parameters = linear_population()
    found = [
        fit(Exponentials(1), parameters, records, method=m)
        for m in ("foce", "laplace", "lindstrom-bates")
    ]
    for one in found[1:]:
        # the search ends at a slope of 2e-3 of a curvature of about 2 n = 14
        np.testing.assert_allclose(one.vector, found[0].vector, rtol=0, atol=5e-4)


def skewed(error):
    """Log-normal rate, several observations: not linear, one random effect to integrate over."""
    rng = np.random.default_rng(11)
    times = np.tile([0.5, 1.0, 2.0, 4.0, 6.0], 4)
    names = np.repeat(np.arange(4), 5)
    rate = 0.4 * np.exp(0.5 * rng.standard_normal(4))
    value = 10 * np.exp(-rate[names] * times) * (1 + 0.1 * rng.standard_normal(20))
    records = from_observations([str(i) for i in names], times, value)
    parameters = (Parameter("A1", 10.0, random=False), Parameter("k1", 0.4, spread=0.5))
    return Statement(Exponentials(1), parameters, records, error=error)


@pytest.mark.parametrize(("size", "close"), [(1.0, 0.12), (0.3, 0.012)])
@pytest.mark.parametrize("error", ["additive", "proportional", "combined"])
def test_laplace_agrees_with_quadrature(error, size, close):
    """The next order of Laplace's method is 0.02 per subject here and falls with the variance."""
    statement = skewed(error)
    vector = statement.start(0.3 * size, 0.12 * size)
    a = 0.0 if error == "proportional" else 0.3 * size
    b = 0.0 if error == "additive" else 0.12 * size
    eta = np.linspace(-2.5, 2.5, 20_001)  # the narrowest peak has an SD of 0.02
    curve = 10 * np.exp(-0.4 * np.exp(eta)[:, None, None] * statement.records.time_h)
    sd = np.sqrt(a**2 + (b * curve) ** 2)
    data = stats.norm.logpdf(statement.records.value, curve, sd).sum(axis=-1)
    log = data + stats.norm.logpdf(eta, 0, 0.5)[:, None]
    top = log.max(axis=0)
    want = -2 * (top + np.log(np.trapezoid(np.exp(log - top), eta, axis=0))).sum()
    got, _ = minus_twice_log_l(statement, vector[None], np.zeros((1, 4, 1)), "laplace")
    assert got[0] == pytest.approx(want, rel=0, abs=close)


def test_the_slope_of_the_joint_density_agrees_with_differences():
    statement = skewed("combined")
    values = statement.values(statement.start(0.3, 0.12)[None])
    u = np.array([[[0.3], [-0.7], [1.1], [0.0]]])
    step = 1e-5
    up, down = joint(statement, values, u + step), joint(statement, values, u - step)
    want = (up.cost - down.cost) / (2 * step)
    # truncation 1e-10 and rounding 1e-16 / 1e-5 of costs near 100
    np.testing.assert_allclose(
        joint(statement, values, u).slope[..., 0], want, rtol=1e-6, atol=1e-8
    )


def test_the_expected_hessian_is_the_information_of_a_normal_value():
    """Mean f and SD b f both tell f: information (1 + 2 b^2)/(b f)^2."""
    records = from_observations(["a", "b"], [0.0, 0.0], [8.0, 11.0])
    parameters = (Parameter("A1", 10.0, spread=0.3), Parameter("k1", 1.0, random=False))
    statement = Statement(Exponentials(1), parameters, records, error="proportional")
    values = statement.values(statement.start(1.0, 0.5)[None])
    found = joint(statement, values, np.array([[[0.4], [-1.0]]])).expected
    # at time 0 the curve is A1, so its slope to u is 0.3 f
    want = 1 + 0.3**2 * (1 + 2 * 0.5**2) / 0.5**2
    np.testing.assert_allclose(found, np.full((1, 2, 1, 1), want), rtol=1e-13, atol=0)


def test_at_the_modes_the_joint_density_is_flat():
    statement = skewed("combined")
    values = statement.values(statement.start(0.3, 0.12)[None])
    u, at = conditional_modes(statement, values, np.zeros((1, 4, 1)))
    assert np.abs(at.slope).max() < 5e-6  # the last step was below 1e-8 of u, curvature about 100
    for step in (0.01, -0.01):
        assert np.all(joint(statement, values, u + step).cost > at.cost)


@pytest.mark.parametrize("hessian", ["foce", "laplace"])
def test_the_gradient_agrees_with_a_finer_formula(hessian):
    """Four-point differences at another step, one vector at a time."""
    statement = Statement(ORAL, THEOPH, theoph(), covariance="full", error="combined")
    vector = statement.start(0.5, 0.1)
    u = np.zeros((1, 12, 2))
    _, slope, _, _ = gradient(statement, vector, u, hessian)

    def objective(x):
        return minus_twice_log_l(statement, x[None], u, hessian)[0][0]

    for i in range(vector.size):
        h = 2e-3 * np.eye(vector.size)[i]
        far = objective(vector + 2 * h) - objective(vector - 2 * h)
        want = (8 * (objective(vector + h) - objective(vector - h)) - far) / (12 * 2e-3)
        assert slope[i] == pytest.approx(want, rel=1e-5, abs=1e-4)  # slopes here are 1 to 100


def test_full_covariance_survives_its_vector():
    factor = np.array([[0.5, 0, 0], [0.2, 0.3, 0], [-0.1, 0.04, 0.2]])
    sizes = np.array([1.0, 2.0, 0.5])
    vector = vector_of(factor, sizes, "full")
    np.testing.assert_allclose(cholesky_of(vector, sizes, "full"), factor, rtol=1e-14, atol=0)
    assert vector.size == 6


def dosed(dose=100.0, mass=None, times=(0.5, 1, 2, 4, 8, 12, 24), n=40):
    """``n`` subjects with one oral dose each and nothing measured yet."""
    grid = np.tile(np.asarray(times, dtype=float), (n, 1))
    zero = np.zeros((n, 1))
    doses = Doses(zero + dose, zero, zero, zero == 0, np.ones((*grid.shape, 1), dtype=bool))
    covariates = {} if mass is None else {"WT": mass}
    names = tuple(str(i) for i in range(n))
    return Records(names, grid, 0 * grid, np.ones_like(grid, dtype=bool), covariates, doses)


def test_allometry_is_three_quarters_for_flows_and_one_for_volumes():
    """Doubling the mass: 2^0.75 and 2, by [Anderson & Holford 2008]."""
    records = dosed(mass=np.array([70.0, 140.0]), n=2)
    model = Compartments(1, oral=True)
    parameters = (
        Parameter("ka", 1.0),
        Parameter("CL", 5.0, covariates=(allometry("flow", 70.0),)),
        Parameter("V", 30.0, covariates=(allometry("volume", 70.0),)),
    )
    statement = Statement(model, parameters, records)
    values = statement.values(statement.start(1.0, 0.1)[None])
    natural, _, _ = statement.individual(values, np.zeros((1, 2, 3)))
    want = [[1.0, 5.0, 30.0], [1.0, 5.0 * 1.6817928305074292, 60.0]]
    np.testing.assert_allclose(natural[0], want, rtol=1e-14, atol=0)


def test_units_of_dose_time_and_value_change_only_the_names_of_the_numbers():
    base = fit(ORAL, THEOPH, theoph(), error="combined")
    records = theoph()
    minutes = replace(
        records,
        time_h=records.time_h * 60,
        value=records.value * 1000,
        doses=replace(records.doses, amount=records.doses.amount * 1000),
    )
    per_minute = [replace(p, start=p.start if p.name == "ka0" else p.start / 60) for p in THEOPH]
    other = fit(ORAL, per_minute, minutes, error="combined")
    # both searches end at a slope of 2e-3; the standard errors are 0.05 to 0.2
    for name, value in base.fixed_effects.items():
        assert other.fixed_effects[name] + np.log(60) == pytest.approx(value, rel=0, abs=1e-3)
    np.testing.assert_allclose(other.omega, base.omega, rtol=5e-3, atol=0)
    assert other.residual_sd["additive_sd"] == pytest.approx(
        1000 * base.residual_sd["additive_sd"], rel=5e-3, abs=0
    )
    assert other.residual_sd["proportional_sd"] == pytest.approx(
        base.residual_sd["proportional_sd"], rel=5e-3, abs=0
    )
    # a density in other units: n ln 1000 more of -log L
    shift = 2 * records.n_observations * np.log(1000)
    assert other.objective - base.objective == pytest.approx(shift, rel=0, abs=1e-3)


def test_linearized_standard_errors_are_those_of_generalized_least_squares():
    records, parameters = linear_population()
    result = fit(Exponentials(1), parameters, records)
    z = np.exp(-0.3 * records.time_h[0])
    sd, spread = result.residual_sd["additive_sd"], result.variances["A1"]
    marginal = spread * np.outer(z, z) + sd**2 * np.eye(4)
    want = 1 / (7 * z @ np.linalg.solve(marginal, z))
    plain = linearized_covariance(result, small_sample=False)
    assert plain[0, 0] == pytest.approx(want, rel=1e-10, abs=0)
    assert linearized_covariance(result)[0, 0] == pytest.approx(want * 28 / 27, rel=1e-10, abs=0)
    # the fixed effect of a linear model is orthogonal to the variances: the Hessian agrees
    curved = hessian_covariance(result)[0, 0] * 4.0**2
    assert curved == pytest.approx(want, rel=1e-3, abs=0)


def test_no_spread_is_said():
    records, parameters = linear_population()
    z = np.exp(-0.3 * records.time_h)
    rng = np.random.default_rng(2)
    noise = rng.standard_normal(z.shape)
    noise -= (noise * z).sum(axis=1, keepdims=True) / (z**2).sum(axis=1, keepdims=True) * z
    same = records.with_values(5 * z + 0.3 * noise)  # every subject's own best A1 is 5
    with pytest.warns(ApproximationWarning, match="no spread between subjects was found in A1"):
        fit(Exponentials(1), parameters, same)


def test_what_cannot_be_fitted_is_refused_with_the_way_out():
    records, parameters = linear_population()
    model = Exponentials(1)
    with pytest.raises(DataError, match="has the parameters A1, k1; given were A1"):
        fit(model, parameters[:1], records)
    with pytest.raises(DataError, match="no parameter is random"):
        fit(model, [replace(p, random=False) for p in parameters], records)
    with pytest.raises(DataError, match="takes additive residual error, not combined"):
        fit(model, parameters, records, error="combined", method="lindstrom-bates")
    with pytest.raises(DataError, match="needs doses"):
        fit(ORAL, THEOPH, records)
    bad = replace(THEOPH[2], covariates=(Covariate("WTT", 70.0, 0.75),))
    with pytest.raises(DataError, match="did you mean 'WT'"):
        fit(ORAL, [*THEOPH[:2], bad], theoph())
    few = from_observations(["a", "b"], [0, 0], [1.0, 2.0])
    with pytest.raises(DataError, match="needs two subjects and more observations"):
        fit(model, parameters, few)
    with pytest.raises(DataError, match="the prediction is 0 at some observation"):
        fit(ORAL, THEOPH, theoph(), error="proportional")
    with pytest.raises(DataError, match="starts above 0"):
        Parameter("CL", -1.0)
    with pytest.raises(DataError, match="before the administration"):
        from_observations(["a"], [-1.0], [1.0])
    with pytest.raises(DataError, match="not a finite number"):
        from_observations(["a"], [1.0], [np.nan])


def test_a_flat_likelihood_has_no_standard_errors():
    records, parameters = linear_population()
    result = fit(Exponentials(1), parameters, records)
    gone = replace(result, vector=result.vector + np.array([0.0, -30.0, 0.0]))
    with pytest.raises(ConvergenceError, match="flat or a saddle"):
        hessian_covariance(gone)


def test_a_notebook_shows_typical_values_and_their_spread():
    found = theoph_fit()
    name, variance = next(iter(found.variances.items()))
    cells = f"<td>{name}</td><td>{found.typical[name]:.4g}</td><td>{variance**0.5:.4g}</td>"
    assert cells in found._repr_html_()


def test_theoph_takes_few_rounds():
    assert theoph_fit().rounds <= 12  # 8 where it was written; each round is one linear fit


@pytest.mark.slow
def test_a_known_population_is_found_again():
    """Eleven estimates within 4 standard errors: fails a right fit 7 times in 1e4.

    Sees a wrong exponent, spread or error of 20 % with these 200 subjects.
    """
    rng = np.random.default_rng(20261121)
    mass = 70 * np.exp(0.25 * rng.standard_normal(200))
    records = dosed(mass=mass, n=200)
    model = Compartments(1, oral=True)
    effects = [(), (allometry("flow", 70.0, estimate=True),), (allometry("volume", 70.0),)]
    truth = [1.2, 4.0, 25.0]
    parameters = tuple(
        Parameter(n, v, covariates=c, spread=0.3)
        for n, v, c in zip(model.parameters, truth, effects, strict=True)
    )
    statement = Statement(model, parameters, records, "full", "combined")
    vector = statement.start(0.05, 0.12)
    factor = np.array([[0.4, 0, 0], [0.05, 0.3, 0], [0.0, 0.12, 0.2]])
    vector[4:10] = vector_of(factor, np.ones(3), "full")
    seen, _ = simulate(statement, statement.values(vector[None]), 1, rng)
    start = [replace(p, start=p.start * 1.4) for p in parameters]
    result = fit(model, start, records.with_values(seen[0]), covariance="full", error="combined")
    sd = np.sqrt(np.diagonal(hessian_covariance(result)))
    assert np.all(sd < 0.35)  # the data do speak of each
    assert np.all(np.abs(result.vector - vector) < 4 * sd)
