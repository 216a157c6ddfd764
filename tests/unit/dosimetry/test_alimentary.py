"""Transit of bile and swallowed activity, against rates of ICRP, equations and limits."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.data.alimentary import tract_transit, tract_transits
from pdcraft.data.stylised import column
from pdcraft.dosimetry.alimentary import (
    LEFT_COLON_IN_UPPER,
    alimentary_curves,
    alimentary_tiac_h,
    stylised_regions,
)
from pdcraft.dosimetry.inflow import Inflow, inflow_of_exponentials
from pdcraft.dosimetry.tract import Gallbladder, Tract
from pdcraft.errors import DataError, PhysicsRangeError

LN2 = np.log(2)
I131_H, TC99M_H = 192.56, 6.0067
BILE = inflow_of_exponentials([0.05, 0.15], [3.0, 30.0], "bile")
COLON = ("right_colon_contents", "left_colon_contents", "rectosigmoid_contents")


def test_adult_man_has_icrps_rates():
    # per day, as used for workers; 20.57 is printed with 4 digits
    rates = 24.0 / np.array(tract_transit("icrp100-adult-male").residence_h)
    assert rates == pytest.approx([20.57, 6.0, 2.0, 2.0, 2.0], rel=3e-4, abs=0)
    assert 24.0 / np.array(tract_transit("icrp30").residence_h) == pytest.approx(
        [24.0, 6.0, 1.8, 1.0], rel=1e-12, abs=0
    )


def test_what_was_not_seen_says_so():
    for name, table in tract_transits().items():
        assert table.verified != ("recalled, not verified" in table.source), name


def by_equations(half_life_h, gallbladder=None, oral=0.0, absorbed=0.0):
    """Integrals of the chain by an equation solver, hand-written."""
    decay = LN2 / half_life_h
    tau = np.array([7 / 6, 4.0, 12.0, 12.0, 12.0])
    share, empties = (0.0, 0.0) if gallbladder is None else (gallbladder[0], LN2 / gallbladder[1])
    fractions, rates = np.array([0.05, 0.15]), LN2 / np.array([3.0, 30.0])

    def slope(t, y):
        x, bile = y[:6], (fractions * rates * np.exp(-(rates + decay) * t)).sum()
        gall, tract = x[0], x[1:]
        d = np.zeros(6)
        d[0] = share * bile - empties * gall
        d[1:] = -tract / tau
        d[2:] += tract[:-1] / tau[:-1]
        d[2] += (1 - share) * bile + empties * gall - tract[1] / tau[1] * absorbed / (1 - absorbed)
        return np.concatenate([d - decay * x, x])

    start = np.zeros(12)
    start[1] = oral
    end = 40 * half_life_h
    return integrate.solve_ivp(slope, (0, end), start, method="LSODA", rtol=1e-9, atol=1e-14).y[
        6:, -1
    ]


@pytest.mark.parametrize("half_life_h", [TC99M_H, I131_H])
def test_bile_and_meal_follow_the_equations(half_life_h):
    want = by_equations(half_life_h, (0.6, 1.5), 0.5, 0.4)
    got = alimentary_tiac_h(
        half_life_h,
        Tract(gallbladder=Gallbladder(0.6, 1.5), absorbed_fraction=0.4),
        bile=BILE,
        swallowed=0.5,
    )
    order = ("gallbladder_contents", "stomach_contents", "small_intestine_contents", *COLON)
    assert [float(got[r]) for r in order] == pytest.approx(want, rel=1e-6, abs=0)


def test_a_stable_tracer_stays_its_transit_times():
    # nothing decays in 1e9 h: every tenth that passes stays 4, 12, 12, 12 h
    tiac = alimentary_tiac_h(1e9, bile=inflow_of_exponentials(0.1, 20.0))
    assert [float(tiac[r]) for r in ("small_intestine_contents", *COLON)] == pytest.approx(
        [0.4, 1.2, 1.2, 1.2], rel=1e-6, abs=0
    )
    assert tiac["stomach_contents"] == 0.0


def test_absorption_is_a_share_of_what_passes():
    # of a swallowed stable tracer 30 % is absorbed: the colon gets 70 %
    tiac = alimentary_tiac_h(1e9, Tract(absorbed_fraction=0.3), swallowed=1.0)
    assert tiac["right_colon_contents"] == pytest.approx(0.7 * 12, rel=1e-6, abs=0)


def test_women_and_constipation_keep_it_longer():
    def colon(**options):
        tiac = alimentary_tiac_h(I131_H, Tract(**options), bile=BILE)
        return sum(float(tiac[r]) for r in COLON)

    man, woman = colon(), colon(transit="icrp100-adult-female")
    assert colon(transit="icrp100-child") < man < woman < colon(transit_factor=2.0)


@pytest.mark.parametrize("gallbladder", [None, Gallbladder(0.7, 2.0)])
def test_curves_add_up_to_the_coefficients(gallbladder):
    """Colon segments of one rate are the engine's hard case; bile of a falling sum as well."""
    bile = Inflow(np.array([0.02, -0.02]), np.array([0.05, 0.5]), "bile")
    tract = Tract(gallbladder=gallbladder, absorbed_fraction=0.5)
    times = np.linspace(0.0, 150.0, 3_001)  # 25 half-lives
    curves = alimentary_curves(TC99M_H, times, tract, bile=bile, swallowed=0.3)
    tiac_h = alimentary_tiac_h(TC99M_H, tract, bile=bile, swallowed=0.3)
    for region, want in tiac_h.items():
        total = integrate.simpson(curves[region], x=times)
        # steps of 0.05 h against the stomach's 1.2 h: (h/tau)^4/180 = 2e-8
        assert total == pytest.approx(float(want), rel=1e-6, abs=0), region


def test_draws_come_first():
    rng = np.random.default_rng(20261121)
    bile = inflow_of_exponentials(rng.uniform(0, 0.3, (4, 2)), rng.uniform(1, 50, (4, 2)))
    factor = rng.uniform(0.5, 2.0, 4)
    together = alimentary_tiac_h(I131_H, Tract(transit_factor=factor), bile=bile)
    one = alimentary_tiac_h(
        I131_H,
        Tract(transit_factor=factor[2]),
        bile=Inflow(bile.coefficients_per_h[2], bile.rates_per_h[2]),
    )
    for region, value in together.items():
        assert value.shape == (4,)
        assert value[2] == pytest.approx(float(one[region]), rel=1e-12, abs=0)


def test_stylised_regions_keep_the_sum():
    icrp = alimentary_tiac_h(I131_H, bile=BILE)
    stylised = stylised_regions(icrp)
    assert sum(stylised.values()) == pytest.approx(float(sum(icrp.values())), rel=1e-12, abs=0)
    assert set(stylised) == {
        "stomach_contents",
        "small_intestine_contents",
        "upper_large_intestine_contents",
        "lower_large_intestine_contents",
    }
    older = alimentary_tiac_h(I131_H, Tract("icrp30"), bile=BILE)
    assert stylised_regions(older) == older


def test_left_colon_is_split_by_the_stylised_colon():
    """Half the transverse colon's contents over that half and the descending colon's."""
    table = column("AM").adult
    upper, lower = "upper_large_intestine", "lower_large_intestine"
    t = {k: table[upper, f"transverse_{k}"] for k in ("b", "c", "d", "x1")}
    half = np.pi * (t["b"] - t["d"]) * (t["c"] - t["d"]) * t["x1"]
    a, b, d = (table[lower, f"descending_{k}"] for k in "abd")
    descending = np.pi * (a - d) * (b - d) * (table[lower, "z2"] - table[lower, "z1"])
    want = half / (half + descending)
    assert pytest.approx(want, rel=2e-3, abs=0) == LEFT_COLON_IN_UPPER  # three digits of volumes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"swallowed": 1.5}, "swallowed fraction 1.5"),
        ({"swallowed": 1.0, "bile": BILE}, "raise absorbed_fraction"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(PhysicsRangeError, match=message):
        alimentary_tiac_h(I131_H, **options)


def test_tracts_that_cannot_be_are_refused():
    with pytest.raises(PhysicsRangeError, match="give 0 to below 1"):
        Tract(absorbed_fraction=1.0)
    with pytest.raises(PhysicsRangeError, match="transit factor 0"):
        Tract(transit_factor=0.0)
    with pytest.raises(PhysicsRangeError, match="give 0 to 1"):
        Gallbladder(1.2, 2.0)
    with pytest.raises(PhysicsRangeError, match="above 0 h only"):
        Gallbladder(0.5, 0.0)
    with pytest.raises(PhysicsRangeError, match="left_colon_in_upper"):
        stylised_regions({}, 1.5)


def test_unknown_tracts_are_suggested():
    with pytest.raises(DataError, match="did you mean 'icrp100-adult-male'"):
        Tract("icrp100-adult-mal")
