"""Rafts, iodide, payloads, scaling to man and spread between patients."""

import copy

import numpy as np
import pytest

from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.kinetics.carrier.extrapolate import from_mouse
from pdcraft.kinetics.carrier.iodide import IODIDE_STATES, iodide_transfers
from pdcraft.kinetics.carrier.lesion import with_mouse_tumor
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import host, priors, read_priors
from pdcraft.kinetics.carrier.payload import payload_effect, with_payload
from pdcraft.kinetics.carrier.population import with_subjects
from pdcraft.kinetics.carrier.raft import RaftChange, membrane, raft_share
from pdcraft.kinetics.carrier.scaling import (
    EQUAL_WEIGHTS,
    Masses,
    average,
    posterior_weights,
    scale,
    time_factor,
)
from pdcraft.numerics.compartments import LinearSystem

# -- rafts --------------------------------------------------------------------------------------


def test_raft_share_balances_free_lipids_and_complexes():
    c, s = 0.35, 0.15
    bound = raft_share(c, s) / 2
    dissociation = load_toml("carrier", "raft.toml")["complex"]["dissociation"]
    assert (c - bound) * (s - bound) / bound == pytest.approx(dissociation, rel=1e-12, abs=0)


def test_no_raft_without_both_lipids_and_more_of_either_makes_more():
    assert raft_share(0.0, 0.2) == 0.0
    assert raft_share(0.4, 0.0) == 0.0
    grid = np.linspace(0.0, 0.5, 26)
    share = raft_share(grid[:, None], grid[None, 1:])
    assert np.all(np.diff(share, axis=0) > 0)
    assert np.all(np.diff(raft_share(grid[1:, None], grid[None]), axis=1) > 0)
    assert np.all(share <= 2 * np.minimum(grid[:, None], grid[None, 1:]))  # the scarcer one limits


def test_normal_membrane_lies_in_the_published_range():
    # Singh 2017: 30 to 40 % cholesterol, 10 to 20 % sphingolipid
    normal = membrane("normal")
    assert 0.30 <= normal.cholesterol <= 0.40
    assert 0.10 <= normal.sphingolipid <= 0.20
    assert membrane("tumor").raft_share > normal.raft_share


def test_more_lipid_than_membrane_is_refused():
    with pytest.raises(PhysicsRangeError, match="together at most 1; take a smaller change"):
        RaftChange(cholesterol=2.5).share("tumor")


# -- iodide -------------------------------------------------------------------------------------


def iodide(blocked, species="human"):
    system = LinearSystem.from_transfers(
        IODIDE_STATES, iodide_transfers(host(species), blocked=blocked)
    )
    return system, {"iodide": 1.0}


def test_open_thyroid_takes_the_published_share_and_the_rest_is_in_urine():
    system, start = iodide(0.0)
    at = system.curves(start, [0.0, 72.0])
    np.testing.assert_allclose(at.sum(axis=0)[0], 1.0, rtol=1e-12, atol=0)
    # ICRP 56: 0.30; after 12 blood half-times; 2.6 % of it has left the thyroid by 72 h (80 d),
    # and what trapping tissues hold back arrives late
    thyroid, urine = (at[system.index(s), 1] for s in ("thyroid", "urine"))
    assert thyroid == pytest.approx(0.30, rel=0.04, abs=0)
    assert thyroid + urine == pytest.approx(1.0, rel=0.02, abs=0)


def test_blocking_closes_the_thyroid_and_sends_iodide_to_urine():
    system, start = iodide(1.0)
    at = system.curves(start, [240.0])[:, 0]
    assert at[system.index("thyroid")] == 0.0
    assert at[system.index("urine")] == pytest.approx(1.0, rel=1e-6, abs=0)
    open_system, _ = iodide(0.0)
    glands = [
        s.integrals(start, of=["salivary_glands"])[0] for s in (system, open_system)
    ]  # iodide that the thyroid does not take stays longer with the glands
    assert glands[0] > glands[1]


def test_matter_is_conserved_but_for_hormone_in_feces():
    system, start = iodide(0.0)
    t = np.array([0.0, 24.0, 240.0, 2400.0])
    lost = 1.0 - system.curves(start, t).sum(axis=0)
    area = system.integrals_until(start, t)[system.index("organic_iodine")]
    feces_per_h = 0.2 * np.log(2) / 288.0  # 12 d, a fifth
    np.testing.assert_allclose(lost, feces_per_h * area, rtol=1e-9, atol=1e-12)


def test_mouse_runs_faster_by_the_fourth_root_of_the_mass_ratio():
    ratio = (
        iodide_transfers(host("mouse"))[0].rate_per_h
        / iodide_transfers(host("human"))[0].rate_per_h
    )
    assert ratio == pytest.approx((73000 / 22) ** 0.25, rel=1e-12, abs=0)


def test_blocking_beyond_all_is_refused():
    with pytest.raises(PhysicsRangeError, match=r"blocked thyroid uptake 1\.2"):
        iodide_transfers(host("human"), blocked=1.2)


# -- scaling ------------------------------------------------------------------------------------

MASSES = Masses(mouse_region=1.25, mouse_body=25.0, human_region=1800.0, human_body=73000.0)


def test_time_factor_is_the_published_one():
    # Cicone 2022, figure 1: 7.35 for a mouse of 25 g and a man of 73 kg
    assert time_factor("time", MASSES) == pytest.approx(7.35, rel=1e-3, abs=0)  # digits printed


@pytest.mark.parametrize(
    ("method", "amplitude", "slower"),
    [
        # by hand: (1800/73000)/(1.25/25) = 0.49315; (73000/25)^0.25 = 7.3510; 1440^0.26 = 6.6249
        ("direct", 1.0, 1.0),
        ("mass", 0.49315, 1.0),
        ("time", 1.0, 7.3510),
        ("both", 0.49315, 7.3510),
        ("organ", 0.49315, 6.6249),
    ],
)
def test_scaling_against_hand_computation(method, amplitude, slower):
    c, r = np.array([0.4, -0.4]), np.array([0.01, 0.2])
    got_c, got_r = scale(c, r, method, MASSES)
    np.testing.assert_allclose(got_c, c * amplitude, rtol=1e-4, atol=0)  # five digits by hand
    np.testing.assert_allclose(got_r, r / slower, rtol=1e-4, atol=0)
    # the integral of the carrier is amplitude x slowness times the mouse's
    assert (got_c / got_r).sum() == pytest.approx(
        amplitude * slower * (c / r).sum(), rel=3e-4, abs=0
    )


def test_average_holds_the_spread_between_methods():
    rng = np.random.default_rng(1)
    by_method = {"direct": np.full(20000, 1.0), "time": np.full(20000, 8.0)}
    mixed = average(by_method, {"direct": 3.0, "time": 1.0}, rng)
    assert set(np.unique(mixed)) == {1.0, 8.0}
    # binomial: SD of the share sqrt(.25*.75/20000) = 0.003; 5 SD, fixed seed
    assert (mixed == 8.0).mean() == pytest.approx(0.25, rel=0, abs=0.015)
    assert sum(EQUAL_WEIGHTS.values()) == pytest.approx(1.0, rel=1e-12, abs=0)


def test_a_human_figure_moves_the_weights_by_bayes():
    by_method = {"direct": np.array([1.0]), "time": np.array([8.0])}
    weights = posterior_weights(by_method, {"direct": 0.8, "time": 0.2}, observed=8.0, log_sd=1.0)
    bayes = 0.2 / (0.2 + 0.8 * np.exp(-0.5 * np.log(8.0) ** 2))
    assert weights["time"] == pytest.approx(bayes, rel=1e-12, abs=0)


def test_patient_lesion_is_slower_by_the_exponent_and_carries_its_spread():
    human, mouse = priors("human").typical(), priors("mouse").typical()
    many = {k: np.repeat(v, 20000) for k, v in human.items()}
    mice = {k: np.repeat(v, 20000) for k, v in mouse.items()}
    out = with_mouse_tumor(many, mice, seed=5)
    slower = np.log(out["tumor_retention_h"] / mice["tumor_retention_h"]) / np.log(73000 / 22)
    # 1 - 0.74 with SD 0.16 (91 compounds): standard errors 0.0011 and 0.0008; 5 of them
    assert slower.mean() == pytest.approx(0.26, rel=0, abs=0.006)
    assert slower.std() == pytest.approx(0.16, rel=0, abs=0.004)
    # slower means less trapped per hour; xenografts stand for lesions without bias
    factor = np.log(out["tumor_trapping_mL_per_g_h"] / mice["tumor_trapping_mL_per_g_h"])
    shift = factor + slower * np.log(73000 / 22)
    assert shift.mean() == pytest.approx(0.0, rel=0, abs=0.025)  # SD 0.71 of 20000: 5 SE
    assert shift.std() == pytest.approx(np.log(4) / 1.96, rel=0.03, abs=0)
    assert np.array_equal(out["glioma_trapping_mL_per_g_h"], many["glioma_trapping_mL_per_g_h"])


# -- payloads, patients, priors -----------------------------------------------------------------


def test_payloads_are_near_one_for_iodine_and_wide_for_drugs():
    spread = {}
    for kind in ("iodine", "metal", "dye", "drug"):
        factors = payload_effect(kind).draw(7, 4000)
        assert np.median(factors["uptake"]) == pytest.approx(1.0, rel=0.1, abs=0)
        spread[kind] = np.log(factors["uptake"]).std()
    assert spread["iodine"] < 0.05 < spread["metal"] < spread["dye"] < spread["drug"]


def test_payload_factors_reach_uptake_and_clearance_only():
    typical = priors("mouse").typical()
    factors = {"uptake": np.array([2.0]), "clearance": np.array([3.0])}
    got = with_payload(typical, factors)
    changed = {k: float((got[k] / typical[k])[0]) for k in typical}
    assert changed["clearance_mL_per_h"] == pytest.approx(3.0, rel=1e-12, abs=0)
    assert changed["tumor_trapping_mL_per_g_h"] == pytest.approx(2.0, rel=1e-12, abs=0)
    assert changed["marrow_partition_mL_per_g"] == pytest.approx(2.0, rel=1e-12, abs=0)
    assert changed["tumor_retention_h"] == 1.0


def test_metal_payload_and_evidence_share_one_assumption():
    shift = load_toml("carrier", "likelihood.toml")["compound_log_sd"]["NM600"]
    assert payload_effect("metal").uptake_log_sd == shift


def test_patients_differ_around_the_typical_one_by_miltefosine_or_more():
    typical = {k: np.repeat(v, 400) for k, v in priors("human").typical().items()}
    out = with_subjects(typical, 50, seed=9)
    log = np.log(out["clearance_mL_per_h"] / typical["clearance_mL_per_h"][:, None])
    assert log.mean() == pytest.approx(0.0, rel=0, abs=0.012)  # 20000 values of SD 0.26: 6 SE
    # median spread 0.229 = sqrt(ln(1 + 0.232^2)); 400 draws of a log-SD of 0.35: 2 % each SE
    assert np.median(log.std(axis=1)) == pytest.approx(0.229, rel=0.1, abs=0)
    assert log.std() > 0.229  # wider than the peer's, because the spread itself is not known
    assert np.ptp(out["exchange_h"]) == 0.0


def test_priors_keep_the_budget_and_name_a_faulty_row():
    for species in ("mouse", "human"):
        assert len(priors(species).estimated) <= 8
    table = copy.deepcopy(load_toml("carrier", "priors.toml"))
    table["mouse"][0]["log_sd"] = -1.0
    table["mouse"][1]["source"] = "nobody"
    with pytest.raises(DataError) as caught:
        read_priors("mouse", table)
    text = str(caught.value)
    assert "mouse clearance_mL_per_h: median 0.33, log_sd -1.0" in text
    assert "source 'nobody' is not in the table" in text
    for row in table["human"]:
        row["role"] = "estimated"
    with pytest.raises(DataError, match="14 estimated parameters; at most 8"):
        read_priors("human", table)


# -- man from the mouse -------------------------------------------------------------------------


def test_organs_of_man_from_the_mouse_by_hand():
    mouse = priors("mouse").typical()
    found = from_mouse(mouse, 192.5)
    seen = observe(host("mouse"), mouse)
    # direct: the fraction in the organ and its times stay, so does the coefficient in h
    direct = seen.integral("liver", half_life_h=192.5) * host("mouse").region_g["liver"]
    np.testing.assert_allclose(found.by_method["liver"]["direct"], direct, rtol=1e-12, atol=0)
    # relative mass: (1800/73000)/(1.58/22) = 0.34333
    ratio = found.by_method["liver"]["mass"] / found.by_method["liver"]["direct"]
    np.testing.assert_allclose(ratio, 0.34333, rtol=1e-4, atol=0)  # five digits by hand
    # time: a decay k times faster in the mouse is the same decay in man, and k times the hours
    slower = (73000 / 22) ** 0.25
    fast = slower * seen.integral("liver", half_life_h=192.5 / slower)
    want = fast * host("mouse").region_g["liver"]
    np.testing.assert_allclose(found.by_method["liver"]["time"], want, rtol=1e-12, atol=0)


def test_a_human_marrow_figure_moves_the_average_towards_itself():
    mouse = priors("mouse").draw(2000, np.random.default_rng(2))
    found = from_mouse(mouse, 192.5)
    figure = float(np.median(found.by_method["red_marrow"]["time"]))
    scored = found.scored(figure, 0.4)
    assert sum(scored.weights.values()) == pytest.approx(1.0, rel=1e-12, abs=0)
    assert scored.weights["time"] == max(scored.weights.values())

    def distance(one):
        return abs(np.log(np.median(one.averaged("red_marrow")) / figure))

    assert distance(scored) < distance(found)
