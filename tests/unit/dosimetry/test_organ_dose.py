"""Doses of draws: sources and their rules, masses, and what the spread comes from."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.dosimetry.organ_dose import organ_dose, uncertainty_shares
from pdcraft.dosimetry.organ_s import organ_S
from pdcraft.errors import ApproximationWarning, DataError

ONE = np.ones(1)
SOFT = pytest.mark.filterwarnings("ignore:muscle. its hours are spread over all soft tissue")


@pytest.fixture(scope="module")
def S(adult_male, made_fractions):
    return organ_S(adult_male, made_fractions, "I-131")


def column(S, source):
    return S.total[:, S.sources.index(source)]


def test_one_hour_in_the_liver_is_3600_seconds_of_S(S):
    dose = organ_dose(S, {"liver": ONE})
    assert dose.coefficient_mGy_per_MBq[0] == pytest.approx(
        3600 * column(S, "liver"), rel=1e-14, abs=0
    )


def test_a_notebook_shows_every_target_with_limits_where_there_are_draws(S):
    one = organ_dose(S, {"liver": ONE})
    assert "I-131: absorbed dose coefficient, mGy/MBq" in one._repr_html_()
    assert "2.5 %" not in one._repr_html_()
    many = organ_dose(S, {"liver": np.linspace(1.0, 2.0, 41)})._repr_html_()
    row = (f"{f * one.coefficient_mGy_per_MBq[0, 0]:.4g}" for f in (1.5, 1.025, 1.975))
    assert f"<td>{one.targets[0]}</td><td>" + "</td><td>".join(row) + "</td>" in many


def test_muscle_takes_all_soft_tissue_and_that_is_said(S):
    """Masses by sums over the table's regions, not by the code's list of parts."""
    mass = dict(zip(S.sources, S.source_mass_g, strict=True))
    soft, rest = mass["remainder"], mass["total_body"] - mass["remainder"] - mass["liver"]
    tiac = {"muscle": ONE, "liver": ONE}
    words = f"muscle: .* all soft tissue of no organ, {soft:.0f} g with fat"
    with pytest.warns(ApproximationWarning, match=words) as caught:
        organ_dose(S, tiac)
    assert "organs and bone alone" not in str(caught[0].message)
    with pytest.warns(ApproximationWarning, match=f"organs and bone alone, {rest:.0f} g") as caught:
        dose = organ_dose(S, {**tiac, "total_body": 5 * ONE})
    assert len(caught) == 1
    uncertainty_shares(dose)  # says nothing again


@SOFT
def test_the_remainder_is_the_whole_body_without_the_listed(S):
    """The formula of the contract, from the columns of total body and organs."""
    mass = dict(zip(S.sources, S.source_mass_g, strict=True))
    listed = ("liver", "kidneys", "muscle")
    m_R = mass["total_body"] - mass["liver"] - mass["kidneys"] - mass["remainder"]
    whole = column(S, "total_body") * mass["total_body"]
    taken = sum(column(S, s) * mass[s] for s in ("liver", "kidneys", "remainder"))
    want = 3600 * (whole - taken) / m_R
    dose = organ_dose(S, {**{s: 0 * ONE for s in listed}, "remainder": ONE})
    # differences of columns lose some digits
    assert dose.coefficient_mGy_per_MBq[0] == pytest.approx(want, rel=1e-9, abs=0)


def test_marrow_that_is_listed_is_taken_out_of_the_skeleton(S):
    mass = dict(zip(S.sources, S.source_mass_g, strict=True))
    m_R = mass["total_body"] - mass["red_marrow"]
    want = (
        column(S, "total_body") * mass["total_body"] - column(S, "red_marrow") * mass["red_marrow"]
    )
    dose = organ_dose(S, {"red_marrow": 0 * ONE, "remainder": ONE})
    assert dose.coefficient_mGy_per_MBq[0] == pytest.approx(3600 * want / m_R, rel=1e-9, abs=0)


def test_a_whole_body_leaves_a_remainder(S):
    both = organ_dose(S, {"liver": 2 * ONE, "total_body": 10 * ONE})
    same = organ_dose(S, {"liver": 2 * ONE, "remainder": 8 * ONE})
    assert both.coefficient_mGy_per_MBq == pytest.approx(
        same.coefficient_mGy_per_MBq, rel=1e-14, abs=0
    )
    alone = organ_dose(S, {"total_body": ONE}).coefficient_mGy_per_MBq[0]
    assert alone == pytest.approx(3600 * column(S, "total_body"), rel=1e-12, abs=0)


@SOFT
def test_sources_add_up_to_the_dose(S):
    rng = np.random.default_rng(1)
    tiac = {s: rng.lognormal(0, 0.3, 50) for s in ("liver", "skeleton", "muscle", "remainder")}
    masses = {"liver": rng.lognormal(7.5, 0.1, 50), "skeleton": rng.lognormal(9, 0.1, 50)}
    dose = organ_dose(S, tiac, masses)
    assert list(dose.by_source) == list(tiac)
    assert sum(dose.by_source.values()) == pytest.approx(
        dose.coefficient_mGy_per_MBq, rel=1e-12, abs=0
    )


def test_a_drawn_mass_changes_self_dose_as_the_rules_say(S):
    k = S.targets.index("kidneys")
    heavy = {"kidneys": np.array([2.0 * S.target_mass_g[k]])}
    dose = organ_dose(S, {"kidneys": ONE, "liver": ONE}, heavy).coefficient_mGy_per_MBq[0]
    self_e, self_p = (x[k, S.sources.index("kidneys")] for x in (S.electron, S.photon))
    want = 3600 * (self_e / 2 + self_p / 2 ** (2 / 3) + S.total[k, S.sources.index("liver")])
    assert dose[k] == pytest.approx(want, rel=1e-12, abs=0)
    light = organ_dose(S, {"kidneys": ONE, "liver": ONE}).coefficient_mGy_per_MBq[0]
    others = np.arange(len(S.targets)) != k
    assert np.array_equal(dose[others], light[others])


def test_masses_of_the_table_and_drawn_masses_are_one_rule(adult_male, made_fractions, S):
    """A drawn mass gives what a body with that mass gives: two routes."""
    from pdcraft.anatomy import with_masses

    changed = with_masses(adult_male, {"kidneys": 400.0, "skeleton": 9000.0}, "own")
    there = organ_S(changed, made_fractions, "I-131")
    tiac = {"kidneys": ONE, "skeleton": ONE}
    direct = organ_dose(there, tiac).coefficient_mGy_per_MBq[0]
    drawn = organ_dose(S, tiac, {"kidneys": np.array([400.0]), "skeleton": np.array([9000.0])})
    got = drawn.coefficient_mGy_per_MBq[0]
    same = [t != "total_body" for t in S.targets]  # the mean over the body is by its table's masses
    assert got[same] == pytest.approx(direct[same], rel=1e-12, abs=0)


@pytest.mark.parametrize("source", ["red_marrow", "skeleton"])
def test_a_drawn_mass_of_marrow_is_that_of_a_table_for_endosteum_too(source):
    """Half the mass, drawn or in the table, with the shipped fractions: two routes.

    Of I-131, 1e-4 of the energy are photons below 5 keV, which the table scales and draws do not.
    """
    from pdcraft.anatomy import with_masses
    from pdcraft.dosimetry.phantom import phantom

    body, fractions = phantom("adult-male")
    S = organ_S(body, fractions, "I-131")
    half = 0.5 * S.target_mass_g[S.targets.index(source)]
    there = organ_S(with_masses(body, {source: half}, "own"), fractions, "I-131")
    tiac = {"red_marrow": ONE, "skeleton": ONE}
    want, whole = organ_dose(there, tiac), organ_dose(S, tiac)
    got = organ_dose(S, tiac, {source: np.array([half])})
    for target in ("red_marrow", "bone_surface"):
        assert got.target(target) == pytest.approx(want.target(target), rel=3e-4, abs=0)
        assert got.target(target)[0] > 1.1 * whole.target(target)[0]  # the mass counts


def test_the_statistical_error_adds_independent_sources(S):
    dose = organ_dose(S, {"liver": 3 * ONE, "kidneys": 4 * ONE})
    i, liver, kidneys = (
        S.targets.index("spleen"),
        *(S.sources.index(s) for s in ("liver", "kidneys")),
    )
    want = 3600 * np.hypot(3 * S.std_err[i, liver], 4 * S.std_err[i, kidneys])
    assert dose.std_err[i] == pytest.approx(want, rel=1e-12, abs=0)


def test_shares_of_the_variance_are_those_put_in(S):
    """Of a self-dose by electrons, d = a / m: shares go with the squares of the CVs, to 5 %.

    Known to the draws' chi-square, 3 % for 4000, and the next order of 1/m.
    """
    rng = np.random.default_rng(2)
    k = S.targets.index("liver")
    tiac = {"liver": rng.lognormal(0, 0.10, 4000)}
    mass = {"liver": S.target_mass_g[k] * rng.lognormal(0, 0.05, 4000)}
    shares = uncertainty_shares(organ_dose(S, tiac, mass))
    dose = organ_dose(S, {"liver": ONE}).coefficient_mGy_per_MBq[0, k]
    own = S.sources.index("liver")
    power = (S.electron[k, own] + 2 / 3 * S.photon[k, own]) / S.total[k, own]
    statistical = (3600 * S.std_err[k, own] / dose) ** 2
    parts = np.array([0.10**2, (0.05 * power) ** 2, statistical])
    want = parts / parts.sum()
    got = [shares[name][k] for name in ("kinetics", "mass", "statistical")]
    assert got == pytest.approx(want, rel=0.07, abs=0)
    other = S.targets.index("spleen")  # no source: its dose does not know its mass
    assert shares["mass"][other] == 0.0


def test_nothing_uncertain_has_no_shares(adult_male, made_fractions):
    exact = replace(
        made_fractions,
        **{
            p: replace(getattr(made_fractions, p), std_err_per_g=0 * made_fractions.photon.per_g)
            for p in ("photon", "electron")
        },
    )
    S = organ_S(adult_male, exact, "I-131")
    shares = uncertainty_shares(organ_dose(S, {"liver": ONE}))
    assert np.isnan(shares["kinetics"]).all()


def test_bad_masses_are_refused(S):
    two = np.ones(2)
    with pytest.raises(DataError, match="mass of liver is 0 g in a draw; it must be above zero"):
        organ_dose(S, {"liver": two}, {"liver": np.array([1800.0, 0.0])})
    with pytest.raises(DataError, match=r"mass of liver has shape \(1,\), activities have 2 draws"):
        organ_dose(S, {"liver": two}, {"liver": ONE})
    with pytest.raises(DataError, match="no mass of 'muscles' can be drawn; there are brain"):
        organ_dose(S, {"liver": two}, {"muscles": two})
