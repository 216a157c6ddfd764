"""Linkers: what each mechanism does where, against arithmetic; what is refused."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.exposure.linker import (
    SITES,
    AcidLabile,
    Environment,
    FirstOrder,
    Linker,
    Saturable,
    ThiolLabile,
    environment,
)


def test_a_half_life_is_a_rate_everywhere():
    linker = Linker.of_half_lives(12.0, np.inf, [6.0, 3.0])
    assert float(linker.first_order_per_h("plasma")) == pytest.approx(
        0.05776226504666211, rel=1e-12
    )
    assert float(linker.first_order_per_h("tissue")) == 0.0
    assert linker.first_order_per_h("tumor")[1] == pytest.approx(np.log(2) / 3, rel=1e-12)


def test_acid_cuts_ten_times_faster_a_unit_of_ph_below():
    acid = AcidLabile(10.0, reference_ph=5.0)
    at = [float(acid.rate_per_h(Environment(ph, 0.0))) for ph in (5.0, 6.0, 7.0)]
    assert at[0] == pytest.approx(np.log(2) / 10, rel=1e-12)
    np.testing.assert_allclose(np.divide(at[:-1], at[1:]), 10.0, rtol=1e-12)


def test_thiols_cut_in_proportion_and_inside_cells_above_all():
    linker = Linker.same_everywhere("disulfide", [ThiolLabile(0.2)])
    rates = {s: float(linker.first_order_per_h(s)) for s in SITES}
    for site, rate in rates.items():
        assert rate == pytest.approx(0.2 * environment(site).thiol_mM, rel=1e-12)
    assert rates["tumor"] > 100 * rates["plasma"]


def test_a_study_may_state_its_own_environment():
    mine = (("plasma", Environment(7.4, 1.0)),)
    linker = Linker.same_everywhere("disulfide", [ThiolLabile(0.2)], mine)
    assert float(linker.first_order_per_h("plasma")) == pytest.approx(0.2, rel=1e-12)


def test_an_enzyme_saturates():
    enzyme = Saturable(10.0, 5.0)
    np.testing.assert_allclose(enzyme.rate_at(np.array([0.0, 5.0, 95.0])), [2.0, 1.0, 0.1])
    linker = Linker("mixed", (enzyme, FirstOrder(10.0)))
    assert not linker.is_linear
    assert float(linker.first_order_per_h("plasma")) == pytest.approx(np.log(2) / 10, rel=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: FirstOrder(-3.0),
        lambda: FirstOrder(0.0),
        lambda: AcidLabile(-1.0),
        lambda: ThiolLabile(-0.1),
        lambda: Saturable(-1.0, 1.0),
        lambda: Saturable(1.0, 0.0),
        lambda: Linker.of_half_lives(1.0, -2.0, 3.0),
        lambda: FirstOrder(np.nan),
    ],
)
def test_cleavage_does_not_run_backward(make):
    with pytest.raises(PhysicsRangeError, match="cleavage does not run backward"):
        make()


def test_an_environment_that_is_none_is_refused():
    with pytest.raises(PhysicsRangeError, match="pH 15"):
        Environment(15.0, 1.0)
