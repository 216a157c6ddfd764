"""Skeletons, fits and sample sizes of the CRM: dfcrm's outputs, and second ways of our own."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special

from pdcraft.errors import ApproximationWarning, DataError, PhysicsRangeError
from pdcraft.trial.models.crm import SCALE, fit_crm, nearest
from pdcraft.trial.models.curves import Curve
from pdcraft.trial.models.followup import followup_weights
from pdcraft.trial.models.sample_size import crm_sample_size
from pdcraft.trial.models.skeleton import checked_skeleton, indifference_skeleton
from pdcraft.validate.designs_model import help_fit
from pdcraft.validate.tables import reference_rows

SKELETON = (0.05, 0.10, 0.20, 0.35, 0.50, 0.70)


def plain_rate(skeleton, model, b, k):
    """DLT rate of a dose, written out."""
    if model == "empiric":
        return skeleton[k] ** np.exp(b)
    x = np.log(skeleton[k] / (1 - skeleton[k])) - 3.0
    return special.expit(3.0 + np.exp(b) * x)


def plain_likelihood(b, model, level, tox, weight):
    out = 1.0
    for k, y, w in zip(level, tox, weight, strict=True):
        p = plain_rate(SKELETON, model, b, k)
        out *= p if y else 1 - w * p
    return out


def test_every_stored_fit_of_dfcrm():
    rows = reference_rows("trials", "dfcrm_crm_titecrm_fits.csv")
    assert len(rows) == 54
    for case, group in groupby(rows, lambda r: r["case"]):
        fit = help_fit(case)
        for r in group:
            k = int(r["dose"]) - 1
            # R integrates to 1e-4 and, measured, gets 3e-10; its search is the same as ours
            for got, key in (
                (fit.estimate, "estimate"),
                (fit.post_var, "post_var"),
                (fit.rates[k], "ptox"),
                (fit.lower[k], "ptoxL"),
                (fit.upper[k], "ptoxU"),
            ):
                assert got == pytest.approx(float(r[key]), rel=0, abs=1e-9), (case, key)
            assert fit.dose + 1 == int(r["mtd"]), case


@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_posterior_against_adaptive_quadrature(model):
    level, tox = [0, 0, 1, 2, 2, 3, 5], [0, 0, 0, 1, 0, 0, 1]
    weight = [1.0, 1.0, 0.7, 1.0, 0.2, 0.05, 1.0]

    def moment(power, low=-12.0, high=12.0):
        def integrand(b):
            density = np.exp(-b * b / 2 / 1.34)
            return b**power * density * plain_likelihood(b, model, level, tox, weight)

        return integrate.quad(integrand, low, high, epsabs=0, epsrel=1e-12, limit=300)[0]

    total = moment(0)
    mean = moment(1) / total
    fit = fit_crm(Curve(SKELETON, model), 0.2, level, tox, weight)
    assert fit.estimate == pytest.approx(mean, rel=0, abs=1e-10)
    assert fit.post_var == pytest.approx(moment(2) / total - mean**2, rel=1e-9, abs=0)
    # P(lowest dose above the target): b below the value at which its rate is 0.2
    at = optimize.brentq(lambda b: plain_rate(SKELETON, model, b, 0) - 0.2, -6, 6, xtol=1e-13)
    assert fit.too_toxic == pytest.approx(moment(0, high=at) / total, rel=1e-8, abs=0)


@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_a_finer_search_finds_the_true_maximum(model):
    level, tox = [2, 3, 3, 2, 2, 3, 2, 1, 1, 1], [0, 0, 1, 0, 0, 1, 1, 0, 0, 0]
    found = optimize.minimize_scalar(
        lambda b: -np.log(plain_likelihood(b, model, level, tox, np.ones(10))),
        bracket=(-1.0, 0.0, 1.0),
        tol=1e-12,
    )
    curve = Curve(SKELETON, model)
    fine = fit_crm(curve, 0.2, level, tox, method="mle", stop_at=1e-9)
    assert fine.estimate == pytest.approx(found.x, rel=0, abs=1e-7)  # sqrt of eps: flat top
    # dfcrm's search ends earlier: 1e-4 is its promise
    coarse = fit_crm(curve, 0.2, level, tox, method="mle")
    assert coarse.estimate == pytest.approx(found.x, rel=0, abs=1e-4)
    assert fine.information_var == pytest.approx(coarse.information_var, rel=1e-3, abs=0)


def test_skeletons_are_those_of_dfcrm():
    rows = reference_rows("trials", "dfcrm_getprior.csv")
    assert len(rows) > 300
    for r in rows:
        made = indifference_skeleton(
            float(r["halfwidth"]), float(r["target"]), int(r["nu"]), int(r["nlevel"]), r["model"]
        )
        # printed to 15 digits
        assert made[int(r["level"]) - 1] == pytest.approx(float(r["prior"]), rel=2e-14, abs=0)


def test_skeletons_do_what_an_indifference_interval_says():
    # at the b where two neighbors are equally far from the target, their rates are its ends
    made = indifference_skeleton(0.05, 0.25, 3, 6)
    for k in range(5):
        b = optimize.brentq(
            lambda b, k=k: made[k] ** np.exp(b) + made[k + 1] ** np.exp(b) - 0.5, -3, 3
        )
        assert made[k] ** np.exp(b) == pytest.approx(0.20, rel=1e-9, abs=0)
        assert made[k + 1] ** np.exp(b) == pytest.approx(0.30, rel=1e-9, abs=0)


def test_weights_are_those_of_dfcrm():
    rows = reference_rows("trials", "dfcrm_titecrm_weights.csv")
    days, tox = [float(r["followup"]) for r in rows], [int(r["tox"]) for r in rows]
    for scheme in ("linear", "adaptive"):
        got = followup_weights(days, tox, 180.0, scheme)
        want = [float(r[f"w_{scheme}"]) for r in rows]
        np.testing.assert_allclose(got, want, rtol=1e-14, atol=0)


def test_adaptive_weights_without_a_toxicity_are_linear():
    got = followup_weights([0, 30, 90, 200], [0, 0, 0, 0], 120.0, "adaptive")
    np.testing.assert_allclose(got, [0, 0.25, 0.75, 1.0], rtol=1e-15, atol=0)


def test_sample_sizes_are_those_of_dfcrm():
    for r in reference_rows("trials", "dfcrm_getn.csv"):
        n = crm_sample_size(float(r["apcs"]), float(r["target"]), int(r["nlevel"]), float(r["psi"]))
        assert n == int(r["n"]), r


def test_sample_size_warns_outside_its_range():
    with pytest.warns(ApproximationWarning, match="not for 0.4, 5 and 1.8; simulate instead"):
        crm_sample_size(0.6, 0.4, 5, 1.8)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=20),
    st.sampled_from(["empiric", "logistic"]),
)
def test_a_further_toxicity_never_lowers_a_rate(patients, model):
    level, tox = [k for k, _ in patients], [int(y) for _, y in patients]
    before = fit_crm(Curve(SKELETON, model), 0.25, level, tox)
    more = fit_crm(Curve(SKELETON, model), 0.25, [*level, level[-1]], [*tox, 1])
    less = fit_crm(Curve(SKELETON, model), 0.25, [*level, level[-1]], [*tox, 0])
    assert np.all(more.rates > before.rates)
    assert np.all(less.rates < before.rates)
    assert more.dose <= before.dose <= less.dose
    assert np.all(np.diff(before.rates) > 0)
    assert np.all((before.lower < before.rates) & (before.rates < before.upper))


def test_a_patient_without_follow_up_changes_nothing():
    curve = Curve(SKELETON)
    with_one = fit_crm(curve, 0.2, [1, 2, 3, 4], [0, 1, 0, 0], [1, 1, 1, 0])
    without = fit_crm(curve, 0.2, [1, 2, 3], [0, 1, 0])
    assert with_one.estimate == pytest.approx(without.estimate, rel=1e-12, abs=0)


def test_of_equally_near_doses_the_lower():
    assert nearest(np.array([0.1, 0.2, 0.3]), 0.25).item() == 1
    assert nearest(np.array([0.0, 0.0, 0.0]), 0.25).item() == 2  # underflow: all safe
    assert nearest(np.array([1.0, 1.0, 1.0]), 0.25).item() == 0


@pytest.mark.parametrize(
    ("skeleton", "message"),
    [
        ([], r"give one prior DLT rate for each dose"),
        ([0.1, 1.0], r"rate 1 of dose 2 is not between 0 and 1"),
        ([0.0, 0.5], r"rate 0 of dose 1"),
        ([0.1, 0.3, 0.3], r"dose 3 has 0\.3 after 0\.3; prior rates rise"),
        ([0.3, 0.2], r"Order the doses"),
        ([0.1, float("nan")], r"rate nan of dose 2"),
    ],
)
def test_impossible_skeletons_are_refused(skeleton, message):
    with pytest.raises(DataError, match=message):
        checked_skeleton(skeleton)


def test_a_logistic_skeleton_stays_below_its_intercept():
    with pytest.raises(DataError, match=r"below 0\.9526, but the highest dose has 0\.96; raise"):
        Curve([0.2, 0.96], "logistic")
    Curve([0.2, 0.96], "logistic", 4.0)
    with pytest.raises(DataError, match=r"has no rate of 0\.97; raise the intercept"):
        indifference_skeleton(0.02, 0.95, 1, 3, "logistic")


@pytest.mark.parametrize("target", [0.0, 1.0, -0.1, 1.3, float("nan")])
def test_targets_outside_0_and_1_are_refused(target):
    with pytest.raises(PhysicsRangeError, match="it must lie between 0 and 1"):
        fit_crm(Curve(SKELETON), target, [0], [0])
    with pytest.raises(PhysicsRangeError, match="it must lie between 0 and 1"):
        indifference_skeleton(0.05, target, 2, 4)


def test_other_bad_input():
    curve = Curve(SKELETON)
    with pytest.raises(DataError, match="no patient: the fit of the CRM needs one"):
        fit_crm(curve, 0.2, [], [])
    with pytest.raises(DataError, match=r"dose level 7: the skeleton has doses 1 to 6"):
        fit_crm(curve, 0.2, [6], [0])
    with pytest.raises(DataError, match="1 for a DLT and 0 for none"):
        fit_crm(curve, 0.2, [1], [2])
    with pytest.raises(DataError, match="2 doses, 1 outcomes"):
        fit_crm(curve, 0.2, [1, 1], [0])
    with pytest.raises(PhysicsRangeError, match="each is a share from 0 to 1"):
        fit_crm(curve, 0.2, [1], [0], [1.5])
    for tox, word in (([0, 0], "no"), ([1, 1], "every")):
        with pytest.raises(DataError, match=f"{word} patient had a DLT, so there is no maximum"):
            fit_crm(curve, 0.2, [1, 1], tox, method="mle")
    with pytest.raises(PhysicsRangeError, match=r"half-width 0\.3: it lies between 0 and 0\.25"):
        indifference_skeleton(0.3, 0.25, 2, 4)
    with pytest.raises(DataError, match="prior MTD 5: there are doses 1 to 4"):
        indifference_skeleton(0.05, 0.25, 5, 4)
    with pytest.raises(DataError, match="a DLT after 130 lies beyond the window of 120"):
        followup_weights([130.0], [1], 120.0)
    with pytest.raises(PhysicsRangeError, match="window 0 must be above 0"):
        followup_weights([1.0], [0], 0.0)
    with pytest.raises(DataError, match="guessing among 5 doses has 1/5"):
        crm_sample_size(0.2, 0.25, 5, 1.8)
    assert pytest.approx(1.34, rel=1e-15, abs=0) == SCALE**2
