"""The transport suite's rule of judgment, and the emissions that it feeds."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.validate import OPT_IN, SUITES, full_minutes, run_suites
from pdcraft.validate.decide import decide
from pdcraft.validate.egsnrc_emissions import (
    BINS_LACK_keV,
    SOFT_keV,
    beta_lines,
    conversion_and_auger,
    electron_bins,
    photons,
)
from pdcraft.validate.point_runs import Run, kernel, water
from pdcraft.validate.transport_kernels import _together
from pdcraft.validate.transport_voxels import slab_phantom


def judged(value, own, reference, other):
    return decide("s", "n", (value, own), (reference, other), "source", rel=0.01, why="of the test")


@pytest.mark.parametrize(
    ("value", "own", "other", "passed"),
    [
        (1.0099, 0.0, 0.0, True),
        (1.0101, 0.0, 0.0, False),
        (0.9899, 0.0, 0.0, False),
        (1.0160, 0.002, 0.003, True),  # 1% and twice 0.36%
        (1.0175, 0.002, 0.003, False),
        (1.5, 0.0, 0.005, None),  # a reference that is not known to half the tolerance
        (1.0, 0.0026, 0.0, None),  # nor pdcraft to a quarter
        (1.5, 0.0024, 0.0049, False),
    ],
)
def test_rule(value, own, other, passed):
    case = judged(value, own, 1.0, other)
    assert case.passed is passed
    assert judged(100 * value, 100 * own, 100.0, 100 * other).passed is passed


def test_what_is_not_decided_says_why():
    assert "reference's own error is too large" in judged(1.0, 0.0, 1.0, 0.02).tolerance
    assert "use --full" in judged(1.0, 0.01, 1.0, 0.0).tolerance
    assert "σ here 0.20%, of the reference 0.30%" in judged(1.0, 0.002, 1.0, 0.003).tolerance


def carried_keV(groups):
    return sum(float((g.low_keV + 0.5 * g.width_keV) @ g.per_decay) for g in groups)


def test_emissions_carry_what_the_reference_prints():
    # mean 0.181742 MeV per beta, printed with the table
    assert carried_keV(beta_lines("I-131")) == pytest.approx(181.742, abs=1e-3)
    # its spheres of 100 g absorb all electrons: energy in keV is S times mass; errors 0.1 and 0.7%
    to_keV = 1e-3 / 1.602176634e-10 * 1e-6 * 1e2  # mGy/(MBq s) and 100 g to keV per decay
    i125 = carried_keV(electron_bins("I-125")) + SOFT_keV["I-125"] + BINS_LACK_keV["I-125"]
    assert i125 == pytest.approx(3.19555e-05 * to_keV * 1e3, rel=1e-3, abs=0)
    peaks = carried_keV(conversion_and_auger("I-131")) + SOFT_keV["I-131"]
    assert peaks == pytest.approx(1.79543e-05 * to_keV * 1e3, rel=0.02, abs=0)
    assert carried_keV(photons("I-131")) == pytest.approx(380.76, abs=0.01)


def test_errors_of_shells_that_one_track_crosses_add_up():
    shells = [(0.0, 0.1, 1.0, 0.3), (0.1, 0.2, 1.0, 0.4), (0.2, 9.0, 2.0, 1.2)]
    inner, outer, share, sigma = _together(shells)
    assert (inner, outer, share) == (0.0, 9.0, 4.0)
    assert sigma == pytest.approx(1.3, rel=1e-12, abs=0)
    assert _together(shells, 0.2)[3] == pytest.approx(np.hypot(0.7, 1.2), rel=1e-12, abs=0)


def test_slabs_lie_as_the_reference_says():
    phantom, source = slab_phantom()
    assert phantom.material.shape == (61, 61, 61)
    column = phantom.density_g_per_mL[0, 0]
    at = [0, 22, 23, 27, 28, 32, 33, 37, 38, 60]
    want = [1, 1, 1.92, 1.92, 1, 1, 0.26, 0.26, 1, 1]
    np.testing.assert_allclose(column[at], want, rtol=1e-6, atol=0)
    assert np.argwhere(source).min() == 28
    assert np.argwhere(source).max() == 32
    assert source.sum() == 125


def test_thinning_far_electrons_changes_no_mean():
    """5 combined standard errors: 6e-7 by chance."""
    from pdcraft.validate.egsnrc_emissions import line

    some = line(0, 100.0)
    whole = kernel(some, Run(1.0, 4_000), 75.0).absorbed_keV(0.03)
    thin = kernel(some, Run(1.0, 12_000, 0.08), 75.0).absorbed_keV(0.03)
    error = np.hypot(whole[1][-1], thin[1][-1])
    assert abs(whole[0][-1] - thin[0][-1]) < 5.0 * error
    assert error < 0.05 * whole[0][-1]
    assert water(75.0).density_g_per_mL == 1.0


def test_opt_in_suites_run_only_by_name():
    assert not set(OPT_IN) & set(SUITES)
    with pytest.raises(DataError, match=r"there are chemistry.*transport.*optics, penelope"):
        list(run_suites(("penelop",)))
    assert full_minutes(("penelope",)) > full_minutes(("transport",)) > 1.0
    assert full_minutes(("chemistry",)) < 1.0


@pytest.mark.slow
def test_the_usual_suite_passes():
    cases = list(run_suites(("transport",)))
    assert len(cases) > 400
    assert [c.name for c in cases if c.passed is False] == []
    assert sum(c.passed is True for c in cases) > 400
