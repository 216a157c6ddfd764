"""Drug-driven counts against another solver, and only on the concentration they belong to."""

import csv
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from pdcraft.errors import DataError, KindError, PhysicsRangeError
from pdcraft.response.concentration import ConcentrationTag, DrugExposure
from pdcraft.response.friberg import Friberg, friberg, friberg_set, shipped_exposure

TABLE = files("pdcraft.validate").joinpath("cases", "response", "friberg_paclitaxel_ddmore.csv")
HOURS = np.linspace(0.0, 600.0, 61)


@pytest.mark.parametrize(("dose_umol", "nadir"), [(190, 4.486), (350, 3.055), (530, 2.016)])
def test_paclitaxel_leukocytes_follow_the_reference(dose_umol, nadir):
    rows = csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
    mine = [row for row in rows if float(row["dose_umol"]) == dose_umol]
    time_h, drug, cells = (np.array([float(r[k]) for r in mine]) for k in ("time_h", "Cc", "circ"))
    exposure = shipped_exposure("paclitaxel", dose_umol, 3.0)
    # absolute part in umol/L: rounding of terms that cancel after weeks
    np.testing.assert_allclose(exposure.at(time_h), drug, rtol=1e-9, atol=1e-11)
    counts = friberg(friberg_set("paclitaxel"), exposure, time_h)
    np.testing.assert_allclose(counts, cells, rtol=1e-5, atol=0)  # required; both are near 1e-9
    assert counts.min() == pytest.approx(nadir, rel=3e-4, abs=0)  # digits printed


def test_a_saturating_effect_is_solved_as_written():
    p = friberg_set("docetaxel")
    exposure = DrugExposure.bolus(p.tag, [0.3], [0.05])

    def slopes(t, y):
        c = 0.3 * np.exp(-0.05 * t)
        k = 4 / 89.3
        stop = 83.9 * c / (7.17 + c)
        prol = k * y[0] * ((1 - stop) * (5.05 / y[4]) ** 0.163 - 1)
        return [prol, *(k * (y[:3] - y[1:4])), k * (y[3] - y[4])]

    want = solve_ivp(
        slopes, (0, 600), np.full(5, 5.05), "Radau", t_eval=HOURS, rtol=1e-10, atol=1e-13
    )
    np.testing.assert_allclose(friberg(p, exposure, HOURS), want.y[4], rtol=1e-5, atol=0)


def test_the_shipped_sets_say_what_was_counted_and_on_what():
    assert friberg_set("paclitaxel").cells == "leukocytes"
    assert friberg_set("paclitaxel").tag.binding == "unbound"
    assert friberg_set("docetaxel").cells == "neutrophils"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("binding", "total"),
        ("species", "mouse"),
        ("site", "tumor"),
        ("unit", "nmol/L"),
        ("drug", "docetaxel"),
    ],
)
def test_another_concentration_is_refused(part, value):
    p = friberg_set("paclitaxel")
    other = DrugExposure.bolus(replace(p.tag, **{part: value}), [1.0], [0.1])
    with pytest.raises(KindError, match=value):
        friberg(p, other, HOURS)


def test_parameters_without_a_tag_are_refused():
    p = Friberg.of("neutrophils", 5.0, 100.0, 0.2, slope=1.0, tag=None)
    tag = ConcentrationTag("paclitaxel", "human", "plasma", "unbound", "umol/L")
    with pytest.raises(DataError, match="no concentration tag"):
        friberg(p, DrugExposure.bolus(tag, [1.0], [0.1]), HOURS)


def test_draws_are_solved_together():
    p = friberg_set("paclitaxel")
    both = Friberg.of("leukocytes", [7.21, 6.0], 124.0, 0.239, slope=[28.9, 20.0], tag=p.tag)
    exposure = shipped_exposure("paclitaxel", 350.0, 3.0)
    found = friberg(both, exposure, HOURS)
    np.testing.assert_allclose(found[0], friberg(p, exposure, HOURS), rtol=1e-7, atol=0)
    assert found.shape == (2, HOURS.size)


def test_what_is_missing_or_out_of_range_is_refused():
    tag = friberg_set("paclitaxel").tag
    with pytest.raises(DataError, match="no kinetics"):
        shipped_exposure("docetaxel", 100.0, 1.0)
    with pytest.raises(DataError, match="did you mean 'paclitaxel'"):
        friberg_set("paclitaxol")
    with pytest.raises(DataError, match="give a slope, or"):
        Friberg.of("neutrophils", 5.0, 100.0, 0.2, tag=tag)
    with pytest.raises(PhysicsRangeError, match="slope -1"):
        Friberg.of("neutrophils", 5.0, 100.0, 0.2, slope=-1.0, tag=tag)
    with pytest.raises(PhysicsRangeError, match="dose -5 umol"):
        shipped_exposure("paclitaxel", -5.0, 3.0)
