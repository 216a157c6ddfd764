"""Indications: every figure has an origin, distributions go through their limits."""

import numpy as np
import pytest

from pdcraft.data.indications import Prior, indication, indications
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.indication import draw_indication

EVERY = list(indications().values())


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_published_and_derived_figures_cite_assumed_ones_say_why(one):
    for prior in one.priors.values():
        assert prior.text
        assert (prior.origin == "assumed") == (prior.grade == "assumed")
        assert prior.origin == "assumed" or (prior.sources and prior.grade in ("A", "T", "P"))


def test_assumed_figures_are_wide():
    """What nobody measured here spans a factor of 4 at least; fixed zeros aside."""
    for one in EVERY:
        for prior in one.priors.values():
            if prior.origin == "assumed" and prior.low != prior.high:
                assert prior.high / prior.low >= 4, (one.name, prior.name)


@pytest.mark.parametrize(
    ("name", "key", "limits"),
    [
        # as printed in the abstracts
        ("head_and_neck", "alpha_per_Gy", (0.23, 0.24, 0.26)),
        ("head_and_neck", "alpha_beta_Gy", (8.4, 10.6, 12.6)),
        ("head_and_neck", "kick_off_d", (15.1, 19.2, 23.3)),
        ("glioma", "doubling_time_d", (13.2, 15.4, 19.5)),
        ("lung", "alpha_per_Gy", (0.12, 0.305, 0.365)),
        ("breast", "alpha_beta_Gy", (0.75, 2.88, 5.01)),
    ],
)
def test_published_limits(name, key, limits):
    prior = indication(name).priors[key]
    assert (prior.low, prior.value, prior.high) == limits
    got = prior.at(np.array([-1.959963984540054, 0.0, 1.959963984540054]))
    np.testing.assert_allclose(got, limits, rtol=1e-12)


def test_derived_figures_follow_their_arithmetic():
    lymphoma = indication("dlbcl").priors["alpha_per_Gy"].value
    assert 1 / 1.8 < lymphoma < 1 / 1.3
    sarcoma = indication("subcutaneous").priors["alpha_per_Gy"].value
    assert sarcoma == pytest.approx(-np.log(0.52) / (2 * (1 + 2 / 4.9)), rel=0.01)
    neuroblastoma = indication("neuroblastoma").priors["alpha_per_Gy"].value
    survival = np.sqrt(0.083 * 0.11)
    assert neuroblastoma == pytest.approx(-np.log(survival) / (2 * (1 + 2 / 5)), rel=0.01)


def test_liver_doubling_times_follow_the_three_shares():
    """35% below 3 months and 37.6% above 9 months, by draws of the distribution."""
    prior = indication("liver").priors["volume_doubling_time_d"]
    days = prior.at(np.random.default_rng(1).standard_normal(200_000))
    # 200,000 draws: standard error 0.1%; months of 30.4 d; limits are printed to two digits
    assert np.mean(days < 91.3) == pytest.approx(0.35, rel=0, abs=0.01)
    assert np.mean(days > 274) == pytest.approx(0.376, rel=0, abs=0.01)


def test_draws_have_their_median_and_limits():
    drawn = indication("lung").draw(100_000, np.random.default_rng(2))
    got = np.quantile(drawn["alpha_per_Gy"], [0.025, 0.5, 0.975])
    # standard error of these quantiles below 1%
    np.testing.assert_allclose(got, [0.12, 0.305, 0.365], rtol=0.02)
    assert np.all(drawn["kick_off_d"] == 0)


def test_patients_differ_in_alpha_alone():
    draws = draw_indication(indication("head_and_neck"), 50, np.random.default_rng(3), subjects=400)
    alpha = draws.tissue.alpha_per_Gy
    assert alpha.shape == (50, 400)
    assert draws.tissue.alpha_beta_Gy.shape == (50, 1)
    # each draw's spread between patients is the drawn one: 400 patients give it to 3.5%
    got = np.log(alpha).std(axis=1, ddof=1)
    np.testing.assert_allclose(got, draws.patient_spread, rtol=0.16)
    assert draws.tissue.repopulates
    typical = draw_indication(indication("glioma"), 5, np.random.default_rng(4), repopulates=False)
    assert typical.tissue.alpha_per_Gy.shape == (5,)
    assert not typical.tissue.repopulates


def test_names_are_found_as_people_write_them():
    for text, name in (
        ("CLL/SLL", "cll_sll"), ("LPL/WM", "lpl_wm"), ("mantle cell lymphoma", "mantle_cell"),
        ("NSCLC", "lung"), ("multiple myeloma", "myeloma"), ("lymphomas", "b_cell_lymphoma"),
    ):  # fmt: skip
        assert indication(text).name == name


def test_refuses_with_a_reason():
    with pytest.raises(DataError, match="did you mean 'glioma'"):
        indication("gliom")
    with pytest.raises(PhysicsRangeError, match="0 draws"):
        draw_indication(indication("glioma"), 0, np.random.default_rng(1))


def test_a_fixed_value_stays():
    prior = Prior("k", "d", 0.0, 0.0, 0.0, "assumed", "assumed", (), "t", True)
    assert prior.at(np.array([-2.0, 3.0])).tolist() == [0.0, 0.0]
