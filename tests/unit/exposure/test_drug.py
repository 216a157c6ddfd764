"""Free drug and tissue: binding by hand, solubility, refusals; networks that lack something."""

import numpy as np
import pytest
import small_conjugate as small

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.exposure.drug import FreeDrug, TissueExchange, refuse_insoluble
from pdcraft.exposure.network import ConjugateNetwork
from pdcraft.exposure.tissue_lag import lagged


def test_free_of_total_solves_the_binding():
    tissue = TissueExchange(1.0, 0.0, 4.0, capacity_uM=7.0, half_at_uM=0.3)
    free = np.array([1e-6, 0.01, 0.3, 5.0, 1e3])
    total = free * 5.0 + 7.0 * free / (0.3 + free)
    np.testing.assert_allclose(tissue.free_uM(total), free, rtol=1e-12)
    np.testing.assert_allclose(small.TUMOR.free_uM(np.array([61.0])), [1.0], rtol=1e-12)


def test_total_in_plasma():
    assert float(small.drug().total_ng_per_mL(np.array([2.0]))[0]) == pytest.approx(10_000.0)


def test_a_dose_above_the_solubility_is_refused_with_the_volume_that_would_do():
    refuse_insoluble(1.0, 10.0, 100.0)
    with pytest.raises(DataError, match=r"200 umol/L, above the solubility of 100 .* give 20 mL"):
        refuse_insoluble(2.0, 10.0, 100.0)
    with pytest.raises(PhysicsRangeError, match="above zero"):
        refuse_insoluble(1.0, 0.0, 100.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("clearance_mL_per_h", 0.0), ("central_mL", -1.0), ("exchange_mL_per_h", -1.0)],
)
def test_kinetics_out_of_range(name, value):
    good = {
        "central_mL": 1.0, "clearance_mL_per_h": 1.0, "exchange_mL_per_h": 1.0, "tissue_mL": 1.0,
        "total_per_unbound": 2.0,
    }  # fmt: skip
    with pytest.raises(PhysicsRangeError, match=name):
        FreeDrug("x", "mouse", 500.0, **(good | {name: value}))
    with pytest.raises(PhysicsRangeError, match="1 or more"):
        FreeDrug("x", "mouse", 500.0, **(good | {"total_per_unbound": 0.5}))


def test_a_tissue_out_of_range():
    with pytest.raises(PhysicsRangeError, match="permeability"):
        TissueExchange(0.0)
    with pytest.raises(PhysicsRangeError, match="efflux"):
        TissueExchange(1.0, -0.1)


def test_lag_of_a_steady_equivalent_is_an_exponential():
    times = np.linspace(0.0, 40.0, 9)
    found = lagged(times, np.ones((2, 9)), small.TUMOR)
    want = 4.0 / 6.0 * (1 - np.exp(-6.0 / 61.0 * times))
    np.testing.assert_allclose(found, [want, want], rtol=1e-12)
    slow = lagged(times, times[None], TissueExchange(1e-9, 0.0, 0.0))
    np.testing.assert_allclose(slow[0], 1e-9 * times**2 / 2, rtol=1e-6)  # nothing leaves yet


def test_a_network_says_what_it_lacks():
    net = small.network()
    parts = (net.system, net.sites, "blood", 2.0, 20.0, 0.5, {})

    def made(**change):
        names = ("system", "sites", "start", "plasma_mL", "tissue_g", "tumor_g", "marrow_per_g")
        return ConjugateNetwork(**(dict(zip(names, parts, strict=True)) | change))

    with pytest.raises(DataError, match="'growth' has no site"):
        made(sites={"blood": "plasma", "body": "tissue"})
    with pytest.raises(DataError, match="'liver' of body is no site"):
        made(sites={"blood": "plasma", "body": "liver", "growth": "tumor"})
    with pytest.raises(PhysicsRangeError, match="tumor_g is 0"):
        made(tumor_g=0.0)
    outside = made(uncleaved=frozenset({"growth"}))
    assert outside.cleaved("tumor") == ()
    assert outside.of_site("tumor") == (2,)
